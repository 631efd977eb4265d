from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod.errors import DataError
from coprod.privacy import PROFILES, WITHHELD, Profile, find_profile, release, release_parts
from coprod.privacy.columns import COUNTED, PEOPLE, STATISTICS
from coprod.privacy.counts import find_withheld, is_small

PROTECTING = [profile for profile in PROFILES.values() if not profile.person_level]
BY_PROFILE = pytest.mark.parametrize("profile", PROTECTING, ids=lambda profile: profile.name)
OPEN, HES, ACRO, INTERNAL = map(find_profile, ("opensafely", "nhs-hes", "acro-10", "internal"))
FEWER = settings(max_examples=15)


@st.composite
def cohort_tables(draw: st.DrawFn) -> pd.DataFrame:
    """A table of cohorts at waves, with counts and statistics."""
    cohorts, waves = draw(st.integers(1, 6)), draw(st.integers(1, 2))
    rows = cohorts * waves
    enrolled = draw(st.lists(st.integers(0, 45), min_size=rows, max_size=rows))
    return pd.DataFrame({
        "cohort": [f"Cohort {number}" for number in range(cohorts) for _ in range(waves)],
        "wave": ["before", "after"][:waves] * cohorts,
        "enrolled": enrolled,
        "n_participants": [draw(st.integers(max(0, most - 9), most)) for most in enrolled],
        "estimate": draw(st.lists(st.floats(-2, 2), min_size=rows, max_size=rows)),
        "df": draw(st.lists(st.floats(1, 60), min_size=rows, max_size=rows)),
        "flag": "",
    })  # fmt: skip


@BY_PROFILE
@FEWER
@given(frame=cohort_tables())
def test_statistics_of_few_people_are_withheld_and_counts_rounded(profile: Profile, frame: pd.DataFrame) -> None:
    before = frame.copy()
    released = release(frame, profile)
    pd.testing.assert_frame_equal(frame, before)
    for raw, row in zip(frame.to_dict("records"), released.to_dict("records"), strict=True):
        for name in ("enrolled", "n_participants"):
            assert row[name] == WITHHELD or abs(row[name] - raw[name]) * 2 <= profile.base
            assert row[name] == WITHHELD or not is_small(raw[name], profile)
        if row["n_participants"] == WITHHELD:
            assert (row["estimate"], row["df"], row["flag"]) == (WITHHELD, WITHHELD, WITHHELD)
        else:
            assert row["estimate"] == raw["estimate"]


@BY_PROFILE
@FEWER
@given(frame=cohort_tables())
def test_no_cohort_is_withheld_alone(profile: Profile, frame: pd.DataFrame) -> None:
    released = release(frame, profile)
    for _, rows in frame.groupby("wave"):
        hidden = set(np.flatnonzero(released.loc[rows.index, "n_participants"] == WITHHELD))
        assert hidden == find_withheld(rows["n_participants"].tolist(), profile, exact=True)
        assert len(hidden) != 1 or len(rows) == 1


@BY_PROFILE
@FEWER
@given(frame=cohort_tables())
def test_releasing_twice_is_releasing_once(profile: Profile, frame: pd.DataFrame) -> None:
    once = release(frame, profile)
    pd.testing.assert_frame_equal(release(once, profile), once)


@BY_PROFILE
@FEWER
@given(frame=cohort_tables(), data=st.data())
def test_the_order_of_rows_does_not_matter(profile: Profile, frame: pd.DataFrame, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(frame))))
    turned = release(frame.iloc[order], profile)
    pd.testing.assert_frame_equal(turned, release(frame, profile).iloc[order].reset_index(drop=True))


