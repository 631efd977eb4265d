"""The timing of coprod beside its peers, on a project small enough for a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest


@pytest.fixture
def peers(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module; it stands outside the package."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    import peers

    return peers


def test_a_short_run_times_a_cold_run_and_a_rerun(root: Path, project: Path) -> None:
    command = [sys.executable, str(root / "benchmarks" / "peers.py"), "--rounds", "1", "--only", "papermill"]
    done = subprocess.run(
        [*command, "--peers", sys.prefix, "--project", str(project)], capture_output=True, text=True, check=True
    )
    heading, _, ours, papermill = [line.split("|") for line in done.stdout.splitlines() if line.startswith("|")]
    assert [cell.strip() for cell in heading[1:4]] == ["way", "cold run s", "processor s"]
    assert ours[1].strip() == "`coprod run`"
    assert ours[4].strip() == "1.00"
    assert float(ours[5]) < float(ours[2])  # a rerun does less
    assert papermill[1].strip() == "Papermill, one process, one after another"
    assert float(papermill[4]) == pytest.approx(float(papermill[2]) / float(ours[2]), abs=0.1)
    assert papermill[5].strip() == ""
    assert "papermill 2" in done.stdout


def test_a_way_that_executes_nothing_is_found_out(peers: ModuleType, project: Path, tmp_path: Path) -> None:
    place = peers.make_place(tmp_path / "place", project, Path(sys.prefix))
    idle = peers.Way("idle", "Idle", ["true"], made="out/*.ipynb")
    with pytest.raises(SystemExit, match="idle executed 0 of 2 notebooks and started 0 kernels"):
        peers.run_cold(idle, place)


def test_a_rerun_that_runs_again_is_found_out(peers: ModuleType, project: Path, tmp_path: Path) -> None:
    place = peers.make_place(tmp_path / "place", project, Path(sys.prefix))
    busy = peers.Way("busy", "Busy", ["sh", "-c", "date +%N > out/x.ipynb"], made="out/*.ipynb", is_incremental=True)
    with pytest.raises(SystemExit, match="busy ran notebooks again though nothing had changed"):
        peers.run_again(busy, place)


def test_a_ratio_is_taken_within_a_round_and_the_report_is_written(
    peers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import peers_report

    slow = peers.Way("slow", "Slow `-x`", ["slow"], is_incremental=True)
    seconds = {("coprod", 1): 10.0, ("coprod", 2): 20.0, ("coprod", 3): 10.0, ("slow", 1): 20.0, ("slow", 2): 80.0,
               ("slow", 3): 30.0}  # fmt: skip
    found = pd.DataFrame([
        {"round": number, "way": way, "run": run, "wall": wall / part, "processor": wall}
        for (way, number), wall in seconds.items() for run, part in (("cold", 1), ("again", 50), ("again", 40))
    ])  # fmt: skip
    summary = peers_report.summarise(found, [peers.COPROD, slow])
    assert summary["cold_ratio"].tolist() == [1.0, 3.0]
    assert summary["again"].round(3).tolist() == [0.225, 0.675]
    for name in ("README", "PLOT", "RUNS"):
        monkeypatch.setattr(peers_report, name, tmp_path / name)
    (tmp_path / "README").write_text("before\n<!-- peers: begin -->\nlast time\n<!-- peers: end -->\nafter\n")
    peers_report.write_report(found, [peers.COPROD, slow], "2 cores.")
    text = (tmp_path / "README").read_text("utf-8")
    assert "last time" not in text
    assert "| Slow `-x` | 30.0 | 30.0 | 3.00 | 0.68 | 3.0 | 20.0, 80.0, 30.0 |" in text
    assert "slow -x 30.0 s" in text.lower()
    assert (tmp_path / "PLOT").read_text("utf-8").lstrip().startswith("<?xml")
