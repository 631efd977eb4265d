"""Tables and values of an evaluation: released, marked, and saying what their numbers say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from coprod.errors import DataError, UsageError
from coprod.figures.outcomes import plot_silence
from coprod.privacy import WITHHELD
from coprod.results import Table, headline
from coprod.training import tables
from coprod.training.comparisons import ask_statsmodels
from coprod.training.describe import count_flow
from coprod.training.estimates import COLUMNS
from coprod.training.methods import METHODS
from coprod.training.outcomes import estimate_study, find_headline
from coprod.training.study import Study, read_study
from coprod.training.tables.common import make_table
from coprod.training.values import value_change, value_tipping
from coprod.training.words import NEVER_CLAIMED

COUNTS = ["n", "n_participants", "answered", "enrolled", "n_replied", "n_silent", "n_floor", "n_ceiling"]


def under(profile: str, study: Study | None = None) -> Study:
    study = study or read_study()
    privacy = study.protocol.privacy.model_copy(update={"profile": profile})
    return Study(study.protocol.model_copy(update={"privacy": privacy}), study.intake, study.name)


@pytest.fixture(scope="module", params=["internal", "opensafely"])
def study(request: pytest.FixtureRequest) -> Study:
    return under(request.param)


@pytest.fixture(scope="module")
def estimates() -> pd.DataFrame:
    return estimate_study(read_study())


def opinions(study: Study) -> pd.DataFrame:
    return ask_statsmodels(study)


MAKERS: dict[str, Callable[[Study, pd.DataFrame], Table]] = {
    "reading": lambda study, _: tables.table_reading(study),
    "flow": lambda study, _: tables.table_flow(count_flow(study), study),
    "estimates": lambda study, estimates: tables.table_estimates(estimates, study),
    "methods": lambda study, estimates: tables.table_methods(estimates, opinions(study), study),
    "variance": lambda study, _: tables.table_variance(study),
    "reliability": lambda study, _: tables.table_reliability(study),
    "items": lambda study, _: tables.table_items(study),
    "ends": lambda study, _: tables.table_ends(study),
    "reliable_change": lambda study, _: tables.table_reliable_change(study),
    "scales": lambda study, estimates: tables.table_scales(estimates, study),
    "kept": lambda study, estimates: tables.table_kept(estimates, study),
    "item_changes": lambda study, _: tables.table_item_changes(study),
    "silence": lambda study, _: tables.table_silence(study),
    "tipping": lambda study, _: tables.table_tipping(study, wave="later"),
    "sensitivity": lambda study, _: tables.table_sensitivity(study),
    "regression": lambda study, _: tables.table_regression(study),
    "not_claimed": lambda study, _: tables.table_not_claimed(study),
}


@pytest.fixture(scope="module")
def made(study, estimates) -> dict[str, Table]:
    return {name: make(study, estimates) for name, make in MAKERS.items()}


def test_every_table_has_a_maker():
    assert {f"table_{name}" for name in MAKERS} == set(tables.__all__)


def test_every_table_is_marked_and_named_for_what_it_holds(made, study):
    for name, table in made.items():
        assert (table.id, table.synthetic) == (name, True)
        assert table.source.endswith(f"disclosure profile {study.profile.name}")
        assert len(table.title.split()) <= 10, table.title
        assert "Synthetic data, made up" in table.to_html()


def test_counts_of_few_people_are_withheld_and_others_rounded(made, study):
    if study.profile.person_level:
        return
    for table in made.values():
        for name in table.data.columns.intersection(COUNTS):
            for cell in table.data[name].dropna():
                assert cell == WITHHELD or (cell >= 8 and cell % 5 == 0), (table.id, name, cell)
    assert WITHHELD in set(made["ends"].data["n_ceiling"]), "nothing was withheld, so nothing is tested"


def test_the_columns_of_the_interface_are_whole(made):
    assert list(made["estimates"].data) == [*COLUMNS, "label", "unit", "whom"]
    assert list(made["sensitivity"].data) == ["scenario", *COLUMNS, "label", "unit", "whom"]
    assert list(made["variance"].data) == ["scale", "frame", "component", "variance", "boundary"]


def test_the_methods_are_named_explained_and_begin_with_future_cohorts(made):
    table = made["methods"]
    assert table.data["frame"].tolist() == sorted(table.data["frame"])
    assert table.data["whom"].iloc[0] == "future cohorts"
    assert set(table.data["method"]) >= {"statsmodels-mixedlm", "statsmodels-cluster"}
    assert (table.data["label"] != table.data["method"]).all()
    assert (table.data["why"].str.len() > 10).all()
    assert "the primary outcome of the protocol" in table.answer
    assert "the larger cohorts moved up less" in table.answer


def test_every_estimate_says_in_words_how_it_was_made_and_what_it_is_measured_in(made):
    for name in ("estimates", "sensitivity", "methods"):
        table = made[name]
        assert not {"method", "frame"}.intersection(table.headings), "names for machines"
        machine = {*METHODS, "these_cohorts", "future_cohorts"}
        assert not machine.intersection(table.data["label"]) | machine.intersection(table.data["whom"])
        assert table.data["unit"].notna().all()
        assert "In" in table.to_text()
    units = made["sensitivity"].data.groupby("method")["unit"].unique().map(list).to_dict()
    assert units.pop("cumulative-logit") == ["log odds"]
    assert units.pop("probability-of-improvement") == ["probability"]
    assert set(map(tuple, units.values())) == {("points",)}
    sizes = made["estimates"].data.query("method in ['d-av', 'd-z']")
    assert set(sizes["unit"]) == {"standard deviations"}


def test_another_scale_is_not_called_primary(estimates):
    study = read_study()
    table = tables.table_methods(estimates, ask_statsmodels(study, "knowledge"), study, scale="knowledge", wave="later")
    assert "not the primary outcome of the protocol" in table.answer
    assert set(table.data["scale"]) == {"knowledge"}
    assert set(table.data["term"]) == {"later - before"}


def test_what_is_turned_round_is_said(made):
    assert made["item_changes"].answer.endswith("it was asked the other way: c4.")
    assert made["items"].answer == "No item goes against the rest."


def test_an_item_not_turned_is_pointed_at():
    study = read_study()
    entry = study.protocol.scale[0].model_copy(update={"reverse": ()})
    protocol = study.protocol.model_copy(update={"scale": (entry, *study.protocol.scale[1:])})
    table = tables.table_items(Study(protocol, study.intake, study.name))
    assert table.answer.startswith("Look again at c4:")


def test_what_was_read_is_told_and_how_it_was_linked(made, study):
    rows = made["reading"].data.set_index("what")["label"]
    assert rows["File"] == "synthetic_responses.csv"
    assert rows["Protocol, SHA-256"] == study.protocol.hash
    linked = rows["Later questionnaires linked to the first by"]
    exact, near, none = (162, 2, 0) if study.profile.person_level else (160, WITHHELD, WITHHELD)
    assert linked == f"the same code: {exact}; a code one slip away: {near}; no code alike: {none}"
    columns = study.protocol.columns.model_copy(update={"codes": "assigned"})
    assigned = Study(study.protocol.model_copy(update={"columns": columns}), study.intake, study.name)
    assert "taken as they are" in tables.table_reading(assigned).to_text()


def test_all_that_is_never_claimed_is_listed(made):
    assert len(made["not_claimed"].data) == len(NEVER_CLAIMED)


def test_a_protocol_without_later_waves_has_nothing_to_keep(estimates):
    study = read_study()
    analysis = study.protocol.analysis.model_copy(update={"primary_wave": "later"})
    last = Study(study.protocol.model_copy(update={"analysis": analysis}), study.intake, study.name)
    assert tables.table_kept(estimates, last).answer == "There is no wave after the primary one."


def test_a_table_that_was_not_released_is_refused():
    study = under("opensafely")
    few = pd.DataFrame({"cohort": ["A"], "n_participants": [3], "estimate": [0.4]})
    with pytest.raises(DataError, match="may not be shown"):
        make_table(study, few, {"cohort": "C"}, id="few", title="T", answer="A.")


def test_the_values_are_those_of_the_sentence(estimates):
    study = read_study()
    values = {value.id: value for value in value_change(estimates, study)}
    row = find_headline(study, estimates)
    assert values["change"].value == row["estimate"]
    assert (values["change_low"].value, values["change_high"].value) == (row["conf_low"], row["conf_high"])
    assert values["change_df"].value == 4
    assert values["change"].answer.startswith("The mean score of confidence rose by 0.48 points from before to after")
    assert "change_people: 106 people" in headline(*values.values())
    released = {value.id: value for value in value_change(estimates, under("opensafely"))}
    assert released["change_people"].value == 105
    assert released["change"].value == row["estimate"]


def test_the_values_of_too_few_people_are_withheld(estimates):
    few = estimates.assign(n_participants=5)
    values = value_change(few, under("opensafely"))
    assert {value.value for value in values} >= {WITHHELD}
    assert values[0].value == WITHHELD
    assert values[0].answer.startswith("Too few people")
    assert values[0].unit == ""


def test_what_cannot_be_estimated_is_a_dash_with_its_reason(estimates):
    none = estimates[estimates["scale"] != "confidence"]
    values = value_change(none, read_study())
    assert values[0].value == "–"
    assert "there are no answers" in values[0].answer


def test_the_tipping_point_is_the_nearer_one(study):
    values = {value.id: value for value in value_tipping(study, wave="later")}
    points = tables.table_tipping(study, wave="later").data
    own = points[(points["frame"] == "future cohorts") & (points["cohort"] == "all")]
    assert abs(values["tipping_difference"].value) == pd.to_numeric(own["delta"]).abs().min()
    assert values["tipping_change"].unit == "points"
    assert values["tipping_silent"].value == (42 if study.profile.person_level else 40)


def test_an_unreachable_tipping_point_is_a_dash():
    values = value_tipping(read_study(), wave="after")
    assert [value.value for value in values][1:] == ["–", "–"]
    assert values[0].answer == "At after, by the t on cohort means: not undone by any change that the scale allows."
    with pytest.raises(UsageError, match="not a wave after the first"):
        value_tipping(read_study(), wave="before")


def test_statsmodels_cannot_be_asked_of_one_cohort():
    study = read_study()
    one = study.intake.responses[study.intake.responses["cohort"] == "Cohort 1"]
    intake = type(study.intake)(**{**vars(study.intake), "responses": one})
    found = ask_statsmodels(Study(study.protocol, intake, study.name))
    future = found[found["frame"] == "future_cohorts"]
    assert future["flag"].str.contains("one cohort only").all()
    assert found.loc[found["frame"] == "these_cohorts", "estimate"].notna().all()


@pytest.mark.parametrize("profile", ["opensafely", "nhs-hes", "acro-10"])
@pytest.mark.parametrize("more", [0, 11])
def test_cohorts_add_up_to_all_in_every_table_and_figure(profile: str, more: int) -> None:
    study = under(profile)
    if more:
        numbers = dict.fromkeys(sorted(study.responses["cohort"].unique()), 31 + more)
        study = replace(study, protocol=study.protocol.model_copy(update={"enrolled": numbers}))
    tipping = tables.table_tipping(study, wave="later").data
    added = 0
    for frame, names in ((tables.table_silence(study).data, ["wave"]), (tipping, ["frame", "direction"])):
        for _, rows in frame.groupby(names):
            whole = rows["cohort"] == "all"
            for name in ("n_replied", "n_silent"):
                parts = rows.loc[~whole, name].tolist() if name in rows else [WITHHELD]
                if WITHHELD not in parts:
                    assert rows.loc[whole, name].tolist() == [sum(parts)]
                    added += 1
    assert added or not more or profile == "acro-10"
    silent = tipping.loc[tipping["cohort"] == "all", "n_silent"].iloc[0]
    answer = plot_silence(study, wave="later").answer
    assert f"{silent} of" in answer or (silent == WITHHELD and "Nothing to draw" in answer)
    assert value_tipping(study, wave="later")[0].value == silent
