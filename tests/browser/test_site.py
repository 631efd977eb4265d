"""The site of the eight notebooks as they are, read through a real browser."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}}
HEAVIEST = 500_000
COPIED = ("data", "notebooks", "docs", "requirements.lock")


@pytest.fixture(scope="session")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the notebooks once in a copy of the project, and build the site."""
    home = tmp_path_factory.mktemp("site") / "home"
    home.mkdir()
    for name in COPIED:
        (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, home / name)
    for command in (["run"], ["report"]):
        done = coprod(home, *command)
        assert done.returncode == 0, done.stderr
    return home / "reports" / "site"


def coprod(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("coprod")), *words]
    environment = {**os.environ, "COPROD_HOME": str(home)}
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)


def pages(site: Path) -> list[Path]:
    found = sorted(site.glob("*.html"))
    assert {"index", "talk", "03_commissioning", "methods", "check", "data", "words", "about", "champions"} <= {
        path.stem for path in found
    }
    return found


def open_page(page: Page, path: Path) -> list[str]:
    """Open a page; the list gets every request to another place and every error of the console."""
    wrong: list[str] = []
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else wrong.append(request.url)
    )
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path.as_uri())
    return wrong


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_and_keeps_to_itself(site: Path, browser: Browser, width: int) -> None:
    found = {}
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        for path in pages(site):
            page = context.new_page()
            wrong: list[object] = list(open_page(page, path))
            violations = Axe().run(page, options=RULES).response["violations"]
            wrong += [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{wide} px wide"] if wide > width else []
            page.close()
            if wrong:
                found[path.name] = wrong
    assert found == {}


def test_every_link_and_drawing_is_there_and_no_id_twice(site: Path) -> None:
    for path in pages(site):
        text = path.read_text(encoding="utf-8")
        assert len(text.encode()) < HEAVIEST, path.name
        named = re.findall(r'<[^>]*\sid="([^"]+)"', text)
        assert len(named) == len(set(named)), path.name
        for link in re.findall(r'<(?:a|img|source|link|script)\b[^>]*(?:href|src|srcset)="([^"#?]+)', text):
            assert "://" in link or link.startswith("data:") or (site / link).is_file(), (path.name, link)


def test_search_finds_co_production_without_a_server(site: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{(site / 'search.html').as_uri()}?q=co-production")
        page.locator("#search-results li a").first.wait_for(timeout=10_000)


def test_the_summary_prints_on_one_sheet(site: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_folded_part_opens_by_keyboard(site: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((site / "03_commissioning.html").as_uri())
        folded = page.locator("details", has=page.get_by_text("in words")).first
        folded.locator("summary").focus()
        page.keyboard.press("Enter")
        assert folded.evaluate("part => part.open")
        assert folded.locator("p").is_visible()


def test_a_missing_notebook_is_named_and_the_old_site_stays(site: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(site.parents[1], home)
    (home / "reports" / "notebooks" / "05_training.ipynb").unlink()
    before = (home / "reports" / "site" / "index.html").read_bytes()
    done = coprod(home, "report")
    assert done.returncode > 0
    assert "05_training" in done.stderr
    assert (home / "reports" / "site" / "index.html").read_bytes() == before
