import itertools
import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from coprod.training.intake import Intake
from coprod.training.protocol import Analysis, Columns, Privacy, Protocol, ScaleEntry
from coprod.training.study import Study

SVG = "{http://www.w3.org/2000/svg}"


def find_path(svg: str, group: str) -> str:
    """Return the path data of the group with an id."""
    path = ET.fromstring(svg).find(f".//{SVG}g[@id='{group}']/{SVG}path")
    return "" if path is None else path.attrib["d"]


@pytest.fixture
def path_of() -> Callable[[str, str], str]:
    return find_path


@pytest.fixture
def extent_of() -> Callable[[str, str], tuple[float, float]]:
    """Return the left and right end of a group's path in points."""

    def extent(svg: str, group: str) -> tuple[float, float]:
        words = find_path(svg, group).replace("M", " ").replace("L", " ").replace("z", " ").split()
        x = [float(word) for word in words[::2]]
        return min(x), max(x)

    return extent


ITEMS = {
    "any_coproduction": ("Done any co-production", "Had undertaken any co-production in mental health commissioning"),
    "ambition_more": ("Ambition to do more", "Had an ambition to do more co-production"),
    "ambition_in_line": (
        "Ambition in line with the recommendation",
        "Had an ambition in line with the Five Year Forward View recommendation",
    ),
}
COUNTS = {196: [(29, 30), (15, 16), (1, 2)], 209: [(31, 32), (16, 17), (2, 3)]}
PERCENTS = ["15", "8", "1"]


@pytest.fixture
def counts_of() -> Callable[[int], pd.DataFrame]:
    """Return the counts behind the percentages of slide S5, worked out by hand."""

    def counts(base: int) -> pd.DataFrame:
        rows = [
            (item, *words, percent, base, low, high)
            for (item, words), percent, (low, high) in zip(ITEMS.items(), PERCENTS, COUNTS[base], strict=True)
        ]
        columns = ["item", "label", "statement", "percent", "base", "low", "high"]
        return pd.DataFrame(rows, columns=columns).astype({"low": "Int64", "high": "Int64"})

    return counts


