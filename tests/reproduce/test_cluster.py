import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from coprod import __version__
from coprod.cli import main
from coprod.errors import EnvironmentProblem
from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.fingerprint import CHANGED, digest
from coprod.reproduce.notebooks import list_notebooks
from coprod.reproduce.observe import PACKAGE, stamp
from coprod.reproduce.worker import localise, say_difference, take_stock

WAIT = """
import os, pathlib, time
def parent_of(pid): return int(pathlib.Path(f"/proc/{{pid}}/stat").read_text().rpartition(")")[2].split()[1])
sign = pathlib.Path({folder!r}, f"{{os.getpid()}}-{{parent_of(os.getppid())}}")
sign.touch()
while not pathlib.Path({folder!r}, "go").exists(): time.sleep(0.02)
"""
"""A cell that leaves the numbers of its kernel and of the worker, and waits until it may go on."""
KILL = "import signal; os.kill(parent_of(os.getppid()), signal.SIGKILL); time.sleep(600)"


@contextmanager
def started(*command: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program of Dask, and end it: first kindly, then not."""
    everything = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", **environment}
    with open(log, "wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=everything, cwd=log.parent)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory, wait_until: Callable[..., Any]) -> Iterator[str]:
    """Address of a scheduler on this machine; it gives a notebook up when two workers have died of it."""
    folder = tmp_path_factory.mktemp("scheduler")
    about = folder / "scheduler.json"
    command = (sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
               "--no-dashboard", "--scheduler-file", str(about))  # fmt: skip
    with started(*command, log=folder / "log"):
        assert wait_until(lambda: about.exists() and about.read_text()), (folder / "log").read_text()
        yield json.loads(about.read_text())["address"]


@pytest.fixture(scope="module")
def workers(wait_until: Callable[..., Any]) -> Callable[..., Any]:
    """A function that starts workers and waits until the scheduler knows them."""

    @contextmanager
    def workers(
        count: int, scheduler: str, folder: Path, *, python: str = sys.executable, **environment: str
    ) -> Iterator[list[subprocess.Popen[bytes]]]:
        command = (python, "-m", "distributed.cli.dask_worker", scheduler, "--nthreads", "1", "--no-nanny",
                   "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(folder))  # fmt: skip
        logs = [folder / f"worker{number}.log" for number in range(count)]
        with ExitStack() as stack:
            found = [stack.enter_context(started(*command, log=log, **environment)) for log in logs]
            for log in logs:
                assert wait_until(lambda log=log: "Registered to" in log.read_text()), log.read_text()
            yield found

    return workers


@contextmanager
def run_of(project: Path, scheduler: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    """The command as somebody types it."""
    command = [sys.executable, "-c", "from coprod.cli import main; main()", "run", "--force", "--scheduler", scheduler]
    environment = {**os.environ, "COPROD_HOME": str(project)}
    run = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           env=environment)  # fmt: skip
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def add_cell(path: Path, source: str) -> None:
    content = json.loads(path.read_text())
    cell = {"cell_type": "code", "source": source, "outputs": [], "execution_count": None, "metadata": {}}
    content["cells"].insert(1, {**cell, "id": f"added{len(content['cells'])}"})
    path.write_text(json.dumps(content))


def signs(folder: Path) -> list[tuple[int, int]]:
    return [(int(kernel), int(worker)) for kernel, worker in (path.name.split("-") for path in folder.glob("*-*"))]


def left_in(reports: Path) -> list[str]:
    return [path.name for path in reports.rglob(".*")]


def test_a_worker_killed_in_the_middle_leaves_the_same_values_and_no_kernel(
    project: Path,
    executed: Path,
    tmp_path: Path,
    scheduler: str,
    lives: Callable[[int], bool],
    wait_until: Callable[..., Any],
    workers: Callable[..., Any],
) -> None:
    (tmp_path / "signs").mkdir()
    for path in (project / "notebooks").glob("*.ipynb"):
        add_cell(path, WAIT.format(folder=str(tmp_path / "signs")))
    with workers(2, scheduler, tmp_path, COPROD_HOME=str(project)), run_of(project, scheduler) as run:
        begun = wait_until(lambda: len(signs(tmp_path / "signs")) == 2 and signs(tmp_path / "signs"))
        assert len({worker for _, worker in begun}) == 2, "each worker has a notebook"
        kernel, worker = begun[0]
        os.kill(worker, signal.SIGKILL)
        assert wait_until(lambda: not lives(kernel)), "the kernel ends with its worker"
        (tmp_path / "signs" / "go").touch()
        _, said = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert len(signs(tmp_path / "signs")) == 3
    assert not any(lives(kernel) for kernel, _ in signs(tmp_path / "signs"))
    for path in (executed / "reports" / "notebooks").iterdir():
        there, here = (
            [cell["outputs"] for cell in json.loads(p.read_text())["cells"]
             if cell["cell_type"] == "code" and not cell["id"].startswith("added")]
            for p in (project / "reports" / "notebooks" / path.name, path)
        )  # fmt: skip
        for outputs in [*there, *here]:
            for output in outputs:
                output.pop("execution_count", None)
        assert there == here
    assert (project / "reports" / "values.json").read_bytes() == (executed / "reports" / "values.json").read_bytes()
    assert left_in(project / "reports") == []
    why = CliRunner().invoke(main, ["why", "01"])
    assert why.stdout == "up to date\n", "what the worker read is remembered as if read here"


def test_a_notebook_that_kills_its_workers_fails_with_its_reason_and_the_others_finish(
    project: Path,
    tmp_path: Path,
    scheduler: str,
    lives: Callable[[int], bool],
    wait_until: Callable[..., Any],
    workers: Callable[..., Any],
) -> None:
    (tmp_path / "signs").mkdir()
    (tmp_path / "signs" / "go").touch()
    before = (project / "reports" / "notebooks" / "01_replies.ipynb").read_bytes()
    add_cell(project / "notebooks" / "01_replies.ipynb", WAIT.format(folder=str(tmp_path / "signs")) + KILL)
    with workers(3, scheduler, tmp_path, COPROD_HOME=str(project)) as crew, run_of(project, scheduler, "--json") as run:
        told, _ = run.communicate(timeout=120)
        assert wait_until(lambda: sum(worker.poll() is not None for worker in crew) == 2), "no third one dies"
    assert run.returncode == 1
    first, second = json.loads(told)["runs"]
    assert (first["status"], second["status"]) == ("failed", "ok")
    assert "2 workers died while they executed it, the last one at tcp://127.0.0.1:" in first["message"]
    assert not any(lives(kernel) for kernel, _ in signs(tmp_path / "signs"))
    assert (project / "reports" / "notebooks" / "01_replies.ipynb").read_bytes() == before


def test_what_is_under_way_on_a_worker_ends_when_the_run_is_stopped(
    project: Path,
    tmp_path: Path,
    scheduler: str,
    lives: Callable[[int], bool],
    wait_until: Callable[..., Any],
    workers: Callable[..., Any],
) -> None:
    (tmp_path / "signs").mkdir()
    before = {path: path.read_bytes() for path in (project / "reports").rglob("*") if path.is_file()}
    add_cell(project / "notebooks" / "01_replies.ipynb", WAIT.format(folder=str(tmp_path / "signs")))
    with workers(1, scheduler, tmp_path, COPROD_HOME=str(project)), run_of(project, scheduler, "01") as run:
        ((kernel, worker),) = wait_until(lambda: signs(tmp_path / "signs"))
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
        assert (run.returncode, said) == (130, "stopped; the last good reports stand\n")
        assert wait_until(lambda: not lives(kernel))
        assert lives(worker)
    assert {path: path.read_bytes() for path in (project / "reports").rglob("*") if path.is_file()} == before


def test_a_run_whose_last_worker_dies_gives_up(
    project: Path, tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch, workers: Callable[..., Any]
) -> None:
    monkeypatch.setattr("coprod.reproduce.cluster.LONELY", 1)
    (tmp_path / "signs").mkdir()
    (tmp_path / "signs" / "go").touch()
    add_cell(project / "notebooks" / "01_replies.ipynb", WAIT.format(folder=str(tmp_path / "signs")) + KILL)
    tasks = [Task(list_notebooks(project)[0], project / "reports")]
    with (
        workers(1, scheduler, tmp_path, COPROD_HOME=str(project)),
        pytest.raises(EnvironmentProblem, match="no worker is left at tcp://"),
    ):
        run_notebooks(tasks, home=project, scheduler=scheduler)
    assert left_in(project / "reports") == []


def installed_beside(folder: Path, *, coprod: str | None) -> str:
    """Make a folder of all installed packages, with coprod of another version or without it."""
    folder.mkdir()
    for entry in Path(distribution("distributed").locate_file("")).iterdir():
        if not entry.name.startswith(("coprod", "__editable__")):
            (folder / entry.name).symlink_to(entry)
    if coprod:
        about = folder / f"coprod-{coprod}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: coprod\nVersion: {coprod}\n")
    return str(folder)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("coprod", "says"), [(None, "has no coprod"), ("0.0.1", "has coprod 0.0.1 and this machine")])
def test_a_worker_without_this_coprod_is_named_before_anything_runs(
    tmp_path: Path, scheduler: str, coprod: str | None, says: str, workers: Callable[..., Any]
) -> None:
    packages = installed_beside(tmp_path / "packages", coprod=coprod)
    python = getattr(sys, "_base_executable", sys.executable)
    with workers(1, scheduler, tmp_path, python=python, PYTHONPATH=packages):
        result = CliRunner().invoke(main, ["run", "--force", "--scheduler", scheduler])
    assert result.exit_code == 5
    assert f" {says}" in result.stderr
    assert result.stderr.endswith(f"install coprod {__version__} there, and start it anew\n")


@pytest.mark.usefixtures("project")
def test_a_worker_with_other_data_is_named_before_anything_runs(
    home: Path, tmp_path: Path, scheduler: str, workers: Callable[..., Any]
) -> None:
    with open(home / "data" / "talk" / "survey.csv", "a") as file:
        file.write("\n")
    with workers(1, scheduler, tmp_path, COPROD_HOME=str(home)):
        result = CliRunner().invoke(main, ["run", "--force", "--scheduler", scheduler])
    assert result.exit_code == 5
    assert "would not give the same values: data/talk/survey.csv differs; give it the same code" in result.stderr


def test_a_worker_that_joins_later_with_other_data_executes_nothing(
    project: Path,
    home: Path,
    tmp_path: Path,
    scheduler: str,
    monkeypatch: pytest.MonkeyPatch,
    workers: Callable[..., Any],
) -> None:
    monkeypatch.setattr("coprod.reproduce.cluster.check_workers", lambda *_: None)  # before it came
    (home / "data" / "talk" / "survey.csv").unlink()
    task = Task(list_notebooks(project)[0], project / "reports")
    with workers(1, scheduler, tmp_path, COPROD_HOME=str(home)):
        (outcome,) = run_notebooks([task], home=project, scheduler=scheduler)
    assert (outcome.status, outcome.error) == ("failed", "Stopped")
    assert outcome.message == "a worker would not give the same values: data/talk/survey.csv is here only"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("address", "code", "says"),
    [("tcp://127.0.0.1:9", 5, "no Dask scheduler answered at tcp://127.0.0.1:9 in 1 s; start one"),
     ("127.0.0.1", 2, "--scheduler 127.0.0.1 is no address; write it like tcp://127.0.0.1:8786"),
     ("ftp://127.0.0.1:9", 2, "--scheduler ftp://127.0.0.1:9 is no address; write it like tcp://127.0.0.1:8786")],
)  # fmt: skip
def test_a_scheduler_that_is_not_there_is_an_error_and_no_long_wait(
    monkeypatch: pytest.MonkeyPatch, address: str, code: int, says: str
) -> None:
    monkeypatch.setattr("coprod.reproduce.cluster.PATIENCE", 1)
    result = CliRunner().invoke(main, ["run", "--force", "--scheduler", address])
    assert result.exit_code == code
    assert result.stderr.splitlines()[-1].startswith(f"Error: {says}")


@pytest.mark.usefixtures("project")
def test_a_scheduler_without_workers_is_an_error(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coprod.reproduce.cluster.PATIENCE", 1)
    result = CliRunner().invoke(main, ["run", "--force", "--scheduler", scheduler])
    assert result.exit_code == 5
    assert f"has no worker; start some with 'dask worker {scheduler} --nthreads 1'" in result.stderr


@pytest.mark.usefixtures("project")
def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coprod.reproduce.cluster.find_spec", lambda _: None)
    result = CliRunner().invoke(main, ["run", "--force", "--scheduler", "tcp://127.0.0.1:9"])
    assert (result.exit_code, "pip install 'coprod[cluster]'" in result.stderr) == (5, True)


def test_stocks_differ_by_code_data_and_version(root: Path, home: Path) -> None:
    ours = take_stock(root)
    assert say_difference(ours, take_stock(home)) == ""
    assert {"Python", "numpy", "papermill"} <= set(ours["versions"])
    (home / "data" / "new.csv").write_text("a")
    theirs = take_stock(home)
    theirs["versions"]["numpy"] = "0.1"
    theirs["code"].pop("src/coprod/home.py")
    theirs["data"]["data/talk/works.csv"] = "0"
    said = say_difference(ours, theirs)
    number = ours["versions"]["numpy"]
    assert said == (
        f"numpy is 0.1 there and {number} here; src/coprod/home.py is here only; data/new.csv is there only; and 1 more"
    )


def test_what_a_worker_read_counts_only_where_it_is_the_same_here(tmp_path: Path) -> None:
    for name in ("same", "other"):
        (tmp_path / name).write_text(name)
    sha256 = digest(tmp_path / "same")
    read = {"home/same": sha256, "home/other": sha256, "home/changed": CHANGED, "home/absent": None}
    module = PACKAGE / "home.py"
    found = localise({"files": read, "modules": {"package/home.py": digest(module)}, "python": "3"}, tmp_path)
    assert found["files"] == {str(tmp_path / "same"): stamp(tmp_path / "same"), str(tmp_path / "other"): [0, 0],
                              str(tmp_path / "changed"): [0, 0], str(tmp_path / "absent"): None}  # fmt: skip
    assert (found["modules"], found["python"]) == ({str(module): stamp(module)}, "3")
