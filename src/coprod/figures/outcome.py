"""What the figures of a training share: the door to the reader, the words around numbers, and audiences' colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Drawing

from coprod.figures import theme
from coprod.figures.sheet import Sheet
from coprod.figures.theme import Width, palette
from coprod.figures.wording import HELD_BACK
from coprod.privacy import WITHHELD, check_result
from coprod.privacy.columns import TOTALS
from coprod.results import FITTED_TOLERANCE, Figure
from coprod.results.plain import show
from coprod.training.study import Study
from coprod.training.words import NO_COMPARISON, write_points

SLIDE = "S9"
UNKNOWN = "?"
"""Stands for how many enrolled, where that is withheld and the number who answered is not."""
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))


def make_figure(  # noqa: PLR0913  (a figure has this many words)
    study: Study,
    draw: Callable[[Sheet, str], Drawing],
    *,
    id: str,  # noqa: A002  (the name it has in every result)
    title: str,
    subtitle: str,
    answer: str,
    alt: str,
    reading: str,
    data: pd.DataFrame,
    parameters: Mapping[str, object],
) -> Figure:
    """Draw a figure at both widths, with the marks of synthetic data and the words of privacy, and check it.

    Parameters
    ----------
    study : Study
        Whose numbers are drawn.
    draw : callable
        Takes a sheet and the note to close it with.
    id, title, subtitle, answer, alt : str
        Words, made from released numbers.
    reading : str
        What the marks mean, for the note.
    data : DataFrame
        As released.
    parameters : mapping
        What was asked for.

    Returns
    -------
    Figure
        Of slide S9.

    Raises
    ------
    DataError
        If the profile of the study does not let it through.
    """
    reading, alt = _explain_unknown(reading, alt)
    note = _write_note(study, reading)

    def draw_at(width: Width) -> Drawing:
        return draw(Sheet(width, title, subtitle, study.synthetic), note)

    wide, narrow = theme.render(draw_at)
    figure = Figure(
        id=id,
        title=title,
        answer=answer,
        slide=SLIDE,
        source=study.cited,
        parameters=parameters,
        synthetic=study.synthetic,
        data=data,
        alt=f"{'Synthetic data. ' if study.synthetic else ''}{alt}",
        wide=wide,
        narrow=narrow,
        tolerance=FITTED_TOLERANCE,
    )
    return check_result(figure, study.profile)  # type: ignore[return-value]


def _explain_unknown(reading: str, alt: str) -> tuple[str, str]:
    """Say in the note and the alt text what a question mark stands for, where there is one."""
    explained = f" {UNKNOWN}: how many enrolled is withheld." if f"of {UNKNOWN}" in alt else ""
    return f"{reading}{explained}", f"{alt}{explained}"


def _write_note(study: Study, reading: str) -> str:
    """Say where the numbers are from, how to read them, what they cannot say and what is withheld."""
    source = study.source if study.synthetic else f"Source: {study.source}"
    held = re.compile(r"(?:\d+ to )?\d+ people(?: or fewer)?")  # in two lines it would read as a count of people
    rule = held.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), study.note)
    return f"{source}. {reading} {NO_COMPARISON} {rule}"


def audience_styles(audiences: Iterable[str], study: Study) -> dict[str, tuple[str, Any]]:
    """Give each audience a colour and a dash; staff, or else the first to come, is dark blue and solid."""
    seen = list(dict.fromkeys(audiences))
    staff = [who for who in seen if who in study.protocol.analysis.staff]
    rest = [who for who in seen if who not in staff]
    shades = (palette().dark_blue, palette().teal, palette().orange, palette().blue)
    styles = list(zip(shades, DASHES, strict=True))
    first = dict.fromkeys(staff, styles[0])
    return first | dict(zip(rest, cycle(styles[1:] if staff else styles), strict=False))


def sentence(words: str) -> str:
    """Return words with a capital to begin with."""
    return words[:1].upper() + words[1:]


def name_cohort(row: Any) -> str:
    """Name a cohort and its audience, where the file tells audiences apart."""
    return str(row["cohort"]) if row["audience"] in TOTALS else f"{row['cohort']} ({row['audience']})"


def tick_words(ticks: Sequence[float], *, signed: bool = False) -> list[str]:
    """Write the numbers of an axis with the same decimals.

    Examples
    --------
    >>> tick_words([2, 2.5, 3]), tick_words([-0.5, 0, 0.5], signed=True)
    (['2.0', '2.5', '3.0'], ['−0.5', '0', '+0.5'])
    """
    decimals = max(len(f"{tick:g}".partition(".")[2]) for tick in ticks)
    return [write_points(tick, decimals, signed=signed) if tick or not signed else "0" for tick in ticks]


def is_withheld(*cells: object) -> bool:
    """Tell whether one of some cells is kept confidential."""
    return any(isinstance(cell, str) and cell == WITHHELD for cell in cells)


def count_of(part: Any, whole: Any) -> str:
    """Write "18 of 22", or that it is withheld; a question mark stands for a whole that is.

    Examples
    --------
    >>> count_of(18, 22), count_of("[c]", 20), count_of(18, "[c]")
    ('18 of 22', 'withheld', '18 of ?')
    """
    if is_withheld(part):
        return HELD_BACK
    return f"{int(part)} of {UNKNOWN if is_withheld(whole) else int(whole)}"


def total(cells: Iterable[Any]) -> Any:
    """Add released counts up; the sum is withheld where one of them is.

    Examples
    --------
    >>> total([20, 15]), total([20, "[c]"])
    (35, '[c]')
    """
    listed = list(cells)
    return WITHHELD if is_withheld(*listed) else sum(int(cell) for cell in listed)


def scale_words(study: Study, scale: str) -> str:
    """Say a scale's name, its range, and which direction is hoped for."""
    entry = study.find_scale(scale)
    low, high = (show(end) for end in entry.range)
    return f"{entry.name} ({low} to {high}, {entry.better} is better)"
