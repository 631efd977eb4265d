import warnings
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from coprod.figures import theme
from coprod.figures.sheet import Sheet, measure, wrap
from coprod.figures.theme import NARROW, WIDE, LayoutWarning, layout_faults, render


def draw_words(*places: tuple[float, float, str], size: float = 12) -> Figure:
    figure = Figure(figsize=(4, 2))
    for x, y, words in places:
        figure.text(x, y, words, size=size)
    return figure


def test_apart_and_inside_is_no_fault() -> None:
    assert layout_faults(draw_words((0.1, 0.2, "below"), (0.1, 0.8, "above"))) == []


def test_text_over_text_is_named() -> None:
    (fault,) = layout_faults(draw_words((0.1, 0.5, "one"), (0.12, 0.5, "two")))
    assert fault == "'one' lies over 'two'"


def test_text_off_the_canvas_is_named() -> None:
    (fault,) = layout_faults(draw_words((0.95, 0.5, "too far right")))
    assert fault == "'too far right' runs off the canvas"


@pytest.mark.parametrize(("size", "count"), [(9.4, 1), (9.5, 0)])
def test_small_text_is_named(size: float, count: int) -> None:
    assert len(layout_faults(draw_words((0.1, 0.5, "small print"), size=size))) == count


def test_hidden_text_is_no_fault() -> None:
    figure = draw_words((0.1, 0.5, "shown"))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.text(0.1, 0.5, "hidden").set_visible(False)
    axes.set_axis_off()  # its tick labels would run off
    assert layout_faults(figure) == []


def test_render_warns_of_each_faulty_width() -> None:
    with pytest.warns(LayoutWarning) as caught:
        render(lambda _: draw_words((0.1, 0.5, "one"), (0.12, 0.5, "two")))
    assert [str(warning.message).split(":")[0] for warning in caught] == ["wide figure", "narrow figure"]


def test_render_changes_no_global_setting_and_ignores_them() -> None:
    def draw(width: theme.Width) -> Figure:
        return Sheet(width, "A title", "and a subtitle").close("Source: a test.")

    before = dict(mpl.rcParams)
    plain = render(draw)
    assert dict(mpl.rcParams) == before
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9, "svg.fonttype": "none"}):
        assert render(draw) == plain


def test_shortening_moves_no_point_by_more_than_a_hundredth() -> None:
    assert theme._shorten('<path d="M 1.23456 -0.5\n   L 10.996 2"/>') == '<path d="M 1.23 -0.5\nL 11 2"/>'
    assert theme._shorten('<use transform="scale(0.015625)"/>') == '<use transform="scale(0.015625)"/>'


def test_colours_are_far_from_the_palette_s_pink() -> None:
    used = theme.palette()
    assert "#801650" not in vars(used).values()
    assert used.dark_blue == "#12436D"


def test_headline_takes_the_first_of_ten_words() -> None:
    assert theme.headline("a " * 11, "a " * 10) == "a " * 10
    assert theme.headline("short", "b") == "short"


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
def test_sheet_grows_with_its_words(width: theme.Width) -> None:
    short = Sheet(width, "Title", "Subtitle").close("Source.")
    long = Sheet(width, "Title", "Subtitle").close("Source. " * 80)
    assert long.get_figheight() > short.get_figheight()
    assert layout_faults(long) == []


@pytest.mark.parametrize("within", [40, 80, 120, 200])
def test_wrap_keeps_every_word_and_the_breadth(within: float) -> None:
    words = "Even if every silent group is counted as a yes about one in five had done any"
    lines = wrap(words, within)
    assert " ".join(lines) == words
    assert all(measure(line) <= within for line in lines)


def test_wrap_balances_short_texts() -> None:
    within = measure("29 or 30 of 209 groups had done any") + 1
    assert wrap("29 or 30 of 209 groups had done any co-production", within) != [
        "29 or 30 of 209 groups had done any",
        "co-production",
    ]


def test_no_warning_without_fault() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render(lambda width: Sheet(width, "A title", "and a subtitle").close("Source: a test."))


@pytest.mark.filterwarnings("ignore:Glyph .* missing:UserWarning")  # a bell has no glyph
@pytest.mark.parametrize("character", ["\x07", "\x1b", "\x00", "\ufffe", "\uffff"])
def test_a_name_with_a_character_that_xml_cannot_hold_leaves_a_drawing_that_opens(character: str) -> None:
    for drawing in render(lambda width: Sheet(width, f"A{character}B", "and a subtitle").close("Source: a test.")):
        ET.fromstring(drawing)
        assert "A\N{REPLACEMENT CHARACTER}B" in drawing
