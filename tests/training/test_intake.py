"""Questionnaires of every tool end as one frame; what is wrong with them is said all at once."""

import csv
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod.data import Sheet, read_sheet
from coprod.errors import DataError
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


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "sav"])
@pytest.mark.parametrize("name", ["rows.csv", "wide.csv", "microsoft_forms.csv"])
def test_every_kind_of_file_ends_as_the_same_frame(tmp_path, ending, name, wanted):
    path = tmp_path / f"file.{ending}"
    write_as(path, pd.read_csv(FIXTURES / name, na_values=["anonymous"]))
    columns = COLUMNS[name]
    if ending == "sav":  # SPSS names columns by short words, and keeps the question beside them
        columns = {key: "v7" if value == "What is your code?" else value for key, value in columns.items()}
    found = take(path, plan(columns))
    pd.testing.assert_frame_equal(found.responses, wanted.responses)
    pd.testing.assert_frame_equal(found.covariates.set_axis(["age"], axis=1), wanted.covariates)


def write_as(path: Path, frame: pd.DataFrame) -> None:
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        short = [name if name.isidentifier() else f"v{place}" for place, name in enumerate(frame.columns, start=1)]
        pyreadstat.write_sav(frame.set_axis(short, axis=1), path, column_labels=list(frame.columns))


def test_spss_numbers_stand_for_their_labels_and_declared_missing_values_for_no_answer(tmp_path, wanted):
    frame = pd.read_csv(FIXTURES / "rows.csv")
    codes = {"cohort": {1: "North", 2: "South"}, "audience": {1: "staff", 2: "students"}, "time": {0: "pre", 1: "post"}}
    for column, labels in codes.items():
        frame[column] = frame[column].map({word: float(number) for number, word in labels.items()})
    for column in ("c2", "c3"):
        frame[column] = frame[column].fillna(9)
    path = tmp_path / "answers.sav"
    agree = {1: "Strongly disagree", 5: "Strongly agree", 9: "Prefer not to say"}
    pyreadstat.write_sav(frame, path, variable_value_labels={**codes, "c2": agree, "c3": agree},
                         missing_ranges={"c2": [9], "c3": [9]})  # fmt: skip
    pd.testing.assert_frame_equal(take(path, plan()).responses, wanted.responses)


PEOPLE = ("Okafor", "Berg", "Ceri Marsh", "Doyle", "example.org", "192.0.2", "52.", "-1.")
DROPPED = {
    "qualtrics.csv": ("IPAddress", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference",
                      "LocationLatitude", "LocationLongitude"),
    "microsoft_forms.csv": ("Email", "Name", "What is your email address?"),
    "surveymonkey.csv": ("IP Address", "Email Address", "First Name", "Last Name", "Custom Data 1"),
    "jisc.csv": (), "redcap.csv": (),
}  # fmt: skip
IGNORED = {
    "qualtrics.csv": ("StartDate", "EndDate", "Status", "Progress", "Duration (in seconds)", "Finished",
                      "RecordedDate", "ResponseId", "DistributionChannel", "UserLanguage", "Q7"),
    "microsoft_forms.csv": ("ID", "Start time", "Completion time", "Last modified time"),
    "surveymonkey.csv": ("Respondent ID", "Collector ID", "Start Date", "End Date"),
    "jisc.csv": ("Unique response number", "Completed", "8. Anything else?"),
    "redcap.csv": ("redcap_repeat_instrument", "redcap_repeat_instance", "redcap_survey_identifier",
                   "enrolment_complete", "champion___2", "confidence_complete"),
}  # fmt: skip


@pytest.mark.parametrize("name", DROPPED)
def test_personal_columns_are_dropped_and_listed_and_others_ignored(name):
    found = take(FIXTURES / name, plan(COLUMNS[name]))
    assert found.dropped == DROPPED[name]
    assert found.ignored == IGNORED[name]
    kept = " ".join([found.responses.to_csv(), found.covariates.to_csv(), str(found.notes)])
    assert not [word for word in PEOPLE if word in kept]


def change(folder: Path, *pairs: tuple[str, str], name: str = "rows.csv") -> Path:
    """Copy a fixture with words exchanged, each of which has to be there; ``^`` and ``$`` are its start and end."""
    text = (FIXTURES / name).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in ("^", "$") or old in text, old
        text = new + text if old == "^" else text + new if old == "$" else text.replace(old, new)
    path = folder / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def refuse(path: Path, protocol: Protocol) -> list[str]:
    with pytest.raises(DataError) as caught:
        take(path, protocol)
    first, *faults = str(caught.value).splitlines()
    assert first == f"answers.csv has {len(faults)} fault{'s' * (len(faults) > 1)}:"
    assert all(fault.startswith("  answers.csv") for fault in faults)
    return [fault.removeprefix("  answers.csv").removeprefix(", ") for fault in faults]


