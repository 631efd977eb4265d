"""The protocol: what will be measured and analysed, written down before the data are seen."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from coprod.errors import DataError, suggest
from coprod.privacy import WITHHELD, find_profile
from coprod.training.sections import (
    Analysis,
    Columns,
    Enrolled,
    File,
    Name,
    Privacy,
    ScaleEntry,
    Section,
    fold,
    refuse_twice,
)

__all__ = ["DIGITS", "Analysis", "Columns", "File", "Privacy", "Protocol", "ScaleEntry", "fold", "parse_protocol"]

DIGITS = 12
"""Characters of the hash that are shown; the whole of it stands in protocol.json."""


class Protocol(Section):
    """A whole protocol.

    Attributes
    ----------
    title : str
        Name of the training.
    columns, scale, analysis, privacy, file
        The sections.
    enrolled : mapping, optional
        How many people were enrolled in each cohort, whether they answered or not; without it whoever answered at
        least once counts as enrolled.
    synthetic : bool
        Whether the data are made up; every result is then marked so.
    hash : str
        SHA-256 of the file's bytes, as ``sha256sum`` prints it; empty where there was no file.
    """

    title: Name
    columns: Columns
    scale: tuple[ScaleEntry, ...]
    analysis: Analysis
    privacy: Privacy = Privacy()
    file: File = File()
    enrolled: Annotated[dict[Name, Enrolled], Field(min_length=1)] | None = None
    synthetic: Annotated[bool, Field(strict=True)] = False
    hash: Annotated[str, Field(exclude=True)] = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [scale.name for scale in self.scale]
        if not names:
            raise ValueError("no scale; add a [[scale]] with name, items, minimum and maximum")
        refuse_twice("scale names", names)
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

    @model_validator(mode="after")
    def _items_apart(self) -> Self:
        """Let two scales share an item that they read alike, and no item be a column with another task."""
        for scale in self.scale:
            for item in scale.answers:
                if item in self.columns.named:
                    raise ValueError(f"item {item!r} of scale {scale.name!r} is named in columns too; rename one")
                first = self.items[item]
                if (first.minimum, first.maximum, first.labels) != (scale.minimum, scale.maximum, scale.labels):
                    raise ValueError(
                        f"item {item!r} is in the scales {first.name!r} and {scale.name!r}, with another range or "
                        "other labels; make them the same"
                    )
        return self

    @model_validator(mode="after")
    def _cohorts_known(self) -> Self:
        """Let numbers enrolled be of the cohorts that took part, where these are named."""
        named, known = [*(self.enrolled or {})], self.columns.cohorts
        refuse_twice("enrolled (case and space folded)", map(fold, named))
        for cohort in named if known else ():
            if fold(cohort) not in map(fold, known or ()):
                mend = suggest(cohort, known or ())
                raise ValueError(f"enrolled names {cohort!r}, which is not in columns.cohorts; {mend}")
        return self

    @property
    def items(self) -> dict[str, ScaleEntry]:
        """Every item, and the first scale that it belongs to."""
        found: dict[str, ScaleEntry] = {}
        for scale in self.scale:
            for item in scale.answers:
                found.setdefault(item, scale)
        return found

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
        """Return the protocol as read, with the hash of its file: what ``protocol.json`` holds.

        Numbers enrolled stand in it only where single people may be shown: beside the counts of those who answered
        they could tell how few did not.
        """
        read = self.model_dump(mode="json", exclude=None if self.enrolled else {"enrolled"})
        if self.enrolled and not find_profile(self.privacy.profile).person_level:
            read["enrolled"] = dict.fromkeys(self.enrolled, WITHHELD)
        return {"sha256": self.hash, **read}


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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{place} is not TOML ({error}); mend that line") from None
    if "hash" in read:
        raise DataError(f"{place}, hash: no such key; the hash is computed, remove the line")
    try:
        protocol = Protocol.model_validate(read)
    except ValidationError as error:
        faults = list(dict.fromkeys(_say(error, place)))
        raise DataError("\n".join(["the protocol cannot be used:", *(f"  {fault}" for fault in faults)])) from None
    return protocol.model_copy(update={"hash": hashlib.sha256(content).hexdigest()})


TABLES = {
    "columns": "[columns]",
    "scale": "[[scale]]",
    "analysis": "[analysis]",
    "privacy": "[privacy]",
    "file": "[file]",
    "enrolled": "[enrolled]",
}
KINDS = {
    "string_type": "words in quotation marks",
    "tuple_type": "a list in square brackets",
    "bool_type": "true or false",
    "float_type": "a number",
    "int_type": "a whole number",
    "finite_number": "a number",
    "dict_type": "a table, such as { Agree = 4 }",
}
"""What was wanted, for each of Pydantic's faults of kind."""


def _say(error: ValidationError, place: str) -> Iterator[str]:
    """Put each of Pydantic's faults into words: the key, what is wrong, the mend."""
    for fault in error.errors():
        location = fault["loc"]
        where = f"{place}, {_key(location)}" if location else place
        match fault["type"]:
            case "missing":
                yield f"{where}: the {'section' if location[-1] in TABLES else 'key'} is missing; add it"
            case "extra_forbidden":
                yield f"{where}: no such key; {suggest(str(location[-1]), _known_keys(location))}"
            case "value_error":
                yield f"{where}: {fault['ctx']['error']}"
            case "model_type":
                yield f"{where}: this is a section; write {TABLES.get(str(location[-1]), '[[scale]]')} above its keys"
            case "too_short":
                yield f"{where}: {fault['input']!r} is too short; name at least {fault['ctx']['min_length']}"
            case "too_long":
                yield f"{where}: the list is too long; name at most {fault['ctx']['max_length']}"
            case kind if kind in KINDS:
                wanted = "[[scale]] above its keys" if location == ("scale",) else KINDS[kind]
                yield f"{where}: {fault['input']!r} is of the wrong kind; write {wanted}"
            case _:
                wanted = fault["msg"].removeprefix("Input ").replace("String should", "should")
                yield f"{where}: {fault['input']!r} {wanted[0].lower()}{wanted[1:]}; correct it"


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
