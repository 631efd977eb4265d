"""What is assumed of those who did not reply: the line, its band and its marks against the numbers they stand for."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.figures.curve import find_regions
from coprod.figures.tipping import plot_tipping
from coprod.results import Figure
from coprod.training.estimates import COLUMNS
from coprod.training.study import Study

WIDTHS = ["wide", "narrow"]
SVG = "{http://www.w3.org/2000/svg}"
EVERYWHERE = "the interval includes no change as it is"
NOTHING = "no change that the scale allows undoes it"
TIP = 0.5 - 0.35 / 0.46
"""Where the lower end of the interval below, 0.5 + 0.4 d - (0.15 + 0.06 |d|) at delta d, is 0."""
InventStudy = Callable[..., Study]


def make_curve(  # numbers of a straight line and a band that widens away from where those who replied are
    replied: float = 0.5,
    slope: float = 0.4,
    half: float = 0.15,
    *,
    middle: float | None = None,
    ends: tuple[float, float] = (-2.0, 1.5),
    people: tuple[int, int] = (106, 44),
) -> pd.DataFrame:
    """Return a curve as nonresponse gives it; ``people`` are all and those who did not reply."""
    deltas, middle = np.linspace(*ends, 71), replied if middle is None else middle
    estimate, width = replied + slope * deltas, half + 0.06 * np.abs(deltas)
    future = pd.DataFrame({
        "delta": deltas, "assumed": middle + deltas, "frame": "future_cohorts", "estimate": estimate,
        "conf_low": estimate - width, "conf_high": estimate + width, "n_participants": people[0],
        "n_observations": 2 * people[0] - people[1], "n_silent": people[1], "n_cohorts": 5, "flag": "",
    })  # fmt: skip
    these = future.assign(frame="these_cohorts", conf_low=estimate - width / 2, conf_high=estimate + width / 2)
    return pd.concat([future, these], ignore_index=True).reindex(columns=["delta", "assumed", "n_silent", *COLUMNS])


def make_points(assumed: float | None = None, flag: str = "", middle: float = 0.5) -> pd.DataFrame:
    """Return tipping points as nonresponse gives them: one downwards, none upwards, and those of single cohorts."""
    delta = None if assumed is None else assumed - middle
    none = flag or NOTHING
    rows = [("all", "down", delta, assumed, flag), ("all", "up", None, None, none), ("A", "down", -9.0, -9.0, "")]
    names = ["cohort", "direction", "delta", "assumed", "flag"]
    frames = [pd.DataFrame(rows, columns=names).assign(frame=frame) for frame in ("future_cohorts", "these_cohorts")]
    return pd.concat(frames, ignore_index=True).astype({"delta": float, "assumed": float})


def draw(study: Study, assumed: float | None = TIP, flag: str = "", **curve: Any) -> Figure:
    middle = curve.get("middle", curve.get("replied", 0.5))
    return plot_tipping(make_curve(**curve), make_points(assumed, flag, middle), study)


def mark(svg: str, group: str) -> tuple[float, float]:
    use = ET.fromstring(svg).find(f".//{SVG}g[@id='{group}']//{SVG}use")
    assert use is not None, group
    return float(use.attrib["x"]), float(use.attrib["y"])


def corners(svg: str, group: str) -> np.ndarray[Any, Any]:
    found = ET.fromstring(svg).find(f".//{SVG}g[@id='{group}']")
    path = None if found is None else found.find(f".//{SVG}path")
    assert path is not None, group
    assert found is not None
    numbers = [float(word) for word in re.sub("[MLz]", " ", path.attrib["d"]).split()]
    use = found.find(f".//{SVG}use")  # a band is drawn once and then set in its place
    place = [0.0, 0.0] if use is None else [float(use.attrib["x"]), float(use.attrib["y"])]
    return np.array(numbers).reshape(-1, 2) + place


def words_in(svg: str) -> str:
    """Return the type of a drawing, which matplotlib leaves beside its outlines."""
    return " ".join(re.findall(r"<!-- (.*?) -->", svg))


@pytest.fixture(scope="module")
def study(invent_study: InventStudy) -> Study:
    return invent_study()


@pytest.fixture(scope="module")
def figure(study: Study) -> Figure:
    return draw(study)


@pytest.mark.parametrize("width", WIDTHS)
def test_line_band_and_marks_stand_where_their_numbers_are(width: str, figure: Figure) -> None:
    svg, curve = getattr(figure, width), make_curve().query("frame == 'future_cohorts'")
    line = corners(svg, f"{width}-line")
    to_x = np.polyfit([-1.5, 2.0], [line[0, 0], line[-1, 0]], 1)
    to_y = np.polyfit(curve["estimate"].iloc[[0, -1]], [line[0, 1], line[-1, 1]], 1)
    expected = {"place1": (0.0, 0.5 - 0.4 * 0.5), "place2": (0.5, 0.5), "tip1": (TIP, 0.0)}
    for name, (assumed, change) in expected.items():
        at = mark(svg, f"{width}-{name}")
        assert at == pytest.approx((np.polyval(to_x, assumed), np.polyval(to_y, change)), abs=0.03)
    band = corners(svg, f"{width}-band")
    ends = [curve["conf_low"].min(), curve["conf_high"].max()]
    assert [band[:, 1].max(), band[:, 1].min()] == pytest.approx(np.polyval(to_y, ends), abs=0.03)
    grey = corners(svg, f"{width}-grey1")
    first = curve.loc[curve["conf_high"] > 0, "assumed"].iloc[0] - 0.025  # half-way between two rows
    assert [grey[:, 0].min(), grey[:, 0].max()] == pytest.approx(np.polyval(to_x, [first, TIP]), abs=0.05)


def test_words_are_the_numbers_drawn(figure: Figure) -> None:
    assert "assumed −1.50: −0.30 (interval −0.57 to −0.03)" in figure.alt
    assert "no change (back to start): +0.30; same as those who replied (+0.50): +0.50" in figure.alt
    assert "assumed +2.00: +1.10 (interval +0.86 to +1.34)" in figure.alt
    assert "had changed by −0.26 points on average" in figure.alt
    assert "44 of 106 people did not reply" in figure.answer
    assert figure.title == "Undone if those who did not reply changed by −0.26"
    for width in WIDTHS:
        words = words_in(getattr(figure, width))
        assert "tipping point: −0.26" in words
        assert "+0.30" in words
        assert "all 106 people" in " ".join(words.split())
    marks = figure.data[figure.data["what"] != "curve"].set_index("what")
    assert marks.loc["no change (back to start)", "estimate"] == pytest.approx(0.3)
    assert marks.loc["tipping point", "assumed"] == pytest.approx(TIP)
    assert (figure.data["what"] == "curve").sum() == 71
    assert "95% interval for cohorts yet to come" in figure.answer
    assert figure.parameters == {"scale": "view", "wave": "after"}


def test_no_tipping_point_says_so(study: Study) -> None:
    figure = draw(study, None, NOTHING, slope=0.05)
    assert figure.title == "No change within the scale undoes it"
    assert figure.answer.startswith("No tipping point within the scale")
    assert 'id="wide-tip1"' not in figure.wide
    assert 'id="wide-grey1"' not in figure.wide
    assert "interval above no change" in words_in(figure.wide)


def test_a_tipping_point_beyond_the_drawing_is_told_and_not_drawn(study: Study) -> None:
    figure = draw(study, -2.7, slope=0.12, ends=(-1.0, 1.0))
    assert "tipping point: −2.70, beyond the drawing" in words_in(figure.wide)
    assert 'id="wide-tip1"' not in figure.wide
    assert "changed by −2.70 points" in figure.alt


@pytest.mark.parametrize("assumed", [None, 0.1])  # missing, or where those who replied are
def test_an_interval_that_includes_no_change_as_it_is(assumed: float | None, study: Study) -> None:
    figure = draw(study, assumed, EVERYWHERE, replied=0.1, half=0.3)
    assert figure.title == "The interval includes no change as it is"
    assert figure.alt.endswith("The interval includes no change as it is.")
    assert EVERYWHERE in words_in(figure.wide)
    assert 'id="wide-tip1"' not in figure.wide


def test_negative_changes(study: Study) -> None:
    figure = draw(study, 0.1, replied=-0.5)
    assert "interval below no change" in words_in(figure.wide)
    assert "tipping point: +0.10" in words_in(figure.wide)
    assert "same as those who replied (−0.50): −0.50" in figure.alt


def test_two_tipping_points_are_both_drawn(study: Study) -> None:
    points = make_points(-0.1)
    points.loc[points["direction"] == "up", ["delta", "assumed", "flag"]] = [0.75, 1.25, ""]
    figure = plot_tipping(make_curve(), points, study)
    assert mark(figure.wide, "wide-tip1")[0] < mark(figure.wide, "wide-tip2")[0]
    assert "−0.10 or +1.25 points" in figure.alt


def test_everybody_replied_is_refused(study: Study) -> None:
    with pytest.raises(DataError, match="everybody replied at 'after'"):
        draw(study, people=(106, 0))


def test_that_everybody_replied_is_not_told_where_a_count_of_nobody_is_withheld(invent_study: InventStudy) -> None:
    with pytest.raises(DataError, match="too few people did not reply at 'after' for profile 'opensafely'"):
        draw(invent_study(profile="opensafely"), people=(106, 0))


def test_one_cohort_is_drawn_for_itself(study: Study) -> None:
    curve = make_curve()
    curve.loc[curve["frame"] == "future_cohorts", ["conf_low", "conf_high"]] = np.nan
    figure = plot_tipping(curve, make_points(-0.3), study)
    assert "95% interval for these cohorts" in figure.answer
    low, high = (float(words) for words in re.findall(r"interval −(\d\.\d+) to −(\d\.\d+)", figure.alt)[0])
    row = curve[curve["frame"] == "these_cohorts"].iloc[0]
    assert [low, high] == pytest.approx([-row["conf_low"], -row["conf_high"]], abs=0.005)
    with pytest.raises(DataError, match="no interval under any assumption"):
        plot_tipping(curve.assign(conf_low=np.nan), make_points(), study)


def test_a_place_off_the_line_is_left_out(study: Study) -> None:
    figure = draw(study, None, NOTHING, middle=0.5, ends=(-0.3, 0.3))
    assert "back to start" not in figure.alt + words_in(figure.wide)
    assert "same as those who replied" in figure.alt
    assert figure.data.loc[figure.data["what"] == "no change (back to start)", "estimate"].isna().all()


def test_public_form_shows_rounded_counts_only(invent_study: InventStudy) -> None:
    study = invent_study(profile="opensafely")
    figure = draw(study)
    assert "45 of 105 people did not reply" in figure.answer
    assert not re.search(r"\b(44|106|62)\b", figure.alt + figure.answer + words_in(figure.wide))
    assert figure.data["n_silent"].eq(45).all()
    assert not {"n_observations", "std_error", "participant"} & set(figure.data)
    with pytest.raises(DataError, match="too few people did not reply at 'after' for profile 'opensafely'"):
        draw(study, people=(106, 7))


def test_made_up_data_are_marked(invent_study: InventStudy) -> None:
    figure = draw(invent_study(synthetic=True))
    assert figure.title == "Could those who did not reply undo the result?"
    assert figure.alt.startswith("Synthetic")
    for width in WIDTHS:
        svg = getattr(figure, width)
        assert f'id="{width}-synthetic-label"' in svg
        assert f'id="{width}-synthetic-edge"' in svg
        assert "Synthetic data, made up: answers.csv" in words_in(svg)
    assert figure.stem == "synthetic_tipping_point"


@pytest.mark.parametrize(("replied", "tip"), [(-0.6, 0.01), (-0.05, 0.01), (0.02, -0.01), (0.4, -1.2), (1.2, 1.1)])
def test_marks_near_each_other_lay_out_cleanly(replied: float, tip: float, study: Study) -> None:
    draw(study, tip, replied=replied, ends=(-1.9, 1.9))  # text that cannot be read is a warning, and so an error


@pytest.mark.parametrize(
    "shape",
    [
        {"curve": {"replied": -14.0, "slope": 0.4, "half": 9.0, "ends": (-60, 40)}, "tip": 3.0, "maximum": 100},
        {"curve": {"replied": 3.0, "half": 2.0, "ends": (-12, 9)}, "tip": 1.0, "score": "sum", "maximum": 7},
        {"curve": {"people": (12345, 4321)}, "tip": -0.1,
         "waves": ("immediately before the training", "twelve months after the end of the training")},
    ],
)  # fmt: skip
def test_it_lays_out_cleanly(shape: dict[str, Any], invent_study: InventStudy) -> None:
    curve, tip = shape.pop("curve"), shape.pop("tip")
    figure = draw(invent_study(**shape, size=5, reply=1), tip, **curve)
    assert len(figure.title.split()) <= 10


def test_regions_end_at_a_tipping_point_or_half_way() -> None:
    line = pd.DataFrame({"assumed": [0.0, 1, 2, 3], "conf_low": [-3.0, -2, -1, 1], "conf_high": [-1.0, 1, 2, 3]})
    assert find_regions(line, [2.2]) == [(0, 0.5, "below"), (0.5, 2.2, "includes"), (2.2, 3, "above")]
    assert find_regions(line.assign(conf_high=5.0, conf_low=1.0), []) == [(0, 3, "above")]


def test_the_same_bytes_twice(study: Study, figure: Figure) -> None:
    again = draw(study)
    assert (again.wide, again.narrow) == (figure.wide, figure.narrow)
    assert max(len(figure.wide), len(figure.narrow)) < 200_000
