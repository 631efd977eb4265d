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


def check_word(word: object, known: Iterable[str], what: str) -> None:
    """Refuse a word that is none of a few, since taken for another it would give another result without a word.

    Parameters
    ----------
    word : object
        What was given.
    known : iterable of str
        All that can be given.
    what : str
        What the word is to name.

    Raises
    ------
    UsageError
        If the word is not known; all that are known are named.

    Examples
    --------
    >>> check_word("nearest", ["nearest", "ceiling"], "rounding rule")
    >>> check_word("nearset", ["nearest", "ceiling"], "rounding rule")
    Traceback (most recent call last):
    coprod.errors.UsageError: unknown rounding rule 'nearset'; did you mean 'nearest'? Known are: nearest, ceiling
    """
    names = list(known)
    if word not in names:
        hint = suggest(str(word), names)
        every = f" Known are: {', '.join(names)}" if hint.startswith("did") else ""
        raise UsageError(f"unknown {what} {word!r}; {hint}{every}")
