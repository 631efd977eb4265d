"""Who did not reply, and what they would have had to say to undo a result, for a whole study."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from coprod.errors import DataError
from coprod.training.nonresponse import estimate_under_delta
from coprod.training.order import order_cohorts
from coprod.training.scenarios import subtract_means
from coprod.training.study import Study
from coprod.training.tipping import EVERYBODY, INCLUDES, UNREACHABLE, find_tipping_points

SILENCE = ["scale", "cohort", "wave", "n_replied", "n_silent", "mean_replied", "mean_silent", "difference", "conf_low",
           "conf_high", "flag"]  # fmt: skip
TIPPING = ["frame", "scale", "term", "cohort", "direction", "delta", "assumed", "verdict", "n_participants",
           "n_silent", "flag"]  # fmt: skip
VERDICTS = {
    EVERYBODY: "everybody replied: there is nobody whose change has to be assumed",
    INCLUDES: "there is nothing to undo: the interval includes no change as it is",
    UNREACHABLE: "not undone by any change that the scale allows",
}
ALL = "all"
STEPS = 61


def describe_silence(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Compare the scores before of those who replied later with the scores before of those who did not.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        A scale, the primary one by default, and a later wave, all by default.

    Returns
    -------
    DataFrame
        ``scale, cohort, wave, n_replied, n_silent, mean_replied, mean_silent, difference, conf_low, conf_high, flag``:
        one row per wave and cohort, and one of "all". Both groups have a score before; ``difference`` is replied less
        silent, with Welch's interval, participants as the unit. Those with a score later and none before are in
        neither group, which ``flag`` says.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> found = describe_silence(read_study(), wave="later")
    >>> found[["n_replied", "n_silent"]].iloc[-1].to_dict()
    {'n_replied': 63, 'n_silent': 42}
    """
    entry, waves = study.find_scale(scale), study.protocol.columns.waves
    later = [study.find_wave(wave)] if wave else waves[1:]
    try:
        scores = study.score(entry.name)
    except DataError as error:
        return pd.DataFrame([{"scale": entry.name, "cohort": ALL, "flag": str(error)}]).reindex(columns=SILENCE)
    scores = scores[scores["score"].notna()].astype({"cohort": str, "wave": str})
    rows = []
    for after in later:
        for cohort in [*order_cohorts(scores["cohort"].unique(), study.protocol.columns.cohorts), ALL]:
            own = scores if cohort == ALL else scores[scores["cohort"] == cohort]
            row = _compare(own, waves[0], after, study.protocol.analysis.level)
            rows.append({"scale": entry.name, "cohort": cohort, "wave": after, **row})
    return pd.DataFrame(rows).reindex(columns=SILENCE)


def tabulate_tipping(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Find how differently those who did not reply would have had to change, and say it in words.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    DataFrame
        ``frame, scale, term, cohort, direction, delta, assumed, verdict, n_participants, n_silent, flag``, as
        :func:`coprod.training.tipping.find_tipping_points`, with a ``verdict`` in words and no numbers. Where
        nothing can be found there is one row whose ``flag`` says why.
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    before, level = study.protocol.baseline, study.protocol.analysis.level
    low, high = entry.range
    try:
        scores = study.score(entry.name)
        points = find_tipping_points(
            scores, before, after, minimum=low, maximum=high, level=level, enrolled=study.enrolled
        )
    except DataError as error:
        points = pd.DataFrame([{"cohort": ALL, "flag": str(error)}]).reindex(columns=TIPPING)
    points = points.assign(scale=entry.name, term=f"{after} - {before}")
    verdicts = [_say(*row) for row in zip(points["cohort"], points["delta"], points["assumed"], points["flag"],
                                          strict=True)]  # fmt: skip
    return points.assign(verdict=verdicts)[TIPPING]


def trace_silence(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Trace the change over what could be assumed of those who did not reply, to be drawn.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    DataFrame
        As :func:`coprod.training.nonresponse.estimate_under_delta`. The assumed change runs over three eighths of the
        scale to either side of what those who replied changed by, and on to the tipping point and a little further.

    Raises
    ------
    DataError
        If nothing can be assumed (:func:`coprod.training.replies.count_replies`).
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    scores, before, level = study.score(entry.name), study.protocol.baseline, study.protocol.analysis.level
    low, high = entry.range
    points = find_tipping_points(scores, before, after, minimum=low, maximum=high, level=level, enrolled=study.enrolled)
    far = 1.15 * points.loc[points["cohort"] == ALL, "delta"].dropna()
    reach = 3 / 8 * (high - low)
    deltas = np.linspace(min(-reach, far.min() if len(far) else 0), max(reach, far.max() if len(far) else 0), STEPS)
    found = estimate_under_delta(scores, before, after, deltas, level=level, enrolled=study.enrolled)
    return found.assign(scale=entry.name)


def _compare(scores: pd.DataFrame, before: str, after: str, level: float) -> dict[str, object]:
    """Compare the scores before of those with and without a score after."""
    first, later = (scores[scores["wave"] == wave].set_index("participant")["score"] for wave in (before, after))
    replied, silent = first[first.index.isin(later.index)], first[~first.index.isin(later.index)]
    row: dict[str, object] = {"n_replied": len(replied), "n_silent": len(silent)}
    flags = []
    row |= {f"mean_{name}": float(group.mean()) for name, group in (("replied", replied), ("silent", silent))
            if len(group)}  # fmt: skip
    if first.empty:
        flags.append("nobody has a score before")
    elif silent.empty or replied.empty:
        flags.append("everybody replied" if silent.empty else "nobody replied")
    else:
        difference, variance, df = subtract_means(replied, silent)
        row["difference"] = difference
        if variance > 0:
            half = float(stats.t.ppf((1 + level) / 2, df)) * float(np.sqrt(variance))
            row |= {"conf_low": difference - half, "conf_high": difference + half}
        else:
            flags.append("scores do not vary" if variance == 0 else "too few for an interval")
    if not later.index.isin(first.index).all():
        flags.append("without those who replied later and not at the start")
    return {**row, "flag": "; ".join(flags)}


def _say(cohort: str, delta: float, assumed: float, flag: str) -> str:
    """Say in words what a tipping point means."""
    if flag:
        return VERDICTS.get(flag, "it cannot be said what would undo it")
    who = "those who did not reply" if cohort == ALL else f"those of {cohort} who did not reply"
    seen = assumed - delta
    moved, other = ("rose", "fell") if seen > 0 else ("fell", "rose")
    if assumed * seen <= 0:
        return f"undone only if {who} {other} or stayed as they were, where those who replied {moved}"
    if abs(assumed) < abs(seen):
        return f"undone if {who} {moved} by less than those who replied"
    return f"undone if {who} {moved} by so much more than those who replied that the cohorts no longer agree"
