"""The explorer is for looking around: it shows no result that a rerun is held to."""

collect_ignore_glob = ["*.ipynb"]
