"""Regression to the mean: the change that error of measurement alone gives, beside the change that was seen.

Without a control group it cannot be taken out; it can be said how large it would be. It does not touch the mean change
of all where nobody was chosen by score, only that of groups formed by the score before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.training.effects import pair_scores
from coprod.training.reliability import estimate_alpha
from coprod.training.scoring import answer_matrix
from coprod.training.study import Study

THIRDS = ("lowest third", "middle third", "highest third")
COLUMNS = ["label", "n_participants", "mean", "estimate", "expected", "flag"]


def compare_thirds(scores: pd.DataFrame, before: str, after: str, reliability: float) -> pd.DataFrame:
    r"""Compare the change of those who scored lowest, middling and highest before with what regression alone gives.

    Expected of a group by regression to the mean alone is (1 - reliability) (mean of all - mean of the group), both
    before. A change common to all adds to what each group is expected to show. The reliability wanted is that of
    taking the questionnaire again; Cronbach's alpha leaves out what a day brings, so that with it the expected change
    is a lower bound.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    reliability : float
        Of the score before, above 0 and up to 1.

    Returns
    -------
    DataFrame
        ``label, n_participants, mean, estimate, expected, flag``: group, its mean before, its mean change and the
        change expected by regression alone, in points. Ties are kept together, so groups may differ in size; a middle
        third in which nobody is has no row. Last comes "all".

    Raises
    ------
    DataError
        If the reliability is not above 0 and up to 1, or the scores before are too alike to be parted.

    References
    ----------
    Barnett, A. G., van der Pols, J. C. and Dobson, A. J. (2005) Regression to the mean: what it is and how to deal with
    it. International Journal of Epidemiology 34(1): 215-220. doi:10.1093/ije/dyh299

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "participant": list("aabbcc"),
    ...         "cohort": "one",
    ...         "wave": ["pre", "post"] * 3,
    ...         "score": [1, 2, 3, 3, 5, 4.5],
    ...     }
    ... )
    >>> compare_thirds(frame, "pre", "post", 0.8)[["mean", "estimate", "expected"]].round(3).to_numpy().tolist()
    [[1.0, 1.0, 0.4], [3.0, 0.0, 0.0], [5.0, -0.5, -0.4], [3.0, 0.167, 0.0]]
    """
    _check_reliability(reliability)
    pairs = pair_scores(scores, before, after)
    low, high = np.quantile(pairs["before"], [1 / 3, 2 / 3])
    if low >= high:
        raise DataError(f"the scores at {before!r} are too alike to be parted into thirds; leave the comparison out")
    third = np.select([pairs["before"] <= low, pairs["before"] >= high], [THIRDS[0], THIRDS[2]], THIRDS[1])
    middle = float(pairs["before"].mean())
    groups = [(label, pairs[third == label]) for label in THIRDS]
    rows = [
        (label, len(group), float(group["before"].mean()), float(group["change"].mean()),
         (1 - reliability) * (middle - float(group["before"].mean())), "")
        for label, group in [*groups, ("all", pairs)] if len(group)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def tabulate_regression(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Compare thirds of a study's participants by their score before, with Cronbach's alpha as the reliability.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    DataFrame
        As :func:`compare_thirds`; where that cannot be, one row without numbers whose ``flag`` says why.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> rows = tabulate_regression(read_study())
    >>> rows[["label", "n_participants", "estimate", "expected"]].round(2).to_numpy().tolist()[0]
    ['lowest third', 37, 0.87, 0.14]
    """
    try:
        alpha = measure_reliability(study, scale)
        return compare_thirds(study.score(scale), study.protocol.baseline, study.find_wave(wave), alpha)
    except DataError as error:
        return pd.DataFrame([{"label": "all", "flag": str(error)}]).reindex(columns=COLUMNS)


def measure_reliability(study: Study, scale: str = "") -> float:
    """Return Cronbach's alpha of a study's scale at the first wave.

    Raises
    ------
    DataError
        If there is none (:func:`coprod.training.reliability.estimate_alpha`).
    """
    entry, responses = study.find_scale(scale), study.responses
    first = responses[responses["wave"].astype(str) == study.protocol.baseline]
    return estimate_alpha(answer_matrix(first, entry.scale)).alpha


def _check_reliability(reliability: float) -> None:
    if not 0 < reliability <= 1:
        raise DataError(f"reliability {reliability:.2f} is not above 0 and up to 1; look for an item to be reversed")