@pytest.mark.parametrize(
    ("pairs", "more", "faults"),
    [
        ([("c2,", "cc2,")], {}, [("row 1, column c2: no such column, nor one that asks 'My team shares decisions, and "
                                 "says so'; did you mean 'cc2'?")]),
        ([("cohort,", "group,")], {}, ["row 1, column cohort: no such column; known are: code, group, audience, age,"]),
        ([("2,3,4,0", "7,3,4,0"), ("4,5,1,1", "4,5,1,2")], {},
         ["row 2, column c1: scale 'confidence': item c1 has response 7, outside 1-5; recode or drop it",
          "row 7, column help: scale 'champions': item help has response 2, outside 0-1"]),
        ([("2,3,4,0", "often,3,4,0"), ("51,post,4", "51,post,often")], {},
         ["row 2, column c1: scale 'confidence': 'often' is not a number (rows 2 and 7); known are 'strongly"]),
        ([("AN07,North", "AN07,"), ("CE03,South,students,22,post", "CE03,South,students,22,")], {},
         ["row 2, column cohort: the cohort is missing (rows 2 and 6); fill it in or take out the row",
          "row 8, column time: the wave is missing; fill it in or take out the row"]),
        ([("AN07,North,staff,34,post", ",North,,34,post")], {},
         ["row 6, column code: the participant is missing", "row 6, column audience: the audience is missing"]),
        ([("post", "poost")], {}, [("row 6, column time: unknown wave 'poost' (rows 6, 7 and 8); did you mean "
                                   "'post'? If not, add it to columns.waves")]),
        ([("AN07,North,staff,34,post", "AN07,North,staff,34,x")], {},
         ["row 6, column time: unknown wave 'x'; known are 'pre' and 'post'; correct it, or add it to columns.waves"]),
        (
            [("AN07,North", "AN07,a"), ("BO12,North", "BO12,b"), ("CE03,South", "CE03,c"), ("DI28,South", "DI28,d")],
            {"cohorts": ["West"]},
            ["row 2, column cohort: 4 words are no cohort that is known, such as 'a' and 'b' (rows 2, 3, 4, 5 and"],
        ),
        ([], {"cohorts": ["North"]}, ["row 4, column cohort: unknown cohort 'South' (rows 4, 5 and 8); known is"]),
        ([("$", "AN07,North,staff,34,post,4,4,2,1\n")], {},
         ["row 6: participant 'AN07' is there 2 times at wave 'post' (rows 6 and 9); keep one"]),
        ([("AN07,North,staff,34,post", "AN07,South,staff,34,post")], {},
         ["row 2: participant 'AN07' has cohort 'North' (row 2) and 'South' (row 6); correct one, or give"]),
        ([("AN07,North,staff,34,post", "AN07,North,students,34,post")], {},
         ["row 2: participant 'AN07' has audience 'staff' (row 2) and 'students' (row 6)"]),
        ([("AN07,North,staff,34,post", "an07,NORTH,Staff,34,post")], {},
         ["row 6, column cohort: cohort 'NORTH' and 'North' (row 2) differ in case or space only; write one",
          "row 6, column code: participant 'an07' and 'AN07' (row 2) differ in case or space only; write one",
          "row 6, column audience: audience 'Staff' and 'staff' (row 2) differ in case or space only; write one"]),
        ([("AN07,North,staff,34,post", "AN07,North,staff,35,post")], {},
         ["row 2, column age: one participant has '34' (row 2) and '35' (row 6); a covariate has one value each"]),
        ([("age", "dob")], {"covariates": ["dob"]}, ["column dob: this covariate says who somebody is; take it out"]),
        ([(",34,", ",ann@example.org,")], {}, ["column age: this covariate says who somebody is"]),
        ([("North", "ann@example.org")], {},
         ["column cohort: this holds e-mail or IP addresses; name another column as the cohort"]),
        ([("AN07", "ann@example.org")], {"codes": "self-generated"},
         ["column code: this says who somebody is, so it is no self-generated code; take columns.codes out"]),
        ([("post,", "pre,"), ("AN07,North,staff,34,pre,4", "X,North,staff,34,pre,4"),
          ("BO12,North,staff,51,pre,4", "Y,North,staff,51,pre,4"), ("22,pre,3", "23,pre,3"),
          ("CE03,South,students,23", "Z,South,students,23")], {},
         ["column time: no answers at wave 'post'; a change needs the first wave and a later one, look at"]),
        ([("pre,", "post,"), ("AN07,North,staff,34,post,2", "X,North,staff,34,post,2"),
          ("BO12,North,staff,51,post,3", "Y,North,staff,51,post,3"), ("22,post,1", "23,post,1"),
          ("CE03,South,students,23", "Z,South,students,23")], {}, ["column time: no answers at wave 'pre'; a change"]),
        ([("2,3,4,0", ",,,0"), ("3,,2,1", ",,,1"), ("1,2,5,0", ",,,0"), ("4,4,3,1", ",,,1"), ("4,4,2,1", ",,,1"),
          ("4,5,1,1", ",,,1"), ("3,3,,0", ",,,0")], {},
         [": nobody answered an item of the primary scale 'confidence'; look at the names of its items"]),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_row_column_and_mend(tmp_path, pairs, more, faults):
    found = refuse(change(tmp_path, *pairs), plan(**more))
    assert len(found) == len(faults), found
    for ours, theirs in zip(found, faults, strict=True):
        assert ours.startswith(theirs), (ours, theirs)


def test_all_faults_come_in_one_error(tmp_path):
    path = change(
        tmp_path, ("2,3,4,0", "7,3,4,0"), ("34,post", "34,past"),
        ("BO12,North,staff,51,post", "BO12,South,staff,51,post"),
        ("CE03,South,students,22,post", "CE03,,students,22,post"), ("4,4,3,1", "4,many,3,1"),
    )  # fmt: skip
    assert [fault.split(":")[0] for fault in refuse(path, plan())] == [
        "row 2, column c1", "row 3", "row 5, column c2", "row 6, column time", "row 8, column cohort",
    ]  # fmt: skip


def test_a_sheet_of_one_row_an_answer_has_faults_of_its_own(tmp_path):
    protocol = plan(LONG)
    path = change(tmp_path, ("AN07,North,staff,34,pre,c1,2\n", "AN07,North,staff,34,pre,c1,2\n" * 2), ("help,", "hlp,"),
                  ("post,c2,5", "post,c2,55"), name="answers.csv")  # fmt: skip
    assert refuse(path, protocol) == [
        "column question: no row has the item 'help'; did you mean 'hlp'? If not, correct columns.item or the scale",
        "row 2: participant 'AN07' has item 'c1' 2 times at wave 'pre' (rows 2 and 3); keep one",
        (
            "row 23, column answer: scale 'confidence': item c2 has response 55, outside 1-5; recode or drop it, or "
            "add it to columns.missing if it stands for no answer"
        ),
    ]


def test_items_of_one_row_an_answer_may_be_named_by_their_question_and_others_are_left_alone(tmp_path, wanted):
    path = change(tmp_path, ("c1", "I can  talk about risk with the PERSON"), ("help", "HELP"),
                  ("$", "AN07,North,staff,34,post,comment,good\n"), name="answers.csv")  # fmt: skip
    pd.testing.assert_frame_equal(take(path, plan(LONG)).responses, wanted.responses)


def test_a_participant_twice_in_a_wide_sheet_is_refused(tmp_path):
    path = change(tmp_path, ("$", "AN07,North,staff,34,2,3,4,0,,,,\n"), name="wide.csv")
    assert refuse(path, plan(WIDE)) == [
        "row 2: participant 'AN07' is there 2 times at wave 'pre' (rows 2 and 6); keep one"
    ]


def test_very_many_rows_of_one_participant_are_one_fault():
    n = 100_000
    row = {0: "AN07", 1: "North", 2: "staff", 3: "34", 4: "pre", 5: "2", 6: "3", 7: "4", 8: "0"}
    cells = pd.DataFrame({place: pd.Series([cell], dtype=object).repeat(n) for place, cell in row.items()})
    sheet = Sheet("answers.csv", ("code", "cohort", "audience", "age", "time", "c1", "c2", "c3", "help"),
                  cells.reset_index(drop=True))  # fmt: skip
    with pytest.raises(DataError) as caught:
        tidy_responses(sheet, plan())
    assert str(caught.value).splitlines()[1:] == [
        (
            "  answers.csv, row 2: participant 'AN07' is there 100000 times at wave 'pre' (rows 2, 3, 4, 5 and 99996 "
            "more); keep one"
        )
    ]


def test_blank_rows_and_columns_nobody_asked_for_change_nothing(tmp_path, wanted):
    lines = (FIXTURES / "rows.csv").read_text(encoding="utf-8").splitlines()
    extra = ",".join(f"x{n}" for n in range(190))
    wide = [
        lines[0] + f",,{extra}",
        *(f"{line},{'' if row else 'note'},{'?,' * 189}?" for row, line in enumerate(lines[1:])),
    ]
    path = tmp_path / "answers.csv"
    path.write_text("\n".join([*wide[:3], "", "," * 199, *wide[3:], "", ""]), encoding="utf-8")
    found = take(path, plan())
    pd.testing.assert_frame_equal(found.responses, wanted.responses)
    assert found.ignored == ("column 10, which has no name", *extra.split(","))
    broken = path.read_text(encoding="utf-8").replace("4,4,3,1", "4,4,9,1")
    path.write_text(broken, encoding="utf-8")
    assert refuse(path, plan())[0].startswith("row 7, column c3")  # two rows further down than without the blank ones


def test_what_stands_for_no_answer_may_stand_in_any_column(tmp_path, wanted):
    path = change(tmp_path, ("22,post,3,3,,0", "22,post,3,3,Prefer not to say,0"),
                  ("DI28,South,students,,", "DI28,South,students,-99,"), ("51,pre,3,,2", "51,pre,3,-99,2"))  # fmt: skip
    found = take(path, plan(missing=["-99", "prefer not to say"]))
    pd.testing.assert_frame_equal(found.responses, wanted.responses)
    pd.testing.assert_frame_equal(found.covariates, wanted.covariates)


def test_questionnaires_without_an_answer_did_not_come_back(tmp_path):
    found = take(change(tmp_path, ("2,3,4,0", ",,,")), plan())
    assert found.notes == ("rows without an answer to any item, taken as not returned: 1",)
    assert set(found.responses.loc[found.responses["participant"] == "AN07", "wave"]) == {"post"}


def test_what_nobody_answered_is_noted(tmp_path):
    path = change(tmp_path, ("2,3,4,0", "2,3,4,"), ("1,2,5,0", "1,2,5,"), ("3,3,,0", "3,3,,"), ("3,,2,1", "3,,2,"),
                  ("4,4,3,1", "4,4,3,"), ("4,4,2,1", "4,4,2,"), ("4,5,1,1", "4,5,1,"))  # fmt: skip
    found = take(path, plan(waves=["pre", "post", "later"], cohorts=["North", "South", "West"]))
    assert found.notes == (
        "no answers at wave 'later'", "no answers of cohort 'West'", "nobody answered item 'help'",
    )  # fmt: skip
    assert list(found.responses["wave"].cat.categories) == ["pre", "post", "later"]


def test_known_words_are_matched_in_any_case_and_written_as_the_protocol_does(tmp_path, wanted):
    path = change(tmp_path, (",pre,", ",PRE ,"), ("North", "north"), ("CE03,South", "CE03, SOUTH"), ("staff", "STAFF"))
    body = BODY.format(labels=LABELS, box="help", asked="?") + 'staff = ["staff"]\n'
    pd.testing.assert_frame_equal(take(path, plan(cohorts=["North", "South"], body=body)).responses, wanted.responses)
    absent = plan(body=body.replace('["staff"]', '["Nurses", "staff"]'))
    assert refuse(change(tmp_path), absent) == [
        (
            "column audience: no row has the audience 'Nurses' of analysis.staff; known are 'staff' and 'students'; "
            "correct it, or correct analysis.staff"
        )
    ]


def test_one_audience_where_none_is_named():
    found = take(FIXTURES / "rows.csv", plan({**PLAIN, "audience": None}))
    assert set(found.responses["audience"]) == {"all"}
    assert found.ignored == ("audience",)


def test_a_column_that_may_be_two_or_is_named_twice_is_refused(tmp_path):
    path = change(tmp_path, ("cohort,audience", "Group,group"))
    found = refuse(path, plan({**PLAIN, "cohort": "GROUP", "audience": None}))
    assert found == ["row 1, column GROUP: this may be any of the columns 'Group' and 'group'; write one of these"]
    found = refuse(change(tmp_path), plan({**PLAIN, "covariates": ["AGE", "age"]}))
    assert found == ["row 1, column age: this is the column 'age', which is named already"]


def test_in_a_wide_header_only_near_names_are_shown(tmp_path):
    path = change(tmp_path, ("c2,", "zz,"), ("help\n", "help,p,q,r,s\n"), (",0\n", ",0,,,,\n"), (",1\n", ",1,,,,\n"))
    assert refuse(path, plan()) == [
        (
            "row 1, column c2: no such column, nor one that asks 'My team shares decisions, and says so'; look for its "
            "name in the header"
        )
    ]


def test_people_named_by_an_address_are_numbered_and_never_shown(tmp_path, wanted):
    mails = [(code, f"{code.lower()}@example.org") for code in ("AN07", "BO12", "CE03", "DI28")]
    found = take(change(tmp_path, *mails), plan())
    assert found.dropped == ("code",)
    assert found.notes == ("participants are numbered, since column 'code' says who they are",)
    assert sorted(found.responses["participant"].unique()) == ["P0001", "P0002", "P0003", "P0004"]
    assert list(found.covariates.index) == ["P0001", "P0002", "P0003", "P0004"]
    assert "example.org" not in found.responses.to_csv() + found.covariates.to_csv()
    ours = found.responses.groupby("participant").apply(lambda rows: tuple(rows["response"].fillna(0)))
    theirs = wanted.responses.groupby("participant").apply(lambda rows: tuple(rows["response"].fillna(0)))
    assert sorted(ours) == sorted(theirs)
    assert sorted(found.covariates["age"].dropna()) == [22, 34, 51]


def test_faults_do_not_show_who_people_are(tmp_path):
    path = change(
        tmp_path, ("AN07,North,staff,34,pre", "ann@example.org,North,staff,34,pre"),
        ("AN07,North,staff,34,post", "Ann@example.org,North,staff,34,post"), ("BO12", "bo@example.org"),
        ("CE03,South,students,22,post", "CE03,North,students,22,post"),
        ("$", "bo@example.org,North,staff,51,post,4,5,1,1\n"),
    )  # fmt: skip
    found = refuse(path, plan())
    assert found == [
        (
            "row 4: a participant has cohort 'South' (row 4) and 'North' (row 8); correct one, or give one of them "
            "another code"
        ),
        "row 6, column code: this participant and that of row 2 differ in case or space only; write one",
        "row 7: a participant is there 2 times at wave 'post' (rows 7 and 9); keep one",
    ]


def test_a_column_that_the_protocol_names_is_kept_though_it_sounds_personal(tmp_path, wanted):
    path = change(tmp_path, ("cohort,", "Location,"), ("c1,", "Phone calls help,"))
    body = BODY.format(labels=LABELS, box="help", asked="?").replace('"c1"', '"Phone calls help"').replace(
        "c1 =", '"Phone calls help" ='
    )  # fmt: skip
    found = take(path, plan({**PLAIN, "cohort": "Location"}, body=body))
    renamed = found.responses.replace({"item": {"Phone calls help": "c1"}})
    pd.testing.assert_frame_equal(
        renamed.sort_values(["cohort", "participant", "wave", "item"], ignore_index=True), wanted.responses
    )
    assert found.dropped == ()
    assert found.notes == (
        "column 'Location' looks personal; it is kept, since the protocol names it",
        "column 'Phone calls help' looks personal; it is kept, since the protocol names it",
    )


def mark(folder: Path, *words: str, name: str = "Synthetic") -> Path:
    lines = (FIXTURES / "rows.csv").read_text(encoding="utf-8").splitlines()
    cells = [name, *(words * 7)[:7]]
    path = folder / "answers.csv"
    path.write_text("\n".join(f"{line},{cell}" for line, cell in zip(lines, cells, strict=True)), encoding="utf-8")
    return path


MADE_UP = "synthetic = true"


def test_made_up_answers_need_a_protocol_that_says_so(tmp_path):
    found = take(mark(tmp_path, "yes"), plan(top=MADE_UP))
    assert found.synthetic
    assert found.ignored == ()
    real = take(mark(tmp_path, "no", ""), plan())
    assert not real.synthetic
    assert refuse(mark(tmp_path, "yes", "no"), plan()) == [
        (
            "row 2, column Synthetic: this says that answers are made up (rows 2, 4, 6 and 8), and the protocol does "
            "not; write synthetic = true"
        )
    ]
    assert refuse(mark(tmp_path, "made up by us"), plan())[0].startswith("row 2, column Synthetic: this says that")


def test_a_protocol_that_says_so_needs_made_up_answers(tmp_path):
    assert refuse(mark(tmp_path, "yes", "no"), plan(top=MADE_UP)) == [
        (
            "row 3, column Synthetic: this does not say that the answers are made up (rows 3, 5 and 7), and the "
            "protocol does; keep such apart"
        )
    ]
    assert refuse(change(tmp_path), plan(top=MADE_UP)) == [
        (
            "row 1, column synthetic: the protocol says synthetic = true, and no such column says yes; add it, or "
            "change the protocol"
        )
    ]


def test_a_column_of_that_name_that_the_protocol_uses_is_a_column(tmp_path):
    found = take(mark(tmp_path, "wool", name="synthetic"), plan(covariates=["synthetic"]))
    assert not found.synthetic
    assert set(found.covariates["synthetic"]) == {"wool"}


def test_self_generated_codes_are_written_alike_and_belong_to_a_cohort(tmp_path):
    path = change(
        tmp_path, ("AN07,North,staff,34,post", "an-07,North,staff,34,post"), ("CE03", "an 07"), ("DI28", "--")
    )
    found = take(path, plan(codes="self-generated")).responses
    assert set(found["participant"]) == {"AN07 (North)", "AN07 (South)", "BO12", "--"}
    assert found.groupby("participant")["cohort"].nunique().max() == 1


def test_an_empty_box_of_redcap_is_no_answer_unless_only_boxes_are_asked():
    columns = COLUMNS["redcap.csv"]
    found = take(FIXTURES / "redcap.csv", plan(columns))
    assert ("DI28", "post") not in set(zip(found.responses["participant"], found.responses["wave"], strict=True))
    assert found.notes[-1].startswith("what REDCap gives at one event, such as the cohort, is taken for all events")
    boxes = """
[[scale]]
name = "help"
items = ["champion___1", "champion___2"]
minimum = 0
maximum = 1
[analysis]
primary_scale = "help"
primary_wave = "post"
"""
    found = take(FIXTURES / "redcap.csv", plan(columns, body=boxes))
    assert ("DI28", "post") in set(zip(found.responses["participant"], found.responses["wave"], strict=True))


def test_redcap_s_events_may_be_named_with_their_arm(wanted):
    columns = {**COLUMNS["redcap.csv"], "waves": ["pre_arm_1", "post_arm_1"]}
    body = BODY.format(labels="", box="champion___1", asked="?").replace('"post"', '"post_arm_1"')
    found = take(FIXTURES / "redcap.csv", plan(columns, body=body))
    assert list(found.responses["wave"].cat.categories) == ["pre_arm_1", "post_arm_1"]
    assert len(found.responses) == len(wanted.responses)


def test_the_order_of_rows_changes_nothing(tmp_path, wanted):
    head, *rows = (FIXTURES / "rows.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "answers.csv"
    path.write_text("\n".join([head, *reversed(rows)]), encoding="utf-8")
    pd.testing.assert_frame_equal(take(path, plan()).responses, wanted.responses)


CELLS = st.sampled_from(["", " ", "AN07", "an07", "North", "south", "pre", "post", "x", "6", "-1", "4,5", '"', "yes",
                         "5 - Agree", "ann@example.org", "nan", "inf", "\u00e9", "1e400", "\x0b"])  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(COLUMNS)),
    edits=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 25), CELLS), min_size=1, max_size=6),
    cut=st.integers(0, 3),
    codes=st.sampled_from(["assigned", "self-generated"]),
)
def test_a_file_with_cells_exchanged_is_read_or_refused(tmp_path, name, edits, cut, codes):
    with open(FIXTURES / name, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for row, column, cell in edits:
        line = rows[row % len(rows)]
        line[column % len(line)] = cell
    path = tmp_path / "answers.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[: len(rows) - cut])
    try:
        found = take(path, plan(COLUMNS[name], codes=codes))
    except DataError as error:
        message = str(error)
    else:
        message = ""
        assert found.responses["response"].dropna().between(0, 5).all()
        assert not found.responses.duplicated(["participant", "wave", "item"]).any()
        assert found.responses[["participant", "cohort", "audience", "wave", "item"]].notna().all().all()
    assert "Okafor" not in message


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=120), st.integers(0, 240))
def test_a_file_with_bytes_put_in_is_read_or_refused(tmp_path, junk, place):
    content = (FIXTURES / "rows.csv").read_bytes()
    path = tmp_path / "answers.csv"
    path.write_bytes(content[:place] + junk + content[place:])
    with suppress(DataError):
        assert len(take(path, plan()).responses)
