"""One adapter a tool: how to run a scenario under it, and how to read its answer."""
