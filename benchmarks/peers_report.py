"""What ``peers.py`` found, as a table and a plot in ``README.md``."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markdown_table import format_table
from peers_ways import COPROD, Way

FOLDER = Path(__file__).resolve().parent
README, PLOT, RUNS = FOLDER / "README.md", FOLDER / "peers.svg", FOLDER / "results" / "peers.csv"
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
HEADINGS = {
    "label": "way",
    "cold": "cold run s",
    "processor": "processor s",
    "cold_ratio": "times coprod",
    "again": "rerun s",
    "again_ratio": "times coprod's rerun",
    "rounds": "cold s of each round",
}
NAMED = ("papermill", "nbconvert", "nbmake", "nbval", "jupyter-cache", "snakemake", "dvc")
INSTALLED = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        pass
"""


def summarise(found: pd.DataFrame, ways: Sequence[Way]) -> pd.DataFrame:
    """Take medians, and the median of the ratios within each round.

    Parameters
    ----------
    found : DataFrame
        From ``peers.measure``.
    ways : sequence of Way
        What was measured, coprod first.

    Returns
    -------
    DataFrame
        One row for each way: ``label, cold, processor, cold_ratio, again, again_ratio`` (seconds and ratios; missing
        where there is nothing to report) and ``rounds``.
    """
    rounds = found.groupby(["run", "way", "round"])[["wall", "processor"]].median()
    rows = []
    for way in ways:
        row: dict[str, Any] = {"label": way.label, "rounds": ""}
        if way.cold_in_table:
            mine = rounds.loc["cold", way.name]
            row |= {"cold": mine["wall"].median(), "processor": mine["processor"].median()}
            row |= {"cold_ratio": _ratio(rounds, "cold", way.name)}
            row["rounds"] = ", ".join(f"{seconds:.1f}" for seconds in mine["wall"])
        if way.is_incremental:
            row |= {"again": rounds.loc["again", way.name]["wall"].median()}
            row |= {"again_ratio": _ratio(rounds, "again", way.name)}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(HEADINGS))


def make_table(found: pd.DataFrame, ways: Sequence[Way]) -> str:
    """Write the summary as a Markdown table."""
    rows = summarise(found, ways)
    for column, places in {"cold": 1, "processor": 1, "cold_ratio": 2, "again": 2, "again_ratio": 1}.items():
        rows[column] = [f"{value:.{places}f}" if pd.notna(value) else "" for value in rows[column]]
    return format_table(rows, HEADINGS)


def write_report(found: pd.DataFrame, ways: Sequence[Way], machine: str) -> None:
    """Write each run as CSV, the plot as SVG, and the table into the README between its marks."""
    found.round(3).to_csv(RUNS, index=False, lineterminator="\n")
    summary = summarise(found, ways)
    PLOT.write_text(draw(summary), encoding="utf-8")
    words = (
        f"Medians of {found['round'].max()} rounds, the ways in turn; a ratio is the median of those within a round. "
        f"Empty: a program that has no rerun without work, or that is here for its rerun alone.\n\n{machine}"
    )
    block = f"{BEGIN}\n{make_table(found, ways)}\n{words}\n\n![{describe(summary)}](peers.svg)\n{END}"
    text = README.read_text("utf-8")
    README.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


def describe(summary: pd.DataFrame) -> str:
    """Say in words what the plot shows."""
    parts = []
    for kind, words in (("cold", "a cold run of all notebooks"), ("again", "a rerun with nothing changed")):
        rows = summary.dropna(subset=[kind])
        bars = ", ".join(f"{label} {_seconds(value)}" for label, value in zip(_plain(rows), rows[kind], strict=True))
        parts.append(f"Seconds for {words}: {bars}")
    return f"Bars. {'. '.join(parts)}."


def draw(summary: pd.DataFrame) -> str:
    """Draw the seconds of each way as bars with its ratio to coprod, in the project's own style.

    Returns
    -------
    str
        SVG for a page.
    """
    from coprod.figures.sheet import Sheet  # noqa: PLC0415 - only where a plot is drawn
    from coprod.figures.theme import palette, render  # noqa: PLC0415

    def draw_at(width: Any) -> Any:
        sheet = Sheet(width, "How long do all notebooks take?", "Seconds by the clock, and how many times coprod's")
        for kind, heading in (("cold", "Cold run"), ("again", "Rerun with nothing changed")):
            rows = summary.dropna(subset=[kind])
            sheet.y = sheet.write(sheet.left, sheet.y, heading, bold=True) + 4
            start = sheet.left + (0 if width.is_narrow else 235)
            room = (sheet.right - start) - 110
            for row, label in zip(rows.to_dict("records"), _plain(rows), strict=True):
                below = sheet.write(sheet.left, sheet.y, label)
                if width.is_narrow:
                    sheet.y = below
                length = max(room * row[kind] / rows[kind].max(), 1.0)
                is_ours = label == _plain(summary)[0]
                colour = palette().orange if is_ours else palette().blue
                sheet.block(start, sheet.y + 1, length, 11, colour)
                ratio = "" if is_ours else f", {row[f'{kind}_ratio']:.1f} times"
                sheet.y = sheet.write(start + length + 5, sheet.y, f"{_seconds(row[kind])}{ratio}") + 3
            sheet.y += 8
        return sheet.close("Measured by benchmarks/peers.py; times depend on the machine, read the ratios.")

    return render(draw_at)[0]


def describe_machine(peers: Path) -> str:
    """Say on what and with what the times were taken."""
    info = Path("/proc/cpuinfo")
    models = re.findall(r"^model name\s*: (.*)$", info.read_text() if info.exists() else "", flags=re.MULTILINE)
    done = subprocess.run(  # noqa: S603
        [peers / "bin" / "python", "-c", INSTALLED, *NAMED], capture_output=True, text=True, check=True
    )
    programs = ", ".join(done.stdout.splitlines())
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({models[0] if models else platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}; {programs}. Load of the machine at the end: {load}."
    )


def _ratio(rounds: pd.DataFrame, run: str, name: str) -> float:
    return float((rounds.loc[run, name]["wall"] / rounds.loc[run, COPROD.name]["wall"]).median())


def _plain(rows: pd.DataFrame) -> list[str]:
    return [label.replace("`", "") for label in rows["label"]]


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value >= 1 else f"{value:.2f} s"
