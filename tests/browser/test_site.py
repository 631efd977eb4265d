"""The site of the eight notebooks as they are, read through a real browser."""

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import Browser

from coprod.report.site.accessibility import WIDTHS

HEAVIEST = 500_000
COPIED = ("data", "notebooks", "docs", "requirements.lock")
FindWrong = Callable[..., dict[str, list[object]]]


@pytest.fixture(scope="session")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the notebooks once in a copy of the project, and build the site."""
    home = tmp_path_factory.mktemp("site") / "home"
    home.mkdir()
    for name in COPIED:
        (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, home / name)
    for command in ("run", "report"):
        done = coprod(home, command)
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


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_keeps_to_itself(site: Path, find_wrong: FindWrong, width: int) -> None:
    assert find_wrong(pages(site), width) == {}


def test_every_page_is_accessible_in_the_dark(site: Path, find_wrong: FindWrong) -> None:
    assert find_wrong(pages(site), WIDTHS[0], color_scheme="dark") == {}


@pytest.mark.parametrize("settings", [{"color_scheme": "dark"}, {"forced_colors": "active", "color_scheme": "dark"}])
def test_drawings_and_marks_keep_their_colours(site: Path, browser: Browser, settings: dict[str, str]) -> None:
    with browser.new_context(**settings) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto((site / "06_outcomes.html").as_uri())
        ground = "part => getComputedStyle(part).backgroundColor"
        assert page.locator(".card").first.evaluate(ground) == "rgb(255, 255, 255)"
        assert page.locator(".banner").evaluate(ground) == "rgb(255, 221, 0)"
        ink = page.locator(".card svg.wide text").first.evaluate("part => getComputedStyle(part).fill")
        assert max(int(part) for part in re.findall(r"\d+", ink)[:3]) < 100


@pytest.mark.parametrize(("width", "shown", "hidden"), [(1280, "wide", "narrow"), (360, "narrow", "wide")])
def test_each_window_gets_the_drawing_made_for_it(
    site: Path, browser: Browser, width: int, shown: str, hidden: str
) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto((site / "03_commissioning.html").as_uri())
        card = page.locator("#result-foi_waffle .card")
        assert card.locator(f"svg.{shown}").is_visible()
        assert not card.locator(f"svg.{hidden}").is_visible()


def test_every_page_can_be_read_and_opened_without_a_script(site: Path, browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        for path in pages(site):
            page.goto(path.as_uri())
            if path.stem != "search":
                assert page.locator("article h1").is_visible(), path.name
                assert page.locator(".sidebar-tree a").first.is_visible(), path.name
        page.goto((site / "03_commissioning.html").as_uri())
        folded = page.locator("#result-foi_waffle details").first
        folded.locator("summary").click()
        assert folded.locator("p").is_visible()


def test_no_page_is_heavy(site: Path, browser: Browser) -> None:
    weights: dict[str, int] = {}
    with browser.new_context() as context:
        for path in pages(site):
            page, asked = context.new_page(), set[str]()
            page.on("request", lambda request, asked=asked: asked.add(request.url))
            page.goto(path.as_uri(), wait_until="networkidle")
            weights[path.name] = sum(
                Path(unquote(urlparse(url).path)).stat().st_size for url in asked if url.startswith("file:")
            )
            page.close()
    assert {name: weight for name, weight in weights.items() if weight > HEAVIEST} == {}


def test_every_link_and_drawing_is_there_and_no_id_twice(site: Path) -> None:
    for path in pages(site):
        text = path.read_text(encoding="utf-8")
        named = re.findall(r'<[^>]*\sid="([^"]+)"', text)
        assert len(named) == len(set(named)), path.name
        for link, part in re.findall(r'<(?:a|img|source|link|script)\b[^>]*(?:href|src)="([^"#?]*)(?:#([^"]*))?', text):
            if "://" in html.unescape(f"{link}#{part}") or link.startswith(("data:", "mailto:")):
                continue
            assert not link or (site / link).is_file(), (path.name, link)
            if part and link.endswith(".html"):
                assert f'id="{part}"' in (site / link).read_text(encoding="utf-8"), (path.name, link, part)


def test_every_file_offered_can_be_saved(site: Path, browser: Browser, tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, browser.new_context() as context:
        Thread(target=server.serve_forever, daemon=True).start()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/03_commissioning.html")
        links = page.locator("#result-foi_waffle .downloads a").all()
        assert [link.inner_text().split()[-1] for link in links] == ["SVG", "phone", "PNG", "CSV"]
        for link in links:
            with page.expect_download() as saving:
                link.click()
            saving.value.save_as(tmp_path / saving.value.suggested_filename)
        server.shutdown()
    assert (tmp_path / "foi_waffle.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "foi_waffle.csv").read_text(encoding="utf-8").startswith("item,")
    assert "<svg" in (tmp_path / "foi_waffle-narrow.svg").read_text(encoding="utf-8")


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


def test_folded_parts_open_by_keyboard(site: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((site / "03_commissioning.html").as_uri())
        for folded in page.locator("#result-foi_waffle details, #result-ccg_silent details").all():
            folded.locator("summary").focus()
            page.keyboard.press("Enter")
            assert folded.evaluate("part => part.open")
            assert folded.locator("p, table, dl").first.is_visible()


def test_a_missing_notebook_is_named_and_the_old_site_stays(site: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(site.parents[1], home)
    (home / "reports" / "notebooks" / "05_training.ipynb").unlink()
    before = (home / "reports" / "site" / "index.html").read_bytes()
    done = coprod(home, "report")
    assert done.returncode > 0
    assert "05_training" in done.stderr
    assert (home / "reports" / "site" / "index.html").read_bytes() == before
