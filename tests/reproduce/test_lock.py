import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod.cli import main
from coprod.errors import EnvironmentProblem
from coprod.reproduce.lock import clear_unfinished, lock, temporary_folder

HOLD = """
import sys, time, pathlib
from coprod.reproduce.lock import lock
with lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that is at work in the reports."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "reports")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_second_run_is_kept_out_and_told_by_whom(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    try:
        with pytest.raises(EnvironmentProblem) as caught, lock(tmp_path / "reports"):
            pass
    finally:
        end(holder)
    message = str(caught.value)
    assert f"another run is at work in {tmp_path / 'reports'}: process {holder.pid} on " in message
    assert message.endswith(f"wait for it, or end it with: kill {holder.pid}")


def test_the_lock_of_a_killed_run_is_broken(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    end(holder)
    assert (tmp_path / "reports" / ".lock").exists()
    with lock(tmp_path / "reports"):
        assert (tmp_path / "reports" / ".lock").read_text().startswith(f"{os.getpid()} on ")
    assert list((tmp_path / "reports").iterdir()) == []


def test_a_lock_is_let_go_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(tmp_path):
        raise ZeroDivisionError
    with lock(tmp_path):
        pass


def test_a_place_that_cannot_be_locked_is_an_environment_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write to"), lock(tmp_path / "file"):
        pass


def test_what_killed_runs_left_is_cleared_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    reports = tmp_path / "reports"
    left = [reports / ".run-a", reports / "runs" / "x" / ".new-b", tmp_path / f"coprod-{gone.stdout.strip()}-x"]
    for folder in (*left, reports / "notebooks", tmp_path / "coprod-notes-x"):
        folder.mkdir(parents=True)
    with temporary_folder() as own:
        clear_unfinished(reports)
        assert own.is_dir()
    assert [folder for folder in left if folder.exists()] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["coprod-notes-x", "reports"]
    assert (reports / "notebooks").is_dir()


def test_two_runs_of_the_command_do_not_mix(project: Path) -> None:
    with lock(project / "reports"):
        result = CliRunner().invoke(main, ["run", "--force"])
    assert result.exit_code == 5
    assert f"process {os.getpid()} on " in result.stderr
