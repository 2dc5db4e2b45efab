"""The programs are scripts, run by test_programs.py; pytest is not to import them in search of tests."""

collect_ignore_glob = ["*.py"]
