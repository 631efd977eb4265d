"""The command line as a whole: how it is entered, how it ends, and what its errors look like."""

from __future__ import annotations

import io
import json
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click

from coprod import __version__
from coprod.errors import CoprodError

STOPPED = 130
SCHEMA = 1
ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
AGAIN = 0.01
"""Seconds after which a signal comes again that found Python in the middle of an import."""


class Command(click.Command):
    """A command whose first sentence stands whole in the list of commands."""

    def get_short_help_str(self, limit: int = 1000) -> str:
        """Return the first sentence; the list breaks its line where it is long."""
        return super().get_short_help_str(max(limit, 1000))


class Commands(click.Group):
    """The commands; an error made for the reader is shown as one message with its exit code."""

    command_class = Command
    group_class = type

    def invoke(self, context: click.Context) -> Any:
        """Run a command."""
        for stream in (sys.stdout, sys.stderr):  # what a terminal has no letters for is written as its code
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            with _terminable():
                return super().invoke(context)
        except CoprodError as error:
            click.echo(f"{click.style('Error:', fg='red', bold=True)} {error}", err=True)
            context.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("stopped; the last good reports stand", err=True)
            context.exit(STOPPED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="coprod")
def main() -> None:
    """Rerun a talk on co-production, from its data to a verdict on every claim.

    \b
    coprod run                   run all notebooks, extract what they display
    coprod check                 rerun, compare, judge every claim
    coprod run 03 -p base=209    one notebook with another parameter
    coprod doctor                what is not as a run needs it, and its mend

    Results go to stdout, or one JSON document with --json; the rest goes to stderr.

    Exit codes: 0 good, 1 a notebook failed, 2 usage, 3 values or claims differ, 4 data not valid,
    5 environment not right, 130 stopped.
    """


def write_columns(rows: Sequence[tuple[str, ...]]) -> None:
    """Write rows as aligned columns; the last one runs on."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def write_json(document: Mapping[str, object]) -> None:
    """Write the one document that a command gives for ``--json``; errors stay sentences on stderr."""
    click.echo(json.dumps({"schema": SCHEMA, **document}, ensure_ascii=not _has_letters(), indent=1, default=str))


def end(code: int) -> NoReturn:
    """End with an exit code."""
    click.get_current_context().exit(code)


def _has_letters() -> bool:
    return (sys.stdout.encoding or "").lower().startswith("utf")


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM, and a terminal that is closed, end a run as Ctrl-C does, so that no kernel is left behind."""
    usual = (signal.SIG_DFL, signal.default_int_handler)  # nohup has one ignored
    before = {number: signal.getsignal(number) for number in ENDING if signal.getsignal(number) in usual}
    if hasattr(signal, "SIGALRM"):
        before[signal.SIGALRM] = signal.getsignal(signal.SIGALRM)
    for number in before:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop what is going on, but not while Python holds the lock of all imports, which no thread could then take."""
    if frame and frame.f_code.co_filename.startswith("<frozen importlib") and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
        return
    raise KeyboardInterrupt(number)
