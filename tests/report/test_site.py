"""The site of a small project with hard words, as files; tests/browser reads the real one."""

import hashlib
import html
import re
import shutil
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import matplotlib.figure
import pandas as pd
import pytest

from coprod.data import Talk
from coprod.errors import DataError
from coprod.figures.partnership import plot_partnership
from coprod.figures.theme import Width, font, render
from coprod.report.extract import extract
from coprod.report.site import PLACE, TITLE, build_site, write_report
from coprod.report.site.inline import inline_svg
from coprod.report.site.pages import refuse_digits
from coprod.report.site.renderer import render_result
from coprod.reproduce.check import check
from coprod.reproduce.notebooks import list_notebooks
from coprod.results import Figure, Table, Value

CITATION = "Coan & Winfield <2017>"
WORDS = {"title": "Replies <b>", "answer": "Most <i>replied</i>.", "slide": "S5", "source": "survey.csv & more"}


def build(project: Path) -> Path:
    def write(source: Path) -> None:
        write_report(source, project, check(project, last_run=True), list_notebooks(project), CITATION)

    extract(project / "reports" / "notebooks", project / "reports")
    return build_site(project / "reports" / PLACE, TITLE, write).parent


@pytest.fixture(scope="module")
def site(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small project, to be read only."""
    project = tmp_path_factory.mktemp("site") / "project"
    shutil.copytree(executed, project)
    return build(project)


def words_of(page: Path) -> str:
    article = page.read_text(encoding="utf-8").split("<article", 1)[1].split("</article>")[0]
    unlinked = re.sub(r"</?(?:a|span)\b[^>]*>", "", article)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", unlinked)).split())


def draw(*lines: str) -> Figure:
    def drawing(width: Width) -> matplotlib.figure.Figure:
        figure = matplotlib.figure.Figure(figsize=(width.points / 72, 2))
        for number, line in enumerate(lines):
            figure.text(0.05, 0.9 - 0.2 * number, line, fontproperties=font(10, bold=number == 0), va="top")
        return figure

    wide, narrow = render(drawing)
    return Figure(
        id="drawn", data=pd.DataFrame({"n": [1]}), alt='A "line" <of> text.', wide=wide, narrow=narrow, **WORDS
    )


@pytest.fixture(scope="module")
def partnership(talk: Talk) -> Figure:
    return plot_partnership(talk["partnership"])


def test_the_letters_of_a_drawing_become_text(partnership: Figure) -> None:
    for width in ("wide", "narrow"):
        inline, drawn = inline_svg(partnership, width), getattr(partnership, width)
        lines = [html.unescape(line) for line in re.findall(r"<!-- (.*?) -->", drawn)]
        assert [html.unescape(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", inline)] == lines
        assert len(inline) < len(drawn) / 4


def test_a_bold_line_stays_bold_where_it_was_and_as_large() -> None:
    first, second = re.findall(r"<text[^>]*>", inline_svg(draw("Bold", "Not bold"), "wide"))
    assert ('font-weight="700"' in first, "font-weight" in second) == (True, False)
    assert 'font-size="10"' in first
    x, y = (float(re.search(rf' {name}="([\d.]+)"', first)[1]) for name in "xy")  # type: ignore[index]
    assert x == pytest.approx(0.05 * 648, abs=0.1)
    assert 0.1 * 144 < y < 0.1 * 144 + 10, "the baseline is below the top of the letters"


@pytest.mark.parametrize("hard", ["<script>alert(1)</script>", "a & b &amp; c", "</text></svg><b>", '"quoted"', "-->"])
def test_a_label_is_text_whatever_it_says(hard: str) -> None:
    inline = inline_svg(draw("First", hard), "wide")
    tree = ET.fromstring(f'<div xmlns:xlink="http://www.w3.org/1999/xlink">{inline}</div>')
    assert not {"script", "b"} & {element.tag for element in tree.iter()}
    assert hard in [element.text for element in tree.iter("text")]


@pytest.mark.parametrize("hard", ["more -- and more", "a --- b", "--", "a - - b", "x-->"])
def test_hyphens_that_a_comment_cannot_hold_are_read_all_the_same(hard: str) -> None:
    assert html.escape(hard) in re.findall(r"<text[^>]*>(.*?)</text>", inline_svg(draw("First", hard), "wide"))


def test_a_line_that_cannot_be_told_keeps_the_outlines_as_large_as_they_are() -> None:
    hard = "-- and - - and more"
    inline = inline_svg(draw("First", hard), "wide")
    assert "<text" not in inline
    assert inline.count("<use") == len("First" + hard)
    sizes = re.compile(r"scale\([^)]*\)")
    assert sizes.findall(inline) == sizes.findall(draw("First", hard).wide), "letters too small to see"


def test_ids_are_of_the_drawing_alone_and_every_reference_is_met(partnership: Figure) -> None:
    both = inline_svg(partnership, "wide") + inline_svg(partnership, "narrow") + inline_svg(draw("-- and - -"), "wide")
    ids = re.findall(r' id="([^"]*)"', both)
    assert len(ids) == len(set(ids))
    used = re.findall(r'url\(#([^)]*)\)|xlink:href="#([^"]*)"', both)
    assert {name for pair in used for name in pair if name} <= set(ids)
    for named in re.findall(r'aria-labelledby="([^"]*)"', both):
        assert set(named.split()) <= set(ids)


def test_a_figure_says_where_it_comes_from_and_its_hash_is_that_of_the_file(project: Path) -> None:
    extract(project / "reports" / "notebooks", project / "reports")
    figure = next(result for _, result in check(project, last_run=True).displayed if isinstance(result, Figure))
    origin = {"notebook": "02_drawing", "cell": "waffle", "version": "9.9", "command": "coprod run", "files": "_static"}
    block = render_result(figure, origin)
    csv = (project / "reports" / "figures" / f"{figure.stem}.csv").read_bytes()
    for told in (hashlib.sha256(csv).hexdigest(), "02_drawing.ipynb#cell-id=waffle", "coprod 9.9", "survey.csv", "S5"):
        assert told in block
    assert f'href="_static/figures/{figure.stem}.png"' in block
    assert "Synthetic data" in block


def test_in_another_book_a_result_offers_nothing_that_is_not_there() -> None:
    table = Table(id="t", data=pd.DataFrame({"a": ["<b>x</b>", "=1+1"]}), headings={"a": "A"}, **WORDS)
    value = Value(id="v", value=0.5, unit="<groups>", parameters={"base": 196}, **WORDS)
    for block in (render_result(table, {}), render_result(value, {}), render_result(draw("First"), {})):
        assert "href" not in block
        assert "To make it again" not in block
        assert not re.search(r"<(b|i|groups)>", block)
        assert "Most &lt;i&gt;replied&lt;/i&gt;." in block


def test_a_long_table_behind_a_figure_shows_its_beginning_and_says_so() -> None:
    figure = draw("First")
    long = Figure(
        id="long", data=pd.DataFrame({"n": range(1000)}), alt="a", wide=figure.wide, narrow=figure.narrow, **WORDS
    )
    block = render_result(long, {})
    assert "of 1000 rows; the CSV has all" in block
    assert block.count("<tr>") < 100


def test_the_site_holds_the_sentence_and_every_verdict(site: Path, project: Path) -> None:
    found = check(project, last_run=True)
    told = words_of(site / "check.html")
    assert found.sentence in told
    for claim in found.claims.to_dict("records"):
        assert claim["statement"] in told
        assert claim["reason"] in told
    assert "What did not come out as stored" not in told


def test_the_site_names_what_differs(project: Path) -> None:
    values = project / "reports" / "expected" / "values.json"
    values.write_text(values.read_text().replace("93.", "92."), encoding="utf-8")
    assert "What did not come out as stored" in words_of(build(project) / "check.html")


def test_hard_words_are_shown_and_not_obeyed(site: Path) -> None:
    assert "How many groups <replied>?" in words_of(site / "index.html")
    assert "How many groups <replied>?" in words_of(site / "01_replies.html")
    assert "Most <replied>." in words_of(site / "01_replies.html")
    assert CITATION in words_of(site / "about.html")
    for page in site.glob("*.html"):
        assert not re.search(r"<(replied|2017)\b", page.read_text(encoding="utf-8"))


def test_every_page_has_one_first_heading_and_no_level_is_left_out(site: Path) -> None:
    for page in set(site.glob("*.html")) - {site / "search.html"}:
        article = page.read_text(encoding="utf-8").split("<article", 1)[1]
        levels = [int(level) for level in re.findall(r"<h(\d)\b", article.split("</article>")[0])]
        assert levels.count(1) == 1, page.name
        assert levels[0] == 1, page.name
        assert all(after - before <= 1 for before, after in pairwise(levels)), page.name


def test_a_notebook_that_is_not_up_to_date_is_named_and_the_site_before_stays(project: Path) -> None:
    before = {path: path.read_bytes() for path in build(project).rglob("*") if path.is_file()}
    survey = project / "notebooks" / "01_replies.ipynb"
    survey.write_text(survey.read_text().replace("Most <replied>.", "Some <replied>."), encoding="utf-8")
    with pytest.raises(DataError, match="notebook 01_replies: not up to date"):
        build(project)
    assert {path: path.read_bytes() for path in (project / "reports" / PLACE).rglob("*") if path.is_file()} == before


def test_a_number_typed_in_a_page_is_refused() -> None:
    with pytest.raises(DataError, match=r"page 'index', line 2 has '209' typed by hand"):
        refuse_digits("index", "# Summary\nOf 209 groups.")
    refuse_digits("index", "`S5` <h2 id='x2'>{{ value }}</h2> [word](page2.md)")
