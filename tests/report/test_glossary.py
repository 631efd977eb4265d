import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import DataError
from coprod.report.pages import render_page
from coprod.report.site import glossary
from coprod.report.site.build import build_site
from coprod.report.site.glossary import Term, link_terms, read_terms
from coprod.talk.rules import VERDICTS

WAVE = Term("Wave", "One time.", ("wave",))
GROUP = Term("Group (CCG)", "A body.", ("commissioning group", "CCG"))
WORK = Term("Commissioner", "Somebody.", ("commissioner", "commissioning"))
DIFFERS = Term("differs", "A verdict.", ("differs",), alone=True)
TERMS = (WAVE, GROUP, WORK, DIFFERS)
MARK = re.compile(r'<a class="term" href="w.html#[a-z-]+">([^<]*)</a>')


def linked(body: str) -> list[str]:
    """The words that became links; without the links the body is as it was."""
    found = link_terms(body, TERMS, "w.html")
    assert MARK.sub(r"\1", found) == body
    return MARK.findall(found)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>A wave, another wave.</p><p>Wave.</p>", ["wave"]),
        ("<p>WAVES and waves</p>", ["WAVES"]),
        ("<p>wavelength, microwave, wave-like, Waverley, wave_1</p>", []),
        ("<p>(wave)</p>", ["wave"]),
        ("<p>a wave&#x27;s end &amp; a CCG</p>", ["wave", "CCG"]),
        ("<p>a commissioning&#32;gr&#111;up, wav&#x65;&#115;</p>", ["commissioning&#32;gr&#111;up", "wav&#x65;&#115;"]),
        ("<p>micro&#45;wave, wave&#45;like, &#119;&amp;wave&hellip;</p>", ["wave"]),
        ("<p>wa&notanentity;ve & &</p>", []),
        ("<p>&#119;ave, &bne; CCG</p>", ["&#119;ave", "CCG"]),
        ("<p>&eacute;wave, x<!-- wave --></p>", []),
        ("<p>com<!-- -->missioning wave<br/>wave</p> wave", ["wave"]),
        ("wave", ["wave"]),
        ("<p>Commissioning groups, commissioning, a CCG.</p>", ["Commissioning groups", "commissioning"]),
        ("<p>a commissioning\n  group</p>", ["commissioning\n  group"]),
        ("<p>one\ntwo\n</p>\n<p>line three: wave</p>", ["wave"]),
        ("<h2>Wave</h2><p>wave</p>", ["wave"]),
        ('<p><a href="x">wave</a> wave</p>', ["wave"]),
        ('<p><a href="x">the <em>next</em> wave</a></p>', []),
        ("<p><code>wave</code><kbd>x</kbd></p><pre>wave</pre>", []),
        ("<svg><title>wave</title><g><text>wave</text></g><path/></svg><p>CCG</p>", ["CCG"]),
        ("<table><caption>Wave</caption><tr><th>Wave</th><td>wave</td></tr></table>", ["wave"]),
        ("<details><summary>wave</summary><details>wave</details><p>wave</p></details>", []),
        ("<details><p>wave<br>wave<p>wave</details><p>wave</p>", ["wave"]),
        ("<blockquote><p>My wave.</p></blockquote><cite>Waves</cite>", []),
        ('<p><strong class="synthetic x">wave</strong> wave</p><p class="banner">CCG</p>', ["wave"]),
        ('<p class="citation">wave</p><i class="visually-hidden">wave</i><b class="synthetic">wave</b>', []),
        ("<dl><dt>wave</dt><dd>CCG</dd></dl>", ["CCG"]),
        ('<img class="banner"><p>wave</p>', ["wave"]),
        ("<script>let wave = '<p>wave</p>'</script><!-- wave --><p title='wave > wave'>x</p>", []),
        ("<p>It differs.</p>", []),
        ("<p>It <em>differs</em>. <span> differs\n</span></p>", ["differs"]),
        ("<td>Differs</td><td>differs</td>", ["Differs"]),
        ("", []),
    ],
)
def test_the_first_use_in_prose_is_linked(body: str, words: list[str]) -> None:
    assert linked(body) == words


