"""Whatever is put into a page stands there as text, in Markdown as MyST reads it too."""

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it.renderer import RendererHTML
from markupsafe import Markup
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from coprod.report.pages import tell_markdown

HOSTILE = (
    "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "{{ 7*7 }}", "{% raw %}", "[x](javascript:alert(1))",
    "```{include} /etc/passwd\n```", "\n\n```{eval-rst}\n.. include:: /etc/passwd\n```\n", "# heading", "a\n---\nb",
    "</title><script>", "`scale`", "1. first", "2017.", "- item", "+++", "% gone", "(target)=", "[x]: y", "&lt;b&gt;",
    "|a|b|\n|-|-|", "    indented", "\t- tab", ":::{note}\nx\n:::", "https://example.org", "{sub}`x`", "<b onclick=x>",
    "\\", "a_b_c *d* **e** ~~f~~ $g$", "![x](y.png)", "<!--", "]]>", "\x0b\x0cform", "a\u2028b\x85c", '" onload="x',
)  # fmt: skip
SIGNS = st.text(st.sampled_from(list("#*_`~<>[](){}!&|+-=:.%$^\\\"'@;, \n\r\t/19aZ\u2212\u2028")), max_size=40)
PAGE = """# {0}

Said of {0} here, and [{0}](end).

- {0}

<p title="{0}">{0}</p>

{0}
"""


def render(page: str) -> str:
    """Turn Markdown into HTML as MyST reads it."""
    return create_md_parser(MdParserConfig(), RendererHTML).render(page)


def examples(test):
    """Try each hostile text by name too."""
    for text in HOSTILE:
        test = example(text)(test)
    return test


@examples
@given((SIGNS | st.text(max_size=40)).filter(str.strip))
def test_no_text_is_read_as_markdown_or_html(text: str) -> None:
    told = tell_markdown(text)
    assert unescape(told) == re.sub(r"\s+", " ", text)
    page, plain = render(PAGE.format(told)), render(PAGE.format("words"))
    assert re.findall("<[^ >]*", page) == re.findall("<[^ >]*", plain)
    assert page.replace("&quot;", "").count('"') == plain.count('"')


def test_own_html_stays_and_no_blank_line_ends_it() -> None:
    table = Markup("<table>\n<tr><td>{}</td></tr>\n</table>").format("a\n\n```{include} /etc/passwd\n```")
    told = tell_markdown(table)
    assert told.startswith("<table> <tr><td>a ```{include}")
    page = render(f"{told}\n\nEnd.\n")
    assert page == f"{told}\n<p>End.</p>\n"


@pytest.mark.parametrize("text", ["co-production", "03_commissioning", "0.05", "a.b:c", "co-production rose, we say."])
def test_what_stands_inside_a_word_or_number_stays_to_be_found_by_a_search(text: str) -> None:
    assert tell_markdown(text) == text


def test_no_template_puts_a_value_where_references_are_not_read(root: Path) -> None:
    templates = sorted((root / "src" / "coprod" / "report" / "site").rglob("*.md"))
    assert len(templates) > 10
    for path in templates:
        text = path.read_text(encoding="utf-8")
        prose = re.sub(r"^(`{3,})\{raw\} html\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
        for fenced in re.findall(r"^(`{3,})(.*?)^\1$", prose, re.MULTILINE | re.DOTALL):
            values = re.findall(r"\{\{(.*?)\}\}", fenced[1])
            assert all(re.search(r"\.name\b|\| safe\b", value) for value in values), (path.name, values)
        prose = re.sub(r"^(`{3,}).*?^\1$", "", prose, flags=re.MULTILINE | re.DOTALL)
        assert not re.search(r"`[^`\n]*\{\{", re.sub(r"`[^`\n{]*`", "", prose)), path.name
