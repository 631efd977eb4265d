"""What a protocol means, in words that a trainer or a patient champion can read."""

import re

import pytest

from coprod.training.explain import METHODS, explain_protocol
from coprod.training.mixed import METHODS as MIXED
from coprod.training.outcomes import METHODS_OF_PAIRS
from coprod.training.protocol import Protocol, parse_protocol
from coprod.training.study import read_study
from coprod.training.words import NEVER_CLAIMED

BASE = """
title = "Risk training"
{top}
[columns]
participant = "code"
cohort = "group"
waves = ["start", "end", "half a year on"]
{columns}
[[scale]]
name = "confidence"
items = ["c1", "c2", "c3", "c4", "c5", "c6", "c7"]
reverse = ["c4", "c6"]
minimum = 0
maximum = 10
{scale}
[analysis]
primary_scale = "confidence"
primary_wave = "end"
{analysis}
{rest}
"""


def plan(**parts: str) -> Protocol:
    given = {"top": "", "columns": 'wave = "time"', "scale": "", "analysis": "", "rest": "", **parts}
    return parse_protocol(BASE.format(**given).encode())


def explain(**parts: str) -> str:
    return explain_protocol(plan(**parts))


def test_every_number_in_it_is_the_protocol_s():
    text = explain(
        scale='min_answered = 0.7\nscore = "sum"\nbetter = "lower"', analysis="level = 0.9\nseed = 11\nimputations = 40"
    )
    assert "asked 3 times: 'start', 'end' and 'half a year on'" in text
    assert "'confidence' has 7 questions" in text
    assert "Answers go from 0 to 10. The score is their sum." in text
    assert "The score can go from 0 to 70. A lower score is hoped for." in text
    assert "they ask the other way: 'c4' and 'c6' (10 minus the answer)" in text
    assert "needs 5 of 7 answers" in text  # 0.7 of 7 is 4.9
    assert "hold the true value 90 times in 100" in text
    assert "starts from the number 11." in text
    assert "filled in 40 times" in text


@pytest.mark.parametrize(("share", "needed"), [(0.8, 6), (0.6, 5), (1.0, 7), (0.01, 1), (3 / 7, 3)])
def test_the_answers_needed_are_those_the_scoring_needs(share, needed):
    import pandas as pd

    from coprod.training.scoring import score_scale

    protocol = plan(scale=f"min_answered = {share}")
    assert f"needs {needed} of 7 answers" in explain_protocol(protocol)
    items = protocol.primary.items
    for given, scored in ((needed, True), (needed - 1, False)):
        answers = pd.DataFrame({"participant": "a", "cohort": "one", "wave": "start", "item": items})
        answers["response"] = [5.0] * given + [None] * (7 - given)
        assert score_scale(answers, protocol.primary.scale)["score"].notna().item() is scored


def test_it_names_the_one_question_and_both_frames():
    text = explain()
    assert "how much does 'confidence' change from 'start' to 'end'?" in text
    assert "for these cohorts" in text
    assert "for future cohorts" in text
    assert "sets no margin, so nothing is said of a change being kept" in text
    assert "within 0.5 points of that at 'end'" in explain(analysis="margin = 0.5")


def test_every_method_that_is_printed_is_explained():
    printed = {*MIXED, *(method for _, methods, _ in METHODS_OF_PAIRS for method in methods)}
    assert {name for names in METHODS.values() for name in names} == printed
    assert all(sentence in explain() for sentence in METHODS)


def test_what_is_never_claimed_is_said():
    text = explain()
    assert all(f"{claim}: {reason}." in text for claim, reason in NEVER_CLAIMED)
    for word in ("training caused", "audience", "sectors", "patients", "co-production"):
        assert word in text.split("What will never be claimed")[1]


