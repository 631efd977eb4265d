"""What statsmodels says of the same change, to be printed beside the project's own numbers.

It fits the same models by other means and tests by z, so that its estimates should agree and its p values should not.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from coprod.errors import DataError
from coprod.training.effects import pair_scores
from coprod.training.estimates import check_level, table_rows
from coprod.training.mixed import fit_mixed
from coprod.training.reml import Frame
from coprod.training.sums import Array

METHODS = ("statsmodels-mixedlm", "statsmodels-cluster")
NO_DF = "z, not t: statsmodels gives no degrees of freedom for a mixed model"
FEW_FOR_MANY = "z, not t: statsmodels takes {} cohorts for many"
ROUGH = "it warned that its search did not end well: read its numbers as rough"
"""In place of its own words, which change with the linear algebra library of a machine."""
MOST_ROWS = 1500
"""With crossed random effects it works on matrices of participants by rows: ten seconds at this many."""
SHORT = 0.01
NO_SPREAD = 1e-12


def estimate_statsmodels(scores: pd.DataFrame, waves: Sequence[str], frame: Frame, level: float = 0.95) -> pd.DataFrame:
    """Estimate the changes from the baseline by statsmodels.

    ``statsmodels-mixedlm`` is its MixedLM of the model of :func:`coprod.training.mixed.fit_mixed`, by REML with its own
    choice of optimisers: for future cohorts one group of all rows, with variance components for participant, cohort and
    each cohort's change at each later wave; for these cohorts a random intercept per participant, each cohort's changes
    fixed and averaged with equal weights. ``statsmodels-cluster``, for future cohorts, is OLS of the change on a
    constant with its cluster-robust error, which is CR1.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    waves : sequence of str
        In order, the baseline first.
    frame : {"these_cohorts", "future_cohorts"}
        Whom it speaks of.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per later wave and method, in the columns of :data:`coprod.training.estimates.COLUMNS`; ``df`` is
        missing. ``flag`` says that the test is z, what statsmodels warned of, and by how much its likelihood falls
        short where it stopped before the optimum. Where it gives no finite answer the row has no numbers.

    Raises
    ------
    UsageError
        If the frame is not known or the level is not between 0 and 1.
    DataError
        If the scores do not hold the model (:func:`coprod.training.mixed.fit_mixed`).

    References
    ----------
    Seabold, S. and Perktold, J. (2010) statsmodels: econometric and statistical modeling with Python. Proceedings of
    the 9th Python in Science Conference: 92-96. doi:10.25080/Majora-92bf1922-011

    Examples
    --------
    >>> frame = pd.DataFrame({"participant": list("abcdefgh") * 2, "cohort": list("xxyyzzww") * 2})
    >>> frame["wave"] = ["pre"] * 8 + ["post"] * 8
    >>> frame["score"] = [1, 2, 3, 4, 2, 3, 1, 2, 2, 4, 4, 4, 3, 5, 2, 4]
    >>> rows = estimate_statsmodels(frame, ["pre", "post"], "these_cohorts")
    >>> rows[["method", "estimate"]].round(3).to_numpy().tolist()
    [['statsmodels-mixedlm', 1.25]]
    """
    check_level(level)
    best = -fit_mixed(scores, frame, waves=waves).criterion / 2
    kept = scores[scores["score"].notna()].astype({"score": float})
    rows = _mixed(kept, list(waves), frame, best, level)
    if frame == "future_cohorts":
        rows += [_cluster(kept, waves[0], wave, level) for wave in waves[1:]]
    return table_rows([{"frame": frame, **row} for row in rows])


def _mixed(kept: pd.DataFrame, waves: list[str], frame: Frame, best: float, level: float) -> list[dict[str, object]]:
    size = {"n_observations": len(kept), "n_participants": kept["participant"].nunique(),
            "n_cohorts": kept["cohort"].nunique()}  # fmt: skip
    shared = [{"term": f"{wave} - {waves[0]}", "method": METHODS[0], **size} for wave in waves[1:]]
    if frame == "future_cohorts" and len(kept) > MOST_ROWS:
        flag = f"not fitted: statsmodels takes long for crossed random effects beyond {MOST_ROWS} rows"
        return [{**row, "flag": flag} for row in shared]
    model = _crossed(kept, waves) if frame == "future_cohorts" else _nested(kept, waves)
    result, warned = _listen(model.fit)
    flag = "; ".join([NO_DF, *warned])
    if isinstance(result, str):
        return [{**row, "flag": f"no numbers: {result}; {flag}"} for row in shared]
    covariance = np.asarray(result.cov_params())[: model.k_fe, : model.k_fe]
    blocks = model.k_fe // len(waves)
    rows = []
    for position, row in enumerate(shared, start=1):
        contrast = np.zeros(model.k_fe)
        contrast[position :: len(waves)] = 1 / blocks
        variance = float(contrast @ covariance @ contrast)
        if not np.isfinite(result.llf) or not variance > 0:
            rows.append({**row, "flag": f"no numbers: log-likelihood {result.llf:g}, variance {variance:g}; {flag}"})
            continue
        short = best - float(result.llf)
        stopped = f"; it stopped short: its log-likelihood is {short:.2f} below the optimum" if short > SHORT else ""
        test = _z_test(float(contrast @ result.fe_params), float(np.sqrt(variance)), level)
        rows.append({**row, **test, "flag": flag + stopped})
    return rows


def _design(kept: pd.DataFrame, waves: list[str]) -> Array:
    """Return a column of ones and one for each later wave."""
    own = kept["wave"].astype(str).to_numpy()
    return np.column_stack([np.ones(len(kept)), *(own == wave for wave in waves[1:])]).astype(np.float64)


def _members(names: pd.Series) -> Array:
    return pd.get_dummies(names.astype(str)).to_numpy(dtype=np.float64)


def _crossed(kept: pd.DataFrame, waves: list[str]) -> Any:
    """Return the model for future cohorts: everything in one group."""
    design, cohorts = _design(kept, waves), _members(kept["cohort"])
    matrices = [_members(kept["participant"]), *(cohorts * design[:, [column]] for column in range(len(waves)))]
    names = ["participant", "cohort", *(f"cohort x {wave}" for wave in waves[1:])]
    columns = [[[f"{name} {number}" for number in range(matrix.shape[1])]]
               for name, matrix in zip(names, matrices, strict=True)]  # fmt: skip
    components = VCSpec(names, columns, [[matrix] for matrix in matrices])
    return MixedLM(kept["score"].to_numpy(), design, np.ones(len(kept)), exog_vc=components)


def _nested(kept: pd.DataFrame, waves: list[str]) -> Any:
    """Return the model for these cohorts: a mean and changes for each, and an intercept per participant."""
    design, cohorts = _design(kept, waves), _members(kept["cohort"])
    blocks = np.hstack([design * cohorts[:, [cohort]] for cohort in range(cohorts.shape[1])])
    return MixedLM(kept["score"].to_numpy(), blocks, kept["participant"].astype(str).to_numpy())


def _cluster(kept: pd.DataFrame, before: str, after: str, level: float) -> dict[str, object]:
    row: dict[str, object] = {"term": f"{after} - {before}", "method": METHODS[1]}
    try:
        pairs = pair_scores(kept, before, after)
    except DataError as reason:
        return {**row, "flag": f"no numbers: {reason}"}
    codes, cohorts = pd.factorize(pairs["cohort"])
    model = OLS(pairs["change"].to_numpy(), np.ones(len(pairs)))
    result, warned = _listen(lambda: model.fit(cov_type="cluster", cov_kwds={"groups": codes}))
    size = {"n_observations": 2 * len(pairs), "n_participants": len(pairs), "n_cohorts": len(cohorts)}
    flag = "; ".join([FEW_FOR_MANY.format(len(cohorts)), *warned])
    error = float("nan") if isinstance(result, str) else float(result.bse[0])
    if not error > NO_SPREAD * float(pairs["change"].abs().max()):
        return {**row, **size, "flag": f"no numbers: the cohorts' changes have no spread; {flag}"}
    return {**row, **size, **_z_test(float(result.params[0]), error, level), "flag": flag}


def _listen(fit: Callable[[], Any]) -> tuple[Any, list[str]]:
    """Fit, and return the result and whether it warned; in place of a result, why there is none."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = fit()
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError) as error:
            result = f"statsmodels failed, {error}"
    told = [one for one in caught if not str(one.message).startswith("Retrying")]
    return result, [ROUGH] if told else []


def _z_test(estimate: float, std_error: float, level: float) -> dict[str, float]:
    half = float(stats.norm.ppf((1 + level) / 2)) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": estimate / std_error,
        "p_value": float(2 * stats.norm.sf(abs(estimate / std_error))),
        "conf_low": estimate - half,
        "conf_high": estimate + half,
    }
