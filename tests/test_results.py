import base64
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert import HTMLExporter

from coprod.errors import DataError
from coprod.results import MIME, SCHEMA, Figure, Result, Table, Value, from_json, read_notebook, show
from coprod.results.plain import TERMINAL

WORDS = {"title": "Groups that answered", "answer": "Most did.", "slide": "S5", "source": "survey.csv"}
MARKUP = "<b>R&D \"one\" 'two'</b>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>{}</title></svg>'
GROUPS = pd.array([196, None], dtype="Int64")
DATA = pd.DataFrame({"item": ["replied", "silent"], "groups": GROUPS, "hidden": [1.5, -2.0]})
HEADINGS = {"item": "Answer", "groups": "Groups"}


def value(**change: object) -> Value:
    return Value(**{"id": "replied", "value": 196, "unit": "groups", **WORDS, **change})


def table(**change: object) -> Table:
    return Table(**{"id": "replies", "data": DATA, "headings": HEADINGS, **WORDS, **change})


def figure(**change: object) -> Figure:
    drawings = {"wide": SVG.format("wide"), "narrow": SVG.format("narrow")}
    return Figure(**{"id": "waffle", "data": DATA, "alt": "Waffle of 209 groups.", **drawings, **WORDS, **change})


KINDS = [value(), table(), figure()]
BY_KIND = pytest.mark.parametrize("result", KINDS, ids=lambda result: result.kind)