@FEWER
@given(frame=cohort_tables())
def test_internal_changes_nothing(frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(release(frame, INTERNAL), frame)
    parts = frame[["cohort", "enrolled"]].assign(share=0.5)
    pd.testing.assert_frame_equal(release_parts(parts, [], INTERNAL, count="enrolled"), parts)


@BY_PROFILE
def test_what_is_left_over_of_a_whole_cannot_be_worked_out(profile: Profile) -> None:
    frame = pd.DataFrame([(whole, part) for whole in range(55) for part in range(whole + 1)], columns=["enrolled", "n"])
    _assert_untold(release(frame, profile), frame["enrolled"], frame["enrolled"] - frame["n"], profile)


@BY_PROFILE
def test_scores_between_the_ends_cannot_be_worked_out(profile: Profile) -> None:
    triples = [(n, low, high) for n in range(27) for low in range(n + 1) for high in range(n - low + 1)]
    frame = pd.DataFrame(triples, columns=["n", "n_floor", "n_ceiling"])
    rest = frame["n"] - frame["n_floor"] - frame["n_ceiling"]
    _assert_untold(release(frame, profile), frame["n"], rest, profile)


def _assert_untold(released: pd.DataFrame, whole: pd.Series, rest: pd.Series, profile: Profile) -> None:
    """Go through all that looks the same: where few are left over of the whole, more than one number could be."""
    alike = defaultdict(list)
    for seen, *row in zip(released.astype(str).itertuples(index=False), whole, rest, strict=True):
        alike[tuple(seen)].append(row)
    known = {seen: rows for seen, rows in alike.items() if min(rows)[0] <= whole.max() - profile.least}
    single = [(seen, rows[0][1]) for seen, rows in known.items() if len({left for _, left in rows}) == 1]
    assert len(known) > 3
    assert [seen for seen, left in single if is_small(left, profile)] == []


@pytest.mark.parametrize("column", ["participant", "score", "minimum", "first_name", "max"])
def test_a_column_not_known_to_be_harmless_is_refused(column: str) -> None:
    frame = pd.DataFrame({"n": [20, 30], column: [3.2, 4.1]})
    with pytest.raises(DataError, match=f"column '{column}' may not leave the house"):
        release(frame, OPEN)
    with pytest.raises(DataError, match=f"column '{column}' may not leave the house"):
        release_parts(frame, [], OPEN)


@pytest.mark.parametrize("column", ["share", "floor", "ceiling"])
def test_shares_are_refused_as_they_are(column: str) -> None:
    with pytest.raises(DataError, match="release_parts"):
        release(pd.DataFrame({"n": [20], column: [0.15]}), OPEN)


def test_statistics_of_nobody_counted_are_refused() -> None:
    frame = pd.DataFrame({"scale": ["confidence"], "variance": [0.2], "boundary": [False]})
    with pytest.raises(DataError, match="people="):
        release(frame, OPEN)
    assert release(frame, OPEN, people=30)["variance"].tolist() == [0.2]
    assert release(frame, OPEN, people=7)["variance"].tolist() == [WITHHELD]


def test_statistics_whose_count_is_missing_are_withheld_and_reasons_stay() -> None:
    frame = pd.DataFrame({
        "n_participants": [None, None, 20], "estimate": [0.4, None, 0.5],
        "flag": ["", "1 participant(s); two cohorts", ""],
    })  # fmt: skip
    released = release(frame, OPEN)
    assert released["estimate"].tolist() == [WITHHELD, None, 0.5]
    assert released["flag"].tolist() == [WITHHELD, "[c] participant(s); two cohorts", ""]
    assert released["n_participants"].tolist() == [None, None, 20]


def test_a_missing_flag_stays_missing() -> None:
    released = release(pd.DataFrame({"n": [20, 3], "flag": [None, "all changes are equal"]}), OPEN)
    assert released["flag"].tolist() == [None, WITHHELD]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"frame": ["these_cohorts"], "df": [97.3]}, 95),
        ({"frame": ["future_cohorts"], "df": [97.3]}, 97.3),  # a frame that does not say how many cohorts there are
        ({"frame": ["future_cohorts"], "df": [97.3], "n_cohorts": [5]}, 95),  # more than cohorts: people
        ({"frame": ["future_cohorts"], "df": [3.7], "n_cohorts": [5]}, 3.7),
        ({"frame": ["future_cohorts"], "df": [11.0], "n_cohorts": [12]}, 11.0),
        ({"df": [16]}, 15),
        ({"df": [3.7]}, 3.7),
        ({"df": [None]}, None),
    ],
)
def test_degrees_of_freedom_that_count_people_are_rounded(frame: dict[str, list[object]], expected: object) -> None:
    table = pd.DataFrame({"n_participants": [100], **frame})
    assert release(table, OPEN)["df"].tolist() == [expected]
    assert release(table, ACRO)["df"].tolist() == frame["df"]


