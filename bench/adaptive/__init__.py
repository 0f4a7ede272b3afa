"""What users' verdicts change: false positives and recall before and after them, honest ones and hostile ones."""
