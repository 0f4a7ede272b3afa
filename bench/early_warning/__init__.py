"""Early warning: sequence models measured on the query streams of applications that they never saw."""