def test_few_who_did_not_reply_hide_what_rests_on_them() -> None:
    frame = pd.DataFrame(
        {"n_participants": [100, 100], "n_silent": [4, 30], "delta": [-1.0, -0.5], "assumed": [0.1, 0.2]}
    )
    released = release(frame, OPEN)
    assert released["delta"].tolist() == [WITHHELD, -0.5]
    assert released["assumed"].tolist() == [WITHHELD, 0.2]


@pytest.mark.parametrize(
    ("people", "answers", "hidden"),
    [(50, 100, False), (50, 97, True), (50, 103, True), (50, 75, False), (50, 50, False), (50, 61, False)],
)
def test_answers_do_not_tell_how_many_were_there_once(people: int, answers: int, hidden: bool) -> None:
    frame = pd.DataFrame({"n_participants": [people], "n_observations": [answers], "estimate": [0.1]})
    shown = release(frame, ACRO)
    assert (shown["n_observations"].tolist() == [WITHHELD]) is hidden
    assert shown["estimate"].tolist() == [0.1]


def test_answers_of_nobody_are_withheld() -> None:
    frame = pd.DataFrame({"n_participants": [0, None], "n_observations": [0, 20]})
    assert release(frame, ACRO)["n_observations"].tolist() == [WITHHELD, 20]


def test_enrolled_is_hidden_at_all_waves_where_one_tells_who_was_missing() -> None:
    frame = pd.DataFrame({
        "cohort": ["A", "A", "B", "B"], "wave": ["before", "after"] * 2, "enrolled": [40, 40, 50, 50],
        "n": [30, 38, 40, 35], "mean": [3.0, 3.1, 3.2, 3.3],
    })  # fmt: skip
    released = release(frame, ACRO)
    assert released["enrolled"].tolist() == [WITHHELD, WITHHELD, 50, 50]
    assert released["n"].tolist() == [30, 38, 40, 35]


def test_the_row_of_everybody_is_no_part() -> None:
    frame = pd.DataFrame({"cohort": ["A", "B", "C", "all", None], "n": [6, 20, 30, 56, 56], "mean": [1.0] * 5})
    assert release(frame, OPEN)["n"].tolist() == [WITHHELD, WITHHELD, 30, 55, 55]


def test_the_row_of_everybody_does_not_blur_what_the_others_add_up_to() -> None:
    frame = pd.DataFrame({"cohort": ["A", "B", "C", "all"], "answered": [8, 8, 1, 17]})  # 10 + 10 of 15: C is 1
    assert release(frame, HES)["answered"].tolist() == [WITHHELD, WITHHELD, WITHHELD, 15]


def test_changes_are_parts_of_everybody() -> None:
    frame = pd.DataFrame({"change": ["up", "down", "neither"], "n": [24, 1, 74]})
    assert release(frame, ACRO)["n"].tolist() == [WITHHELD, WITHHELD, 74]
    assert release(frame, OPEN)["n"].tolist() == [25, WITHHELD, 75]


