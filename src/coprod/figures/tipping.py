"""What those who did not reply would have to have changed to undo a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.figures.curve import Curve, Place, draw_curve
from coprod.figures.outcome import make_figure, scale_words, sentence
from coprod.figures.wording import is_shown
from coprod.privacy import release
from coprod.results import Figure
from coprod.training.enrolment import count_unseen
from coprod.training.study import Study
from coprod.training.words import count_decimals, write_points

NO_CHANGE, AS_REPLIED = "no change (back to start)", "same as those who replied"
TIPPING = "tipping point"
EVERYWHERE = "the interval includes no change as it is"
COLUMNS = ["delta", "assumed", "estimate", "conf_low", "conf_high", "n_participants", "n_silent", "n_cohorts"]
FRAMES = {"future_cohorts": "for cohorts yet to come", "these_cohorts": "for these cohorts"}


def plot_tipping(
    curve: pd.DataFrame, points: pd.DataFrame, study: Study, *, scale: str = "", wave: str = "",
    id: str = "tipping_point",  # noqa: A002
) -> Figure:  # fmt: skip
    """Draw the average change by what is assumed of those who did not reply, and where it would be undone.

    The curve is drawn as far as it goes: choose its deltas from what is thinkable. The change at "no change" is read
    off between two of its rows, which is exact since the estimate is linear in what is assumed.

    Parameters
    ----------
    curve : DataFrame
        As :func:`coprod.training.nonresponse.estimate_under_delta`, all cohorts shifted: ``delta, assumed, frame,
        estimate, conf_low, conf_high, n_participants, n_silent, n_cohorts``. Future cohorts are drawn, or these
        where there is no interval for future ones.
    points : DataFrame
        As :func:`coprod.training.tipping.find_tipping_points`: ``frame, cohort, delta, assumed, flag``.
    study : Study
        Whose numbers they are; its profile decides what is drawn.
    scale, wave : str
        A scale and a later wave, those of the numbers; the primary ones without a name.
    id : str
        Name of the figure.

    Returns
    -------
    Figure
        Its data have ``what``: "curve", "no change", "same as those who replied" or "tipping point".

    Raises
    ------
    DataError
        If everybody replied, if fewer did not reply than the profile shows, or if there is no interval to draw.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.nonresponse import estimate_under_delta
    >>> from coprod.training.tipping import find_tipping_points
    >>> study = read_study()
    >>> curve = estimate_under_delta(study.score(), "before", "later", [-1.0, 0.0, 1.0])
    >>> points = find_tipping_points(study.score(), "before", "later", minimum=1, maximum=5)
    >>> plot_tipping(curve, points, study, wave="later").data["what"].tolist()
    ['curve', 'curve', 'curve', 'no change (back to start)', 'same as those who replied', 'tipping point']
    """
    after = study.find_wave(wave)
    frame, rows = _choose_frame(curve, after)
    silent = int(rows["n_silent"].iloc[0])
    if silent == 0 and study.profile.zero:
        raise DataError(f"everybody replied at {after!r}, so there is nobody whose answers have to be assumed")
    tips = points[(points["frame"] == frame) & (points["cohort"] == "all")]
    table = _tabulate(rows, tips)
    data = release(table, study.profile, people=count_unseen(study, scale, after))
    data = data.assign(n_silent=_find_silent(data, tips, points, study))
    if silent == 0 or not all(is_shown(data[name].iloc[0]) for name in ("n_silent", "n_participants")):
        who = " or were enrolled and never answered" if study.enrolled else ""
        raise DataError(
            f"too few people did not reply at {after!r}{who} for profile {study.profile.name!r} to show what they "
            "could have said; choose another wave, or leave the figure out"
        )
    return _make(data, tips, study, scale, after, id)


def _choose_frame(curve: pd.DataFrame, after: str) -> tuple[str, pd.DataFrame]:
    """Return the frame that is drawn and its rows: that of future cohorts where it has an interval."""
    for frame in FRAMES:
        rows = curve[curve["frame"] == frame].sort_values("assumed")
        if rows["conf_low"].notna().sum() > 1:
            return frame, rows
    raise DataError(f"the change at {after!r} has no interval under any assumption; there is nothing to draw")


def _tabulate(rows: pd.DataFrame, tips: pd.DataFrame) -> pd.DataFrame:
    """Put the curve, the two named assumptions and the tipping points below each other."""
    first = rows.iloc[0]
    table = rows[["frame", *COLUMNS]].assign(what="curve").astype({"delta": float})
    shift = float(first["assumed"] - first["delta"])
    named: list[tuple[str, float, float]] = [(NO_CHANGE, -shift, 0.0), (AS_REPLIED, 0.0, shift)]
    named += [(TIPPING, row["delta"], row["assumed"]) for row in tips.to_dict("records")
              if is_shown(row["delta"]) and row["flag"] != EVERYWHERE]  # fmt: skip
    extra = []
    for what, delta, assumed in named:
        inside = rows["assumed"].iloc[0] <= assumed <= rows["assumed"].iloc[-1]
        estimate = float(np.interp(assumed, rows["assumed"], rows["estimate"])) if inside else None
        extra.append({**first[["frame", "n_participants", "n_silent", "n_cohorts"]].to_dict(), "what": what,
                      "delta": delta, "assumed": assumed, "estimate": estimate})  # fmt: skip
    joined = [*table.to_dict("records"), *extra]
    return pd.DataFrame(joined).reindex(columns=["what", "frame", *COLUMNS])


def _find_silent(data: pd.DataFrame, tips: pd.DataFrame, points: pd.DataFrame, study: Study) -> Any:
    """Return how many did not reply, as the table of the cohorts says it: the sum of those shown."""
    if "n_silent" not in points or tips.empty:
        return data["n_silent"]
    counts = [name for name in ("frame", "cohort", "direction", "n_participants", "n_silent") if name in points]
    told = release(points[counts], study.profile)
    return told.loc[(told["cohort"] == "all") & (told["frame"] == tips["frame"].iloc[0]), "n_silent"].iloc[0]


def _make(data: pd.DataFrame, tips: pd.DataFrame, study: Study, scale: str, after: str, name: str) -> Figure:
    """Say and draw what is released."""
    entry = study.find_scale(scale)
    decimals = count_decimals(entry)
    line = data[data["what"] == "curve"].astype(dict.fromkeys(COLUMNS[:5], float))
    named = [row for row in data.to_dict("records") if row["what"] in (NO_CHANGE, AS_REPLIED)]
    named = [row for row in named if is_shown(row["estimate"]) and not _doubles(row, decimals)]
    named.sort(key=lambda row: float(row["assumed"]))
    found = sorted(float(assumed) for assumed in data.loc[data["what"] == TIPPING, "assumed"])
    inside = [tip for tip in found if line["assumed"].iloc[0] <= tip <= line["assumed"].iloc[-1]]
    words = _say_none(tips, [_sign(tip, decimals) for tip in found])
    curve = Curve(line, [_read_place(row, decimals) for row in named], inside, words, decimals)
    people, silent = (int(data[key].iloc[0]) for key in ("n_participants", "n_silent"))
    interval = f"{100 * study.protocol.analysis.level:g}% interval {FRAMES[str(data['frame'].iloc[0])]}"
    finding = _say_tips([_sign(tip, decimals) for tip in found], words)
    whom = "people enrolled by the protocol" if study.enrolled else "people"
    return make_figure(
        study,
        lambda sheet, note: draw_curve(sheet, curve, note),
        id=name,
        title=_title(study, [_sign(tip, decimals) for tip in found], words),
        subtitle=f"Average change of {entry.name} from {study.protocol.baseline} to {after} for all {people} {whom}, "
        f"by what is assumed about the {silent} who did not reply at “{after}”",
        answer=f"{finding} ({interval}; {silent} of {people} {whom} did not reply).",
        alt=f"Line with a band: the average change of all {people} {whom} by what is assumed about the {silent} who "
        f"did not reply. {scale_words(study, scale)}. {_say_line(line, named, decimals)}. {finding}.",
        reading="Those who did not reply are given the assumed average change, in each cohort as far from those who "
        f"replied; the band is the {interval}. Grey: it includes no change.",
        data=data,
        parameters={"scale": entry.name, "wave": after},
    )


def _doubles(row: Mapping[Any, Any], decimals: int) -> bool:
    """Tell whether those who replied did not change either, so that the two places are one."""
    return row["what"] == AS_REPLIED and round(float(row["assumed"]), decimals) == 0


def _sign(value: Any, decimals: int) -> str:
    return write_points(float(value), decimals, signed=True)


def _read_place(row: Mapping[Any, Any], decimals: int) -> Place:
    words = str(row["what"])
    if words == AS_REPLIED:
        words += f" ({_sign(row['assumed'], decimals)})"
    return Place(float(row["assumed"]), float(row["estimate"]), words)


def _say_line(line: pd.DataFrame, named: Sequence[Mapping[Any, Any]], decimals: int) -> str:
    """Say the change at both ends of the line and at the named places."""
    ends = [f"assumed {_sign(row['assumed'], decimals)}: {_say_change(row, decimals)}"
            for row in (line.iloc[0].to_dict(), line.iloc[-1].to_dict())]  # fmt: skip
    inner = [f"{_read_place(row, decimals).words}: {_sign(row['estimate'], decimals)}" for row in named]
    return f"Average change, by what is assumed: {'; '.join([ends[0], *inner, ends[1]])}"


def _say_change(row: Mapping[Any, Any], decimals: int) -> str:
    low, high = (_sign(row[end], decimals) if is_shown(row[end]) else "none" for end in ("conf_low", "conf_high"))
    return f"{_sign(row['estimate'], decimals)} (interval {low} to {high})"


def _say_none(tips: pd.DataFrame, found: Sequence[str]) -> str:
    """Say why no tipping point is on the drawing."""
    if found:
        return f"tipping point: {found[0]}, beyond the drawing"
    return EVERYWHERE if tips["flag"].eq(EVERYWHERE).any() else "no tipping point within the scale"


def _say_tips(found: Sequence[str], words: str) -> str:
    if not found:
        return sentence(words)
    return (
        f"The interval would reach no change if those who did not reply had changed by {' or '.join(found)} points "
        "on average"
    )


def _title(study: Study, found: Sequence[str], words: str) -> str:
    if study.synthetic:
        return "Could those who did not reply undo the result?"
    if found:
        return f"Undone if those who did not reply changed by {found[0]}"
    return sentence(words) if words == EVERYWHERE else "No change within the scale undoes it"
