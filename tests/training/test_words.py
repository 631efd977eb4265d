import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.privacy import WITHHELD
from coprod.training.protocol import ScaleEntry
from coprod.training.words import (
    NEVER_CLAIMED,
    NO_COMPARISON,
    find_direction,
    say_change,
    say_cohorts,
    say_count,
    say_kept,
    say_points,
)

ENTRY = ScaleEntry(name="confidence", items=("c1", "c2"), minimum=1, maximum=5)
LOWER = ENTRY.model_copy(update={"better": "lower"})
LONG = ENTRY.model_copy(update={"minimum": 0.0, "maximum": 100.0})
CAUSAL = re.compile(
    r"\b(?:caus\w+|effect\w*|impact\w*|led to|lead\w* to|because|due to|thanks to|result\w* (?:in|from)|prove\w*|"
    r"works?|worked|success\w*|significan\w+|improve\w*)\b",
    re.IGNORECASE,
)


def row(estimate: object, low: object, high: object, cohorts: int = 5, flag: str = "") -> dict[str, object]:
    return {"estimate": estimate, "conf_low": low, "conf_high": high, "n_cohorts": cohorts, "flag": flag}


@pytest.mark.parametrize(
    ("numbers", "direction"),
    [
        ((0.4, 0.1, 0.7), "rose"),
        ((-0.4, -0.7, -0.1), "fell"),
        ((0.4, 0.0, 0.8), "unclear"),
        ((-0.4, -0.8, 0.0), "unclear"),
        ((0.4, -0.1, 0.9), "unclear"),
        ((None, None, None), "unknown"),
        ((0.4, float("nan"), float("nan")), "unknown"),
        ((WITHHELD, WITHHELD, WITHHELD), "withheld"),
    ],
)
def test_a_direction_is_said_only_where_the_interval_leaves_out_no_change(numbers, direction):
    assert find_direction(row(*numbers)) == direction


@pytest.mark.parametrize(
    ("numbers", "entry", "deed", "interval"),
    [
        ((0.4, 0.1, 0.7), ENTRY, "rose by 0.40", "0.10 to 0.70)."),
        ((-0.4, -0.7, -0.1), ENTRY, "fell by 0.40", "0.10 to 0.70), which was not hoped for."),
        ((-0.4, -0.7, -0.1), LOWER, "fell by 0.40", "0.10 to 0.70)."),
        ((0.4, 0.1, 0.7), LOWER, "rose by 0.40", "0.10 to 0.70), which was not hoped for."),
        ((0.1, -0.2, 0.4), ENTRY, "changed by +0.10", "−0.20 to 0.40): it may have risen or fallen."),
        ((12.34, 1.25, 23.0), LONG, "rose by 12.3", "1.2 to 23.0)."),
    ],
)
def test_a_change_is_said_with_its_interval(numbers, entry, deed, interval):
    said = say_change(row(*numbers), entry, "before", "after")
    assert said.startswith(f"The mean score of confidence {deed} points from before to after (95% interval {interval} ")
    assert said.endswith(NO_COMPARISON)


def test_what_is_not_known_is_not_said():
    assert say_change(row(None, None, None, flag="one cohort only"), ENTRY, "before", "after") == (
        "No change of confidence from before to after can be estimated: one cohort only."
    )
    withheld = say_change(row(WITHHELD, WITHHELD, WITHHELD), ENTRY, "before", "after")
    assert withheld.startswith("Too few people answered")
    assert not re.search(r"\d", withheld)


NUMBER = st.floats(-4, 4) | st.none() | st.just(WITHHELD)


INTERVAL = st.lists(st.floats(-4, 4), min_size=3, max_size=3).map(sorted)
BLANK = st.sampled_from([[None] * 3, [WITHHELD] * 3, [0.5, None, None]])


@given(INTERVAL | BLANK, st.integers(2, 40), st.sampled_from([ENTRY, LOWER, LONG]))
def test_no_sentence_claims_more_than_a_change(numbers, cohorts, entry):
    low, middle, high = numbers
    said = say_change(row(middle, low, high, cohorts), entry, "before", "after")
    assert not CAUSAL.search(said), said
    assert "None" not in said
    assert "nan" not in said
    if any(verb in said for verb in (" rose ", " fell ")):
        assert low > 0 or high < 0


VERDICTS = st.sampled_from(["kept", "not shown to be kept", "no clear change to keep", "no margin in the protocol"])


@given(NUMBER, NUMBER, NUMBER, st.none() | st.floats(0.1, 1), VERDICTS)
def test_kept_is_said_only_with_a_margin_and_its_verdict(difference, low, high, margin, verdict):
    known = all(isinstance(number, float) for number in (difference, low, high))
    numbers = (difference, low, high) if known else (None, None, None)
    given_row = dict(zip(("difference", "conf_low", "conf_high"), numbers, strict=True))
    said = say_kept(
        {**given_row, "margin": margin, "verdict": verdict, "flag": "few", "level": "90%"}, ENTRY, "after", "later"
    )
    assert said.startswith("The change was kept:") == (known and margin is not None and verdict == "kept")
    assert not CAUSAL.search(said), said


def test_what_is_withheld_of_a_kept_change_stays_withheld():
    given_row = {"difference": WITHHELD, "conf_low": WITHHELD, "conf_high": WITHHELD, "margin": 0.25, "verdict": "kept"}
    assert say_kept({**given_row, "flag": ""}, ENTRY, "after", "later").startswith("Too few people")


@given(st.floats(-400, 400))
def test_points_read_back_as_the_number_they_round(value):
    for entry, digits in ((ENTRY, 2), (LONG, 1)):
        said = say_points(value, entry, signed=True)
        assert float(said.replace("−", "-")) == pytest.approx(value, abs=0.5 * 10**-digits + 1e-9)
        assert "-" not in said
        assert said.lstrip("+−0.") != "" or said[0] not in "+−"


@given(st.integers(2, 60))
def test_few_cohorts_are_called_few(cohorts):
    assert ("few" in say_cohorts(cohorts)) == (cohorts <= 10)
    assert f"{say_count(cohorts)} cohorts" in say_cohorts(cohorts)


def test_what_is_never_claimed_has_a_reason():
    claims = pd.DataFrame(NEVER_CLAIMED, columns=["claim", "reason"])
    assert claims["claim"].is_unique
    assert (claims["reason"].str.len() > 20).all()
    for words in ("caused", "audience", "sectors", "patients", "co-production", "kept"):
        assert claims["claim"].str.contains(words).sum() == 1, words


def other(method: str, low: float, high: float) -> dict[str, object]:
    return {"method": method, "estimate": (low + high) / 2, "conf_low": low, "conf_high": high}


def test_methods_that_do_not_agree_are_named():
    others = [other("cr2-satterthwaite", -0.07, 1.07), other("cohort-means-t", 0.04, 0.88)]
    said = say_change(row(0.47, 0.01, 0.94), ENTRY, "before", "after", others=others)
    assert "Not every method agrees: no change lies within the interval of Mean change, cluster-robust (CR2)." in said
    assert "agrees" not in say_change(row(0.47, 0.01, 0.94), ENTRY, "before", "after", others=others[1:])
    assert "agrees" not in say_change(row(0.47, -0.01, 0.94), ENTRY, "before", "after", others=others)
