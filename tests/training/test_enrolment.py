"""How many were enrolled: taken from the protocol, refused where it cannot be, and never telling of a few people."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.figures.outcomes import plot_silence
from coprod.privacy import PROFILES, WITHHELD, Profile, release
from coprod.privacy.counts import is_small
from coprod.training.describe import count_flow, summarise_cohort_waves, summarise_cohorts
from coprod.training.enrolment import (
    count_audiences,
    count_enrolled,
    count_unseen,
    find_telling,
    match_enrolled,
    note_enrolled,
    say_enrolled,
)
from coprod.training.intake import Intake
from coprod.training.outcomes import estimate_study
from coprod.training.protocol import Protocol
from coprod.training.sensitivity import estimate_sensitivities, fills_in
from coprod.training.silence import tabulate_tipping
from coprod.training.study import Study, read_study
from coprod.training.tables import table_flow, table_reading, table_sensitivity, table_silence, table_tipping
from coprod.training.values import value_tipping

EXAMPLE = read_study()
ANSWERED = {"Cohort 1": 18, "Cohort 2": 22, "Cohort 3": 15, "Cohort 4": 20, "Cohort 5": 31}
MORE = {"Cohort 1": 22, "Cohort 2": 25, "Cohort 3": 20, "Cohort 4": 24, "Cohort 5": 38}
PROTECTING = [profile for profile in PROFILES.values() if not profile.person_level]
BY_PROFILE = pytest.mark.parametrize("profile", PROTECTING, ids=lambda profile: profile.name)


def enrol(
    numbers: dict[str, int] | None, profile: str = "internal", study: Study = EXAMPLE, **columns: object
) -> Study:
    """Give a study's protocol numbers enrolled, read as a protocol is."""
    plan = study.protocol.model_dump() | {"enrolled": numbers, "privacy": {"profile": profile}}
    plan["columns"] |= columns
    return Study(Protocol.model_validate(plan), study.intake, study.name)


def invent(seed: int, profile: Profile) -> Study:
    """Invent cohorts of which some never answered, few or, of every second seed, many; and others not each time."""
    rng, rows, numbers = np.random.default_rng(seed), [], {}
    never = [0, 1, 3, 6, 9, 15] if seed % 2 else [25, 40]
    for cohort in "ABC"[: rng.integers(2, 4)]:
        people = int(rng.integers(8, 45))
        numbers[cohort] = people + int(rng.choice(never))
        first, later = people - int(rng.integers(0, 4)), people - int(rng.integers(0, 9))
        for wave, there in (("before", range(first)), ("after", range(people - later, people)), ("later", range(9))):
            rows += [(f"{cohort}{n}", cohort, "staff", wave, "c1", float(rng.integers(1, 6))) for n in there]
    names = ["participant", "cohort", "audience", "wave", "item", "response"]
    responses = pd.DataFrame(rows, columns=names).sort_values(["cohort", "participant"], ignore_index=True)
    responses["wave"] = pd.Categorical(responses["wave"], ["before", "after", "later"], ordered=True)
    plan = EXAMPLE.protocol.model_dump() | {"enrolled": numbers, "privacy": {"profile": profile.name}}
    plan["scale"] = [{"name": "confidence", "items": ["c1"], "minimum": 1, "maximum": 5}]
    plan["columns"] |= {"codes": "assigned"}
    plan["analysis"] |= {"imputations": 5}
    return Study(Protocol.model_validate(plan), Intake(responses, (), (), "plain"), "invented.csv")


def test_without_numbers_whoever_answered_once_counts():
    assert count_enrolled(EXAMPLE).to_dict() == ANSWERED
    assert count_audiences(EXAMPLE).to_dict() == {"staff": 75, "students": 31}
    assert (EXAMPLE.enrolled, count_unseen(EXAMPLE), find_telling(EXAMPLE), note_enrolled(EXAMPLE)) == (
        None, None, None, "",
    )  # fmt: skip


