import base64
import io
from typing import Any

import pytest
from matplotlib.figure import Figure

from coprod.reproduce.broken import find_broken


def picture(kind: str) -> str:
    content = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(content, format=kind)
    return base64.encodebytes(content.getvalue()).decode()


def cells(**data: Any) -> list[dict[str, Any]]:
    data = {name.replace("_", "/").replace("/plus", "+"): content for name, content in data.items()}
    return [{"id": "text", "source": "# none"}, {"id": "map", "source": ["a\n", "show()"], "outputs": [{"data": data}]}]


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_picture_that_is_whole_is_none_and_one_cut_short_is_named(kind: str) -> None:
    whole = picture(kind)
    assert find_broken(cells(**{f"image_{kind}": whole})) == {}
    found = find_broken(cells(**{f"image_{kind}": whole[: len(whole) // 2]}))
    assert (found["cell"], found["source"], found["error"]) == ("map", "a\nshow()", "BrokenOutput")
    assert found["message"].startswith(f"the image/{kind} that the cell displays cannot be read (")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"image_png": "bm90IGFuIGltYWdl"}, "the image/png that the cell displays cannot be read"),
        ({"image_png": "\x00\xff"}, "the image/png that the cell displays cannot be read"),
        ({"image_gif": {"a": 1}}, "the image/gif that the cell displays is not text"),
        ({"image_svg_plusxml": "<svg><g></svg>"}, "the image/svg+xml that the cell displays is not whole (mismatch"),
        ({"application_vnd.coprod.result_plusjson": {"id": "n", "schema": 1, "kind": "sum"}},
         "the cell: result 'n' cannot be read (KeyError: 'sum'); display a Value, a Table or a Figure"),
        ({"application_vnd.coprod.result_plusjson": "?"}, "the cell: result None cannot be read (ValueError"),
    ],
)  # fmt: skip
def test_what_nobody_can_see_is_named(data: dict[str, Any], why: str) -> None:
    assert why in find_broken(cells(**data))["message"]


@pytest.mark.parametrize("drawing", ["<svg/>", ["<svg>\n", "<title>a</title></svg>"]])
def test_a_whole_drawing_is_left_alone(drawing: Any) -> None:
    assert find_broken(cells(image_svg_plusxml=drawing, text_plain="<svg")) == {}
