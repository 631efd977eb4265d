"""Kernels from a warm parent: the same as others, and none left behind whatever is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner

from coprod.cli import main
from coprod.errors import UsageError
from coprod.report.terminal import progress
from coprod.reproduce import how, kernels
from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.executed import Outcome
from coprod.reproduce.forked import KernelDiedError, WarmParent
from coprod.reproduce.kernels import kernel_class
from coprod.reproduce.notebooks import Notebook, list_notebooks

RUN_TIMES = {"start_time", "end_time", "duration"}
PATIENCE = 20
SAY = """
import os, subprocess, time
child = subprocess.Popen(["sleep", "600"])
with open({path!r} + ".new", "w") as file:
    file.write(f"{{os.getppid()}} {{os.getpid()}} {{child.pid}}")
os.replace({path!r} + ".new", {path!r})
"""
"""A cell that starts a child and tells the numbers of the parent, the kernel and the child."""


def notebook(path: Path) -> Notebook:
    return Notebook(path.stem, "Why?", ("S5",), (), path)


def without_run_times(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: without_run_times(value) for key, value in content.items() if key not in RUN_TIMES}
    return [without_run_times(item) for item in content] if isinstance(content, list) else content


def printed(outcome: Outcome) -> str:
    return "".join(
        "".join(output.get("text", ""))
        for cell in json.loads(outcome.path.read_text())["cells"]
        for output in cell["outputs"]
    )


def test_warm_and_plain_kernels_give_the_same_notebooks(root: Path, tmp_path: Path) -> None:
    made: dict[how.Kernels, dict[str, Any]] = {"warm": {}, "plain": {}}
    for kind, contents in made.items():
        tasks = [Task(n, tmp_path / kind) for n in list_notebooks(root)]
        for outcome in run_notebooks(tasks, home=root, kernels=kind):
            assert outcome.status == "ok", outcome
            contents[outcome.name] = without_run_times(json.loads(outcome.path.read_text()))
    assert made["warm"].keys() == {n.name for n in list_notebooks(root)}
    for name, content in made["warm"].items():
        assert content == made["plain"][name], name


STATE = """
import os, random, signal, sys, threading, numpy, matplotlib
print(os.getcwd(), os.environ["COPROD_HOME"], os.environ["OPENBLAS_NUM_THREADS"], sys.argv[0].split("/")[-1])
print(sys.path, sys.flags, hash("a"), matplotlib.get_backend(), signal.getsignal(signal.SIGTERM))
print({name for name in os.environ if not name.startswith("JPY_")} >= {"IPYTHONDIR", "MPLBACKEND"})
print(get_ipython().profile_dir.location.startswith(os.environ["IPYTHONDIR"]), "debugpy.server" in sys.modules)
print("JE_ARROW_MALLOC_CONF" in os.environ, sys.modules["__main__"].__name__, os.getsid(0) == os.getpid())
"""


def test_a_warm_kernel_is_as_one_that_was_started(tmp_path: Path, write_notebook: Callable[..., Path]) -> None:
    path = write_notebook(tmp_path / "state.ipynb", STATE, "print('chance', random.random(), numpy.random.random())")
    (tmp_path / "elsewhere").mkdir()
    said = []
    for kind in ("warm", "plain", "warm"):
        task = Task(notebook(path), tmp_path / "reports", folder=tmp_path / "elsewhere")
        (outcome,) = run_notebooks([task], home=tmp_path, kernels=kind)  # type: ignore[arg-type]
        assert outcome.status == "ok", outcome
        said.append(printed(outcome).split("chance"))
    warm, plain, again = (state for state, _ in said)
    assert str(tmp_path / "elsewhere") in warm
    assert warm == again == plain.replace("True True\nFalse", "True False\nFalse")  # the debugger alone is not there
    assert len({chance for _, chance in said}) == 3


def test_a_notebook_whose_kernel_is_killed_runs_once_more(
    tmp_path: Path, write_notebook: Callable[..., Path], lives: Callable[[int], bool], wait_until: Callable[..., Any]
) -> None:
    sign = tmp_path / "sign"
    once = f"if os.path.exists({str(tmp_path / 'second')!r}): child.kill()\nelse: time.sleep(600)"
    path = write_notebook(tmp_path / "x.ipynb", SAY.format(path=str(sign)), once)
    outcomes: list[Outcome] = []
    run = Thread(target=lambda: outcomes.extend(run_notebooks([Task(notebook(path), tmp_path / "r")], home=tmp_path)))
    run.start()
    assert wait_until(sign.exists)
    parent, kernel, child = map(int, sign.read_text().split())
    (tmp_path / "second").touch()
    os.kill(kernel, signal.SIGKILL)
    run.join(PATIENCE)
    (outcome,) = outcomes
    assert (outcome.status, outcome.retried) == ("ok", True)
    assert wait_until(lambda: not any(map(lives, (parent, kernel, child))))


def test_a_killed_parent_starts_anew_and_its_kernels_go_on(
    tmp_path: Path, write_notebook: Callable[..., Path], lives: Callable[[int], bool], wait_until: Callable[..., Any]
) -> None:
    signs = [tmp_path / "first", tmp_path / "second"]
    go = f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.02)"
    tasks = [Task(notebook(write_notebook(tmp_path / f"{sign.name}.ipynb", SAY.format(path=str(sign)), go)),
                  tmp_path / "r") for sign in signs]  # fmt: skip
    outcomes: list[Outcome] = []
    run = Thread(target=lambda: outcomes.extend(run_notebooks(tasks, home=tmp_path, jobs=1)))
    run.start()
    assert wait_until(signs[0].exists)
    first = [*map(int, signs[0].read_text().split())]
    os.kill(first[0], signal.SIGKILL)
    (tmp_path / "go").touch()
    run.join(PATIENCE)
    assert [(outcome.status, outcome.retried) for outcome in outcomes] == [("ok", False)] * 2
    second = [*map(int, signs[1].read_text().split())]
    assert first[0] != second[0]
    assert wait_until(lambda: not any(map(lives, [*first, *second])))


@pytest.mark.parametrize("victims", ["run", "run and parent", "parent and run"])
def test_nothing_outlives_a_killed_run(
    tmp_path: Path,
    write_notebook: Callable[..., Path],
    victims: str,
    lives: Callable[[int], bool],
    wait_until: Callable[..., Any],
) -> None:
    sign = tmp_path / "sign"
    path = write_notebook(tmp_path / "x.ipynb", SAY.format(path=str(sign)), "time.sleep(600)")
    code = (
        "import sys; from pathlib import Path; from coprod.reproduce.execute import Task, run_notebooks\n"
        "from coprod.reproduce.notebooks import Notebook\n"
        "path = Path(sys.argv[1]); home = path.parent\n"
        "run_notebooks([Task(Notebook('x', '', (), (), path), home / 'r')], home=home, kernels='warm')"
    )
    run = subprocess.Popen([sys.executable, "-c", code, str(path)])
    with run:
        try:
            assert wait_until(lambda: sign.exists() or run.poll() is not None)
            parent, *others = map(int, sign.read_text().split())
            assert all(map(lives, (parent, *others)))
            for victim in victims.split(" and "):
                os.kill(parent if victim == "parent" else run.pid, signal.SIGKILL)
        finally:
            run.kill()
    assert wait_until(lambda: not any(map(lives, (parent, *others))))


def test_a_parent_that_is_not_yet_warm_ends_with_a_run_that_is_killed(
    tmp_path: Path, lives: Callable[[int], bool], wait_until: Callable[..., Any]
) -> None:
    sign = tmp_path / "sign"
    code = (
        "import os, sys; from coprod.reproduce.forked import WarmParent; parent = WarmParent()\n"
        "open(sys.argv[1] + '.new', 'w').write(str(parent.zygotes[0].process.pid))\n"
        "os.replace(sys.argv[1] + '.new', sys.argv[1]); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(sign)], check=False)
    assert wait_until(lambda: not lives(int(sign.read_text())))


def test_a_parent_that_has_ended_forks_no_more() -> None:
    parent = WarmParent()
    parent.end()
    parent.end()
    assert parent.zygotes[0].process.returncode == -signal.SIGKILL  # not yet warm, so not waited for
    with pytest.raises(KernelDiedError, match="stopped"):
        parent.fork(["x"], {}, "/")


def test_a_parent_that_cannot_start_is_a_failure_with_its_way_out(
    tmp_path: Path, write_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zygote.py").write_text("raise SystemExit(1)")
    monkeypatch.setattr("coprod.reproduce.zygote.__file__", str(tmp_path / "zygote.py"))
    task = Task(notebook(write_notebook(tmp_path / "x.ipynb", "1")), tmp_path / "r")
    (outcome,) = run_notebooks([task], home=tmp_path, kernels="warm")
    assert (outcome.status, outcome.retried) == ("failed", True)
    assert outcome.message.endswith("did not fork: it ended; '--kernels=plain' does without it")


@pytest.mark.parametrize("kind", ["warm", "plain"])
def test_papermill_gets_a_client_without_fixed_pauses(kind: how.Kernels) -> None:
    with kernel_class(kind) as (manager, _):
        assert isinstance(manager().client(), kernels.PromptClient)


def test_warm_kernels_are_for_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with kernel_class() as (kind, parent):
        assert (kind.__bases__, parent) == ((kernels.TrackedKernel,), None)
    with pytest.raises(UsageError, match="need Linux, and this is darwin; write --kernels=plain"), kernel_class("warm"):
        pytest.fail("there is a kernel")


def test_a_second_go_is_told_in_one_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as show:
        for retried in (True, False):
            show.on_end(Outcome(name="x", status="ok", seconds=1, path=tmp_path, retried=retried))
    assert capsys.readouterr().err == "1  ok      x  1.0 s  retried\n2  ok      x  1.0 s\n"


def test_the_commands_hand_on_how_to_go_about_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, object]] = []

    def note(*_: object, **options: object) -> list[Outcome]:
        said.append(
            {name: options.get(name) for name in ("jobs", "kernels", "timeout", "memory", "output", "fail_fast")}
        )
        raise UsageError("seen enough")

    monkeypatch.setattr("coprod.reproduce.execute.run_notebooks", note)
    monkeypatch.setattr("coprod.report.evaluation.run_notebooks", note)
    data = Path(__file__).parents[2] / "data" / "training"
    files = [
        str(data / "synthetic_responses.csv"),
        "--protocol",
        str(data / "protocol.toml"),
        "--out",
        str(project / "out"),
    ]
    options = ["--jobs", "3", "--kernels", "plain", "--timeout", "7", "--memory", "900", "--output", "8"]
    for command in (["run", "--force", "--fail-fast"], ["check"], ["evaluate", *files]):
        result = CliRunner().invoke(main, [*command, *options])
        assert (result.exit_code, "seen enough" in result.stderr) == (2, True), result.output
    common = (3, "plain", 7, 900, 8)
    assert [tuple(one.values()) for one in said] == [(*common, True), *[(*common, None)] * 2]
