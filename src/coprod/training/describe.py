"""What the answers look like before any model: who replied, average scores, and each cohort's own change."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from coprod.training.enrolment import count_enrolled
from coprod.training.order import order_cohorts
from coprod.training.study import Study

TOO_FEW = "too few answered both times for an interval"
NO_SPREAD = "all changes are equal, so there is no interval"


def count_flow(study: Study) -> pd.DataFrame:
    """Count the questionnaires that came back, by cohort and wave.

    Parameters
    ----------
    study : Study
        Its linked answers; all scales count.

    Returns
    -------
    DataFrame
        ``cohort, audience, wave, enrolled, answered``: ``enrolled`` people of the cohort, by the protocol, or else
        those who gave at least one answer at any wave (:func:`coprod.training.enrolment.count_enrolled`);
        ``answered`` of them at this one. Cohorts come in the protocol's order, else as people count; waves in the
        protocol's order. Audiences of a mixed cohort are joined by "and".

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> count_flow(read_study()).head(3)[["wave", "enrolled", "answered"]].to_numpy().tolist()
    [['before', 18, 18], ['after', 18, 18], ['later', 18, 11]]
    """
    given = study.responses.dropna(subset="response")
    answered = given.groupby(["cohort", "wave"], observed=False)["participant"].nunique()
    enrolled = count_enrolled(study)
    frame = _cohort_waves(study)
    keys = pd.MultiIndex.from_frame(frame[["cohort", "wave"]])
    counts = {"enrolled": enrolled.loc[frame["cohort"]].to_numpy(), "answered": answered.loc[keys].to_numpy()}
    return frame.assign(**counts)


def summarise_waves(study: Study, scale: str = "") -> pd.DataFrame:
    """Average the scores of everybody who answered, by audience and wave.

    Parameters
    ----------
    study : Study
        Whose scores.
    scale : str
        Name of a scale; the primary one without it.

    Returns
    -------
    DataFrame
        ``audience, wave, n, mean, sd, conf_low, conf_high`` in points of the scale; the interval is Student's, with
        n - 1 degrees of freedom and the protocol's level, missing where fewer than two answered or all alike.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> summarise_waves(read_study())[["audience", "wave", "n", "mean"]].round(2).to_numpy().tolist()[:2]
    [['staff', 'before', 74, 2.9], ['staff', 'after', 69, 3.46]]
    """
    scores, level = study.score(scale), study.protocol.analysis.level
    groups = scores.groupby(["audience", "wave"], observed=False, sort=False)["score"]
    found = groups.agg(n="count", mean="mean", sd="std")
    audiences = dict.fromkeys(_audiences(study)) | dict.fromkeys(scores["audience"])
    order = [(who, wave) for who in audiences for wave in study.protocol.columns.waves]
    frame = found.reindex([key for key in order if key in found.index]).reset_index()
    return frame.assign(wave=frame["wave"].astype(str)).join(_intervals(frame, level)[["conf_low", "conf_high"]])


def summarise_cohort_waves(study: Study, scale: str = "") -> pd.DataFrame:
    """Average the scores of everybody who answered, by cohort and wave.

    Parameters
    ----------
    study : Study
        Whose scores.
    scale : str
        Name of a scale; the primary one without it.

    Returns
    -------
    DataFrame
        ``cohort, audience, wave, enrolled, n, mean``: ``n`` of the ``enrolled`` people have a score at this wave;
        the mean in points is missing where nobody has.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> summarise_cohort_waves(read_study())[["wave", "enrolled", "n", "mean"]].round(2).to_numpy().tolist()[2]
    ['later', 18, 11, 3.68]
    """
    groups = study.score(scale).groupby(["cohort", "wave"], observed=False)["score"]
    found = groups.agg(n="count", mean="mean")
    frame = count_flow(study).drop(columns="answered")
    return frame.join(found.reindex(pd.MultiIndex.from_frame(frame[["cohort", "wave"]])).reset_index(drop=True)).assign(
        n=lambda rows: rows["n"].fillna(0).astype(int)
    )


def summarise_cohorts(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Average each cohort's change from the first wave, over those who answered both times.

    Parameters
    ----------
    study : Study
        Whose scores.
    scale, wave : str
        A scale and a later wave; the primary ones without a name.

    Returns
    -------
    DataFrame
        ``cohort, audience, enrolled, n_participants, estimate, std_error, df, conf_low, conf_high, flag``: the mean
        change in points with Student's interval over the pairs, n - 1 degrees of freedom. A cohort with fewer than
        two pairs, or whose changes are all equal, has no interval and a flag that says so.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> found = summarise_cohorts(read_study())[["n_participants", "estimate", "conf_low", "conf_high"]]
    >>> found.round(2).to_numpy().tolist()[0]
    [18.0, 0.71, 0.33, 1.09]
    """
    before, after = study.protocol.baseline, study.find_wave(wave)
    scores = study.score(scale).dropna(subset="score")
    ends = [scores[scores["wave"] == name].set_index(["cohort", "participant"])["score"] for name in (before, after)]
    change = (ends[1] - ends[0]).dropna()
    frame = count_flow(study).drop_duplicates("cohort").drop(columns=["wave", "answered"]).reset_index(drop=True)
    found = change.groupby("cohort").agg(["size", "mean", "std"]).set_axis(["n", "mean", "sd"], axis=1)
    found = found.reindex(frame["cohort"]).reset_index(drop=True)
    found["n"] = found["n"].fillna(0).astype(int)
    tests = _intervals(found, study.protocol.analysis.level)
    flags = np.where(found["n"] < 2, TOO_FEW, np.where(tests["std_error"].isna(), NO_SPREAD, ""))
    return frame.assign(n_participants=found["n"], estimate=found["mean"]).join(tests).assign(flag=flags)


def _cohort_waves(study: Study) -> pd.DataFrame:
    """Return ``cohort, audience, wave``: every cohort that answered, at every wave."""
    given = study.responses.dropna(subset="response")
    audiences = given.groupby("cohort")["audience"].unique()
    rows = [
        (cohort, " and ".join(audiences[cohort]), wave)
        for cohort in order_cohorts(given["cohort"].unique(), study.protocol.columns.cohorts)
        for wave in study.protocol.columns.waves
    ]
    return pd.DataFrame(rows, columns=["cohort", "audience", "wave"])


def _audiences(study: Study) -> list[str]:
    """Return the audiences as the cohorts bring them."""
    given = study.responses.drop_duplicates(["cohort", "audience"]).set_index("cohort")["audience"]
    return [who for cohort in dict.fromkeys(_cohort_waves(study)["cohort"]) for who in given.loc[[cohort]]]


def _intervals(groups: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return Student's interval of each mean from ``n, mean, sd``; missing without two values that differ."""
    n, mean = groups["n"].astype(float), groups["mean"]
    spread = groups["sd"].where((n > 1) & (groups["sd"] > 1e-12 * mean.abs().clip(lower=1)))
    found = pd.DataFrame({"std_error": spread / n**0.5, "df": (n - 1).where(spread.notna())})
    half = found["std_error"] * stats.t.ppf((1 + level) / 2, found["df"])
    return found.assign(conf_low=mean - half, conf_high=mean + half)
