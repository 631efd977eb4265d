import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import CoprodError, DataError, EnvironmentProblem, UsageError, suggest


def test_each_error_has_an_exit_code_of_its_own() -> None:
    codes = [kind.exit_code for kind in (CoprodError, UsageError, DataError, EnvironmentProblem)]
    assert codes == [1, 2, 4, 5]
    assert all(issubclass(kind, CoprodError) for kind in (UsageError, DataError, EnvironmentProblem))


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("scenaro", ["base", "scenario"], "did you mean 'scenario'?"),
        ("level", ["levels", "lever"], "did you mean 'levels'?"),
        ("zzz", ["base", "level"], "known are: base, level"),
        ("zzz", [], "known are: none"),
    ],
)
def test_the_nearest_word_is_suggested(word: str, known: list[str], said: str) -> None:
    assert suggest(word, known) == said


@given(st.text(min_size=1), st.lists(st.text(), max_size=4))
def test_a_known_word_is_always_its_own_suggestion(word: str, others: list[str]) -> None:
    assert suggest(word, [*others, word]) == f"did you mean {word!r}?"
