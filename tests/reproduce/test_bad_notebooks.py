"""What bad notebooks get: each fails with its reason and its cell, leaves nothing, and the others finish."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.how import Kernels
from coprod.reproduce.notebooks import Notebook

IN_A_TEST = "PYTEST_CURRENT_TEST"
"""Where this is set, ipykernel does not listen to what programs print."""
WRITE = "import os\nhome = os.environ['COPROD_HOME']\n"
SHOW = "from IPython.display import display\n"
RESULT = "application/vnd.coprod.result+json"
CELLS = {
    "endless": "while True: pass",
    "killed": "import os\nos.kill(os.getpid(), 9)",
    "greedy": "kept = []\nwhile True: kept.append(bytearray(50_000_000))",
    "greedy_in_bits": "kept = []\nwhile True: kept.append('x' * 2000 + str(len(kept)))",
    "talkative": "for _ in range(200_000): print('x' * 99)",
    "loud": "print('x' * 20_000_000)",
    "swallows": "try: print('x' * 20_000_000)\nexcept Exception: pass",
    "program": "import subprocess\nsubprocess.run(['head', '-c', '20000000', '/dev/zero'], check=True)",
    "wide": "from IPython.display import HTML\nHTML('x' * 20_000_000)",
    "image": SHOW + "display({'image/png': 'bm90IGFuIGltYWdl'}, raw=True)",
    "drawing": SHOW + "display({'image/svg+xml': '<svg><g></svg>'}, raw=True)",
    "result": SHOW + f"display({{{RESULT!r}: {{'schema': 1, 'kind': 'value', 'id': 'x'}}}}, raw=True)",
    "writes": WRITE + "open(home + '/data/new.csv', 'w')",
    "removes": WRITE + "import shutil\nshutil.rmtree(home + '/data')",
    "has_written": WRITE + "import subprocess\nsubprocess.run(['touch', home + '/data/a.csv'], check=True)",
    "online": "import urllib.request\nurllib.request.urlopen('http://example.org/data.csv')",
    "online_if_it_can": "import socket\ntry: socket.create_connection(('192.0.2.1', 443))\nexcept Exception: pass",
    "elsewhere": "import os, pathlib\nos.chdir('/')\n1 / 0",
}
LOUD = "the notebook's output is larger than 10 MB; show less, or allow more with --output"
REASONS = {
    "endless": ("Stopped", "in code cell 3 of 3, 'step2': the cell took longer than 5 s; give cells more time"),
    "killed": (
        "Stopped",
        "in code cell 3 of 3, 'step2': the kernel died twice, perhaps for want of memory",
    ),
    "greedy": ("MemoryError", "a kernel may take 1000 MB; give it more with --memory"),
    "greedy_in_bits": ("MemoryError", "a kernel may take 1000 MB; give it more with --memory"),
    "talkative": ("RefusedError", LOUD),
    "loud": ("RefusedError", LOUD),
    "swallows": ("RefusedError", LOUD),
    "program": ("RefusedError", LOUD),
    "wide": ("RefusedError", LOUD),
    "image": ("BrokenOutput", "the image/png that the cell displays cannot be read"),
    "drawing": ("BrokenOutput", "the image/svg+xml that the cell displays is not whole (mismatched tag"),
    "result": ("BrokenOutput", "result 'x' cannot be read (TypeError"),
    "writes": ("RefusedError", "the notebook wanted to change data/new.csv; data are only read during a run"),
    "removes": ("RefusedError", "the notebook wanted to change data; data are only read"),
    "has_written": (
        "RefusedError",
        "data/a.csv changed while the cell ran, and the notebook had started another",
    ),
    "online": ("RefusedError", "the notebook wanted example.org:80; a run has no network"),
    "online_if_it_can": ("RefusedError", "the notebook wanted 192.0.2.1:443; a run has no network"),
    "elsewhere": ("ZeroDivisionError", "division by zero"),
}


def tasks_of(home: Path, cells: dict[str, str], write_notebook: Callable[..., Path]) -> list[Task]:
    (home / "data").mkdir(exist_ok=True)
    (home / "data" / "a.csv").write_text("a\n")
    books = {name: write_notebook(home / "notebooks" / f"{name}.ipynb", "1", cell) for name, cell in cells.items()}
    return [Task(Notebook(name, "Why?", ("S5",), (), path), home / "reports") for name, path in books.items()]


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory, write_notebook: Callable[..., Path]) -> dict[str, Any]:
    """Outcomes of a run of nothing but bad notebooks, with a good one at the end."""
    home = tmp_path_factory.mktemp("bad")
    os.environ.pop(IN_A_TEST, None)
    good = {"good": "import os\nopen('../data/a.csv').read()\nprint(os.getcwd())"}
    tasks = tasks_of(home, {**CELLS, **good}, write_notebook)
    outcomes = run_notebooks(tasks, home=home, timeout=5, memory=1000)
    return {"home": home, **{outcome.name: outcome for outcome in outcomes}}


@pytest.mark.parametrize("name", CELLS)
def test_a_bad_notebook_fails_with_its_reason_and_its_cell(bad: dict[str, Any], name: str) -> None:
    outcome = bad[name]
    error, reason = REASONS[name]
    assert (outcome.status, outcome.error, outcome.cell) == ("failed", error, "step2")
    assert reason in outcome.message
    assert outcome.source == "\n".join(CELLS[name].splitlines()[-5:])
    assert outcome.path == bad["home"] / "reports" / "failed" / f"{name}.ipynb"


def test_the_others_finish_in_their_own_folder_with_the_data_as_they_were(bad: dict[str, Any]) -> None:
    assert bad["good"].status == "ok", bad["good"]
    (output,) = json.loads(bad["good"].path.read_text())["cells"][-1]["outputs"]
    assert output["text"].strip() == str(bad["home"] / "notebooks")
    assert [(path.name, path.read_text()) for path in (bad["home"] / "data").iterdir()] == [("a.csv", "a\n")]


def test_no_more_output_is_kept_than_may_be(bad: dict[str, Any]) -> None:
    sizes = {path.stem: path.stat().st_size for path in (bad["home"] / "reports" / "failed").iterdir()}
    assert sizes.keys() == CELLS.keys()
    assert max(sizes.values()) < 11_000_000
    assert sizes["talkative"] > 9_000_000  # what came before the limit is there


def test_more_output_can_be_allowed(tmp_path: Path, write_notebook: Callable[..., Path]) -> None:
    tasks = tasks_of(tmp_path, {"loud": CELLS["loud"]}, write_notebook)
    (outcome,) = run_notebooks(tasks, home=tmp_path, output=30)
    assert outcome.status == "ok", outcome


def test_what_a_program_prints_goes_to_the_notebook_alone(
    tmp_path: Path, write_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(IN_A_TEST)
    path = write_notebook(tmp_path / "x.ipynb", "import subprocess\nsubprocess.run(['echo', 'said'], check=True)")
    run = subprocess.run([sys.executable, "-c", RUN, str(path), "warm"], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")
    assert "said" in (tmp_path / "r" / "notebooks" / "x.ipynb").read_text()


RUN = """
import sys; from pathlib import Path; from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.notebooks import Notebook
path = Path(sys.argv[1]); home = path.parent
run_notebooks([Task(Notebook('x', '', (), (), path), home / 'r')], home=home, kernels=sys.argv[2])
"""
START = """
import os, subprocess, time
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
daemon = subprocess.run(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True)
forked = os.fork()
if forked == 0:
    os.setsid()
    time.sleep(600)
