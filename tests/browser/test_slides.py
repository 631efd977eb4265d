"""The slides as they are, read through a real browser: on a screen, on a phone and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from coprod.data import Talk
from coprod.figures.citations import plot_citations
from coprod.figures.partnership import plot_partnership
from coprod.figures.principles import plot_principles
from coprod.figures.survey import plot_bounds, plot_waffle
from coprod.figures.timeline import plot_timeline
from coprod.report.citation import cite_talk
from coprod.report.slides import write_slides
from coprod.reproduce.check import Check
from coprod.reproduce.collect import Displayed
from coprod.talk.claims import adjudicate
from coprod.talk.survey import answer_counts, answer_ranges, reply_counts
from coprod.talk.works import audit_works

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}}
SCREEN = {"width": 1280, "height": 720}
SMALLEST = 15
"""Pixels of the smallest type where a screen is 720 high."""
PHONE = {"width": 360, "height": 740}
OVERFLOWING = """slides => slides.filter(slide => {
  const frame = slide.getBoundingClientRect();
  const inside = [...slide.querySelectorAll('header, footer, table, .card, p, li')];
  return frame.height > innerHeight + 1 || inside.some(one => {
    const box = one.getBoundingClientRect();
    return box.height && (box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.left < frame.left - 1);
  });
}).map(slide => slide.getAttribute('aria-labelledby'))"""

AT_THE_TOP = """name => {
  const slide = document.querySelector(`[aria-labelledby="${name}"]`);
  return Math.abs(slide.getBoundingClientRect().top) < 1;
}"""


@pytest.fixture(scope="module")
def slides(talk: Talk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the slides with every figure of the talk, as the notebooks draw them."""
    replied, total = reply_counts(talk["survey"])
    figures = (
        plot_partnership(talk["partnership"]),
        plot_principles(talk["principles"]),
        plot_timeline(talk["timeline"]),
        plot_waffle(answer_counts(talk["survey"], replied, "nearest"), total=total, base=replied, replied=replied),
        plot_bounds(answer_ranges(talk["survey"], "nearest", 0.95), level=0.95),
        plot_citations(audit_works(talk["citations"], talk["works"])),
    )
    displayed = tuple(Displayed("a_notebook", figure) for figure in figures)
    found = Check(notebooks=(), displayed=displayed, claims=adjudicate(talk), comparisons=(), rerun=False)
    return write_slides(tmp_path_factory.mktemp("deck"), found, talk, cite_talk(talk).text())


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def screen(slides: Path, browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=SCREEN) as context:
        page = context.new_page()
        page.goto(slides.as_uri())
        yield page


@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_they_are_accessible_and_keep_to_themselves(
    slides: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    wrong: list[object] = []
    with browser.new_context(viewport=size, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else wrong.append(asked.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(slides.as_uri())
        violations = Axe().run(page, options=RULES).response["violations"]
        wrong += [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
        assert wrong == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 768)])
def test_no_slide_holds_more_than_a_screen(screen: Page, size: tuple[int, int]) -> None:
    screen.set_viewport_size({"width": size[0], "height": size[1]})
    assert screen.eval_on_selector_all("section", OVERFLOWING) == []
    assert screen.eval_on_selector("section", "slide => slide.getBoundingClientRect().height") == size[1]


def test_keys_go_from_slide_to_slide(screen: Page) -> None:
    names = screen.eval_on_selector_all("section", "all => all.map(slide => slide.getAttribute('aria-labelledby'))")
    for key, place in (("PageDown", 1), ("ArrowDown", 2), ("PageDown", 3), ("PageUp", 2), ("End", -1), ("Home", 0)):
        screen.keyboard.press(key)
        screen.wait_for_function(AT_THE_TOP, arg=names[place], timeout=5_000)


def test_type_is_large_and_that_of_the_house(screen: Page) -> None:
    sizes = screen.eval_on_selector_all(
        ".again td, .again th, .printed li, .answer",
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))",
    )
    assert min(sizes) >= 15
    assert screen.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible\"')")
    assert screen.evaluate("[...document.fonts].every(face => face.status === 'loaded')")


def test_without_script_the_phone_has_a_plain_flow_and_the_drawing_for_it(slides: Path, browser: Browser) -> None:
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(slides.as_uri())
        assert page.locator("svg.narrow").first.is_visible()
        assert not page.locator("svg.wide").first.is_visible()
        assert page.get_by_role("columnheader", name="Verdict").count() > 0


def test_each_slide_prints_on_one_page(screen: Page) -> None:
    printed = screen.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == screen.locator("section").count()
    assert set(re.findall(rb"/MediaBox \[([^\]]*)\]", printed)) == {b"0 0 960 540"}
