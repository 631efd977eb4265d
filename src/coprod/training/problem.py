"""A mixed model posed for sums: which columns it has, which parameters, and the moments they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coprod.errors import DataError
from coprod.training.sums import Array, Sums

Frame = Literal["these_cohorts", "future_cohorts"]
Covariance = Literal["compound-symmetric", "unstructured"]
CohortEffects = Literal["level and change", "level"]


@dataclass(frozen=True)
class Problem:
    """One model for N data sets of C cohorts, K sets of waves answered, W waves and p covariate columns.

    Each fixed effect is one column of the waves' design times a number of the participant: 1, or a covariate.
    Scores are taken from their mean, covariates from their mean in standard deviations.

    Attributes
    ----------
    frame : {"these_cohorts", "future_cohorts"}
        Cohorts as fixed effects, each with its own means, or as random effects.
    names : tuple of str
        The q covariance parameters: the participants', then the cohorts' variances.
    kinds : ndarray, shape (k, W, W)
        Matrices of the participants' covariance parameters.
    lower : ndarray, shape (q,)
        Bounds: 0 for variances.
    own : ndarray of bool, shape (q,)
        Variances that cannot all be 0: of the residuals, or of the waves.
    random : tuple of int
        Fixed effects that vary by cohort, each with a variance.
    patterns : ndarray of bool, shape (K, W)
        Sets of waves answered.
    design : ndarray, shape (W, W)
        Baseline, and change since.
    effects : tuple of (int, int)
        For each fixed effect its column of the design and its number: 0 for 1, else a covariate.
    labels : tuple of str
        Names of the fixed effects.
    count : ndarray, shape (N, 1 + p, 1 + p, K, C)
        Sums of the products of the participants' numbers, 1 and covariates.
    total : ndarray, shape (N, 1 + p, K W, C)
        Sums of scores times these.
    squares : ndarray, shape (N, K W W, C)
        Sums of the products of scores.
    spread, constant : ndarray, shape (N,)
        Variance of all scores; what the criterion has beside determinants and squares.
    """

    frame: Frame
    names: tuple[str, ...]
    kinds: Array
    lower: Array
    own: NDArray[np.bool_]
    random: tuple[int, ...]
    patterns: NDArray[np.bool_]
    design: Array
    effects: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    count: Array
    total: Array
    squares: Array
    spread: Array
    constant: Array

    def take(self, chosen: NDArray[np.bool_]) -> Problem:
        """Return some of the data sets."""
        if chosen.all():
            return self
        names = ("count", "total", "squares", "spread", "constant")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def start(self, share: float) -> Array:
        """Return a first guess that gives each cohort variance a share of the scores' variance, shape (N, q)."""
        parts = np.where(self.own, 0.5, 0.0)
        if "participant" in self.names:
            parts[self.names.index("participant")] = 0.4
        else:
            parts[[name.startswith("cov ") for name in self.names]] = 0.1
        parts[len(self.kinds) :] = share
        return np.asarray(parts * self.spread[:, None])


def pose(many: Sequence[Sums], frame: Frame, covariance: Covariance, cohort_effects: CohortEffects) -> Problem:
    """Pose one model for data sets of the same waves, cohorts, patterns and covariates.

    Raises
    ------
    DataError
        If all scores of a data set are equal, or a covariate has one value.
    """
    first, width = many[0], len(many[0].waves)
    design = np.eye(width)
    design[:, 0] = 1
    names, kinds = _kinds(first.waves, covariance)
    own = [name == "residual" or name.startswith("var ") for name in names]
    random = {"these_cohorts": 0, "future_cohorts": 1 if cohort_effects == "level" else width}[frame]
    names += ["cohort", *(f"cohort x {wave}" for wave in first.waves[1:])][:random]
    kept = _coding(first)
    moments = [np.stack([getattr(sums, name) for sums in many]) for name in ("count", "total", "products")]
    cells = np.concatenate([np.arange(width), width + np.array(kept, dtype=int)])
    count, total, products = moments[0], moments[1][..., cells], moments[2][..., cells[:, None], cells]
    spread = _spread(count @ first.patterns, total[..., :width], products[..., :width, :width])
    total, products, scale = _standardise(first, kept, count, total, products)
    blocks = 1 if random else len(first.cohorts)
    left = (count @ first.patterns).sum(axis=(1, 2)) - width * blocks - len(kept)
    return Problem(
        frame, tuple(names), kinds, np.array([-np.inf if name.startswith("cov ") else 0.0 for name in names]),
        np.array(own + [False] * random), tuple(range(random)), first.patterns, design,
        tuple((w, 0) for w in range(width)) + tuple((0, 1 + c) for c in range(len(kept))),
        (*first.waves, *(" ".join(filter(None, first.columns[c])) for c in kept)),
        *_moments(width, count, total, products), spread, left * np.log(2 * np.pi) + 2 * np.log(scale).sum(axis=-1),
    )  # fmt: skip


