"""What is known of participants beside their answers, such as an age band or a profession."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from coprod.faults import Fault
from coprod.training.keys import fill_events, find_variants, read_words
from coprod.training.layouts import Arranged
from coprod.training.personal import holds_addresses, is_personal_name
from coprod.training.protocol import Protocol


def read_covariates(
    arranged: Arranged, protocol: Protocol, named: Mapping[str, str], keys: pd.DataFrame
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read the covariates of each participant.

    Parameters
    ----------
    arranged : Arranged
        The sheet.
    protocol : Protocol
        Names the columns.
    named : mapping
        The name that each column of the protocol has in the sheet.
    keys : DataFrame
        ``participant, row``, as :func:`coprod.training.keys.read_keys` gives them.

    Returns
    -------
    covariates : DataFrame
        One column each, indexed by participant: numbers where all of them are, else words; missing where empty.
    faults : list of Fault
        A column that says who somebody is, a participant with two values, words that differ in case only.
    """
    table, columns = arranged.sheet.name, protocol.columns
    words = {name: read_words(arranged, named[name], columns.missing)[keys.index] for name in columns.covariates}
    rows = fill_events(keys[["row", "participant"]].assign(**words), arranged)
    faults: list[Fault] = []
    for name in columns.covariates:
        if is_personal_name(named[name]) or holds_addresses(arranged.cells(named[name])):
            what = "this covariate says who somebody is; take it out, or give bands or groups in its place"
            faults.append(Fault(table, None, name, what))
            continue
        faults += find_variants(rows[name], rows["row"], "covariate", name, table)
        faults += _two_values(rows, name, table)
    by_person = rows.groupby("participant")[list(columns.covariates)].first()
    return by_person.apply(_as_numbers) if columns.covariates else by_person, faults


def link_covariates(covariates: pd.DataFrame, codes: pd.Series, participants: pd.Series) -> pd.DataFrame:
    """Give covariates to participants as they were linked.

    Parameters
    ----------
    covariates : DataFrame
        Indexed by the code as it was written.
    codes, participants : Series
        For each answer, in the order of waves: the code as written, and whose it is.

    Returns
    -------
    DataFrame
        Indexed by participant; of codes that were linked the earliest that has a value.

    Examples
    --------
    >>> known = pd.DataFrame({"role": ["nurse", "doctor"]}, index=["AN07", "AM07"])
    >>> link_covariates(known, pd.Series(["AN07", "AM07"]), pd.Series(["AN07", "AN07"]))["role"].to_dict()
    {'AN07': 'nurse'}
    """
    pairs = pd.DataFrame({"code": codes, "participant": participants}).drop_duplicates()
    return covariates.reindex(pairs["code"]).groupby(pairs["participant"].to_numpy()).first().rename_axis("participant")


def _two_values(rows: pd.DataFrame, name: str, table: str) -> Iterator[Fault]:
    given = rows.dropna(subset=["participant", name]).drop_duplicates(["participant", name])
    for _, group in given[given.duplicated("participant", keep=False)].groupby("participant", sort=False):
        words = " and ".join(f"{word!r} (row {row})" for word, row in zip(group[name], group["row"], strict=True))
        what = f"one participant has {words}; a covariate has one value each, correct it or use that of the first wave"
        yield Fault(table, int(group["row"].iloc[0]), name, what)


def _as_numbers(words: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(words, errors="coerce").astype(float)
    return numbers if np.isfinite(numbers[words.notna()]).all() else words
