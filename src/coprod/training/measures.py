"""How good the questionnaire was as a measure: reliability, items, scores at the ends of the scale."""

from __future__ import annotations

import pandas as pd

from coprod.errors import DataError
from coprod.training.effects import pair_scores
from coprod.training.omega import estimate_omega
from coprod.training.reliability import check_items, check_reliable_change, estimate_alpha
from coprod.training.study import Study


def tabulate_reliability(study: Study) -> pd.DataFrame:
    """Estimate the reliability of each scale at each wave: the rows of ``reliability.csv``.

    Parameters
    ----------
    study : Study
        What was asked.

    Returns
    -------
    DataFrame
        ``scale, wave, alpha, conf_low, conf_high, omega, n_participants, n_items, flag``: Cronbach's alpha with Feldt's
        interval and McDonald's omega, from those who answered every item; what has none has a reason in ``flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> tabulate_reliability(read_study())[["scale", "wave", "alpha"]].round(2).to_numpy().tolist()[0]
    ['confidence', 'before', 0.8]
    """
    rows = []
    for entry in study.protocol.scale:
        for wave in study.protocol.columns.waves:
            row: dict[str, object] = {"scale": entry.name, "wave": wave, "n_items": len(entry.answers)}
            flags: list[str] = []
            try:
                answers = _answers_at(study, entry.name, wave)
                alpha = estimate_alpha(answers, study.protocol.analysis.level)
                row |= alpha._asdict()
                omega = estimate_omega(answers)
                row["omega"] = omega.omega
                flags += [omega.flag] * bool(omega.flag)
            except DataError as error:
                flags.append(str(error))
            rows.append({**row, "flag": "; ".join(flags)})
    names = ["scale", "wave", "alpha", "conf_low", "conf_high", "omega", "n_participants", "n_items", "flag"]
    return pd.DataFrame(rows).reindex(columns=names)


def tabulate_items(study: Study, scale: str = "") -> pd.DataFrame:
    """Look at each item of a scale at each wave, reverse-scored items turned.

    Returns
    -------
    DataFrame
        ``wave, item, wording, n, item_rest, n_floor, n_ceiling, flag``, as :func:`check_items` gives them.
    """
    entry = study.find_scale(scale)
    parts = []
    for wave in study.protocol.columns.waves:
        found = check_items(_answers_at(study, entry.name, wave), entry.minimum, entry.maximum)
        found.insert(0, "wave", wave)
        found.insert(2, "wording", [entry.wording.get(item, item) for item in found["item"]])
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def count_ends(study: Study, scale: str = "") -> pd.DataFrame:
    """Count the scores at either end of a scale at each wave, where no change for the better, or worse, can show.

    Returns
    -------
    DataFrame
        ``wave, n, n_floor, n_ceiling``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> count_ends(read_study()).to_numpy().tolist()[0]
    ['before', 105, 0, 0]
    """
    entry, scores = study.find_scale(scale), study.score(scale).dropna(subset="score")
    low, high = entry.range
    rows = []
    for wave in study.protocol.columns.waves:
        given = scores.loc[scores["wave"] == wave, "score"]
        rows.append((wave, len(given), int((given <= low + 1e-9).sum()), int((given >= high - 1e-9).sum())))
    return pd.DataFrame(rows, columns=["wave", "n", "n_floor", "n_ceiling"])


def count_reliable_change(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Count who changed by more than the scale's error, which the alpha measured at the baseline tells.

    Returns
    -------
    DataFrame
        ``change, n, flag``: "up", "down" and "neither" (:func:`coprod.training.reliability.check_reliable_change`); one
        row without a count where there is no reliability to judge by.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> count_reliable_change(read_study()).to_numpy().tolist()
    [['up', 23, ''], ['down', 1, ''], ['neither', 74, '']]
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    try:
        alpha = estimate_alpha(_answers_at(study, entry.name, study.protocol.baseline)).alpha
        pairs = pair_scores(study.score(entry.name), study.protocol.baseline, after)
        counted = check_reliable_change(pairs["before"], pairs["after"], alpha, study.protocol.analysis.level)
    except DataError as error:
        return pd.DataFrame({"change": ["cannot be said"], "n": [None], "flag": [str(error)]})
    return counted.rename(columns={"participants": "n"})[["change", "n"]].assign(flag="")


def _answers_at(study: Study, scale: str, wave: str) -> pd.DataFrame:
    """Return the answers to a scale at one wave, one row per participant."""
    matrix = study.answers(scale)
    return matrix[matrix.index.get_level_values("wave") == wave].reset_index(drop=True)