class Tags(HTMLParser):
    """The tags of a piece of HTML with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"br", "img", "source"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def notebook(*results: Result) -> nbformat.NotebookNode:
    """A notebook as executed: one cell for each result, its bundle in the output."""
    cells = [nbformat.v4.new_markdown_cell("# Words", id="words"), nbformat.v4.new_code_cell("1", id="plain")]
    for number, result in enumerate(results):
        output = nbformat.v4.new_output("display_data", data=result._repr_mimebundle_())
        cells.append(nbformat.v4.new_code_cell("show", id=f"c{number}", outputs=[output]))
    return nbformat.v4.new_notebook(cells=cells)


@BY_KIND
def test_a_result_displays_html_text_and_itself(result: Result) -> None:
    bundle = result._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/html", "text/plain", MIME}
    assert bundle[MIME] == json.loads(json.dumps(bundle[MIME], allow_nan=False))
    assert {name: bundle[MIME][name] for name in WORDS} == WORDS
    assert (bundle[MIME]["schema"], bundle[MIME]["kind"]) == (SCHEMA, result.kind)
    assert result.title in bundle["text/plain"]
    assert result.answer in bundle["text/plain"]
    assert result.answer in bundle["text/html"]
    tags = Tags(bundle["text/html"])
    assert tags.open == []
    assert tags.tags[0][1]["id"] == result.id


@BY_KIND
def test_a_result_comes_back_from_its_json_as_it_was(result: Result) -> None:
    again = from_json(json.loads(json.dumps(result.to_json())))
    assert type(again) is type(result)
    assert again == result
    assert hash(again) == hash(result)
    assert again._repr_mimebundle_() == result._repr_mimebundle_()


def test_results_of_other_content_or_kind_are_not_equal() -> None:
    assert value() != value(value=197)
    assert value() != value(answer="Few did.")
    assert value() != "replied"
    assert table() != table(data=DATA.assign(hidden=0))


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.text()
)


@given(scalars.filter(lambda scalar: scalar is not None), st.text(), st.dictionaries(st.text(), scalars))
def test_any_value_survives_the_round_trip(number: object, unit: str, parameters: dict[str, object]) -> None:
    original = value(value=number, unit=unit, parameters=parameters)
    again = from_json(json.loads(json.dumps(original.to_json(), allow_nan=False)))
    assert (again.value, again.unit, again.parameters) == (number, unit, parameters)


@given(st.lists(st.tuples(scalars, scalars, st.lists(scalars, max_size=3)), min_size=1, max_size=5))
def test_any_cells_survive_the_round_trip(rows: list[tuple[object, object, list[object]]]) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b", "c"], dtype=object)
    again = from_json(json.loads(json.dumps(table(data=frame, headings={"a": "A"}).to_json(), allow_nan=False)))
    assert [tuple(row) for row in again.data.to_numpy().tolist()] == rows


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_a_missing_cell_is_null_in_json_and_words_in_the_table(missing: object) -> None:
    shown = table(data=pd.DataFrame({"item": ["replied"], "groups": [missing]}), missing="not stated")
    assert shown.to_json()["data"]["rows"] == [["replied", None]]
    assert "not stated" in Tags(shown.to_html()).text
    assert "not stated" in shown.to_text()


def test_a_table_in_a_terminal_is_wrapped_to_its_width_and_loses_no_word() -> None:
    words = "one two three four five six seven eight nine ten " * 6
    rows = pd.DataFrame({"item": ["replied", "silent"], "why": [words, "short"], "more": [words, words], "n": [1, 2]})
    shown = table(data=rows, headings={"item": "Answer", "why": "Why", "more": "And more", "n": "Groups"}).to_text()
    head, *lines = shown.splitlines()[2:]
    assert head.split() == ["Answer", "Why", "And", "more", "Groups"]
    assert max(map(len, lines)) <= TERMINAL
    assert " ".join(lines).split().count("seven") == 18
    assert [line[:7].strip() for line in lines if line[:7].strip()] == ["replied", "silent"]


def test_many_columns_go_past_the_width_before_a_word_is_broken() -> None:
    columns = [f"satterthwaite{number}" for number in range(10)]
    shown = table(data=pd.DataFrame([columns], columns=columns), headings={name: name for name in columns}).to_text()
    assert shown.splitlines()[-1].split() == columns


def test_a_short_cell_stays_on_one_line_and_a_long_one_gets_room() -> None:
    rows = pd.DataFrame({"item": ["29 to 30", "half as long", "x " * 30]})
    cells = Tags(table(data=rows, headings={"item": "Groups"}).to_html()).all("th")[1:]
    assert ["nowrap" in str(cell["style"]) for cell in cells] == [True, True, False]
    assert ["min-width" in str(cell["style"]) for cell in cells] == [False, False, True]


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (np.array([1, 2]), [1, 2]),
        ((1, None), [1, None]),
    ],
)
def test_numbers_of_numpy_are_kept_as_plain_ones(given_value: object, kept: object) -> None:
    plain = value(parameters={"p": given_value}).to_json()["parameters"]["p"]
    assert plain == kept
    assert type(plain) is type(kept)


@pytest.mark.parametrize("bad", [float("inf"), pd.Timestamp("2017-09-14"), {"a": 1}, object()])
def test_what_json_cannot_hold_is_refused(bad: object) -> None:
    with pytest.raises(TypeError, match="cannot be kept as JSON; make it text or a finite number"):
        value(value=bad).to_json()


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (0.15306122, "0.153"),
        (-0.5, "−0.5"),
        (-2, "−2"),
        (-0.0001, "0"),
        (2.0, "2"),
        (1000, "1000"),
        (np.int64(-3), "−3"),
        (True, "yes"),
        (False, "no"),
        ("co-production", "co-production"),
    ],
)
def test_numbers_are_shown_with_a_real_minus_and_no_idle_zeros(shown: object, words: str) -> None:
    assert show(shown) == words


def test_a_table_can_be_read_by_ear() -> None:
    html = Tags(table().to_html())
    heads = html.all("th")
    assert [tag for tag, _ in html.tags].index("caption") == 1
    assert [head["scope"] for head in heads] == ["col", "col", "row", "row"]
    assert len(html.all("td")) == len(DATA)
    assert "hidden" not in html.text
    assert WORDS["title"] in html.text
    assert "196" in html.text


def test_a_figure_carries_both_widths_and_its_alt_text_on_the_image() -> None:
    html = Tags(figure().to_html())
    (image,), (source,) = html.all("img"), html.all("source")
    assert image["alt"] == "Waffle of 209 groups."
    for width, address in (("wide", image["src"]), ("narrow", source["srcset"])):
        head, _, content = str(address).partition(",")
        assert head == "data:image/svg+xml;base64"
        assert base64.b64decode(content).decode() == SVG.format(width)
    assert "Waffle of 209 groups." in figure().to_text()


@pytest.mark.parametrize(
    "result",
    [
        value(title=MARKUP, answer=MARKUP, unit=MARKUP, value=MARKUP),
        table(title=MARKUP, answer=MARKUP, headings={"item": MARKUP}, data=pd.DataFrame({"item": [MARKUP, MARKUP]})),
        figure(answer=MARKUP, alt=MARKUP),
    ],
    ids=lambda result: result.kind,
)
def test_markup_in_words_is_shown_not_obeyed(result: Result) -> None:
    html = Tags(result.to_html())
    assert "b" not in [tag for tag, _ in html.tags]
    assert MARKUP in html.text
    assert all(image["alt"] == MARKUP for image in html.all("img"))


@pytest.mark.parametrize("template", ["lab", "classic", "basic"])
def test_alt_text_reaches_every_exported_page(template: str) -> None:
    body, _ = HTMLExporter(template_name=template).from_notebook_node(notebook(figure()))
    (image,) = re.findall(r"<img[^>]*>", body)
    assert 'alt="Waffle of 209 groups."' in image


def test_a_notebook_gives_its_results_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "run.ipynb"
    nbformat.write(notebook(*KINDS), path)
    assert read_notebook(path) == KINDS
    assert read_notebook(str(path)) == KINDS


def test_a_notebook_that_was_not_run_holds_no_results(tmp_path: Path) -> None:
    nbformat.write(notebook(), tmp_path / "bare.ipynb")
    assert read_notebook(tmp_path / "bare.ipynb") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\xff\xfe",
        b"[]",
        b"{}",
        b'{"cells": 1}',
        b'{"cells": [1]}',
        b'{"cells": [{"outputs": [{"data": 1}]}]}',
    ],
    ids=["empty", "binary", "list", "no cells", "cells no list", "cell no object", "data no object"],
)
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    with pytest.raises(DataError, match="bad.ipynb is not a whole notebook .*; delete it and run 'coprod run'"):
        read_notebook(path)


@pytest.mark.parametrize("part", [0.01, 0.25, 0.5, 0.75, 0.99])
def test_a_notebook_cut_off_anywhere_is_refused(tmp_path: Path, part: float) -> None:
    path = tmp_path / "cut.ipynb"
    nbformat.write(notebook(*KINDS), path)
    whole = path.read_bytes().rstrip()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(DataError, match="is not a whole notebook"):
        read_notebook(path)


def test_a_missing_notebook_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.ipynb is missing; run 'coprod run' to make it"):
        read_notebook(tmp_path / "none.ipynb")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, "schema 2, expected 1"),
        ({"kind": "film"}, "KeyError: 'film'"),
        ({"data": {"columns": ["a"]}}, "KeyError: 'rows'"),
        ({"data": {"columns": ["a"], "rows": [[1, 2]]}}, "ValueError"),
        ({"title": " "}, "has no title"),
        ({"colour": "red"}, "TypeError"),
    ],
)
def test_a_payload_that_is_no_result_is_refused_with_its_place(change: dict[str, object], said: str) -> None:
    with pytest.raises(DataError, match=f"run.ipynb: result 'replies' cannot be read .*{said}.*; run 'coprod run'"):
        from_json({**table().to_json(), **change}, "run.ipynb")


@pytest.mark.parametrize("payload", [None, 5, "text", [1, 2]])
def test_a_payload_of_another_shape_is_refused(payload: object) -> None:
    with pytest.raises(DataError, match="result None cannot be read"):
        from_json(payload)


@pytest.mark.parametrize("bad", ["", "Survey", "5", "a b", "a/b", "../a", "é"])
def test_an_id_must_be_fit_for_a_file_name(bad: str) -> None:
    with pytest.raises(ValueError, match="is not lower case letters, digits and underscores"):
        value(id=bad)


@pytest.mark.parametrize("name", ["title", "answer", "slide", "source"])
def test_a_result_without_words_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"result 'replied' has no {name}; give it one"):
        value(**{name: "  "})


def test_a_figure_without_alt_text_is_refused() -> None:
    with pytest.raises(ValueError, match="figure 'waffle' has no alt text"):
        figure(alt=" ")


@pytest.mark.parametrize("headings", [{}, {"item": "Answer", "absent": "Absent"}])
def test_a_table_heads_columns_of_its_data(headings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="table 'replies' has headings for"):
        table(headings=headings)


def test_synthetic_data_are_named_first() -> None:
    with pytest.raises(ValueError, match="its alt text must start with that word"):
        figure(synthetic=True)
    shown = figure(synthetic=True, alt="Synthetic data: a waffle.")
    assert shown.to_text().startswith("SYNTHETIC: ")
    assert from_json(shown.to_json()).synthetic is True


@pytest.mark.parametrize("make", [value, table, figure])
def test_synthetic_data_are_marked_wherever_they_show(make: Callable[..., Result]) -> None:
    alt = {"alt": "Synthetic data: a waffle."} if make is figure else {}
    real, made_up = make(**alt), make(synthetic=True, **alt)
    mark = "Synthetic data, made up Most did."
    assert mark in Tags(made_up.to_html()).text
    assert "ynthetic" not in Tags(real.to_html()).text
    assert (real.stem, made_up.stem) == (real.id, f"synthetic_{real.id}")
    assert made_up.to_text().startswith("SYNTHETIC: ")


def test_results_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        value().value = 3
