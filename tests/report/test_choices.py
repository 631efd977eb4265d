"""The words that a parameter can take are offered inside its quotes, and nowhere else."""

from typing import Any, Literal

import pytest

from coprod.report.choices import find_choices
from coprod.talk import survey
from coprod.talk.rounding import ROUNDINGS, printed_percent
from coprod.training.linkage import Mode
from coprod.training.study import Study


def free(word: str, other: int = 0, *, way: Literal["in", "out"] = "in") -> str:
    return f"{word}{other}{way}"


class Uncalled:
    """A thing with a property that must not be asked for while somebody types."""

    def pick(self, mode: Mode) -> None: ...

    @property
    def trap(self) -> Any:
        raise AssertionError


NAMES = {"printed_percent": printed_percent, "survey": survey, "free": free, "thing": Uncalled(), "Study": Study}
WAYS = ("default", "exact", "unlinked")


@pytest.mark.parametrize(
    ("code", "typed", "words"),
    [
        ('printed_percent(3, 10, "', "", ROUNDINGS),
        ("printed_percent(3, 10, 'half-e", "half-e", ROUNDINGS),
        ('x = 1\ny = printed_percent(3,\n    10, rounding="ne', "ne", ROUNDINGS),
        ('survey.answer_counts(talk["survey"], 196, "', "", ROUNDINGS),
        ('survey.answer_counts(f(a, [b, c]), max(1, 2), rounding = "', "", ROUNDINGS),
        ('print(printed_percent(3, 10, "', "", ROUNDINGS),
        ('thing.pick("', "", WAYS),
        ('Study.link(study, "', "", WAYS),
        ('free("a, b", 2, way="', "", ("in", "out")),
        ('# it\'s "\nfree("", way="o', "o", ("in", "out")),
    ],
)
def test_the_words_of_an_argument_are_found(code: str, typed: str, words: tuple[str, ...]) -> None:
    assert find_choices(code, NAMES) == (typed, words)


@pytest.mark.parametrize(
    "code",
    [
        "printed_percent(3, 10, ",
        'printed_percent(3, 10, "nearest"',
        'printed_percent(3, 10, "nearest", "',
        'printed_percent("',
        'free("',
        'free(1, ["',
        'free(1, way=x + "',
        'free(1, other="',
        'free(1, unknown="',
        'unknown("',
        'thing.trap("',
        'thing.trap.more("',
        'thing.absent("',
        '("',
        '"',
        'free("it is (free(1, way="',
        "",
    ],
)
def test_elsewhere_there_are_none(code: str) -> None:
    assert find_choices(code, NAMES)[1] == ()
