"""The site of an evaluation whose every name is markup, a formula or a template, read through a real browser."""

import csv
import html
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

HEAVIEST = 500_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TITLE = "Risk </title><script>alert(1)</script> {{ 7*7 }} [x](javascript:alert(2)) # `t`"
SCALE = "`confidence` <u>{sub}`x`</u> **b**"
WORDING = "```{include} /etc/passwd\n```\n<iframe src=https://example.org>"
NAMES = {
    "Cohort 1": "<script>alert(3)</script>",
    "Cohort 2": "=cmd|' /C calc'!A0",
    "Cohort 3": "{{ 7*7 }} {% raw %} -- <!-- x -->",
    "Cohort 4": "[x](javascript:alert(4)) `a` **b**",
    "Cohort 5": "# \"heading\" onload='alert(5)' ]]>",
    "staff": "staff<img src=x onerror=alert(6)>",
    "students": "@students",
    "before": "1. before </text></svg><script>alert(7)</script>",
    "after": "*after* &lt;i&gt;",
    "later": "{eval-rst} $x$",
}
RESPONSES, PROTOCOL = "our \"answers\" <b> '1'.csv", "plan <i> {{ 1 }}.toml"
FindWrong = Callable[..., dict[str, list[object]]]


@pytest.fixture(scope="module")
def out(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an evaluation leaves whose names are all hostile, and none of them changed on the way in."""
    folder = tmp_path_factory.mktemp("hostile")
    with open(root / "data" / "training" / "synthetic_responses.csv", encoding="utf-8", newline="") as file:
        rows = [[NAMES.get(cell, cell) for cell in row] for row in csv.reader(file)]
    with open(folder / RESPONSES, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (folder / PROTOCOL).write_text(rename(root / "data" / "training" / "protocol.toml"), encoding="utf-8")
    coprod = str(Path(sys.executable).with_name("coprod"))
    command = [coprod, "evaluate", RESPONSES, "--protocol", PROTOCOL, "--out", "out <u>", "--report"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\nout <u>/site/index.html\n")
    return folder / "out <u>"


def rename(protocol: Path) -> str:
    """Write the protocol with hostile names in it, each quoted as TOML wants it."""
    more = {
        "Clinical risk training (worked example, made up)": TITLE,
        "confidence": SCALE,
        "I see strengths as well as danger": WORDING,
        "internal": "opensafely",
    }
    names = NAMES | more
    text = protocol.read_text(encoding="utf-8")
    return re.sub(r'"([^"]*)"', lambda found: json.dumps(names.get(found[1], found[1])), text)


def pages(out: Path) -> list[Path]:
    found = sorted((out / "site").glob("*.html"))
    wanted = {"index", "06_outcomes", "07_sensitivity", "methods", "protocol", "files", "words"}
    assert wanted <= {path.stem for path in found}
    return found


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_and_nothing_in_it_is_run(out: Path, find_wrong: FindWrong, width: int) -> None:
    assert find_wrong(pages(out), width) == {}


def test_no_drawing_runs_anything_when_it_is_opened_alone(out: Path, browser: Browser) -> None:
    drawings = sorted((out / "site" / "_static" / "figures").glob("*.svg"))
    assert len(drawings) >= 10
    with browser.new_context() as context:
        for path in drawings:
            page = context.new_page()
            said: list[str] = []
            page.on("dialog", lambda dialog, said=said: (said.append(dialog.message), dialog.dismiss()))
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.tagName") == "svg"
            assert page.locator("script, iframe, img, parsererror").count() == 0, path.name
            assert said == []
            page.close()


def test_each_name_stands_on_the_pages_as_it_was_written(out: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((out / "site" / "index.html").as_uri())
        assert page.title() == TITLE
        assert page.locator("h1").inner_text() == TITLE
        assert f"The mean score of {SCALE} rose by" in page.locator(".quote").inner_text()
        page.goto((out / "site" / "06_outcomes.html").as_uri())
        said = " ".join(page.locator("article").inner_text().split())
        assert f"File {RESPONSES}" in said
        told = " ".join(page.locator("article").text_content().split())
        for name in NAMES.values():
            assert name[0].upper() + name[1:] in told or name in told, name
        page.goto((out / "site" / "protocol.html").as_uri())
        assert " ".join(f"c1: \u201c{WORDING}\u201d".split()) in " ".join(page.locator("article").inner_text().split())
        page.goto((out / "site" / "files.html").as_uri())
        command = page.locator(".command").inner_text()
        assert f"--protocol '{PROTOCOL}' --out 'out <u>' --report" in command


def test_no_name_became_markup(out: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        for path in pages(out):
            page.goto(path.as_uri())
            assert page.locator("iframe, img, article script, article u, article i, a[href^=javascript]").count() == 0
            assert "root:" not in page.content()
            block = "" if path.stem == "methods" else ", article pre"  # the methods show a piece of a protocol
            assert page.locator(f"#heading, .sub, article sub{block}").count() == 0, path.name


def test_every_line_of_a_drawing_is_text_that_can_be_seen(out: Path, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto((out / "site" / "06_outcomes.html").as_uri())
        assert page.locator(".card").count() == 5
        assert page.locator(".card").count() == page.locator(".card svg.wide", has=page.locator("text")).count()
        lines = page.locator(".card svg.wide text")
        assert min(lines.evaluate_all("parts => parts.map(part => part.getBoundingClientRect().height)")) > 9
        assert "{{ 7*7 }} {% raw %} -- <!-- x -->" in " ".join(" ".join(lines.all_text_contents()).split())


def test_no_cell_of_a_table_is_a_formula(out: Path) -> None:
    tables = sorted(out.rglob("*.csv"))
    assert len(tables) > 40
    seen = set()
    for path in tables:
        with open(path, encoding="utf-8", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                seen.add(cell)
                assert not cell.startswith(FORMULA) or is_number(cell), (path.name, cell)
    assert {f"'{NAMES['Cohort 2']}", f"'{NAMES['students']}"} <= seen


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_search_shows_titles_as_text_and_fetches_nothing(out: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        said: list[str] = []
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{(out / 'site' / 'search.html').as_uri()}?q=risk")
        found = page.locator("#search-results li a", has_text="Risk </title>")
        found.wait_for(timeout=10_000)
        page.wait_for_timeout(300)  # a fetch would fail late
        assert found.inner_text() == TITLE
        assert said == []


def test_the_summary_prints_on_one_sheet(out: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((out / "site" / "index.html").as_uri())
        printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_the_site_stands_alone_and_names_no_folder(out: Path) -> None:
    site = out / "site"
    for path in pages(out):
        text = path.read_text(encoding="utf-8")
        assert len(text.encode()) < HEAVIEST, path.name
        named = re.findall(r'<[^>]*\sid="([^"]+)"', text)
        assert len(named) == len(set(named)), path.name
        for link in re.findall(r'<(?:a|img|source|link|script)\b[^>]*(?:href|src|srcset)="([^"#?]+)', text):
            there = site / html.unescape(link)
            assert "://" in link or link.startswith("data:") or there.is_file(), (path.name, link)
    files = [path for path in site.rglob("*") if path.is_file()]
    assert not [
        path.name for path in files if path.name.startswith(".") or path.suffix in {".inv", ".ipynb", ".doctree"}
    ]
    assert not [path for path in files if str(out.parent).encode() in path.read_bytes()]
