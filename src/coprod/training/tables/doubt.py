"""Tables of doubt: who did not reply, what other assumptions give, and what is never claimed."""

from __future__ import annotations

import pandas as pd

from coprod.privacy import release
from coprod.results import Table
from coprod.training.study import Study
from coprod.training.tables.change import FRAMES
from coprod.training.tables.common import ESTIMATE, make_table
from coprod.training.words import NEVER_CLAIMED


def table_silence(silence: pd.DataFrame, study: Study) -> Table:
    """Compare those who replied with those who did not, by their scores before.

    Parameters
    ----------
    silence : DataFrame
        Of :func:`coprod.training.sensitivity.describe_silence`.
    study : Study
        What was asked.
    """
    headings = {"cohort": "Cohort", "wave": "Wave", "n_replied": "Replied", "n_silent": "Did not reply",
                "mean_replied": "Mean before, replied", "mean_silent": "Mean before, did not reply",
                "difference": "Difference", "conf_low": "From", "conf_high": "To", "flag": "Note"}  # fmt: skip
    return make_table(
        study, release(silence, study.profile), headings, id="silence", title="Who did not reply?",
        answer="Where those who stayed silent had scored differently before, the others do not stand for them.",
    )  # fmt: skip


def table_tipping(points: pd.DataFrame, study: Study) -> Table:
    """Show how differently those who did not reply would have had to change to undo the result.

    Parameters
    ----------
    points : DataFrame
        Of :func:`coprod.training.sensitivity.tabulate_tipping`.
    study : Study
        What was asked.
    """
    released = release(points, study.profile)
    shown = released.assign(frame=released["frame"].map(lambda frame: FRAMES.get(str(frame), frame)))
    headings = {"frame": "For", "cohort": "Whose silent participants", "direction": "Direction", "delta": "Differ by",
                "assumed": "That is, change by", "verdict": "In words", "flag": "Note"}  # fmt: skip
    return make_table(
        study, shown, headings, id="tipping", title="What would undo the result?",
        answer="Points by which those who did not reply would have to differ from those who did.",
    )  # fmt: skip


def table_sensitivity(sensitivities: pd.DataFrame, study: Study) -> Table:
    """List the change under other assumptions: the rows of ``sensitivity.csv``.

    Parameters
    ----------
    sensitivities : DataFrame
        Of :func:`coprod.training.sensitivity.estimate_sensitivities`.
    study : Study
        What was asked.
    """
    headings = {"scenario": "Scenario", "frame": "For", "method": "Method", **ESTIMATE}
    return make_table(
        study, release(sensitivities, study.profile), headings, id="sensitivity", title="Under other assumptions",
        answer="All scenarios are listed, none was chosen for what it gave.",
    )  # fmt: skip


def table_regression(regression: pd.DataFrame, study: Study) -> Table:
    """Show the change that regression to the mean alone would give, beside the change seen.

    Parameters
    ----------
    regression : DataFrame
        Of :mod:`coprod.training.regression`.
    study : Study
        What was asked.
    """
    headings = {"label": "Group by score before", "n_participants": "People", "mean": "Mean before",
                "estimate": "Change seen", "expected": "Expected by regression alone", "flag": "Note"}  # fmt: skip
    return make_table(
        study, release(regression, study.profile), headings, id="regression", title="Regression to the mean",
        answer="Those who score lowest once score higher the next time, and the other way round, without any training.",
    )  # fmt: skip


def table_not_claimed(study: Study) -> Table:
    """List what is never printed as a finding, and why."""
    rows = pd.DataFrame(NEVER_CLAIMED, columns=["what", "label"])
    return make_table(
        study, rows, {"what": "Not claimed", "label": "Why"}, id="not_claimed", title="What these numbers cannot say",
        answer="A change is what was measured; none of these follows from it.",
    )  # fmt: skip
