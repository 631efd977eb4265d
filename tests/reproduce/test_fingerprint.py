import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from coprod.cli import main
from coprod.errors import EnvironmentProblem
from coprod.reproduce import changes, fingerprint
from coprod.reproduce.changes import find_changes, name_cells
from coprod.reproduce.code import code_of_cells, definitions
from coprod.reproduce.executed import Outcome
from coprod.reproduce.fingerprint import read_code, read_record, record_path, remember
from coprod.reproduce.notebooks import list_notebooks
from coprod.reproduce.packages import installed_versions

READS = "from coprod.data import read_talk\nread_talk()['survey']"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def coprod(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def why(home: Path, name: str = "01_replies", parameters: dict[str, object] | None = None) -> list[str]:
    (notebook,) = [n for n in list_notebooks(home) if n.name == name]
    reports = fingerprint.place_of_run(name, parameters or {}, home / "reports")
    return [str(change) for change in find_changes(notebook, parameters or {}, home=home, reports=reports)]


def change_record(home: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = record_path(home / "reports", "01_replies")
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


@pytest.fixture
def read(project: Path, write_notebook: Callable[..., Path]) -> Path:
    """The small project, where one notebook reads the tables of the talk, run by the command."""
    edit(project / "notebooks" / "notebooks.toml", '"share", "replies"', "")
    write_notebook(project / "notebooks" / "01_replies.ipynb", READS)
    coprod("run", "01")
    return project


def test_a_run_whose_inputs_are_as_they_were_is_up_to_date(project: Path) -> None:
    assert (why(project), why(project, "02_drawing")) == ([], [])


def test_a_changed_cell_of_a_table_is_named(read: Path) -> None:
    assert why(read) == []
    edit(read / "data" / "talk" / "survey.csv", ",,15,replied", ",,16,replied")
    assert why(read) == ["data/talk/survey.csv, row any_coproduction, column percent: '15' -> '16'"]
    edit(read / "data" / "talk" / "survey.csv", ",,16,replied", ",,15,replied")
    assert why(read) == []


def test_a_table_that_is_gone_is_named(read: Path) -> None:
    (read / "data" / "talk" / "survey.csv").unlink()
    assert why(read) == ["data/talk/survey.csv (gone)"]


def test_a_table_no_notebook_read_changes_nothing(read: Path) -> None:
    edit(read / "data" / "training" / "protocol.toml", "title", "# a comment\ntitle")
    edit(read / "data" / "talk" / "survey.csv", "15", "16")
    assert why(read, "02_drawing") == []


def test_changed_code_is_named_by_its_cell_and_a_comment_is_no_change(project: Path) -> None:
    notebook = project / "notebooks" / "01_replies.ipynb"
    edit(notebook, "100 * 196 / base", "100*196/base")
    edit(notebook, '"outputs": []', '"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]')
    edit(notebook, "groups the share is of", "another comment")
    assert why(project) == []
    edit(notebook, "100*196/base", "100*197/base")
    assert why(project) == ["notebooks/01_replies.ipynb, cell step2"]


def test_a_new_and_a_missing_cell_and_another_order_are_named(project: Path) -> None:
    path = project / "notebooks" / "01_replies.ipynb"
    content = json.loads(path.read_text())
    first, *others, last = content["cells"]
    for cells, words in (
        ([first, *others], "cell step3 (gone)"),
        ([first, *others, last, {**last, "id": "more"}], "cell more (new)"),
        ([first, *others[::-1], last], "the order of its parts"),
    ):
        path.write_text(json.dumps({**content, "cells": cells}))
        assert why(project) == [f"notebooks/01_replies.ipynb, {words}"]


def test_other_declared_results_are_a_change(project: Path) -> None:
    edit(project / "notebooks" / "notebooks.toml", '"share", "replies"', '"share"')
    assert why(project) == ["notebooks/notebooks.toml, results of 01_replies"]


def test_a_changed_function_is_named_and_its_comment_or_docstring_is_no_change(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "coprod"
    shutil.copytree(fingerprint.PACKAGE, package)
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    source = package / "errors.py"
    edit(source, "def suggest(", "# a comment\ndef suggest(")
    edit(source, "Name the nearest known word", "Say the nearest known word")
    assert why(project) == []
    edit(source, "cutoff=0.6", "cutoff=0.7")
    assert why(project) == ["src/coprod/errors.py, suggest"]
    edit(source, "def suggest(", "LIMIT = 1\ndef suggest(")
    assert why(project) == ["src/coprod/errors.py, suggest", "src/coprod/errors.py, LIMIT (new)"]
    source.unlink()
    assert why(project) == ["src/coprod/errors.py (gone)"]


def test_another_version_of_a_package_or_of_python_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = installed_versions()
    assert read_record(project / "reports", "01_replies")["packages"]["pandas"] == versions["pandas"]  # type: ignore[index]
    monkeypatch.setattr(changes, "installed_versions", lambda: {**versions, "pandas": "99"})
    assert why(project) == [f"pandas {versions['pandas']} -> 99"]
    del versions["pandas"]
    monkeypatch.setattr(changes, "installed_versions", lambda: versions)
    assert why(project)[0].endswith(" -> not installed")
    monkeypatch.undo()
    change_record(project, lambda record: record.update(python="3.1.0"))
    (words,) = [change.words for change in find_changes(list_notebooks(project)[0], {}, home=project,
                reports=project / "reports")]  # fmt: skip
    assert words == f"Python 3.1.0 -> {sys.version.split()[0]}"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing", "the executed notebook is missing"),
        ("cut short", "the executed notebook is not as it was left"),
        ("failed", "the last run failed; it stands in reports/failed/01_replies.ipynb"),
        ("no record", "no record of what the last run was made from"),
        ("broken record", "no record of what the last run was made from"),
    ],
)
def test_a_run_that_is_not_whole_is_never_up_to_date(project: Path, fault: str, words: str) -> None:
    executed = project / "reports" / "notebooks" / "01_replies.ipynb"
    record = record_path(project / "reports", "01_replies")
    if fault == "missing":
        executed.unlink()
    elif fault == "cut short":
        executed.write_text(executed.read_text()[:-100])
    elif fault == "failed":
        (project / "reports" / "failed").mkdir()
        shutil.copy(executed, project / "reports" / "failed")
    elif fault == "no record":
        record.unlink()
    else:
        record.write_text("{")
    assert why(project) == [words]


def test_other_parameters_are_another_run(project: Path) -> None:
    assert why(project, parameters={"base": 196}) == ["never run with base=196"]
    coprod("run", "01", "-p", "base=196")
    assert why(project, parameters={"base": 196}) == []
    other = fingerprint.place_of_run("01_replies", {"base": 196}, project / "reports")
    records = [read_record(folder, "01_replies") for folder in (project / "reports", other)]
    assert records[0]["fingerprint"] != records[1]["fingerprint"]  # type: ignore[index]
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196", "101 * 196")
    assert why(project, parameters={"base": 196}) == ["notebooks/01_replies.ipynb, cell step2"]


def test_a_file_changed_while_it_was_in_use_is_never_up_to_date(project: Path) -> None:
    notebook = list_notebooks(project)[0]
    read_file = project / "data" / "talk" / "survey.csv"
    module = str(fingerprint.PACKAGE / "errors.py")
    observed = {"files": {str(read_file): [0, 1]}, "modules": {module: [0, 1]}, "packages": [], "python": "3"}
    outcome = Outcome(name=notebook.name, status="ok", seconds=0, observed=observed,
                      path=project / "reports" / "notebooks" / "01_replies.ipynb")  # fmt: skip
    where: dict[str, Any] = {"home": project, "reports": project / "reports", "parameters": {}}
    remember(outcome, notebook, code=read_code(notebook.path), **where)
    assert why(project)[:2] == [f"{name} (changed during the run)" for name in
                                ("data/talk/survey.csv", "src/coprod/errors.py")]  # fmt: skip
    before = read_record(project / "reports", "01_replies")
    for other in (replace(outcome, status="failed"), replace(outcome, observed={})):
        remember(other, notebook, code=read_code(notebook.path), **where)
    remember(outcome, notebook, code=[["parameters", "as it was before"]], **where)
    assert read_record(project / "reports", "01_replies") == before


def test_of_files_that_are_not_published_only_a_digest_is_kept(project: Path, tmp_path: Path) -> None:
    private, own = tmp_path / "answers.csv", project / "data" / "mine.csv"
    for path in (private, own):
        path.write_text("participant,item\nsecret_person,1\n")
    seen = {str(path): fingerprint.stamp(path) for path in (private, own, project / ".hidden")}
    kept = fingerprint._files(seen, project, project / "notebooks", {"data": "../../answers.csv", "level": 0.9})
    assert set(kept) == {"../answers.csv", "data/mine.csv"}
    assert "secret_person" not in json.dumps(kept)
    assert set(fingerprint._files(seen, project, project / "notebooks", {})) == {"data/mine.csv"}


def test_a_script_beside_the_notebook_counts_though_only_its_bytecode_was_opened(project: Path) -> None:
    script = project / "notebooks" / "mine.py"
    script.write_text("a = 1\n")
    cached = str(script.parent / "__pycache__" / f"mine.{sys.implementation.cache_tag}.pyc")
    assert list(fingerprint._files({cached: None}, project, script.parent, {})) == ["notebooks/mine.py"]


def test_a_record_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write to"):
        fingerprint.note_extracted(tmp_path)


def test_records_hold_no_path_of_this_machine(project: Path, executed: Path) -> None:
    text = record_path(project / "reports", "01_replies").read_text()
    for path in (executed, project, Path.home(), Path(sys.prefix), fingerprint.PACKAGE):
        assert str(path) not in text


INPUTS: dict[str, Any] = {
    "cells": [["a", "1"]], "parameters": {"base": 1}, "results": ["x"], "python": "3.11",
    "files": {"a.csv": {"sha256": "0"}}, "modules": {"m.py": {"sha256": "0", "definitions": [["f", "1"]]}},
    "packages": {"numpy": "1"},
}  # fmt: skip
OTHERS: list[dict[str, Any]] = [
    {"cells": [["a", "2"]]}, {"parameters": {"base": 2}}, {"results": []}, {"python": "3.12"},
    {"files": {"a.csv": {"sha256": "1"}}}, {"files": {"a.csv": {"sha256": None}}}, {"files": {}},
    {"modules": {"m.py": {"sha256": "0", "definitions": [["f", "2"]]}}}, {"packages": {"numpy": "2"}},
]  # fmt: skip


@given(
    st.lists(st.sampled_from(range(len(OTHERS))), unique=True),
    st.lists(st.sampled_from(range(len(OTHERS))), unique=True),
)
def test_fingerprints_are_equal_exactly_where_all_inputs_are(one: list[int], other: list[int]) -> None:
    states = [{**INPUTS, **{name: value for n in which for name, value in OTHERS[n].items()}} for which in (one, other)]
    assert (states[0] == states[1]) == (fingerprint.fingerprint(states[0]) == fingerprint.fingerprint(states[1]))


def test_what_does_not_count_leaves_the_fingerprint() -> None:
    same = {**INPUTS, "executed": "x", "modules": {"m.py": {"sha256": "other", "definitions": [["f", "1"]]}}}
    assert fingerprint.fingerprint(same) == fingerprint.fingerprint(INPUTS)


@given(st.text("ab \t#'", max_size=8).filter(lambda text: "\n" not in text))
def test_no_comment_changes_code(comment: str) -> None:
    plain, noted = b"def f(x):\n    return x\n", f"def f(x):  # {comment}\n    # {comment}\n    return x\n".encode()
    assert definitions(plain) == definitions(noted)

    def cell(source: str) -> dict[str, Any]:
        return {"cell_type": "code", "id": "a", "source": source, "metadata": {}}

    assert code_of_cells([cell("f(1)")]) == code_of_cells([cell(f"f(1)  # {comment}")])
    assert code_of_cells([cell("%matplotlib inline")]) != code_of_cells([cell("%matplotlib  svg")])
    assert code_of_cells([cell("")]) == code_of_cells([cell(f"# {comment}")])


def test_source_that_is_not_python_is_one_piece() -> None:
    assert [name for name, _ in definitions(b"def (")] == [""]


WORD = st.text("abc,1", max_size=3)


@given(st.lists(st.lists(WORD, min_size=2, max_size=2), min_size=1, max_size=4), st.data())
def test_a_changed_cell_is_named_with_both_values(rows: list[list[str]], data: st.DataObject) -> None:
    old = [["id", "one", "two"], *([f"r{number}", *row] for number, row in enumerate(rows))]
    number, place = data.draw(st.integers(1, len(rows))), data.draw(st.integers(1, 2))
    new = [list(row) for row in old]
    new[number][place] += "x"
    was, now = old[number][place], new[number][place]
    assert name_cells(old, new) == [f"row r{number - 1}, column {old[0][place]}: {was!r} -> {now!r}"]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ([["id", "n"], ["a", "1"]], ["row b (gone)"]),
        ([["id", "n"], ["a", "1"], ["b", "1"], ["c", "2"]], ["row c (new)"]),
        ([["id"], ["a"], ["b"]], ["column n (gone)"]),
        ([["id", "n", "m"], ["a", "1", ""], ["b", "1", ""]], ["column m (new)"]),
        ([["id", "n"], ["b", "1"], ["a", "1"]], ["the order of its rows or columns, or how it is written"]),
        ([["id", "n"], ["a", "2"], ["a", "1"]], ["row 2, column n: '1' -> '2'", "row 3, column id: 'b' -> 'a'"]),
        ([], ["column id (gone)", "column n (gone)", "row 2 (gone)", "row 3 (gone)"]),
    ],
)
def test_rows_and_columns_that_came_or_went_are_named(new: list[list[str]], words: list[str]) -> None:
    assert name_cells([["id", "n"], ["a", "1"], ["b", "1"]], new) == words


