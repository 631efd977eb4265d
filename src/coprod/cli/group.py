"""The command line as a whole: how it is entered, how it ends, and what its errors look like."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from coprod import __version__
from coprod.errors import CoprodError

STOPPED = 130


class Commands(click.Group):
    """The commands; an error made for the reader is shown as one message with its exit code."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command."""
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
    coprod run                    run all notebooks, extract figures, tables and values
    coprod check                  rerun, compare with what is stored, judge every claim
    coprod run 03 -p base=209     one notebook with another parameter

    Exit codes: 0 good, 1 a notebook failed, 2 usage, 3 values or claims differ, 4 data not valid,
    5 environment not right, 130 stopped.
    """


def write_columns(rows: Sequence[tuple[str, ...]]) -> None:
    """Write rows as aligned columns; the last one runs on."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def end(code: int) -> NoReturn:
    """End with an exit code."""
    click.get_current_context().exit(code)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does, so that no kernel is left behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
