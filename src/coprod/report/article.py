"""The pages of a built site, taken apart: their words as they stand, made to stand together in one document."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, TreeBuilder, tostring

from coprod.errors import DataError
from coprod.report.hatching import draw_hatching

FIRST = "index"
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
LEFT_OUT = frozenset(
    [
        "script",
        "link",
        "meta",
        "source",
        "button",
        "form",
        "input",
        "nav",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
    ]
)
"""Elements that are nothing on paper."""
UNSEEN = frozenset(("visually-hidden", "narrow", "downloads", "toctree-wrapper"))
"""Classes of what is for the screen alone: words beside a link, a drawing for a phone, files to fetch."""
SAID_AGAIN = ("In words", "As a table")
"""How folded parts begin that say again what a figure shows; its alt text stays with the figure."""
INSTEAD = {
    "details": ("div", "unfolded"),
    "summary": ("p", "folded"),
    "figure": ("div", "figure"),
    "figcaption": ("p", "answer"),
}
"""Element and class for what is nothing on paper, and for a figure: in a PDF only the drawing in it is one."""
MOST_COLUMNS = 11
"""Columns of a table that a sheet held upright has room for."""
LONG_WORD = 24
"""Letters from which on a word in a table, such as an address, may break anywhere."""
POINTERS = ("aria-labelledby", "aria-describedby", "aria-controls", "headers", "for")
_ADDRESS = re.compile(r"url\((['\"]?)#")


@dataclass(frozen=True)
class Article:
    """The words of one page of a site.

    Attributes
    ----------
    page : str
        File name without ``.html``; also the id of the article in the document.
    title : str
        Its first heading.
    html : str
        What stands in its ``<article role="main">``: every id begins with the page, every link to a page of the site
        leads to a place in the document, and what needs a screen is left out.
    """

    page: str
    title: str
    html: str


def read_site(site: Path) -> tuple[str, list[Article]]:
    """Read a site as one document.

    Parameters
    ----------
    site : Path
        Folder of a site that Sphinx built.

    Returns
    -------
    str
        Title of the site.
    list of Article
        In the order of the table of contents on the first page, which comes first itself.

    Raises
    ------
    DataError
        If a page is missing or has no article.
    """
    site = site.resolve()
    first = _read(site / f"{FIRST}.html")
    listed = [urlsplit(link.get("href", "")).path for item in first.iter("li")
              if "toctree-l1" in item.get("class", "") for link in item.iter("a")]  # fmt: skip
    pages = list(dict.fromkeys([FIRST, *(name.removesuffix(".html") for name in listed if name.endswith(".html"))]))
    title = next((_words(element) for element in first.iter("title")), "")
    return title, [_article(site, page, pages) for page in pages]


def _article(site: Path, page: str, pages: Collection[str]) -> Article:
    path = site / f"{page}.html"
    root = next((one for one in _read(path).iter("article") if one.get("role") == "main"), None)
    if root is None:
        raise DataError(f"{path} has no <article role='main'>; build the site again with 'coprod report'")
    _leave_out(root)
    for drawing in root.iter("svg"):
        draw_hatching(drawing)
    for element in root.iter():
        _place(element, page, pages, site)
    title = next((_words(element) for element in root.iter("h1")), page)
    return Article(page, title, "".join(tostring(child, encoding="unicode", method="html") for child in root))


def _leave_out(parent: Element, *, of_value: bool = False) -> None:
    """Take out what is nothing on paper, and open what is folded."""
    for child in list(parent):
        if _is_for_the_screen(child) or (of_value and child.tag == "dl"):
            _remove(parent, child)
            continue
        _leave_out(child, of_value=of_value or {"result", "value"} <= _classes(child))
        if child.tag in INSTEAD:
            child.tag, name = INSTEAD[child.tag]
            child.attrib = {"class": name}
        elif _is_wide(child):
            child.set("class", f"{child.get('class', '')} print-sideways")
        elif child.tag in {"td", "th"} and any(len(word) > LONG_WORD for word in _words(child).split()):
            child.set("class", f"{child.get('class', '')} print-breakable")


def _remove(parent: Element, child: Element) -> None:
    """Take an element out, and leave the words after it."""
    place = list(parent).index(child)
    parent.remove(child)
    if place:
        parent[place - 1].tail = (parent[place - 1].tail or "") + (child.tail or "")
    else:
        parent.text = (parent.text or "") + (child.tail or "")


def _is_for_the_screen(element: Element) -> bool:
    if element.tag in LEFT_OUT or "download" in element.attrib or _classes(element) & UNSEEN:
        return True
    summary = element.find("summary")
    return element.tag == "details" and summary is not None and _words(summary).startswith(SAID_AGAIN)


def _is_wide(element: Element) -> bool:
    row = element.find(".//tr")
    return element.tag == "table" and row is not None and len(row) > MOST_COLUMNS


def _classes(element: Element) -> set[str]:
    return set(element.get("class", "").split())


def _place(element: Element, page: str, pages: Collection[str], site: Path) -> None:
    """Make ids and links of an element good for a document that holds every page."""
    for name, value in list(element.attrib.items()):
        if name.startswith("on"):
            del element.attrib[name]
        elif name == "id":
            element.set(name, f"{page}--{value}")
        elif name in POINTERS:
            element.set(name, " ".join(f"{page}--{word}" for word in value.split()))
        elif name in {"href", "xlink:href"}:
            _lead(element, name, page, pages)
        elif name == "src":
            element.set(name, urljoin(f"{site.as_uri()}/", value))
        elif "url(" in value:
            element.set(name, _ADDRESS.sub(rf"url(\g<1>#{page}--", value))
    if element.tag == "style" and element.text:
        element.text = _ADDRESS.sub(rf"url(\g<1>#{page}--", element.text)


def _lead(element: Element, name: str, page: str, pages: Collection[str]) -> None:
    """Lead a link to its place in the document; one to a file of the site is none on paper."""
    address = urlsplit(element.get(name, ""))
    target = address.path.removesuffix(".html") if address.path else page
    if address.scheme in {"http", "https", "mailto"} or (address.scheme == "data" and element.tag != "a"):
        return
    if not address.scheme and not address.netloc and target in pages:
        element.set(name, f"#{target}--{address.fragment}" if address.fragment else f"#{target}")
    else:
        del element.attrib[name]


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _read(path: Path) -> Element:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        raise DataError(f"{path} is missing; build the site again with 'coprod report'") from None
    reader = _Reader()
    reader.feed(text)
    return reader.end()


class _Reader(HTMLParser):
    """Reads a page into elements, and closes what it leaves open."""

    def __init__(self) -> None:
        super().__init__()
        self._builder, self._open = TreeBuilder(), ["page"]
        self._builder.start("page", {})

    def end(self) -> Element:
        self.close()
        self._close_to(0)
        return self._builder.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self._builder.end(tag)
        else:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._close_to(len(self._open) - 1 - self._open[::-1].index(tag))

    def handle_data(self, data: str) -> None:
        self._builder.data(data)

    def _close_to(self, place: int) -> None:
        while len(self._open) > place:
            self._builder.end(self._open.pop())
