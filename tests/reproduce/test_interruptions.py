"""Runs that are killed at random moments, that find the disk full, or that may not write: all or nothing of each."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from coprod.cli.group import _terminable

KIND = "application/vnd.coprod.result+json"
MARK = "COPROD_TEST_OF_INTERRUPTIONS"
MOMENTS = {signal.SIGINT: 17, signal.SIGTERM: 17, signal.SIGKILL: 16}
SHOW = """
from pandas import DataFrame
from coprod.results import Table, Value
number = int(open("../data/number.txt").read())
words = {"title": "Number", "answer": "A number.", "slide": "S5", "source": "number.txt"}
"""
RESULTS = """
from IPython.display import display
display(Value(id="{key}_value", value=number, **words))
display(Table(id="{key}_table", data=DataFrame({{"number": [number]}}), headings={{"number": "Number"}}, **words))
"""
LISTED = (
    '[[notebook]]\nname = "{name}"\nquestion = "Which?"\nslides = ["S5"]\nresults = ["{key}_value", "{key}_table"]\n'
)
COMMAND = (sys.executable, "-c", "from coprod.cli import main; main()", "run", "--force")
NAMES = {"01_one": "one", "02_two": "two"}


@pytest.fixture
def small(tmp_path: Path, write_notebook: Callable[..., Path]) -> Path:
    """A project of two quick notebooks that show a number from a file."""
    home = tmp_path / "p"
    (home / "data" / "talk").mkdir(parents=True)
    (home / "data" / "number.txt").write_text("0")
    for name, key in NAMES.items():
        write_notebook(home / "notebooks" / f"{name}.ipynb", SHOW, RESULTS.format(key=key))
    (home / "notebooks" / "notebooks.toml").write_text(
        "".join(LISTED.format(name=name, key=key) for name, key in NAMES.items())
    )
    return home


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A short place for temporary files, to see what is left there."""
    with tempfile.TemporaryDirectory(prefix="i-") as folder:
        yield Path(folder)


def environment(home: Path, temporary: Path) -> dict[str, str]:
    return {**os.environ, MARK: str(home), "COPROD_HOME": str(home), "TMPDIR": str(temporary)}


def start(home: Path, temporary: Path) -> subprocess.Popen[str]:
    """Begin a run in a session of its own; its number is one that no run before it had."""
    number = home / "data" / "number.txt"
    number.write_text(str(int(number.read_text()) + 1))
    return subprocess.Popen(COMMAND, env=environment(home, temporary), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True)  # fmt: skip


def left_running(home: Path) -> list[int]:
    """Return the processes that a run of this project has started, and it itself."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"{MARK}={home}".encode() in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
    return found


def numbers_of(home: Path) -> list[int]:
    """Return the number that each notebook of the report shows, having seen that it is whole and shows one only."""
    shown = []
    for name in NAMES:
        content = json.loads((home / "reports" / "notebooks" / f"{name}.ipynb").read_text())
        outputs = [output for cell in content["cells"] for output in cell.get("outputs", [])]
        results = [output["data"][KIND] for output in outputs]
        value, table = results
        assert {value["value"]} == set(*table["data"]["rows"])
        shown.append(int(value["value"]))
    return shown


def complete(home: Path, temporary: Path) -> float:
    """Let a run end well, leaving nothing but its report; return the seconds it took."""
    begin = time.monotonic()
    run = start(home, temporary)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert numbers_of(home) == [int((home / "data" / "number.txt").read_text())] * len(NAMES)
    assert [path.name for path in (home / "reports").rglob(".*")] == []
    assert list(temporary.glob("coprod-*")) == []
    return time.monotonic() - begin


@pytest.mark.parametrize("number", MOMENTS)
def test_a_run_that_is_stopped_at_any_moment_leaves_each_notebook_old_or_new_and_nothing_running(
    small: Path, temporary: Path, number: signal.Signals
) -> None:
    length, rng = complete(small, temporary), random.Random(f"{number}")
    before = numbers_of(small)
    for moment in range(MOMENTS[number]):
        run = start(small, temporary)
        with suppress(subprocess.TimeoutExpired):
            run.wait(rng.uniform(0, length))
        run.send_signal(number)
        _, said = run.communicate(timeout=60)
        assert "Traceback" not in said or run.returncode == -signal.SIGINT, "but for Python's own, before it is ours"
        assert run.returncode in {0, 130, -number}, said
        end = time.monotonic() + 10
        while left_running(small) and time.monotonic() < end:
            time.sleep(0.02)
        assert left_running(small) == []
        new = int((small / "data" / "number.txt").read_text())
        after = numbers_of(small)
        assert all(now in {old, new} for old, now in zip(before, after, strict=True))
        before = after
        if moment % 9 == 8:
            complete(small, temporary)
            before = numbers_of(small)
    complete(small, temporary)


FULL = """
set -e
mount -t tmpfs -o size=300k none reports
cp -r kept/. reports
head -c 10000000 /dev/zero > reports/filler 2>/dev/null || true
truncate -s -{left} reports/filler
"$@" && exit 99
rm reports/filler
diff -r kept reports >&2
"$@"
cp reports/notebooks/* kept/notebooks
"""
READ_ONLY = """
set -e
mount --bind -o ro kept reports
mount -o remount,bind,ro kept reports
"$@" && exit 99
touch reports/x 2>/dev/null && exit 98
exit 0
"""


@pytest.mark.parametrize(
    ("script", "why"),
    [(FULL.format(left=0), "No space left on device"), (FULL.format(left=8192), "No space left on device"),
     (READ_ONLY, "Read-only file system")],
    ids=["full", "nearly full", "read-only"],
)  # fmt: skip
def test_reports_that_cannot_be_written_stay_as_they_were_and_the_reason_is_told(
    small: Path, temporary: Path, script: str, why: str
) -> None:
    complete(small, temporary)
    shutil.copytree(small / "reports", small / "kept")
    (small / "data" / "number.txt").write_text("7")
    command = ["unshare", "--mount", *(["--map-root-user"] * (os.geteuid() != 0)), "sh", "-c", script, "sh", *COMMAND]
    done = subprocess.run(command, cwd=small, env=environment(small, temporary), capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, f"needs a Linux on which this user may mount in a namespace: {done.stderr}"
    assert f"Error: cannot write to {small / 'reports'} ({why}); make it a folder you may write to" in done.stderr
    assert left_running(small) == []
    assert list(temporary.glob("coprod-*")) == []
    numbers = {json.loads(path.read_text())["cells"][2]["outputs"][0]["data"][KIND]["value"]
               for path in (small / "kept" / "notebooks").iterdir()}  # fmt: skip
    assert numbers == ({1} if script == READ_ONLY else {7})


def test_a_signal_inside_an_import_stops_the_run_when_the_lock_of_imports_is_free() -> None:
    source = "import signal\nsignal.raise_signal(signal.SIGINT)\nfreed.append(True)"
    freed: list[bool] = []

    def stopped() -> None:
        with _terminable():
            exec(compile(source, "<frozen importlib._bootstrap>", "exec"), {"freed": freed})
            time.sleep(10)

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert freed == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
