"""The shops set their libraries up when they are imported, the trials are code to be judged: no tests are in them."""

collect_ignore_glob = ["shop_*.py", "trials_*.py", "trial.py"]
