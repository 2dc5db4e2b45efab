"""The programs are scripts, run as the pages show them; pytest is not to import them in search of tests."""

collect_ignore_glob = ["*.py"]
