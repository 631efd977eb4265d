"""A protocol in plain words, for the people who run a training and those who helped to make it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from coprod.privacy import find_profile
from coprod.training.protocol import Protocol
from coprod.training.sections import ScaleEntry
from coprod.training.words import NEVER_CLAIMED

METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "A model that uses every answer, also of people who replied only once. It is given with two ways to allow for "
    "few cohorts (mixed model; Kenward-Roger, Satterthwaite).": ("lmm-kenward-roger", "lmm-satterthwaite"),
    "The mean change of all people, with an error that allows for people of one cohort being alike (CR2).":
        ("cr2-satterthwaite",),
    "The mean of the cohorts' changes, where each cohort counts once (t test on cohort means).": ("cohort-means-t",),
    "Two tests that swap signs and count. With few cohorts they cannot give a small p, so the smallest p there can "
    "be is shown too (wild bootstrap, sign flips).": ("wild-webb", "sign-flip"),
    "How big the change is beside how much people differ (effect sizes d_av and d_z).": ("d-av", "d-z"),
    "All cohorts pooled, and where one more cohort may lie (Knapp-Hartung, prediction interval).":
        ("reml-knapp-hartung", "prediction"),
})  # fmt: skip
"""What each method does, and its names in tables."""


def explain_protocol(protocol: Protocol) -> str:
    """Say in plain words what will be done with a protocol.

    Parameters
    ----------
    protocol : Protocol
        As read, with its hash.

    Returns
    -------
    str
        Titles and short sentences, one fact a line; every number is the protocol's.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> print(explain_protocol(read_study().protocol).splitlines()[0])
    What will be done: Clinical risk training (worked example, made up)
    """
    lines = [f"What will be done: {protocol.title}"]
    if protocol.synthetic:
        lines.append("SYNTHETIC: the answers are made up. Every result will say so.")
    for title, sentences in explain_sections(protocol):
        lines += ["", title, *(f"  - {sentence}" for sentence in sentences)]
    return "\n".join(lines)


def explain_sections(protocol: Protocol) -> list[tuple[str, list[str]]]:
    """Say the same in parts.

    Parameters
    ----------
    protocol : Protocol
        As read, with its hash.

    Returns
    -------
    list of tuple
        A title and its sentences each.
    """
    sections = (
        ("Who is asked, and when", _asked(protocol)),
        ("What is asked", _scales(protocol)),
        ("When answers are missing", _missing(protocol)),
        ("The main question", _main(protocol)),
        ("What the results speak of", _frames(protocol)),
        ("How the change is worked out", _methods(protocol)),
        ("People who did not reply", _silent(protocol)),
        ("What will never be claimed", _never()),
        ("Privacy", _privacy(protocol)),
        ("This protocol", _identity(protocol)),
    )
    return [(title, list(sentences)) for title, sentences in sections]


def _asked(protocol: Protocol) -> Iterator[str]:
    columns = protocol.columns
    yield f"People are asked {len(columns.waves)} times: {_join(columns.waves)}. {columns.waves[0]!r} is first."
    if columns.wide:
        yield f"Each person has one row. Columns are named like {columns.wide!r}."
    else:
        yield f"The column {columns.wave!r} says which time it was."
    if columns.item:
        yield f"Each answer has its own row: {columns.item!r} names the question, {columns.response!r} the answer."
    yield f"Groups that were trained together are called cohorts. The column {columns.cohort!r} names them."
    if columns.cohorts:
        yield f"There are {len(columns.cohorts)} cohorts: {_join(columns.cohorts)}. Any other name is an error."
    yield from _enrolled(protocol)
    if columns.audience:
        yield f"The column {columns.audience!r} says who they are."
    if protocol.analysis.staff:
        yield f"Staff are those marked {_join(protocol.analysis.staff)}. Results are also given for staff alone."
    yield f"The column {columns.participant!r} tells people apart."
    if columns.codes == "self-generated":
        yield "People made up their own codes. Codes that differ by one slip of the pen are linked."
        yield "Links are made only inside a cohort, and only if no other code fits."
        yield "Results are also given without them."
    if columns.covariates:
        yield f"Also known of each person: {_join(columns.covariates)}. They help to judge those who did not reply."


def _enrolled(protocol: Protocol) -> Iterator[str]:
    """Say that numbers enrolled are given; the numbers themselves only where nothing is withheld."""
    if not protocol.enrolled:
        return
    yield f"How many people were enrolled is given for {_count(len(protocol.enrolled), 'cohort')}."
    if find_profile(protocol.privacy.profile).person_level:
        yield f"They are: {', '.join(f'{cohort!r} {number}' for cohort, number in protocol.enrolled.items())}."
    else:
        yield "These numbers are not listed here. With who answered they could tell how few did not."


def _scales(protocol: Protocol) -> Iterator[str]:
    for entry in protocol.scale:
        low, high = entry.range
        if entry.column:
            yield f"{entry.name!r} is a score worked out before, in column {entry.column!r}."
        else:
            noun = "question" if len(entry.items) == 1 else "questions"
            yield f"{entry.name!r} has {len(entry.items)} {noun}: {_join(entry.items)}."
            yield from (f"{item}: \u201c{asked}\u201d" for item, asked in entry.wording.items())
            yield f"Answers go from {entry.minimum:g} to {entry.maximum:g}. The score is their {entry.score}."
        if entry.reverse:
            turned = f"{entry.minimum + entry.maximum:g} minus the answer"
            yield f"Turned round before scoring, since they ask the other way: {_join(entry.reverse)} ({turned})."
        yield f"The score can go from {low:g} to {high:g}. A {entry.better} score is hoped for."


def _missing(protocol: Protocol) -> Iterator[str]:
    if protocol.columns.missing:
        yield f"These count as no answer: {_join(protocol.columns.missing)}."
    for entry in protocol.scale:
        if entry.items:
            yield f"{entry.name!r} needs {_needed(entry)} of {len(entry.items)} answers. With fewer there is no score."
            if entry.score == "sum" and _needed(entry) < len(entry.items):
                yield "What is left out there counts as the mean of what was answered."
    yield "An answer that is out of range is an error. It is never changed or dropped in silence."


def _main(protocol: Protocol) -> Iterator[str]:
    analysis, waves = protocol.analysis, protocol.columns.waves
    yield (
        f"One question was chosen beforehand: how much does {analysis.primary_scale!r} change "
        f"from {waves[0]!r} to {analysis.primary_wave!r}?"
    )
    others = [entry.name for entry in protocol.scale if entry.name != analysis.primary_scale]
    if others:
        yield f"These come second: {_join(others)}. Where there are several, their tests are made stricter (Holm)."
    yield "Single questions are looked at too, as a hint only."
    later = [wave for wave in waves[1:] if wave != analysis.primary_wave]
    if later and analysis.margin:
        yield (
            f"At {_join(later)} a change counts as kept if it surely stays within {analysis.margin:g} points "
            f"of that at {analysis.primary_wave!r}."
        )
    elif later:
        yield f"For {_join(later)} the protocol sets no margin, so nothing is said of a change being kept."


def _frames(protocol: Protocol) -> Iterator[str]:
    level = f"{100 * protocol.analysis.level:g}"
    yield "Every change is given twice. One result is for these cohorts: the people who were there."
    yield "The other is for future cohorts: it asks what other groups like these might show."
    cohorts = protocol.columns.cohorts
    number = f"the number of cohorts ({len(cohorts)})" if cohorts else "the number of cohorts"
    yield f"There {number} counts, not the number of people. So that result is less sure."
    yield "Anything said beyond these people rests on the second result."
    yield f"Each result has a range. Ranges made in this way hold the true value {level} times in 100."


def _methods(protocol: Protocol) -> Iterator[str]:
    yield "All of these are printed. None is picked after seeing the results."
    yield from METHODS
    yield f"Where chance is needed, it starts from the number {protocol.analysis.seed}. So it comes out the same again."


def _silent(protocol: Protocol) -> Iterator[str]:
    yield "How many replied is shown, for each time."
    yield f"Missing scores are filled in {protocol.analysis.imputations} times from what is known. All fills are used."
    yield "Results are also given for those who replied each time."
    yield "Then we ask how much worse those who did not reply must have done for the result to vanish."
    yield "The best and the worst case are shown as well. Each cohort is left out once."
    if protocol.enrolled:
        yield "People who were enrolled and never answered count when we ask how much worse it must have been."
        yield "They count in the best and the worst case too. Nothing is filled in for them elsewhere."


def _never() -> Iterator[str]:
    for claim, reason in NEVER_CLAIMED:
        yield f"{claim}: {reason}."


def _privacy(protocol: Protocol) -> Iterator[str]:
    yield find_profile(protocol.privacy.profile).words
    yield "Names, e-mail, IP addresses and places are dropped when the file is read. They are listed as dropped."


def _identity(protocol: Protocol) -> Iterator[str]:
    yield "It has to be written before the answers are seen. A result that is not planned here is marked so."
    yield f"Its mark is {protocol.short_hash or 'not known'}. Any change to the file gives another mark."


def _needed(entry: ScaleEntry) -> int:
    """Return how many items have to be answered."""
    n = len(entry.items)
    return next(k for k in range(1, n + 1) if k >= entry.min_answered * n - 1e-9)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _join(words: Iterable[str]) -> str:
    *most, last = map(repr, words)
    return f"{', '.join(most)} and {last}" if most else last
