"""Densities against scipy's, and dots that keep apart."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from coprod.figures.swarm import DOT, estimate_density, place_dots


def test_densities_keep_their_mass_within_the_scale() -> None:
    values, grid = np.random.default_rng(1).uniform(1, 5, 80).round(1), np.linspace(1, 5, 2001)
    density = estimate_density(values, grid)
    assert integrate.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)  # a kernel may reach over both ends
    kernel = stats.gaussian_kde(values)
    np.testing.assert_allclose(density, kernel(grid) + kernel(2 - grid) + kernel(10 - grid), rtol=1e-9)
    assert not estimate_density(np.array([3.0, 3.0]), grid).any()


@given(scores=st.lists(st.integers(5, 25), min_size=1, max_size=40), reach=st.floats(30, 80))
def test_dots_of_one_height_stand_apart_and_within_reach(scores: list[int], reach: float) -> None:
    rows = pd.DataFrame({"participant": [f"p{number:02}" for number in range(len(scores))], "score": scores})
    placed = place_dots(rows.assign(score=rows["score"] / 5), 100.0, 40.0, reach)
    assert placed["x"].between(100 - reach - 1 - 1e-9, 100 - DOT).all()
    for _, level in placed.groupby("score"):
        steps = -level["x"].diff().dropna()
        assert (steps > 0).all()
        if len(level) <= (reach - 7) / DOT:
            assert steps.round(9).eq(DOT).all()
