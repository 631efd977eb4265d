"""What a cell displays and nobody can see: an image that is none, a result that cannot be read back."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from coprod.errors import DataError

SOURCE_LINES = 5
PICTURES = {"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif"}
SVG = "image/svg+xml"


def find_broken(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Find the first output that is broken.

    Parameters
    ----------
    cells : iterable of mapping
        The cells of an executed notebook.

    Returns
    -------
    dict
        ``cell``, ``source``, ``error`` and ``message``; empty where every image and every result is whole.

    Examples
    --------
    >>> output = {"data": {"image/svg+xml": "<svg"}}
    >>> find_broken([{"id": "map", "source": "show()", "outputs": [output]}])["message"].split(" (")[0]
    'the image/svg+xml that the cell displays is not whole'
    """
    for cell in cells:
        for output in cell.get("outputs", []):
            why = _why_broken(output.get("data", {}))
            if why:
                return {**place_of(cell), "error": "BrokenOutput", "message": why}
    return {}


def place_of(cell: Mapping[str, Any]) -> dict[str, str]:
    """Return the id of a cell and the last lines of its source."""
    lines = "".join(cell["source"]).rstrip().splitlines()
    return {"cell": str(cell.get("id", "")), "source": "\n".join(lines[-SOURCE_LINES:])}


def _why_broken(data: Mapping[str, Any]) -> str:
    from coprod.results import MIME, from_json  # noqa: PLC0415 - imports pandas, which no kernel waits for

    for kind in (*PICTURES, SVG):
        if kind in data and (why := _why_no_image(kind, data[kind])):
            return f"the {kind} that the cell displays {why}; save it anew and display that"
    if MIME in data:
        try:
            from_json(data[MIME], "the cell")
        except DataError as error:
            what = str(error).partition("; run ")[0]
            return f"{what}; display a Value, a Table or a Figure of coprod.results as it is"
    return ""


def _why_no_image(kind: str, content: object) -> str:
    text = "".join(content) if isinstance(content, list) else content
    if not isinstance(text, str):
        return "is not text"
    if kind == SVG:
        try:
            ET.fromstring(text)  # noqa: S314 - a notebook that ran here may as well do worse
        except ET.ParseError as error:
            return f"is not whole ({error})"
        return ""
    from matplotlib.image import imread  # noqa: PLC0415 - slow, and needed for pictures only

    try:
        imread(io.BytesIO(base64.b64decode(text, validate=False)), format=PICTURES[kind])
    except Exception as error:  # noqa: BLE001 - a damaged picture makes its reader raise anything at all
        return f"cannot be read ({error})"
    return ""
