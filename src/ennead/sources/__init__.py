"""Who feeds observations: one room per library or format."""
