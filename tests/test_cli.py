import html
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coprod import __version__
from coprod.cli import main

SENTENCE = f"coprod {__version__} "


def coprod(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["check", "-h"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom coprod.cli import main\n"
        f"try: main({arguments})\nexcept SystemExit as end: assert not end.code\n"
        "heavy = {'numpy', 'pandas', 'papermill', 'nbformat', 'rich', 'jinja2', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_every_command_has_a_help_with_a_sentence() -> None:
    names = "certificate check cite completion doctor evaluate lab list params report run why"
    assert sorted(main.commands) == names.split()
    for name, command in main.commands.items():
        assert command.help, name
        assert coprod(name, "--help").exit_code == 0


def test_the_version_is_the_packages() -> None:
    assert coprod("--version").output == f"coprod, version {__version__}\n"


def test_list_gives_name_slides_and_question(project: Path) -> None:  # noqa: ARG001
    assert coprod("list").stdout.splitlines() == [
        "01_replies  S5      How many groups <replied>?",
        "02_drawing  S4, S5  What does it look like?",
    ]


def test_params_gives_name_type_default_and_meaning(project: Path) -> None:  # noqa: ARG001
    assert coprod("params", "1").stdout == "base  Literal[196, 209]  209  groups the share is of\n"
    assert coprod("params", "02").stdout == ""
    assert coprod("params", "02").stderr == "02_drawing has no parameters\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "03_drawing"], "'03_drawing' names no notebook; did you mean '02_drawing'?"),
        (["run", "-p", "bse=1"], "unknown parameter 'bse' for 01_replies, 02_drawing; did you mean 'base'?"),
        (["run", "-p", "base=200"], "base=200: input should be 196 or 209"),
        (["run", "-p", "base"], "not of the form name=value"),
        (["run", "--jobs", "0"], "0 is not in the range"),
        (["params", "x"], "'x' names no notebook"),
        (["lab", "absent.ipynb"], "absent.ipynb is not there"),
    ],
)
def test_wrong_words_are_usage_errors_before_anything_runs(project: Path, arguments: list[str], message: str) -> None:
    before = files(project)
    result = coprod(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert files(project) == before


def test_run_executes_and_extracts_only_what_is_named(project: Path) -> None:
    shutil.rmtree(project / "reports" / "figures")
    edit(project / "notebooks" / "01_replies.ipynb", "Most <replied>.", "Nearly all.")
    result = coprod("run", "01")
    assert result.exit_code == 0
    assert result.stderr.startswith("1/1  ok      01_replies  ")
    assert result.stdout == f"{Path('project', 'reports')}: 1 figures, 1 tables, 1 values\n"
    assert "Nearly all." in (project / "reports" / "values.json").read_text()
    assert (project / "reports" / "figures" / "synthetic_waffle.svg").exists()


def test_other_parameters_leave_the_main_report_alone(project: Path) -> None:
    before = files(project / "reports")
    result = coprod("run", "01", "-p", "base=196")
    assert result.exit_code == 0
    folder = Path("reports", "runs", "01_replies-base=196")
    assert result.stdout.startswith(f"{Path('project') / folder}: ")
    (value,) = json.loads((project / folder / "values.json").read_text())["values"]
    assert (value["value"], value["parameters"]) == (100, {"base": 196})
    assert {name: text for name, text in files(project / "reports").items() if not name.startswith("runs")} == before


def test_a_failing_notebook_is_told_with_cell_source_error_and_command(project: Path) -> None:
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196 / base", "196 / 0")
    good = (project / "reports" / "notebooks" / "01_replies.ipynb").read_bytes()
    result = coprod("run")
    saved = Path("project", "reports", "failed", "01_replies.ipynb")
    assert result.exit_code == 1
    for words in ("01_replies: cell step2", "196 / 0", "ZeroDivisionError: division by zero",
                  f"saved  {saved}\n", f"open   coprod lab {saved}\n", "failed  01_", "up to date  02_"):  # fmt: skip
        assert words in result.stderr
    assert saved.is_file()
    assert (project / "reports" / "notebooks" / "01_replies.ipynb").read_bytes() == good


def test_a_first_run_that_fails_extracts_nothing(project: Path) -> None:
    shutil.rmtree(project / "reports")
    edit(project / "notebooks" / "01_replies.ipynb", "196 / base", "196 / basis")
    result = coprod("run", "01")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "NameError" in result.stderr


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        ("truncated", 4, "01_replies.ipynb is not a whole notebook"),
        ("untagged", 4, "01_replies.ipynb has 0 cells tagged 'parameters'"),
        ("reports is a file", 5, "cannot write to"),
        ("reports cannot be written", 5, "cannot write to"),
        ("no data", 5, "no data/talk in"),
    ],
)
def test_what_a_run_cannot_work_with_gets_one_clear_error(
    project: Path, tmp_path: Path, fault: str, code: int, message: str
) -> None:
    notebook, reports = project / "notebooks" / "01_replies.ipynb", project / "reports"
    if fault == "truncated":
        notebook.write_text(notebook.read_text()[:300])
    elif fault == "untagged":
        edit(notebook, '"tags": ["parameters"]', '"tags": []')
    elif fault == "no data":
        shutil.rmtree(project / "data")
    else:
        reports.rename(tmp_path / "reports")
        reports.write_text("") if "file" in fault else reports.symlink_to("/proc/self")
    kept = tmp_path / "reports" if "reports" in fault else reports
    before = files(kept)
    result = coprod("run")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert files(kept) == before


