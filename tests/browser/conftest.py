"""A real browser for the tests of this folder, and what it must not find on a page."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from coprod.report.site.accessibility import TAGS

FindWrong = Callable[..., dict[str, list[object]]]
RULES = {"runOnly": {"type": "tag", "values": list(TAGS)}, "preload": False}
"""Without preloading, since axe would fetch style sheets anew, which a page opened from a folder cannot allow."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it, ended with its driver whatever happens."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("there is no Chromium to test with; install it with the system's packages (apt install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def find_wrong(browser: Browser) -> FindWrong:
    """A function that opens pages and tells, by name, what is wrong with each; nothing for a page that is right.

    Wrong are a breach of WCAG 2.2 A or AA that axe finds, a page wider than its window, a request to another place, an
    error of the console and a dialog.
    """

    def look(pages: Iterable[Path], width: int, **settings: Any) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {}
        with browser.new_context(viewport={"width": width, "height": 900}, **settings) as context:
            for path in pages:
                page = context.new_page()
                wrong = _listen(page)
                page.goto(path.as_uri())
                violations = Axe().run(page, options=RULES).response["violations"]
                wrong += [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
                wide = page.evaluate("document.documentElement.scrollWidth")
                wrong += [f"{wide} px wide"] if wide > width else []
                page.close()
                found |= {path.name: wrong} if wrong else {}
        return found

    return look


def _listen(page: Page) -> list[object]:
    wrong: list[object] = []
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else wrong.append(asked.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    return wrong
