"""A parameter with a fixed set of words shows them to completion, and refuses any other word with their list."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest

import coprod
from coprod.data import Sheet, Talk
from coprod.errors import UsageError
from coprod.privacy import find_profile
from coprod.talk import intervals, rounding, survey, values
from coprod.talk.tables import accounts, request
from coprod.training import layouts, linkage, mixed, nonresponse, ordinal, resampling, robust, scenarios, strata
from coprod.training import second_opinion as second
from coprod.training.study import Study, read_study

ROOMS = ("data", "privacy", "talk", "training")
ASKED_BY_FIT_MIXED = {"pose", "refuse_unfit"}
"""Functions of the model's own, whose words have been checked before they are called."""
NUMBERS = np.array([0.2, 0.4, 0.3])
WRONG: Any = "nearset"

Call = Callable[[Talk, Study], object]


def scores(study: Study) -> tuple[Any, str, str]:
    return study.score(), *study.protocol.columns.waves[:2]


CALLS: dict[tuple[Callable[..., Any], str], Call] = {
    (find_profile, "name"): lambda _t, _s: find_profile(WRONG),
    (intervals.superpopulation_interval, "method"): lambda _t, _s: intervals.superpopulation_interval(
        3, 10, method=WRONG
    ),
    (rounding.printed_percent, "rounding"): lambda _t, _s: rounding.printed_percent(3, 10, WRONG),
    (rounding.counts_behind, "rounding"): lambda _t, _s: rounding.counts_behind("15", 196, WRONG),
    (rounding.grim_power, "rounding"): lambda _t, _s: rounding.grim_power(196, WRONG),
    (survey.answer_counts, "rounding"): lambda t, _s: survey.answer_counts(t["survey"], 196, WRONG),
    (survey.joint_counts, "rounding"): lambda t, _s: survey.joint_counts(t["survey"], 196, WRONG),
    (survey.answer_ranges, "rounding"): lambda t, _s: survey.answer_ranges(t["survey"], WRONG),
    (request.rule_survives, "rounding"): lambda t, _s: request.rule_survives(t["survey"], 196, WRONG),
    (request.table_superpopulation, "rounding"): lambda t, _s: request.table_superpopulation(t, 196, WRONG, 0.95),
    (accounts.table_statements, "name"): lambda t, _s: accounts.table_statements(
        t, WRONG, id="x", slide="S7", title="X"
    ),
    (values.value_answers, "rounding"): lambda t, _s: values.value_answers(t, 196, WRONG),
    (values.value_power, "rounding"): lambda t, _s: values.value_power(t, 196, WRONG),
    (layouts.arrange, "layout"): lambda _t, _s: layouts.arrange(Sheet("x.csv", ("a",), ()), WRONG),
    (linkage.link_codes, "mode"): lambda _t, s: linkage.link_codes(s.intake.responses, WRONG),
    (linkage.expect_false, "mode"): lambda _t, _s: linkage.expect_false(["AB"], ["AD"], WRONG),
    (mixed.fit_mixed, "frame"): lambda _t, s: mixed.fit_mixed(s.score(), WRONG),
    (mixed.fit_mixed, "covariance"): lambda _t, s: mixed.fit_mixed(s.score(), "these_cohorts", covariance=WRONG),
    (mixed.fit_mixed, "cohort_effects"): lambda _t, s: mixed.fit_mixed(
        s.score(), "future_cohorts", cohort_effects=WRONG
    ),
    (mixed.fit_many, "frame"): lambda _t, _s: mixed.fit_many([], WRONG),
    (mixed.fit_many, "covariance"): lambda _t, _s: mixed.fit_many([], "these_cohorts", covariance=WRONG),
    (mixed.fit_many, "cohort_effects"): lambda _t, _s: mixed.fit_many([], "future_cohorts", cohort_effects=WRONG),
    (mixed.MixedFit.estimate_changes, "weights"): lambda _t, s: mixed.fit_mixed(
        s.score(), "these_cohorts", waves=s.protocol.columns.waves
    ).estimate_changes(weights=WRONG),
    (nonresponse.estimate_extremes, "better"): lambda _t, s: nonresponse.estimate_extremes(
        *scores(s), minimum=1, maximum=5, better=WRONG
    ),
    (ordinal.estimate_improvement, "better"): lambda _t, s: ordinal.estimate_improvement(*scores(s), better=WRONG),
    (resampling.check_bootstrap, "weights"): lambda _t, _s: resampling.check_bootstrap(NUMBERS, [1, 2, 3], WRONG),
    (robust.estimate_robust, "kind"): lambda _t, _s: robust.estimate_robust(
        np.ones((3, 1)), NUMBERS, [1, 1, 2], [1], WRONG
    ),
    (scenarios.estimate_mixed, "frame"): lambda _t, s: scenarios.estimate_mixed(outcome(s), WRONG),
    (scenarios.estimate_mixed, "covariance"): lambda _t, s: scenarios.estimate_mixed(
        outcome(s), "these_cohorts", covariance=WRONG
    ),
    (second.estimate_statsmodels, "frame"): lambda _t, s: second.estimate_statsmodels(
        s.score(), s.protocol.columns.waves, WRONG
    ),
    (strata.average_cohorts, "frame"): lambda _t, _s: strata.average_cohorts(NUMBERS, NUMBERS, NUMBERS, WRONG),
    (strata.find_error, "frame"): lambda _t, _s: strata.find_error(NUMBERS, NUMBERS, NUMBERS, WRONG),
    (Study.link, "mode"): lambda _t, s: s.link(WRONG).responses,
}


