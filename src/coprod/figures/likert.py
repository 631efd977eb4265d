"""What was answered to each item before and after: diverging bars around the middle answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from coprod.errors import DataError
from coprod.figures.answers import Item, Question, draw_answers
from coprod.figures.outcome import make_figure
from coprod.figures.theme import headline, percent
from coprod.figures.wording import HELD_BACK, is_shown
from coprod.privacy import release_count, release_parts
from coprod.results import Figure
from coprod.training.study import Study


def plot_likert(
    answers: pd.DataFrame, study: Study, *, scale: str = "", wave: str = "", id: str = "item_answers"  # noqa: A002
) -> Figure:  # fmt: skip
    """Draw the answers to each item as two bars, centred on the middle answer.

    Parameters
    ----------
    answers : DataFrame
        As :func:`coprod.training.distributions.count_answers`:
        ``item, wording, wave, response, label, n, share, flag``.
    study : Study
        Whose answers; its profile decides what is drawn.
    scale, wave : str
        A scale and a later wave, those of ``answers``; the primary ones without a name.
    id : str
        Name of the figure.

    Returns
    -------
    Figure
        Items with most answers above the middle at the later wave come first. A part that is withheld is a short
        hatched one; shares are of the people shown.

    Raises
    ------
    DataError
        If there are no answers; or if the profile does not let the figure through.

    Examples
    --------
    >>> from coprod.training.distributions import count_answers
    >>> from coprod.training.study import read_study
    >>> study = read_study()
    >>> plot_likert(count_answers(study, "", ""), study).title
    'How did the answers to each question change?'
    """
    if answers.empty:
        raise DataError("no answers to draw; count them for a scale with items")
    entry, after, before = study.find_scale(scale), study.find_wave(wave), study.protocol.baseline
    data = release_parts(answers.assign(wave=answers["wave"].astype(str)), ["item", "wave"], study.profile)
    question = Question((before, after), dict(zip(data["response"], data["label"], strict=True)))
    base = _count_base(study, scale)
    items = [_read_item(rows, question, base, study) for _, rows in data.groupby("item", sort=False)]
    items.sort(key=lambda item: -item.share(question.upper, 1))
    order = {item.name: place for place, item in enumerate(items)}
    data = data.sort_values("item", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)
    both = f"{before} and {after}"
    said = [f"{item.wording}: {_say_item(item, question)}" for item in items]
    hatched = not all(map(is_shown, data["n"]))
    return make_figure(
        study,
        lambda sheet, note: draw_answers(sheet, items, question, note),
        id=id,
        title="How did the answers to each question change?"
        if study.synthetic
        else headline(f"Answers to each question, {both}", "Answers to each question at two times"),
        subtitle=f"Share of the people who answered the question both times, by answer; "
        f"{_say_order(data)} at “{after}” first",
        answer=f"Answers above the middle of {entry.name}, {both}: "
        + "; ".join(f"{item.wording} {_say_shares(item, question.upper, ' and ')}" for item in items)
        + ".",
        alt=f"Diverging bar chart, two bars for each of the questions ({len(items)}): {both}. {'. '.join(said)}."
        f"{' Percentages are of the people shown.' if hatched else ''}",
        reading=f"Bars are centred {_say_centre(question)}. Numbers are percentages; parts too narrow for one are "
        f"drawn without.{' Hatched: withheld; percentages are of the people shown.' if hatched else ''}",
        data=data,
        parameters={"scale": entry.name, "wave": after},
    )


def _read_item(rows: pd.DataFrame, question: Question, base: int, study: Study) -> Item:
    """Put an item's released shares into two bars, and say how many they are of."""
    first = rows.iloc[0]
    bars, sums = [], []
    for wave in question.waves:
        own = rows[rows["wave"] == wave]
        parts: dict[int, Any] = dict(zip(own["response"], own["share"], strict=True))
        bars.append({point: float(share) if is_shown(share) else None for point, share in parts.items()})
        sums.append(sum(int(n) for n in own["n"] if is_shown(n)))
    counts = _say_count(sums, base, study)
    note = f"{counts}; {first['flag']}" if first["flag"] else counts
    return Item(str(first["item"]), str(first["wording"]), note, (bars[0], bars[1]))


def _count_base(study: Study, scale: str) -> int:
    """Count the people who answered anything of the scale at the baseline."""
    given = study.responses.dropna(subset="response")
    asked = given["item"].isin(study.find_scale(scale).answers) & (given["wave"] == study.protocol.baseline)
    return int(given.loc[asked, "participant"].nunique())


def _say_count(sums: Sequence[int], base: int, study: Study) -> str:
    """Write how many people the bars are of, such as "98 of 105"; of how many only where it tells of no few."""
    if not any(sums):
        return "nobody answered both times" if study.profile.person_level else HELD_BACK
    whole, profile = release_count(base, study.profile), study.profile
    known = isinstance(whole, int) and max(sums) <= whole
    few = known and profile.base == 1 and any(0 < base - n < profile.least for n in sums)
    end = f"of {whole}" if known and not few else "people"
    return ", then ".join(f"{n} {end}" if n else HELD_BACK for n in dict.fromkeys(sums))


def _say_order(data: pd.DataFrame) -> str:
    agree = data["label"].astype(str).str.contains("agree", case=False).any()
    return "most agreement" if agree else "most answers above the middle"


def _say_centre(question: Question) -> str:
    if question.middle is not None:
        return f"on “{question.labels[question.middle]}”"
    low, high = question.lower[-1], question.upper[0]
    return f"between “{question.labels[low]}” and “{question.labels[high]}”"


def _say_item(item: Item, question: Question) -> str:
    above, below = (_say_shares(item, points, ", then ") for points in (question.upper, question.lower))
    return f"above the middle {above}; below it {below} ({item.note})"


def _say_shares(item: Item, points: Sequence[int], join: str) -> str:
    return join.join(_say_share(bar, points) for bar in item.bars)


def _say_share(bar: Mapping[int, Any], points: Sequence[int]) -> str:
    shown = [bar[point] for point in points if bar[point] is not None]
    return percent(sum(shown), 0) if shown else HELD_BACK
