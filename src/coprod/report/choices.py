"""Completion of a parameter's legal words, inside the quotes of a call: what ``Literal`` lists is offered."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

_OPENED = re.compile(r"""["']([\w -]*)$""")
_STRING = re.compile(r"""#[^\n]*|"[^"\n]*"|'[^'\n]*'""")
_KEYWORD = re.compile(r"(\w+)\s*=\s*$")
_NAME = re.compile(r"[A-Za-z_][\w.]*$")


class Choice(NamedTuple):
    """One word that is offered, as IPython takes it."""

    text: str
    type: str = "choice"


class Call(NamedTuple):
    """The call that is being written, and which of its arguments."""

    name: str
    place: int
    keyword: str


def offer_choices(shell: Any) -> Callable[[], None]:
    """Have a shell complete the legal words of a parameter.

    Parameters
    ----------
    shell : InteractiveShell
        IPython's, of a notebook or a terminal.

    Returns
    -------
    callable
        Undoes it.
    """

    def match(context: Any) -> dict[str, Any]:
        before = context.full_text.split("\n")[: context.cursor_line]
        typed, words = find_choices("\n".join([*before, context.text_until_cursor]), shell.user_ns)
        offered = [Choice(word) for word in words if word.startswith(typed)]
        return {"completions": offered, "suppress": bool(offered), "matched_fragment": typed, "ordered": True}

    vars(match)["matcher_api_version"] = 2  # IPython then gives the whole cell
    shell.Completer.custom_matchers.append(match)
    return partial(shell.Completer.custom_matchers.remove, match)


def find_choices(code: str, names: Mapping[str, object]) -> tuple[str, tuple[str, ...]]:
    """Find the legal words of the argument at whose beginning code ends.

    Parameters
    ----------
    code : str
        As it is written up to the cursor; it ends within the quotes of an argument.
    names : mapping
        What the names in it stand for; nothing is called.

    Returns
    -------
    tuple
        What is typed of the word, and the words there are; none where the parameter takes others too.

    Examples
    --------
    >>> from coprod.talk.rounding import printed_percent
    >>> find_choices('printed_percent(3, 10, "ne', {"printed_percent": printed_percent})
    ('ne', ('nearest', 'half-even', 'truncation', 'ceiling'))
    """
    opened = _OPENED.search(code)
    call = _find_call(code[: opened.start()]) if opened else None
    if opened is None or call is None:
        return "", ()
    with suppress(AttributeError, LookupError, NameError, TypeError, ValueError):  # no function, or not its parameter
        function, given = _look_up(call.name, names)
        parameters = inspect.signature(function).parameters
        wanted = call.keyword or [*parameters][given:][call.place]
        alone = type("Alone", (), {"__annotations__": {wanted: parameters[wanted].annotation}})
        hint = get_type_hints(alone, function.__globals__)[wanted]
        if get_origin(hint) is Literal:
            return opened[1], tuple(word for word in get_args(hint) if isinstance(word, str))
    return opened[1], ()


def _find_call(code: str) -> Call | None:
    """Find the call whose argument begins where code ends; None in a string, a list or nowhere."""
    plain = _STRING.sub(lambda found: "_" * len(found[0]), code)
    keyword = _KEYWORD.search(plain)
    if re.search("[\"']", plain) or not (keyword or plain.rstrip().endswith(("(", ","))):
        return None
    depth = place = 0
    for at in range(len(plain) - 1, -1, -1):
        if plain[at] in ")]}":
            depth += 1
        elif plain[at] in "([{" and depth:
            depth -= 1
        elif plain[at] in "([{":
            name = _NAME.search(plain[:at]) if plain[at] == "(" else None
            return Call(name[0], place, keyword[1] if keyword else "") if name else None
        elif plain[at] == "," and not depth:
            place += 1
    return None


def _look_up(dotted: str, names: Mapping[str, object]) -> tuple[Any, int]:
    """Return what a dotted name stands for, without calling anything, and how many parameters are given already."""
    first, *others = dotted.split(".")
    thing, bound = names.get(first), 0
    for name in others:
        bound = int(not inspect.ismodule(thing) and not inspect.isclass(thing))
        thing = getattr(thing, name) if inspect.ismodule(thing) else inspect.getattr_static(thing, name)
    return thing, bound