def test_numbers_of_the_protocol_are_counted_wherever_enrolled_stands():
    study = enrol(MORE)
    assert study.enrolled == MORE
    assert count_flow(study).drop_duplicates("cohort").set_index("cohort")["enrolled"].to_dict() == MORE
    for found in (summarise_cohorts(study), summarise_cohort_waves(study)):
        assert found.drop_duplicates("cohort")["enrolled"].tolist() == list(MORE.values())
    assert count_audiences(study).to_dict() == {"staff": 91, "students": 38}
    others = ["cohort", "audience", "wave", "answered"]
    pd.testing.assert_frame_equal(count_flow(study)[others], count_flow(EXAMPLE)[others])


def test_case_and_space_of_a_cohort_are_folded():
    assert enrol({name.upper().replace(" ", "  "): number for name, number in MORE.items()}).enrolled == MORE


def test_every_sentence_says_who_counts_as_enrolled():
    study = enrol(MORE)
    said = "by the protocol, whether they ever answered or not"
    assert say_enrolled(study) == said
    assert say_enrolled(EXAMPLE) == "everybody of the cohort who answered at least once"
    assert note_enrolled(study) == f" Enrolled: {said}."
    flow = {found: table_flow(count_flow(found), found).answer for found in (study, EXAMPLE)}
    assert flow[study] == "Counted of all who were enrolled by the protocol, whether they ever answered or not."
    assert flow[EXAMPLE] == "Counted of all who answered at least once."
    assert ["Enrolled", said] in table_reading(study).data.to_numpy().tolist()
    assert "Enrolled" not in set(table_reading(EXAMPLE).data["what"])
    for make in (table_silence, table_tipping, table_sensitivity):
        assert make(study).answer.startswith(make(EXAMPLE).answer)
        assert "enrolled by the protocol" in make(study).answer
        assert "enrolled" not in make(EXAMPLE).answer
    assert "66 of 129 people enrolled by the protocol did not reply" in plot_silence(study, wave="later").answer
    assert "42 of 105 people did not reply" in plot_silence(EXAMPLE, wave="later").answer


def test_an_audience_of_mixed_cohorts_is_counted_by_answers_and_says_so():
    mixed = EXAMPLE.intake.responses.copy()
    first = mixed["participant"] == mixed.loc[mixed["cohort"] == "Cohort 1", "participant"].iloc[0]
    mixed.loc[first, "audience"] = "students"
    study = enrol(MORE, study=replace(EXAMPLE, intake=replace(EXAMPLE.intake, responses=mixed)))
    assert count_audiences(study).to_dict() == {"staff": 74, "students": 32}
    assert "who answered at least once" in note_enrolled(study, audiences=True)
    assert "by the protocol" in note_enrolled(enrol(MORE), audiences=True)


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        (MORE | {"Cohort 6": 9}, "no answers are of cohort 'Cohort 6'; did you mean 'Cohort"),
        ({name: MORE[name] for name in list(MORE)[:4]}, "no number for cohort 'Cohort 5', which answered; add 'Cohort"),
        (MORE | {"Cohort 3": 14}, "14 for cohort 'Cohort 3', of which 15 people answered; correct the number"),
    ],
)
def test_numbers_that_do_not_fit_the_answers_are_refused(numbers, fault):
    with pytest.raises(DataError, match=r"^protocol, enrolled has 1 fault:\n") as caught:
        enrol(numbers).enrolled  # noqa: B018
    assert fault in str(caught.value)


