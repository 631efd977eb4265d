"""The parameters of a notebook: read from its tagged cell without running it, checked before a kernel starts.

A parameters cell stands before the imports, so its annotations are quoted::

    base: "Literal[196, 209]" = 196  # groups the percentages are of
    level: "Annotated[float, Gt(0), Lt(1)]" = 0.95  # confidence level of the interval
"""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import TypeAdapter, ValidationError

from coprod.errors import DataError, UsageError
from coprod.reproduce.notebooks import read_source

TAG = "parameters"
VOCABULARY: dict[str, Any] = {
    "Literal": Literal, "Annotated": Annotated, "Gt": Gt, "Ge": Ge, "Lt": Lt, "Le": Le,
    "bool": bool, "float": float, "int": int, "str": str,
}  # fmt: skip
"""The words an annotation may use."""


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell.

    Attributes
    ----------
    name : str
        What ``-p name=value`` calls it.
    annotation : str
        Type and legal values, such as ``"Literal[196, 209]"``.
    default : object
        Value when none is given.
    comment : str
        What it means.
    """

    name: str
    annotation: str
    default: object
    comment: str

    def convert(self, text: str) -> object:
        """Turn a text of the command line into a value of the parameter's type.

        Raises
        ------
        UsageError
            If the text is not of the type or outside the legal values.

        Examples
        --------
        >>> Parameter("base", "Literal[196, 209]", 196, "groups").convert("209")
        209
        """
        adapter = _adapter(self.annotation)
        try:
            return adapter.validate_python(ast.literal_eval(text), strict=True)
        except (ValidationError, ValueError, SyntaxError):
            pass
        try:
            return adapter.validate_strings(text)
        except ValidationError as error:
            raise UsageError(f"{self.name}={text}: {_why(error)} ({self.annotation})") from None


def read_parameters(path: Path) -> tuple[Parameter, ...]:
    """Read the cell tagged ``parameters`` of a notebook.

    Parameters
    ----------
    path : Path
        A notebook file.

    Returns
    -------
    tuple of Parameter
        In the order of the cell; empty when the cell sets nothing.

    Raises
    ------
    DataError
        If there is no such cell, or a line of it is not ``name: "type" = value``.
    """
    sources = [cell["source"] for cell in read_source(path)["cells"] if TAG in cell["metadata"]["tags"]]
    if len(sources) != 1:
        raise DataError(
            f"{path} has {len(sources)} cells tagged {TAG!r}, expected one; "
            "tag the cell that sets its parameters (an empty one if it has none)"
        )
    try:
        lines = ast.parse(sources[0]).body
    except SyntaxError as error:
        raise DataError(f"{path}, parameters cell, line {error.lineno}: {error.msg}; mend the line") from None
    comments = _comments(sources[0])
    return tuple(_parameter(line, comments.get(line.end_lineno or 0, ""), path) for line in lines)


def _parameter(line: ast.stmt, comment: str, path: Path) -> Parameter:
    place = f"{path}, parameters cell, line {line.lineno}"
    match line:
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=ast.Constant(value=str(annotation)), value=ast.expr() as value
        ):
            pass
        case _:
            raise DataError(f'{place}: {ast.unparse(line)!r} is not of the form name: "type" = value; write it so')
    try:
        default = ast.literal_eval(value)
        return Parameter(name, annotation, _adapter(annotation).validate_python(default, strict=True), comment)
    except ValidationError as error:
        raise DataError(f"{place}: the default of {name!r} is not legal: {_why(error)} ({annotation})") from None
    except (ValueError, SyntaxError, NameError, TypeError, AttributeError) as error:
        raise DataError(f"{place}: {name!r} needs a known type and a plain value as default ({error})") from None


def _adapter(annotation: str) -> TypeAdapter[Any]:
    return TypeAdapter(eval(annotation, {"__builtins__": {}}, VOCABULARY))  # noqa: S307 - the notebook's own words


def _why(error: ValidationError) -> str:
    return "; ".join(dict.fromkeys(fault["msg"][0].lower() + fault["msg"][1:] for fault in error.errors()))


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
