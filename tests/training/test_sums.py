"""Sums of scores: against sums by hand, and added up in any order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod.errors import DataError
from coprod.training.sums import Sums, combine, sum_scores

WAVES = ["pre", "post", "followup"]


@st.composite
def score_frames(draw: st.DrawFn) -> pd.DataFrame:
    people = draw(st.integers(1, 12))
    rows = []
    for person in range(people):
        cohort = draw(st.sampled_from("abc"))
        waves = sorted(draw(st.sets(st.sampled_from(WAVES), min_size=1)))
        rows += [(f"p{person}", cohort, wave, draw(st.integers(-5, 5))) for wave in waves]
    return pd.DataFrame(rows, columns=["participant", "cohort", "wave", "score"])


def same(one: Sums, other: Sums) -> bool:
    arrays = all(np.allclose(getattr(one, name), getattr(other, name)) for name in ("count", "total", "products"))
    return one.cohorts == other.cohorts and np.array_equal(one.patterns, other.patterns) and arrays


@given(scores=score_frames())
def test_sums_are_those_taken_one_participant_at_a_time(scores):
    sums = sum_scores(scores, WAVES)
    count, total, products = np.zeros_like(sums.count), np.zeros_like(sums.total), np.zeros_like(sums.products)
    for _, rows in scores.groupby("participant"):
        vector = rows.set_index("wave")["score"].reindex(WAVES)
        cell = (
            sums.cohorts.index(rows["cohort"].iloc[0]),
            int(np.flatnonzero((sums.patterns == vector.notna().to_numpy()).all(axis=1))[0]),
        )
        filled = vector.fillna(0).to_numpy()
        count[cell] += 1
        total[cell] += filled
        products[cell] += np.outer(filled, filled)
    assert np.array_equal(sums.count, count)
    assert np.allclose(sums.total, total)
    assert np.allclose(sums.products, products)
    assert sums.n_participants == scores["participant"].nunique()
    assert sums.n_observations == len(scores)


@settings(max_examples=50)
@given(scores=score_frames(), data=st.data())
def test_parts_add_up_to_the_whole_in_any_order(scores, data):
    far = set(data.draw(st.lists(st.sampled_from(sorted(scores["participant"].unique())))))
    parts = [scores[scores["participant"].isin(far) == side] for side in (True, False)]
    if all(len(part) for part in parts):
        one, other = (sum_scores(part, WAVES) for part in parts)
        assert same(combine(one, other), sum_scores(scores, WAVES))
        assert same(combine(one, other), combine(other, one))


@given(scores=score_frames(), seed=st.integers(0, 9))
def test_the_order_of_rows_does_not_matter(scores, seed):
    assert same(sum_scores(scores, WAVES), sum_scores(scores.sample(frac=1, random_state=seed), WAVES))


def scores(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "participant": ["ann", "ann", "bob", "bob"],
            "cohort": "one",
            "wave": ["pre", "post", "pre", "post"],
            "score": [1.0, 2.0, 3.0, 5.0],
        }
    ).astype({"score": object})
    for column, cells in changes.items():
        frame[column] = cells
    return frame


def test_rows_without_a_score_are_left_out_and_counted():
    sums = sum_scores(scores(score=[1.0, None, 3.0, 5.0]), ["pre", "post"])
    assert (sums.unanswered, sums.n_observations, sums.n_participants) == (1, 3, 2)
    assert combine(sums, sum_scores(scores(participant=list("abcd")), ["pre", "post"])).unanswered == 1


def test_an_ordered_categorical_brings_its_order():
    ordered = scores(wave=pd.Categorical(["pre", "post", "pre", "post"], ["pre", "post"], ordered=True))
    assert sum_scores(ordered).waves == ("pre", "post")


@pytest.mark.parametrize(
    ("frame", "waves", "words"),
    [
        (scores(wave=["pre", "pots", "pre", "post"]), WAVES, "participant 'ann': wave 'pots' is not known.*'post'"),
        (scores(score=[1, "two", 3, 5]), WAVES, "participant 'ann': score 'two' is not a finite number"),
        (scores(score=[1, 2, 3, float("inf")]), WAVES, "participant 'bob': score inf"),
        (scores(wave=["pre", "pre", "pre", "post"]), WAVES, "participant 'ann': has two scores at wave 'pre'"),
        (scores(participant="ann", wave="pre"), WAVES, r"two scores at wave 'pre'; keep one \(3 such rows\)"),
        (scores(cohort=["one", "two", "one", "one"]), WAVES, "is in cohort '.*' and in another"),
        (scores(score=None), WAVES, "no row has a score"),
        (scores(cohort=["one", None, "one", "one"]), WAVES, "participant 'ann': a row at wave 'post' has no cohort"),
        (scores(participant=["ann", "ann", None, "bob"]), WAVES, "a row at wave 'pre' has no participant; give it"),
        (scores(), ["pre"], "a change needs 2 to 10"),
        (scores(), None, "make 'wave' an ordered categorical"),
        (scores().drop(columns="cohort"), WAVES, "no column 'cohort'"),
    ],
    ids=[
        "wave",
        "text",
        "infinite",
        "twice",
        "many",
        "cohorts",
        "empty",
        "no-cohort",
        "nobody",
        "one-wave",
        "unordered",
        "column",
    ],
)
def test_bad_rows_are_named(frame, waves, words):
    with pytest.raises(DataError, match=words):
        sum_scores(frame, waves)


def test_sums_of_other_waves_do_not_add():
    with pytest.raises(DataError, match="cannot be added"):
        combine(sum_scores(scores(), ["pre", "post"]), sum_scores(scores(), WAVES))
