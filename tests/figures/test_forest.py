"""Marks of the forest plot lie where the numbers say, on one scale from no change on."""

import re
from collections.abc import Callable

import pandas as pd
import pytest

from coprod.figures.forest import plot_forest
from coprod.results import Figure
from coprod.training.describe import summarise_cohorts
from coprod.training.estimates import table_rows
from coprod.training.meta import estimate_pooled_change
from coprod.training.study import Study, read_study

Make = Callable[..., Study]
Extent = Callable[[str, str], tuple[float, float]]
WIDTHS = ["wide", "narrow"]


def draw(study: Study, wave: str = "", scale: str = "") -> Figure:
    name, after = study.find_scale(scale).name, study.find_wave(wave)
    pooled = estimate_pooled_change(study.score(name), study.protocol.baseline, after).assign(scale=name)
    other = pooled.assign(term="another - term", estimate=99.0)  # a frame of estimates holds other rows too
    return plot_forest(
        summarise_cohorts(study, name, after), pd.concat([other, pooled, pooled.assign(scale="other", estimate=99.0)]),
        study, scale=scale, wave=wave,
    )  # fmt: skip


def axis_of(svg: str) -> Callable[[float], float]:
    """Return where the numbers written at the axis put a value, from the middles of the words."""
    found = [(float(words.replace("−", "-")), line) for line, words in zip(*split_grid(svg), strict=True)]
    (first, x0), (last, x1) = min(found), max(found)
    return lambda value: x0 + (value - first) * (x1 - x0) / (last - first)


def split_grid(svg: str) -> tuple[list[float], list[str]]:
    ticks = [words for words in re.findall(r"<!-- (.*?) -->", svg) if re.fullmatch(r"[+−]?\d+(\.\d+)?", words)]
    lines = re.findall(
        r'd="M ([\d.]+) [\d.]+ \nL \1 [\d.]+ \n" clip-path="[^"]*" style="fill: none; stroke: #(?:d0d0d0|4d4d4d)', svg
    )
    return list(dict.fromkeys(map(float, lines))), ticks


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("scale", "wave"), [("", ""), ("knowledge", "later")])
def test_marks_lie_where_the_numbers_say(width: str, scale: str, wave: str, extent_of: Extent) -> None:
    figure = draw(read_study(), wave, scale)
    svg = getattr(figure, width)
    x = axis_of(svg)
    names = [f"cohort-{number}-interval" for number in range(1, 6)] + ["pooled", "prediction-interval"]
    assert len(figure.data) == 7
    for name, row in zip(names, figure.data.to_dict("records"), strict=True):
        ends = extent_of(svg, f"{width}-{name}")
        assert ends == pytest.approx((x(row["conf_low"]), x(row["conf_high"])), abs=0.05)
        if name.endswith("interval") and "cohort" in name:
            left, right = extent_of(svg, f"{width}-{name.removesuffix('-interval')}")
            assert (left + right) / 2 == pytest.approx(x(row["estimate"]), abs=0.05)
    assert figure.parameters == {"scale": scale or "confidence", "wave": wave or "after"}


def test_the_largest_cohort_has_the_largest_square(extent_of: Extent) -> None:
    figure = draw(read_study())
    sides = [right - left for left, right in (extent_of(figure.wide, f"wide-cohort-{n}") for n in range(1, 6))]
    people = figure.data["n_participants"].iloc[:5].astype(int).tolist()
    assert sorted(range(5), key=sides.__getitem__) == sorted(range(5), key=people.__getitem__)


def test_the_words_are_the_numbers() -> None:
    study = read_study()
    figure = draw(study)
    said = re.findall(r"Cohort \d \((?:staff|students)\), (\d+) of (\d+): (\S+) \((\S+) to (\S+)\)", figure.alt)
    cohorts = summarise_cohorts(study)
    assert len(said) == 5
    for words, row in zip(said, cohorts.to_dict("records"), strict=True):
        numbers = [float(word.replace("−", "-")) for word in words]
        names = ("n_participants", "enrolled", "estimate", "conf_low", "conf_high")
        assert numbers == pytest.approx([row[name] for name in names], abs=0.005)
    pooled = estimate_pooled_change(study.score(), "before", "after")
    low, high = pooled["conf_low"], pooled["conf_high"]
    assert (
        f"98 of 106 people: +{pooled['estimate'][0]:.2f} (95% interval +{low[0]:.2f} to +{high[0]:.2f})"
        in figure.answer
    )
    assert f"prediction +{low[1]:.2f} to +{high[1]:.2f}" in figure.answer
    assert figure.answer in figure.alt


@pytest.mark.parametrize("width", WIDTHS)
def test_a_withheld_cohort_has_a_word_and_no_mark(width: str, words_of: Callable, make_study: Make) -> None:
    figure = draw(make_study(sizes=(18, 22, 6, 31), profile="opensafely"))
    svg = getattr(figure, width)
    row = figure.data.iloc[2]
    assert (
        row[["enrolled", "n_participants", "estimate", "std_error", "df", "conf_low", "conf_high", "flag"]]
        .eq("[c]")
        .all()
    )
    assert f'"{width}-cohort-3' not in svg
    assert "withheld" in words_of(svg)
    assert "Cohort 3 (students), withheld: withheld" in figure.alt
    pooled = figure.data[figure.data["cohort"] == "all"]
    assert pooled["enrolled"].eq("[c]").all()
    assert "people" not in figure.answer


