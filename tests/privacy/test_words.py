import pytest

from coprod.privacy import PROFILES, find_profile
from coprod.privacy.words import counts_people, find_counts, release_words


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("3 people answered", [3]),
        ("Only three of the nurses came", [3]),
        ("2 newly qualified nurses", [2]),
        ("7 of 20 answered", [7, 20]),
        ("seven of 20 staff", [7, 20]),
        ("4 out of 18 at the second wave", [4, 18]),
        ("In all, 3/20 replied", [3, 20]),
        ("n = 5, N=12, n: 6", [5, 12, 6]),
        ("Answered: 6. Did not answer: 4", [6, 4]),
        ("{'answered': 3, 'n_silent': 2}", [3, 2]),
        ("5 did not reply", [5]),
        ("6 silent", [6]),
        ("1 participant(s) with scores at both", [1]),
        ("12 students were enrolled", [12]),
        ("Six questionnaires came back", [6]),
        ("n = 3.0", [3]),
        ("answered     4", [4]),
    ],
)
def test_counts_of_people_are_found(words: str, numbers: list[int]) -> None:
    assert [number for _, _, number in find_counts(words)] == numbers


@pytest.mark.parametrize(
    "words",
    [
        "5 cohorts, four of them of staff", "four staff cohorts and one student cohort", "a scale of 1 to 5",
        "on a 1-5 scale", "p = 0.03", "p = .004", "In 2017 the talk", "8 items of 3 scales", "answer 4, Agree",
        "Cohort 3 answered", "Table 2 people", "Cohort 5 students", "wave 2 staff", "2 of 5 cohorts", "3 of 8 items",
        "1 of 32 flips of sign", "rose by 0.4 points (0.1 to 0.7)", "7 people or fewer", "at least two people",
        "fewer than 8 people", "1 to 7 people", "A score of 1 cannot fall and one of 5 cannot rise",
        "6 sessions for nurses", "min_answered = 1", "mean 3.2", "5.5 points", "2 x 2 design of people", "5% of staff",
        "10 March 2017", "one person in the audience"[3:], "doi:10.1177/1745", "df = 4", "width 3, people",
        "item c1", "3 of 14 are estimated at zero", "version 2 of 2", "95% interval", "the two methods",
    ],
)  # fmt: skip
def test_other_numbers_pass(words: str) -> None:
    assert find_counts(words) == []


def test_words_are_released_as_counts_are() -> None:
    words = "3 people of cohort 2, 23 of 31 staff, five nurses; two scales"
    assert release_words(words, find_profile("opensafely")) == (
        "[c] people of cohort 2, 25 of 30 staff, [c] nurses; two scales"
    )
    assert release_words(words, find_profile("acro-10")) == (
        "[c] people of cohort 2, 23 of 31 staff, [c] nurses; two scales"
    )


@pytest.mark.parametrize("profile", [profile for profile in PROFILES.values() if not profile.person_level])
def test_released_words_have_no_small_count(profile: object) -> None:
    words = "3 people and 12 of 20 staff; n = 4"
    once = release_words(words, profile)  # type: ignore[arg-type]
    assert release_words(once, profile) == once  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["people", "participants", "staff", "silent students", "questionnaires", "replied"])
def test_units_of_people(unit: str) -> None:
    assert counts_people(unit)


@pytest.mark.parametrize("unit", ["", "points", "cohorts", "items", "people per cohort", "p"])
def test_other_units(unit: str) -> None:
    assert not counts_people(unit)