def test_check_prints_the_ledger_and_ends_in_the_sentence(project: Path) -> None:  # noqa: ARG001
    result = coprod("check", "--last-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Published" in result.stdout
    assert "ccg_reply_share" in result.stdout
    last = result.stdout.rstrip("\n").splitlines()[-1]
    assert last.startswith(f"{SENTENCE}read the last run of 2 notebooks; ")
    assert "Not as stored" not in result.stdout


def test_check_prints_nothing_but_json_when_asked(project: Path) -> None:  # noqa: ARG001
    result = coprod("check", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["ok"]) == (0, True)
    assert document["sentence"].startswith(f"{SENTENCE}reran 2 notebooks; ")
    assert [notebook["status"] for notebook in document["notebooks"]] == ["ok", "ok"]
    assert "02_drawing" in result.stderr


def test_a_changed_value_ends_with_3_and_is_named_until_accepted(project: Path) -> None:
    edit(project / "reports" / "expected" / "values.json", '"share": {\n   "value": 93.', '"share": {\n   "value": 92.')
    result = coprod("check", "--last-run")
    assert result.exit_code == 3
    (line,) = [line for line in result.stdout.splitlines() if line.startswith(" share ")]
    assert line.split()[1].startswith("92.")
    assert line.split()[2].startswith("93.")
    accepted = coprod("check", "--last-run", "--accept")
    assert (accepted.exit_code, accepted.stderr) == (0, "stored in reports/expected\n")
    assert coprod("check", "--last-run").exit_code == 0


def test_a_check_without_anything_stored_says_how_to_store(project: Path) -> None:
    shutil.rmtree(project / "reports" / "expected")
    result = coprod("check", "--last-run")
    assert result.exit_code == 3
    assert "coprod check --accept" in result.stderr


def test_a_check_of_a_run_that_is_missing_ends_with_1(project: Path) -> None:
    shutil.rmtree(project / "reports" / "notebooks")
    result = coprod("check", "--last-run", "--json")
    assert (result.exit_code, json.loads(result.stdout)["ok"]) == (1, False)
    assert "01_replies.ipynb is missing; run 'coprod run' to make it" in " ".join(result.stderr.split())


def test_report_builds_the_site_and_says_where(project: Path) -> None:
    result = coprod("report")
    assert (result.exit_code, result.stdout) == (0, f"{Path('project', 'reports', 'site', 'index.html')}\n")
    page = html.unescape((project / "reports" / "site" / "about.html").read_text())
    assert "Coan, Susan; Winfield, Leanne; Fisher, Pamela (2017)" in page


def test_lab_opens_the_start_or_the_notebook_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    variables: dict[str, str] = {}
    monkeypatch.setattr(os, "execve", lambda _, arguments, given: (calls.append(arguments), variables.update(given)))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.setattr("coprod.cli.lab.START", "01_replies")
    kept = project.parent / "workspaces"
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(kept))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    elsewhere = project.parent / "mine.ipynb"
    elsewhere.write_text("{}")
    for arguments in ([], ["project/notebooks/02_drawing.ipynb", "--no-browser", "--port", "8889"], ["mine.ipynb"]):
        assert coprod("lab", *arguments).exit_code == 0
    folder = project / "notebooks"
    opened = [str(folder / "01_replies.ipynb"), str(folder / "02_drawing.ipynb"), str(elsewhere)]
    assert [call[3] for call in calls] == opened
    assert calls[1][-3:] == ["--no-browser", "--port", "8889"]
    assert [call[4] for call in calls] == [
        f"--ServerApp.root_dir={folder}" for folder in (project, project, project.parent)
    ]
    assert [f"--LabApp.workspaces_dir={kept}" in call for call in calls] == [True, True, False]
    assert variables["JUPYTER_CONFIG_PATH"].endswith(f"{os.pathsep}mine")
    assert variables["COPROD_HOME"] == str(project)
    assert (variables["OMP_NUM_THREADS"], variables["OPENBLAS_NUM_THREADS"]) == ("1", "3"), "a reader's own goes before"


