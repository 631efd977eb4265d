import re
from pathlib import Path

import pytest

from coprod.errors import DataError
from coprod.report.article import Article, read_site

PAGE = """<!doctype html><html><head><title>A &lt;site&gt;</title><script>never()</script></head><body>
<nav><ul><li class="toctree-l1"><a href="second.html">Second</a></li>
<li class="toctree-l1"><a href="first.html">First</a></li><li class="toctree-l1"><a href="#">Here</a></li>
<li class="toctree-l1"><a href="index.html">Summary</a></li></ul></nav>
<article role="main"><h1>{title}</h1>{words}</article></body></html>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path, "index", "Summary")
    write(tmp_path, "second", "Second &amp; last")
    write(tmp_path, "first", "First")
    return tmp_path


def write(site: Path, page: str, title: str, words: str = "") -> None:
    (site / f"{page}.html").write_text(PAGE.format(title=title, words=words), encoding="utf-8")


def read(site: Path, words: str) -> str:
    """Return what becomes of words on the second page."""
    write(site, "second", "Second", words)
    return read_site(site)[1][1].html.removeprefix("<h1>Second</h1>")


def test_pages_stand_in_the_order_of_the_contents_with_their_titles(site: Path) -> None:
    title, articles = read_site(site)
    assert title == "A <site>"
    assert [(article.page, article.title) for article in articles] == [
        ("index", "Summary"),
        ("second", "Second & last"),
        ("first", "First"),
    ]
    assert articles[1] == Article("second", "Second & last", "<h1>Second &amp; last</h1>")


def test_words_stay_words_and_what_could_run_is_left_out(site: Path) -> None:
    words = '<p onclick="never()">a &lt;script&gt; &amp; =cmd() <b>b</b></p>'
    assert read(site, f"{words}<script>never()</script><iframe src='x'></iframe>") == (
        "<p>a &lt;script&gt; &amp; =cmd() <b>b</b></p>"
    )


def test_words_after_what_is_left_out_stay(site: Path) -> None:
    left_out = '<span class="visually-hidden">x</span>'
    assert read(site, f"<p>{left_out}one <b>b</b>{left_out} two {left_out}three</p>") == "<p>one <b>b</b> two three</p>"


def test_ids_and_all_that_points_to_them_begin_with_the_page(site: Path) -> None:
    drawing = (
        '<svg viewBox="0 0 1 1" aria-labelledby="t d"><title id="t">T</title><desc id="d">D</desc>'
        '<style>a{clip-path:url(#c)}</style><g clip-path="url(#c)"><use xlink:href="#c"/></g><path id="c"/></svg>'
    )
    named = read(site, f'<table><tr><th id="h">H</th><td headers="h">1</td></tr></table>{drawing}')
    ids = re.findall(r'\bid="([^"]*)"', named)
    assert ids == ["second--h", "second--t", "second--d", "second--c"]
    assert 'headers="second--h"' in named
    assert 'aria-labelledby="second--t second--d"' in named
    assert named.count("url(#second--c)") == 2
    assert 'xlink:href="#second--c"' in named


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("first.html", ' href="#first"'),
        ("first.html#place", ' href="#first--place"'),
        ("#place", ' href="#second--place"'),
        ("https://example.org/a?b=1#c", ' href="https://example.org/a?b=1#c"'),
        ("mailto:a@example.org", ' href="mailto:a@example.org"'),
        ("search.html", ""),
        ("_static/tables/a.csv", ""),
        ("javascript:never()", ""),
        ("data:text/html,never", ""),
        ("file:///etc/passwd", ""),
        ("//example.org/first.html", ""),
    ],
)
def test_a_link_leads_into_the_document_or_out_of_the_machine(site: Path, link: str, leads: str) -> None:
    assert read(site, f'<p><a href="{link}">words</a></p>') == f"<p><a{leads}>words</a></p>"


def test_drawings_are_found_where_the_site_has_them(site: Path) -> None:
    assert read(site, '<img alt="A" src="_static/a b.svg">') == f'<img alt="A" src="{site.as_uri()}/_static/a b.svg">'


def test_what_a_figure_says_again_is_left_out_and_the_rest_unfolded(site: Path) -> None:
    folded = "".join(
        f"<details><summary>{words}<span class='visually-hidden'>: T</span></summary><p>{words}</p></details>"
        for words in ("In words", "As a table", "Where it comes from")
    )
    assert read(site, folded) == (
        '<div class="unfolded"><p class="folded">Where it comes from</p><p>Where it comes from</p></div>'
    )


def test_the_origin_of_a_number_is_that_of_the_figure_beside_it(site: Path) -> None:
    value = '<div class="result value"><details><summary>13 groups</summary><dl><dt>Data</dt></dl></details></div>'
    assert "<dl>" not in read(site, value)
    assert "13 groups" in read(site, value)
    assert "<dl>" in read(site, value.replace("result value", "result table"))


def test_the_drawing_for_a_phone_and_the_files_to_fetch_are_for_the_screen(site: Path) -> None:
    words = '<svg class="wide"></svg><svg class="narrow"></svg><p class="downloads"><a href="a.csv">CSV</a></p>'
    assert (
        read(site, f'{words}<p>Slides. <a download href="b.csv">Fetch</a></p>')
        == '<svg class="wide"></svg><p>Slides. </p>'
    )


def test_a_table_too_wide_for_a_sheet_is_turned_and_a_long_word_may_break(site: Path) -> None:
    row = "<tr>{}</tr>".format("<td>1</td>" * 11)
    assert "print-sideways" not in read(site, f"<table>{row}</table>")
    assert "print-sideways" in read(site, f"<table>{row.replace('</tr>', '<td>1</td></tr>')}</table>")
    assert 'class=" print-breakable"' in read(site, f"<table><tr><td>{'x' * 25}</td></tr></table>")
    assert "breakable" not in read(site, f"<table><tr><td>{'x ' * 25}</td></tr></table>")


def test_a_missing_page_is_named(site: Path) -> None:
    (site / "first.html").unlink()
    with pytest.raises(DataError, match=r"first\.html is missing; build the site again"):
        read_site(site)


def test_a_page_without_an_article_is_named(site: Path) -> None:
    (site / "first.html").write_text("<p>words", encoding="utf-8")
    with pytest.raises(DataError, match=r"first\.html has no <article role='main'>"):
        read_site(site)
