"""The sections of a protocol: columns, scales, analysis, privacy and file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from coprod.errors import suggest
from coprod.privacy import ProfileName
from coprod.training.scoring import Scale

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Number = Annotated[float, Field(strict=True)]
Enrolled = Annotated[int, Field(ge=1, lt=10**9, strict=True)]
Layout = Literal["auto", "plain", "qualtrics", "microsoft-forms", "jisc", "redcap", "surveymonkey"]


class Section(BaseModel):
    """Keys of a protocol; those it does not know are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Columns(Section):
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
    covariates : tuple of str
        Columns with what is known of a participant, such as an age band or a profession.
    missing : tuple of str
        What stands in a cell for no answer, such as "Prefer not to say" or "-99"; case and space are folded.
    """

    participant: Name
    cohort: Name
    waves: Annotated[tuple[Name, ...], Field(min_length=2, max_length=10)]
    wave: Name | None = None
    wide: Name | None = None
    audience: Name | None = None
    item: Name | None = None
    response: Name | None = None
    cohorts: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    codes: Literal["assigned", "self-generated"] = "assigned"
    covariates: tuple[Name, ...] = ()
    missing: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if (self.wave is None) == (self.wide is None):
            raise ValueError("give either wave (a column that names the wave) or wide (such as '{item}_{wave}')")
        if self.wide and not ("{item}" in self.wide and "{wave}" in self.wide):
            raise ValueError(f"wide {self.wide!r} has no {{item}} or no {{wave}}; write, say, '{{item}}_{{wave}}'")
        if (self.item is None) != (self.response is None) or (self.item and self.wide):
            raise ValueError("item and response go together, and not with wide; give both or neither")
        refuse_twice("waves (case and space folded)", map(fold, self.waves))
        refuse_twice("cohorts (case and space folded)", map(fold, self.cohorts or ()))
        refuse_twice("column names", self.named)
        return self

    @property
    def keys(self) -> dict[str, str]:
        """The columns that say who answered when: ``participant, cohort, audience, wave``, those that are given."""
        given = {key: getattr(self, key) for key in ("participant", "cohort", "audience", "wave")}
        return {key: column for key, column in given.items() if column}

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that is named here."""
        return (*self.keys.values(), *(name for name in (self.item, self.response) if name), *self.covariates)

    def name_answer(self, item: str, wave: str) -> str:
        """Name the column of an item, at a wave where each has a column of its own.

        Examples
        --------
        >>> Columns(participant="id", cohort="c", waves=("pre", "post"), wide="{wave}.{item}").name_answer("q1", "pre")
        'pre.q1'
        """
        return self.wide.replace("{item}", item).replace("{wave}", wave) if self.wide else item


class ScaleEntry(Section):
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
        Items and the question as it was asked: for figures, and to find columns that are named by their question.
    better : {"higher", "lower"}
        Which direction is hoped for.
    """

    name: Name
    minimum: Number
    maximum: Number
    items: tuple[Name, ...] = ()
    column: Name | None = None
    reverse: tuple[Name, ...] = ()
    score: Literal["mean", "sum"] = "mean"
    min_answered: Annotated[Number, Field(gt=0, le=1)] = 0.8
    better: Literal["higher", "lower"] = "higher"
    labels: dict[str, Number] = {}
    wording: dict[str, str] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.items) == bool(self.column):
            raise ValueError("give either items (a list) or column (a score computed elsewhere)")
        refuse_twice("items", self.items)
        for key, words in (("reverse", self.reverse), ("wording", self.wording)):
            for word in words:
                if word not in self.answers:
                    raise ValueError(f"{key} names {word!r}, which is not an item; {suggest(word, self.answers)}")
        limits = f"{self.minimum:g} to {self.maximum:g}"
        if not self.minimum < self.maximum:
            raise ValueError(f"the range {limits} is empty; minimum has to be below maximum")
        for label, number in self.labels.items():
            if not self.minimum <= number <= self.maximum:
                raise ValueError(f"label {label!r} stands for {number:g}, outside {limits}; correct one of them")
        refuse_twice("labels (case and space folded)", map(fold, self.labels))
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


class Analysis(Section):
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
    level: Annotated[Number, Field(gt=0.5, lt=1)] = 0.95
    seed: Annotated[int, Field(ge=0, strict=True)] = 2017
    margin: Annotated[Number, Field(gt=0)] | None = None
    staff: tuple[Name, ...] = ()
    imputations: Annotated[int, Field(ge=5, le=1000, strict=True)] = 50

    @model_validator(mode="after")
    def _apart(self) -> Self:
        refuse_twice("staff (case and space folded)", map(fold, self.staff))
        return self


class Privacy(Section):
    """Which rules the output keeps."""

    profile: ProfileName = "opensafely"


class File(Section):
    """How the file is laid out: by whom it was exported, and the sheet of a workbook."""

    layout: Layout = "auto"
    sheet: Name | None = None


def fold(words: object) -> str:
    """Return words as labels are compared: small letters, single spaces.

    Examples
    --------
    >>> fold("  Strongly   AGREE ")
    'strongly agree'
    """
    return " ".join(str(words).split()).casefold()


def refuse_twice(what: str, words: Iterable[str]) -> None:
    """Raise ValueError where a word is there twice."""
    listed = list(words)
    for word in listed:
        if listed.count(word) > 1:
            raise ValueError(f"{what}: {word!r} is there twice; remove one")
