"""Trials are code to be judged: no tests are in them."""

collect_ignore_glob = ["trials.py", "trying.py"]
