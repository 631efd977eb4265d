from xml.etree.ElementTree import Element, fromstring, tostring

import pytest

from coprod.report.hatching import draw_hatching

PATTERN = """<defs><pattern id="p" width="72" height="72"><rect width="73" height="73" fill="#fd0"/>
<path d="M0 0L72 72" style="stroke: #1a1a1a"/></pattern></defs>"""


def draw(shape: str) -> Element:
    drawing = fromstring(f"<svg>{PATTERN}{shape}</svg>")
    draw_hatching(drawing)
    return drawing


def tiles(drawing: Element) -> list[str]:
    return [path.get("transform", "") for path in drawing.iter("path") if "transform" in path.attrib]


def test_ground_lines_and_outline_stand_in_place_of_the_pattern() -> None:
    drawing = draw('<path d="M10 10L20 10L20 20z" clip-path="url(#c)" style="fill: url(#p); stroke: #12436d"/>')
    group = drawing[1]
    assert group.get("clip-path") == "url(#c)"
    clip, ground, lines, outline = group
    assert clip.tag == "clippath"
    assert lines.get("clip-path") == f"url(#{clip.get('id')})"
    assert [part.get("style") for part in (ground, lines[0], outline)] == [
        "fill: #fd0",
        "stroke: #1a1a1a",
        "fill: none; stroke: #12436d",
    ]
    assert {path.get("d") for path in (clip[0], ground, outline)} == {"M10 10L20 10L20 20z"}
    assert "clip-path" not in outline.attrib


@pytest.mark.parametrize(
    ("outline", "corners"),
    [
        ("M10 10L20 20z", {(0, 0)}),
        ("M10 10L80 20z", {(0, 0), (72, 0)}),
        ("M0 0L8.8 0L8.8 150L0 150z", {(0, 0), (0, 72), (0, 144)}),
        ("M-5 80C-5 80 10 90 10 100z", {(-72, 72), (0, 72)}),
    ],
)
def test_tiles_cover_the_shape_and_no_more(outline: str, corners: set[tuple[int, int]]) -> None:
    found = tiles(draw(f'<path d="{outline}" style="fill: url(#p)"/>'))
    assert sorted(found) == sorted(f"translate({x} {y})" for x, y in corners)


def test_each_shape_has_a_clip_of_its_own() -> None:
    drawing = draw('<g><path d="M1 1z" style="fill: url(#p)"/>words<path d="M2 2z" style="fill: url(#p)"/></g>')
    assert len({clip.get("id") for clip in drawing.iter("clippath")}) == 2
    assert "words" in tostring(drawing, encoding="unicode")


@pytest.mark.parametrize(
    "shape",
    [
        '<path d="m1 1l2 2z" style="fill: url(#p)"/>',
        '<path d="M1 1H2z" style="fill: url(#p)"/>',
        '<rect width="1" height="1" style="fill: url(#p)"/>',
        '<path d="M1 1z" style="fill: url(#other)"/>',
        '<path d="M1 1z" style="fill: #fd0"/>',
    ],
)
def test_what_is_not_understood_stays_as_it_is(shape: str) -> None:
    assert tostring(draw(shape)) == tostring(fromstring(f"<svg>{PATTERN}{shape}</svg>"))
