"""The marks of made-up data, on every sheet that says it shows them."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod.figures.sheet import SYNTHETIC_WORDS, YELLOW, Sheet, measure, wrap
from coprod.figures.theme import NARROW, WIDE, Width, layout_faults, render

WIDTHS = [WIDE, NARROW]


def draw(width: Width, *, synthetic: bool = True) -> Sheet:
    sheet = Sheet(width, "How big was the change?", "Change on the 1 to 5 scale.", synthetic)
    sheet.close("Synthetic data. " * 12)
    return sheet


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_the_label_stands_above_the_title(width: Width) -> None:
    sheet = draw(width)
    words = [text.get_text() for text in sheet.axes.texts]
    said = " ".join(words)
    assert said.startswith(f"{SYNTHETIC_WORDS} How big was the change?")
    assert layout_faults(sheet.figure) == []


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_the_edge_runs_down_the_whole_left_and_nothing_lies_on_it(
    width: Width, extent_of: Callable[[str, str], tuple[float, float]], path_of: Callable[[str, str], str]
) -> None:
    svg = dict(zip(("wide", "narrow"), render(lambda w: draw(w).figure), strict=True))[width.name]
    left, right = extent_of(svg, f"{width.name}-synthetic-edge")
    height = float(ET.fromstring(svg).attrib["height"].removesuffix("pt"))
    down = [float(y) for y in re.findall(r"[ML] \S+ (\S+)", path_of(svg, f"{width.name}-synthetic-edge"))]
    assert (left, min(down), max(down)) == (0, 0, pytest.approx(height, abs=0.02))  # kept to a hundredth
    sheet = draw(width)
    assert min(text.get_window_extent().x0 for text in sheet.axes.texts) * 72 / 144 > right
    assert sheet.left > right
    (pattern,) = re.findall(r"<pattern.*?</pattern>", svg, re.DOTALL)
    assert YELLOW.lower() in pattern
    assert 'fill="black"' in pattern or "#000000" in pattern


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_the_label_fits_its_box(width: Width, extent_of: Callable[[str, str], tuple[float, float]]) -> None:
    svg = dict(zip(("wide", "narrow"), render(lambda w: draw(w).figure), strict=True))[width.name]
    left, right = extent_of(svg, f"{width.name}-synthetic-label")
    sheet = draw(width)
    said = [text for text in sheet.axes.texts if text.get_text() in SYNTHETIC_WORDS]
    for text in said:
        box = text.get_window_extent()
        assert left < box.x0 / 2
        assert box.x1 / 2 < right
    assert right <= sheet.right


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_published_numbers_have_no_such_marks(width: Width) -> None:
    plain = draw(width, synthetic=False)
    assert "SYNTHETIC" not in " ".join(text.get_text() for text in plain.axes.texts)
    assert plain.axes.patches[:] == []
    assert plain.left == width.margin


def test_a_no_break_space_holds_words_together() -> None:
    assert wrap("7 people\N{NO-BREAK SPACE}or\N{NO-BREAK SPACE}fewer", 1) == [
        "7",
        "people\N{NO-BREAK SPACE}or\N{NO-BREAK SPACE}fewer",
    ]


def lay_out(words: str, within: float, size: float, bold: bool) -> list[str]:
    """Fill lines, each laid out anew with every word."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size=size, bold=bold) <= within:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(
            ["Every", "Tall", "AWAY", "line,", "To.", "is", "wrapped", "(95%", "by", "its)", "words’", "length"]
        ),
        min_size=1,
    ),
    within=st.floats(20, 400),
    size=st.sampled_from([9.5, 11.0, 17.5]),
    bold=st.booleans(),
)
def test_lines_break_where_laying_out_each_would_break_them(
    words: list[str], within: float, size: float, bold: bool
) -> None:
    text = " ".join(words)
    greedy = lay_out(text, within, size, bold)
    if 1 < len(greedy) <= 3:  # then made about equally long
        tries = (lay_out(text, within * share / 100, size, bold) for share in range(50, 100, 2))
        greedy = next((tried for tried in tries if len(tried) == len(greedy)), greedy)
    assert wrap(text, within, size=size, bold=bold) == greedy
