"""Tables of what was read, who replied, and how good the questionnaire was as a measure."""

from __future__ import annotations

import pandas as pd

from coprod.privacy import release, release_count
from coprod.results import Table
from coprod.training.enrolment import say_enrolled
from coprod.training.measures import count_ends, count_reliable_change, tabulate_items, tabulate_reliability
from coprod.training.study import Study
from coprod.training.tables.common import make_table


def table_reading(study: Study) -> Table:
    """Say what was read, what was dropped because it says who somebody is, and how codes were linked.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.

    Returns
    -------
    Table
        ``reading``: ``what, label``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table_reading(read_study()).data.to_numpy().tolist()[:2]
    [['File', 'synthetic_responses.csv'], ['Laid out as', 'plain']]
    """
    intake, protocol = study.intake, study.protocol
    rows = [
        ("File", study.name),
        ("Laid out as", intake.layout),
        ("Waves", ", ".join(protocol.columns.waves)),
        ("Scales", ", ".join(scale.name for scale in protocol.scale)),
        ("Dropped on reading: they say who somebody is", ", ".join(intake.dropped) or "none"),
        ("Columns the protocol does not name", ", ".join(intake.ignored) or "none"),
        ("Assumed on reading", "; ".join(intake.notes) or "nothing"),
        *_linkage(study),
        *([("Enrolled", say_enrolled(study))] if study.enrolled else []),
        ("Protocol, SHA-256", protocol.hash),
        ("Disclosure profile", f"{study.profile.name}. {study.profile.words}"),
    ]
    return make_table(
        study, pd.DataFrame(rows, columns=["what", "label"]), {"what": "What", "label": "Found"}, id="reading",
        title="What was read", answer=f"The protocol is {protocol.title!r}.",
    )  # fmt: skip


def _linkage(study: Study) -> list[tuple[str, str]]:
    linkage = study.linkage
    if linkage is None:
        return [("Codes", "assigned; taken as they are")]
    counts = linkage.links["how"].value_counts()
    words = {"exact": "the same code", "distance 1": "a code one slip away", "none": "no code alike"}
    found = "; ".join(f"{name}: {release_count(counts.get(how, 0), study.profile)}" for how, name in words.items())
    return [
        ("Later questionnaires linked to the first by", found),
        ("Links expected to be false by chance", f"{linkage.expected_false:.2g}"),
    ]


def table_flow(flow: pd.DataFrame, study: Study) -> Table:
    """Count the questionnaires returned: the rows of ``flow.csv``.

    Parameters
    ----------
    flow : DataFrame
        Of :func:`coprod.training.describe.count_flow`.
    study : Study
        What was asked.

    Returns
    -------
    Table
        ``flow``: ``cohort, audience, wave, enrolled, answered``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.describe import count_flow
    >>> study = read_study()
    >>> table = table_flow(count_flow(study), study).data
    >>> table[["cohort", "wave", "answered", "enrolled"]].to_numpy().tolist()[2]
    ['Cohort 1', 'later', 11, 18]
    """
    headings = {"cohort": "Cohort", "audience": "Audience", "wave": "Wave", "answered": "Answered", "enrolled": "Of"}
    return make_table(
        study, release(flow, study.profile), headings, id="flow", title="Questionnaires returned",
        answer="Counted of all who answered at least once." if study.enrolled is None
        else "Counted of all who were enrolled by the protocol, whether they ever answered or not.",
    )  # fmt: skip


def table_reliability(study: Study) -> Table:
    """Show alpha and omega of every scale at every wave.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.

    Returns
    -------
    Table
        ``reliability``: ``scale, wave, alpha, conf_low, conf_high, omega, n_participants, n_items, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_reliability(read_study())
    >>> table.data[list(table.headings)].round(2).to_numpy().tolist()[0]
    ['confidence', 'before', 0.8, 0.73, 0.86, 0.8, 100, 5, '']
    """
    rows = release(tabulate_reliability(study), study.profile)
    level = f"{100 * study.protocol.analysis.level:g}%"
    headings = {"scale": "Scale", "wave": "Wave", "alpha": "Alpha", "conf_low": "From", "conf_high": "To",
                "omega": "Omega", "n_participants": "People", "n_items": "Items", "flag": "Note"}  # fmt: skip
    return make_table(
        study, rows, headings, id="reliability", title="How well the items hang together",
        answer=f"Cronbach's alpha with Feldt's {level} interval, McDonald's omega of one factor.",
    )  # fmt: skip


def table_items(study: Study, *, scale: str = "") -> Table:
    """Show how each item goes with the rest, and how many answers are at either end.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale : str
        A scale; the primary one by default.

    Returns
    -------
    Table
        ``items``: ``wave, item, wording, n, item_rest, n_floor, n_ceiling, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_items(read_study())
    >>> table.data["item"].tolist()
    ['c1', 'c2', 'c3', 'c4', 'c5', 'c1', 'c2', 'c3', 'c4', 'c5', 'c1', 'c2', 'c3', 'c4', 'c5']
    """
    rows = release(tabulate_items(study, scale), study.profile)
    against = sorted(set(rows.loc[rows["flag"].str.startswith("goes against"), "item"]))
    answer = f"Look again at {', '.join(against)}: the sign betrays an item turned round by mistake, or not turned."
    headings = {"wave": "Wave", "item": "Item", "wording": "Question", "n": "Answers", "item_rest": "With the rest",
                "n_floor": "At the floor", "n_ceiling": "At the ceiling", "flag": "Note"}  # fmt: skip
    return make_table(
        study, rows, headings, id="items", title=f"The items of {study.find_scale(scale).name}",
        answer=answer if against else "No item goes against the rest.",
    )  # fmt: skip


def table_ends(study: Study, *, scale: str = "") -> Table:
    """Count the scores at the ends of the scale.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale : str
        A scale; the primary one by default.

    Returns
    -------
    Table
        ``ends``: ``wave, n, n_floor, n_ceiling``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_ends(read_study())
    >>> table.data[list(table.headings)].round(2).to_numpy().tolist()[0]
    ['before', 105, 0, 0]
    """
    entry = study.find_scale(scale)
    headings = {"wave": "Wave", "n": "People", "n_floor": "At the least score", "n_ceiling": "At the greatest"}
    low, high = entry.range
    return make_table(
        study, release(count_ends(study, entry.name), study.profile), headings, id="ends",
        title="Scores at the ends of the scale",
        answer=f"A score of {low:g} cannot fall and one of {high:g} cannot rise, whatever people have learnt.",
    )  # fmt: skip


def table_reliable_change(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """Count who changed by more than the scale's error.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    Table
        ``reliable_change``: ``change, n, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_reliable_change(read_study())
    >>> table.data[list(table.headings)].round(2).to_numpy().tolist()[0]
    ['up', 23, '']
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    level = f"{100 * study.protocol.analysis.level:g}%"
    rows = release(count_reliable_change(study, entry.name, after), study.profile)
    headings = {"change": "Change beyond error", "n": "People", "flag": "Note"}
    return make_table(
        study, rows, headings, id="reliable_change", title=f"Who changed reliably by {after}?",
        answer=f"By more than the error of {entry.name} alone would let {level} of people move.",
    )  # fmt: skip
