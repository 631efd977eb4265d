import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coprod.errors import EnvironmentProblem
from coprod.reproduce.execute import Task, plan, run_notebooks
from coprod.reproduce.executed import Outcome
from coprod.reproduce.how import Kernels
from coprod.reproduce.kernels import TrackedKernel
from coprod.reproduce.notebooks import Notebook, list_notebooks
from coprod.reproduce.single import ENVIRONMENT
from coprod.reproduce.sweeps import Member

RUN_TIMES = {"start_time", "end_time", "duration"}


def notebook(path: Path, *results: str) -> Notebook:
    return Notebook(path.stem, "Why?", ("S5",), results, path)


def without_run_times(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: without_run_times(value) for key, value in content.items() if key not in RUN_TIMES}
    return [without_run_times(item) for item in content] if isinstance(content, list) else content


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_runs_differ_in_run_times_only(executed: Path, project: Path) -> None:
    run_notebooks([Task(n, project / "reports") for n in list_notebooks(project)], home=project)
    for path in sorted((executed / "reports" / "notebooks").iterdir()):
        first, second = (json.loads(p.read_text()) for p in (path, project / "reports" / "notebooks" / path.name))
        assert without_run_times(first) == without_run_times(second)
        assert first["metadata"]["papermill"]["output_path"] == f"reports/notebooks/{path.name}"
        assert first["metadata"]["papermill"]["input_path"] == f"notebooks/{path.name}"
    assert not list((project / "reports").glob(".*"))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, write_notebook: Callable[..., Path]) -> dict[str, Any]:
    """Outcomes of notebooks with a fault each, and of a good one among them."""
    home = tmp_path_factory.mktemp("faulty")
    (home / "reports" / "notebooks").mkdir(parents=True)
    (home / "reports" / "notebooks" / "raises.ipynb").write_text("the last good one")
    (home / "reports" / "failed").mkdir()
    (home / "reports" / "failed" / "good.ipynb").write_text("an old failure")
    folder = home / "notebooks"
    state = 'import os, sys, tempfile; print(os.getcwd(), os.environ["PYTHONHASHSEED"], os.environ["IPYTHONDIR"])'
    written = [
        write_notebook(folder / "raises.ipynb", "a = 1", "\n".join(["a"] * 9 + ["raise ValueError('no [b]reply')"])),
        write_notebook(folder / "dies.ipynb", "import os\nos.kill(os.getpid(), 9)"),
        write_notebook(folder / "good.ipynb", state, "import warnings; warnings.warn('careful')"),
        write_notebook(folder / "silent.ipynb", "1"),
    ]
    declared = {"silent": ("absent",)}
    ended: list[Outcome] = []
    tasks = [Task(notebook(path, *declared.get(path.stem, ())), home / "reports") for path in written]
    before = dict(os.environ)
    outcomes = run_notebooks(tasks, home=home, on_end=ended.append)
    assert dict(os.environ) == before
    assert [outcome.name for outcome in outcomes] == ["raises", "dies", "good", "silent"]
    assert {outcome.name for outcome in ended} == {outcome.name for outcome in outcomes}
    return {"home": home, **{outcome.name: outcome for outcome in outcomes}}


def test_a_failing_cell_is_named_with_its_last_lines(faulty: dict[str, Any]) -> None:
    outcome = faulty["raises"]
    assert (outcome.status, outcome.cell) == ("failed", "step2")
    assert (outcome.error, outcome.message) == ("ValueError", "no [b]reply")
    assert outcome.source.splitlines() == ["a", "a", "a", "a", "raise ValueError('no [b]reply')"]
    assert outcome.path == faulty["home"] / "reports" / "failed" / "raises.ipynb"
    assert json.loads(outcome.path.read_text())["nbformat"] == 4


def test_a_failure_leaves_the_last_good_notebook(faulty: dict[str, Any]) -> None:
    assert (faulty["home"] / "reports" / "notebooks" / "raises.ipynb").read_text() == "the last good one"


def test_a_dead_kernel_is_a_failure_with_its_reason(faulty: dict[str, Any]) -> None:
    outcome = faulty["dies"]
    assert (outcome.status, outcome.cell, outcome.error) == ("failed", "step1", "Stopped")
    assert "'step1': the kernel died twice, perhaps for want of memory; a kernel may take " in outcome.message
    assert outcome.retried


def test_the_others_go_on_and_an_old_failure_is_cleared(faulty: dict[str, Any]) -> None:
    assert faulty["good"].status == "ok"
    assert not (faulty["home"] / "reports" / "failed" / "good.ipynb").exists()


def test_kernels_run_in_the_notebooks_folder_with_a_profile_of_their_own(faulty: dict[str, Any]) -> None:
    cells = json.loads(faulty["good"].path.read_text())["cells"]
    folder, seed, profile = cells[1]["outputs"][0]["text"].split()
    assert folder == str(faulty["home"] / "notebooks")
    assert seed == ENVIRONMENT["PYTHONHASHSEED"]
    assert Path(profile) != Path.home() / ".ipython"
    assert "ipykernel/" in cells[2]["outputs"][0]["text"]  # without the number of the process


def test_a_result_declared_and_not_displayed_is_a_failure(faulty: dict[str, Any]) -> None:
    outcome = faulty["silent"]
    assert (outcome.status, outcome.error) == ("failed", "ResultsDiffer")
    assert outcome.message == "silent declares 'absent' in notebooks.toml and does not display it"


