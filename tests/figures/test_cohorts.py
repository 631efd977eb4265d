"""Points of the lines lie where the averages say, and names at their ends never meet."""

import re
from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from coprod.figures.cohorts import plot_cohort_change
from coprod.figures.lines import APART, _Plot, _write_waves, spread
from coprod.figures.sheet import Sheet
from coprod.figures.theme import Width, render
from coprod.training.describe import summarise_cohort_waves
from coprod.training.study import Study, read_study

Make = Callable[..., Study]
SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = ["wide", "narrow"]


def points_of(svg: str, group: str) -> list[tuple[float, float]]:
    marks = ET.fromstring(svg).findall(f".//{SVG}g[@id='{group}']//{SVG}use")
    return [(float(mark.attrib["x"]), float(mark.attrib["y"])) for mark in marks]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scale", ["", "knowledge"])
def test_points_lie_where_the_averages_say(width: str, scale: str) -> None:
    study = read_study()
    frame = summarise_cohort_waves(study, scale)
    svg = getattr(plot_cohort_change(frame, study, scale=scale), width)
    found = [points_of(svg, f"{width}-cohort-{number}") for number in range(1, 6)]
    means = [rows["mean"].tolist() for _, rows in frame.groupby("cohort", sort=False)]
    assert {len(spots) for spots in found} == {3}
    assert len({x for spots in found for x, _ in spots}) == 3
    heights = [y for spots in found for _, y in spots]
    flat = [mean for row in means for mean in row]
    unit = (max(heights) - min(heights)) / (max(flat) - min(flat))
    assert heights == pytest.approx([min(heights) + (max(flat) - mean) * unit for mean in flat], abs=0.01)
    ticks = sorted(float(words) for words in re.findall(r"<!-- (\d\.\d+) -->", svg))
    assert ticks[0] <= min(flat) < max(flat) <= ticks[-1]


def test_the_words_are_the_numbers() -> None:
    study = read_study()
    frame = summarise_cohort_waves(study)
    figure = plot_cohort_change(frame, study)
    said = re.findall(r"(before|after|later) (\d\.\d\d) \((\d+) of (\d+)\)", figure.alt)
    expected = [(row.wave, f"{row.mean:.2f}", str(row.n), str(row.enrolled)) for row in frame.itertuples()]
    assert said == expected
    first = frame.loc[frame["wave"] == "before", "mean"]
    assert f"before {first.min():.2f} to {first.max():.2f}; later " in figure.answer


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wave_nobody_answered_breaks_the_line_and_is_named(width: str, make_study: Make, words_of: Callable) -> None:
    study = make_study(sizes=(14, 20, 15), silent=True)
    svg = getattr(plot_cohort_change(summarise_cohort_waves(study), study), width)
    assert [len(points_of(svg, f"{width}-cohort-{n}")) for n in (1, 2, 3)] == [2, 3, 2]
    assert " ".join(words_of(svg)).count("nobody answered: later") == 2


@pytest.mark.parametrize("width", WIDTHS)
def test_a_withheld_average_has_no_point_and_is_named(width: str, make_study: Make, words_of: Callable) -> None:
    study = make_study(sizes=(18, 22, 6, 31), profile="opensafely", silent=True)
    figure = plot_cohort_change(summarise_cohort_waves(study), study)
    svg = getattr(figure, width)
    shown = figure.data["mean"].ne("[c]").groupby(figure.data["cohort"], sort=False).sum().tolist()
    assert [len(points_of(svg, f"{width}-cohort-{n}")) for n in (1, 2, 3, 4)] == shown
    assert shown[2] == 0
    assert "withheld" in words_of(svg)
    assert "withheld: later" in " ".join(words_of(svg))
    assert "nobody" not in " ".join(words_of(svg))  # that would tell a small number from none
    assert figure.data.loc[figure.data["n"].eq("[c]"), "mean"].eq("[c]").all()
    assert "Cohort 3 (students): before withheld, after withheld, later withheld" in figure.alt


def test_nothing_to_show_is_said(make_study: Make) -> None:
    study = make_study(sizes=(3, 4), profile="opensafely")
    figure = plot_cohort_change(summarise_cohort_waves(study), study)
    assert figure.answer == (
        "Average confidence, lowest to highest cohort: before no cohort’s can be shown; later no cohort’s can be shown."
    )


def test_waves_too_long_for_a_phone_are_numbered(make_study: Make, words_of: Callable) -> None:
    study = make_study(waves=5, long=True)
    figure = plot_cohort_change(summarise_cohort_waves(study), study)
    assert "1 before the first day; 2 after; 3 after three months;" in " ".join(words_of(figure.narrow))
    assert "Times:" not in " ".join(words_of(figure.wide))


@pytest.mark.parametrize(("letters", "numbered"), [(45, True), (12, False)])
def test_a_word_too_wide_for_the_edge_is_numbered(letters: int, numbered: bool, words_of: Callable) -> None:
    def draw(width: Width) -> Figure:
        sheet, first = Sheet(width, "A title", "and a subtitle"), 0.12 * width.points
        _write_waves(sheet, _Plot([first, 4 * first], [], 0, 0, 0), ["x" * letters, "after"])
        return sheet.close("Source: a test.")

    wide, _ = render(draw)  # what runs off the canvas is a warning, and warnings are errors here
    assert ("Times:" in " ".join(words_of(wide))) == numbered


labels = st.lists(st.tuples(st.floats(0, 300), st.floats(10, 40)), min_size=1, max_size=12)


@given(labels)
def test_names_never_meet_and_stay_inside(drawn: list[tuple[float, float]]) -> None:
    wanted, heights = zip(*drawn, strict=True)
    bottom = max(300.0, sum(heights) + APART * len(heights))
    begins = spread(wanted, heights, 0, bottom)
    spans = sorted((begin, begin + height) for begin, height in zip(begins, heights, strict=True))
    assert spans[0][0] >= -1e-6
    assert spans[-1][1] <= bottom + 1e-6
    assert all(above[1] <= below[0] + 1e-6 for above, below in pairwise(spans))


@given(labels)
def test_names_keep_the_order_of_the_ends(drawn: list[tuple[float, float]]) -> None:
    wanted, heights = zip(*drawn, strict=True)
    begins = spread(wanted, heights, 0, 1000)
    pairs = [(a, b) for a in range(len(wanted)) for b in range(len(wanted)) if wanted[a] < wanted[b]]
    assert all(begins[a] < begins[b] for a, b in pairs)


def test_names_with_room_stand_where_they_are_wanted() -> None:
    assert spread([50, 150, 250], [20, 20, 20], 0, 300) == pytest.approx([50, 150, 250])