def outcome(study: Study) -> scenarios.Outcome:
    waves = tuple(study.protocol.columns.waves)
    return scenarios.Outcome(study.score(), waves, waves[1], 0.95)


def public_functions() -> Iterator[Callable[..., Any]]:
    """Every public function of these rooms, and every public method of their public classes."""
    for found in pkgutil.walk_packages(coprod.__path__, "coprod."):
        if found.name.split(".")[1] in ROOMS:
            module = importlib.import_module(found.name)
            for name, thing in vars(module).items():
                if name.startswith("_") or getattr(thing, "__module__", "") != found.name:
                    continue
                if inspect.isfunction(thing):
                    yield thing
                elif inspect.isclass(thing):
                    yield from (m for n, m in vars(thing).items() if inspect.isfunction(m) and not n.startswith("_"))


def choices(function: Callable[..., Any]) -> dict[str, tuple[str, ...]]:
    """Return the words of each parameter that has a fixed set of them."""
    found = {}
    for name, annotation in inspect.get_annotations(function).items():
        with suppress(NameError):  # what is imported for the type checker alone is no set of words
            hint = eval(annotation, function.__globals__) if isinstance(annotation, str) else annotation
            if name != "return" and get_origin(hint) is Literal:
                found[name] = get_args(hint)
    return found


@pytest.fixture(scope="module")
def study(root: Path) -> Study:
    return read_study(root / "data/training/synthetic_responses.csv", root / "data/training/protocol.toml")


@pytest.mark.parametrize(("function", "parameter"), CALLS, ids=lambda part: getattr(part, "__qualname__", part))
def test_another_word_is_refused_with_the_list_of_those_there_are(
    function: Callable[..., Any], parameter: str, talk: Talk, study: Study
) -> None:
    with pytest.raises(UsageError, match="unknown .* 'nearset'") as refused:
        CALLS[function, parameter](talk, study)
    assert ", ".join(choices(function)[parameter]) in str(refused.value)


def test_no_parameter_with_a_fixed_set_of_words_is_left_out() -> None:
    found = {(f, name) for f in public_functions() if f.__name__ not in ASKED_BY_FIT_MIXED for name in choices(f)}
    assert {(f.__qualname__, name) for f, name in found} == {(f.__qualname__, name) for f, name in CALLS}


def test_a_parameter_whose_documentation_lists_its_words_is_typed_so() -> None:
    loose = []
    for function in public_functions():
        for line in (function.__doc__ or "").splitlines():
            name, _, words = line.strip().partition(" : ")
            if words.startswith('{"') and name.isidentifier():
                known = inspect.signature(function).parameters
                if name in known and choices(function).get(name) != tuple(ast.literal_eval(f"[{words.strip('{}')}]")):
                    loose.append(f"{function.__qualname__}({name})")
    assert loose == []


def test_the_tables_of_the_talk_are_offered_by_name(talk: Talk) -> None:
    assert talk._ipython_key_completions_() == list(talk)
    assert "survey" in talk._ipython_key_completions_()
