"""Spread of answers and scores: against counts by hand and by pandas' own crosstab, cut and enumeration."""

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import DataError, UsageError
from coprod.training.distributions import AS_ASKED, bin_scores, count_answers, list_scores
from coprod.training.intake import Intake
from coprod.training.protocol import Analysis, Columns, Protocol, ScaleEntry
from coprod.training.study import Study, read_study

WAVES = ("pre", "post", "late")
LABELS = {"No": 1, "nope": 1, "Maybe": 2, "Yes": 3}


def make_study(rows: list[tuple[Any, ...]], **scale: Any) -> Study:
    """Make a study of rows ``participant, audience, wave, item, response``, one cohort per audience."""
    frame = pd.DataFrame(rows, columns=["participant", "audience", "wave", "item", "response"])
    frame = frame.assign(cohort=frame["audience"], wave=pd.Categorical(frame["wave"], WAVES, ordered=True))
    entry = ScaleEntry(**{"name": "view", "minimum": 1, "maximum": 3, **scale})
    protocol = Protocol(
        title="A training",
        columns=Columns(participant="code", cohort="group", wave="time", waves=WAVES),
        scale=(entry,),
        analysis=Analysis(primary_scale="view", primary_wave="post"),
    )
    return Study(protocol, Intake(frame, (), (), "plain"), "answers.csv")


def in_long_form(answers: dict[tuple[str, str], dict[str, float | None]], audience: str = "staff") -> list[Any]:
    return [(who, audience, wave, item, answer)
            for (who, wave), given_ in answers.items() for item, answer in given_.items()]  # fmt: skip


ROWS = in_long_form({
    ("ann", "pre"): {"a": 1, "b": 3}, ("ann", "post"): {"a": 3, "b": 1},
    ("bob", "pre"): {"a": 1, "b": 2}, ("bob", "post"): {"a": 2, "b": None},
    ("cy", "pre"): {"a": 2, "b": 2},
    ("dee", "pre"): {"a": None, "b": 1}, ("dee", "post"): {"a": 1, "b": 1}, ("dee", "late"): {"a": 2, "b": 3},
})  # fmt: skip


def counted(frame: pd.DataFrame, item: str, wave: str) -> list[int]:
    return frame.loc[(frame["item"] == item) & (frame["wave"] == wave), "n"].tolist()


def test_counts_are_those_by_hand() -> None:
    frame = count_answers(make_study(ROWS, items=("a", "b"), labels=LABELS))
    assert counted(frame, "a", "pre") == [2, 0, 0]  # Ann and Bob; Cy came once, Dee left it out at first
    assert counted(frame, "a", "post") == [0, 1, 1]
    assert counted(frame, "b", "pre") == [1, 0, 1]  # Ann and Dee; Bob left it out later
    assert counted(frame, "b", "post") == [2, 0, 0]
    assert frame["share"].tolist()[:6] == [1.0, 0, 0, 0, 0.5, 0.5]
    assert frame["label"].tolist()[:3] == ["No", "Maybe", "Yes"]
    assert list(frame) == ["item", "wording", "wave", "response", "label", "n", "share", "flag"]


def test_reverse_scored_items_are_counted_as_asked() -> None:
    plain = count_answers(make_study(ROWS, items=("a", "b")))
    turned = count_answers(make_study(ROWS, items=("a", "b"), reverse=("b",), wording={"b": "Is it bad?"}))
    assert turned["n"].tolist() == plain["n"].tolist()
    assert turned.loc[turned["item"] == "b", "flag"].unique().tolist() == [AS_ASKED]
    assert turned.loc[turned["item"] == "a", "flag"].unique().tolist() == [""]
    assert turned["wording"].unique().tolist() == ["a", "Is it bad?"]
    assert plain["label"].tolist()[:3] == ["1", "2", "3"]


def test_another_wave_is_compared_with_the_first() -> None:
    frame = count_answers(make_study(ROWS, items=("a", "b")), wave="late")
    assert frame["wave"].unique().tolist() == ["pre", "late"]
    assert counted(frame, "b", "pre") == [1, 0, 0]
    assert counted(frame, "b", "late") == [0, 0, 1]
    assert frame.loc[frame["item"] == "a", "share"].isna().all()  # Dee had no first answer to it
    with pytest.raises(UsageError, match="not a wave after the first"):
        count_answers(make_study(ROWS, items=("a", "b")), wave="pre")


def test_worked_example_agrees_with_a_crosstab() -> None:
    study = read_study()
    frame = count_answers(study, "knowledge", "later")
    for item in ("w1", "w2", "w3"):
        rows = study.responses[study.responses["item"] == item]
        both = rows[rows["wave"].isin(["before", "later"])].dropna(subset="response")
        both = both[both.groupby("participant")["wave"].transform("nunique") == 2]
        table = pd.crosstab(both["wave"].astype(str), both["response"])
        for wave in ("before", "later"):
            assert counted(frame, item, wave) == [int(table.loc[wave].get(point, 0)) for point in range(1, 6)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"minimum": 0, "maximum": 11}, "runs from 0 to 11.*at most 11"),
        ({"minimum": 0.5}, "runs from 0.5 to 3"),
        ({"maximum": 3.5}, "runs from 1 to 3.5"),
    ],
)
def test_a_range_that_cannot_be_counted_is_refused(change: dict[str, float], words: str) -> None:
    with pytest.raises(DataError, match=words):
        count_answers(make_study(ROWS, items=("a", "b"), **change))


