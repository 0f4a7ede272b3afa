"""The shops have test suites of their own, which test_shops.py runs in processes of their own."""

collect_ignore_glob = ["shop_*", "probes"]
