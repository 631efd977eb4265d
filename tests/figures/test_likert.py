"""Answers before and after as diverging bars: parts against the shares they are drawn from."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coprod.errors import DataError
from coprod.figures.answers import Question, find_shades
from coprod.figures.likert import plot_likert
from coprod.privacy import release_parts
from coprod.results import Figure
from coprod.training.distributions import AS_ASKED, count_answers
from coprod.training.study import Study, read_study

WIDTHS = ["wide", "narrow"]
WORDS = (
    "I am sure that I can talk about risk openly with the person and with their family, even where we do not all agree"
)
AGREE = {"Strongly disagree": 1, "Disagree": 2, "Neither agree nor disagree": 3, "Agree": 4, "Strongly agree": 5}
InventStudy = Callable[..., Study]
Extent = Callable[[str, str], tuple[float, float]]
PathOf = Callable[[str, str], str]


def draw(study: Study, wave: str = "") -> Figure:
    return plot_likert(count_answers(study, wave=wave), study, wave=wave)


@pytest.fixture(scope="module")
def example() -> Study:
    return read_study()


@pytest.fixture(scope="module")
def figure(example: Study) -> Figure:
    return draw(example, "later")


def parts_of(figure: Figure, width: str, extent_of: Extent) -> dict[Any, tuple[float, float]]:
    """Return the ends of every part that is drawn, by item, wave and answer, all counted from 1 as in the data."""
    svg = getattr(figure, width)
    names = re.findall(rf'id="{width}-item(\d+)-wave(\d)-answer(\d+)"', svg)
    return {tuple(map(int, name)): extent_of(svg, "{}-item{}-wave{}-answer{}".format(width, *name)) for name in names}


@pytest.mark.parametrize("width", WIDTHS)
def test_parts_are_as_long_as_their_shares(
    width: str, figure: Figure, extent_of: Extent
) -> None:  # fmt: skip
    parts = parts_of(figure, width, extent_of)
    shares = {}
    for number, (_, rows) in enumerate(figure.data.groupby("item", sort=False), start=1):
        for place, (_, bar) in enumerate(rows.groupby("wave", sort=False), start=1):
            shares |= {(number, place, row.response): row.share for row in bar.itertuples() if row.share}
    assert set(parts) == set(shares)
    lengths = {key: right - left for key, (left, right) in parts.items()}
    scale = sum(lengths.values()) / sum(shares.values())
    assert max(abs(lengths[key] - scale * shares[key]) for key in shares) < 0.03  # hundredths of a point


def middles(figure: Figure, width: str, extent_of: Extent) -> list[float]:
    """Return where the middle of the middle answer stands in each bar."""
    parts = parts_of(figure, width, extent_of)
    return [(left + right) / 2 for (_, _, answer), (left, right) in parts.items() if answer == 3]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_bar_is_centred_on_the_middle_answer(
    width: str, figure: Figure, extent_of: Extent
) -> None:  # fmt: skip
    assert np.ptp(middles(figure, width, extent_of)) < 0.03
    assert "Bars are centred on “3”" in words_in(figure.wide)


def test_parts_follow_each_other_without_a_gap(figure: Figure, extent_of: Extent) -> None:
    parts = parts_of(figure, "wide", extent_of)
    for (item, wave), keys in itertools.groupby(sorted(parts), key=lambda key: key[:2]):
        ends = [parts[key] for key in keys]
        assert max((abs(b[0] - a[1]) for a, b in itertools.pairwise(ends)), default=0) < 0.03, (item, wave)


def test_an_even_number_of_answers_is_centred_between_two(
    invent_study: InventStudy, extent_of: Extent
) -> None:  # fmt: skip
    figure = draw(invent_study(maximum=4))
    parts = parts_of(figure, "wide", extent_of)
    turns = [parts[item, wave, 2][1] for item in (1, 2, 3) for wave in (1, 2)]
    assert np.ptp(turns) < 0.03
    assert "Bars are centred between “2” and “3”" in words_in(figure.wide)


def words_in(svg: str) -> str:
    """Return the type of a drawing, which matplotlib leaves beside its outlines."""
    return " ".join(re.findall(r"<!-- (.*?) -->", svg))


def test_most_agreement_at_the_later_wave_comes_first(figure: Figure) -> None:
    later = figure.data[(figure.data["wave"] == "later") & (figure.data["response"] > 3)]
    agreement = later.groupby("item", sort=False)["share"].sum()
    assert agreement.is_monotonic_decreasing
    assert agreement.index.tolist() != sorted(agreement.index)
    assert [wording for wording in figure.data["wording"].unique() if wording not in figure.alt] == []


def test_words_are_the_numbers_drawn(figure: Figure, example: Study) -> None:
    data = figure.data
    replied = example.responses.dropna(subset="response").query("wave == 'before' and item.str.startswith('c')")
    base = replied["participant"].nunique()
    for item, rows in data.groupby("item"):
        before, later = (rows[rows["wave"] == wave].set_index("response") for wave in ("before", "later"))
        above = [f"{100 * bar.loc[4:, 'share'].sum():.0f}%" for bar in (before, later)]
        below = [f"{100 * bar.loc[:2, 'share'].sum():.0f}%" for bar in (before, later)]
        count = f"{before['n'].sum()} of {base}"
        wording = rows["wording"].iloc[0]
        flag = f"; {AS_ASKED}" if item == "c4" else ""
        assert (
            f"{wording}: above the middle {above[0]}, then {above[1]}; below it {below[0]}, then {below[1]} "
            f"({count}{flag})" in figure.alt
        )
        assert f"{wording} {above[0]} and {above[1]}" in figure.answer
        assert count in words_in(figure.narrow)


def test_numbers_stand_in_their_parts(figure: Figure) -> None:
    written = words_in(figure.wide)
    largest = figure.data["share"].max()
    assert f" {100 * largest:.0f} " in written


def test_made_up_data_are_marked(figure: Figure) -> None:
    assert figure.synthetic
    assert figure.title == "How did the answers to each question change?"
    assert figure.alt.startswith("Synthetic")
    for width in WIDTHS:
        svg = getattr(figure, width)
        assert f'id="{width}-synthetic-label"' in svg
        assert f'id="{width}-synthetic-edge"' in svg
        assert "Synthetic data, made up: synthetic_responses.csv" in words_in(svg)
    assert figure.stem.startswith("synthetic_")


def test_other_data_are_not(invent_study: InventStudy) -> None:
    figure = draw(invent_study())
    assert figure.title == "Answers to each question, before and after"
    assert "ynthetic" not in figure.alt + figure.wide


@pytest.fixture(scope="module")
def public(invent_study: InventStudy) -> Study:
    return invent_study(profile="opensafely", size=22)


def test_what_is_withheld_is_hatched_and_never_a_number(public: Study, extent_of: Extent) -> None:
    figure = draw(public)
    released = release_parts(count_answers(public), ["item", "wave"], public.profile)
    hidden = (released["n"] == "[c]").sum()
    for width in WIDTHS:
        svg = getattr(figure, width)
        hatched = re.findall(rf'id="{width}-item(\d+)-wave(\d)-answer(\d+)-withheld"', svg)
        lengths = [
            np.ptp(extent_of(svg, "{}-item{}-wave{}-answer{}-withheld".format(width, *name))) for name in hatched
        ]
        assert len(lengths) == hidden > 0
        assert np.ptp(lengths) < 0.03  # as long whatever is behind it
    assert figure.data["n"].map(lambda n: n == "[c]" or n % 5 == 0).all()
    assert "Hatched: withheld" in words_in(figure.wide)
    shown = figure.data[figure.data["n"] != "[c]"]
    assert shown.groupby(["item", "wave"])["share"].sum().round(9).eq(1).all()


def test_withheld_middles_keep_the_centre(invent_study: InventStudy, extent_of: Extent) -> None:
    study = invent_study(profile="opensafely", size=30, items=("a",), cohorts=1, maximum=3, change=1.6)
    answers = count_answers(study)
    answers["n"] = [30, 4, 20, 20, 14, 20]
    figure = plot_likert(answers, study)
    (left, _), (_, right) = (extent_of(figure.wide, f"wide-item1-wave2-answer{place}") for place in (2, 2))
    hidden = extent_of(figure.wide, "wide-item1-wave1-answer2-withheld")
    assert sum(hidden) / 2 == pytest.approx((left + right) / 2, abs=0.03)


def test_bars_without_any_number_have_words(invent_study: InventStudy) -> None:
    figure = draw(invent_study(profile="opensafely", size=3))
    assert "above the middle withheld, then withheld" in figure.alt
    assert not re.search(r'id="wide-item\d', figure.wide)
    silent = draw(invent_study(reply=0.0))
    assert "nobody answered both times" in silent.alt


def test_how_many_of_how_many_is_left_out_where_it_tells_of_few(invent_study: InventStudy) -> None:
    study = invent_study(profile="acro-10", size=40, items=("a",), maximum=2)  # 160 people
    answers = count_answers(study)
    answers["n"] = [100, 53, 80, 73]
    assert "(153 people)" in plot_likert(answers, study).alt  # 7 did not reply both times
    answers["n"] = [100, 50, 80, 70]
    assert "(150 of 160)" in plot_likert(answers, study).alt


def test_rounded_sums_beyond_the_rounded_whole_leave_it_out(invent_study: InventStudy) -> None:
    study = invent_study(profile="opensafely", items=("a",), maximum=3, reply=1.0)  # 80 people
    answers = count_answers(study)
    answers["n"] = [28, 28, 24, 28, 28, 24]
    assert "(85 people)" in plot_likert(answers, study).alt


@pytest.mark.parametrize("answers", [2, 3, 4, 7, 10, 11])
def test_shades_tell_answers_apart(answers: int) -> None:
    question = Question(("before", "after"), {point: str(point) for point in range(answers)})
    shades = find_shades(question)
    assert len(set(shades.values())) == answers
    assert list(question.labels) == [*question.lower, *([question.middle] if answers % 2 else []), *question.upper]


@pytest.mark.parametrize(
    "shape",
    [
        {"wording": {"a": WORDS, "b": f"{WORDS} {WORDS}", "c": "x" * 120}, "labels": AGREE, "reverse": ("b",)},
        {"minimum": 0, "maximum": 10, "profile": "opensafely", "size": 60, "waves": ("T1", "T2", "T3", "T4", "T5")},
        {"maximum": 3, "waves": ("immediately_before_the_training", "six months post-intervention"), "size": 4},
        {"maximum": 4, "labels": {f"An answer with a good many words, number {n}": n for n in range(1, 5)}},
        {"maximum": 7, "items": tuple(f"q{n}" for n in range(12)), "synthetic": True, "profile": "acro-10"},
        {"maximum": 2, "items": ("a",), "change": 0.1},
    ],
)  # fmt: skip
def test_it_lays_out_cleanly(shape: dict[str, Any], invent_study: InventStudy) -> None:
    figure = draw(invent_study(**shape))  # text that cannot be read is a warning, and so an error
    assert len(figure.title.split()) <= 10
    assert max(len(figure.wide), len(figure.narrow)) < 300_000


def test_labels_that_agree_give_the_order_its_name(invent_study: InventStudy) -> None:
    assert "most agreement at “after” first" in words_in(draw(invent_study(labels=AGREE)).wide)
    assert "most answers above the middle" in words_in(draw(invent_study()).wide)


def test_no_answers_at_all_are_refused(example: Study) -> None:
    with pytest.raises(DataError, match="no answers to draw"):
        plot_likert(count_answers(example).iloc[:0], example)


def test_the_same_bytes_twice(example: Study, figure: Figure) -> None:
    again = draw(example, "later")
    assert (again.wide, again.narrow) == (figure.wide, figure.narrow)