def test_a_file_with_numbers_that_do_not_fit_is_refused_on_reading(tmp_path: Path):
    home = Path(__file__).resolve().parents[2] / "data" / "training"
    for few in (17, 18):
        plan = (home / "protocol.toml").read_text() + "[enrolled]\n"
        lines = (f'"{name}" = {number}\n' for name, number in (ANSWERED | {"Cohort 1": few}).items())
        (tmp_path / "plan.toml").write_text(plan + "".join(lines))
        if few < 18:
            with pytest.raises(DataError, match=r"plan.toml, enrolled: 17 for cohort 'Cohort 1', of which 18 people"):
                read_study(home / "synthetic_responses.csv", tmp_path / "plan.toml")
    assert read_study(home / "synthetic_responses.csv", tmp_path / "plan.toml").enrolled == ANSWERED


def test_codes_that_people_made_up_can_be_more_than_people_and_assigned_ones_cannot():
    rows = [(person, "A", wave, 1.0) for person, wave in (("a", "before"), ("b", "before"), ("c", "after"))]
    frame = pd.DataFrame(rows, columns=["participant", "cohort", "wave", "response"])
    assert match_enrolled(enrol({"A": 2}).protocol, frame) == {"A": 2}
    with pytest.raises(DataError, match="2 for cohort 'A', of which 3 people answered"):
        match_enrolled(enrol({"A": 2}, codes="assigned").protocol, frame)


def test_enrolled_are_those_who_answered_where_the_numbers_say_so():
    study = enrol(ANSWERED)
    pd.testing.assert_frame_equal(count_flow(study), count_flow(EXAMPLE))
    found, wanted = (estimate_sensitivities(one, wave="later") for one in (study, EXAMPLE))
    others = ~found["scenario"].map(fills_in)
    pd.testing.assert_frame_equal(found[others], wanted[others])
    assert found.loc[~others, "n_participants"].eq(106).all()
    assert wanted.loc[~others, "n_participants"].eq(105).all()  # one person came later


def test_the_model_is_as_it_was_and_what_is_assumed_of_the_silent_counts_the_enrolled():
    study = enrol(MORE)
    pd.testing.assert_frame_equal(estimate_study(study), estimate_study(EXAMPLE))
    found, wanted = (estimate_sensitivities(one, wave="later") for one in (study, EXAMPLE))
    filled = found["scenario"].map(fills_in)
    pd.testing.assert_frame_equal(found[~filled], wanted[~filled])
    assert found.loc[filled, "n_participants"].eq(sum(MORE.values())).all()
    width = [rows.set_index("scenario")["estimate"] for rows in (found[filled], wanted[filled])]
    assert width[0]["worst case"].max() < width[1]["worst case"].min()
    assert width[0]["best case"].min() > width[1]["best case"].max()
    tipping = tabulate_tipping(study, wave="later").query("cohort == 'all' and frame == 'future_cohorts'")
    assert tipping["n_silent"].eq(129 - 63).all()
    assert {value.id: value.value for value in value_tipping(study, wave="later")}["tipping_silent"] == 66


@pytest.mark.parametrize("without", ["Cohort 2", "Cohort 5"])
def test_a_cohort_is_left_out_with_its_number(without):
    left = enrol(MORE).leave_out(without)
    assert left.enrolled == {name: number for name, number in MORE.items() if name != without}
    assert left.name == f"{EXAMPLE.name} without {without}"
    assert EXAMPLE.leave_out(without).enrolled is None


def test_numbers_are_not_in_protocol_json_where_counts_are_withheld():
    assert "enrolled" not in EXAMPLE.protocol.to_json()
    assert enrol(MORE).protocol.to_json()["enrolled"] == MORE
    assert enrol(MORE, "opensafely").protocol.to_json()["enrolled"] == dict.fromkeys(MORE, WITHHELD)


def shown_counts(study: Study) -> list[tuple[str, object, str, int]]:
    """List what every table shows of a cohort: its number enrolled, and a count that is a part of it."""
    found = []
    for frame, raw in ((frame, name) for frame in (count_flow(study), summarise_cohort_waves(study),
                       *(summarise_cohorts(study, wave=wave) for wave in ("after", "later")))
                       for name in ("answered", "n", "n_participants") if name in frame):  # fmt: skip
        for row, told in zip(frame.to_dict("records"), release(frame, study.profile).to_dict("records"), strict=True):
            found.append((row["cohort"], told["enrolled"], told[raw], row[raw]))
    return found


