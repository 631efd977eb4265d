"""The protocol: what will be measured and analysed, written down before the data are seen."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coprod.errors import DataError, suggest
from coprod.training.scoring import Scale

Name = Annotated[str, Field(min_length=1)]
Layout = Literal["auto", "plain", "qualtrics", "microsoft-forms", "jisc", "redcap", "surveymonkey"]
ProfileName = Literal["opensafely", "nhs-hes", "acro-10", "internal"]
DIGITS = 12
"""Characters of the hash that are shown; the whole of it stands in protocol.json."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Columns(_Section):
    """Names in the user's file.

    Attributes
    ----------
    participant, cohort : str
        Columns with the participant's code and the cohort.
    waves : tuple of str
        The waves in their order, as the file names them; the first is the baseline.
    wave : str, optional
        Column with the wave, where rows are waves.
    wide : str, optional
        How columns are named where all waves of a participant stand in one row, such as ``"{item}_{wave}"``.
    audience : str, optional
        Column with the audience, such as staff or students.
    item, response : str, optional
        Columns with the item and the answer, where every answer has a row of its own.
    cohorts : tuple of str, optional
        The cohorts that took part, in the order wanted; any other is refused.
    codes : {"assigned", "self-generated"}
        Whether participants made up their codes themselves, so that a slip of the pen has to be allowed for.
    """

    participant: Name
    cohort: Name
    waves: Annotated[tuple[Name, ...], Field(min_length=2, max_length=10)]
    wave: Name | None = None
    wide: Name | None = None
    audience: Name | None = None
    item: Name | None = None
    response: Name | None = None
    cohorts: tuple[Name, ...] | None = None
    codes: Literal["assigned", "self-generated"] = "assigned"

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if (self.wave is None) == (self.wide is None):
            raise ValueError("give either wave (a column that names the wave) or wide (such as '{item}_{wave}')")
        if self.wide and not ("{item}" in self.wide and "{wave}" in self.wide):
            raise ValueError(f"wide {self.wide!r} has no {{item}} or no {{wave}}; write, say, '{{item}}_{{wave}}'")
        if (self.item is None) != (self.response is None) or (self.item and self.wide):
            raise ValueError("item and response go together, and not with wide; give both or neither")
        _refuse_twice("waves", self.waves)
        _refuse_twice("cohorts", self.cohorts or ())
        named = [n for n in (self.participant, self.cohort, self.wave, self.audience, self.item, self.response) if n]
        _refuse_twice("column names", named)
        return self


