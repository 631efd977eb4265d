"""How many people were enrolled in each cohort: by the protocol where it says so, else whoever answered at least once.

The numbers of a protocol are counts of people. Whoever sees how many were enrolled and how many answered subtracts, so
all numbers are withheld as soon as one of them would tell how few did not answer, and so are results that rest on them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from coprod.data import refuse_faults
from coprod.errors import DataError, suggest
from coprod.faults import Fault
from coprod.privacy import WITHHELD
from coprod.privacy.counts import tells_rest
from coprod.training.sections import fold

if TYPE_CHECKING:
    from coprod.training.protocol import Protocol
    from coprod.training.study import Study


def match_enrolled(protocol: Protocol, responses: pd.DataFrame, place: str = "protocol") -> dict[str, int]:
    """Find each cohort's number in the protocol, and hold it against those who answered.

    Where participants made up their own codes somebody can stand for two, so that only the answers at one wave are sure
    to be of different people; else everybody with an answer is.

    Parameters
    ----------
    protocol : Protocol
        With numbers enrolled.
    responses : DataFrame
        ``participant, cohort, wave, response``, codes linked.
    place : str
        What errors call the protocol.

    Returns
    -------
    dict
        Cohorts as the answers name them, and how many were enrolled; in the order of names.

    Raises
    ------
    DataError
        One error with every fault: a cohort without a number, a number without a cohort, fewer enrolled than answered.
    """
    given = responses.dropna(subset="response")
    people = given.groupby("cohort", observed=True)["participant"].nunique()
    if protocol.columns.codes == "self-generated":
        waves = given.groupby(["cohort", "wave"], observed=True)["participant"].nunique()
        people = waves.groupby(level="cohort").max()
    named = {fold(cohort): (cohort, number) for cohort, number in (protocol.enrolled or {}).items()}
    place = f"{place}, enrolled"
    refuse_faults((Fault(place, None, None, what) for what in _find_faults(named, people)), place)
    return {str(cohort): named[fold(cohort)][1] for cohort in people.index}


def _find_faults(named: dict[str, tuple[str, int]], people: pd.Series) -> Iterator[str]:
    there = {fold(cohort): str(cohort) for cohort in people.index}
    for key, cohort in there.items():
        if key not in named:
            yield f"no number for cohort {cohort!r}, which answered; add {cohort!r} = NUMBER"
        elif named[key][1] < people[cohort]:
            what = f"{named[key][1]} for cohort {cohort!r}, of which {people[cohort]} people answered"
            yield f"{what}; correct the number, or codes that belong to one person"
    for key, (cohort, _) in named.items():
        if key not in there:
            mend = suggest(cohort, list(there.values()))
            end = "" if mend.endswith("?") else "."
            yield f"no answers are of cohort {cohort!r}; {mend}{end} If it is no slip, take it out and say so in words"


def count_enrolled(study: Study) -> pd.Series:
    """Count who was enrolled in each cohort, by the protocol or, without its numbers, by answers.

    Parameters
    ----------
    study : Study
        Whose cohorts.

    Returns
    -------
    Series
        Named ``enrolled``, by cohort: whole numbers, not released yet; ``"[c]"`` everywhere where the protocol's
        numbers would tell how few did not answer.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> count_enrolled(read_study()).to_dict()
    {'Cohort 1': 18, 'Cohort 2': 22, 'Cohort 3': 15, 'Cohort 4': 20, 'Cohort 5': 31}
    """
    given = study.responses.dropna(subset="response")
    if study.enrolled is None:
        return given.groupby("cohort")["participant"].nunique().rename("enrolled")
    numbers = pd.Series(study.enrolled, name="enrolled").rename_axis("cohort")
    return numbers.astype(object).mask(numbers.notna(), WITHHELD) if find_telling(study) else numbers


def count_audiences(study: Study) -> pd.Series:
    """Count who was enrolled of each audience: by answers wherever a cohort has people of several.

    Parameters
    ----------
    study : Study
        Whose audiences.

    Returns
    -------
    Series
        Named ``enrolled``, by audience, as of :func:`count_enrolled`.
    """
    given = study.responses.dropna(subset="response")
    pairs = given.drop_duplicates(["cohort", "audience"])
    if study.enrolled is None or not knows_audiences(study):
        return given.groupby("audience")["participant"].nunique().rename("enrolled")
    numbers = count_enrolled(study)
    whose = pairs.set_index("cohort")["audience"].reindex(numbers.index)
    if numbers.eq(WITHHELD).any():
        return pd.Series(WITHHELD, index=pd.Index(whose.unique(), name="audience"), name="enrolled", dtype=object)
    return numbers.groupby(whose).sum().rename_axis("audience")


def knows_audiences(study: Study) -> bool:
    """Tell whether numbers of cohorts are numbers of audiences too: where each cohort has people of one alone."""
    pairs = study.responses.dropna(subset="response").drop_duplicates(["cohort", "audience"])
    return bool(pairs["cohort"].is_unique)


def say_enrolled(study: Study) -> str:
    """Say who counts as enrolled in a cohort.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> say_enrolled(read_study())
    'everybody of the cohort who answered at least once'
    """
    if study.enrolled is None:
        return "everybody of the cohort who answered at least once"
    return "by the protocol, whether they ever answered or not"


def note_enrolled(study: Study, *, audiences: bool = False) -> str:
    """Say who counts as enrolled where that is not whoever answered at least once; else nothing.

    Parameters
    ----------
    study : Study
        Whose numbers are shown.
    audiences : bool
        Whether audiences are counted, and not cohorts.
    """
    if study.enrolled is None:
        return ""
    if audiences and not knows_audiences(study):
        return " Enrolled: everybody of the audience who answered at least once, since a cohort has several audiences."
    return f" Enrolled: {say_enrolled(study)}."


def find_telling(study: Study) -> int | None:
    """Find how few people could be worked out from the protocol's numbers and the counts of those who answered.

    Held against each cohort's number are those of it who answered each wave, and at all; of every scale those with a
    score at each wave, and at both that a change is made of. A number is rounded where the profile rounds, and what is
    left over is told where it could be one number only (:mod:`coprod.privacy.counts`).

    Parameters
    ----------
    study : Study
        Whose profile decides.

    Returns
    -------
    int or None
        The smallest number told; None where none is, or where the protocol has no numbers.
    """
    if study.enrolled is None or study.profile.person_level:
        return None
    told = {
        study.enrolled[cohort] - seen
        for cohort, seen in _list_seen(study)
        if tells_rest(study.enrolled[cohort], seen, study.profile)
    }
    return min(told, default=None)


def count_unseen(study: Study, scale: str = "", wave: str = "") -> int | None:
    """Count the fewest people whose assumed answers could be told from results that count all enrolled.

    Such results are exact, so rounding is not counted on: they give the number of all enrolled, and so of those who
    have no score, or no change, of the scale.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    int or None
        What :func:`coprod.privacy.release` has to know of as ``people``; None where nobody is counted beyond those
        who answered.
    """
    if study.enrolled is None:
        return None
    scores = study.score(scale).dropna(subset="score")
    ends = [set(scores.loc[scores["wave"] == name, "participant"]) for name in
            (study.protocol.baseline, study.find_wave(wave))]  # fmt: skip
    whole = sum(study.enrolled.values())
    left = [whole - scores["participant"].nunique(), whole - len(ends[0] & ends[1]), find_telling(study) or 0]
    return min((number for number in left if number > 0), default=None)


def _list_seen(study: Study) -> Iterator[tuple[str, int]]:
    """List every count of people that may stand beside a cohort's number."""
    given = study.responses.dropna(subset="response")
    for frame in (given, *_list_scores(study)):
        there = frame.drop_duplicates(["cohort", "participant", "wave"])
        first = there.loc[there["wave"] == study.protocol.baseline, "participant"]
        paired = there[there["participant"].isin(first)]
        for part in (there, paired):
            yield from _read_sizes(part.groupby(["cohort", "wave"], observed=True).size())
        yield from _read_sizes(there.groupby("cohort")["participant"].nunique())


def _list_scores(study: Study) -> Iterator[pd.DataFrame]:
    for entry in study.protocol.scale:
        with contextlib.suppress(DataError):  # a scale that nobody answered enough of has nothing to show
            yield study.score(entry.name).dropna(subset="score")


def _read_sizes(sizes: pd.Series) -> Iterator[tuple[str, int]]:
    for key, size in sizes.items():
        yield str(key[0] if isinstance(key, tuple) else key), int(size)
