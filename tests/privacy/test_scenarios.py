import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.privacy import WITHHELD, find_profile, release, release_scenarios

OPEN, ACRO, INTERNAL = map(find_profile, ("opensafely", "acro-10", "internal"))
SIZES = {"Ward 1": 6, "Ward 2": 30, "Ward 3": 40, "Ward 4, nights": 50}


def table(*rows: tuple[str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["scenario", "method", "n_participants"])
    shared = {"frame": "these_cohorts", "scale": "confidence", "term": "after - before"}
    return frame.assign(**shared, estimate=0.4, conf_low=0.1, flag="")


def shown(frame: pd.DataFrame, **keywords: object) -> list[object]:
    sizes = keywords.pop("sizes", SIZES)
    return release_scenarios(frame, sizes, OPEN, **keywords)["estimate"].tolist()  # type: ignore[arg-type]


def test_a_scenario_without_a_cohort_that_is_not_shown_is_withheld_whole() -> None:
    rows = [("as planned", "t", 126), ("without Ward 1", "t", 100), ("without Ward 2", "t", 96),
            ("without Ward 3", "t", 86), ("without Ward 4, nights", "t", 76),
            ("without Ward 3, Ward 2", "t", 56)]  # fmt: skip
    released = release_scenarios(table(*rows), SIZES, OPEN)
    assert released["estimate"].tolist() == [0.4, WITHHELD, WITHHELD, 0.4, 0.4, WITHHELD]
    hidden = released[released["estimate"] == WITHHELD]
    assert (hidden[["n_participants", "conf_low", "flag"]] == WITHHELD).all(axis=None)
    assert released["n_participants"].tolist()[0] == 125


def test_the_cohorts_that_are_withheld_are_those_of_the_table_of_cohorts() -> None:
    cohorts = pd.DataFrame({"cohort": list(SIZES), "n_participants": list(SIZES.values()), "estimate": 0.4})
    not_shown = release(cohorts, OPEN).set_index("cohort")["estimate"].eq(WITHHELD)
    for cohort, hidden in not_shown.items():
        rows = table(("as planned", "t", 126), (f"without {cohort}", "t", 126 - SIZES[str(cohort)] - 10))
        assert (shown(rows)[1] == WITHHELD) is bool(hidden)


def test_sizes_may_be_a_series() -> None:
    rows = table(("as planned", "t", 126), ("without Ward 2", "t", 96))
    assert shown(rows, sizes=pd.Series(SIZES)) == [0.4, WITHHELD]


def test_what_a_scenario_leaves_out_may_be_given() -> None:
    rows = table(("as planned", "t", 126), ("staff only", "t", 96), ("nights only", "t", 50))
    left_out = {"staff only": ["Ward 3"], "nights only": ["Ward 2", "Ward 3"]}
    assert shown(rows, left_out=left_out) == [0.4, 0.4, WITHHELD]


@pytest.mark.parametrize(("people", "hidden"), [(126, False), (125, True), (119, True), (118, False), (133, True)])
def test_a_scenario_may_not_differ_by_a_few_people(people: int, hidden: bool) -> None:
    rows = table(("as planned", "t", 126), ("complete cases", "t", people))
    assert (shown(rows, sizes={"Ward 2": 60, "Ward 3": 66})[1] == WITHHELD) is hidden


def test_scenarios_are_held_against_the_plan_by_the_same_method() -> None:
    rows = table(("as planned", "t", 126), ("as planned", "mixed", 140), ("worst case", "t", 140),
                 ("ordinal", "logit", 126), ("complete cases", "mixed", 138), ("complete cases", "t", 120),
                 ("exact codes only", "mixed", 130))  # fmt: skip
    assert shown(rows) == [0.4, 0.4, 0.4, 0.4, WITHHELD, WITHHELD, 0.4]


@pytest.mark.parametrize(("silent", "hidden"), [(0, False), (1, True), (7, True), (8, False)])
def test_a_scenario_may_not_fill_in_for_a_few_people(silent: int, hidden: bool) -> None:
    rows = table(("as planned", "t", 126), ("worst case", "stratified-t", 140))
    rows["n_observations"] = [252, 280 - silent]
    assert (shown(rows)[1] == WITHHELD) is hidden


def test_a_plan_without_methods_is_held_against_all_scenarios() -> None:
    rows = table(("as planned", "t", 126), ("complete cases", "t", 120)).drop(columns="method")
    assert shown(rows) == [0.4, WITHHELD]


def test_scenarios_of_other_waves_are_not_compared() -> None:
    rows = table(("as planned", "t", 126), ("complete cases", "t", 120))
    rows["term"] = ["after - before", "later - before"]
    assert shown(rows) == [0.4, 0.4]


def test_a_plan_may_have_another_name_and_numbers_may_be_missing() -> None:
    rows = table(("primary", "t", 126), ("complete cases", "t", 125), ("ordinal", "t", 126))
    rows["n_participants"] = pd.array([126, 125, None], dtype="Int64")
    rows.loc[2, ["estimate", "conf_low"]] = None
    assert shown(rows, planned="primary") == [0.4, WITHHELD, None]


def test_thresholds_are_the_profiles() -> None:
    rows = table(("as planned", "t", 126), ("complete cases", "t", 117))
    assert shown(rows) == [0.4, 0.4]
    assert release_scenarios(rows, {"Ward 2": 60}, ACRO)["estimate"].tolist() == [0.4, WITHHELD]


def test_internal_changes_nothing() -> None:
    rows = table(("as planned", "t", 6), ("without Ward 1", "t", 5))
    pd.testing.assert_frame_equal(release_scenarios(rows, SIZES, INTERNAL), rows)


def test_a_frame_without_flags_is_released_too() -> None:
    rows = table(("as planned", "t", 126), ("without Ward 1", "t", 110)).drop(columns="flag")
    assert shown(rows) == [0.4, WITHHELD]


@pytest.mark.parametrize("column", ["scenario", "n_participants"])
def test_scenarios_without_names_or_counts_are_refused(column: str) -> None:
    rows = table(("as planned", "t", 126)).assign(n=126).drop(columns=column)
    with pytest.raises(DataError, match=f"no column '{column}'"):
        release_scenarios(rows, SIZES, OPEN)