class ScaleEntry(_Section):
    """A scale as the protocol gives it; :meth:`scale` is how it is scored.

    Attributes
    ----------
    name : str
        Name of the scale.
    items : tuple of str
        Columns (or items of a long file) with its answers.
    column : str, optional
        In place of items, a score computed elsewhere.
    labels : mapping
        Words in the file and the number each stands for; case and space are folded.
    wording : mapping
        Items and the question as it was asked, for figures.
    better : {"higher", "lower"}
        Which direction is hoped for.
    """

    name: Name
    minimum: float
    maximum: float
    items: tuple[Name, ...] = ()
    column: Name | None = None
    reverse: tuple[Name, ...] = ()
    score: Literal["mean", "sum"] = "mean"
    min_answered: Annotated[float, Field(gt=0, le=1)] = 0.8
    better: Literal["higher", "lower"] = "higher"
    labels: dict[str, float] = {}
    wording: dict[str, str] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.items) == bool(self.column):
            raise ValueError("give either items (a list) or column (a score computed elsewhere)")
        _refuse_twice("items", self.items)
        for key, words in (("reverse", self.reverse), ("wording", self.wording)):
            for word in words:
                if word not in self.answers:
                    raise ValueError(f"{key} names {word!r}, which is not an item; {suggest(word, self.answers)}")
        if not self.minimum < self.maximum:
            raise ValueError(
                f"minimum {self.minimum:g} is not below maximum {self.maximum:g}; exchange or correct them"
            )
        for label, number in self.labels.items():
            if not self.minimum <= number <= self.maximum:
                raise ValueError(f"label {label!r} stands for {number:g}, outside {self.minimum:g}-{self.maximum:g}")
        _refuse_twice("labels (case and space folded)", [fold(label) for label in self.labels])
        return self

    @property
    def answers(self) -> tuple[str, ...]:
        """The items, or the one column that holds the score."""
        return self.items or ((self.column,) if self.column else ())

    @property
    def scale(self) -> Scale:
        """How answers become a score."""
        keys = ("name", "minimum", "maximum", "reverse", "score", "min_answered")
        return Scale(items=self.answers, **{key: getattr(self, key) for key in keys})

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest score there can be."""
        times = len(self.answers) if self.score == "sum" else 1
        return self.minimum * times, self.maximum * times


class Analysis(_Section):
    """What is asked first, and how surely.

    Attributes
    ----------
    primary_scale, primary_wave : str
        The one scale and wave that the conclusion rests on.
    level : float
        Confidence level.
    seed : int
        For whatever is drawn at random.
    margin : float, optional
        Points by which the change at a later wave may differ from that at the primary wave and still count as kept.
    staff : tuple of str
        Audiences that are staff; without it all are taken together.
    imputations : int
        Number of imputed data sets.
    """

    primary_scale: Name
    primary_wave: Name
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    seed: Annotated[int, Field(ge=0)] = 2017
    margin: Annotated[float, Field(gt=0)] | None = None
    staff: tuple[Name, ...] = ()
    imputations: Annotated[int, Field(ge=5, le=1000)] = 50


class Privacy(_Section):
    """Which rules the output keeps."""

    profile: ProfileName = "opensafely"


class File(_Section):
    """How the file is laid out: by whom it was exported, and the sheet of a workbook."""

    layout: Layout = "auto"
    sheet: Name | None = None


class Protocol(_Section):
    """A whole protocol.

    Attributes
    ----------
    title : str
        Name of the training.
    columns, scale, analysis, privacy, file
        The sections.
    synthetic : bool
        Whether the data are made up; every result is then marked so.
    """

    title: Name
    columns: Columns
    scale: tuple[ScaleEntry, ...]
    analysis: Analysis
    privacy: Privacy = Privacy()
    file: File = File()
    synthetic: bool = False
    hash: Annotated[str, Field(exclude=True)] = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [scale.name for scale in self.scale]
        if not names:
            raise ValueError("no scale; add a [[scale]] with name, items, minimum and maximum")
        _refuse_twice("scale names", names)
        if self.analysis.primary_scale not in names:
            known = suggest(self.analysis.primary_scale, names)
            raise ValueError(f"analysis.primary_scale {self.analysis.primary_scale!r} is not a scale; {known}")
        later = self.columns.waves[1:]
        if self.analysis.primary_wave not in later:
            known = suggest(self.analysis.primary_wave, later)
            raise ValueError(f"analysis.primary_wave {self.analysis.primary_wave!r} is not a later wave; {known}")
        if self.analysis.staff and not self.columns.audience:
            raise ValueError("analysis.staff names audiences, and columns.audience is not given; add it")
        return self

    @property
    def baseline(self) -> str:
        """The first wave."""
        return self.columns.waves[0]

    @property
    def primary(self) -> ScaleEntry:
        """The scale that the conclusion rests on."""
        return self.find_scale(self.analysis.primary_scale)

    @property
    def short_hash(self) -> str:
        """The first characters of the hash, to print."""
        return self.hash[:DIGITS]

    def find_scale(self, name: str) -> ScaleEntry:
        """Return the scale of that name, or raise DataError with the nearest one."""
        for scale in self.scale:
            if scale.name == name:
                return scale
        raise DataError(f"the protocol has no scale {name!r}; {suggest(name, [scale.name for scale in self.scale])}")

    def to_json(self) -> dict[str, Any]:
        """Return the protocol as read, with the hash of its file."""
        return {"sha256": self.hash, **self.model_dump(mode="json")}


def parse_protocol(content: bytes, place: str = "protocol.toml") -> Protocol:
    """Read a protocol, or say all that is wrong with it.

    Parameters
    ----------
    content : bytes
        The TOML file.
    place : str
        What errors call it.

    Returns
    -------
    Protocol
        Its ``hash`` is the SHA-256 of the bytes, as ``sha256sum`` prints it.

    Raises
    ------
    DataError
        One error with every key that is wrong, and the mend.
    """
    try:
        read = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{place} is not TOML ({error}); mend that line") from None
    if "hash" in read:
        raise DataError(f"{place}, hash: no such key; the hash is computed, remove the line")
    try:
        protocol = Protocol.model_validate(read)
    except ValidationError as error:
        faults = list(_say(error, place))
        raise DataError("\n".join(["the protocol cannot be used:", *(f"  {fault}" for fault in faults)])) from None
    return protocol.model_copy(update={"hash": hashlib.sha256(content).hexdigest()})


def fold(words: object) -> str:
    """Return words as labels are compared: small letters, single spaces.

    Examples
    --------
    >>> fold("  Strongly   AGREE ")
    'strongly agree'
    """
    return " ".join(str(words).split()).casefold()


def _say(error: ValidationError, place: str) -> Iterator[str]:
    """Put each of Pydantic's faults into words: the key, what is wrong, the mend."""
    for fault in error.errors():
        key = _key(fault["loc"])
        where = f"{place}, {key}" if key else place
        match fault["type"]:
            case "missing":
                yield f"{where}: the key is missing; add it"
            case "extra_forbidden":
                yield f"{where}: no such key; {suggest(str(fault['loc'][-1]), _known_keys(fault['loc']))}"
            case "value_error":
                yield f"{where}: {fault['ctx']['error']}"
            case _:
                message = fault["msg"][0].lower() + fault["msg"][1:]
                yield f"{where}: {fault['input']!r}: {message}; correct it"


def _key(location: tuple[int | str, ...]) -> str:
    """Write a place as in TOML: ``scale[2].minimum`` is in the second table [[scale]]."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    sections: dict[object, type[BaseModel]] = {
        "columns": Columns, "scale": ScaleEntry, "analysis": Analysis, "privacy": Privacy, "file": File,
    }  # fmt: skip
    model = sections[location[0]] if len(location) > 1 else Protocol
    return [name for name in model.model_fields if name != "hash"]


def _refuse_twice(what: str, words: Any) -> None:
    listed = list(words)
    for word in listed:
        if listed.count(word) > 1:
            raise ValueError(f"{what}: {word!r} is there twice; remove one")
