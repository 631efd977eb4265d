from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import DataError, UsageError
from coprod.reproduce.parameters import Parameter, read_parameters

CELL = """
# What a reader may change.
base: "Literal[196, 209]" = 196  # groups the percentages are of
level: "Annotated[float, Gt(0), Lt(1)]" = 0.95  # confidence level # of the interval
rule: "str | None" = None
exact: "bool" = True  # no approximation
"""


def parameter(annotation: str) -> Parameter:
    return Parameter("x", annotation, None, "")


def test_the_cell_is_read_without_being_run(tmp_path: Path, write_notebook: Callable[..., Path]) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "raise SystemExit", parameters=CELL)
    base, level, rule, exact = read_parameters(path)
    assert base == Parameter("base", "Literal[196, 209]", 196, "groups the percentages are of")
    assert (level.default, level.comment) == (0.95, "confidence level # of the interval")
    assert (rule.default, rule.comment, exact.default) == (None, "", True)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (None, "has 0 cells tagged 'parameters', expected one"),
        ("base = 196", "line 1: 'base = 196' is not of the form"),
        ("import os", "is not of the form"),
        ('base: "int"', "is not of the form"),
        ("base: int = 1", "is not of the form"),
        ('\nbase: "int" = "x"', "line 2: the default of 'base' is not legal: input should be a valid integer"),
        ('base: "Literal[1]" = 2', "the default of 'base' is not legal: input should be 1"),
        ('base: "Path" = 2', "'base' needs a known type and a plain value"),
        ('base: "int" = 1 + x', "'base' needs a known type and a plain value"),
        ('base: "int | 3" = 1', "'base' needs a known type and a plain value"),
        ("base: \"__import__('os').getpid()\" = 1", "'base' needs a known type and a plain value"),
        ('base: "int" = ', "parameters cell, line 1: invalid syntax"),
    ],
)
def test_a_faulty_cell_is_named_with_its_line(
    tmp_path: Path, write_notebook: Callable[..., Path], cell: str | None, message: str
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", parameters=cell)
    with pytest.raises(DataError, match="x.ipynb") as caught:
        read_parameters(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("Literal[196, 209]", "209", 209),
        ("Literal['nearest', 'ceiling']", "ceiling", "ceiling"),
        ("Annotated[float, Gt(0), Lt(1)]", "0.9", 0.9),
        ("Annotated[int, Ge(1), Le(3)]", "3", 3),
        ("float", "1", 1.0),
        ("bool", "true", True),
        ("bool", "False", False),
        ("str", "2012", "2012"),
        ("str", "a=b, c", "a=b, c"),
        ("int | None", "None", None),
    ],
)
def test_text_becomes_the_declared_type(annotation: str, text: str, value: object) -> None:
    converted = parameter(annotation).convert(text)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "why"),
    [
        ("Literal[196, 209]", "200", "input should be 196 or 209"),
        ("Annotated[float, Gt(0), Lt(1)]", "1", "input should be less than 1"),
        ("Annotated[int, Ge(1), Le(3)]", "0", "greater than or equal to 1"),
        ("Annotated[int, Ge(1), Le(3)]", "4", "less than or equal to 3"),
        ("int", "3.5", "valid integer"),
        ("int", "", "valid integer"),
        ("bool", "perhaps", "valid boolean"),
    ],
)
def test_an_illegal_value_is_named_with_what_is_legal(annotation: str, text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        parameter(annotation).convert(text)
    assert str(caught.value).startswith(f"x={text}: ")
    assert why in str(caught.value)
    assert str(caught.value).endswith(f"({annotation})")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_survives_being_written_and_read(number: float) -> None:
    assert parameter("float").convert(repr(number)) == number