def test_run_does_no_work_for_what_is_up_to_date_and_force_runs_it(project: Path) -> None:
    executed = project / "reports" / "notebooks" / "02_drawing.ipynb"
    before = executed.stat().st_mtime_ns
    edit(project / "notebooks" / "01_replies.ipynb", "Most <replied>.", "Nearly all.")
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 0
    assert "up to date  02_drawing\n" in result.stderr
    assert "ok      01_replies" in result.stderr
    assert executed.stat().st_mtime_ns == before
    again = CliRunner().invoke(main, ["run"])
    assert (again.stdout, again.stderr) == ("", "up to date  01_replies\nup to date  02_drawing\n")
    assert "ok      02_drawing" in CliRunner().invoke(main, ["run", "02", "--force"]).stderr
    assert executed.stat().st_mtime_ns > before


def test_what_was_extracted_and_lost_is_extracted_again_without_running(project: Path) -> None:
    coprod("run")
    before = (project / "reports" / "values.json").read_bytes()
    for change in (lambda path: path.unlink(), lambda path: path.write_text("{}")):
        change(project / "reports" / "values.json")
        assert "up to date  01_replies" in coprod("run")
        assert (project / "reports" / "values.json").read_bytes() == before


def test_a_notebook_no_longer_listed_leaves_the_reports_though_nothing_runs(project: Path) -> None:
    listing = project / "notebooks" / "notebooks.toml"
    listing.write_text(listing.read_text().rsplit("[[notebook]]", 1)[0])
    result = CliRunner().invoke(main, ["run"])
    assert result.stderr == "up to date  01_replies\n"
    assert [path.name for path in (project / "reports" / "notebooks").iterdir()] == ["01_replies.ipynb"]
    assert not (project / "reports" / "figures").exists()


