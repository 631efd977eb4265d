"""Options that several commands share: how a run goes about its work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from coprod.reproduce.how import OUTPUT, TIMEOUT

Command = TypeVar("Command", bound=Callable[..., None])


def how_options(command: Command) -> Command:
    """Add the options of a run, from ``--jobs`` to ``--output``; see :class:`coprod.reproduce.how.How`."""
    for option in (
        click.option("--output", type=click.IntRange(min=1), default=OUTPUT, metavar="MB", show_default=True,
                     help="Most that one notebook may print and display."),
        click.option("--memory", type=click.IntRange(min=1), metavar="MB",
                     help="Most memory that one kernel may take, on Linux; half of the machine's."),
        click.option("--timeout", type=click.IntRange(min=1), default=TIMEOUT, metavar="SECONDS",
                     show_default=True, help="Longest that one cell may take."),
        click.option("--kernels", type=click.Choice(["warm", "plain"]),
                     help="Forked from a process that has the libraries loaded, or each started anew; same values. "
                     "Warm on Linux, plain elsewhere."),
        click.option("-j", "--jobs", type=click.IntRange(min=1),
                     help="Notebooks at a time; two, or one on a single core."),
    ):  # fmt: skip
        command = option(command)
    return command