def test_a_fraction_is_refused() -> None:
    rows = in_long_form({("ann", "pre"): {"a": 1.5}, ("ann", "post"): {"a": 2}})
    with pytest.raises(DataError, match=r"item a has the answer 1.5"):
        count_answers(make_study(rows, items=("a",)))
    with pytest.raises(DataError, match=r"item a has the answer 1.5"):
        count_answers(make_study(rows, column="a"))


def test_scores_are_listed_by_audience_and_wave() -> None:
    rows = in_long_form({("zoe", "post"): {"a": 2}, ("zoe", "pre"): {"a": 1}, ("al", "pre"): {"a": None}}, "a staff")
    rows += in_long_form({("abe", "pre"): {"a": 3}}, "b students")
    frame = list_scores(make_study(rows, items=("a",)))
    assert frame.values.tolist() == [
        ["zoe", "a staff", "a staff", "pre", 1.0],
        ["zoe", "a staff", "a staff", "post", 2.0],
        ["abe", "b students", "b students", "pre", 3.0],
    ]
    assert frame["wave"].cat.categories.tolist() == list(WAVES)


def edges_of(frame: pd.DataFrame) -> list[float]:
    first = frame[(frame["audience"] == frame["audience"].iloc[0]) & (frame["wave"] == frame["wave"].iloc[0])]
    return [*first["low"], first["high"].iloc[-1]]


def bins_for(items: int, low: int, high: int, *, score: str = "mean", column: bool = False) -> list[float]:
    names = tuple(f"q{number}" for number in range(items))
    rows = in_long_form({("ann", "pre"): dict.fromkeys(names, float(low))})
    scored = {"column": names[0]} if column else {"items": names, "score": score}
    return edges_of(bin_scores(make_study(rows, minimum=low, maximum=high, **scored)))


@pytest.mark.parametrize(
    ("wanted", "edges"),
    [
        ((1, 1, 5), [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]),  # one bin for each answer
        ((1, 0, 7), [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]),
        ((5, 1, 5), [0.9, 1.5, 2.1, 2.7, 3.3, 3.9, 4.5, 5.1]),  # 21 scores, three in each
        ((4, 1, 5), [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]),  # 17 scores do not share out; 16 steps do
        ((1, 0, 100), [0, 20, 40, 60, 80, 100]),
        ((1, 0, 22), [0, 2.75, 5.5, 8.25, 11, 13.75, 16.5, 19.25, 22]),  # nothing shares out
    ],
)
def test_bins_follow_the_scores_there_can_be(wanted: tuple[int, int, int], edges: list[float]) -> None:
    assert bins_for(*wanted) == pytest.approx(edges)


def test_bins_of_sums_and_of_scores_computed_elsewhere() -> None:
    assert bins_for(9, 0, 3, score="sum") == pytest.approx([-0.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5])
    assert bins_for(1, 1, 5, column=True) == [1, 2, 3, 4, 5]  # its steps are not known
    rows = in_long_form({("ann", "pre"): {"a": 0.5}})
    assert edges_of(bin_scores(make_study(rows, column="a", minimum=0, maximum=1.5))) == pytest.approx(
        np.linspace(0, 1.5, 9)
    )


@given(
    items=st.integers(1, 7),
    low=st.integers(0, 1),
    points=st.integers(2, 7),
    score=st.sampled_from(["mean", "sum"]),
)
def test_every_score_there_can_be_is_counted_once_and_in_its_bin(items, low, points, score):
    sums = range(items * low, items * (low + points - 1) + 1)
    names = tuple(f"q{number}" for number in range(items))
    rows = []
    for number, total in enumerate(sums):
        answers = [low] * items
        for place in itertools.islice(itertools.cycle(range(items)), total - items * low):
            answers[place] += 1
        rows += in_long_form({(f"p{number:03}", "pre"): dict(zip(names, answers, strict=True))})
    frame = bin_scores(make_study(rows, items=names, minimum=low, maximum=low + points - 1, score=score))
    divisor = 1 if score == "sum" else items
    found = Counter()
    for total in sums:
        inside = [at for at, row in enumerate(frame.itertuples()) if row.low - 1e-6 <= total / divisor]
        found[max(inside)] += 1
    assert frame["n"].tolist() == [found[place] for place in range(len(frame))]
    assert frame["n"].sum() == len(sums)
    assert len(frame) <= 8
    assert np.ptp(frame["high"] - frame["low"]) < 1e-6
    assert frame["share"].sum() == pytest.approx(1)


def test_bins_come_by_audience_and_wave_in_their_order() -> None:
    frame = bin_scores(read_study())
    keys = frame[["audience", "wave"]].drop_duplicates()
    assert keys.astype(str).values.tolist() == [
        [audience, wave] for audience in ("staff", "students") for wave in ("before", "after", "later")
    ]
    scores = list_scores(read_study())
    cut = pd.cut(scores["score"], [0.9, 1.49, 2.09, 2.69, 3.29, 3.89, 4.49, 5.1])  # no score lies between .x9 and .x0
    expected = pd.crosstab([scores["audience"], scores["wave"]], cut)
    for (audience, wave), part in frame.groupby(["audience", "wave"], observed=True):
        assert part["n"].tolist() == expected.loc[(audience, wave)].tolist()
