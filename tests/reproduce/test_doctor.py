import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from coprod.reproduce import doctor
from coprod.reproduce.doctor import Finding, examine, unlike_lock


def faults(home: Path) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(home) if not finding.ok}


@pytest.fixture
def sound(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small project with a lock that fits whatever is installed, and temporary files of its own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (project / "requirements.lock").write_text(f"click=={version('click')} \\\n    --hash=sha256:0\n# comment\n")
    return project


def test_a_sound_project_has_no_faults_and_no_mends(sound: Path) -> None:
    findings = examine(sound)
    assert [finding.subject for finding in findings if not finding.ok] == []
    assert {finding.mend for finding in findings} == {""}


def test_a_changed_table_is_named_with_a_mend(sound: Path) -> None:
    table = sound / "data" / "talk" / "survey.csv"
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))  # the same cells in other bytes
    found = faults(sound)
    assert list(found) == ["Bytes of the tables"]
    assert "talk/survey.csv" in found["Bytes of the tables"].found
    assert found["Bytes of the tables"].mend


def test_every_fault_is_found_at_once(sound: Path) -> None:
    (sound / "data" / "talk" / "survey.csv").unlink()
    (sound / "requirements.lock").write_text("no-such-package==1.0\nclick==0.1\n")
    (sound / "notebooks" / "02_drawing.ipynb").unlink()
    shutil.rmtree(sound / "reports")
    (sound / "reports").write_text("")
    found = faults(sound)
    assert set(found) == {"Packages", "Tables", "Bytes of the tables", "Notebooks", "Reports"}
    assert "no-such-package is not installed, locked is 1.0; click is " in found["Packages"].found
    assert "survey.csv: the file is missing" in found["Tables"].found
    assert all(finding.mend for finding in found.values())


@pytest.mark.parametrize("text", [None, "not a requirement"])
def test_a_lock_that_cannot_be_read_is_a_fault(sound: Path, text: str | None) -> None:
    lock = sound / "requirements.lock"
    lock.unlink() if text is None else lock.write_text(text)
    assert "cannot be read" in faults(sound)["Packages"].found


def test_a_lost_descriptor_is_a_fault(sound: Path) -> None:
    (sound / "data" / "datapackage.json").unlink()
    assert "datapackage.json cannot be read" in faults(sound)["Bytes of the tables"].found


def test_a_missing_kernel_is_a_fault(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object, name: str) -> None:
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    assert "no kernel 'python3'" in faults(sound)["Kernel"].found


def test_an_old_python_is_a_fault(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OLDEST", (99, 0))
    assert faults(sound)["Python"].mend == "install Python 99.0"


def test_a_browser_is_not_asked_for(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "BROWSERS", ())
    (browser,) = [finding for finding in examine(sound) if finding.subject == "Browser"]
    assert browser.ok
    assert "no Chromium" in browser.found


def test_this_environment_is_the_locked_one(root: Path) -> None:
    assert unlike_lock(root / "requirements.lock") == []
