"""A fix in other words: what is loaded eagerly gets a name, beside the queries that the project has named already."""
