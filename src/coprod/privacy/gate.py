"""The last look before anything is shown: a result, or a whole folder of output.

Searched are texts (counts of people that are too small or not rounded), tables by the names of their columns or, where
only readers' headings are left, by these, numbers kept under the name of a count, names of the parts of drawings, and
codes of participants. Scripts are searched for codes alone. What cannot be searched, such as a photograph, is refused.

Of codes only those are searched that could not be anything else: four characters or more with both a letter and a
digit, or six or more digits. A code that is a word or a small number would be found in places where it means nothing;
that it is not shown rests on columns of codes being refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

import pandas as pd

from coprod.errors import DataError
from coprod.faults import Fault
from coprod.privacy.columns import COUNTED, HEADINGS, KNOWN, PEOPLE, PERSONS, SHARES, STATISTICS
from coprod.privacy.counts import is_small
from coprod.privacy.profiles import PROFILES, WITHHELD, Profile
from coprod.privacy.reading import Shown, read_shown, read_text
from coprod.privacy.words import NUMBERS, counts_people, find_counts
from coprod.results import Figure, Result, Table, Value

TEXT = frozenset({".css", ".csv", ".html", ".ipynb", ".js", ".json", ".md", ".svg", ".toml", ".txt"})
"""Files that can be searched."""
NAMES = ("cohort", "audience", "wave", "item", "wording", "scale")
"""Columns whose words are names, so that a number in them counts nobody."""
_CODE = re.compile(r"(?=.*[^\W\d_])(?=.*\d)\S{4,}|\d{6,}")
_NAMED = re.compile(rf"(?=.*[^\W\d_])(?:.*\d|.*\b(?:{'|'.join(NUMBERS)})\b)", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![#\w])\w+")


def check_result(result: Result, profile: Profile) -> Result:
    """Let a result through that keeps the profile's rules.

    Parameters
    ----------
    result : Result
        About to be displayed.
    profile : Profile
        The rules.

    Returns
    -------
    Result
        The same.

    Raises
    ------
    DataError
        If it shows single people, a small count, or a column that is not known to hide them.
    """
    if profile.person_level:
        return result
    shown = Shown(texts=[result.title, result.answer, result.source, *map(str, result.parameters.values())])
    if isinstance(result, (Table, Figure)):
        shown.tables.append(result.data)
    if isinstance(result, Figure):
        shown.texts.append(result.alt)
        for drawing in (result.wide, result.narrow):
            read_text(drawing, shown)
    if isinstance(result, Value):
        shown.texts.append(f"{result.value} {result.unit}")
        shown.keyed += [("n", result.value)] * counts_people(result.unit)
    faults = dict.fromkeys(_find_faults(shown, profile, _find_names([shown])))
    if faults:
        raise DataError(f"result {result.id!r} may not be shown under profile {profile.name!r}: {'; '.join(faults)}")
    return result


def check_folder(
    folder: Path, profile: Profile, forbidden: Iterable[str] = (), known: Set[str] = frozenset()
) -> list[Fault]:
    """Search every file of an output folder for what the profile hides.

    Parameters
    ----------
    folder : Path
        CSV, JSON, SVG, HTML, scripts, notebooks and text; pictures inside them are decoded. Anything else is refused.
    profile : Profile
        The rules.
    forbidden : iterable of str
        Codes of participants, which may stand nowhere; see above for those that can be searched.
    known : set of str
        SHA-256 of files that need no search: a typeface that comes with a package, or a picture that was drawn from a
        drawing which is searched.

    Returns
    -------
    list of Fault
        Each with its file; empty when nothing is revealed.
    """
    if profile.person_level:
        return []
    found = (path for path in folder.rglob("*") if path.is_file())
    paths = sorted(path for path in found if hashlib.sha256(path.read_bytes()).hexdigest() not in known)
    codes = {word.casefold() for word in map(str, forbidden) if _CODE.fullmatch(word)}
    read: dict[str, Shown] = {}
    faults = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            if path.suffix not in TEXT:
                raise ValueError(f"it is a {path.suffix or 'nameless'} file")
            with open(path, encoding="utf-8") as file:
                content = file.read()
            read[name] = read_shown(path.suffix, content)
        except ValueError as error:
            faults.append(Fault(name, None, None, f"this file cannot be searched ({error}); leave it out"))
            continue
        shown_codes = _find_codes("\n".join([name, content, *read[name].texts, *read[name].names]), codes)
        faults += [Fault(name, None, None, f"a participant's code stands here: {code!r}") for code in shown_codes]
    names = _find_names(read.values())
    for name, shown in read.items():
        faults += [Fault(name, None, None, what) for what in dict.fromkeys(_find_faults(shown, profile, names))]
    return faults


def _find_faults(shown: Shown, profile: Profile, names: re.Pattern[str]) -> Iterator[str]:
    for table in shown.tables:
        yield from _of_columns(table, profile)
    for table in shown.headed:
        for place, heading in enumerate(map(str, table.columns)):
            yield from _of_heading(heading.casefold(), table.iloc[:, place], profile)
    for key, number in shown.keyed:
        yield from _of_heading(key, [number], profile) if key in PEOPLE | PERSONS else ()
    for words in [*shown.texts, *(re.sub(r"[-_.:]+", "=", name) for name in shown.names)]:
        yield from _of_words(names.sub("\N{BULLET}", words), profile)
    for kind in shown.sealed:
        yield f"{kind} cannot be searched; leave it out"


def _of_columns(frame: pd.DataFrame, profile: Profile) -> Iterator[str]:
    """Look at a table of the vocabulary."""
    for name in map(str, frame.columns):
        if name not in KNOWN:
            yield f"column {name!r} is not known to hide single people"
        elif name in PEOPLE:
            yield from _of_heading(name, frame[name], profile)
    few = pd.Series(data=False, index=frame.index)
    for name in (name for name in COUNTED if name in frame):
        few |= frame[name].eq(WITHHELD)
    for name in (name for name in frame if name in STATISTICS):
        if (few & frame[name].map(_is_number)).any():
            yield f"column {name!r} shows a statistic of people whose number is withheld"
    for name in (name for name in frame if name in SHARES and "n" in frame):
        for share, n in zip(frame[name], frame["n"], strict=True):
            if _is_number(share) and not _is_of_counts(float(share), n, profile):
                yield f"column {name!r} shows {share}, which is not a share of released counts"


def _of_heading(name: str, cells: Iterable[object], profile: Profile) -> Iterator[str]:
    """Look at a column by its name or heading."""
    numbers = [float(str(cell)) for cell in cells if _is_number(cell)]
    if name in PERSONS and numbers:
        yield f"column {name!r} shows numbers of single people"
    for number in filter(float.is_integer, numbers if name in HEADINGS else ()):
        yield from _of_count(number, profile, f"column {name!r} shows a count of {number:g}")


def _of_words(words: str, profile: Profile) -> Iterator[str]:
    for start, end, number in find_counts(words):
        around = " ".join(words[max(0, start - 20) : end + 25].split())
        yield from _of_count(number, profile, f"the words {around!r} count {number} people")


def _of_count(number: float, profile: Profile, what: str) -> Iterator[str]:
    if number < 0 or is_small(number, profile):
        yield f"{what}, which is too few"
    elif number % profile.base:
        yield f"{what}, which is not rounded to {profile.base}"


def _is_of_counts(share: float, n: object, profile: Profile) -> bool:
    """Tell whether a share could be of a part ``n``, or of a whole ``n``, made from released counts."""
    if not _is_number(n):
        return False
    whole = float(str(n)) / share if share else 0.0
    return any(abs(count - round(count / profile.base) * profile.base) < 1e-6 * max(1.0, count)
               for count in (whole, share * float(str(n))))  # fmt: skip


def _is_number(cell: object) -> bool:
    try:
        return not isinstance(cell, bool) and not pd.isna(float(str(cell)))
    except ValueError:
        return False


def _find_names(read: Iterable[Shown]) -> re.Pattern[str]:
    """Find what has a number in it that counts nobody: names in the data, and the profiles' own words."""
    tables = [table for shown in read for table in shown.tables]
    found = {str(cell) for table in tables for name in NAMES if name in table for cell in table[name].dropna()}
    named = {name for name in found if _NAMED.search(name)} | {profile.words for profile in PROFILES.values()}
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(named, key=len, reverse=True)))})(?!\w)")


def _find_codes(content: str, codes: set[str]) -> list[str]:
    """Find codes that stand in a text as words of their own."""
    folded = content.casefold()
    words = codes.intersection(_TOKEN.findall(folded))
    spelt = {code for code in codes if not code.isalnum() and code in folded}
    return sorted(words | spelt)
