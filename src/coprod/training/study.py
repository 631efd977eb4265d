"""A training as it was asked about: its protocol and the answers that came back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from coprod.data import project_home, read_bytes, read_sheet
from coprod.errors import DataError, UsageError, suggest
from coprod.privacy import Profile, find_profile
from coprod.training.covariates import link_covariates
from coprod.training.enrolment import match_enrolled
from coprod.training.intake import Intake, tidy_responses
from coprod.training.linkage import Linkage, Mode, link_codes
from coprod.training.protocol import Protocol, ScaleEntry, parse_protocol
from coprod.training.scoring import answer_matrix, score_matrix
from coprod.training.sections import fold

EXAMPLE = "example"
"""In place of a file: the worked example, which is synthetic."""
EXAMPLE_FILES = ("synthetic_responses.csv", "protocol.toml")


@dataclass(frozen=True, eq=False)
class Study:
    """Everything an evaluation starts from.

    Attributes
    ----------
    protocol : Protocol
        What was planned.
    intake : Intake
        The answers as read, and what was left out on reading.
    name : str
        Name of the file they came from.
    mode : {"default", "exact", "unlinked"}
        How self-generated codes are linked.
    """

    protocol: Protocol
    intake: Intake
    name: str
    mode: Mode = "default"

    @cached_property
    def _linked(self) -> Linkage | None:
        if self.protocol.columns.codes == "assigned" and self.mode != "unlinked":
            return None
        return link_codes(self.intake.responses, self.mode)

    @property
    def linkage(self) -> Linkage | None:
        """How codes were linked; None where codes were assigned and are taken as they are."""
        return self._linked

    @property
    def responses(self) -> pd.DataFrame:
        """``participant, cohort, audience, wave, item, response``, codes linked; a fresh frame each time."""
        return (self.intake if self._linked is None else self._linked).responses.copy()

    @property
    def covariates(self) -> pd.DataFrame:
        """The covariates, indexed by participant as linked; without columns where the protocol names none."""
        given, linked = self.intake.responses.sort_values("wave", kind="stable"), self.responses["participant"]
        if self.intake.covariates.empty:
            return pd.DataFrame(index=pd.Index(sorted(linked.unique()), name="participant"))
        return link_covariates(self.intake.covariates, given["participant"], linked[given.index])

    @cached_property
    def enrolled(self) -> dict[str, int] | None:
        """How many were enrolled in each cohort by the protocol; None where it does not say.

        Raises
        ------
        DataError
            If its numbers do not fit the answers (:func:`coprod.training.enrolment.match_enrolled`).
        """
        if self.protocol.enrolled is None:
            return None
        return match_enrolled(self.protocol, self._linked_as_planned)

    @property
    def _linked_as_planned(self) -> pd.DataFrame:
        return self.responses if self.mode == "default" else self.link("default").responses

    @property
    def profile(self) -> Profile:
        """The disclosure rules that results keep."""
        return find_profile(self.protocol.privacy.profile)

    @property
    def synthetic(self) -> bool:
        """Whether the answers are made up."""
        return self.protocol.synthetic

    @property
    def source(self) -> str:
        """Where numbers come from, in words."""
        made_up = "Synthetic data, made up: " if self.synthetic else ""
        return f"{made_up}{self.name}, protocol {self.protocol.short_hash}"

    @property
    def cited(self) -> str:
        """Where numbers come from, and under which rules they were released: the source of every result."""
        return f"{self.source}, disclosure profile {self.profile.name}"

    @property
    def note(self) -> str:
        """What readers of every result have to know of its privacy."""
        return self.profile.words

    def find_scale(self, name: str = "") -> ScaleEntry:
        """Return a scale of the protocol, the primary one where no name is given."""
        return self.protocol.find_scale(name or self.protocol.analysis.primary_scale)

    def find_wave(self, name: str = "") -> str:
        """Return a later wave, the primary one where no name is given.

        Raises
        ------
        UsageError
            If there is no later wave of that name.
        """
        later = self.protocol.columns.waves[1:]
        if name and name not in later:
            raise UsageError(f"{name!r} is not a wave after the first; {suggest(name, later)}")
        return name or self.protocol.analysis.primary_wave

    def say_place(self, scale: str, wave: str) -> str:
        """Say how an outcome stands in the protocol: primary or not."""
        analysis = self.protocol.analysis
        if (scale, wave) == (analysis.primary_scale, analysis.primary_wave):
            return "the primary outcome of the protocol"
        return "not the primary outcome of the protocol"

    def score(self, name: str = "") -> pd.DataFrame:
        """Score a scale: ``participant, cohort, audience, wave, scale, score, n_items``.

        Raises
        ------
        DataError
            If there is no such scale or it cannot be scored.
        """
        return self._scores(self.find_scale(name).name)

    def _scores(self, name: str) -> pd.DataFrame:
        if name not in self._kept:
            scores = score_matrix(self._matrix(name), self.find_scale(name).scale)
            if scores["score"].notna().sum() == 0:
                raise DataError(f"scale {name!r}: nobody answered enough of its items for a score")
            self._kept[name] = scores
        return self._kept[name].copy()

    @cached_property
    def _kept(self) -> dict[str, pd.DataFrame]:
        """Scores by scale, since most results ask for the same; never handed out themselves."""
        return {}

    def answers(self, name: str = "") -> pd.DataFrame:
        """Put the answers to a scale side by side (:func:`coprod.training.scoring.answer_matrix`).

        Raises
        ------
        DataError
            If there is no such scale or its answers cannot be used.
        """
        return self._matrix(self.find_scale(name).name).copy()

    def _matrix(self, name: str) -> pd.DataFrame:
        if name not in self._arranged:
            self._arranged[name] = answer_matrix(self.responses, self.find_scale(name).scale)
        return self._arranged[name]

    @cached_property
    def _arranged(self) -> dict[str, pd.DataFrame]:
        """Answers by scale, likewise."""
        return {}

    def leave_out(self, cohort: str) -> Study:
        """Return the study without a cohort, which its name then says."""
        kept = self.intake.responses[self.intake.responses["cohort"].astype(str) != cohort]
        numbers = {name: n for name, n in (self.protocol.enrolled or {}).items() if fold(name) != fold(cohort)}
        return replace(
            self,
            protocol=self.protocol.model_copy(update={"enrolled": numbers or None}),
            intake=replace(self.intake, responses=kept),
            name=f"{self.name} without {cohort}",
        )

    def link(self, mode: Mode) -> Study:
        """Return the study with codes linked in another way."""
        return replace(self, mode=mode)


def read_study(responses: str | Path = EXAMPLE, protocol: str | Path = EXAMPLE) -> Study:
    """Read the answers and the protocol of a training.

    Parameters
    ----------
    responses, protocol : str or Path
        Two files; ``"example"`` for the worked example, which is synthetic.

    Returns
    -------
    Study
        Checked, personal columns dropped.

    Raises
    ------
    DataError
        If a file cannot be read or does not fit the protocol; every fault is named in one error.
    UsageError
        If only one of the two is the example.

    Examples
    --------
    >>> study = read_study()
    >>> study.name, study.synthetic, list(study.protocol.columns.waves)
    ('synthetic_responses.csv', True, ['before', 'after', 'later'])
    >>> study.score()[["cohort", "wave", "score"]].to_numpy().tolist()[0]
    ['Cohort 4', 'before', 3.2]
    """
    if (responses == EXAMPLE) != (protocol == EXAMPLE):
        raise UsageError(f"give both a file of answers and a protocol, or neither ({EXAMPLE!r} stands for both)")
    data, plan = Path(responses), Path(protocol)
    if responses == EXAMPLE:
        data, plan = (project_home() / "data" / "training" / name for name in EXAMPLE_FILES)
    agreed = parse_protocol(read_bytes(plan), plan.name)
    study = Study(agreed, tidy_responses(read_sheet(data, agreed.file.sheet), agreed), data.name)
    if agreed.enrolled:
        match_enrolled(agreed, study.responses, plan.name)  # refused here rather than in a table
    return study
