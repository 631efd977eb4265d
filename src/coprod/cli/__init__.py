"""The command line: ``coprod run``, ``coprod check``, ``coprod evaluate`` and what goes with them.

Nothing heavy is imported before a command needs it, so that help and completion come at once.
Results go to stdout, talk goes to stderr.
"""

from coprod.cli import certificate, check, commands, complete, evaluate, lab, report, run
from coprod.cli.group import main

__all__ = ["certificate", "check", "commands", "complete", "evaluate", "lab", "main", "report", "run"]