def test_an_audience_is_not_withheld_alone() -> None:
    frame = pd.DataFrame({"audience": ["staff", "students"], "n": [60, 5], "mean": [3.0, 4.0]})
    assert release(frame, OPEN)["mean"].tolist() == [WITHHELD, WITHHELD]


def test_no_rows_are_released_as_no_rows() -> None:
    frame = pd.DataFrame(columns=["cohort", "n", "mean", "df", "flag"])
    assert len(release(frame, OPEN)) == 0
    assert list(release_parts(frame[["cohort", "n"]], [], OPEN)) == ["cohort", "n", "share"]


def test_known_columns_do_not_overlap() -> None:
    assert not PEOPLE & STATISTICS
    assert set(COUNTED) <= PEOPLE


@st.composite
def answer_tables(draw: st.DrawFn) -> pd.DataFrame:
    items, points = draw(st.integers(1, 3)), draw(st.integers(2, 5))
    counts = draw(st.lists(st.integers(0, 40), min_size=items * points, max_size=items * points))
    return pd.DataFrame({
        "item": [f"c{item}" for item in range(items) for _ in range(points)],
        "response": [*range(1, points + 1)] * items, "n": counts, "share": 0.123,
    })  # fmt: skip


@BY_PROFILE
@FEWER
@given(frame=answer_tables())
def test_shares_of_parts_are_of_released_counts(profile: Profile, frame: pd.DataFrame) -> None:
    before = frame.copy()
    released = release_parts(frame, "item", profile)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(release_parts(released, "item", profile), released)
    for item, rows in released.groupby("item"):
        hidden = find_withheld(frame.loc[frame["item"] == item, "n"].tolist(), profile)
        assert set(np.flatnonzero(rows["n"] == WITHHELD)) == hidden
        shown = [(n, share) for n, share in zip(rows["n"], rows["share"], strict=True) if n != WITHHELD]
        whole = sum(n for n, _ in shown)
        for n, share in shown:
            assert share in (WITHHELD, None) or share == pytest.approx(n / whole)
        assert (rows.loc[rows["n"] == WITHHELD, "share"] == WITHHELD).all()


def test_parts_keep_what_is_missing_and_other_columns() -> None:
    frame = pd.DataFrame({"change": ["up", "down", "cannot be said"], "n": [20, 31, None], "flag": ["", "", "why"]})
    released = release_parts(frame, [], OPEN)
    assert list(released) == ["change", "n", "share", "flag"]
    assert released["n"].tolist()[:2] == [20, 30]
    assert pd.isna(released["n"].tolist()[2])
    assert released["share"].tolist() == [0.4, 0.6, None]


def test_parts_get_shares_internally_too() -> None:
    assert release_parts(pd.DataFrame({"n": [1, 3]}), [], INTERNAL)["share"].tolist() == [0.25, 0.75]


@pytest.mark.parametrize(("whole", "count"), [("item", "n"), ([], "participants")])
def test_parts_of_a_column_that_is_not_there_are_refused(whole: list[str], count: str) -> None:
    with pytest.raises(DataError, match="there is no column"):
        release_parts(pd.DataFrame({"n": [20, 30]}), whole, OPEN, count=count)


@st.composite
def totalled_tables(draw: st.DrawFn) -> pd.DataFrame:
    """Counts of cohorts at waves, each wave with a row of all of them, in any order."""
    cohorts, waves = draw(st.integers(2, 4)), draw(st.integers(1, 2))
    counts = st.lists(st.integers(0, 30), min_size=cohorts, max_size=cohorts)
    rows = [(wave, cohort, n) for wave in ("after", "later")[:waves] for numbers in [draw(counts)]
            for cohort, n in [*zip("ABCD", numbers, strict=False), ("all", sum(numbers))]]  # fmt: skip
    frame = pd.DataFrame(draw(st.permutations(rows)), columns=["wave", "cohort", "answered"])
    return frame.assign(margin=0.5)


