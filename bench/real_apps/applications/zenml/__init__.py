"""zenml: pipelines, artifacts and models in its SQL store."""