def test_the_pooled_row_says_no_number_that_would_tell_of_a_withheld_cohort(make_study: Make) -> None:
    study = make_study(sizes=(30, 40, 12, 35), waves=5, profile="opensafely")
    cohorts = summarise_cohorts(study)
    cohorts.loc[2, "n_participants"] = 6
    pooled = estimate_pooled_change(study.score(), "before", "after").assign(scale="confidence")
    figure = plot_forest(cohorts, pooled, study)
    assert figure.data["n_participants"].tolist()[:4].count("[c]") >= 1
    assert figure.data["enrolled"].iloc[4] == "[c]"
    assert "All cohorts, pooled: " in figure.answer


def test_people_of_the_pooled_row_are_the_sum_of_those_shown(make_study: Make) -> None:
    figure = draw(make_study(sizes=(18, 23, 33, 28), profile="opensafely"))
    cohorts, pooled = figure.data.iloc[:4], figure.data.iloc[4]
    assert pooled["n_participants"] == cohorts["n_participants"].sum()
    assert pooled["enrolled"] == cohorts["enrolled"].sum()


@pytest.mark.parametrize("width", WIDTHS)
def test_too_few_for_an_interval_is_said(width: str, make_study: Make, words_of: Callable) -> None:
    study = make_study(sizes=(14, 20, 1), waves=2)
    figure = draw(study)
    svg = getattr(figure, width)
    assert f'"{width}-cohort-3"' in svg
    assert f'"{width}-cohort-3-interval"' not in svg
    assert any(words.endswith("(no interval)") for words in words_of(svg))
    assert "Cohorts with an interval, pooled" in figure.answer
    people = summarise_cohorts(study)["n_participants"]
    assert f"{people[0] + people[1]} of 35 people" in figure.answer


@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_at_a_wave_is_said(width: str, make_study: Make, words_of: Callable) -> None:
    study = make_study(sizes=(14, 20, 15, 20), silent=True)
    figure = draw(study, "later")
    words = words_of(getattr(figure, width))
    assert words.count("nobody answered both times") == 2
    assert "Cohort 1 (staff), 0 of 14: nobody answered both times" in figure.alt


def test_cohorts_that_cannot_be_pooled_are_drawn_without_a_diamond(make_study: Make) -> None:
    study = make_study(sizes=(14, 1), waves=2)
    nothing = table_rows([{"frame": "future_cohorts", "term": "after - before", "method": "prediction", "flag": "why"}])
    figure = plot_forest(summarise_cohorts(study), nothing.assign(scale="confidence"), study)
    assert "wide-pooled" not in figure.wide
    assert "iamond" not in figure.wide
    assert len(figure.data) == 2
    assert figure.answer == "The cohorts cannot be pooled: fewer than two have an interval."


@pytest.mark.parametrize("width", WIDTHS)
def test_a_very_wide_interval_ends_in_an_arrow(
    width: str, make_study: Make, extent_of: Extent, words_of: Callable
) -> None:
    study = make_study(sizes=(30, 40, 35, 45))
    cohorts = summarise_cohorts(study)
    plain = plot_forest(cohorts, table_rows([]).assign(scale="", term=""), study)
    cohorts.loc[0, ["conf_low", "conf_high"]] = [-40.0, 40.0]
    figure = plot_forest(cohorts, table_rows([]).assign(scale="", term=""), study)
    words = words_of(getattr(figure, width))
    assert " ".join(words).endswith("goes on beyond the axis.")
    assert "beyond the axis" not in " ".join(words_of(getattr(plain, width)))
    assert getattr(figure, width).count(f'id="{width}-cohort-1-arrow"') == 2
    assert "-arrow" not in getattr(plain, width)
    assert f"+{40:.2f}" in " ".join(words)
    spans = [
        right - left
        for left, right in (extent_of(getattr(figure, width), f"{width}-cohort-{n}-interval") for n in (1, 2))
    ]
    assert 1 < spans[0] / spans[1] < 8


def test_no_variance_between_cohorts_is_said(words_of: Callable) -> None:
    assert "The variance between cohorts is estimated at 0." in " ".join(words_of(draw(read_study(), "later").wide))
    assert "estimated at 0" not in " ".join(words_of(draw(read_study()).wide))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_pooled_interval_of_two_cohorts_does_not_hide_theirs(width: str, make_study: Make, extent_of: Extent) -> None:
    study = make_study(sizes=(9, 1, 12))
    figure = draw(study)
    pooled = figure.data[figure.data["method"] == "reml-knapp-hartung"].iloc[0]
    assert pooled["conf_high"] - pooled["conf_low"] > 8
    svg = getattr(figure, width)
    cohort, diamond = (extent_of(svg, f"{width}-{name}") for name in ("cohort-1-interval", "pooled"))
    assert (cohort[1] - cohort[0]) / (diamond[1] - diamond[0]) > 0.15
    assert "An arrow: the interval goes on beyond the axis." in " ".join(re.findall("<!-- (.*?) -->", svg))