def test_the_mark_is_that_of_the_file_and_synthetic_is_said_first():
    protocol = plan(top="synthetic = true")
    lines = explain_protocol(protocol).splitlines()
    assert lines[0] == "What will be done: Risk training"
    assert lines[1].startswith("SYNTHETIC")
    assert f"Its mark is {protocol.hash[:12]}." in lines[-1]
    assert "SYNTHETIC" not in explain()
    assert "Its mark is not known" in explain_protocol(protocol.model_copy(update={"hash": ""}))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"columns": 'wide = "{wave} {item}"'}, "Columns are named like"),
        ({"columns": 'wave = "t"\nitem = "q"\nresponse = "a"'}, "'q' names the question, 'a' the answer"),
        ({"columns": 'wave = "t"\ncohorts = ["A", "B", "C"]'}, "There are 3 cohorts: 'A', 'B' and 'C'."),
        ({"columns": 'wave = "t"\ncohorts = ["A", "B", "C"]'}, "the number of cohorts (3) counts"),
        ({"columns": 'wave = "t"\ncodes = "self-generated"'}, "only inside a cohort"),
        ({"columns": 'wave = "t"\ncovariates = ["age", "role"]'}, "Also known of each person: 'age' and 'role'."),
        ({"columns": 'wave = "t"\nmissing = ["-99"]'}, "These count as no answer: '-99'."),
        ({"columns": 'wave = "t"\naudience = "who"', "analysis": 'staff = ["nurse"]'}, "those marked 'nurse'"),
        ({"rest": '[privacy]\nprofile = "acro-10"'}, "Counts of 9 people or fewer are not shown"),
        ({"scale": 'wording = { c1 = "I feel sure" }'}, "c1: “I feel sure”"),
        ({"scale": 'score = "sum"'}, "counts as the mean of what was answered"),
        ({"rest": '[[scale]]\nname = "total"\ncolumn = "t1"\nminimum = 0\nmaximum = 40'},
         "'total' is a score worked out before, in column 't1'."),
        ({"rest": '[[scale]]\nname = "one"\nitems = ["o"]\nminimum = 0\nmaximum = 4'}, "'one' has 1 question: 'o'."),
        ({"rest": '[[scale]]\nname = "one"\nitems = ["o"]\nminimum = 0\nmaximum = 4'}, "These come second: 'one'."),
    ],
)  # fmt: skip
def test_what_a_protocol_adds_is_explained(parts, sentence):
    assert sentence in explain(**parts)
    assert sentence not in explain()


def test_with_two_waves_nothing_is_said_of_keeping():
    text = explain_protocol(parse_protocol(BASE.replace(', "half a year on"', "").format(
        top="", columns='wave = "t"', scale="", analysis="", rest="").encode()))  # fmt: skip
    assert "kept if" not in text
    assert "being kept" not in text


def count_syllables(word: str) -> int:
    return max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e\b", "", word.lower()))))


def test_a_reader_of_twelve_to_fourteen_can_follow():
    """Flesch and Kincaid's grade, 0.39 words a sentence + 11.8 syllables a word - 15.59, of ages less five."""
    text = explain_protocol(read_study().protocol)
    body = re.sub(r"\([^)]*\)|“[^”]*”|'[^']*'|profile \w+", "", text)
    sentences = [s for s in re.split(r"[.?:;]\s|\n", body) if len(s.split()) > 2]
    words = [w for s in sentences for w in re.findall(r"[A-Za-z]+", s)]
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(count_syllables, words)) / len(words) - 15.59
    assert grade < 8
    assert max(len(s.split()) for s in sentences) <= 25


def test_numbers_enrolled_are_told_only_where_nothing_is_withheld():
    given = "[enrolled]\nNorth = 23\nSouth = 31\n"
    public, inside = explain(rest=given), explain(rest=given + "[privacy]\nprofile = 'internal'\n")
    for text in (public, inside):
        assert "How many people were enrolled is given for 2 cohorts." in text
        assert "People who were enrolled and never answered count when we ask" in text
    assert "They are: 'North' 23, 'South' 31." in inside
    assert not {"23", "31"} & set(re.findall(r"\w+", public))
    assert "enrolled" not in explain()
