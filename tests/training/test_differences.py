import pandas as pd
import pytest

from coprod.privacy import WITHHELD
from coprod.training.differences import AGREE, UNKNOWN, say_differences
from coprod.training.protocol import ScaleEntry

ENTRY = ScaleEntry(name="confidence", items=("c1", "c2"), minimum=1, maximum=5)


def rows(**methods: dict[str, object]) -> pd.DataFrame:
    blank = {
        "estimate": None,
        "df": None,
        "n_participants": None,
        "conf_low": None,
        "conf_high": None,
        "p_smallest": None,
    }
    listed = [
        {"frame": "future_cohorts", "n_cohorts": 5, **blank, "method": name.replace("_", "-"), **given}
        for name, given in methods.items()
    ]
    return pd.DataFrame(listed, dtype=object)


@pytest.mark.parametrize(("people", "cohorts", "word"), [(0.46, 0.50, "less"), (0.52, 0.50, "more")])
def test_weights_are_told_apart_by_what_larger_cohorts_did(people, cohorts, word):
    said = say_differences(rows(cr2_satterthwaite={"estimate": people}, cohort_means_t={"estimate": cohorts}), ENTRY)
    assert said.startswith(f"Each person with the same weight gives +{people:.2f}, each cohort +{cohorts:.2f}, ")
    assert f"the larger cohorts moved up {word};" in said


def test_who_is_counted_is_told():
    said = say_differences(
        rows(lmm_kenward_roger={"n_participants": 106}, cr2_satterthwaite={"n_participants": 98}), ENTRY
    )
    assert said == "The mixed model takes 106 people, also those who answered once; the others take 98."


def test_lost_variances_are_told_by_their_degrees_of_freedom():
    said = say_differences(rows(lmm_kenward_roger={"df": 5.06}, lmm_satterthwaite={"df": 171.2}), ENTRY)
    assert "rise to 171" in said
    assert "has 5.1" in said
    assert say_differences(rows(lmm_kenward_roger={"df": 5.0}, lmm_satterthwaite={"df": 6.0}), ENTRY) == UNKNOWN


def test_the_smallest_p_value_is_told():
    said = say_differences(rows(sign_flip={"p_smallest": 0.0625}), ENTRY)
    assert said == "With five cohorts sign flips cannot give a p below 0.062."


def test_the_second_opinion_is_too_narrow_only_where_it_is_narrower():
    own = {"conf_low": 0.28, "conf_high": 0.69}
    said = say_differences(
        rows(lmm_kenward_roger=own, statsmodels_mixedlm={"conf_low": 0.34, "conf_high": 0.63}), ENTRY
    )
    assert said.endswith("its interval is too narrow: 0.34 to 0.63 instead of 0.28 to 0.69.")
    wider = rows(lmm_kenward_roger=own, statsmodels_mixedlm={"conf_low": 0.1, "conf_high": 0.9})
    assert say_differences(wider, ENTRY) == UNKNOWN


def test_what_is_withheld_or_missing_is_not_compared():
    hidden = dict.fromkeys(("estimate", "df", "n_participants", "conf_low", "conf_high", "p_smallest"), WITHHELD)
    names = ("lmm_kenward_roger", "lmm_satterthwaite", "cr2_satterthwaite", "cohort_means_t", "sign_flip",
             "statsmodels_mixedlm")  # fmt: skip
    assert say_differences(rows(**dict.fromkeys(names, hidden)), ENTRY) == UNKNOWN
    assert say_differences(rows(**{name: {} for name in names}), ENTRY) == UNKNOWN
    other = rows(cr2_satterthwaite={"estimate": 0.4}, cohort_means_t={"estimate": 0.6}).assign(frame="these_cohorts")
    assert say_differences(other, ENTRY) == UNKNOWN


def test_equal_numbers_agree():
    same = rows(cr2_satterthwaite={"estimate": 0.501}, cohort_means_t={"estimate": 0.499})
    assert say_differences(same, ENTRY) == AGREE
