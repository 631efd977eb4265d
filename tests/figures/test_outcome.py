"""What holds for every figure of a training: its marks of made-up data, its privacy, its layout."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.figures.cohorts import plot_cohort_change
from coprod.figures.flow import plot_flow
from coprod.figures.forest import plot_forest
from coprod.figures.outcome import audience_styles, total
from coprod.figures.sheet import SYNTHETIC_WORDS
from coprod.results import Figure
from coprod.training.describe import count_flow, summarise_cohort_waves, summarise_cohorts
from coprod.training.estimates import table_rows
from coprod.training.meta import estimate_pooled_change
from coprod.training.study import Study
from coprod.training.words import write_points

Make = Callable[..., Study]
WIDTHS = ["wide", "narrow"]


def pool(study: Study) -> pd.DataFrame:
    try:
        rows = estimate_pooled_change(study.score(), study.protocol.baseline, "after")
    except DataError as error:
        rows = table_rows([{"frame": "future_cohorts", "term": "after - before", "flag": str(error)}])
    return rows.assign(scale="confidence")


PLOTS: dict[str, Callable[[Study], Figure]] = {
    "questionnaires_returned": lambda study: plot_flow(count_flow(study), study),
    "cohort_forest": lambda study: plot_forest(summarise_cohorts(study), pool(study), study),
    "cohort_change": lambda study: plot_cohort_change(summarise_cohort_waves(study), study),
}
each = pytest.mark.parametrize("name", PLOTS)


@each
def test_hard_cases_lay_out_at_both_widths(name: str, hard_study: Study) -> None:
    figure = PLOTS[name](hard_study)  # a fault of the layout is a warning, and warnings are errors here
    assert figure.id == name
    assert figure.slide == "S9"
    assert figure.title.endswith("?")
    assert len(figure.title.split()) <= 10


@each
def test_twice_is_the_same_bytes(name: str, make_study: Make) -> None:
    study = make_study(synthetic=True)
    first, again = PLOTS[name](study), PLOTS[name](study)
    assert (first.wide, first.narrow) == (again.wide, again.narrow)
    assert first == again


@each
@pytest.mark.parametrize("width", WIDTHS)
def test_made_up_data_are_marked(name: str, width: str, make_study: Make, words_of: Callable[[str], list[str]]) -> None:
    figure = PLOTS[name](make_study(synthetic=True))
    svg = getattr(figure, width)
    words = " ".join(words_of(svg))
    assert words.startswith(SYNTHETIC_WORDS)
    assert f'id="{width}-synthetic-edge"' in svg
    assert f'id="{width}-synthetic-label"' in svg
    assert "Synthetic data, made up: answers.csv, protocol 0123456789ab. " in words
    assert figure.alt.startswith("Synthetic data.")
    assert figure.synthetic


@each
@pytest.mark.parametrize("width", WIDTHS)
def test_real_data_have_no_such_marks(name: str, width: str, make_study: Make, words_of: Callable) -> None:
    figure = PLOTS[name](make_study())
    assert "ynthetic" not in getattr(figure, width) + figure.alt
    assert "SYNTHETIC" not in getattr(figure, width)
    words = " ".join(words_of(getattr(figure, width)))
    assert "Source: answers.csv, protocol 0123456789ab." in words
    assert "There was no comparison group, so a change cannot be put down to the training alone." in words
    assert words.endswith(make_study().profile.words) or "An arrow" in words


@each
def test_the_words_of_privacy_stand_in_the_note(name: str, make_study: Make, words_of: Callable) -> None:
    study = make_study(profile="opensafely")
    assert study.profile.words in " ".join(words_of(PLOTS[name](study).wide))


@pytest.mark.parametrize("column", ["participant", "score", "telephone"])
@pytest.mark.parametrize("profile", ["opensafely", "nhs-hes", "acro-10"])
def test_columns_of_single_people_are_refused(column: str, profile: str, make_study: Make) -> None:
    study = make_study(profile=profile)
    for draw in (
        lambda: plot_flow(count_flow(study).assign(**{column: 1}), study),
        lambda: plot_forest(summarise_cohorts(study).assign(**{column: 1}), pool(study), study),
        lambda: plot_cohort_change(summarise_cohort_waves(study).assign(**{column: 1}), study),
    ):
        with pytest.raises(DataError, match=f"column '{column}'"):
            draw()


@each
def test_what_the_gate_refuses_is_not_returned(name: str, make_study: Make) -> None:
    study = replace(make_study(profile="opensafely"), name="answers of 3 people.csv")
    with pytest.raises(DataError, match=f"result '{name}' may not be shown under profile 'opensafely'"):
        PLOTS[name](study)


@each
@pytest.mark.parametrize("width", WIDTHS)
def test_no_small_count_is_drawn_or_said(name: str, width: str, make_study: Make, words_of: Callable) -> None:
    study = make_study(sizes=(18, 22, 6, 31, 5), profile="opensafely", silent=True)
    figure = PLOTS[name](study)
    said = " ".join([*words_of(getattr(figure, width)), figure.alt, figure.answer])
    shown = {int(n) for pair in pd.Series(said).str.findall(r"(\d+) of (\d+)")[0] for n in pair}
    assert shown
    assert all(n >= 10 and n % 5 == 0 for n in shown)
    assert "withheld" in figure.alt
    counts = figure.data[[c for c in ("enrolled", "answered", "n", "n_participants") if c in figure.data]]
    assert all(cell == "[c]" or cell % 5 == 0 for cell in counts.to_numpy().ravel())


def test_staff_are_dark_blue_and_others_differ_in_dash_too(make_study: Make) -> None:
    styles = audience_styles(["students", "staff", "carers"], make_study())
    assert styles["staff"] == ("#12436D", "solid")
    assert len({colour for colour, _ in styles.values()}) == len({str(dash) for _, dash in styles.values()}) == 3
    assert audience_styles(["b", "a"], make_study(audiences=False))["b"] == ("#12436D", "solid")


def test_a_total_with_a_part_withheld_is_withheld() -> None:
    assert total([20, "[c]", 15]) == "[c]"
    assert total([20, 15]) == 35


@pytest.mark.parametrize(("value", "words"), [(-0.004, "0.00"), (-0.006, "−0.01"), (12, "+12.00")])
def test_points_have_a_real_minus_and_no_negative_nought(value: float, words: str) -> None:
    assert write_points(value, 2, signed=True) == words
