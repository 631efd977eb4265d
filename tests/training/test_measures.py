import numpy as np
import pandas as pd
import pytest

from coprod.training.measures import count_ends, count_reliable_change, tabulate_items, tabulate_reliability
from coprod.training.omega import estimate_omega
from coprod.training.reliability import estimate_alpha
from coprod.training.study import Study, read_study


@pytest.fixture(scope="module")
def example() -> Study:
    return read_study()


def with_responses(study: Study, responses: pd.DataFrame) -> Study:
    intake = type(study.intake)(**{**vars(study.intake), "responses": responses})
    return Study(study.protocol, intake, study.name)


def turned(study: Study, wave: str) -> pd.DataFrame:
    """Pivot by hand: the answers to the five items at a wave, the fourth turned."""
    rows = study.responses[
        (study.responses["wave"] == wave) & study.responses["item"].isin(["c1", "c2", "c3", "c4", "c5"])
    ]
    wide = rows.pivot_table(index="participant", columns="item", values="response")
    return wide.assign(c4=6 - wide["c4"])


def test_reliability_is_that_of_the_turned_answers(example):
    rows = tabulate_reliability(example)
    assert len(rows) == 6
    first = rows.iloc[0]
    alpha = estimate_alpha(turned(example, "before"))
    assert first[["alpha", "conf_low", "conf_high", "n_participants"]].tolist() == pytest.approx(list(alpha[:4]))
    assert first["omega"] == pytest.approx(estimate_omega(turned(example, "before")).omega)
    assert (rows["flag"] == "").all()


def test_a_scale_without_reliability_says_why(example):
    answers = example.intake.responses
    two = answers[(answers["wave"] == "before") | (answers["participant"].isin(answers["participant"].unique()[:2]))]
    rows = tabulate_reliability(with_responses(example, two)).set_index(["scale", "wave"])
    row = rows.loc[("confidence", "after")]
    assert np.isnan(row["alpha"])
    assert "needs two items, answered by at least three people" in row["flag"]
    assert row["n_items"] == 5
    single = answers.assign(response=answers["response"].where(answers["item"] != "w3", 3.0))
    rows = tabulate_reliability(with_responses(example, single)).set_index(["scale", "wave"])
    assert "does not vary" in rows.loc[("knowledge", "before"), "flag"]
    assert rows.loc[("knowledge", "before"), "alpha"] > 0


def test_items_count_who_is_at_either_end(example):
    rows = tabulate_items(example).set_index(["wave", "item"])
    own = turned(example, "after")["c4"]
    assert rows.loc[("after", "c4"), ["n", "n_floor", "n_ceiling"]].tolist() == [
        own.notna().sum(), (own == 1).sum(), (own == 5).sum(),
    ]  # fmt: skip
    assert (rows["item_rest"] > 0).all()


def test_an_item_wrongly_turned_is_betrayed(example):
    entry = example.protocol.scale[0].model_copy(update={"reverse": ()})
    protocol = example.protocol.model_copy(update={"scale": (entry, *example.protocol.scale[1:])})
    rows = tabulate_items(Study(protocol, example.intake, example.name))
    flagged = rows[rows["flag"] != ""]
    assert set(flagged["item"]) == {"c4"}
    assert len(flagged) == 3


def test_ends_are_those_of_the_score(example):
    rows = count_ends(example, "knowledge")
    scores = example.score("knowledge")
    after = scores.loc[scores["wave"] == "after", "score"].dropna()
    assert rows.iloc[1].tolist() == ["after", len(after), (after == 1).sum(), (after == 5).sum()]


def test_reliable_change_counts_everybody_once(example):
    rows = count_reliable_change(example)
    scores = example.score("confidence").pivot_table(index="participant", columns="wave", values="score", observed=True)
    change = (scores["after"] - scores["before"]).dropna()
    alpha = estimate_alpha(turned(example, "before")).alpha
    paired = scores.dropna(subset=["before", "after"])["before"]
    cut = 1.959963984540054 * paired.std(ddof=1) * np.sqrt(2 * (1 - alpha))
    assert rows["n"].tolist() == [(change > cut).sum(), (change < -cut).sum(), (change.abs() <= cut).sum()]
    assert rows["n"].sum() == len(change)


def test_without_reliability_nobody_is_counted(example):
    answers = example.intake.responses
    same = answers.assign(response=3.0)
    rows = count_reliable_change(with_responses(example, same))
    assert rows["change"].tolist() == ["cannot be said"]
    assert "same sum" in rows["flag"].item()
