"""How hard the words of the site are to read: ``python benchmarks/reading.py``.

Every page of the site that ``coprod report`` built is measured with textstat. Left out is what is folded, quoted,
drawn, code or a table, and what is no sentence: a heading or a name without a full stop makes any page look easy.
Prints Markdown; what it printed is in ``results/reading.md``.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import textstat
from markdown_table import format_table

from coprod.data import project_home

BLOCKS = frozenset(["dd", "div", "dt", "figcaption", "h1", "h2", "h3", "h4", "li", "p"])
LEFT_OUT = frozenset(["blockquote", "details", "nav", "pre", "script", "style", "svg", "table"])
ENDED = re.compile(r"[a-z]{2}.*[.!?:]$", re.IGNORECASE)
SCHOOL = 5
"""Years of age at which grade 0 begins; the age of a grade is the grade and these."""
FOR_EVERYBODY = ("index", "champions", "words", "about")
"""Pages that nobody should need a dictionary for."""
HEADINGS = {"page": "Page", "words": "Words", "sentences": "Sentences", "mean": "Words a sentence", "grade": "Grade",
            "age": "Reading age", "fog": "Fog", "longest": "Longest sentence, words"}  # fmt: skip


class _Article(HTMLParser):
    """The prose of a page's article, block by block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self._inside = False
        self._left_out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside |= dict(attrs).get("role") == "main"
        if tag in LEFT_OUT:
            self._left_out.append(tag)
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "article"
        if self._left_out and tag == self._left_out[-1]:
            self._left_out.pop()
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if self._inside and not self._left_out:
            self.blocks[-1] += data


def read_prose(page: Path) -> list[str]:
    """Return the sentences of a page's prose; a dot inside a number or a file's name ends none."""
    article = _Article()
    article.feed(page.read_text(encoding="utf-8"))
    blocks = [re.sub(r"(?<=\w)\.(?=\w)", "", " ".join(block.split())) for block in article.blocks]
    return [part for block in blocks for part in re.split(r"(?<=[.!?:])\s+(?=[A-Z0-9])|$", block) if ENDED.search(part)]


def measure(sentences: Iterable[str]) -> dict[str, float]:
    """Measure sentences: Flesch and Kincaid's grade with the age it stands for, and Gunning's fog index."""
    listed = list(sentences)
    text = " ".join(listed)
    words = int(textstat.lexicon_count(text))
    grade = float(textstat.flesch_kincaid_grade(text))
    return {
        "words": words,
        "sentences": len(listed),
        "mean": round(words / len(listed), 1),
        "grade": round(grade, 1),
        "age": round(grade + SCHOOL, 1),
        "fog": round(float(textstat.gunning_fog(text)), 1),
        "longest": max(int(textstat.lexicon_count(sentence)) for sentence in listed),
    }


def measure_site(site: Path) -> pd.DataFrame:
    """Measure every page that has prose, those for everybody first."""
    prose = {page.stem: read_prose(page) for page in sorted(site.glob("*.html")) if page.stem != "search"}
    names = [*(name for name in FOR_EVERYBODY if name in prose), *(name for name in prose if name not in FOR_EVERYBODY)]
    return pd.DataFrame([{"page": name, **measure(prose[name])} for name in names if prose[name]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("site", type=Path, nargs="?", default=project_home() / "reports" / "site")
    print(f"# Reading age of the pages\n\ntextstat {'.'.join(map(str, textstat.__version__))}, Flesch and Kincaid's "  # noqa: T201
          f"grade; the age is the grade and {SCHOOL}. Numbers count as words.\n")  # fmt: skip
    print(format_table(measure_site(parser.parse_args().site), HEADINGS))  # noqa: T201
