"""Rows of scores: looked at one by one, and put into one row a participant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coprod.errors import DataError, suggest

MOST_WAVES = 10


def order_waves(scores: pd.DataFrame, waves: Sequence[str] | None, covariates: Sequence[str]) -> list[str]:
    """Return the waves in their order, given or that of the column.

    Raises
    ------
    DataError
        If a column is missing, the order is not known, or there are too few waves for a change, or too many.
    """
    missing = [name for name in ("participant", "cohort", "wave", "score", *covariates) if name not in scores]
    if missing:
        needed = ", ".join(["participant", "cohort", "wave", *covariates])
        raise DataError(f"the scores have no column {missing[0]!r}; they need {needed} and score")
    if waves is None:
        if not isinstance(scores["wave"].dtype, pd.CategoricalDtype) or not scores["wave"].cat.ordered:
            raise DataError("the order of the waves is not known; make 'wave' an ordered categorical, baseline first")
        waves = list(scores["wave"].cat.categories)
    if not 1 < len(waves) <= MOST_WAVES:
        raise DataError(f"{len(waves)} wave(s) given; a change needs 2 to {MOST_WAVES}, baseline first")
    return list(waves)


def find_waves(kept: pd.DataFrame, order: list[str]) -> NDArray[np.int64]:
    """Return each row's wave as its place in the order.

    Raises
    ------
    DataError
        If a wave is not in it.
    """
    codes, found = pd.factorize(kept["wave"])
    places = np.append(pd.Index(order, dtype=object).get_indexer(pd.Index(found, dtype=object)), -1)
    waves = np.asarray(places[codes], dtype=np.int64)
    refuse_rows(kept, waves < 0, lambda row: f"wave {row.wave!r} is not known; {suggest(str(row.wave), order)}")
    return waves


def spread_out(
    kept: pd.DataFrame, people: NDArray[np.int64], waves: NDArray[np.int64], shape: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Put the scores of a participant into a row, one column a wave, and tell where there is one.

    Raises
    ------
    DataError
        If a score is not a finite number, or a participant has two at a wave.
    """
    matrix, seen = np.zeros(shape), np.zeros(shape, dtype=bool)
    matrix[people, waves] = _numbers(kept)
    seen[people, waves] = True
    if np.count_nonzero(seen) < len(kept):
        twice = pd.Series(people * shape[1] + waves).duplicated().to_numpy()
        refuse_rows(kept, twice, lambda row: f"has two scores at wave {row.wave!r}; keep one")
    return matrix, seen


def _numbers(kept: pd.DataFrame) -> NDArray[np.float64]:
    values = pd.to_numeric(kept["score"], errors="coerce").to_numpy(dtype=np.float64)
    refuse_rows(kept, ~np.isfinite(values), lambda row: f"score {row.score!r} is not a finite number; correct it")
    return values


def refuse_rows(rows: pd.DataFrame, bad: NDArray[np.bool_], say: Callable[[Any], str]) -> None:
    """Raise for the first bad row, naming its participant and how many there are."""
    if bad.any():
        row = next(rows[bad].itertuples())
        more = f" ({int(bad.sum())} such rows)" if bad.sum() > 1 else ""
        raise DataError(f"participant {row.participant!r}: {say(row)}{more}")
