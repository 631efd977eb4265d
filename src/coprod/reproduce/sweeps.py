"""Which runs a command asks for: each notebook with each combination of the values given, known before any kernel."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coprod.errors import UsageError, suggest
from coprod.reproduce.fingerprint import place_of_run
from coprod.reproduce.folders import replace_tree
from coprod.reproduce.notebooks import Notebook

if TYPE_CHECKING:
    from coprod.reproduce.parameters import Parameter

COLUMNS = ("id", "value", "unit", "title", "synthetic")
"""Of the table of several runs, after the parameters that vary."""
Given = Mapping[str, Sequence[str]]
"""Texts given for each parameter; with more than one, a run for each."""


class Member(NamedTuple):
    """One run.

    Attributes
    ----------
    notebook : Notebook
        What to run.
    parameters : dict
        Its values that are not defaults.
    """

    notebook: Notebook
    parameters: dict[str, object]

    @property
    def label(self) -> str:
        """The notebook's name, and the values that are not its defaults."""
        return label(self.notebook.name, self.parameters)


def label(name: str, parameters: Mapping[str, object]) -> str:
    """Name a run for a reader.

    Examples
    --------
    >>> label("03_commissioning", {"base": 209})
    '03_commissioning base=209'
    """
    return " ".join([name, *(f"{parameter}={value}" for parameter, value in parameters.items())])


def split_assignments(texts: Iterable[str]) -> dict[str, list[str]]:
    """Split ``name=value`` texts of the command line; a name that is repeated gets several values.

    Raises
    ------
    UsageError
        If one has no ``=``.

    Examples
    --------
    >>> split_assignments(["base=196", "rule=nearest", "base=209"])
    {'base': ['196', '209'], 'rule': ['nearest']}
    """
    given: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals):
            raise UsageError(f"parameter {text!r} is not of the form name=value; write, say, -p base=209")
        given.setdefault(name, []).append(value)
    return given


def read_given(path: Path) -> dict[str, list[str]]:
    """Read parameters from a YAML or JSON file: names, each with a value or a list of values.

    Raises
    ------
    UsageError
        If the file cannot be read, or is not such a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            content = json.loads(text)
        else:
            import yaml  # noqa: PLC0415 - only a file needs it

            try:
                content = yaml.safe_load(text)
            except yaml.YAMLError as error:
                raise ValueError(" ".join(str(error).split())) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the parameters in {path}: {error}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no names with values; write lines such as 'base: [196, 209]'")
    given = {str(name): value if isinstance(value, list) else [value] for name, value in content.items()}
    if nameless := [name for name, values in given.items() if not values]:
        raise UsageError(f"{path}: {nameless[0]!r} has an empty list; give it a value, or leave it out")
    return {name: [repr(value) for value in values] for name, values in given.items()}


def settle(notebooks: Sequence[Notebook], given: Given) -> list[Member]:
    """Decide, before any kernel starts, with which values each notebook runs.

    A text that is no legal value as a whole but has commas stands for several values.

    Parameters
    ----------
    notebooks : sequence of Notebook
        The notebooks about to run.
    given : mapping
        Parameter name to texts. Each goes to the notebooks that have it.

    Returns
    -------
    list of Member
        Notebook by notebook, each combination of values once.

    Raises
    ------
    UsageError
        If no notebook has a parameter of that name, or a value is not legal.
    """
    from coprod.reproduce.parameters import read_parameters  # noqa: PLC0415 - a run without parameters needs no Pydantic

    read = {notebook.name: read_parameters(notebook.path) for notebook in notebooks}
    known = list(dict.fromkeys(parameter.name for parameters in read.values() for parameter in parameters))
    for name in given:
        if name not in known:
            raise UsageError(f"unknown parameter {name!r} for {', '.join(read)}; {suggest(name, known)}")
    members: list[Member] = []
    for notebook in notebooks:
        varied = [parameter for parameter in read[notebook.name] if parameter.name in given]
        for values in product(*(_values(parameter, given[parameter.name]) for parameter in varied)):
            pairs = zip(varied, values, strict=True)
            member = Member(notebook, {p.name: value for p, value in pairs if value != p.default})
            if member not in members:
                members.append(member)
    return members


def settle_one(notebook: Notebook, given: Given) -> Member:
    """Decide with which values one notebook runs, where only one run is meant.

    Raises
    ------
    UsageError
        As :func:`settle`, and if the values make more than one run.
    """
    first, *others = settle([notebook], given)
    if others:
        named = ", ".join(member.label for member in (first, *others[:2]))
        raise UsageError(f"this is about one run, and the values make {len(others) + 1} ({named}); give one of each")
    return first


def write_sweeps(members: Sequence[Member], reports: Path) -> list[Path]:
    """Write the values of each notebook's runs side by side, where there are several: ``runs/NOTEBOOK.csv``.

    A row for each run and value: the parameters that vary, then ``id, value, unit, title, synthetic``. A run that has
    not ended well has no rows.

    Parameters
    ----------
    members : sequence of Member
        The runs of one command.
    reports : Path
        The project's reports folder.

    Returns
    -------
    list of Path
        The files written.
    """
    written = []
    for name in dict.fromkeys(member.notebook.name for member in members):
        runs = [member for member in members if member.notebook.name == name]
        if len(runs) > 1:
            from coprod.reproduce.parameters import read_parameters  # noqa: PLC0415

            ordered = (parameter.name for parameter in read_parameters(runs[0].notebook.path))
            varied = [parameter for parameter in ordered if any(parameter in run.parameters for run in runs)]
            rows = [row for run in runs for row in _rows(run, varied, reports)]
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([[*varied, *COLUMNS], *rows])
            replace_tree(reports / "runs", {f"{name}.csv": text.getvalue()}, [f"{name}.csv"])
            written.append(reports / "runs" / f"{name}.csv")
    return written


def _rows(member: Member, varied: Sequence[str], reports: Path) -> Iterator[list[object]]:
    from coprod.reproduce.collect import plain_cell  # noqa: PLC0415 - imports pandas
    from coprod.reproduce.parameters import read_parameters  # noqa: PLC0415

    place = place_of_run(member.notebook.name, member.parameters, reports)
    values = {p.name: p.default for p in read_parameters(member.notebook.path)} | member.parameters
    path = place / "values.json"
    entries = json.loads(path.read_text(encoding="utf-8"))["values"] if path.exists() else []
    for entry in entries:
        if entry["notebook"] == member.notebook.name:
            yield [
                plain_cell(cell) for cell in (*(values[name] for name in varied), *(entry[name] for name in COLUMNS))
            ]


def _values(parameter: Parameter, texts: Sequence[str]) -> list[object]:
    values: list[object] = []
    for text in texts:
        try:
            values.append(parameter.convert(text))
        except UsageError:
            if "," not in text:
                raise
            values += [parameter.convert(part.strip()) for part in text.split(",")]
    return values
