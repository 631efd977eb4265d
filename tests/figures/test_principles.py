from collections.abc import Callable

import pytest

from coprod.data import Talk
from coprod.figures.principles import plot_principles


def test_words_follow_the_table(talk: Talk) -> None:
    table = talk["principles"]
    figure = plot_principles(table)
    assert figure.title == f"From the encounter to citizenship in {len(table)} steps"
    assert "an idea, not data" in figure.alt
    assert all(word in figure.alt for word in [*table["principle"], *table["meaning"]])


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_each_step_is_wider(talk: Talk, width: str, extent_of: Callable[[str, str], tuple[float, float]]) -> None:
    svg = getattr(plot_principles(talk["principles"]), width)
    left, right = zip(*(extent_of(svg, f"{width}-step-{step}") for step in (1, 2, 3)), strict=True)
    assert len(set(left)) == 1
    assert right[0] < right[1] < right[2]


def test_title_follows_the_levels(talk: Talk) -> None:
    table = talk["principles"].iloc[:2]
    assert plot_principles(table).title == "From the encounter to the relationship in 2 steps"
