import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from threading import Lock

import pytest
from rich.console import Console

from coprod.report.live import Display
from coprod.reproduce.estimate import Timing, read_pace

RUN = """
import sys, time
from pathlib import Path
from coprod.report.terminal import progress
from coprod.reproduce.executed import Outcome

reports = Path(sys.argv[1])
with progress(["01_one", "02_two"], reports=reports, jobs=2, keep=True) as show:
    for name, status in (("01_one", "ok"), ("02_two", sys.argv[2])):
        for index, cell in enumerate(["imports", "waffle"]):
            show.on_cell(name, index, 2, cell)
            time.sleep(0.4)
        show.on_end(Outcome(name=name, status=status, seconds=0.8, path=reports / f"{name}.ipynb", error="Stopped"))
    print("a result")
"""
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def run(reports: Path, *, terminal: bool, status: str = "ok", **environment: str) -> tuple[str, str]:
    """Run with stderr as a terminal or a pipe; return what went to stdout and to stderr."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    quiet = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(reports), status], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=theirs, env={**quiet, "TERM": "xterm-256color", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        heard = b""
        try:
            while part := os.read(ours, 65536):
                heard += part
        except OSError:  # how a terminal says that nobody writes to it any more
            pass
        assert process.stdout
        out = process.stdout.read().decode()
    os.close(ours)
    assert process.returncode == 0, heard
    return out, heard.decode().replace("\r\n", "\n")


def draw(timing: Timing, *, width: int) -> list[str]:
    console = Console(width=width, no_color=True)
    with console.capture() as capture:
        console.print(Display(timing, 2, Lock(), ended=1).draw(width))
    return capture.get().splitlines()


def test_a_terminal_sees_bars_with_the_running_cell_and_the_time_left_and_keeps_a_line_each(tmp_path: Path) -> None:
    run(tmp_path, terminal=False)
    out, err = run(tmp_path, terminal=True)
    seen = ESCAPE.sub("", err)
    assert out == "a result\n"
    assert re.search(r"01_one \S+ 1/2 waffle +under a second", seen)
    assert re.search(r"0 of 2 notebooks done, (about \d s|under a second) left", seen)
    assert "1/2  ok      01_one  0.8 s\n" in seen
    assert "2/2  ok      02_two  0.8 s\n" in seen
    assert err.rstrip().endswith("\x1b[1A\x1b[2K")  # the bars are taken away
    assert "\x1b[?25h" in err  # and the cursor is there again


@pytest.mark.parametrize(
    ("terminal", "environment"),
    [(False, {}), (True, {"CI": "true"}), (True, {"NO_COLOR": "1"}), (True, {"TERM": "dumb"}),
     (False, {"FORCE_COLOR": "1"})],
    ids=["pipe", "ci", "no_color", "dumb", "colour forced"],
)  # fmt: skip
def test_elsewhere_there_is_a_line_each_and_nothing_drawn_over(
    tmp_path: Path, terminal: bool, environment: dict[str, str]
) -> None:
    out, err = run(tmp_path, terminal=terminal, status="failed", **environment)
    lines = ESCAPE.sub("", err).splitlines()
    assert out == "a result\n"
    assert lines[:3] == ["1/2  ok      01_one  0.8 s", "2/2  failed  02_two  0.8 s", "02_two: the notebook as a whole"]
    assert not set(re.findall(r"\x1b\[[0-9;?]*([A-Za-z])", err)) - {"m"}  # colours at most


def test_a_failure_in_a_terminal_is_told_once_in_the_end(tmp_path: Path) -> None:
    _, err = run(tmp_path, terminal=True, status="failed")
    end = ESCAPE.sub("", err).rpartition("2/2  failed")[2]
    assert end.count("02_two: the notebook as a whole") == 1
    assert "open   coprod lab" in end
    assert list(read_pace(tmp_path)) == ["01_one"]  # what failed says nothing of the time the whole takes


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    timing = Timing(["03_commissioning base=209 rounding=half-even", "06_outcomes", "07_sensitivity"],
                    {"06_outcomes": {"reliability_by_wave_and_scale": 80.0, "x": 100.0}})  # fmt: skip
    timing.begin("03_commissioning base=209 rounding=half-even", 2, 12, "verdicts_commissioning")
    timing.begin("06_outcomes", 9, 10, "reliability_by_wave_and_scale")
    lines = draw(timing, width=width)
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    assert " 2/12 " in lines[0]
    assert " 9/10 " in lines[1]
    assert lines[2].startswith("1 of 4 notebooks done, about 4 min left")