def test_a_link_leads_to_its_own_entry() -> None:
    found = link_terms("<p>A CCG.</p>", TERMS, "w.html")
    assert found == '<p>A <a class="term" href="w.html#word-group-ccg">CCG</a>.</p>'


PIECES = st.sampled_from(
    ["wave", "CCG", "differs", "commissioning group", " ", "\n", "&amp;", "é", "&#45;", "&#119;ave",
     "&", "<p>", "</p>", "<h2>", "</h2>", "<br>",
     "<details>", "</details>", "<svg>", "</svg>", "<a href='#'>", "</a>", "<i title='>wave'>", "</i>", "<!-- wave -->"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_the_page_only_links_are_added_and_each_word_once(body: str) -> None:
    linked(body)
    anchors = re.findall(r'href="w.html#([a-z-]+)"', link_terms(body, TERMS, "w.html"))
    assert len(anchors) == len(set(anchors))


def test_the_glossary_has_the_words_of_the_report_and_each_verdict() -> None:
    terms = read_terms()
    forms = {form.lower() for term in terms for form in term.forms}
    wanted = """co-production,commissioning group,ccg,freedom of information request,patient champion,recovery,claim,
    interval,cohort,wave,attrition,did not reply,scale,score,reliability,alpha,omega,mixed model,cohorts to come,
    these cohorts,sensitivity,tipping point,synthetic,reproduce,recompute,hash,certificate,cc by"""
    assert {word.strip() for word in wanted.split(",")} | set(VERDICTS) <= forms
    assert len({term.anchor for term in terms}) == len(terms)
    assert [term.word for term in terms if term.alone] == sorted(VERDICTS)
    for term in terms:
        assert term.meaning.endswith("."), term.word
        assert 1 <= len(re.findall(r"\.(?:\s|$)", term.meaning)) <= 3, term.word
        assert not re.search(r"\d", term.meaning), term.word


def test_every_entry_stands_on_the_page_under_its_id() -> None:
    page = render_page("site/words.md", terms=read_terms(), abbreviations=[])
    for term in read_terms():
        assert page.count(f'id="{term.anchor}"') == 1
        assert term.meaning in unescape(page)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (
            '[[term]]\nword = "Tide"\nalso = ["WAVE"]\nmeaning = "A."\n',
            "'wave' is a form of 'Wave' and 'Tide'; keep one",
        ),
        ('[[term]]\nword = "Tide"\nmeaning = "Of 209."\n', "'Tide': the digit '2' is typed by hand; say it in words"),
    ],
)
def test_a_word_twice_and_a_typed_number_are_refused(
    added: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    whole = files("coprod.report").joinpath("site", "glossary.toml").read_text(encoding="utf-8")
    (folder / "glossary.toml").write_text(whole + added, encoding="utf-8")
    monkeypatch.setattr(glossary, "files", lambda _: tmp_path)
    with pytest.raises(DataError, match=re.escape(said)):
        read_terms.__wrapped__()


class Ids(HTMLParser):
    """Ids of a page, and the ids of another that it links to as words."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.words: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if given.get("class") == "term":
            self.words.append(given["href"])


@pytest.mark.parametrize("words", [True, False])
def test_sphinx_links_the_words_of_every_page_but_the_glossary(tmp_path: Path, words: bool) -> None:
    def write(source: Path) -> None:
        listed = "words\nother" if words else "other"
        (source / "index.md").write_text(
            f"# A claim\n\nA *wave*, a score.\n\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
        )
        (source / "other.md").write_text("# Other\n\n<p>A wave; it <b>differs</b></p>\n\nIt differs.\n\n`a score`\n")
        if words:
            entries = "".join(f'<dt id="{term.anchor}">{term.word}</dt><dd>A wave</dd>\n' for term in read_terms())
            (source / "words.md").write_text(f"# Words\n\n<dl>\n{entries}</dl>\n")

    site = build_site(tmp_path / "site", "T", write).parent
    index, other = Ids(site / "index.html"), Ids(site / "other.html")
    if not words:
        assert index.words == other.words == []
        return
    entries = Ids(site / "words.html")
    assert index.words == ["words.html#word-wave", "words.html#word-score"]
    assert other.words == ["words.html#word-wave", "words.html#word-differs"]
    assert entries.words == []
    assert {link.split("#")[1] for link in index.words + other.words} <= entries.ids
