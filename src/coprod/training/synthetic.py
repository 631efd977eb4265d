"""Questionnaires made up from a known truth, to show and to test the method; never results.

``python -m coprod.training.synthetic`` prints the worked example of ``data/training/``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from coprod.errors import UsageError
from coprod.training.sums import Array

LETTERS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
SEED = 2017


@dataclass(frozen=True, kw_only=True)
class Design:
    """The truth that questionnaires are made from; the defaults are those of the worked example.

    A participant's standing at a wave is the mean, plus the cohort's level, plus the participant's, plus the
    wave's change, plus the cohort's deviation from that change, plus what the day brings; an answer is that plus
    the item's easiness and error, rounded to the nearest point of the scale and held at its ends. All of these
    are normal and independent.

    Attributes
    ----------
    sizes : mapping
        Cohort and how many enrolled.
    audiences : mapping
        Cohort and its audience.
    changes : mapping
        Wave and the mean change of standing since the first, which has 0; the order is that of the waves.
    items : mapping
        Item and its easiness, in points.
    reverse : tuple of str
        Items asked the other way round.
    minimum, maximum : int
        Range of an answer.
    mean : float
        Mean standing at the first wave.
    cohort_sd, change_sd, participant_sd, occasion_sd, item_sd : float
        Standard deviations.
    reply : mapping
        Wave and the share that replies at average scores; an absent wave is answered by all.
    reply_slope : float
        By how much the log odds of a reply rise with each point of the score at the first wave.
    item_missing, slip : float
        Share of answers left out; share of later codes in which one letter is drawn anew (it may be the same again).
    """

    sizes: Mapping[str, int] = field(
        default_factory=lambda: {"Cohort 1": 18, "Cohort 2": 22, "Cohort 3": 15, "Cohort 4": 20, "Cohort 5": 31}
    )
    audiences: Mapping[str, str] = field(
        default_factory=lambda: {**{f"Cohort {n}": "staff" for n in range(1, 5)}, "Cohort 5": "students"}
    )
    changes: Mapping[str, float] = field(default_factory=lambda: {"before": 0.0, "after": 0.5, "later": 0.35})
    items: Mapping[str, float] = field(
        default_factory=lambda: {
            "c1": 0.2,
            "c2": 0.1,
            "c3": 0.0,
            "c4": -0.2,
            "c5": -0.1,
            "w1": 0.6,
            "w2": 0.4,
            "w3": 0.5,
        }
    )
    reverse: tuple[str, ...] = ("c4",)
    minimum: int = 1
    maximum: int = 5
    mean: float = 3.0
    cohort_sd: float = 0.15
    change_sd: float = 0.1
    participant_sd: float = 0.5
    occasion_sd: float = 0.3
    item_sd: float = 0.6
    reply: Mapping[str, float] = field(default_factory=lambda: {"after": 0.96, "later": 0.6})
    reply_slope: float = 0.6
    item_missing: float = 0.01
    slip: float = 0.04

    def __post_init__(self) -> None:
        """Refuse a truth that cannot be."""
        for flaw in (*self._flaws_of_people(), *self._flaws_of_answers()):
            raise UsageError(flaw)

    def _flaws_of_people(self) -> Iterator[str]:
        if not self.sizes or min(self.sizes.values()) < 1:
            yield "give at least one cohort, each with a participant"
        yield from (f"cohort {name!r} has no audience; add it" for name in self.sizes if name not in self.audiences)
        if next(iter(self.changes.values()), 0.0) != 0.0 or len(self.changes) < 2:
            yield "give at least two waves, the first with a change of 0"
        for wave, share in self.reply.items():
            if not 0 < share <= 1:
                yield f"a share of {share} replies at wave {wave!r} cannot be; give one above 0, up to 1"

    def _flaws_of_answers(self) -> Iterator[str]:
        for name in self.reverse:
            if name not in self.items:
                yield f"{name!r} is reverse-scored and not an item; add or remove it"
        if not self.items or not self.minimum < self.maximum:
            yield "give at least one item, and a minimum below the maximum"
        least = min(self.cohort_sd, self.change_sd, self.participant_sd, self.occasion_sd, self.item_sd)
        if least < 0:
            yield f"a standard deviation of {least} cannot be; give 0 or more"
        for what, share in (("item_missing", self.item_missing), ("slip", self.slip)):
            if not 0 <= share <= 1:
                yield f"{what} is {share}, which is no share; give 0 to 1"

    def true_mean(self, wave: str, items: tuple[str, ...] | None = None) -> float:
        r"""Return the expected score at a wave over all cohorts there could be.

        An item's expected answer is minimum + sum over the steps k of Phi((m - t_k) / s), with m the mean standing
        and the item's easiness, t_k half-way between two answers and s the root of the sum of all variances.

        Parameters
        ----------
        wave : str
            A wave of the design.
        items : tuple of str, optional
            The items that the score is the mean of; all by default. Reverse-scored ones are taken as turned back.

        Returns
        -------
        float
            In points of the scale.

        Examples
        --------
        >>> design = Design(items={"a": 0.0}, reverse=(), mean=3.0)
        >>> round(design.true_mean("before"), 9)
        3.0
        """
        later = 0.0 if wave == next(iter(self.changes)) else self.change_sd
        spreads = (self.cohort_sd, later, self.participant_sd, self.occasion_sd, self.item_sd)
        spread = float(np.sqrt(np.square(spreads).sum()))
        steps = np.arange(self.minimum, self.maximum) + 0.5
        middle = self.mean + self.changes[wave]
        easiness = np.array([self.items[item] for item in items or self.items])
        rises = stats.norm.cdf((middle + easiness[:, None] - steps) / spread)
        return float(self.minimum + rises.sum(axis=1).mean())


def simulate_responses(
    design: Design, rng: np.random.Generator, *, standings: Mapping[str, Array] | None = None
) -> pd.DataFrame:
    """Make up questionnaires.

    Parameters
    ----------
    design : Design
        The truth.
    rng : numpy.random.Generator
        Source of chance.
    standings : mapping, optional
        Wave and the mean standing of each cohort; drawn as the design says where it is not given.

    Returns
    -------
    DataFrame
        ``code, cohort, audience, time``, one column per item as asked, and ``synthetic``, which says yes; one row
        per questionnaire returned. ``person`` numbers who answered, whatever the code says.

    Examples
    --------
    >>> frame = simulate_responses(Design(), np.random.default_rng(1))
    >>> frame["synthetic"].unique().tolist(), int(frame["person"].nunique())
    (['yes'], 106)
    """
    names = list(design.sizes)
    cohort = np.repeat(np.arange(len(names)), list(design.sizes.values()))
    level: Array = np.zeros(len(cohort))
    if standings is None:
        level = design.mean + rng.normal(0, design.cohort_sd, len(names))[cohort]
    level += rng.normal(0, design.participant_sd, len(cohort))
    codes = _draw_codes(len(cohort), rng)
    parts: list[pd.DataFrame] = []
    first: Array = np.zeros(len(cohort))
    for wave, change in design.changes.items():
        baseline = not parts
        if standings is None:
            moved = change + (0.0 if baseline else rng.normal(0, design.change_sd, len(names))[cohort])
        else:
            moved = standings[wave][cohort]
        answers = _draw_answers(design, level + moved, rng)
        first = answers.mean(axis=1) if baseline else first
        replied = _draw_replies(design, wave, first, rng)
        frame = pd.DataFrame(_as_asked(design, answers, rng), columns=list(design.items)).astype("Int64")
        frame.insert(0, "time", wave)
        frame.insert(0, "audience", [design.audiences[names[c]] for c in cohort])
        frame.insert(0, "cohort", [names[c] for c in cohort])
        frame.insert(0, "code", codes if baseline else _slip(codes, design.slip, rng))
        parts.append(frame.assign(person=np.arange(len(cohort)))[replied])
    return pd.concat(parts, ignore_index=True).assign(synthetic="yes")


def _draw_answers(design: Design, standing: Array, rng: np.random.Generator) -> Array:
    """Return the answers of all participants to all items at one wave, none of them turned."""
    easiness = np.array(list(design.items.values()))
    day = standing + rng.normal(0, design.occasion_sd, len(standing))
    latent = day[:, None] + easiness + rng.normal(0, design.item_sd, (len(standing), len(easiness)))
    return np.asarray(np.clip(np.rint(latent), design.minimum, design.maximum))


def _draw_replies(design: Design, wave: str, first: Array, rng: np.random.Generator) -> Array:
    share = design.reply.get(wave, 1.0)
    chance = rng.random(len(first))
    if share >= 1:
        return np.ones(len(first), dtype=bool)
    odds = np.log(share / (1 - share)) + design.reply_slope * (first - design.mean)
    return np.asarray(chance < 1 / (1 + np.exp(-odds)))


def _as_asked(design: Design, answers: Array, rng: np.random.Generator) -> Array:
    """Turn the items asked the other way round, and leave some answers out."""
    turned = np.array([item in design.reverse for item in design.items])
    asked = np.where(turned, design.minimum + design.maximum - answers, answers)
    return np.where(rng.random(asked.shape) < design.item_missing, np.nan, asked)


def _draw_codes(n: int, rng: np.random.Generator) -> list[str]:
    """Return different codes of two letters, two digits and two letters, as people make them up."""
    codes: dict[str, None] = {}
    while len(codes) < n:
        letters, day = rng.choice(LETTERS, 4), rng.integers(1, 32)
        codes[f"{letters[0]}{letters[1]}{day:02d}{letters[2]}{letters[3]}"] = None
    return list(codes)


def _slip(codes: list[str], share: float, rng: np.random.Generator) -> list[str]:
    """Write some codes with one letter wrong."""
    wrong = rng.random(len(codes)) < share
    places, letters = rng.integers(0, 2, len(codes)), rng.choice(LETTERS, len(codes))
    return [
        f"{code[:place]}{letter}{code[place + 1 :]}" if slips else code
        for code, slips, place, letter in zip(codes, wrong, places, letters, strict=True)
    ]


def write_example() -> str:
    """Return the worked example as CSV: what ``data/training/synthetic_responses.csv`` holds."""
    frame = simulate_responses(Design(), np.random.default_rng(SEED))
    return frame.drop(columns="person").to_csv(index=False, lineterminator="\n")


if __name__ == "__main__":
    sys.stdout.write(write_example())
