"""A study is its protocol and its answers; nothing that is taken out of it can change it."""

import pandas as pd
import pytest

from coprod.errors import DataError, UsageError
from coprod.training.scoring import answer_matrix, score_scale
from coprod.training.study import Study, read_study

PLAN = """
title = "T"
[columns]
participant = "code"
cohort = "cohort"
wave = "time"
waves = ["pre", "post", "later"]
{columns}
[[scale]]
name = "sure"
items = ["q1", "q2"]
reverse = ["q2"]
minimum = 1
maximum = 5
[[scale]]
name = "help"
items = ["h"]
minimum = 0
maximum = 1
[analysis]
primary_scale = "sure"
primary_wave = "post"
[privacy]
profile = "acro-10"
"""
ROWS = """code,cohort,time,q1,q2,h,age,role
AN07,x,pre,1,5,,34,nurse
BO12,x,pre,2,,,,doctor
AM07,x,post,3,3,,,nurse
BO12,x,post,4,2,,51,doctor
ZZ99,x,post,5,1,,22,
"""


def write(folder, columns: str = "", rows: str = ROWS) -> Study:
    (folder / "plan.toml").write_text(PLAN.format(columns=columns), encoding="utf-8")
    (folder / "answers.csv").write_text(rows, encoding="utf-8")
    return read_study(folder / "answers.csv", str(folder / "plan.toml"))


@pytest.fixture
def study(tmp_path) -> Study:
    return write(tmp_path, 'codes = "self-generated"\ncovariates = ["age", "role"]')


def test_a_study_is_read_and_says_where_it_comes_from(study):
    assert study.name == "answers.csv"
    assert not study.synthetic
    assert study.source == f"answers.csv, protocol {study.protocol.hash[:12]}"
    assert study.cited == f"{study.source}, disclosure profile acro-10"
    assert study.profile.name == "acro-10"
    assert study.note == study.profile.words


def test_the_example_is_read_from_any_folder_and_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_study().name == "synthetic_responses.csv"
    for pair in (("example", "plan.toml"), ("answers.csv", "example")):
        with pytest.raises(UsageError, match="give both a file of answers and a protocol, or neither"):
            read_study(*pair)
    with pytest.raises(DataError, match="plan.toml is missing"):
        read_study("answers.csv", "plan.toml")


def test_the_sheet_of_the_protocol_is_taken(tmp_path):
    rows = pd.read_csv(write(tmp_path).name and tmp_path / "answers.csv")
    with pd.ExcelWriter(tmp_path / "answers.xlsx") as book:
        pd.DataFrame({"note": ["x"]}).to_excel(book, sheet_name="notes", index=False)
        rows.to_excel(book, sheet_name="data", index=False)
    (tmp_path / "plan.toml").write_text(PLAN.format(columns="") + '[file]\nsheet = "data"\n', encoding="utf-8")
    study = read_study(tmp_path / "answers.xlsx", tmp_path / "plan.toml")
    assert set(study.responses["participant"]) == {"AN07", "BO12", "AM07", "ZZ99"}
    assert study.intake.notes[0] == "sheet 'data' of 2"


def test_codes_are_linked_as_the_protocol_and_the_mode_say(tmp_path, study):
    def people(given: Study) -> set[str]:
        return set(given.responses["participant"])

    assert people(study) == {"AN07", "BO12", "ZZ99"}
    assert study.linkage is not None
    assert people(study.link("exact")) == {"AN07", "AM07", "BO12", "ZZ99"}
    assert people(study.link("unlinked")) == {"AN07", "BO12", "AM07 (post)", "BO12 (post)", "ZZ99 (post)"}
    assert study.mode == "default"
    assigned = write(tmp_path)
    assert assigned.linkage is None
    assert people(assigned) == people(assigned.link("exact")) == {"AN07", "AM07", "BO12", "ZZ99"}
    assert people(assigned.link("unlinked")) == people(study.link("unlinked"))


def test_covariates_follow_the_links(tmp_path, study):
    def table(given: Study) -> dict[str, tuple[float, str]]:
        frame = given.covariates.astype(object).where(given.covariates.notna(), None)
        return {who: tuple(row) for who, row in zip(frame.index, frame.to_numpy().tolist(), strict=True)}

    assert table(study) == {"AN07": (34, "nurse"), "BO12": (51, "doctor"), "ZZ99": (22, None)}
    assert table(study.link("exact"))["AM07"] == (None, "nurse")
    apart = table(study.link("unlinked"))
    assert apart["BO12"] == apart["BO12 (post)"] == (51, "doctor")
    assert set(study.covariates.index) == set(study.responses["participant"])
    assert study.covariates["age"].dtype == float
    none = write(tmp_path).covariates
    assert (list(none.columns), list(none.index)) == ([], ["AM07", "AN07", "BO12", "ZZ99"])
    assert none.index.name == study.covariates.index.name == "participant"


def test_scores_are_those_of_the_linked_answers(study):
    scores = study.score().set_index(["participant", "wave"])["score"].dropna()
    assert {(who, str(wave)): value for (who, wave), value in scores.items()} == {
        ("AN07", "pre"): 1, ("AN07", "post"): 3, ("BO12", "post"): 4, ("ZZ99", "post"): 5,
    }  # fmt: skip
    pd.testing.assert_frame_equal(study.score(), study.score("sure"))


def test_nothing_that_is_taken_out_can_change_the_study(study):
    answers, scores, covariates = study.responses.copy(), study.score().copy(), study.covariates
    taken = study.responses
    taken["response"] = 1.0
    taken.loc[0, "participant"] = "nobody"
    for frame, column in ((study.score(), "score"), (study.covariates, "age")):
        frame[column] = 0.0
    pd.testing.assert_frame_equal(study.responses, answers)
    pd.testing.assert_frame_equal(study.score(), scores)
    pd.testing.assert_frame_equal(study.covariates, covariates)
    other = study.link("exact")
    other.score()
    pd.testing.assert_frame_equal(study.score(), scores)
    assert set(other.score()["participant"]) != set(scores["participant"])


def test_a_scale_nobody_answered_has_no_scores(study):
    with pytest.raises(DataError, match="scale 'help': nobody answered enough of its items for a score"):
        study.score("help")
    with pytest.raises(DataError, match="no scale 'hlp'"):
        study.score("hlp")


def test_scales_and_waves_are_found_by_name_or_are_the_primary_ones(study):
    assert study.find_scale().name == "sure"
    assert study.find_scale("help").name == "help"
    assert (study.find_wave(), study.find_wave("later")) == ("post", "later")
    for wrong in ("pre", "never"):
        with pytest.raises(UsageError, match=f"'{wrong}' is not a wave after the first; known are: post, later"):
            study.find_wave(wrong)
    assert study.say_place("sure", "post") == "the primary outcome of the protocol"
    for scale, wave in (("sure", "later"), ("help", "post")):
        assert study.say_place(scale, wave) == "not the primary outcome of the protocol"


def test_answers_side_by_side_are_kept_and_never_handed_out_themselves():
    study = read_study()
    taken = study.answers()
    taken.loc[:] = 1
    pd.testing.assert_frame_equal(study.answers(), answer_matrix(study.responses, study.find_scale().scale))
    pd.testing.assert_frame_equal(study.score(), score_scale(study.responses, study.find_scale().scale))
