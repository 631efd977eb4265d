import json
from pathlib import Path

import pandas as pd

from coprod.data import Talk
from coprod.report.site.around import around_the_results
from coprod.report.site.people import describe_record, name_people


def test_authors_and_champions_are_named_apart_as_the_talk_names_them(talk: Talk) -> None:
    people = name_people(talk)
    assert people.authors == ("Susan Coan", "Leanne Winfield", "Pamela Fisher")
    assert people.recorded == ("S Coan", "P Fisher", "K Witty")
    assert people.champions == ("Leanne Winfield",)
    assert not people.own_words


def test_a_talk_that_names_no_champion_and_prints_words_says_so(talk: Talk) -> None:
    authors, champion = talk["authors"], talk["champion"]
    authors["role"] = None
    champion.loc[1, "words"] = "Mine."
    people = name_people(talk.replace(authors=authors.iloc[::-1], champion=champion))
    assert people.champions == ()
    assert people.own_words
    assert people.authors == ("Susan Coan", "Leanne Winfield", "Pamela Fisher")


def test_the_record_is_that_of_the_title_slide_with_licence_and_address(talk: Talk) -> None:
    table = talk["record"]
    hearsay = table[table["slide"] == "S1"].assign(origin="outside", source="blog", value="hearsay")
    record = describe_record(talk.replace(record=pd.concat([table, hearsay], ignore_index=True)))
    assert record["title"].startswith("Co-production and Mental Health")
    assert record["licence"] == "Creative Commons Attribution 4.0"
    assert record["conference"].startswith("IRiS International")
    assert record["repository"].startswith("https://eprints.")


def test_licences_are_those_of_the_descriptor_and_the_package(home: Path, talk: Talk) -> None:
    path = home / "data" / "datapackage.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    described["licenses"] = [{"title": "Another", "path": "https://example.org"}]
    path.write_text(json.dumps(described), encoding="utf-8")
    content = around_the_results(home, talk)
    assert content["licences"] == described["licenses"]
    assert content["code_licence"] == "MIT"
