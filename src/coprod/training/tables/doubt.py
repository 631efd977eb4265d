"""Tables of doubt: who did not reply, what other assumptions give, and what is never claimed."""

from __future__ import annotations

import pandas as pd

from coprod.privacy import release, release_scenarios
from coprod.results import Table
from coprod.training.describe import summarise_cohorts
from coprod.training.regression import tabulate_regression
from coprod.training.sensitivity import STAFF_ONLY, estimate_sensitivities
from coprod.training.silence import describe_silence, tabulate_tipping
from coprod.training.study import Study
from coprod.training.tables.common import ESTIMATE, make_table
from coprod.training.words import FRAMES, NEVER_CLAIMED, name_methods


def table_silence(study: Study, *, scale: str = "") -> Table:
    """Compare those who replied with those who did not, by their scores before."""
    headings = {"wave": "Wave", "cohort": "Cohort", "n_replied": "Replied", "n_silent": "Did not reply",
                "mean_replied": "Mean before, replied", "mean_silent": "Mean before, did not reply",
                "difference": "Difference", "conf_low": "From", "conf_high": "To", "flag": "Note"}  # fmt: skip
    rows = release(describe_silence(study, scale), study.profile)
    return make_table(
        study, rows, headings, id="silence", title="Who did not reply?",
        answer="Where those who stayed silent had scored differently before, the others do not stand for them.",
    )  # fmt: skip


def table_tipping(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """Show how differently those who did not reply would have had to change to undo the result."""
    released = release(tabulate_tipping(study, scale, wave), study.profile)
    shown = released.assign(frame=released["frame"].map(lambda frame: FRAMES.get(str(frame), frame)))
    headings = {"frame": "For", "cohort": "Whose silent participants", "direction": "Direction", "delta": "Differ by",
                "assumed": "That is, change by", "verdict": "In words", "flag": "Note"}  # fmt: skip
    return make_table(
        study, shown, headings, id="tipping", title="What would undo the result?",
        answer="Points by which those who did not reply would have to differ from those who did.",
    )  # fmt: skip


def table_sensitivity(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """List the change under other assumptions: the rows of ``sensitivity.csv``.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        The primary ones by default.
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    sizes = summarise_cohorts(study, entry.name, after).set_index("cohort")["n_participants"]
    staff = study.protocol.analysis.staff
    people = study.responses.drop_duplicates("cohort")
    left_out = {STAFF_ONLY: set(people.loc[~people["audience"].isin(staff), "cohort"])} if staff else {}
    rows = release_scenarios(estimate_sensitivities(study, entry.name, after), sizes, study.profile, left_out=left_out)
    headings = {"scenario": "Scenario", "whom": "For", "label": "Method", "unit": "In", **ESTIMATE}
    return make_table(
        study, name_methods(rows), headings, id="sensitivity", title="Under other assumptions",
        answer="All scenarios are listed, none was chosen for what it gave. Each row says what it is measured in; rows "
        "of log odds or of a probability are not to be held against points.",
    )  # fmt: skip


def table_regression(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """Show the change that regression to the mean alone would give, beside the change seen."""
    headings = {"label": "Group by score before", "n_participants": "People", "mean": "Mean before",
                "estimate": "Change seen", "expected": "Expected by regression alone", "flag": "Note"}  # fmt: skip
    rows = release(tabulate_regression(study, scale, wave), study.profile)
    return make_table(
        study, rows, headings, id="regression", title="Regression to the mean",
        answer="Those who score lowest once score higher the next time, and the other way round, by error of "
        "measurement alone; those with equal scores are in one group, so that groups differ in size.",
    )  # fmt: skip


def table_not_claimed(study: Study) -> Table:
    """List what is never printed as a finding, and why."""
    rows = pd.DataFrame(NEVER_CLAIMED, columns=["what", "label"])
    return make_table(
        study, rows, {"what": "Not claimed", "label": "Why"}, id="not_claimed", title="What these numbers cannot say",
        answer="A change is what was measured; none of these follows from it.",
    )  # fmt: skip