with open({sign!r} + ".new", "w") as file:
    file.write(f"{{child.pid}} {{daemon.stdout.strip()}} {{forked}}")
os.replace({sign!r} + ".new", {sign!r})
"""
"""A cell that starts a child, a child's child and a fork, each in a session of its own, and tells their numbers."""
ENDS = {"ends well": "1", "fails": "1 / 0", "is killed": "os.kill(os.getpid(), 9)", "takes too long": "time.sleep(600)"}


@pytest.mark.parametrize("kernels", ["warm", "plain"])
@pytest.mark.parametrize("end", ENDS)
def test_what_a_notebook_starts_ends_with_it_whatever_its_session(
    tmp_path: Path,
    write_notebook: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    end: str,
    kernels: Kernels,
    lives: Callable[[int], bool],
    wait_until: Callable[..., Any],
) -> None:
    if kernels == "warm":  # the parent of the kernels alone sees to it
        monkeypatch.setattr("coprod.reproduce.single.end_strays", lambda _: None)
    sign = tmp_path / "sign"
    tasks = tasks_of(tmp_path, {"x": START.format(sign=str(sign)) + ENDS[end]}, write_notebook)
    run_notebooks(tasks, home=tmp_path, timeout=2, kernels=kernels)
    started = [*map(int, sign.read_text().split())]
    assert len(started) == 3
    assert wait_until(lambda: not any(map(lives, started)))


def test_what_a_notebook_leaves_ends_before_the_next_one_begins(
    tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    sign = tmp_path / "sign"
    look = f"import os\nfor pid in open({str(sign)!r}).read().split(): print(os.path.exists('/proc/' + pid))"
    tasks = tasks_of(tmp_path, {"leaves": START.format(sign=str(sign)), "looks": look}, write_notebook)
    _, outcome = run_notebooks(tasks, home=tmp_path, jobs=1, kernels="warm")
    (output,) = json.loads(outcome.path.read_text())["cells"][-1]["outputs"]
    assert output["text"].split() == ["False"] * 3


def test_what_a_notebook_leaves_running_stays_while_it_runs_itself(
    tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    sign, go = tmp_path / "sign", tmp_path / "go"
    wait = "while not os.path.exists({!r}): time.sleep(0.02)\n"
    look = f"for pid in open({str(sign)!r}).read().split(): print(os.path.exists('/proc/' + pid))"
    cells = {"stays": START.format(sign=str(sign)) + wait.format(str(go)) + look,
             "ends": "import os, time\n" + wait.format(str(sign))}  # fmt: skip
    tasks = tasks_of(tmp_path, cells, write_notebook)
    outcome, _ = run_notebooks(tasks, home=tmp_path, jobs=2, kernels="warm", on_end=lambda _: go.touch())
    (output,) = json.loads(outcome.path.read_text())["cells"][-1]["outputs"]
    assert output["text"].split() == ["True"] * 3


def test_what_a_notebook_started_ends_with_a_run_that_is_killed(
    tmp_path: Path, write_notebook: Callable[..., Path], lives: Callable[[int], bool], wait_until: Callable[..., Any]
) -> None:
    sign = tmp_path / "sign"
    path = write_notebook(tmp_path / "x.ipynb", START.format(sign=str(sign)), "time.sleep(600)")
    with subprocess.Popen([sys.executable, "-c", RUN, str(path), "warm"]) as run:
        try:
            assert wait_until(lambda: sign.exists() or run.poll() is not None)
            started = [*map(int, sign.read_text().split())]
            assert all(map(lives, started))
        finally:
            os.kill(run.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(map(lives, started)))
