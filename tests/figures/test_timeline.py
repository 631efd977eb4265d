from collections.abc import Callable

import pandas as pd
import pytest

from coprod.data import Talk
from coprod.figures.timeline import plot_timeline

Extent = Callable[[str, str], tuple[float, float]]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_bars_stand_at_their_years(talk: Talk, width: str, extent_of: Extent) -> None:
    svg = getattr(plot_timeline(talk["timeline"]), width)
    left = {event: extent_of(svg, f"{width}-{event}")[0] for event in ("act", "nesta", "slay_stephens", "mckeown")}
    year = left["slay_stephens"] - left["nesta"]
    assert year > 0
    assert left["act"] == left["nesta"]
    assert left["mckeown"] - left["slay_stephens"] == pytest.approx(year, abs=0.02)


def test_title_and_answer_follow_the_dates(talk: Talk) -> None:
    table = talk["timeline"]
    figure = plot_timeline(table)
    assert figure.title == "From a law in 2012 to this talk in 2017"
    assert figure.answer.startswith(f"{int(table['start_year'].notna().sum())} of {len(table)} events")
    later = table.assign(start_year=table["start_year"] + 1, end_year=table["end_year"] + 1, day=None)
    assert plot_timeline(later).title == "From a law in 2013 to this talk in 2018"


def test_alt_text_says_every_date(talk: Talk) -> None:
    alt = plot_timeline(talk["timeline"]).alt
    assert "Health and Social Care Act: 2012" in alt
    assert "Conference talk: from 14 September 2017" in alt
    assert alt.count("date not stated") == 2


def test_every_event_dated_leaves_no_box(talk: Talk) -> None:
    table = talk["timeline"]
    table = table.fillna({"start_year": 2013, "end_year": 2014}).drop(index=[8])
    figure = plot_timeline(table)
    assert "date not stated" not in figure.alt
    assert "Clinical risk training delivered: 2013 to 2014" in figure.alt


def test_no_date_for_this_work_falls_back_to_a_count(talk: Talk) -> None:
    table = talk["timeline"]
    table.loc[table["lane"] == "This work", ["start_year", "end_year"]] = pd.NA
    assert plot_timeline(table).title == "7 of 10 events of the talk have a date"
