"""Scores drawn person by person, or counted: marks against the frames they are drawn from."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.figures.raincloud import MOST_DOTS, plot_raincloud
from coprod.privacy import release_parts
from coprod.results import Figure
from coprod.training.describe import summarise_waves
from coprod.training.distributions import bin_scores, list_scores
from coprod.training.study import Study

WIDTHS = ["wide", "narrow"]
SVG = "{http://www.w3.org/2000/svg}"
InventStudy = Callable[..., Study]
Extent = Callable[[str, str], tuple[float, float]]
PathOf = Callable[[str, str], str]


def draw(study: Study) -> Figure:
    return plot_raincloud(study, summarise_waves(study))


def marks(svg: str, group: str) -> np.ndarray[Any, Any]:
    """Return where the marks of a group stand, as x and y."""
    found = ET.fromstring(svg).findall(f".//{SVG}g[@id='{group}']//{SVG}use")
    return np.array([[float(use.attrib["x"]), float(use.attrib["y"])] for use in found])


def vertical(path: str) -> list[float]:
    return [float(number) for number in re.sub("[MLz]", " ", path).split()[1::2]]


@pytest.fixture(scope="module")
def study(invent_study: InventStudy) -> Study:
    return invent_study()


@pytest.fixture(scope="module")
def figure(study: Study) -> Figure:
    return draw(study)


@pytest.fixture(scope="module")
def public(invent_study: InventStudy) -> Study:
    return invent_study(profile="opensafely", size=40)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_score_is_a_dot_at_its_height(width: str, study: Study, figure: Figure) -> None:
    scores = list_scores(study)
    for number, audience in enumerate(["staff", "students"], start=1):
        own = scores[scores["audience"] == audience]
        last = set(own.loc[own["wave"] == "later", "participant"])
        group = f"{width}-audience{number}"
        for state, rows in (("replied", own[own["participant"].isin(last)]),
                            ("silent", own[~own["participant"].isin(last)])):  # fmt: skip
            dots = marks(getattr(figure, width), f"{group}-{state}")
            assert len(dots) == len(rows)
            heights = np.sort(dots[:, 1])[::-1]
            expected = np.sort(rows["score"])
            slope, start = np.polyfit(expected, heights, 1)
            assert np.abs(slope * expected + start - heights).max() < 0.02  # hundredths of a point


def test_lines_join_each_person_once(study: Study, figure: Figure, path_of: PathOf) -> None:
    scores = list_scores(study)
    for number, (_, own) in enumerate(scores.groupby("audience"), start=1):
        people = own.groupby("participant").filter(lambda rows: len(rows) > 1)
        path = path_of(figure.wide, f"wide-audience{number}-lines")
        assert path.count("M") == people["participant"].nunique()
        ends = {tuple(map(float, end.split())) for end in re.findall(r"[\d.]+ [\d.]+", path)}
        states = ("replied", "silent")
        dots = np.concatenate([marks(figure.wide, f"wide-audience{number}-{state}") for state in states])
        assert all(np.abs(dots - end).max(axis=1).min() < 0.02 for end in ends)  # a straight line needs no middle


@pytest.mark.parametrize("width", WIDTHS)
def test_means_and_intervals_stand_where_their_numbers_are(
    width: str, study: Study, figure: Figure, path_of: PathOf
) -> None:
    svg, summary = getattr(figure, width), summarise_waves(study)
    for number, (_, rows) in enumerate(summary.groupby("audience", sort=False), start=1):
        group = f"{width}-audience{number}"
        rings = marks(svg, f"{group}-means")[:, 1]
        slope, start = np.polyfit(rows["mean"], rings, 1)
        assert np.abs(slope * rows["mean"] + start - rings).max() < 0.02
        for place, row in enumerate(rows.itertuples(), start=1):
            low, high = vertical(path_of(svg, f"{group}-wave{place}-interval"))
            assert [low, high] == pytest.approx([slope * row.conf_low + start, slope * row.conf_high + start], abs=0.05)


def test_dots_and_rings_share_one_scale(study: Study, figure: Figure) -> None:
    scores = list_scores(study)
    top = scores.loc[scores["audience"] == "staff", "score"]
    dots = np.concatenate([marks(figure.wide, f"wide-audience1-{state}") for state in ("replied", "silent")])[:, 1]
    rows = summarise_waves(study).query("audience == 'staff'")
    slope, start = np.polyfit(rows["mean"], marks(figure.wide, "wide-audience1-means")[:, 1], 1)
    assert dots.min() == pytest.approx(slope * top.max() + start, abs=0.05)
    assert dots.max() == pytest.approx(slope * top.min() + start, abs=0.05)


def test_no_two_dots_of_the_example_lie_on_each_other(figure: Figure) -> None:
    dots = np.concatenate([marks(figure.wide, f"wide-audience1-{state}") for state in ("replied", "silent")])
    assert len(np.unique(dots, axis=0)) == len(dots)


def test_words_and_data_are_the_numbers_drawn(study: Study, figure: Figure) -> None:
    summary = summarise_waves(study)
    enrolled = study.responses.groupby("audience")["participant"].nunique()
    for row in summary.itertuples():
        ends = f"{row.conf_low:.2f} to {row.conf_high:.2f}"
        words = f"{row.wave} {row.mean:.2f} ({ends}; {row.n} of {enrolled[row.audience]})"
        assert words in figure.alt
        assert words in figure.answer
    means = figure.data[figure.data["what"] == "mean"].reset_index(drop=True)
    pd.testing.assert_frame_equal(means[["audience", "wave", "mean"]], summary[["audience", "wave", "mean"]])
    people = figure.data[figure.data["what"] == "score"]
    assert people["score"].tolist() == list_scores(study)["score"].tolist()
    assert figure.title == "Scores of view at each wave"


def test_public_bars_are_the_released_shares(public: Study, extent_of: Extent, path_of: PathOf) -> None:
    figure = draw(public)
    released = release_parts(bin_scores(public), ["audience", "wave"], public.profile)
    for width in WIDTHS:
        svg, lengths, shares, hidden = getattr(figure, width), [], [], 0
        for number, (_, own) in enumerate(released.groupby("audience", sort=False), start=1):
            for place, (_, rows) in enumerate(own.groupby("wave", observed=True), start=1):
                for at, row in enumerate(rows.itertuples(), start=1):
                    group = f"{width}-audience{number}-wave{place}"
                    if row.n == "[c]":
                        hidden += bool(path_of(svg, f"{group}-withheld{at}"))
                        assert not path_of(svg, f"{group}-bar{at}")
                    else:
                        left, right = extent_of(svg, f"{group}-bar{at}")
                        lengths.append(right - left)
                        shares.append(row.share)
        scale = lengths[0] / shares[0]
        assert np.abs(np.array(lengths) - scale * np.array(shares, float)).max() < 0.03
        assert hidden == (released["n"] == "[c]").sum() > 0
    bins = figure.data[figure.data["what"] == "bin"]
    assert bins["n"].tolist() == released["n"].tolist()


def test_public_form_holds_no_mark_of_a_person(public: Study) -> None:
    figure = draw(public)
    for svg in (figure.wide, figure.narrow):
        names = set(re.findall(r'id="((?:wide|narrow)-[^"]*)"', svg))
        assert names
        assert not [name for name in names if re.search("lines|replied|silent|density", name)]
    assert not {"participant", "cohort", "score"} & set(figure.data)
    codes = set(public.responses["participant"])
    assert not [code for code in codes if code in str(figure.to_json())]
    assert "Counts of 7 people or fewer are not shown" in public.note
    assert not re.search(r"\b(lowest|highest|minimum|maximum)\b", figure.alt)


def test_a_group_too_small_has_words_and_no_marks(invent_study: InventStudy) -> None:
    figure = draw(invent_study(profile="opensafely", size=3, audiences=("staff",), reply=0.5))
    assert "withheld" in figure.alt
    assert not re.search(r'id="wide-audience1-[^"]*(bar|withheld|interval)', figure.wide)
    assert not marks(figure.wide, "wide-audience1-means").size


def test_a_wave_that_nobody_answered_says_so(invent_study: InventStudy) -> None:
    figure = draw(invent_study(reply=0.0))
    assert "after nobody replied" in figure.alt
    assert figure.data.query("what == 'mean'")["n"].tolist() == [40, 0, 0, 40, 0, 0]


def test_many_people_are_counted(invent_study: InventStudy) -> None:
    study = invent_study(size=1250, reply=0.4, items=("a",), waves=("before", "after"))
    assert study.responses["participant"].nunique() == 5000
    figure = draw(study)
    assert max(len(figure.wide), len(figure.narrow)) < 250_000
    assert "score" not in figure.data
    assert f"More than {MOST_DOTS} scores" not in figure.alt
    assert "share of people by score" in figure.alt


def test_the_most_people_that_are_drawn_stay_small(invent_study: InventStudy) -> None:
    study = invent_study(size=MOST_DOTS // 12, reply=1.0)
    assert len(list_scores(study)) == MOST_DOTS
    figure = draw(study)
    assert max(len(figure.wide), len(figure.narrow)) < 250_000
    assert (figure.data["what"] == "score").sum() == MOST_DOTS


@pytest.mark.parametrize(
    "shape",
    [
        {"waves": ("T1", "T2"), "audiences": ("all",), "score": "sum"},
        {"waves": ("pre-training", "post-training", "six months", "12 months", "24 months"), "minimum": 0,
         "maximum": 100, "audiences": ("nursing staff of the acute wards", "students", "carers", "others")},
        {"waves": ("before", "immediately_after_the_training", "follow-up", "late"), "audiences": ("a", "b", "c")},
        {"audiences": ("extraordinarilylongnameofanaudiencewithoutanyspaceinside",) * 1, "better": "lower", "size": 1},
        {"profile": "acro-10", "synthetic": True, "audiences": ("a", "b", "c", "d"), "waves": ("x", "y")},
        {"profile": "opensafely", "size": 300, "waves": ("w1", "w2", "w3", "w4", "w5"), "minimum": 0, "maximum": 10},
        {"profile": "nhs-hes", "audiences": ("one", "two", "three"), "items": ("a",), "minimum": -3, "maximum": 3},
    ],
)  # fmt: skip
def test_it_lays_out_cleanly(shape: dict[str, Any], invent_study: InventStudy) -> None:
    figure = draw(invent_study(**shape))  # text that cannot be read is a warning, and so an error
    assert len(figure.title.split()) <= 10


def test_scores_that_are_all_alike_have_no_cloud(invent_study: InventStudy) -> None:
    study = invent_study(minimum=1, maximum=2, change=40, cohorts=1, audiences=("staff",))
    figure = draw(study)
    assert 'id="wide-audience1-wave1-density"' in figure.wide
    assert 'id="wide-audience1-wave2-density"' not in figure.wide  # everybody is at the top
    assert 'id="wide-audience1-wave2-interval"' not in figure.wide


def test_titles_of_made_up_data_are_questions(invent_study: InventStudy) -> None:
    assert draw(invent_study(synthetic=True)).title == "Did scores rise after the training, and did it last?"
    falling = invent_study(synthetic=True, better="lower", waves=("before", "after"))
    assert draw(falling).title == "Did scores fall after the training?"


@pytest.mark.parametrize("profile", ["internal", "opensafely"])
def test_made_up_data_are_marked_and_drawn_with_the_same_bytes(profile: str, invent_study: InventStudy) -> None:
    figure, again = (draw(invent_study(synthetic=True, profile=profile)) for _ in range(2))
    assert (figure.wide, figure.narrow) == (again.wide, again.narrow)
    assert figure.alt.startswith("Synthetic")
    assert figure.stem == "synthetic_score_distribution"
    for width in WIDTHS:
        svg = getattr(figure, width)
        assert f'id="{width}-synthetic-label"' in svg
        assert f'id="{width}-synthetic-edge"' in svg
        assert "<!-- Synthetic data, made up: answers.csv" in svg


def test_a_profile_that_does_not_let_it_through_is_obeyed(public: Study) -> None:
    with pytest.raises(DataError, match="may not"):
        plot_raincloud(public, summarise_waves(public).assign(participant="ann"))
