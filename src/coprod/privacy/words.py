"""Counts of people in sentences: found, and taken out.

A number counts people where they are named right after it ("3 nurses", "five of the staff", "3 did not reply"), where
it is part of a whole ("3 of 20", but not "3 of 20 items"), or where it is called by their name or n ("n = 3",
"answered: 3"). A number that belongs to the name before it ("Cohort 3 staff", "table 2") does not, nor does a rule
("7 people or fewer", "at least two people").
"""

from __future__ import annotations

import re

from coprod.privacy.columns import PEOPLE
from coprod.privacy.counts import release_count
from coprod.privacy.profiles import Profile

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER = rf"(?<![\w.,/^*−+–-])(?P<n>\d{{1,7}}|{'|'.join(NUMBERS)})"
_DIGITS = r"(?<![\w.,/^*−+–-])(?P<n>\d{1,7})"
_ENDS = r"(?![\w%^*/−–-]|[.,:]\d)"
_WHO = (
    r"(?:participants?|people|persons?|respondents?|staff|students?|nurses?|doctors?|professionals?|learners?|"
    r"trainees?|attendees?|individuals?|women|woman|men|man|colleagues?|questionnaires?|replies)\b"
    r"(?! (?:cohort|group|audience|wave|scale|item|survey|organisation)s?\b)(?! or (?:fewer|less|more)\b)"
)
_LINKS = (
    r"(?:of|to|and|or|in|the|for|with|at|by|from|on|than|per|as|who|whose|cohorts|groups|audiences|waves|scales|items|"
    r"sessions|methods|points)"
)
_DID = (
    r"(?:answered|replied|responded|enrolled|started|dropped out|improved|got (?:better|worse)|did not|didn't|stayed|"
    r"left|was lost|were lost|silent|missing)\b"
)
_CALLED = rf"(?:{'|'.join(sorted(PEOPLE))}|replied|responded|improved|lost|did not (?:answer|reply)|not answered)\b"
_THINGS = (
    r"(?! (?!was\b|has\b|is\b|does\b|this\b|participants|people|staff|students|persons|questionnaires)[\w-]*[a-z]s\b)"
    r"(?! (?:is|are|was|were) (?:estimated|tested|fitted|drawn|made|named|computed)\b)"
)
PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_NUMBER}{_ENDS}(?: of the)?(?: (?!{_LINKS}\b)[a-z-]{{2,12}}){{0,2}}? {_WHO}",
        rf"{_NUMBER}{_ENDS} {_DID}",
        rf"{_NUMBER} (?:out )?of (?:the |all )?(?P<m>\d{{1,7}}){_ENDS} (?:{_WHO}|{_DID})",
        rf"{_DIGITS} (?:out )?of (?:the |all )?(?P<m>\d{{1,7}}){_ENDS}{_THINGS}",
        rf"{_NUMBER}/(?P<m>\d{{1,7}}){_ENDS} (?:{_WHO}|{_DID})",
        rf"(?<!\w)(?:{_CALLED}|{_WHO})['\"]?(?: ?[=:] ?|[ \t]{{2,}})(?P<n>\d{{1,7}})(?:\.0+)?{_ENDS}",
    )
)
_NAME_BEFORE = re.compile(
    r"\b(?:cohort|wave|item|scale|figure|table|page|level|step|slide|notebook|row|column|version|part|year|question|"
    r"file|at least|at most|fewer than|less than|more than|up to|needs?|minimum of|\d to|per|with) $",
    re.IGNORECASE,
)


def find_counts(words: str) -> list[tuple[int, int, int]]:
    """List what counts people in running text: where each number starts and ends, and the number.

    Examples
    --------
    >>> text = "Of 5 cohorts, three nurses and 2 of 20 students replied; 1 of 32 flips (n = 4)."
    >>> [number for _, _, number in find_counts(text)]
    [3, 2, 20, 4]
    """
    found = set()
    for match in (match for pattern in PATTERNS for match in pattern.finditer(words)):
        if not _NAME_BEFORE.search(words[max(0, match.start() - 20) : match.start()]):
            for group, number in match.groupdict().items():
                read = NUMBERS.index(number.lower()) if number.lower() in NUMBERS else int(number)
                found.add((*match.span(group), read))
    return sorted(found)


def release_words(words: str, profile: Profile) -> str:
    """Round counts of people in a sentence, or withhold them.

    Parameters
    ----------
    words : str
        Running text.
    profile : Profile
        The rules.

    Returns
    -------
    str
        The text with its counts released.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> release_words("1 participant(s) with scores, 12 of 23 in all; two cohorts", find_profile("opensafely"))
    '[c] participant(s) with scores, 10 of 25 in all; two cohorts'
    """
    for start, end, number in reversed(find_counts(words)):
        words = f"{words[:start]}{release_count(number, profile)}{words[end:]}"
    return words


def counts_people(unit: str) -> bool:
    """Tell whether a unit is people.

    Examples
    --------
    >>> counts_people("people"), counts_people("points")
    (True, False)
    """
    return bool(re.fullmatch(rf"(?:[a-z-]+ )?(?:{_WHO}|{_DID})", unit, re.IGNORECASE))
