"""Who started, who was enrolled and who replied, counted by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.training.replies import count_replies

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"
SCORES = pd.read_csv(FOLDER / "unequal_two.csv", dtype={"participant": str})
ROWS = [
    ("a", "one", 1.0, 3.0), ("b", "one", 2.0, 3.0), ("c", "one", 4.0, np.nan), ("d", "one", np.nan, 5.0),
    ("e", "two", 2.0, 1.0), ("f", "two", 3.0, np.nan), ("g", "two", 5.0, np.nan),
]  # fmt: skip
SMALL = pd.DataFrame(ROWS, columns=["participant", "cohort", "pre", "post"]).melt(
    ["participant", "cohort"], var_name="wave", value_name="score"
)


def test_who_started_is_counted_and_newcomers_are_apart():
    found = count_replies(SMALL, "pre", "post")
    assert found.cohort == ("one", "two")
    assert [part.tolist() for part in (found.started, found.replied, found.newcomers, found.unseen)] == [
        [3, 3], [2, 1], [1, 0], [0, 0],
    ]  # fmt: skip
    assert found.mean.tolist() == [1.5, -1.0]
    assert found.start.tolist() == [4.0, 4.0]
    assert found.scores == 9  # without that of the newcomer


def test_all_enrolled_are_counted_where_their_numbers_are_known():
    found = count_replies(SMALL, "pre", "post", enrolled={"two": 3, "one": 6})
    assert [part.tolist() for part in (found.started, found.replied, found.newcomers, found.unseen)] == [
        [6, 3], [2, 1], [0, 0], [3, 0],
    ]  # fmt: skip
    assert found.silent.tolist() == pytest.approx([4 / 6, 2 / 3])
    assert found.scores == 10


def test_a_cohort_of_which_nobody_replied_is_named():
    with pytest.raises(DataError, match="nobody of cohort 'three' has scores at both 'pre' and 'post'"):
        count_replies(SMALL, "pre", "post", enrolled={"one": 6, "two": 3, "three": 4})


def test_fewer_enrolled_than_codes_are_as_many_as_there_are_codes():
    people = SCORES.groupby("cohort")["participant"].nunique()
    few = count_replies(SCORES, "pre", "post", enrolled=dict.fromkeys(people.index, 1))
    assert few.started.tolist() == people.tolist()
