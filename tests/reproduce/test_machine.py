import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from coprod.reproduce import machine
from coprod.reproduce.lock import lock
from coprod.reproduce.machine import Finding, examine_machine


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reports folder, with temporary files beside it that no other process touches."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "reports").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "reports"


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def look(reports: Path) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine_machine(reports)}


def test_a_machine_that_serves_gets_no_mend(reports: Path) -> None:
    assert {subject: finding.mend for subject, finding in look(reports).items() if finding.mend} == {}
    assert look(reports)["Disk of the reports"].found.endswith(f" MB free at {reports}")


def test_a_folder_that_is_not_there_yet_is_looked_at_where_it_will_be(reports: Path) -> None:
    reports.rmdir()
    assert look(reports)["Disk of the reports"].found.endswith(f" MB free at {reports.parent}")


def test_disks_without_room_are_faults(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = shutil.disk_usage(reports).free // 1_000_000 + 1_000
    monkeypatch.setattr(machine, "ROOM", needed)
    found = look(reports)
    for subject, mend in (("Disk of the reports", "make room"), ("Disk of temporary files", "TMPDIR")):
        assert not found[subject].ok
        assert f"a run may need {needed}" in found[subject].found
        assert mend in found[subject].mend


@pytest.mark.parametrize(
    ("kilobytes", "ok", "mend"),
    [(300_000, False, "end other programs"), (700_000, True, "coprod run --jobs 1"), (4_000_000, True, "")],
)
def test_little_memory_is_told_by_what_programs_can_still_have(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kilobytes: int, ok: bool, mend: str
) -> None:
    says = tmp_path / "meminfo"
    says.write_text(f"MemTotal:        8000000 kB\nMemAvailable:     {kilobytes} kB\n")
    monkeypatch.setattr(machine, "_AVAILABLE", says)
    memory = look(reports)["Memory"]
    assert (memory.ok, memory.mend) == (ok, mend)


def test_a_locale_without_letters_is_a_note(reports: Path) -> None:
    script = (
        f"from pathlib import Path; from coprod.reproduce.machine import examine_machine as look\n"
        f"print(*(f'{{f.ok}} {{f.mend}}' for f in look(Path({str(reports)!r})) if f.subject == 'Locale'))"
    )
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, **plain}, capture_output=True, check=True)
    assert done.stdout == b"True export LC_ALL=C.UTF-8\n"


def test_where_forking_is_not_safe_kernels_are_plain_and_it_says_why(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(reports)["Kind of kernels"].found.startswith("warm" if sys.platform == "linux" else "plain")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "plain: forking is not safe on darwin" in look(reports)["Kind of kernels"].found


def test_what_a_run_at_work_uses_is_not_called_left_over(reports: Path) -> None:
    with lock(reports):
        (reports / ".run-x").mkdir()
        found = look(reports)
    assert f"process {os.getpid()} on " in found["Runs at work"].found
    assert (found["Runs at work"].mend, found["Left by killed runs"].found) == ("", "nothing")


def test_what_a_killed_run_left_is_named_and_a_run_clears_it(reports: Path, ended: int) -> None:
    left = [
        reports / ".run-x",
        reports / "runs" / "01-base=209" / ".new-y",
        Path(tempfile.gettempdir(), f"coprod-{ended}-z"),
    ]
    for folder in left:
        folder.mkdir(parents=True)
    (reports / ".lock").write_text(f"{ended} on here since then\n")
    found = look(reports)
    assert found["Runs at work"].found == f"none; process {ended} on here since then was killed"
    assert all(str(folder) in found["Left by killed runs"].found for folder in left)
    assert found["Runs at work"].mend == found["Left by killed runs"].mend == "the next 'coprod run' clears it away"
    with lock(reports):
        pass
    assert (look(reports)["Runs at work"].found, look(reports)["Left by killed runs"].found) == ("none", "nothing")
