import re
from collections.abc import Callable

import pandas as pd
import pytest

from coprod.data import Talk
from coprod.errors import UsageError
from coprod.figures.survey import plot_bounds, plot_waffle
from coprod.talk.rounding import ROUNDINGS
from coprod.talk.survey import answer_counts, answer_ranges

WIDTHS = ["wide", "narrow"]
Counts = Callable[[int], pd.DataFrame]


@pytest.mark.parametrize("base", [196, 209])
@pytest.mark.parametrize("width", WIDTHS)
def test_waffle_draws_every_group_once(
    base: int, width: str, counts_of: Counts, path_of: Callable[[str, str], str]
) -> None:
    frame = counts_of(base)
    figure = plot_waffle(frame, total=209, base=base, replied=196)
    for row in frame.to_dict("records"):
        states = ("yes", "rounding", "other", "silent")
        squares = [path_of(getattr(figure, width), f"{width}-{row['item']}-{state}").count("M") for state in states]
        assert squares == [row["low"], row["high"] - row["low"], 196 - row["high"], 13]


def test_waffle_draws_a_question_mark_for_each_silent_group(counts_of: Counts) -> None:
    figure = plot_waffle(counts_of(196), total=209, base=196, replied=196)
    marks = re.search(r'<g id="narrow-ambition_more-silent-sign">(.*?)</g>\s*</g>', figure.narrow, re.DOTALL)
    assert marks is not None
    assert marks[1].count("<use") == 13


def test_waffle_data_are_what_is_drawn(counts_of: Counts) -> None:
    data = plot_waffle(counts_of(196), total=209, base=196, replied=196).data
    assert (data.groupby("item")["groups"].sum() == 209).all()


@pytest.mark.parametrize(("base", "numbers"), [(196, "29 or 30 of 209"), (209, "31 or 32 of 209")])
def test_waffle_says_its_numbers(base: int, numbers: str, counts_of: Counts) -> None:
    figure = plot_waffle(counts_of(base), total=209, base=base, replied=196)
    assert figure.title == f"{numbers} groups had done any co-production"
    for row in counts_of(base).itertuples():
        words = f"{row.percent}%, {row.low} or {row.high}"
        assert words in figure.alt
        assert words in figure.answer
    assert "13 of 209 did not reply" in figure.answer


def test_waffle_without_a_count_says_so(counts_of: Counts, path_of: Callable[[str, str], str]) -> None:
    frame = counts_of(196)
    frame.loc[0, ["low", "high"]] = pd.NA
    figure = plot_waffle(frame, total=209, base=196, replied=196)
    assert figure.title == "No count of 196 groups is printed as 15%"
    assert "15%, no whole count fits" in figure.alt
    assert path_of(figure.wide, "wide-any_coproduction-yes") == ""
    assert path_of(figure.wide, "wide-any_coproduction-rounding").count("M") == 196


@pytest.mark.parametrize(("rounding", "base"), [*((rule, 209) for rule in ROUNDINGS), ("nearest", 207)])
def test_waffle_fits_for_every_parameter(talk: Talk, rounding: str, base: int) -> None:
    frame = answer_counts(talk["survey"], base, rounding)
    assert len(plot_waffle(frame, total=209, base=base, replied=196).title.split()) <= 10


def test_waffle_with_a_long_label_keeps_its_title_short(counts_of: Counts) -> None:
    frame = counts_of(196).assign(label="Something that takes very many words to say in full")
    assert (
        plot_waffle(frame, total=209, base=196, replied=196).title
        == "29 or 30 of 209 groups said yes to the first question"
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_bars_end_where_the_data_end(
    width: str, ranges: pd.DataFrame, extent_of: Callable[[str, str], tuple[float, float]]
) -> None:
    figure = plot_bounds(ranges, level=0.95)
    for _, panel in ranges.groupby("base"):
        names = [f"{width}-{row.base}-{row.item}-{row.reading}" for row in panel.itertuples()]
        ends = pd.DataFrame([extent_of(getattr(figure, width), name) for name in names], columns=["left", "right"])
        first, last = panel["share_low"].idxmin(), panel["share_high"].idxmax()
        ends.index = panel.index
        shares = panel["share_high"][last] - panel["share_low"][first]
        scale = (ends["right"][last] - ends["left"][first]) / shares
        zero = ends["left"][first] - scale * panel["share_low"][first]
        # paths are kept to a hundredth of a point
        assert (zero + scale * panel["share_low"] - ends["left"]).abs().max() < 0.05
        assert (zero + scale * panel["share_high"] - ends["right"]).abs().max() < 0.05


def test_both_bases_are_on_one_scale(
    ranges: pd.DataFrame, extent_of: Callable[[str, str], tuple[float, float]]
) -> None:
    figure = plot_bounds(ranges, level=0.95)
    left, right = extent_of(figure.wide, "wide-196-any_coproduction-whatever")
    other_left, other_right = extent_of(figure.wide, "wide-209-any_coproduction-whatever")
    assert (right - left) / (43 - 29) == pytest.approx((other_right - other_left) / (45 - 31), abs=0.01)


def test_bounds_say_their_numbers(ranges: pd.DataFrame) -> None:
    figure = plot_bounds(ranges, level=0.95)
    assert figure.title == "About 1 in 5 at most had done any co-production"
    for words in ("13.9% to 20.6%, 29 to 43 of 209", "7.2% to 13.9%, 15 to 29 of 209", "0.5% to 7.2%, 1 to 15 of 209"):
        assert words in figure.alt
    assert "13.9%" in figure.answer
    assert "21.5%" in figure.answer


@pytest.mark.parametrize(("share", "words"), [(0.5, "About 1 in 2"), (0.51, "About 51%"), (0.02, "About 1 in 50")])
def test_bounds_title_follows_the_largest_share(share: float, words: str, ranges: pd.DataFrame) -> None:
    share_low = ranges["share_low"].clip(upper=share / 2)
    changed = ranges.assign(share_low=share_low, share_high=share, n=1000, low=10, high=20)
    assert plot_bounds(changed, level=0.95).title == f"{words} at most had done any co-production"


@pytest.mark.parametrize(
    ("rounding", "level"), [*((rule, 0.95) for rule in ROUNDINGS), ("nearest", 0.5), ("nearest", 0.999)]
)
def test_bounds_fit_for_every_parameter(talk: Talk, rounding: str, level: float) -> None:
    figure = plot_bounds(answer_ranges(talk["survey"], rounding, level), level=level)
    assert len(figure.title.split()) <= 10
    assert figure.parameters["level"] == level


def test_bounds_with_an_answer_missing_under_one_base_stay_on_one_row(
    ranges: pd.DataFrame, path_of: Callable[[str, str], str]
) -> None:
    partial = ranges.drop(ranges[(ranges["base"] == 196) & (ranges["item"] == "ambition_more")].index)
    svg = plot_bounds(partial, level=0.95).wide
    tops = {path_of(svg, f"wide-{base}-ambition_in_line-whatever").split()[2] for base in (196, 209)}
    assert len(tops) == 1


def test_no_range_at_all_is_refused(ranges: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="no whole count fits"):
        plot_bounds(ranges.iloc[:0], level=0.95)
