from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from coprod.data import Talk
from coprod.figures.citations import plot_citations
from coprod.talk.works import audit_works

SVG = "{http://www.w3.org/2000/svg}"
STATES = ["match", "years differ", "cited by name only", "not in the list", "never cited"]


@pytest.fixture
def audit() -> pd.DataFrame:
    columns = ["work", "label", "cited", "listed", "cited_year", "listed_year", "state", "note"]
    rows = [
        ("nesta", "Nesta", True, True, 2012, 2012, STATES[0], "match"),
        ("act", "Health and Social Care Act", True, True, 2012, 2014, STATES[1], "2012 in the text, 2014 in the list"),
        ("rethink", "Rethink Mental Illness", True, True, pd.NA, 2016, STATES[2], "cited by name, without a year"),
        ("slay", "Slay and Stevens", True, False, 2013, pd.NA, STATES[3], "not in the reference list"),
        ("mcknight", "McKnight and Block", False, True, pd.NA, 2010, STATES[4], "not cited on a slide"),
    ]
    return pd.DataFrame(rows, columns=columns).astype({"cited_year": "Int64", "listed_year": "Int64"})


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_dot_for_each_place_of_each_work(width: str, audit: pd.DataFrame) -> None:
    tree = ET.fromstring(getattr(plot_citations(audit), width))
    for name, number in (("there", 8), ("not-there", 2)):
        group = tree.find(f".//{SVG}g[@id='{width}-{name}']")
        assert group is not None
        assert len(group.findall(f".//{SVG}use")) + len(group.findall(f"{SVG}path")) == number


def test_words_count_the_matches(audit: pd.DataFrame) -> None:
    figure = plot_citations(audit)
    assert figure.title == "1 of 4 cited works match the list exactly"
    assert all(f"{row.label}: {row.note}" in figure.alt for row in audit.itertuples())


def test_the_talk_itself(talk: Talk) -> None:
    assert plot_citations(audit_works(talk["citations"], talk["works"])).title == (
        "2 of 7 cited works match the list exactly"
    )


def test_agreement_everywhere_draws_no_empty_dot(audit: pd.DataFrame) -> None:
    figure = plot_citations(audit[audit["state"] == "match"])
    assert figure.title == "1 of 1 cited works match the list exactly"
