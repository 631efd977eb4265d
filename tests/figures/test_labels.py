"""Words beside lines: by how they would overlap."""

import pytest

from coprod.figures.labels import place_labels, stand_aside
from coprod.figures.sheet import measure


@pytest.mark.parametrize("gap", [0, 5, 30, 90, 150, 199])
@pytest.mark.parametrize("start", [0, 40, 100, 199])
def test_labels_of_two_lines_never_meet(start: float, gap: float) -> None:
    edges = (0.0, 204.0)
    x, words = [start, min(start + gap, 204)], ["no change (back to start)", "same as those who replied (+0.25)"]
    labels = place_labels(x, words, edges)
    spans = []
    for label in labels:
        breadth = max(measure(line, size=9.5) for line in label.lines)
        spans.append((label.x, label.x + breadth) if label.align == "left" else (label.x - breadth, label.x))
        assert spans[-1][0] >= edges[0]
        assert spans[-1][1] <= edges[1]
    if labels[0].row == labels[1].row:
        assert spans[0][1] <= spans[1][0] or spans[1][1] <= spans[0][0]


@pytest.mark.parametrize("gap", [0.5, 4, 20, 44])
@pytest.mark.parametrize("tip", [-30, -3, 0, 1, 8, 30, 60])
def test_numbers_of_two_points_never_meet_and_no_line_goes_through_them(gap: float, tip: float) -> None:
    breadth, points = 30.0, [100.0, 100.0 + gap]
    starts = [
        stand_aside(point, breadth, [other for other in points if other != point], [100 + tip]) for point in points
    ]
    apart = abs(starts[1] - starts[0])
    assert apart >= breadth
    if gap < breadth + 6:  # else they stand over their points, and a line may lead up through one of them
        assert not [start for start in starts if start < 100 + tip < start + breadth]