def refuse_unfit(sums: Sums, frame: Frame) -> None:
    """Raise where the data cannot hold the model."""
    if frame == "future_cohorts" and len(sums.cohorts) < 2:
        raise DataError(
            f"one cohort only ({sums.cohorts[0]!r}): nothing can be said of future cohorts; ask for these_cohorts"
        )
    if not (sums.count[:, sums.patterns.sum(axis=1) > 1] > 0).any():
        raise DataError("nobody has scores at two waves; a change needs people who answered before and after")
    for wave in np.flatnonzero((sums.answered == 0).all(axis=0)):
        raise DataError(f"no score at wave {sums.waves[wave]!r}; leave out the wave")
    if frame == "these_cohorts":
        for cohort, wave in np.argwhere(sums.answered == 0):
            name = sums.cohorts[cohort]
            raise DataError(f"no score of cohort {name!r} at wave {sums.waves[wave]!r}; leave out the cohort")
    elif (sums.count.sum(axis=1) <= 1).all():
        raise DataError("every cohort has one participant: their effects cannot be told apart; ask for these_cohorts")


def _kinds(waves: tuple[str, ...], covariance: Covariance) -> tuple[list[str], Array]:
    """Return the names and the matrices of a participant's covariance parameters."""
    width = len(waves)
    if covariance == "compound-symmetric":
        return ["residual", "participant"], np.array([np.eye(width), np.ones((width, width))])
    names, kinds = [], []
    for w in range(width):
        for v in range(w, width):
            kind = np.zeros((width, width))
            kind[w, v] = kind[v, w] = 1
            kinds.append(kind)
            names.append(f"var {waves[w]}" if w == v else f"cov {waves[w]}, {waves[v]}")
    return names, np.array(kinds)


def _coding(sums: Sums) -> list[int]:
    """Return the covariate columns taken into the model: numbers, and levels but the first."""
    kept: list[int] = []
    for name in sums.covariates:
        own = [place for place, column in enumerate(sums.columns) if column[0] == name]
        if sums.columns[own[0]][1] is None:
            kept += own
        elif len(own) == 1:
            raise DataError(f"covariate {name!r} has one level only, {sums.columns[own[0]][1]!r}; leave it out")
        else:
            kept += own[1:]
    return kept


def _spread(answered: Array, total: Array, products: Array) -> Array:
    """Return the variance of all scores of each data set."""
    n = answered.sum(axis=(1, 2))
    squares = np.einsum("nckww->n", products) / n
    spread = squares - (total.sum(axis=(1, 2, 3)) / n) ** 2
    if (spread <= 1e-12 * np.maximum(1.0, squares)).any():
        raise DataError("all scores are equal: there is no variation to model")
    return np.asarray(spread)


def _standardise(
    sums: Sums, kept: list[int], count: Array, total: Array, products: Array
) -> tuple[Array, Array, Array]:
    """Take scores from their mean, and covariates from their mean in standard deviations, which are returned."""
    width, people = len(sums.waves), count.sum(axis=(1, 2))
    sizes = np.column_stack([np.repeat((count @ sums.patterns).sum(axis=(1, 2))[:, None], width, axis=1),
                             np.repeat(people[:, None], len(kept), axis=1)])  # fmt: skip
    whole = total.sum(axis=(1, 2))
    whole[:, :width] = whole[:, :width].sum(axis=1, keepdims=True)
    observed = np.hstack([sums.patterns, np.ones((len(sums.patterns), len(kept)), dtype=bool)])
    centre = ((whole / sizes)[:, None] * observed)[:, None]
    crossed = total[..., :, None] * centre[..., None, :]
    shift = count[..., None] * centre
    products = products - crossed - np.swapaxes(crossed, -1, -2) + shift[..., :, None] * centre[..., None, :]
    squares = np.einsum("ncaa->na", products.sum(axis=2))[:, width:]
    raw = np.einsum("ncaa->na", products.sum(axis=2) + (shift[..., :, None] * centre[..., None, :]).sum(axis=2))
    for place in np.argwhere(squares <= 1e-12 * raw[:, width:]):
        raise DataError(f"covariate {sums.columns[kept[place[1]]][0]!r} has one value only; leave it out")
    scale = np.sqrt(squares / people[:, None])
    every = np.hstack([np.ones((len(scale), width)), scale])[:, None, None]
    return (total - shift) / every, products / (every[..., :, None] * every[..., None, :]), scale


def _moments(width: int, count: Array, total: Array, products: Array) -> tuple[Array, Array, Array]:
    """Arrange the sums by data set, by the participants' numbers, and with the cohorts last."""
    numbers = np.concatenate([count[..., None], total[..., width:]], axis=-1)
    crossed = np.concatenate([numbers[..., None, :], np.concatenate(
        [total[..., width:, None], products[..., width:, width:]], axis=-1)], axis=-2)  # fmt: skip
    scores = np.concatenate([total[..., None, :width], products[..., width:, :width]], axis=-2)
    sets, cohorts = count.shape[:2]
    squares = products[..., :width, :width].reshape(sets, cohorts, -1)
    by_number = np.moveaxis(scores, 3, 1).reshape(sets, scores.shape[3], cohorts, -1)
    return (
        np.ascontiguousarray(np.transpose(crossed, (0, 3, 4, 2, 1))),
        np.ascontiguousarray(np.swapaxes(by_number, -1, -2)),
        np.ascontiguousarray(np.swapaxes(squares, -1, -2)),
    )