@BY_PROFILE
@settings(max_examples=60)
@given(frame=totalled_tables())
def test_all_is_the_sum_of_what_is_shown_of_the_parts(profile: Profile, frame: pd.DataFrame) -> None:
    before = frame.copy()
    released = release(frame, profile).assign(raw=frame["answered"])
    pd.testing.assert_frame_equal(frame, before)
    for _, rows in released.groupby("wave"):
        parts, (whole,) = rows[rows["cohort"] != "all"], rows[rows["cohort"] == "all"].to_dict("records")
        if WITHHELD not in parts["answered"].tolist():
            assert whole["answered"] in (parts["answered"].sum(), WITHHELD)
            assert whole["answered"] != WITHHELD or is_small(whole["raw"], profile)
        elif whole["answered"] != WITHHELD:
            assert abs(whole["answered"] - whole["raw"]) * 2 <= profile.base


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([18, 22, 13, 8], [20, 20, 15, 10, 65]),  # 61 would be shown as 60
        ([8, 8, 8, 8], [10, 10, 10, 10, 40]),  # 32 would be shown as 30
        ([12, 12, 12, 12], [10, 10, 10, 10, 40]),  # 48 would be shown as 50
        ([18, 22, 3, 8], [20, 20, WITHHELD, 10, 50]),  # 51; what is withheld is 1 to 7, whatever it is
        ([3, 2, 1, 1], [WITHHELD] * 5),
    ],
)
def test_people_on_a_page_add_up(counts: list[int], shown: list[object]) -> None:
    frame = pd.DataFrame({"cohort": [*"ABCD", "all"], "n": [*counts, sum(counts)]})
    assert release(frame, OPEN)["n"].tolist() == shown
    turned = release(frame.iloc[::-1], OPEN)["n"].tolist()
    assert turned == shown[::-1]


def test_a_whole_that_is_not_the_parts_together_is_rounded_by_itself() -> None:
    frame = pd.DataFrame({"cohort": ["A", "B", "all"], "n_participants": [8, 8, 33], "n_silent": [8, 8, 16]})
    assert release(frame, OPEN)["n_participants"].tolist() == [10, 10, 35]
    assert release(frame, OPEN)["n_silent"].tolist() == [10, 10, 20]
    alone = pd.DataFrame({"cohort": ["all"], "n": [33]})
    assert release(alone, OPEN)["n"].tolist() == [35]


def test_a_delta_that_was_found_does_not_part_a_table() -> None:
    frame = pd.DataFrame({
        "cohort": ["A", "B", "C", "all"], "direction": "down", "delta": [-1.5, -1.4, None, -0.3],
        "n_participants": 90, "n_silent": [13, 25, 4, 42],
    })  # fmt: skip
    assert release(frame, ACRO)["n_silent"].tolist() == [WITHHELD, 25, WITHHELD, 42]


def test_a_third_is_not_told_by_all_and_the_other_two() -> None:
    frame = pd.DataFrame({
        "label": ["lowest third", "middle third", "highest third", "all"],
        "n_participants": [28, 5, 29, 62], "mean": [2.1, 3.0, 4.2, 3.155], "estimate": [0.9, 0.5, 0.1, 0.494],
        "flag": "",
    })  # fmt: skip
    for profile in (OPEN, HES, ACRO):
        released = release(frame, profile)
        assert released["estimate"].tolist() == [WITHHELD, WITHHELD, 0.1, 0.494]
        assert released["n_participants"].tolist()[:2] == [WITHHELD, WITHHELD]
    whole = frame.assign(n_participants=[28, 12, 28, 68])
    assert release(whole, OPEN)["n_participants"].tolist() == [30, 10, 30, 70]
    assert release(whole.assign(n_participants=[28, 17, 28, 73]), OPEN)["n_participants"].tolist() == [30, 15, 30, 75]
    assert release(whole.assign(n_participants=[22, 12, 17, 51]), OPEN)["n_participants"].tolist() == [20, 10, 15, 45]