@pytest.fixture
def ranges() -> pd.DataFrame:
    """Return ranges under the two readings that need no interval and both bases."""
    rows = []
    for base, counts in COUNTS.items():
        for (item, (label, _)), (low, high) in zip(ITEMS.items(), counts, strict=True):
            for reading, most, n in (
                ("rounding", high, base),
                ("alike", high + 5, 209),
                ("whatever", high + 13, 209),
            ):
                words = (f"of {base} groups", item, label, reading, f"the reading {reading}")
                rows.append((base, *words, low, most, n, low / n, most / n))
    columns = ["base", "base_label", "item", "label", "reading", "reading_label"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high", "n", "share_low", "share_high"])


AUDIENCES = ("staff", "students", "peer support workers and carers")
SHORT = ("before", "after", "later", "much later", "last")
LONG = ("before the first day", "after", "after three months", "after six months", "a year later")


def draw_study(
    sizes: Sequence[int] = (18, 22, 15, 31),
    waves: int = 3,
    *,
    long: bool = False,
    most: int = 5,
    change: float = 0.1,
    silent: bool = False,
    audiences: bool = True,
    profile: str = "internal",
    synthetic: bool = False,
    better: str = "higher",
) -> Study:
    """Return a study of one scale with cohorts of these sizes; ``silent`` leaves every other one out at the end."""
    rng = np.random.default_rng(len(sizes))
    names, times = (LONG if long else SHORT)[:waves], "Mental health and social care trust no." if long else "Cohort"
    rows = []
    for cohort, size in enumerate(sizes):
        who = AUDIENCES[min(3 * cohort // len(sizes), 2)] if audiences else "all"
        level, deviation = rng.normal(0.5, 0.08), rng.normal(0, 0.04)
        for person in range(size):
            base = rng.normal(level, 0.15)
            for place, wave in enumerate(names):
                gone = place and (rng.random() < 0.12 * place or (silent and place == waves - 1 and cohort % 2 == 0))
                score = np.round(most * np.clip(base + (place > 0) * (change + deviation) + rng.normal(0, 0.1), 0, 1))
                key = (f"p{cohort}-{person}", f"{times} {cohort + 1}", who, wave, "c1")
                rows += [] if gone else [(*key, float(score))]
    responses = pd.DataFrame(rows, columns=["participant", "cohort", "audience", "wave", "item", "response"])
    responses["wave"] = pd.Categorical(responses["wave"], names, ordered=True)
    protocol = Protocol(
        title="Made for a test",
        columns=Columns(participant="p", cohort="c", wave="w", waves=names, audience="a"),
        scale=(ScaleEntry(name="confidence", items=("c1",), minimum=0, maximum=most, better=better),),
        analysis=Analysis(primary_scale="confidence", primary_wave="after", staff=("staff",) if audiences else ()),
        privacy=Privacy(profile=profile),
        synthetic=synthetic,
        hash="0123456789abcdef",
    )
    return Study(protocol, Intake(responses, (), (), "plain"), "answers.csv")


@pytest.fixture
def make_study() -> Callable[..., Study]:
    return draw_study


HARD = {
    "two cohorts, two waves": {"sizes": (20, 21), "waves": 2, "audiences": False},
    "twelve, long names, five waves": {"sizes": [4, *range(12, 34, 2)], "waves": 5, "long": True, "silent": True},
    "twelve, withheld": {
        "sizes": [4, *range(12, 34, 2)], "waves": 5, "long": True, "silent": True, "profile": "opensafely",
    },
    "0 to 100, falling": {"sizes": (14, 25, 40), "most": 100, "change": -0.3, "better": "lower"},
    "all withheld": {"sizes": (3, 4), "profile": "opensafely", "synthetic": True},
    "no repliers": {"sizes": (9, 1, 12), "silent": True, "synthetic": True},
    "made up, withheld": {"sizes": (18, 22, 6, 31), "profile": "opensafely", "synthetic": True},
}  # fmt: skip
"""What has to lay out at both widths."""


@pytest.fixture(params=HARD)
def hard_study(request: pytest.FixtureRequest) -> Study:
    return draw_study(**HARD[request.param])


@pytest.fixture
def words_of() -> Callable[[str], list[str]]:
    """Return the lines of type of a drawing, which matplotlib leaves beside their outlines."""
    return lambda svg: [unescape(words).replace("\xa0", " ") for words in re.findall(r"<!-- (.*?) -->", svg)]


@pytest.fixture(scope="session")
def invent_study() -> Callable[..., Study]:
    """Return a function that makes up a study of any shape; the same words give the same study."""

    def invent(
        *,
        audiences: tuple[str, ...] = ("staff", "students"),
        cohorts: int = 2,
        size: int = 20,
        waves: tuple[str, ...] = ("before", "after", "later"),
        reply: float = 0.7,
        change: float = 0.5,
        profile: str = "internal",
        synthetic: bool = False,
        **scale: Any,
    ) -> Study:
        entry = ScaleEntry(**{"name": "view", "items": ("a", "b", "c"), "minimum": 1, "maximum": 5, **scale})
        rng, rows = np.random.default_rng(7), []
        breadth, groups = entry.maximum - entry.minimum, list(itertools.product(audiences, range(cohorts), range(size)))
        for audience, cohort, person in groups:
            level = rng.normal(0.45, 0.12) + 0.02 * cohort
            for number, wave in enumerate(waves):
                if number and rng.random() > reply:
                    continue
                means = np.clip(rng.normal(level + bool(number) * change / breadth, 0.15, len(entry.answers)), 0, 1)
                answers = np.round(entry.minimum + means * breadth)
                name = f"{audience}-{cohort + 1}"
                rows += [
                    (f"{name}-{person}", name, audience, wave, *pair)
                    for pair in zip(entry.answers, answers, strict=True)
                ]
        columns = ["participant", "cohort", "audience", "wave", "item", "response"]
        frame = pd.DataFrame(rows, columns=columns)
        frame["wave"] = pd.Categorical(frame["wave"], waves, ordered=True)
        protocol = Protocol(
            title="A training",
            columns=Columns(participant="code", cohort="group", audience="who", wave="time", waves=waves),
            scale=(entry,),
            analysis=Analysis(primary_scale=entry.name, primary_wave=waves[1]),
            privacy=Privacy(profile=profile),
            synthetic=synthetic,
            hash="0123456789abcdef",
        )
        return Study(protocol, Intake(frame, (), (), "plain"), "answers.csv")

    return invent