def test_lab_keeps_the_arrangement_a_reader_has_made_and_says_where_it_cannot(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "execve", lambda *_: None)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    monkeypatch.setattr("coprod.cli.lab.START", "01_replies")
    kept = project.parent / "workspaces"
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(kept))
    assert coprod("lab").exit_code == 0
    (workspace,) = kept.iterdir()
    assert "notebook:notebooks/00_start.ipynb" in workspace.read_text(encoding="utf-8")
    workspace.write_text("mine", encoding="utf-8")
    assert coprod("lab").exit_code == 0
    assert workspace.read_text(encoding="utf-8") == "mine"
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(workspace / "below_a_file"))
    result = coprod("lab")
    assert result.exit_code == 2
    assert "below_a_file cannot be written" in result.stderr


def test_doctor_ends_with_5_and_a_mend_when_something_is_wrong(project: Path) -> None:
    assert coprod("doctor").exit_code == 0
    (project / "notebooks" / "02_drawing.ipynb").unlink()
    result = coprod("doctor")
    assert result.exit_code == 5
    assert "not ok  Notebooks: " in result.stdout
    assert "mend: git checkout -- notebooks" in result.stdout
    assert "not as a run needs it: Notebooks" in result.stderr


def test_cite_gives_the_package_and_the_talk(project: Path) -> None:  # noqa: ARG001
    assert "Winfield, Leanne" in coprod("cite").stdout
    assert coprod("cite", "--bibtex").stdout.count("@") == 2


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["ctrl-c", "terminated", "closed"]
)
def test_a_stopped_run_ends_with_130_and_leaves_no_kernel(
    project: Path, write_notebook: Callable[..., Path], number: signal.Signals
) -> None:
    sign = project / "kernel"
    endless = f"import os, time\nopen({str(sign)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    write_notebook(project / "notebooks" / "01_replies.ipynb", endless)
    before = files(project / "reports")
    # what starts in the background ignores Ctrl-C, what starts under nohup a closed terminal, and so would its children
    heeding = "import signal as s; s.signal(s.SIGINT, s.default_int_handler); s.signal(s.SIGHUP, s.SIG_DFL)"
    run = subprocess.Popen(
        [sys.executable, "-c", f"{heeding}; from coprod.cli import main; main()", "run", "01"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with run:
        try:
            while not (sign.exists() and sign.read_text()):
                assert run.poll() is None, run.communicate()
                time.sleep(0.05)
            run.send_signal(number)
            out, err = run.communicate(timeout=60)
        finally:
            run.kill()
    assert (run.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "stopped; the last good reports stand"
    with pytest.raises(ProcessLookupError):
        os.kill(int(sign.read_text()), 0)
    assert files(project / "reports") == before


@pytest.mark.parametrize(("command", "line"), [([], "coprod check "), (["run"], "coprod run 03 04\n")])
def test_examples_in_a_help_keep_their_lines(command: list[str], line: str) -> None:
    assert f"\n  {line}" in coprod(*command, "--help").output
