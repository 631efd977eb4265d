import getpass
import hashlib
import json
import shutil
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import coprod.report.certificate as writing
from coprod.cli import main
from coprod.data import read_talk
from coprod.errors import DataError
from coprod.report.certificate import write_certificate
from coprod.reproduce.certificate import list_files, read_outputs, seal, timeless_hash
from coprod.reproduce.check import Check, check
from coprod.reproduce.codecheck import SPECIFICATION, write_codecheck
from coprod.reproduce.surroundings import describe_surroundings
from coprod.reproduce.verify import verify

BEGAN, ENDED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC), datetime(2026, 3, 1, 9, 1, 30, tzinfo=UTC)


def certify(home: Path, folder: Path, found: Check, orcid: str | None = None) -> Path:
    """Certify the last run of the small project."""
    write_certificate(
        home, folder, found, read_outputs(home / "reports"),
        checker="Ada Example", orcid=orcid, started=BEGAN, ended=ENDED,
    )  # fmt: skip
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def coprod(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def found(executed: Path) -> Check:
    return check(executed, last_run=True)


@pytest.fixture(scope="module")
def written(executed: Path, found: Check, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the small project; copy it before changing anything."""
    return certify(executed, tmp_path_factory.mktemp("certificate") / "certificate", found)


@pytest.fixture(scope="module")
def content(written: Path) -> dict[str, object]:
    return json.loads((written / "certificate.json").read_text(encoding="utf-8"))


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "copy"))


def reseal(folder: Path, **changed: object) -> None:
    """Change what a certificate says, and seal it anew as a forger would."""
    content = json.loads((folder / "certificate.json").read_text(encoding="utf-8")) | changed
    by_name = {entry["file"]: entry for entry in content["manifest"]}
    for name in ("ro-crate-metadata.json", "reports/notebooks/01_replies.ipynb"):
        (entry,) = list_files({name: (folder / name).read_text(encoding="utf-8")}, by_name[name]["kind"])
        by_name[name] |= {"sha256": entry["sha256"], "bytes": entry["bytes"]}
    (folder / "certificate.json").write_text(seal(content, list(by_name.values())), encoding="utf-8")


def test_the_manifest_has_every_file_with_its_own_sha256(written: Path, content: dict[str, list]) -> None:
    found = files(written)
    del found["certificate.json"]
    assert {e["file"]: (e["sha256"], e["bytes"]) for e in content["manifest"]} == {
        name: (hashlib.sha256(text).hexdigest(), len(text)) for name, text in found.items()
    }
    assert all(entry["what"] != "file of the check" for entry in content["manifest"])


def test_what_went_in_and_came_out_are_the_project_s_own_bytes(written: Path, executed: Path) -> None:
    own = files(executed)
    got = {name: text for name, text in files(written).items() if "/" in name or name == "requirements.lock"}
    assert {name: own[name] for name in got} == got
    assert {"data/talk/survey.csv", "data/LICENSE", "notebooks/notebooks.toml", "requirements.lock"} <= set(got)
    assert {name for name in own if name.startswith(("reports/figures", "reports/tables", "reports/notebooks"))} <= set(
        got
    )


def test_a_private_file_beside_the_data_is_not_taken_along(project: Path, found: Check, tmp_path: Path) -> None:
    (project / "data" / "training" / "answers.csv").write_text("name\nAda\n", encoding="utf-8")
    assert not list(certify(project, tmp_path / "certificate", found).rglob("answers.csv"))


def test_it_says_what_when_who_and_on_what(content: dict[str, object], found: Check) -> None:
    assert (content["schema"], content["agrees"], content["minutes"]) == (1, True, 1.5)
    assert (content["started"], content["ended"]) == ("2026-03-01T09:00:00+00:00", "2026-03-01T09:01:30+00:00")
    assert content["checker"] == {"name": "Ada Example", "orcid": None}
    assert content["sentence"] == found.sentence
    assert [(n["name"], n["status"]) for n in content["notebooks"]] == [("01_replies", "ok"), ("02_drawing", "ok")]
    assert content["compared"] == {"total": 1 + 2 + len(content["claims"]), "again": 1 + 2 + len(content["claims"])}
    assert sum(content["verdicts"].values()) == len(content["claims"])


def test_the_environment_is_that_of_the_lock_and_outside_a_clone_has_no_commit(executed: Path, root: Path) -> None:
    found = describe_surroundings(executed)
    assert found["lock"] == hashlib.sha256((executed / "requirements.lock").read_bytes()).hexdigest()
    assert {"numpy", "rocrate", "papermill"} <= set(found["packages"])
    assert found["commit"] == {"id": None, "clean": None}
    if (root / ".git").exists():
        assert len(describe_surroundings(root)["commit"]["id"]) == 40


def test_no_file_names_this_machine(project: Path, found: Check, tmp_path: Path) -> None:
    texts = {name: text.decode() for name, text in files(certify(project, tmp_path / "certificate", found)).items()}
    records = [texts[name] for name in ("certificate.json", "certificate.html", "codecheck.yml")]
    crate = texts["ro-crate-metadata.json"]
    assert not [w for w in (socket.gethostname(), f'"{getpass.getuser()}"') for t in [*records, crate] if w in t]
    assert not [name for name, text in texts.items() for place in (str(project), f"{Path.home()}/", f"{tmp_path}")
                if place in text]  # fmt: skip


def test_a_notebook_that_displays_a_folder_of_this_machine_is_refused(
    project: Path, found: Check, tmp_path: Path
) -> None:
    edit(project / "reports" / "values.json", "Most <replied>.", f"In {project}/data.")
    with pytest.raises(DataError, match="reports/values.json names a folder of this machine"):
        certify(project, tmp_path / "certificate", found)
    assert not (tmp_path / "certificate").exists()


def test_run_times_do_not_change_a_notebook_s_hash_and_results_do(written: Path) -> None:
    path = "reports/notebooks/01_replies.ipynb"
    before = (written / path).read_text(encoding="utf-8")
    notebook = json.loads(before)
    notebook["metadata"]["papermill"]["duration"] = 1e9
    assert timeless_hash(json.dumps(notebook)) == timeless_hash(before)
    assert timeless_hash(before.replace("Most <replied>.", "Few <replied>.")) != timeless_hash(before)


def test_codecheck_has_its_fields_and_leaves_the_unknown_open(written: Path, content: dict[str, list]) -> None:
    text = (written / "codecheck.yml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    assert text.startswith("%YAML 1.1\n---\n")
    assert set(found) == {"version", "manifest", "paper", "codechecker", "summary", "check_time"}
    assert found["version"] == SPECIFICATION
    assert [e["file"] for e in found["manifest"]] == [e["file"] for e in content["manifest"] if e["kind"] == "output"]
    assert all((written / entry["file"]).is_file() and entry["comment"] for entry in found["manifest"])
    assert [author["name"] for author in found["paper"]["authors"]] == [
        "Susan Coan", "Leanne Winfield", "Pamela Fisher",
    ]  # fmt: skip
    assert (found["codechecker"], found["summary"]) == ([{"name": "Ada Example"}], content["sentence"])
    assert datetime.fromisoformat(found["check_time"]) == ENDED


def test_the_template_at_the_top_lists_what_is_stored_and_names_no_checker(root: Path) -> None:
    text = (root / "codecheck.yml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    stored = root / "reports" / "expected"
    wanted = {f"reports/{p.relative_to(stored).as_posix()}" for p in stored.rglob("*.csv") if p.parent != stored}
    assert {entry["file"] for entry in found["manifest"]} == wanted | {"reports/values.json"}
    assert set(found) == {"version", "manifest", "paper"}
    assert (
        write_codecheck(read_talk(root), [{"file": e["file"], "what": e["comment"]} for e in found["manifest"]]) == text
    )


def test_the_crate_names_every_file_and_the_action_between_them(written: Path) -> None:
    graph = {e["@id"]: e for e in json.loads((written / "ro-crate-metadata.json").read_bytes())["@graph"]}
    parts = {part["@id"] for part in graph["./"]["hasPart"]}
    assert parts == set(files(written)) - {"ro-crate-metadata.json"}
    assert graph["./"]["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    action = graph["#check"]
    assert action["@type"] == "CreateAction"
    assert {"@id": "data/talk/survey.csv"} in action["object"]
    assert {"@id": "reports/values.json"} in action["result"]
    assert graph[action["agent"]["@id"]]["name"] == "Ada Example"
    assert graph[action["instrument"]["@id"]]["name"] == "coprod"


def test_the_crate_is_read_by_the_library_that_wrote_it(written: Path) -> None:
    from rocrate.rocrate import ROCrate

    crate = ROCrate(written)
    assert crate.get("#check")["instrument"].id == "#coprod"
    assert len(crate.data_entities) == len(files(written)) - 1


def test_the_page_says_what_the_json_says_and_escapes_it(project: Path, found: Check, tmp_path: Path) -> None:
    folder = tmp_path / "certificate"
    write_certificate(project, folder, found, read_outputs(project / "reports"), checker="<b>Ada</b>",
                      orcid="0000-0002-1825-0097", started=BEGAN, ended=ENDED)  # fmt: skip
    page = (folder / "certificate.html").read_text(encoding="utf-8")
    for words in ("&lt;b&gt;Ada&lt;/b&gt;, ORCID 0000-0002-1825-0097", "1 March 2026, 09:01 UTC", "in 1.5 minutes",
                  "01_replies", "not a clone"):  # fmt: skip
        assert words in page
    assert "<script" not in page
    crate = json.loads((folder / "ro-crate-metadata.json").read_bytes())
    assert "https://orcid.org/0000-0002-1825-0097" in {entity["@id"] for entity in crate["@graph"]}
    assert verify(folder, project) == []


def test_a_whole_certificate_verifies_in_another_place_as_folder_or_file(copy: Path, executed: Path) -> None:
    assert verify(copy, executed) == []
    assert verify(copy / "certificate.json", executed) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_found_anywhere(data: st.DataObject, written: Path, executed: Path) -> None:
    name = data.draw(st.sampled_from(sorted(files(written))))
    original = (written / name).read_bytes()
    place = data.draw(st.integers(0, len(original) - 1))
    changed = bytearray(original)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        (written / name).write_bytes(changed)
        assert faulty(written, executed)
    finally:
        (written / name).write_bytes(original)


def faulty(folder: Path, home: Path) -> bool:
    try:
        return bool(verify(folder, home))
    except DataError:
        return True


def test_a_file_gone_and_a_file_too_many_are_named(copy: Path, executed: Path) -> None:
    (copy / "reports" / "values.json").unlink()
    (copy / "notes.txt").write_text("mine")
    faults = {fault.place: fault.what for fault in verify(copy, executed)}
    assert faults == {
        "reports/values.json": "cannot be read (No such file or directory)",
        "notes.txt": "is not in the manifest",
    }


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("Ada Example", "Bob Example", "do not agree on who checked"),
        ("T09:01:30", "T09:02:30", "do not agree on the end of the run"),
        ('"description": "coprod 0', '"description": "Coprod 0', "do not agree on the sentence"),
        ('"#check",\n', '"#check",\n "extra": 1,\n', None),
        ('"sha256": "', '"sha256": "0', "do not agree on data/datapackage.json"),
        ('"@id": "reports/values.json"', '"@id": "reports/other.json"', "names reports/other.json, which is not in"),
    ],
)  # fmt: skip
def test_a_crate_that_says_otherwise_is_found_even_under_a_new_seal(
    copy: Path, executed: Path, old: str, new: str, what: str | None
) -> None:
    edit(copy / "ro-crate-metadata.json", old, new)
    reseal(copy)
    said = [fault.what for fault in verify(copy, executed) if fault.place == "ro-crate-metadata.json"]
    assert any(what in words for words in said) if what else said == []


@pytest.mark.parametrize(("key", "what"), [("object", "what went in"), ("result", "what came out")])
def test_a_crate_whose_action_leaves_a_file_out_is_found(copy: Path, executed: Path, key: str, what: str) -> None:
    path = copy / "ro-crate-metadata.json"
    crate = json.loads(path.read_text(encoding="utf-8"))
    (action,) = [entity for entity in crate["@graph"] if entity["@id"] == "#check"]
    del action[key][0]
    path.write_text(json.dumps(crate), encoding="utf-8")
    reseal(copy)
    assert [fault.what for fault in verify(copy, executed)] == [f"and certificate.json do not agree on {what}"]


def test_a_change_in_the_certificate_alone_breaks_its_seal(copy: Path, executed: Path) -> None:
    edit(copy / "certificate.json", '"minutes": 1.5', '"minutes": 1.6')
    assert [(f.place, f.what) for f in verify(copy, executed)] == [("certificate.json", "is not as it was sealed")]


def test_another_value_than_the_checkout_stores_is_found_even_under_a_new_seal(copy: Path, project: Path) -> None:
    edit(project / "reports" / "expected" / "values.json", '"value": 93.', '"value": 92.')
    (fault,) = verify(copy, project)
    assert fault.place == "share"
    assert fault.what.startswith("is 93.")
    assert "92." in fault.what


def test_another_verdict_and_another_notebook_are_found_under_a_new_seal(
    copy: Path, executed: Path, content: dict[str, list]
) -> None:
    claims = [claim | {"verdict": "reproduced"} for claim in content["claims"]]
    reseal(copy, claims=claims)
    assert {f.place.rpartition(".")[2] for f in verify(copy, executed)} == {"verdict"}
    edit(copy / "reports" / "notebooks" / "01_replies.ipynb", "Most <replied>.", "Few <replied>.")
    reseal(copy)
    faults = [(fault.place, fault.what) for fault in verify(copy, executed)]
    assert ("reports/notebooks/01_replies.ipynb", "is not the notebook whose run certificate.json tells of") in faults


@pytest.mark.parametrize("fault", ["nothing", "empty", "no json", "a list", "another schema", "outside", "a hole"])
def test_what_is_no_certificate_is_refused_with_its_reason(copy: Path, executed: Path, fault: str) -> None:
    path = copy / "certificate.json"
    if fault == "nothing":
        path.unlink()
    elif fault == "outside":
        content = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(seal(content, [{"file": "../certificate.json"}]), encoding="utf-8")
    elif fault == "a hole":
        content = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(seal(content, [{"sha256": ""}]), encoding="utf-8")
    elif fault == "another schema":
        edit(path, '"schema": 1', '"schema": 2')
    else:
        path.write_text({"empty": "", "no json": "{", "a list": "[]"}[fault])
    with pytest.raises(DataError, match="is not a certificate"):
        verify(copy, executed)


def test_values_that_differ_are_certified_as_differing(project: Path, tmp_path: Path) -> None:
    edit(project / "reports" / "expected" / "values.json", '"value": 93.', '"value": 92.')
    folder = certify(project, tmp_path / "certificate", check(project, last_run=True))
    content = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    assert content["agrees"] is False
    assert [difference["id"] for difference in content["differences"]] == ["share"]
    assert "What did not come out as stored" in (folder / "certificate.html").read_text(encoding="utf-8")
    assert [fault.place for fault in verify(folder, project)] == ["share"]


def test_the_page_names_few_of_many_differences_and_says_how_many_more(project: Path, tmp_path: Path) -> None:
    (project / "reports" / "expected" / "claims.csv").write_text("claim,verdict\n", encoding="utf-8")
    found = check(project, last_run=True)
    page = (certify(project, tmp_path / "certificate", found) / "certificate.html").read_text(encoding="utf-8")
    assert page.count(".verdict</code>") == writing.SHOWN
    assert f"And {len(found.differences) - writing.SHOWN} more" in page


def test_a_folder_that_holds_something_else_is_left_alone(project: Path, found: Check, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="holds something that is no certificate"):
        certify(project, tmp_path / "mine", found)
    assert files(tmp_path / "mine") == {"thesis.txt": b"years of work"}


def test_an_earlier_certificate_stands_until_the_new_one_is_whole(
    project: Path, found: Check, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(copy)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "seal", stop)
    with pytest.raises(KeyboardInterrupt):
        certify(project, copy, found)
    assert files(copy) == before
    monkeypatch.undo()
    certify(project, copy, found, orcid="0000-0002-1825-0097")
    assert files(copy).keys() == before.keys()
    assert files(copy) != before


def test_the_command_reruns_writes_and_verifies(project: Path) -> None:
    (project / "reports" / "notebooks" / "01_replies.ipynb").write_text("{}")  # not what is certified
    done = coprod("certificate", "write", "--checker", "Ada Example", "--orcid", "0000-0002-1825-0097")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("coprod 0.1.0 reran 2 notebooks; 1 of 1 value")
    assert done.stdout.endswith(f"{Path('project', 'reports', 'certificate', 'certificate.html')}\n")
    verified = coprod("certificate", "verify", "project/reports/certificate")
    assert (verified.exit_code, verified.stdout) == (
        0, "the certificate is whole, and its values are those of reports/expected\n",
    )  # fmt: skip
    edit(project / "reports" / "certificate" / "data" / "talk" / "survey.csv", "196", "197")
    faulty = coprod("certificate", "verify", "project/reports/certificate")
    assert faulty.exit_code == 3
    assert faulty.stdout.startswith(
        "data/talk/survey.csv is not as it was certified: its sha256 differs; take the file"
    )
    assert faulty.stdout.count("\n") == 1


def test_a_failing_notebook_is_not_certified(project: Path) -> None:
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196 / base", "196 / 0")
    before = files(project / "reports")
    done = coprod("certificate", "write", "--checker", "Ada Example")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no certificate is written while a notebook fails (01_replies)" in done.stderr
    assert files(project / "reports") == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["write"], 2, "Missing option '--checker'"),
        (["write", "--checker", " "], 2, "--checker is empty"),
        (["write", "--checker", "Ada", "--orcid", "0000-0002-1825-0098"], 2, "is not an ORCID iD"),
        (["write", "--checker", "Ada", "--orcid", "1"], 2, "is not an ORCID iD"),
        (["write", "project/data", "--checker", "Ada"], 4, "holds something that is no certificate"),
        (["verify", "project/data"], 4, "is not a certificate"),
    ],
)
def test_what_cannot_be_is_said_before_anything_runs(
    project: Path, arguments: list[str], code: int, message: str
) -> None:
    before = files(project)
    done = coprod("certificate", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert files(project) == before


def test_what_cannot_be_read_is_named(project: Path, found: Check, tmp_path: Path) -> None:
    for name, fault in (("data/LICENSE", b"\xff"), ("requirements.lock", None)):
        path = project / name
        original = path.read_bytes()
        path.unlink() if fault is None else path.write_bytes(fault)
        with pytest.raises(DataError, match=f"{name} cannot be read"):
            certify(project, tmp_path / "certificate", found)
        path.write_bytes(original)
    (project / "requirements.lock").unlink()
    with pytest.raises(DataError, match="requirements.lock cannot be read"):
        describe_surroundings(project)


def test_the_commit_of_a_clone_around_the_project_is_not_its_own(home: Path, root: Path) -> None:
    shutil.copy(root / "requirements.lock", home)
    name = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q"], [*name, "commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run(["git", *words], cwd=home.parent, check=True)
    assert describe_surroundings(home)["commit"] == {"id": None, "clean": None}


def test_without_git_there_is_no_commit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert describe_surroundings(root)["commit"] == {"id": None, "clean": None}
