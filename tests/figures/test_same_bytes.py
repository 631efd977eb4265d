"""Every figure of the talk gives the same bytes again, here and in another process."""

import hashlib
import json
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib, json
from coprod.data import read_talk
from coprod.figures.citations import plot_citations
from coprod.figures.partnership import plot_partnership
from coprod.figures.principles import plot_principles
from coprod.figures.survey import plot_bounds, plot_waffle
from coprod.figures.timeline import plot_timeline
from coprod.talk.survey import answer_counts, answer_ranges
from coprod.talk.works import audit_works
talk = read_talk()
figures = [
    plot_waffle(answer_counts(talk["survey"], 196), total=209, base=196, replied=196),
    plot_bounds(answer_ranges(talk["survey"]), level=0.95),
    plot_partnership(talk["partnership"]),
    plot_principles(talk["principles"]),
    plot_timeline(talk["timeline"]),
    plot_citations(audit_works(talk["citations"], talk["works"])),
]
digests = {f"{figure.id}_{width}": getattr(figure, width) for figure in figures for width in ("wide", "narrow")}
"""


def draw() -> dict[str, str]:
    scope: dict[str, dict[str, str]] = {}
    exec(SCRIPT, scope)  # the very text that the other process runs
    return scope["digests"]


@pytest.fixture(scope="module")
def drawings() -> dict[str, str]:
    return draw()


def test_twice_in_one_process(drawings: dict[str, str]) -> None:
    assert draw() == drawings


def test_in_another_process_with_another_hash_seed(drawings: dict[str, str]) -> None:
    script = f"{SCRIPT}print(hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest())"
    environment = {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "PATH": "", "MPLBACKEND": "svg"}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == hashlib.sha256(json.dumps(drawings, sort_keys=True).encode()).hexdigest()


def test_drawings_hold_no_date_and_stay_small(drawings: dict[str, str]) -> None:
    assert not [name for name, svg in drawings.items() if "<dc:date>" in svg]
    assert max(map(len, drawings.values())) < 200_000
