"""What is known of participants; the faults are tested from file to message in test_intake too."""

import numpy as np
import pandas as pd
import pytest

from coprod.data.cells import from_rows
from coprod.training.covariates import link_covariates, read_covariates
from coprod.training.layouts import arrange
from coprod.training.protocol import Protocol


def read(*cells: object, name: str = "age", missing: tuple[str, ...] = (), people: str = "abc"):
    columns = {"participant": "code", "cohort": "g", "wave": "t", "waves": ["pre", "post"], "covariates": [name],
               "missing": missing}  # fmt: skip
    plan = Protocol(
        title="T", columns=columns, scale=[{"name": "s", "items": ["q"], "minimum": 1, "maximum": 5}],
        analysis={"primary_scale": "s", "primary_wave": "post"},
    )  # fmt: skip
    arranged = arrange(
        from_rows("a.csv", [["code", name], *([who, cell] for who, cell in zip(people, cells, strict=True))])
    )
    keys = pd.DataFrame({"row": range(2, 2 + len(cells)), "participant": list(people)})
    frame, faults = read_covariates(arranged, plan, {name: name}, keys)
    return frame[name], [str(fault) for fault in faults]


def test_they_are_numbers_where_all_are_and_words_else():
    ages, faults = read("34", 51.0, None)
    assert ages.dtype == float
    assert ages.to_dict() == pytest.approx({"a": 34, "b": 51, "c": np.nan}, nan_ok=True)
    assert faults == []
    bands, _ = read("18-30", "34", None)
    assert bands.tolist()[:2] == ["18-30", "34"]
    assert bands.isna().tolist() == [False, False, True]
    assert read("inf", "1", "2")[0].tolist() == ["inf", "1", "2"]


def test_what_stands_for_no_answer_is_missing():
    ages, faults = read("-99", "51", "n/a", missing=("-99", "N/A"))
    assert ages.dtype == float
    assert ages.isna().tolist() == [True, False, True]
    assert faults == []


def test_the_first_that_is_given_counts_and_another_is_a_fault():
    ages, faults = read(None, "51", "34", people="aab")
    assert ages.to_dict() == {"a": 51, "b": 34}
    assert faults == []
    _, faults = read("51", "52", "34", people="aab")
    assert faults == [
        (
            "a.csv, row 2, column age: one participant has '51' (row 2) and '52' (row 3); a covariate has one value "
            "each, correct it or use that of the first wave"
        )
    ]


def test_spellings_are_told():
    _, faults = read("Nurse", "nurse ", "doctor", name="role")
    assert faults == [
        "a.csv, row 3, column role: covariate 'nurse' and 'Nurse' (row 2) differ in case or space only; write one"
    ]


@pytest.mark.parametrize("name", ["Postcode", "Date of birth", "Surname"])
def test_what_says_who_somebody_is_is_no_covariate(name):
    _, faults = read("1", "2", "3", name=name)
    assert faults == [
        f"a.csv, column {name}: this covariate says who somebody is; take it out, or give bands or groups in its place"
    ]


def test_linked_codes_share_what_is_known_the_earliest_first():
    known = pd.DataFrame({"age": [34.0, 35.0, np.nan], "role": [None, "nurse", "doctor"]}, index=["a", "b", "c"])
    linked = link_covariates(known, pd.Series(["a", "c", "b", "a"]), pd.Series(["a", "c", "a", "a"]))
    assert linked.index.name == "participant"
    assert linked.loc["a"].tolist() == [34.0, "nurse"]
    assert linked["age"].isna().tolist() == [False, True]
    assert linked.loc["c", "role"] == "doctor"
