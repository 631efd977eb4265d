"""The rules of those who keep data of people, each by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from coprod.errors import check_word

ProfileName = Literal["opensafely", "nhs-hes", "acro-10", "internal"]
WITHHELD = "[c]"
"""Stands for a number that is kept confidential, as the UK's Government Analysis Function writes it in tables."""


@dataclass(frozen=True)
class Profile:
    """One set of rules.

    Attributes
    ----------
    name : {"opensafely", "nhs-hes", "acro-10", "internal"}
        As the protocol names it.
    least : int
        The smallest count of people that is shown.
    base : int
        Counts are rounded to a multiple of this; 1 leaves them as they are.
    zero : bool
        Whether a count of nobody is shown.
    person_level : bool
        Whether marks of single people may be shown.
    words : str
        What the rules do, in one sentence for readers.
    """

    name: ProfileName
    least: int
    base: int
    zero: bool
    person_level: bool
    words: str


def _protecting(name: ProfileName, least: int, base: int, *, zero: bool) -> Profile:
    rounded = f", others are rounded to the nearest {base}" if base > 1 else ""
    withheld = f"Counts of {'1 to ' if zero else ''}{least - 1} people {'' if zero else 'or fewer '}are not shown"
    return Profile(name, least, base, zero, person_level=False,
                   words=f"{withheld}{rounded}, and what rests on them is withheld (profile {name}).")  # fmt: skip


PROFILES: Mapping[ProfileName, Profile] = MappingProxyType({
    "opensafely": _protecting("opensafely", 8, 5, zero=False),
    "nhs-hes": _protecting("nhs-hes", 8, 5, zero=True),
    "acro-10": _protecting("acro-10", 10, 1, zero=False),
    "internal": Profile("internal", 0, 1, zero=True, person_level=True,
                        words="Nothing is withheld: for use inside the team only (profile internal)."),
})  # fmt: skip
"""The profiles.

``opensafely``: counts up to 7 are redacted, others rounded to the nearest 5, totals made of rounded counts (as ehrQL's
measures do, OpenSAFELY's "Updated disclosure control guidance"). ``nhs-hes``: counts of 1 to 7 are suppressed and
others rounded to the nearest 5, zeros are shown (Hospital Episode Statistics analysis guide). ``acro-10``: cells under
10 are suppressed, the default of the ACRO tools (doi:10.1109/TP.2025.3566052). ``internal``: nothing.
"""


def find_profile(name: ProfileName) -> Profile:
    """Return a profile by name.

    Parameters
    ----------
    name : {"opensafely", "nhs-hes", "acro-10", "internal"}
        As the protocol names it.

    Returns
    -------
    Profile
        Its rules.

    Raises
    ------
    UsageError
        If there is none of that name.

    Examples
    --------
    >>> find_profile("opensafely").words
    'Counts of 7 people or fewer are not shown, others are rounded to the nearest 5, and what rests on them is \
withheld (profile opensafely).'
    """
    check_word(name, get_args(ProfileName), "disclosure profile")
    return PROFILES[name]
