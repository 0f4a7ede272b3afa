"""prefect: its server, on an asynchronous engine."""
