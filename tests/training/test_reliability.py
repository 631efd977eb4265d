"""Reliability: against analysis of variance, simulation and counting."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coprod.errors import DataError
from coprod.training.reliability import check_items, check_reliable_change, estimate_alpha


def simulate(n: int, k: int, reliability: float, seed: int) -> pd.DataFrame:
    """Draw parallel normal items whose sum has the reliability given."""
    rng = np.random.default_rng(seed)
    error = np.sqrt(k * (1 - reliability) / reliability)
    return pd.DataFrame(rng.normal(size=(n, 1)) + error * rng.normal(size=(n, k)), columns=[f"i{j}" for j in range(k)])


@given(seed=st.integers(0, 10**6), n=st.integers(3, 40), k=st.integers(2, 6))
def test_alpha_is_hoyt_s_ratio_of_mean_squares(seed, n, k):
    answers = simulate(n, k, 0.7, seed)
    x = answers.to_numpy()
    people = k * x.mean(axis=1).var(ddof=1)
    rest = x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    found = estimate_alpha(answers)
    assert found.alpha == pytest.approx(1 - error / people, abs=1e-10)
    # at either end of the interval the ratio of mean squares is at the end of a tail
    assert stats.f.cdf((1 - found.conf_low) / (1 - found.alpha), n - 1, (n - 1) * (k - 1)) == pytest.approx(0.975)
    assert stats.f.cdf((1 - found.conf_high) / (1 - found.alpha), n - 1, (n - 1) * (k - 1)) == pytest.approx(0.025)
    assert (found.n_participants, found.n_items) == (n, k)


def test_the_interval_covers_at_its_level():
    covered = [
        (found := estimate_alpha(simulate(25, 4, 0.8, seed), level=0.9)).conf_low <= 0.8 <= found.conf_high
        for seed in range(400)
    ]
    # 400 data sets at 90 %: four standard errors are 6 points
    assert 0.84 <= np.mean(covered) <= 0.96


def test_incomplete_rows_are_left_out():
    answers = simulate(30, 3, 0.8, 1)
    gaps = answers.copy()
    gaps.iloc[:10, 1] = np.nan
    assert estimate_alpha(gaps) == estimate_alpha(answers.iloc[10:])


def test_a_wrongly_reversed_item_is_betrayed_by_its_sign():
    answers = simulate(60, 4, 0.9, 2)
    wrong = answers.assign(i2=-answers["i2"])
    assert check_items(answers, -9, 9)["flag"].tolist() == [""] * 4
    flags = check_items(wrong, -9, 9).set_index("item")["flag"]
    assert "reverse-scored" in flags["i2"]
    assert estimate_alpha(wrong).alpha < estimate_alpha(answers).alpha


def test_floor_ceiling_and_an_item_that_does_not_vary():
    answers = pd.DataFrame({"a": [1, 1, 5, None], "b": [3, 3, 3, 3], "c": [1, 2, 5, 5]})
    items = check_items(answers, 1, 5).set_index("item")
    assert items.loc["a", ["n", "n_floor", "n_ceiling"]].tolist() == [3, 2, 1]
    assert items.loc["b", "flag"] == "does not vary"
    assert pd.isna(items.loc["b", "item_rest"])
    assert items.loc["a", "item_rest"] == pytest.approx(np.corrcoef([1, 1, 5], [4, 5, 8])[0, 1])


@given(alpha=st.floats(0, 0.99), seed=st.integers(0, 1000))
def test_reliable_change_is_counted_one_by_one(alpha, seed):
    rng = np.random.default_rng(seed)
    before = pd.Series(rng.normal(size=12))
    after = before + rng.normal(0.5, 1, 12)
    cut = 1.959963984540054 * before.std() * (2 * (1 - alpha)) ** 0.5
    found = check_reliable_change(before, after, alpha).set_index("change")
    assert found.loc["up", "participants"] == sum(a - b > cut for a, b in zip(after, before, strict=True))
    assert found.loc["down", "participants"] == sum(b - a > cut for a, b in zip(after, before, strict=True))
    assert found["participants"].sum() == 12
    assert found["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: estimate_alpha(pd.DataFrame({"a": [1, 2, 3]})), r"1 item\(s\) answered by 3"),
        (lambda: estimate_alpha(pd.DataFrame({"a": [1, 2, None], "b": [1, 2, 3]})), r"answered by 2 participant\(s\)"),
        (lambda: estimate_alpha(pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1]})), "the same sum"),
        (lambda: check_reliable_change(pd.Series([1.0]), pd.Series([2.0]), 0.8), r"1 participant\(s\)"),
        (lambda: check_reliable_change(pd.Series([1.0, 2]), pd.Series([2.0, 2]), 1.0), "reliability 1"),
    ],
    ids=["items", "people", "no-variance", "nobody", "perfect"],
)
def test_what_cannot_be_estimated_is_refused(call, words):
    with pytest.raises(DataError, match=words):
        call()
