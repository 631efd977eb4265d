"""Tables of doubt: who did not reply, what other assumptions give, and what is never claimed."""

from __future__ import annotations

import pandas as pd

from coprod.privacy import release, release_scenarios
from coprod.results import Table
from coprod.training.describe import summarise_cohorts
from coprod.training.enrolment import count_unseen
from coprod.training.methods import FRAMES, name_methods
from coprod.training.regression import tabulate_regression
from coprod.training.sensitivity import STAFF_ONLY, estimate_sensitivities, fills_in
from coprod.training.silence import describe_silence, tabulate_tipping
from coprod.training.study import Study
from coprod.training.tables.common import ESTIMATE, make_table
from coprod.training.words import NEVER_CLAIMED

SILENT = "those who did not reply"
TOO = f" Among {SILENT} are all who were enrolled by the protocol and never answered."
NOT_THEY = " Who was enrolled by the protocol and has no score before is in neither group: nothing is known of them."


def table_silence(study: Study, *, scale: str = "") -> Table:
    """Compare those who replied with those who did not, by their scores before.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale : str
        A scale; the primary one by default.

    Returns
    -------
    Table
        ``silence``: ``scale, cohort, wave, n_replied, n_silent, mean_replied, mean_silent, difference, conf_low,
        conf_high, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_silence(read_study()).data
    >>> table[["wave", "cohort", "n_replied", "n_silent"]].to_numpy().tolist()[-1]
    ['later', 'all', 63, 42]
    """
    headings = {"wave": "Wave", "cohort": "Cohort", "n_replied": "Replied", "n_silent": "Did not reply",
                "mean_replied": "Mean before, replied", "mean_silent": "Mean before, did not reply",
                "difference": "Difference", "conf_low": "From", "conf_high": "To", "flag": "Note"}  # fmt: skip
    rows = release(describe_silence(study, scale), study.profile)
    return make_table(
        study, rows, headings, id="silence", title="Who did not reply?",
        answer="Where those who stayed silent had scored differently before, the others do not stand for them."
        f"{NOT_THEY if study.enrolled else ''}",
    )  # fmt: skip


def table_tipping(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """Show how differently those who did not reply would have had to change to undo the result.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    Table
        ``tipping``: ``frame, scale, term, cohort, direction, delta, assumed, verdict, n_participants, n_silent, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_tipping(read_study(), wave="later").data
    >>> table[["frame", "cohort", "direction", "verdict"]].to_numpy().tolist()[0]
    ['these cohorts', 'all', 'down', 'undone only if those who did not reply fell or stayed as they were, where those \
who replied rose']
    """
    unseen = count_unseen(study, scale, wave)
    released = release(tabulate_tipping(study, scale, wave), study.profile, people=unseen)
    shown = released.assign(frame=released["frame"].map(lambda frame: FRAMES.get(str(frame), frame)))
    headings = {"frame": "For", "cohort": "Whose silent participants", "direction": "Direction", "delta": "Differ by",
                "assumed": "That is, change by", "verdict": "In words", "flag": "Note"}  # fmt: skip
    return make_table(
        study, shown, headings, id="tipping", title="What would undo the result?",
        answer="Points by which those who did not reply would have to differ from those who did."
        f"{TOO if study.enrolled else ''}",
    )  # fmt: skip


def table_sensitivity(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """List the change under other assumptions: the rows of ``sensitivity.csv``.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        The primary ones by default.

    Returns
    -------
    Table
        ``sensitivity``: ``scenario, frame, scale, term, method, estimate, std_error, df, statistic, p_value,
        p_smallest, conf_low, conf_high, n_observations, n_participants, n_cohorts, flag, label, unit, whom``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_sensitivity(read_study()).data
    >>> table[["scenario", "whom", "estimate"]].round(2).to_numpy().tolist()[0]
    ['as planned', 'these cohorts', 0.51]
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    sizes = summarise_cohorts(study, entry.name, after).set_index("cohort")["n_participants"]
    staff = study.protocol.analysis.staff
    people = study.responses.drop_duplicates("cohort")
    left_out = {STAFF_ONLY: set(people.loc[~people["audience"].isin(staff), "cohort"])} if staff else {}
    found = estimate_sensitivities(study, entry.name, after)
    unseen = count_unseen(study, entry.name, after)
    resting = dict.fromkeys(filter(fills_in, found["scenario"]), unseen) if unseen is not None else {}
    rows = release_scenarios(found, sizes, study.profile, left_out=left_out, resting=resting)
    headings = {"scenario": "Scenario", "whom": "For", "label": "Method", "unit": "In", **ESTIMATE}
    return make_table(
        study, name_methods(rows), headings, id="sensitivity", title="Under other assumptions",
        answer="All scenarios are listed, none was chosen for what it gave. Each row says what it is measured in; rows "
        "of log odds or of a probability are not to be held against points."
        f"{_say_counted(study)}",
    )  # fmt: skip


def _say_counted(study: Study) -> str:
    """Say which scenarios count those who never answered, where it is known how many they are."""
    if study.enrolled is None:
        return ""
    return (
        f" Worst case, best case and what is supposed of {SILENT} count all who were enrolled by the protocol, those "
        "who never answered too; all others rest on answers alone."
    )


def table_regression(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """Show the change that regression to the mean alone would give, beside the change seen.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    Table
        ``regression``: ``label, n_participants, mean, estimate, expected, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_regression(read_study()).data
    >>> table[["label", "n_participants", "estimate", "expected"]].round(2).to_numpy().tolist()[0]
    ['lowest third', 37, 0.87, 0.14]
    """
    headings = {"label": "Group by score before", "n_participants": "People", "mean": "Mean before",
                "estimate": "Change seen", "expected": "Expected by regression alone", "flag": "Note"}  # fmt: skip
    rows = release(tabulate_regression(study, scale, wave), study.profile)
    return make_table(
        study, rows, headings, id="regression", title="Regression to the mean",
        answer="Those who score lowest once score higher the next time, and the other way round, by error of "
        "measurement alone; those with equal scores are in one group, so that groups differ in size.",
    )  # fmt: skip


def table_not_claimed(study: Study) -> Table:
    """List what is never printed as a finding, and why.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.

    Returns
    -------
    Table
        ``not_claimed``: ``what, label``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table_not_claimed(read_study()).data["what"].tolist()[:2]
    ['That the training caused the change', 'That one audience changed more than another']
    """
    rows = pd.DataFrame(NEVER_CLAIMED, columns=["what", "label"])
    return make_table(
        study, rows, {"what": "Not claimed", "label": "Why"}, id="not_claimed", title="What these numbers cannot say",
        answer="A change is what was measured; none of these follows from it.",
    )  # fmt: skip
