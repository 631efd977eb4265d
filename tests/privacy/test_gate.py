"""Leaks planted in every kind of file are found, and what is harmless passes."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.privacy import WITHHELD, Profile, check_folder, check_result, find_profile, release, release_parts
from coprod.results import MIME, Figure, Result, Table, Value

OPEN, HES, ACRO, INTERNAL = map(find_profile, ("opensafely", "nhs-hes", "acro-10", "internal"))
WORDS = {
    "title": "Did confidence change?", "slide": "S9", "source": "Synthetic data, profile opensafely",
    "answer": "The score rose by 0.4 points (0.1 to 0.7); 5 cohorts, 105 people. p = 0.03, 8 items on a 1 to 5 scale.",
}  # fmt: skip
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>Change</title>{}<path id="wide-1-2" d="M 3 4 L 5 6"/></svg>'
CLEAN = pd.DataFrame({
    "cohort": ["Cohort 1", "Cohort 2", "three wards"], "wave": "after", "n": [20, WITHHELD, WITHHELD],
    "estimate": [0.41, WITHHELD, WITHHELD], "flag": ["", WITHHELD, WITHHELD],
})  # fmt: skip


def figure(
    data: pd.DataFrame = CLEAN, alt: str = "Dots: Cohort 2 withheld; 20 people in Cohort 1.", inside: str = ""
) -> Figure:
    drawing = SVG.format(inside)
    return Figure(id="change", data=data, alt=alt, wide=drawing, narrow=drawing, **WORDS)


def table(data: pd.DataFrame = CLEAN, **words: str) -> Table:
    return Table(id="cohorts", data=data, headings={name: name.title() for name in data}, **{**WORDS, **words})


def value(number: object, unit: str = "people") -> Value:
    return Value(id="people", value=number, unit=unit, **WORDS)  # type: ignore[arg-type]


def notebook(*outputs: dict[str, Any], source: str = "table(study)", cell: str = "code") -> str:
    displayed = [{"output_type": "display_data", "data": data, "metadata": {}} for data in outputs]
    cells = [{"cell_type": cell, "source": [f"{source}\n", "# end"], "metadata": {}, "outputs": displayed}]
    return json.dumps({"cells": cells, "metadata": {"n_cells": 1}, "nbformat": 4, "nbformat_minor": 5})


def output_of(result: Result) -> dict[str, Any]:
    return result._repr_mimebundle_()


def uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return folder


def html(inside: str) -> str:
    return f"<!DOCTYPE html><html><head><style>p {{ width: 3; }}</style></head><body>{inside}</body></html>"


def printed(frame: pd.DataFrame, *, index: bool = False) -> str:
    return frame.to_string(index=index)


SMALL = pd.DataFrame({"cohort": ["Cohort 1", "Cohort 2"], "answered": [20, 3]})
EXACT = SMALL.assign(answered=[20, 23])
PERSONS = pd.DataFrame({"participant": ["ann", "bob"], "score": [3.2, 4.4]})
LEAKS = {
    "count in a CSV": ("flow.csv", SMALL.to_csv(index=False)),
    "exact count in a CSV": ("flow.csv", EXACT.to_csv(index=False)),
    "count kept as a fraction in a CSV": ("flow.csv", SMALL.astype({"answered": float}).to_csv(index=False)),
    "statistic of few in a CSV": ("a.csv", CLEAN.assign(estimate=0.4).to_csv(index=False)),
    "share of exact counts in a CSV": ("a.csv", "n,share\n20,0.15\n"),
    "share of a withheld count in a CSV": ("a.csv", "n,share\n[c],0.2\n"),
    "scores in a CSV": ("a.csv", PERSONS.to_csv(index=False)),
    "unknown column in a CSV": ("a.csv", "cohort,minimum\nA,1.2\n"),
    "words in a CSV": ("a.csv", 'cohort,flag\nA,"only 2 nurses came"\n'),
    "result in a JSON": ("a.json", json.dumps(table(SMALL).to_json())),
    "scores in a result in a JSON": ("a.json", json.dumps(table(PERSONS).to_json())),
    "numbers by name in a JSON": ("a.json", json.dumps({"cohorts": {"Cohort 2": {"answered": 3}}})),
    "list of numbers in a JSON": ("a.json", json.dumps({"n_participants": [20, 3]})),
    "numbers enrolled in a JSON": ("a.json", json.dumps({"enrolled": {"North": 23}})),
    "numbers enrolled in a TOML": ("a.toml", "[enrolled]\nNorth = 23\n"),
    "records in a JSON": ("a.json", json.dumps([{"cohort": "A", "n": 20}, {"cohort": "B", "n": 3}])),
    "scores of persons in a JSON": ("a.json", json.dumps([{"participant": "ann", "score": 3.2}] * 2)),
    "words in a JSON": ("a.json", json.dumps({"what": {"answer": "Of them 3 of 20 replied."}})),
    "count in a TOML": ("a.toml", "answered = 3\n"),
    "words in a TOML": ("a.toml", '# 3 people\ntitle = "x"\n'),
    "words in text": ("a.txt", "Only three nurses\ncame back."),
    "words broken over lines": ("a.md", "Only 3\npeople came."),
    "table in Markdown": ("a.md", "| cohort | n |\n|---|---|\n| A | 20 |\n| B | 3 |\n"),
    "columns printed as text": ("a.txt", f"\nFlow\n{printed(SMALL)}\n\nThat was all.\n"),
    "scores printed as text": ("a.txt", printed(PERSONS, index=True)),
    "words of a page": ("a.html", html("<p>Of <b>20</b> enrolled <b>3</b> <em>people</em> were lost.</p>")),
    "table of a page": ("a.html", html(table(SMALL).to_html())),
    "heading of a page's table": ("a.html", html(SMALL.rename(columns={"answered": "People"}).to_html())),
    "scores in a page": ("a.html", html(PERSONS.to_html())),
    "alt text of a page": ("a.html", html('<img alt="Bars: 4 nurses improved" src="x.svg">')),
    "description of a page": ("a.html", html('<meta name="description" content="4 nurses improved">')),
    "comment of a page": ("a.html", html("<!-- 4 nurses improved -->")),
    "picture in a page": ("a.html", html(f'<img alt="Bars" src="{uri(SVG.format("<desc>3 of 20 staff</desc>"))}">')),
    "quoted picture in a page": ("a.html", html(f'<img src="data:image/svg+xml,{quote("<desc>n = 3</desc>")}">')),
    "photograph in a page": ("a.html", html('<img alt="Bars" src="data:image/png;base64,iVBORw0KGgo=">')),
    "title of a drawing": ("a.svg", SVG.format("<desc>3 of 20 answered</desc>")),
    "text of a drawing": ("a.svg", SVG.format("<text>n = 3</text>")),
    "comment of a drawing": ("a.svg", SVG.format("<!-- 3 of 20 -->")),
    "name in a drawing": ("a.svg", SVG.format('<g id="cohort-2-answered-3"></g>')),
    "alt text in a notebook": ("a.ipynb", notebook(output_of(figure(alt="Dots: 3 people in Cohort 2.")))),
    "drawing in a notebook": ("a.ipynb", notebook(output_of(figure(inside="<desc>3 people</desc>")))),
    "page in a notebook": ("a.ipynb", notebook({"text/html": ["<table><tr><th>n</th>", "<tr><td>3</td></table>"]})),
    "text in a notebook": ("a.ipynb", notebook({"text/plain": printed(SMALL).splitlines(keepends=True)})),
    "result in a notebook": ("a.ipynb", notebook({MIME: table(SMALL).to_json()})),
    "source in a notebook": ("a.ipynb", notebook(source="print('3 people')")),
    "prose in a notebook": ("a.ipynb", notebook(source="Of these **3** people", cell="markdown").replace("**", "")),
    "print in a notebook": (
        "a.ipynb", json.dumps({"cells": [{"outputs": [{"output_type": "stream", "text": ["answered    3\n"]}]}]})
    ),
    "photograph in a notebook": ("a.ipynb", notebook({"image/png": "iVBORw0KGgo="})),
    "photograph": ("a.png", "PNG"),
    "file without a kind": ("README", "all is well"),
    "broken JSON": ("a.json", "{"),
    "broken TOML": ("a.toml", "n ="),
}  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found(leak: str, tmp_path: Path) -> None:
    name, content = LEAKS[leak]
    faults = check_folder(write(tmp_path, f"deep/{name}", content), OPEN)
    assert {fault.table for fault in faults} == {f"deep/{name}"}
    assert check_folder(tmp_path, INTERNAL) == []


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    (fault,) = check_folder(tmp_path, OPEN)
    assert "cannot be searched" in fault.what


def test_a_picture_passes_only_if_it_is_byte_for_byte_one_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a picture of 3 people")
    known = {hashlib.sha256(b"a picture of 3 people").hexdigest()}
    assert check_folder(tmp_path, OPEN, known=known) == []
    (tmp_path / "a.png").write_bytes(b"a picture of 4 people")
    assert ["cannot be searched" in fault.what for fault in check_folder(tmp_path, OPEN, known=known)] == [True]


def test_places_in_a_search_index_count_nobody(tmp_path: Path) -> None:
    index = 'Search.setIndex({"terms":{"people":3,"answered":[0,2],"n":1},"titles":["One person"]})'
    assert check_folder(write(tmp_path, "searchindex.js", index), OPEN, ["AB12"]) == []


def clean_folder(folder: Path) -> Path:
    answers = pd.DataFrame({"item": ["c1"] * 3, "response": [1, 2, 3], "label": ["No", "So", "Yes"], "n": [3, 19, 31]})
    flow = pd.DataFrame({"cohort": ["Cohort 3", "B", "C"], "enrolled": [20, 30, 9], "answered": [19, 28, 3]})
    parts, counts = release_parts(answers, [], OPEN), release(flow, OPEN)
    results = [figure(), table(parts), table(counts), value(105), value(5, "cohorts"), value(WITHHELD, "")]
    scales = [{"score": "mean", "items": [item], "minimum": 1, "maximum": 5} for item in ("c1", "c2")]
    files = {
        "all.ipynb": notebook(*map(output_of, results), source="# Cohort 3 answered\nn_cohorts = 5"),
        "parts.csv": parts.to_csv(index=False),
        "flow.csv": counts.to_csv(index=False),
        "change.svg": figure().wide,
        "protocol.json": json.dumps({"columns": {"participant": "code"}, "scale": scales, "seed": 7}),
        "protocol.toml": "title = 'x'\n[analysis]\nlevel = 0.95\nmin_answered = 0.8\n",
        "notes.md": f"{OPEN.words} {HES.words}\n\n| step | what |\n|---|---|\n| 1 | read |\n\nIn 2017: 5 cohorts.\n",
        "longer.txt": "Wave Whose silent participants\nlast                  Cohort 1\n",
        "prose.txt": "These are some people\nand later there are 2\nwaves.\n\nIt is called n\nand it holds 3\nwaves.\n",
    }  # fmt: skip
    for number, result in enumerate(results):
        files |= {f"{number}.json": json.dumps(result.to_json()), f"{number}.txt": result.to_text()}
        files |= {f"{number}.html": html(result.to_html())}
    for name, content in files.items():
        write(folder, name, content)
    return folder


def test_a_clean_folder_passes(tmp_path: Path) -> None:
    assert check_folder(clean_folder(tmp_path), OPEN, ["AB12", "7", "people", "999999"]) == []


def test_names_in_the_data_count_nobody(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "cohort,n\nWard 3,20\n")
    assert check_folder(write(tmp_path, "a.txt", "Ward 3 answered, and Ward 3 staff too."), OPEN) == []
    assert check_folder(write(tmp_path, "a.txt", "Ward 4 answered."), OPEN) != []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "so wrote AB12 in spring"),
        ("a.csv", "cohort,flag\nA,see ab12\n"),
        ("a.json", json.dumps({"AB12": 1})),
        ("a.svg", SVG.format('<g id="line-AB12"/>')),
        ("a.html", html(f'<img src="{uri(SVG.format("<desc>AB12</desc>"))}">')),
        ("a.ipynb", notebook({"text/plain": ["A", "B12"]})),
        ("a.js", 'Search.setIndex({"terms":{"ab12":0}})'),
        ("a.css", "/* AB12 */"),
        ("AB12.txt", "nothing"),
        ("a.txt", "mail j.doe2@example.org"),
        ("a.txt", "number 20170316 of the register"),
    ],
)
def test_a_code_is_found_anywhere(name: str, content: str, tmp_path: Path) -> None:
    faults = check_folder(write(tmp_path, name, content), OPEN, ["AB12", "j.doe2@example.org", "20170316"])
    assert ["participant's code" in fault.what for fault in faults] == [True]


@pytest.mark.parametrize("code", ["3", "17", "ann", "after", "A1", "12345", "beef"])
def test_a_code_that_could_be_anything_is_not_searched(code: str, tmp_path: Path) -> None:
    assert check_folder(write(tmp_path, "a.txt", f"see {code}"), OPEN, [code]) == []


@pytest.mark.parametrize("words", ["xAB123", "#ab12cd", "AB12x", "0.AB12x"])
def test_a_code_is_found_as_a_word_only(words: str, tmp_path: Path) -> None:
    assert check_folder(write(tmp_path, "a.txt", words), OPEN, ["AB12", "ab12cd"]) == []


@pytest.mark.parametrize(
    ("result", "what"),
    [
        (table(SMALL), "shows a count of 3, which is too few"),
        (table(EXACT), "shows a count of 23, which is not rounded to 5"),
        (table(SMALL.assign(answered=[20, -5])), "shows a count of -5"),
        (table(PERSONS), "'participant' is not known to hide single people"),
        (table(CLEAN.assign(estimate=0.4)), "statistic of people whose number is withheld"),
        (table(pd.DataFrame({"n": [20], "share": [0.15]})), "not a share of released counts"),
        (table(title="4 nurses improved"), "count 4 people"),
        (table(answer="Of 20 people 12 did not reply."), "12 people, which is not rounded"),
        (table(source="3 of 20 replies"), "count 3 people"),
        (figure(alt="Dots: one student in Cohort 2"), "count 1 people"),
        (figure(inside="<!-- n = 3 -->"), "count 3 people"),
        (figure(inside='<g id="wide-answered-3"/>'), "count 3 people"),
        (figure(data=SMALL), "count of 3"),
        (value(3), "count of 3"),
        (value(103, "participants"), "not rounded"),
        (value("3", "staff"), "count of 3"),
    ],
)
def test_a_result_that_tells_too_much_is_refused(result: Result, what: str) -> None:
    with pytest.raises(DataError, match=f"result '{result.id}' may not be shown under profile 'opensafely'.*{what}"):
        check_result(result, OPEN)
    assert check_result(result, INTERNAL) is result


@pytest.mark.parametrize(
    "result", [figure(), table(), value(105), value(WITHHELD, ""), value(5, "cohorts"), value(0.41, "points")]
)
def test_a_result_that_keeps_the_rules_passes_as_it_is(result: Result) -> None:
    assert check_result(result, OPEN) is result


def test_parameters_are_looked_at_too() -> None:
    shown = Value(id="people", value=20, unit="people", parameters={"why": "3 people asked"}, **WORDS)
    with pytest.raises(DataError, match="3 people"):
        check_result(shown, OPEN)


def test_zeros_are_shown_where_the_profile_says_so() -> None:
    nobody = table(pd.DataFrame({"n": [0, 20], "share": [0.0, 1.0], "boundary": [True, False]}))
    assert check_result(nobody, HES) is nobody
    with pytest.raises(DataError, match="count of 0"):
        check_result(nobody, OPEN)


@pytest.mark.parametrize("profile", [OPEN, HES, ACRO], ids=lambda profile: profile.name)
def test_what_is_released_passes(profile: Profile) -> None:
    flow = pd.DataFrame({"cohort": list("ABCDE"), "enrolled": [20, 31, 12, 9, 40], "answered": [19, 22, 12, 3, 11]})
    change = flow.rename(columns={"answered": "n_participants"}).assign(estimate=0.41, df=17.3, flag="2 people left")
    answers = pd.DataFrame({"item": "c1", "response": range(1, 6), "n": [0, 3, 15, 31, 52]})
    for frame in (release(flow, profile), release(change, profile), release_parts(answers, "item", profile)):
        assert check_result(table(frame, answer="Done."), profile)
