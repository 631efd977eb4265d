import pytest

from coprod.errors import UsageError
from coprod.privacy import PROFILES, find_profile


@pytest.mark.parametrize(
    ("name", "least", "base", "zero"),
    [("opensafely", 8, 5, False), ("nhs-hes", 8, 5, True), ("acro-10", 10, 1, False)],
)
def test_profiles_hold_the_numbers_of_their_sources(name: str, least: int, base: int, zero: bool) -> None:
    profile = find_profile(name)
    assert (profile.least, profile.base, profile.zero, profile.person_level) == (least, base, zero, False)
    assert str(least - 1) in profile.words
    assert name in profile.words


def test_internal_withholds_nothing() -> None:
    assert find_profile("internal").person_level
    assert [name for name, profile in PROFILES.items() if profile.person_level] == ["internal"]


def test_an_unknown_profile_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="opensafely"):
        find_profile("open-safely")
