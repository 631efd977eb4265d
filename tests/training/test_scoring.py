"""Scores: against sums by hand, and the properties of turning and prorating."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import DataError, UsageError
from coprod.training.scoring import Scale, answer_matrix, score_scale

SCALE = Scale(name="confidence", items=("c1", "c2", "c3"), minimum=1, maximum=5, reverse=("c3",), min_answered=2 / 3)
answer = st.one_of(st.none(), st.integers(1, 5))


def long(*people: dict[str, object]) -> pd.DataFrame:
    rows = [
        (str(number), "one", "staff", "pre", item, response)
        for number, answers in enumerate(people)
        for item, response in answers.items()
    ]
    return pd.DataFrame(rows, columns=["participant", "cohort", "audience", "wave", "item", "response"])


ASKED = {"c1": 3, "c2": 3, "c3": 3}


@given(answers=st.tuples(answer, answer, answer))
def test_scores_are_those_taken_by_hand(answers):
    frame = score_scale(long(ASKED, dict(zip(SCALE.items, answers, strict=True))), SCALE)
    turned = [value if item != "c3" else 6 - value for item, value in zip(SCALE.items, answers, strict=True) if value]
    row = frame.iloc[1]
    assert row["n_items"] == len(turned)
    if len(turned) >= 2:
        assert row["score"] == pytest.approx(sum(turned) / len(turned))
    else:
        assert pd.isna(row["score"])


@given(answers=st.tuples(answer, answer, answer))
def test_turning_every_item_turns_the_score(answers):
    responses = long(ASKED, dict(zip(SCALE.items, answers, strict=True)))
    plain = Scale(name="c", items=SCALE.items, minimum=1, maximum=5, min_answered=0.5)
    turned = Scale(name="c", items=SCALE.items, minimum=1, maximum=5, reverse=SCALE.items, min_answered=0.5)
    one, other = (score_scale(responses, scale)["score"].to_numpy() for scale in (plain, turned))
    assert np.array_equal(np.isnan(one), np.isnan(other))
    assert np.allclose((one + other)[~np.isnan(one)], 6)


def test_a_sum_is_prorated():
    scale = Scale(name="c", items=SCALE.items, minimum=1, maximum=5, score="sum", min_answered=2 / 3)
    scores = score_scale(
        long({"c1": 4, "c2": 5, "c3": None}, {"c1": 1, "c2": 2, "c3": 3}, {"c1": 5, "c2": None, "c3": None}), scale
    )
    assert scores["score"].tolist()[:2] == [13.5, 6]
    assert pd.isna(scores["score"][2])
    assert scores["n_items"].tolist() == [2, 3, 1]
    assert list(scores.columns) == ["participant", "cohort", "audience", "wave", "scale", "score", "n_items"]


def test_other_items_and_a_missing_audience_do_not_matter():
    responses = long({**ASKED, "other": 99}).drop(columns="audience")
    assert list(answer_matrix(responses, SCALE).columns) == ["c1", "c2", "c3"]
    assert "audience" not in score_scale(responses, SCALE)


@pytest.mark.parametrize(
    ("responses", "words"),
    [
        (long({**ASKED, "c3": 6}), r"item c3 has response 6, outside 1-5 \(participant '0', wave 'pre'; 1 such"),
        (long({**ASKED, "c2": "often"}), "item c2 has response often"),
        (long({"c1": 1, "c2": 2}), "no answer to item 'c3' anywhere"),
        (pd.concat([long(ASKED), long(ASKED)]), "participant '0' answered item c1 twice at wave 'pre'"),
    ],
    ids=["range", "text", "never-asked", "twice"],
)
def test_bad_answers_are_named(responses, words):
    with pytest.raises(DataError, match=words):
        score_scale(responses, SCALE)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"items": ()}, "at least one"),
        ({"items": ("c1", "c1")}, "each item once"),
        ({"reverse": ("c9",)}, "'c9' is reverse-scored and not an item"),
        ({"minimum": 5}, "is not below maximum"),
        ({"min_answered": 0}, "is not a share above 0"),
        ({"score": "median"}, "neither 'mean' nor 'sum'"),
    ],
    ids=["empty", "double", "stray", "range", "share", "score"],
)
def test_a_scale_that_cannot_be_scored_is_refused(changes, words):
    with pytest.raises(UsageError, match=words):
        Scale(**{"name": "c", "items": ("c1",), "minimum": 1, "maximum": 5, **changes})