@pytest.mark.parametrize("where", ["file", "unwritable"])
def test_reports_that_cannot_be_written_stop_the_run_before_a_kernel_starts(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    reports = tmp_path / "reports"
    reports.write_text("") if where == "file" else reports.symlink_to("/proc/self")  # not even root writes there
    monkeypatch.setattr("coprod.reproduce.crew.execute", lambda *_: pytest.fail("a notebook was started"))
    before = files(project / "reports")
    with pytest.raises(EnvironmentProblem, match=r"cannot write to .*reports \(.*\); make it a folder you may write"):
        run_notebooks([Task(n, reports) for n in list_notebooks(project)], home=project)
    assert files(project / "reports") == before


def test_a_place_taken_by_a_file_is_an_environment_problem(tmp_path: Path, write_notebook: Callable[..., Path]) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "notebooks").write_text("")
    task = Task(notebook(write_notebook(tmp_path / "x.ipynb", "1")), tmp_path / "reports")
    with pytest.raises(EnvironmentProblem, match="cannot write to"):
        run_notebooks([task], home=tmp_path)


def test_other_parameters_get_a_folder_of_their_own(project: Path) -> None:
    notebooks = list_notebooks(project)
    parameters: list[dict[str, object]] = [{"base": 196}, {}]
    members = [Member(*pair) for pair in zip(notebooks, parameters, strict=True)]
    first, second = plan(members, project / "reports", notebooks)
    assert first.reports == project / "reports" / "runs" / "01_replies-base=196"
    assert second.reports == project / "reports"


def test_a_notebook_no_longer_listed_leaves_the_reports(project: Path) -> None:
    first, _ = list_notebooks(project)
    plan([Member(first, {})], project / "reports", [first])
    assert [path.stem for path in (project / "reports" / "notebooks").iterdir()] == [first.name]


def test_a_run_stopped_half_way_ends_its_kernels_and_keeps_nothing_of_them(
    tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    quick = notebook(write_notebook(tmp_path / "quick.ipynb", "1"))
    endless = notebook(write_notebook(tmp_path / "endless.ipynb", "import time; time.sleep(600)"))

    def stop(outcome: Outcome) -> None:
        raise KeyboardInterrupt(outcome.name)

    with pytest.raises(KeyboardInterrupt, match="quick"):
        run_notebooks([Task(n, tmp_path / "reports") for n in (quick, endless)], home=tmp_path, jobs=2, on_end=stop)
    assert list(files(tmp_path / "reports")) == ["notebooks/quick.ipynb"]
    assert not [kernel for kernel in TrackedKernel.alive if kernel.running]


def test_a_kernel_that_cannot_start_is_a_failure_with_its_reason(
    tmp_path: Path, write_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no room for a kernel")

    monkeypatch.setattr(TrackedKernel, "start_kernel", refuse)
    task = Task(notebook(write_notebook(tmp_path / "x.ipynb", "1")), tmp_path / "reports")
    (outcome,) = run_notebooks([task], home=tmp_path)
    assert (outcome.status, outcome.message) == ("failed", "RuntimeError: no room for a kernel")


@pytest.mark.parametrize("kernels", ["warm", "plain"])
def test_a_cell_that_takes_too_long_is_named(
    tmp_path: Path, write_notebook: Callable[..., Path], kernels: Kernels
) -> None:
    path = write_notebook(tmp_path / "slow.ipynb", "1", "import time\ntime.sleep(600)", "2")
    task = Task(notebook(path), tmp_path / "reports")
    (outcome,) = run_notebooks([task], home=tmp_path, timeout=1, kernels=kernels)
    assert (outcome.status, outcome.cell, outcome.retried) == ("failed", "step2", False)
    assert outcome.source == "import time\ntime.sleep(600)"
    took = "the cell took longer than 1 s; give cells more time with --timeout"
    assert outcome.message == f"in code cell 3 of 4, 'step2': {took}"


def test_the_first_failure_ends_the_run_where_that_is_wanted(
    tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    sources = {"fails": "1 / 0", "endless": "import time; time.sleep(600)", "waits": "1"}
    tasks = [Task(notebook(write_notebook(tmp_path / f"{name}.ipynb", source)), tmp_path / "reports")
             for name, source in sources.items()]  # fmt: skip
    outcomes = run_notebooks([tasks[1], tasks[0], tasks[2]], home=tmp_path, jobs=2, fail_fast=True)
    assert [outcome.name for outcome in outcomes if outcome.status == "failed"] == ["fails"]
    assert "endless" not in {outcome.name for outcome in outcomes}
    assert "endless.ipynb" not in " ".join(files(tmp_path / "reports"))
    assert not [kernel for kernel in TrackedKernel.alive if kernel.running]


def test_a_first_failure_ends_a_run_of_many_at_once_and_nothing_else_is_kept(
    tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    paths = [write_notebook(tmp_path / "fails.ipynb", "1 / 0")]
    paths += [write_notebook(tmp_path / f"waits{number}.ipynb", "1") for number in range(4)]
    tasks = [Task(notebook(path), tmp_path / "reports") for path in paths]
    outcomes = run_notebooks(tasks, home=tmp_path, jobs=1, fail_fast=True)
    assert [outcome.name for outcome in outcomes] == ["fails"]
    assert list(files(tmp_path / "reports")) == ["failed/fails.ipynb"]
