"""The errors coprod raises on purpose: what was wrong, where it stands, how to mend it.

Each class carries the exit code of the command line, so that a script can tell a wrong word
on the command line from a wrong table or an unwritable folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CoprodError(Exception):
    """An error with a message written for the reader; never shown as a traceback."""

    exit_code = 1


class UsageError(CoprodError):
    """A name, a parameter or an option that coprod does not know or cannot take."""

    exit_code = 2


class DataError(CoprodError):
    """A table that is missing, cannot be read or breaks its schema."""

    exit_code = 4


class EnvironmentProblem(CoprodError):  # noqa: N818  (EnvironmentError is a name of Python itself)
    """A package, a folder or a permission that is not as a run needs it."""

    exit_code = 5


def suggest(word: str, known: Iterable[str]) -> str:
    """Name the nearest known word, or all of them when none is near.

    Parameters
    ----------
    word : str
        What was given.
    known : iterable of str
        What could have been meant.

    Returns
    -------
    str
        A question that ends an error message.

    Examples
    --------
    >>> suggest("scenaro", ["base", "scenario"])
    "did you mean 'scenario'?"
    >>> suggest("zzz", ["base", "level"])
    'known are: base, level'
    """
    names = [str(name) for name in known]
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(names) or 'none'}"
