"""Questionnaires returned: who of each cohort answered at each wave, and who did not reply."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
from matplotlib.figure import Figure as Drawing

from coprod.figures.outcome import (
    audience_styles,
    count_of,
    is_withheld,
    make_figure,
    name_cohort,
    sentence,
    total,
)
from coprod.figures.sheet import LEADING, Sheet, measure, wrap
from coprod.figures.theme import BODY, QUIET, SMALLEST
from coprod.figures.wording import HELD_BACK, break_words
from coprod.privacy import release
from coprod.privacy.columns import TOTALS
from coprod.results import Figure
from coprod.training.enrolment import say_enrolled
from coprod.training.study import Study

LABELS = 150.0
"""Most room for the names of cohorts on a page."""
WAVES = 84.0
"""Most room for the names of waves on a phone."""
GUTTER = 12.0
LINE = LEADING * BODY


def plot_flow(flow: pd.DataFrame, study: Study, *, id: str = "questionnaires_returned") -> Figure:  # noqa: A002
    """Draw how many of each cohort answered at each wave.

    Parameters
    ----------
    flow : DataFrame
        As :func:`coprod.training.describe.count_flow`: ``cohort, audience, wave, enrolled, answered``.
    study : Study
        Whose counts they are; its profile decides what is drawn.
    id : str
        Name of the figure.

    Returns
    -------
    Figure
        Solid bars are people who answered, hatched bars people who did not reply; a count that is withheld has
        that word in place of its bar. Totals are sums of the counts that are shown.

    Raises
    ------
    DataError
        If the profile does not let a column or a count through.

    Examples
    --------
    >>> from coprod.training.describe import count_flow
    >>> from coprod.training.study import read_study
    >>> study = read_study()
    >>> plot_flow(count_flow(study), study).answer
    'People who answered, of those enrolled. All 5 cohorts together: before: 106 of 106; after: 100 of 106; later: 64 \
of 106.'
    """
    data = release(flow, study.profile)
    waves = list(dict.fromkeys(data["wave"]))
    totals = [_total(data[data["wave"] == wave]) for wave in waves]
    cohorts = [
        f"{name_cohort(rows.iloc[0])}: "
        + ", ".join(f"{row['wave']} {count_of(row['answered'], row['enrolled'])}" for row in rows.to_dict("records"))
        for _, rows in data.groupby("cohort", sort=False)
    ]
    answer = "; ".join(f"{wave}: {words}" for wave, words in zip(waves, totals, strict=True))
    whom = f"People who answered, of those enrolled{' by the protocol' if study.enrolled else ''}."
    everybody = f"All {len(cohorts)} cohorts together: {answer}."
    return make_figure(
        study,
        lambda sheet, note: (_draw_list if sheet.width.is_narrow else _draw_panels)(sheet, data, study, note),
        id=id,
        title="How many people answered each questionnaire?",
        subtitle="Questionnaires returned in each training cohort. Solid: answered. "
        "Hatched: enrolled, but did not reply that time.",
        answer=f"{whom} {everybody}",
        alt=f"Bar chart of questionnaires returned, {len(cohorts)} cohorts at {len(waves)} times. "
        f"{whom} {'. '.join(cohorts)}. {everybody}",
        reading=f"Enrolled: {say_enrolled(study)}.",
        data=data,
        parameters={},
    )


def _total(rows: pd.DataFrame) -> str:
    return count_of(total(rows["answered"]), total(rows["enrolled"]))


class _Bars(NamedTuple):
    """How bars are drawn: points for one person, colour of each audience."""

    unit: float
    styles: dict[str, tuple[str, Any]]


def _measure_bars(data: pd.DataFrame, study: Study, breadth: float) -> _Bars:
    """Make the largest cohort fill the breadth, with room for the words at its end."""
    words = max(measure(count_of(row["answered"], row["enrolled"])) for row in data.to_dict("records")) + 6
    most = max(
        [count for name in ("enrolled", "answered") for count in data[name] if not is_withheld(count)], default=1
    )
    return _Bars((breadth - words) / most, audience_styles(data["audience"], study))


def _draw_panels(sheet: Sheet, data: pd.DataFrame, study: Study, note: str) -> Drawing:
    """Draw one panel of bars for each wave beside the names of the cohorts, for a page."""
    names = [measure(name, bold=True) for name in data["cohort"]] + [measure(who) for who in data["audience"]]
    labels = min(max(names) + 10, LABELS)
    breadth = (sheet.right - sheet.left - labels) / data["wave"].nunique() - GUTTER
    waves = [
        (break_words(sentence(str(wave)), breadth, size=BODY, bold=True), rows)
        for wave, rows in data.groupby("wave", sort=False)
    ]
    starts = [sheet.left + labels + number * (breadth + GUTTER) for number in range(len(waves))]
    bars = _measure_bars(data, study, breadth)
    depths = [len(wrap(wave, breadth, bold=True)) for wave, _ in waves]
    for start, (wave, rows), lines in zip(starts, waves, depths, strict=True):
        y = sheet.write(start, sheet.y + (max(depths) - lines) * LINE, wave, within=breadth, bold=True)
        words = _total(rows)
        sheet.write(start, y, words if words != HELD_BACK else f"total {words}", within=breadth)
    top = sheet.y = sheet.y + (max(depths) + 1) * LINE + 4
    for number, (_, rows) in enumerate(data.groupby("cohort", sort=False), start=1):
        bottom = _write_cohort(sheet, rows.iloc[0], sheet.y + 5, labels)
        middle = (sheet.y + 5 + bottom) / 2
        for place, (start, row) in enumerate(zip(starts, rows.to_dict("records"), strict=True), start=1):
            _draw_bar(sheet, (start, middle), row, bars, f"{number}-{place}")
        sheet.y = bottom + 5
    for start in starts:
        sheet.axes.plot([start, start], [top, sheet.y], color=QUIET, linewidth=0.8)
    sheet.y += 6
    return sheet.close(note)


def _write_cohort(sheet: Sheet, row: pd.Series, y: float, labels: float) -> float:
    """Write a cohort's name and audience to the left of the bars, and return where they end."""
    place: dict[str, Any] = {"x": sheet.left + labels - 8, "within": labels - 8, "align": "right"}
    y = sheet.write(y=y, words=break_words(row["cohort"], labels - 8, size=BODY, bold=True), bold=True, **place)
    if row["audience"] in TOTALS:
        return y + 6
    return sheet.write(y=y, words=break_words(row["audience"], labels - 8), size=SMALLEST, colour=QUIET, **place)