def test_a_run_with_nothing_to_do_imports_nothing_heavy(project: Path) -> None:  # noqa: ARG001
    code = (
        "import sys\nfrom coprod.cli import main\n"
        "try: main(['run'])\nexcept SystemExit as end: assert not end.code\n"
        "heavy = {'numpy', 'pandas', 'papermill', 'nbformat', 'rich', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stderr == "up to date  01_replies\nup to date  02_drawing\n"


def test_why_names_what_changed_and_json_carries_it(project: Path) -> None:
    assert coprod("why", "1") == "up to date\n"
    assert coprod("why", "1", "-p", "base=196") == "never run with base=196\n"
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196", "101 * 196")
    document = json.loads(coprod("why", "01", "--json"))
    record = read_record(project / "reports", "01_replies")
    assert record is not None
    assert document == {
        "schema": 1, "notebook": "01_replies", "parameters": {}, "up_to_date": False,
        "fingerprint": record["fingerprint"],
        "changes": [{"kind": "notebook", "words": "notebooks/01_replies.ipynb, cell step2"}],
    }  # fmt: skip
    never = json.loads(coprod("why", "01", "-p", "base=196", "--json"))
    assert (never["fingerprint"], never["up_to_date"]) == (None, False)


def test_a_stale_run_is_not_judged(project: Path) -> None:
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196", "100 * 195")
    result = CliRunner().invoke(main, ["check", "--last-run"])
    assert result.exit_code == 1
    assert ("01_replies failed: Stale: not up to date: notebooks/01_replies.ipynb, cell step2; run 'coprod run', "
            "or see 'coprod why 01_replies'") in result.stderr  # fmt: skip


def test_a_first_run_that_failed_has_never_run_to_its_end(project: Path) -> None:
    shutil.rmtree(project / "reports")
    assert why(project) == ["never run"]
    (project / "reports" / "failed").mkdir(parents=True)
    (project / "reports" / "failed" / "01_replies.ipynb").write_text("{}")
    assert why(project) == ["the last run failed; it stands in reports/failed/01_replies.ipynb", "never run to its end"]


def test_a_notebook_that_is_not_whole_has_no_code(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    assert read_code(tmp_path / "a.ipynb") == []
