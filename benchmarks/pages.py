"""How long the report takes, and how much each page weighs: ``python benchmarks/pages.py``.

Times ``coprod report`` after a run; weighs what a browser asks for when it opens a page: the page, its styles, scripts
and typeface. Prints Markdown; what it printed is in ``results/pages.md``.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pandas as pd
from markdown_table import format_table

from coprod.data import project_home

ASKED = re.compile(r'<(?:link rel="stylesheet"[^>]*|script[^>]*|img[^>]*)(?:href|src)="([^"?#]+)')
BAR_KILOBYTES, BAR_SECONDS = 500, 10


def weigh(page: Path) -> float:
    """Add up what a page and the files it asks for weigh, in kilobytes; all faces of the typeface count."""
    asked = {page.parent / name for name in ASKED.findall(page.read_text(encoding="utf-8"))}
    files = {page, *(path for path in asked if path.is_file()), *(page.parent / "_static" / "fonts").iterdir()}
    return sum(path.stat().st_size for path in files) / 1000


def run(*words: str) -> tuple[float, float]:
    """Run a command of coprod; return the seconds it took, and those of the processor."""
    before, begun = os.times(), time.perf_counter()
    subprocess.run([str(Path(sys.executable).with_name("coprod")), *words], check=True, capture_output=True)  # noqa: S603 - our own
    taken, after = time.perf_counter() - begun, os.times()
    return taken, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Print the times, then the pages, the heaviest first."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    run("run")
    taken, worked = (median(column) for column in zip(*(run("report") for _ in range(rounds)), strict=True))
    site = project_home() / "reports" / "site"
    pages = pd.DataFrame([{"page": page.stem, "weight": round(weigh(page))} for page in site.glob("*.html")])
    table = format_table(pages.sort_values("weight", ascending=False), {"page": "Page", "weight": "Kilobytes"})
    sys.stdout.write(
        f"# The pages\n\n`coprod report`, median of {rounds}: {taken:.1f} s, {worked:.1f} s of the processor "
        f"(bar: {BAR_SECONDS} s).\n\nWhat a browser asks for to show a page (bar: {BAR_KILOBYTES} kB):\n\n{table}"
    )


if __name__ == "__main__":
    main()