def _draw_list(sheet: Sheet, data: pd.DataFrame, study: Study, note: str) -> Drawing:
    """Draw the cohorts one under the other, each with a bar for each wave, for a phone."""
    waves = {wave: break_words(sentence(str(wave)), WAVES - 6, size=BODY) for wave in dict.fromkeys(data["wave"])}
    column = min(max(map(measure, waves.values())) + 8, WAVES)
    bars = _measure_bars(data, study, sheet.right - sheet.left - column)
    sheet.y = sheet.write(sheet.left, sheet.y, "All cohorts", bold=True) + 2
    for wave, words in waves.items():
        sheet.write(sheet.left + column, sheet.y, _total(data[data["wave"] == wave]))
        sheet.y = sheet.write(sheet.left, sheet.y, words, within=column - 6) + 2
    for number, (_, rows) in enumerate(data.groupby("cohort", sort=False), start=1):
        name = break_words(name_cohort(rows.iloc[0]), sheet.right - sheet.left, size=BODY, bold=True)
        sheet.y = sheet.write(sheet.left, sheet.y + 8, name, bold=True) + 3
        for place, row in enumerate(rows.to_dict("records"), start=1):
            bottom = sheet.write(sheet.left, sheet.y, waves[row["wave"]], within=column - 6)
            _draw_bar(sheet, (sheet.left + column, (sheet.y + bottom) / 2), row, bars, f"{number}-{place}")
            sheet.y = bottom + 4
    return sheet.close(note)


def _draw_bar(sheet: Sheet, start: tuple[float, float], row: dict[Any, Any], bars: _Bars, name: str) -> None:
    """Draw who answered and who did not reply as one bar from the middle of its left end, and the count after it."""
    (x, middle), words, height = start, count_of(row["answered"], row["enrolled"]), 12 if sheet.width.is_narrow else 16
    level = middle - 0.64 * BODY
    if words == HELD_BACK:
        sheet.write(x + 5, level, words, colour=QUIET)
        return
    colour, _ = bars.styles[row["audience"]]
    answered = row["answered"] * bars.unit
    enrolled = answered if is_withheld(row["enrolled"]) else row["enrolled"] * bars.unit
    if enrolled > answered:
        style = {"edgecolor": colour, "linewidth": 1, "hatch": "////", "gid": f"{sheet.width.name}-{name}-silent"}
        sheet.block(x + answered, middle - height / 2, enrolled - answered, height, "white", **style)
    if answered:
        sheet.block(x, middle - height / 2, answered, height, colour, gid=f"{sheet.width.name}-{name}-answered")
    sheet.write(x + enrolled + 5, level, words)
