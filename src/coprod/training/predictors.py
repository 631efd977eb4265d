"""What the mixed model takes of the participants besides their scores: one value each, a number or a category."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coprod.errors import DataError

Column = tuple[str, str | None]
"""A covariate and a level of it, or None for a number."""


def code_covariates(
    scores: pd.DataFrame, covariates: Sequence[str], people: pd.Index
) -> tuple[NDArray[np.float64], tuple[Column, ...]]:
    """Code the covariates of the participants as columns of numbers.

    Parameters
    ----------
    scores : DataFrame
        ``participant`` and the covariates. Blank cells of a participant who has a value elsewhere are filled.
    covariates : sequence of str
        Columns: numbers as they are, text, categories and yes-or-no as categories.
    people : Index
        The participants wanted, P of them.

    Returns
    -------
    ndarray, shape (P, p), and tuple of (str, str or None)
        A column per number and per level of a category; missing where a participant has no value.

    Raises
    ------
    DataError
        If a participant has two values of a covariate, or one that is not finite, or nobody has one.

    Examples
    --------
    >>> rows = pd.DataFrame({"participant": ["a", "a", "b"], "job": ["nurse", None, "porter"]})
    >>> values, columns = code_covariates(rows, ["job"], pd.Index(["b", "a"]))
    >>> values.tolist(), columns
    ([[0.0, 1.0], [1.0, 0.0]], (('job', 'nurse'), ('job', 'porter')))
    """
    parts: list[NDArray[np.float64]] = [np.empty((len(people), 0))]
    columns: list[Column] = []
    for name in covariates:
        own = _of_participants(scores, name).reindex(people)
        if own.isna().all():
            raise DataError(f"no participant has a value of covariate {name!r}; leave it out")
        if pd.api.types.is_numeric_dtype(scores[name].dtype) and not pd.api.types.is_bool_dtype(scores[name].dtype):
            parts.append(own.to_numpy(dtype=np.float64, na_value=np.nan)[:, None])
            columns.append((name, None))
            continue
        words = own.astype(object).map(str, na_action="ignore")
        levels = sorted(words.dropna().unique())
        matrix = (words.to_numpy()[:, None] == np.array(levels, dtype=object)).astype(np.float64)
        parts.append(np.where(words.isna().to_numpy()[:, None], np.nan, matrix))
        columns += [(name, level) for level in levels]
    return np.hstack(parts), tuple(columns)


def _of_participants(scores: pd.DataFrame, name: str) -> pd.Series:
    """Return each participant's one value."""
    given = scores.loc[scores[name].notna() & scores["participant"].notna(), ["participant", name]]
    if pd.api.types.is_float_dtype(given[name].dtype) and np.isinf(given[name]).any():
        person = given.loc[np.isinf(given[name]), "participant"].iloc[0]
        raise DataError(f"participant {person!r}: covariate {name!r} is not finite; correct it or leave it blank")
    distinct = given.drop_duplicates()
    twice = distinct["participant"].duplicated()
    if twice.any():
        person = distinct.loc[twice, "participant"].iloc[0]
        values = distinct.loc[distinct["participant"] == person, name].tolist()
        raise DataError(
            f"participant {person!r}: covariate {name!r} is both {values[0]!r} and {values[1]!r}; "
            "a covariate says one thing of a participant: keep one value"
        )
    return distinct.set_index("participant")[name]
