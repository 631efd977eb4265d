"""Self-generated codes, linked where they are one slip apart; what chance would link by itself."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod.errors import DataError, UsageError
from coprod.training.linkage import distance_one, expect_false, link_codes, link_near
from coprod.training.study import read_study

WAVES = ["pre", "post", "later"]
short = st.text(alphabet="ABC", max_size=5)
few = st.sets(st.text(alphabet="AB1", min_size=2, max_size=4), max_size=8)


def frame(*rows: tuple[str, str, str]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["participant", "cohort", "wave"])
    return found.assign(wave=pd.Categorical(found["wave"], WAVES, ordered=True))


def measure(a: str, b: str) -> int:
    """Optimal string alignment by its recursion, as in any textbook."""
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    table[:, 0], table[0] = range(len(a) + 1), range(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            ways = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a[i - 1] != b[j - 1])]
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                ways.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(ways)
    return int(table[-1, -1])


@given(short, short)
def test_distance_one_is_that_of_optimal_string_alignment(a, b):
    assert distance_one(a, b) == (measure(a, b) == 1)


@given(short, st.data())
def test_every_single_slip_is_at_distance_one(code, data):
    place = data.draw(st.integers(0, len(code)))
    letter = data.draw(st.sampled_from("ABCX"))
    slips = [code[:place] + letter + code[place:], code[:place] + code[place + 1 :],
             code[:place] + letter + code[place + 1 :],
             code[:place] + code[place : place + 2][::-1] + code[place + 2 :]]  # fmt: skip
    for slip in slips:
        assert slip == code or distance_one(code, slip)
        assert distance_one(code, slip) == distance_one(slip, code)


@given(few, few)
def test_near_links_are_each_other_s_only_candidate(given_, wanted):
    left, right = given_ - wanted, wanted - given_
    near = {(a, b) for a in left for b in right if measure(a, b) == 1}
    only = {(a, b) for a, b in near if sum(a == c for c, _ in near) == 1 and sum(b == d for _, d in near) == 1}
    assert set(link_near(given_, wanted).items()) == only


code = st.text(alphabet="AB1", min_size=2, max_size=3)
questionnaires = st.sets(st.tuples(code, st.sampled_from("xy"), st.sampled_from(WAVES)), min_size=1, max_size=16)


@settings(max_examples=50)
@given(questionnaires, st.randoms())
def test_the_order_of_rows_does_not_matter_and_nobody_is_in_a_wave_twice(rows, random):
    ordered = sorted(rows)
    codes = frame(*[(f"{code} ({cohort})" if len({c for k, c, _ in rows if k == code}) > 1 else code, cohort, wave)
                    for code, cohort, wave in ordered])  # fmt: skip
    linked = link_codes(codes)
    places = list(range(len(codes)))
    random.shuffle(places)
    shuffled = link_codes(codes.iloc[places])
    pd.testing.assert_frame_equal(shuffled.responses.sort_index(), linked.responses)
    key = ["cohort", "wave", "code"]
    pd.testing.assert_frame_equal(
        shuffled.links.sort_values(key, ignore_index=True), linked.links.sort_values(key, ignore_index=True)
    )
    assert shuffled.expected_false == pytest.approx(linked.expected_false)
    assert not linked.responses.duplicated(["participant", "wave"]).any()
    assert (linked.responses.groupby("participant")["cohort"].nunique() == 1).all()
    first = codes["wave"] == "pre"
    pd.testing.assert_series_equal(linked.responses.loc[first, "participant"], codes.loc[first, "participant"])


def test_exact_codes_go_first_then_slips_and_never_across_cohorts():
    codes = frame(
        ("AN07", "x", "pre"), ("AN08", "x", "pre"), ("BO12", "x", "pre"), ("CE03", "y", "pre"),
        ("AN07", "x", "post"), ("OB12", "x", "post"), ("CE04", "x", "post"), ("CE3", "y", "post"),
        ("ZZ99", "y", "post"),
        ("AN08", "x", "later"), ("BO1", "x", "later"), ("BO2", "x", "later"),
    )  # fmt: skip
    linked = link_codes(codes)
    links = linked.links.fillna({"linked_to": "-"})
    table = links.set_index(["wave", "code"])[["linked_to", "how"]].apply(tuple, axis=1).to_dict()
    assert table == {
        ("post", "AN07"): ("AN07", "exact"), ("post", "OB12"): ("BO12", "distance 1"),
        ("post", "CE04"): ("-", "none"), ("post", "CE3"): ("CE03", "distance 1"), ("post", "ZZ99"): ("-", "none"),
        ("later", "AN08"): ("AN08", "exact"), ("later", "BO1"): ("-", "none"), ("later", "BO2"): ("-", "none"),
    }  # fmt: skip
    assert linked.responses["participant"].tolist() == [
        "AN07", "AN08", "BO12", "CE03", "AN07", "BO12", "CE04", "CE03", "ZZ99", "AN08", "BO1", "BO2",
    ]  # fmt: skip
    exact = link_codes(codes, "exact")
    assert set(exact.links["how"]) == {"exact", "none"}
    assert exact.responses["participant"].tolist() == codes["participant"].tolist()
    assert exact.expected_false < linked.expected_false


def test_a_code_that_two_cohorts_made_up_is_linked_without_its_cohort():
    codes = frame(("AN07 (x)", "x", "pre"), ("AN07 (y)", "y", "pre"), ("AM07", "x", "post"), ("AN07 (y)", "y", "post"))
    linked = link_codes(codes)
    assert linked.responses["participant"].tolist() == ["AN07 (x)", "AN07 (y)", "AN07 (x)", "AN07 (y)"]
    assert linked.links["how"].tolist() == ["distance 1", "exact"]


def test_people_of_two_audiences_are_two_people():
    codes = frame(("AN07", "x", "pre"), ("AM07", "x", "post")).assign(audience=["staff", "students"])
    assert link_codes(codes).responses["participant"].tolist() == ["AN07", "AM07"]
    assert link_codes(codes.assign(audience="staff")).responses["participant"].tolist() == ["AN07", "AN07"]


def test_unlinked_every_questionnaire_is_somebody_s_own():
    codes = frame(("AN07", "x", "pre"), ("AN07", "x", "post"), ("AN07", "x", "later"))
    linked = link_codes(codes, "unlinked")
    assert linked.responses["participant"].tolist() == ["AN07", "AN07 (post)", "AN07 (later)"]
    assert (len(linked.links), linked.expected_false) == (0, 0.0)
    assert list(linked.links.columns) == ["cohort", "wave", "code", "linked_to", "how"]
    assert codes["participant"].tolist() == ["AN07"] * 3


def test_a_way_of_linking_that_is_not_known_is_refused():
    with pytest.raises(UsageError, match=r"unknown way of linking 'exat'; did you mean 'exact'\?"):
        link_codes(frame(("AN07", "x", "pre")), "exat")


@pytest.mark.parametrize(("places", "digits", "before", "after"), [(3, 8, 30, 20), (4, 4, 12, 15), (8, 4, 60, 80)])
def test_the_expected_number_of_false_links_is_that_of_codes_drawn_at_random(places, digits, before, after):
    """Nobody comes back, so that every link is false; from codes that crowd to codes that are far apart."""
    rng = np.random.default_rng(20170624)
    chances = rng.dirichlet(np.full(digits, 4.0), places)
    found, expected = {"exact": 0, "default": 0}, {"exact": 0.0, "default": 0.0}
    for _ in range(80):
        codes = frame(*[(code, "x", wave) for wave, n in (("pre", before), ("post", after))
                        for code in draw(n, chances, rng)])  # fmt: skip
        for mode in found:
            linked = link_codes(codes, mode)
            found[mode] += int((linked.links["how"] != "none").sum())
            expected[mode] += linked.expected_false
    assert found["default"] > 50
    for mode, number in expected.items():  # links are counts: four times their root is four Monte-Carlo errors
        assert found[mode] == pytest.approx(number, rel=0.2, abs=4 * np.sqrt(number))


def draw(n: int, chances: np.ndarray, rng: np.random.Generator) -> list[str]:
    """Return n different codes, the characters of each place with their own chances."""
    columns = [rng.choice(len(row), 20 * n, p=row) for row in chances]
    codes = dict.fromkeys("".join(map(str, digits)) for digits in zip(*columns, strict=True))
    assert len(codes) >= n
    return list(codes)[:n]


def test_no_chance_where_nobody_is_there():
    assert expect_false([], ["AN07"]) == 0
    assert expect_false(["AN07"], ["AN07"]) == 0
    assert expect_false(["AN"], ["BO"]) == 0


def test_a_code_twice_in_a_wave_is_an_error_and_the_same_code_in_two_cohorts_is_none(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'title = "T"\n[columns]\nparticipant = "code"\ncohort = "cohort"\nwave = "time"\nwaves = ["pre", "post"]\n'
        'codes = "self-generated"\n[[scale]]\nname = "s"\nitems = ["q"]\nminimum = 1\nmaximum = 5\n'
        '[analysis]\nprimary_scale = "s"\nprimary_wave = "post"\n', encoding="utf-8",
    )  # fmt: skip
    rows = "code,cohort,time,q\nAN07,x,pre,1\nan07,y,pre,2\nAM07,x,post,3\nan-07,y,post,4\n"
    data = tmp_path / "answers.csv"
    data.write_text(rows, encoding="utf-8")
    study = read_study(data, plan)
    assert study.responses["participant"].tolist() == ["AN07 (x)", "AN07 (x)", "AN07 (y)", "AN07 (y)"]
    data.write_text(rows + "am 07,x,post,5\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"row 4: participant 'AM07' is there 2 times at wave 'post' \(rows 4 and 6\)"):
        read_study(data, plan)
