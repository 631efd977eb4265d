"""Rubin's rules against mice."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import DataError
from coprod.training.pooling import pool_imputations

POOLED = pd.read_csv(Path(__file__).resolve().parents[1] / "reference" / "imputation" / "pooled.csv")


@pytest.mark.parametrize("row", POOLED.to_dict("records"))
def test_pooling_is_mice_s(row):
    numbers = [[float(part) for part in row[name].split()] for name in ("q", "u")]
    found = pool_imputations(*numbers, df_complete=row["df_complete"])
    # 16 digits are printed; mice floors the share of lost information at 1e-4, which no case is below
    wanted = [row[name] for name in ("estimate", "within", "between", "total", "df", "fmi")]
    assert list(found) == pytest.approx(wanted, rel=1e-10)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8), st.floats(1e-3, 5), st.floats(1, 1e4))
def test_pooling_never_gains_and_knows_its_bounds(estimates, variance, df):
    found = pool_imputations(estimates, [variance] * len(estimates), df)
    assert found.total >= variance * (1 - 1e-12)
    assert 0 < found.df <= df
    assert 0 < found.fmi <= 1


def test_where_imputations_agree_nothing_is_lost():
    same = pool_imputations([0.4, 0.4], [0.01, 0.01])
    assert (same.total, same.df, same.fmi) == (0.01, np.inf, 0.0)
    assert pool_imputations([0.4, 0.4], [0.01, 0.01], 20).df == pytest.approx(21 / 23 * 20)


@pytest.mark.parametrize(("q", "u"), [([0.1], [0.1]), ([0.1, 0.2], [0.1, 0.0]), ([0.1, np.nan], [1, 1]), ([], []),
                                      ([0.1, 0.2], [1.0])])  # fmt: skip
def test_what_cannot_be_pooled_is_refused(q, u):
    with pytest.raises(DataError, match="at least two of each are needed, the variances above 0"):
        pool_imputations(q, u)
