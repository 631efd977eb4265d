import pandas as pd

from coprod.data import Talk
from coprod.figures.partnership import plot_partnership


def test_finding_and_count_of_distinct_entries(talk: Talk) -> None:
    table = talk["partnership"]
    figure = plot_partnership(table)
    distinct = len(set(table["university"]) | set(table["community"]))
    assert figure.title == "Each side of the partnership gains something on every line"
    assert f"1 is the same on both sides, which leaves {distinct} distinct entries" in figure.answer
    assert figure.data.loc[figure.data["same"], "line"].tolist() == [4]


def test_alt_text_holds_every_entry(talk: Talk) -> None:
    table = talk["partnership"]
    alt = plot_partnership(table).alt
    assert all(entry in alt for column in ("university", "community") for entry in table[column])


def test_title_follows_a_missing_side(talk: Talk) -> None:
    table = talk["partnership"]
    table.loc[2, "community"] = pd.NA
    figure = plot_partnership(table)
    assert figure.title == "7 of 8 lines name a gain for each side"
    assert "Access to community knowledge – nothing" in figure.alt


def test_order_of_rows_changes_nothing(talk: Talk) -> None:
    table = talk["partnership"]
    assert plot_partnership(table.iloc[::-1]) == plot_partnership(table)
