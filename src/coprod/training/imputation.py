"""Multiple imputation of the scores of those who did not reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coprod.errors import DataError
from coprod.training.effects import pair_scores
from coprod.training.estimates import COLUMNS, check_level, t_test
from coprod.training.pooling import pool_imputations
from coprod.training.problem import Frame
from coprod.training.strata import find_error
from coprod.training.sums import Array

ROUNDS = 10
"""Times the chain goes over the waves before an imputation is taken."""
NO_SPREAD = 1e-6
"""A standard error below this share of the numbers themselves is what the ridge leaves of none."""
RIDGE = 1e-8
"""What is added to the diagonal of the products, as a share of it, so that waves that are alike can be inverted."""


def impute_scores(wide: pd.DataFrame, cohort: pd.Series, m: int, rng: np.random.Generator) -> Array:
    """Impute missing scores m times from a normal linear regression on the other waves and the cohort.

    Each wave with holes in its turn is regressed on the others and the cohorts; a residual variance and coefficients
    are drawn from their posterior under flat priors, then the missing scores; over and over, so that each draw is a
    proper imputation if replying depends on what was seen. A score may fall beyond the scale's range: it is the mean
    that is estimated, and holding it at the ends would bias that.

    Parameters
    ----------
    wide : DataFrame, shape (n, waves)
        One row per participant, missing where not scored.
    cohort : Series
        Cohort of each row.
    m : int
        Imputations.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray, shape (m, n, waves)
        Filled.

    Raises
    ------
    DataError
        If a wave has too few scores for the regression, or none of a cohort.

    References
    ----------
    van Buuren, S. (2018) Flexible imputation of missing data, 2nd ed. Boca Raton: CRC. doi:10.1201/9780429492259

    Examples
    --------
    >>> wide = pd.DataFrame({"pre": [1.0, 2.0, 3.0, 4.0, 2.5, 3.5], "post": [1.5, 2.5, 3.0, None, 3.0, 4.0]})
    >>> cohort = pd.Series(list("aaabbb"))
    >>> filled = impute_scores(wide, cohort, 20, np.random.default_rng(2017))
    >>> filled.shape, bool(np.isfinite(filled).all())
    ((20, 6, 2), True)
    """
    given = wide.to_numpy(dtype=np.float64)
    holes = np.isnan(given)
    places = np.flatnonzero(holes.any(axis=0))
    dummies = pd.get_dummies(cohort.astype(str)).to_numpy(dtype=np.float64)
    for place in places:
        if not _can_impute(holes[:, place], dummies, given.shape[1] - 1):
            raise DataError(
                f"wave {list(wide.columns)[place]!r}: too few scores, or none of a cohort, to impute the others from; "
                "leave out the wave or the cohort"
            )
    filled: Array = np.where(holes, np.nanmean(given, axis=0), given)
    drawn = []
    for _ in range(m):
        for _ in range(ROUNDS):
            for place in places:
                design = np.column_stack([dummies, np.delete(filled, place, axis=1)])
                filled[holes[:, place], place] = _draw(design, given[:, place], holes[:, place], rng)
        drawn.append(filled.copy())
    return np.array(drawn)


def estimate_imputed_change(
    scores: pd.DataFrame, before: str, after: str, *, waves: Sequence[str], m: int = 50, level: float = 0.95,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """Estimate the change of all who started with missing scores imputed, for these and for future cohorts.

    Each filled data set is averaged as in :func:`coprod.training.strata.average_cohorts`. Degrees of freedom of
    complete data are participants less cohorts, and cohorts less one. The interval for future cohorts is wide: of 4
    degrees of freedom Barnard and Rubin leave 20 / 7 even where nothing is missing, and cohorts, which are fixed in
    the imputation, vary a little more in what is imputed than they do.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    waves : sequence of str
        All waves: those that everybody's cohort answered help to impute.
    m : int
        Imputations.
    level : float
        Confidence level.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    DataFrame
        ``scenario`` and :data:`coprod.training.estimates.COLUMNS`, method ``rubin``; ``flag`` has the share of the
        variance that is due to missing scores, or says why there is no interval.

    Raises
    ------
    DataError
        If there are too few scores to impute from.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> waves = ["before", "after", "later"]
    >>> rng = np.random.default_rng(2017)
    >>> rows = estimate_imputed_change(scores, "before", "later", waves=waves, m=5, rng=rng)
    >>> rows[["frame", "n_participants"]].to_numpy().tolist()
    [['these_cohorts', 105], ['future_cohorts', 105]]
    """
    check_level(level)
    pair_scores(scores, before, after)  # refuses what cannot be paired
    wide = scores.pivot_table(index=["participant", "cohort"], columns="wave", values="score", observed=True)
    cohort = wide.index.get_level_values("cohort").to_series(index=wide.index).astype(str)
    started = wide[before].notna()
    wide, cohort = wide[started], cohort[started]
    wide = wide[_choose_waves(wide, cohort, [before, after], waves)]
    filled = impute_scores(wide, cohort, m, rng)
    changes = filled[:, :, wide.columns.get_loc(after)] - filled[:, :, wide.columns.get_loc(before)]
    shared = {
        "scenario": "multiple imputation", "term": f"{after} - {before}", "method": "rubin",
        "n_observations": int(wide[[before, after]].notna().sum().sum()), "n_participants": len(wide),
        "n_cohorts": cohort.nunique(),
    }  # fmt: skip
    rows = [
        {**shared, "frame": frame, **_pool(changes, cohort.to_numpy(dtype=str), frame, level)}
        for frame in get_args(Frame)
    ]
    return pd.DataFrame(rows).reindex(columns=["scenario", *COLUMNS])


def _choose_waves(wide: pd.DataFrame, cohort: pd.Series, needed: list[str], waves: Sequence[str]) -> list[str]:
    """Return the two waves and those others that can help to impute them."""
    dummies = pd.get_dummies(cohort).to_numpy(dtype=np.float64)
    return [
        wave
        for wave in waves
        if wave in needed
        or (wave in wide and _can_impute(wide[wave].isna().to_numpy(), dummies, len(waves) - 1))
    ]  # fmt: skip


def _can_impute(holes: NDArray[np.bool_], dummies: Array, others: int) -> bool:
    """Tell whether enough people of every cohort have a score for a regression on the others."""
    seen = dummies[~holes]
    return bool((seen.sum(axis=0) > 0).all() and len(seen) > dummies.shape[1] + others + 1)


def _draw(design: Array, outcome: Array, holes: NDArray[np.bool_], rng: np.random.Generator) -> Array:
    """Draw the missing outcomes from a regression whose parameters are drawn from their posterior."""
    seen, known = design[~holes], outcome[~holes]
    product = seen.T @ seen
    sizes = np.diag(product)
    gram = np.linalg.inv(product + RIDGE * np.diag(np.where(sizes > 0, sizes, 1.0)))
    middle = gram @ seen.T @ known
    rest = known - seen @ middle
    spread = np.sqrt(float(rest @ rest) / rng.chisquare(len(known) - seen.shape[1]))
    drawn = middle + spread * np.linalg.cholesky(gram) @ rng.normal(size=len(middle))
    missing = design[holes]
    return np.asarray(missing @ drawn + spread * rng.normal(size=len(missing)))


def _pool(changes: Array, cohort: NDArray[np.str_], frame: Frame, level: float) -> dict[str, object]:
    """Average each imputed set's cohorts, and pool the averages."""
    names, codes = np.unique(cohort, return_inverse=True)
    member = np.eye(len(names))[codes]
    sizes = member.sum(axis=0)
    means = changes @ member / sizes
    if frame == "future_cohorts" and len(names) < 2:
        return {"estimate": float(means.mean()), "flag": "one cohort only: nothing can be said of future cohorts"}
    if frame == "these_cohorts" and sizes.min() < 2:
        flag = "a cohort has too few participants for a variance of its own"
        return {"estimate": float(means.mean()), "flag": flag}
    variances = (changes - means[:, codes]) ** 2 @ member / np.maximum(sizes - 1, 1) / sizes
    estimates, errors, _ = find_error(means, variances, sizes - 1, frame)
    if errors.min() <= NO_SPREAD * max(1.0, float(np.abs(means).max())):
        return {"estimate": float(estimates.mean()), "flag": "no spread to judge the average by"}
    complete = len(codes) - len(names) if frame == "these_cohorts" else len(names) - 1
    pooled = pool_imputations(estimates, errors**2, df_complete=complete)
    test = t_test(pooled.estimate, float(np.sqrt(pooled.total)), pooled.df, level)
    share = 1 - pooled.within / pooled.total
    return {**test, "flag": f"share of the variance that is due to missing scores: {share:.2f}"}
