"""The bars of the questionnaires returned are as long as the counts, and say them."""

import re
from collections.abc import Callable

import pandas as pd
import pytest

from coprod.figures.flow import plot_flow
from coprod.training.describe import count_flow
from coprod.training.study import Study, read_study

Make = Callable[..., Study]
Extent = Callable[[str, str], tuple[float, float]]
WIDTHS = ["wide", "narrow"]


def lengths(svg: str, width: str, flow: pd.DataFrame, extent_of: Extent) -> pd.DataFrame:
    """Return how long both bars of each row are, in points."""
    rows = []
    cohorts, waves = list(dict.fromkeys(flow["cohort"])), list(dict.fromkeys(flow["wave"]))
    for row in flow.itertuples():
        name = f"{width}-{cohorts.index(row.cohort) + 1}-{waves.index(row.wave) + 1}"
        ends = [
            extent_of(svg, f"{name}-{part}") if f'"{name}-{part}"' in svg else (0, 0) for part in ("answered", "silent")
        ]
        rows.append([right - left for left, right in ends])
    return pd.DataFrame(rows, columns=["answered", "silent"])


@pytest.mark.parametrize("width", WIDTHS)
def test_bars_are_as_long_as_the_counts(width: str, extent_of: Extent, make_study: Make) -> None:
    for study in (read_study(), make_study(silent=True, waves=5, long=True)):
        flow = count_flow(study)
        found = lengths(getattr(plot_flow(flow, study), width), width, flow, extent_of)
        unit = found["answered"].sum() / flow["answered"].sum()
        assert unit > 0.5
        assert (found["answered"] - unit * flow["answered"]).abs().max() < 0.05  # paths are kept to a hundredth
        assert (found["silent"] - unit * (flow["enrolled"] - flow["answered"])).abs().max() < 0.05
        assert found["silent"].max() > 0


@pytest.mark.parametrize("width", WIDTHS)
def test_totals_and_counts_are_written(width: str, words_of: Callable[[str], list[str]], make_study: Make) -> None:
    study = make_study()
    flow = count_flow(study)
    words = words_of(getattr(plot_flow(flow, study), width))
    for _, rows in flow.groupby("wave", sort=False):
        assert f"{rows['answered'].sum()} of {rows['enrolled'].sum()}" in words
    assert all(f"{row.answered} of {row.enrolled}" in words for row in flow.itertuples())


def test_the_alt_text_says_the_counts(make_study: Make) -> None:
    study = make_study(silent=True)
    flow = count_flow(study)
    figure = plot_flow(flow, study)
    said = re.findall(r"(before|after|later) (\d+) of (\d+)", figure.alt)
    assert said == [(row.wave, str(row.answered), str(row.enrolled)) for row in flow.itertuples()]
    assert figure.data.equals(flow)
    last = flow[flow["wave"] == "later"]
    assert f"later: {last['answered'].sum()} of {last['enrolled'].sum()}" in figure.answer


@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_is_a_hatched_bar_and_a_nought(width: str, make_study: Make, extent_of: Extent) -> None:
    study = make_study(sizes=(12, 20), silent=True)
    svg = getattr(plot_flow(count_flow(study), study), width)
    assert f'"{width}-1-3-answered"' not in svg
    left, right = extent_of(svg, f"{width}-1-3-silent")
    assert right > left
    assert "<!-- 0 of 12 -->" in svg


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_withheld_has_the_word_in_place_of_a_bar(width: str, words_of: Callable, make_study: Make) -> None:
    study = make_study(sizes=(18, 22, 6), profile="opensafely")
    figure = plot_flow(count_flow(study), study)
    svg = getattr(figure, width)
    small = figure.data["cohort"] == "Cohort 3"
    assert figure.data.loc[small, ["enrolled", "answered"]].eq("[c]").all(axis=None)
    assert not re.search(rf'"{width}-3-\d-', svg)
    words = words_of(svg)
    withheld = figure.data["answered"].eq("[c]").sum()
    totals = 3 if width == "narrow" else 0
    assert words.count("withheld") == withheld + totals
    assert words.count("total withheld") == 3 - totals
    assert "Cohort 3 (peer support workers and carers): before withheld" in figure.alt
    assert "before: withheld" in figure.answer


def test_rounded_totals_are_sums_of_rounded_counts(make_study: Make) -> None:
    study = make_study(sizes=(18, 22, 33), profile="opensafely")
    figure = plot_flow(count_flow(study), study)
    assert "before: 75 of 75" in figure.answer  # 20 + 20 + 35, where 73 enrolled


def test_words_longer_than_a_line_are_parted(make_study: Make) -> None:
    study = make_study()
    flow = count_flow(study)
    flow["cohort"] = "Northumberlandtyneandwearcommunityhealth" + flow["cohort"].str[-1]
    flow["wave"] = flow["wave"].replace({"later": "threemonthsafterthelastday"})
    plot_flow(flow, study)  # a fault of the layout is a warning, and warnings are errors here


@pytest.mark.parametrize("width", WIDTHS)
def test_who_answered_is_drawn_where_only_the_enrolled_are_withheld(
    width: str, make_study: Make, extent_of: Extent, words_of: Callable
) -> None:
    study = make_study(sizes=(18, 22, 30), profile="acro-10")  # nobody's silence may be counted, and nothing is rounded
    flow = count_flow(study)
    flow["answered"] = flow["enrolled"] - 2
    figure = plot_flow(flow, study)
    svg = getattr(figure, width)
    assert figure.data["enrolled"].eq("[c]").all()
    left, right = extent_of(svg, f"{width}-1-1-answered")
    other_left, other_right = extent_of(svg, f"{width}-3-1-answered")
    assert (right - left) / (other_right - other_left) == pytest.approx(16 / 28, abs=0.002)
    assert "-silent" not in svg
    words = words_of(svg)
    assert words.count("16 of ?") == 3
    assert "64 of ?" in words
    assert "?: how many enrolled is withheld." in " ".join(words)
    assert figure.alt.endswith("?: how many enrolled is withheld.")
