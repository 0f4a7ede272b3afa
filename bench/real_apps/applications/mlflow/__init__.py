"""mlflow: its tracking store and model registry, and the server above them."""
