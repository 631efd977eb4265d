"""Questionnaires of every tool end as one frame; what is wrong with them is said all at once."""

from pathlib import Path

import pandas as pd
import pytest

from coprod.data import read_sheet
from coprod.training.intake import Intake, tidy_responses
from coprod.training.protocol import Protocol, parse_protocol

FIXTURES = Path(__file__).parent / "fixtures"
LABELS = """
[scale.labels]
"strongly disagree" = 1
"Disagree" = 2
"Neither agree  nor disagree" = 3
"AGREE" = 4
"Strongly agree" = 5
"""
BODY = """
[[scale]]
name = "confidence"
items = ["c1", "c2", "c3"]
reverse = ["c3"]
minimum = 1
maximum = 5
{labels}
[scale.wording]
c1 = "I can talk about risk with the person"
c2 = "My team shares decisions, and says so"
c3 = "Risk is for experts to judge"

[[scale]]
name = "champions"
items = ["{box}"]
minimum = 0
maximum = 1
labels = {{ Yes = 1, No = 0 }}
wording = {{ {box} = "{asked}" }}

[analysis]
primary_scale = "confidence"
primary_wave = "post"
"""
PLAIN = {"participant": "code", "cohort": "cohort", "audience": "audience", "wave": "time", "covariates": ["age"]}
WIDE = {**PLAIN, "wave": None, "wide": "{item}_{wave}"}
LONG = {**PLAIN, "item": "question", "response": "answer"}
COLUMNS = {
    "rows.csv": PLAIN,
    "wide.csv": WIDE,
    "answers.csv": LONG,
    "qualtrics.csv": {"participant": "Q1", "cohort": "Your training group", "audience": "q3", "wave": "wave",
                      "covariates": ["Q4"]},
    "microsoft_forms.csv": {"participant": "What is your code?", "cohort": "Which group are you in?",
                            "audience": "Staff or student?", "wave": "When is this?", "covariates": ["Age"]},
    "jisc.csv": {"participant": "Your code", "cohort": "2", "audience": "Are you here as staff or as a student?",
                 "wave": "5. When are you filling this in?", "covariates": ["age"]},
    "redcap.csv": {"participant": "record_id", "cohort": "cohort", "audience": "audience",
                   "wave": "redcap_event_name", "covariates": ["age"]},
    "surveymonkey.csv": {"participant": "Please enter your code", "cohort": "Your training group",
                         "audience": "Are you staff or a student?", "wave": "When is this?", "covariates": ["Age"]},
}  # fmt: skip
LAYOUTS = {"rows": "plain", "wide": "plain", "answers": "plain", "microsoft_forms": "microsoft-forms"}


def write_toml(value: object) -> str:
    return f"[{', '.join(map(write_toml, value))}]" if isinstance(value, list | tuple) else f'"{value}"'


def plan(columns: dict[str, object] = PLAIN, top: str = "", body: str = "", **more: object) -> Protocol:
    given = {"waves": ["pre", "post"], **columns, **more}
    lines = [f"{key} = {write_toml(value)}" for key, value in given.items() if value]
    box = "champion___1" if columns.get("wave") == "redcap_event_name" else "help"
    asked = "Would you ask a patient champion?" if columns is COLUMNS["surveymonkey.csv"] else (
        "I would ask a patient champion for help"
    )  # fmt: skip
    text = body or BODY.format(labels=LABELS, box=box, asked=asked)
    return parse_protocol("\n".join(['title = "T"', top, "[columns]", *lines, text]).encode())


def take(path: Path, protocol: Protocol) -> Intake:
    return tidy_responses(read_sheet(path, protocol.file.sheet), protocol)


@pytest.fixture(scope="module")
def wanted() -> Intake:
    return take(FIXTURES / "rows.csv", plan())


def test_the_plain_file_is_read_cell_by_cell(wanted):
    rows = pd.read_csv(FIXTURES / "rows.csv").melt(
        ["code", "cohort", "audience", "age", "time"], var_name="item", value_name="response"
    )
    rows["time"] = pd.Categorical(rows["time"], ["pre", "post"], ordered=True)
    expected = rows.sort_values(["cohort", "code", "time", "item"]).reset_index(drop=True)
    found = wanted.responses
    assert list(found.columns) == ["participant", "cohort", "audience", "wave", "item", "response"]
    for ours, theirs in zip(found.columns, ["code", "cohort", "audience", "time", "item", "response"], strict=True):
        assert found[ours].tolist() == pytest.approx(expected[theirs].tolist(), nan_ok=True), ours
    assert found["wave"].cat.ordered
    assert list(found["wave"].cat.categories) == ["pre", "post"]
    assert wanted.covariates["age"].to_dict() == pytest.approx(
        {"AN07": 34.0, "BO12": 51.0, "CE03": 22.0, "DI28": float("nan")}, nan_ok=True
    )
    assert (wanted.dropped, wanted.ignored, wanted.layout, wanted.notes) == ((), (), "plain", ())


@pytest.mark.parametrize("name", COLUMNS)
def test_every_tool_s_export_ends_as_the_same_frame(name, wanted):
    found = take(FIXTURES / name, plan(COLUMNS[name]))
    frame = found.responses.replace({"item": {"champion___1": "help"}}).sort_values(
        ["cohort", "participant", "wave", "item"], ignore_index=True
    )
    pd.testing.assert_frame_equal(frame, wanted.responses)
    covariates = found.covariates.set_axis(["age"], axis=1)
    pd.testing.assert_frame_equal(covariates, wanted.covariates)
    assert found.layout == LAYOUTS.get(Path(name).stem, Path(name).stem)