def behind(shown: object, profile: Profile) -> set[int]:
    """Return the counts that a shown one can stand for."""
    if shown == WITHHELD:
        return set(range(profile.least))
    return {n for n in range(int(shown) - profile.base, int(shown) + profile.base + 1)
            if not is_small(n, profile) and -profile.base / 2 <= n - int(shown) < profile.base / 2}  # fmt: skip


@BY_PROFILE
def test_an_intruder_who_subtracts_finds_no_small_number(profile: Profile):
    told, held, small = 0, 0, 0
    for seed in range(10):
        study = invent(seed, profile)
        counts = shown_counts(study)
        whole = {cohort: enrolled for cohort, enrolled, *_ in counts if enrolled != WITHHELD}  # shown once is known
        for cohort, _, part, number in counts:
            enrolled = whole.get(cohort, WITHHELD)
            left = study.enrolled[cohort] - number
            small += 0 < left < profile.least
            held += enrolled == WITHHELD
            if enrolled == WITHHELD or not 0 < left < profile.least:
                continue
            told += 1
            both = itertools.product(behind(enrolled, profile), behind(part, profile))
            could = {most - seen for most, seen in both}
            assert len({rest for rest in could if rest >= 0}) > 1, (seed, cohort, enrolled, part)
    assert small > 20
    assert told > 20 if profile.base > 1 else held > 20


@BY_PROFILE
def test_results_that_count_the_enrolled_tell_of_no_few_who_never_answered(profile: Profile):
    shown = 0
    for seed in range(4):
        study = invent(seed, profile)
        everybody, answered = sum(study.enrolled.values()), study.responses["participant"].nunique()
        wide = study.responses.pivot_table(index="participant", columns="wave", values="response", observed=False)
        paired = int(wide[["before", "after"]].notna().all(axis=1).sum())
        few = any(0 < everybody - seen < profile.least for seen in (answered, paired))
        rows = table_sensitivity(study).data
        filled = rows[rows["scenario"].map(fills_in)]
        points = table_tipping(study).data
        numbers = [*filled["estimate"], *filled["n_participants"], *points["n_participants"], *points["delta"].dropna()]
        if few or find_telling(study):
            assert set(numbers) == {WITHHELD}, seed
            assert value_tipping(study)[1].value in (WITHHELD, "–")
            assert "Nothing to draw" in plot_silence(study).answer
        else:
            shown += any(number != WITHHELD for number in numbers)
    assert shown


def test_a_profile_that_does_not_round_withholds_every_number_as_soon_as_one_tells():
    study = enrol(MORE, "acro-10")
    assert find_telling(study) == 3  # 25 enrolled in cohort 2, and 22 of them answered
    assert count_flow(study)["enrolled"].eq(WITHHELD).all()
    assert count_audiences(study).eq(WITHHELD).all()
    far = enrol({name: number + 40 for name, number in ANSWERED.items()}, "acro-10")
    assert find_telling(far) is None
    assert count_enrolled(far).tolist() == [number + 40 for number in ANSWERED.values()]
    assert find_telling(enrol(MORE, "opensafely")) is None  # rounding leaves several numbers possible


def test_a_figure_that_would_tell_of_the_few_who_never_answered_says_why_it_is_not_drawn():
    few = enrol(ANSWERED | {"Cohort 1": 20}, "opensafely")
    assert count_unseen(few, wave="later") == 2
    assert "did not reply at 'later' or were enrolled and never answered for profile" in (
        plot_silence(few, wave="later").answer
    )
    assert "43 of 106 people enrolled by the protocol did not reply)" in (
        plot_silence(enrol(ANSWERED), wave="later").answer
    )
