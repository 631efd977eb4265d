import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from coprod.report.verdicts import render, write_verdicts
from coprod.reproduce.check import Check, check
from coprod.reproduce.notebooks import list_notebooks

CITATION = "Coan & Winfield <2017>"
VOID = {"meta", "link", "br", "img", "source", "input", "hr"}


class Page(HTMLParser):
    """Collects what a page holds and refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name))]


@pytest.fixture
def found(project: Path) -> Check:
    return check(project, last_run=True)


@pytest.fixture
def page(project: Path, found: Check) -> Page:
    return Page(render(found, list_notebooks(project), CITATION))


def test_the_page_holds_the_sentence_and_every_verdict(page: Page, found: Check) -> None:
    text = re.sub(r"\s+", " ", page.text)
    assert found.sentence in text
    for claim in found.claims.to_dict("records"):
        assert claim["statement"] in text
        assert claim["reason"] in text
    assert text.count("differs ") >= (found.claims["verdict"] == "differs").sum()


def test_markup_in_words_is_shown_and_not_obeyed(page: Page) -> None:
    assert CITATION in page.text
    assert "How many groups <replied>?" in page.text
    assert "Most <replied>." in page.text
    assert not [tag for tag, _ in page.tags if tag == "replied"]


def test_the_page_asks_nothing_of_script_or_network(page: Page) -> None:
    assert not {"script", "iframe", "object", "link"} & {tag for tag, _ in page.tags}
    fetched = page.values("src") + page.values("srcset")
    assert fetched
    assert not [address for address in fetched if ":" in address or address.startswith("/")]


def test_every_link_leads_somewhere(project: Path, page: Page) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    for address in page.values("href") + page.values("src") + page.values("srcset"):
        if address.startswith("#"):
            assert address[1:] in ids
        else:
            assert (project / "reports" / address).is_file()


def test_pictures_have_alt_text_and_synthetic_data_are_named(page: Page) -> None:
    assert [attributes["alt"] for tag, attributes in page.tags if tag == "img"] == ["Synthetic data: a waffle."]
    assert "Synthetic data" in page.text
    assert ("html", {"lang": "en-GB"}) in page.tags


def test_headings_descend_one_level_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_differences_and_failures_are_told(project: Path) -> None:
    (project / "reports" / "notebooks" / "02_drawing.ipynb").unlink()
    text = Page(render(check(project, last_run=True), list_notebooks(project), CITATION)).text
    assert "What did not come out as stored" in text
    assert "waffle.data" in text
    assert "This notebook failed" in text


def test_an_agreeing_run_has_no_section_of_differences(page: Page) -> None:
    assert "What did not come out as stored" not in page.text
    assert "This notebook failed" not in page.text


def test_the_page_is_written_the_same_each_time(project: Path, found: Check) -> None:
    notebooks = list_notebooks(project)
    first = write_verdicts(project / "reports", found, notebooks, CITATION).read_bytes()
    assert write_verdicts(project / "reports", found, notebooks, CITATION).read_bytes() == first
