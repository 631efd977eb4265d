"""JupyterLab as ``coprod lab`` starts it, used through a real browser."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize

TOKEN = "only-for-this-test"
WINDOW: ViewportSize = {"width": 1400, "height": 1000}
START, EXPLORER = "00_start", "explorer"
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
RESULT = "application/vnd.coprod.result+json"
ERRORS = ", ".join(f'{PANEL} [data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("error", "stderr"))
KERNEL_IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
POPPED_UP = ".jp-Dialog, .Toastify__toast"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = [*sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")), EXPLORER]


@dataclass
class Seen:
    """What "Run All Cells" left of a notebook: its code cells as saved, and the alt texts of the figures that show."""

    cells: list[dict[str, Any]]
    figures: list[str]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        return [output for cell in self.cells for output in cell["outputs"]]


@dataclass
class Lab:
    """JupyterLab in one page, what has been run in it, and what it should not have done."""

    page: Page
    home: Path
    url: str
    seen: dict[str, Seen] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def path(self, name: str) -> Path:
        return next((self.home / "notebooks").rglob(f"{name}.ipynb"))

    def visit(self, name: str) -> Seen:
        """Open a notebook by its link in the first one, and run it whole; what was seen already is not run again."""
        if name not in self.seen:
            if name != START:
                self.leave()
                self.page.locator(PANEL).get_by_role("link", name=name).click()
                self.page.locator(".lm-DockPanel-tabBar .lm-mod-current", has_text=f"{name}.ipynb").wait_for()
            self.page.locator(f"{PANEL} .jp-MarkdownOutput h1").first.wait_for(timeout=60_000)
            self.seen[name] = Seen(self.run_all(name), [self.look_at(image) for image in self.images()])
        return self.seen[name]

    def leave(self) -> None:
        """Go back to the first notebook, and end the kernels of the others, so that one works at a time."""
        closing = self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab:not(:first-child) .lm-TabBar-tabCloseIcon")
        while closing.count():
            closing.first.click()
        for session in json.loads(ask(f"{self.url}/api/sessions")):
            if START not in session["path"]:
                ask(f"{self.url}/api/sessions/{session['id']}", "DELETE")

    def run_all(self, name: str) -> list[dict[str, Any]]:
        """Choose "Run All Cells" from the menu, wait for the last one, save, and return what was saved."""
        count = len(read(self.path(name)))
        self.page.locator(f"{PANEL} {KERNEL_IDLE}").wait_for(timeout=60_000)
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        ended = self.page.locator(f"{PANEL} .jp-InputPrompt", has_text=f"[{count}]:")
        failed = self.page.locator(ERRORS)
        ended.or_(failed).first.wait_for(timeout=90_000)
        assert failed.all_inner_texts() == [], name
        self.page.keyboard.press("Control+s")
        self.page.locator(".lm-DockPanel-tabBar .lm-mod-current.jp-mod-dirty").wait_for(state="detached")
        return read(self.path(name))

    def choose_theme(self, name: str) -> None:
        """Choose a theme from the menu, and wait until the page has its colours."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).first.click()
        self.page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached")

    def images(self) -> list[Locator]:
        return self.page.locator(f"{PANEL} figure img").all()

    def look_at(self, image: Locator) -> str:
        """Scroll to a figure, see that it is drawn, and return what it says to who cannot see it."""
        image.scroll_into_view_if_needed()
        assert image.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0
        return image.get_attribute("alt") or ""


def read(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook file."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def ask(url: str, method: str = "GET") -> bytes:
    request = urllib.request.Request(url, method=method, headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def copy_project(root: Path, home: Path) -> None:
    """Copy tables and notebooks; the notebooks without output, so that what shows was run."""
    for name in ("data", "notebooks"):
        shutil.copytree(root / name, home / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"))
    for path in (home / "notebooks").rglob("*.ipynb"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for cell in content["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """JupyterLab in a process group of its own, ended with its kernels whatever happens."""
    folder = tmp_path_factory.mktemp("lab")
    home = folder / "project"
    copy_project(root, home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(folder / name.lower()) for name in (
        "HOME", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR",
    )}  # fmt: skip
    command = [sys.executable, "-c", "from coprod.cli import main; main()", "lab", "--no-browser", f"--port={port}",
               "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", "--allow-root"]  # fmt: skip
    with open(folder / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **own, "COPROD_HOME": str(home)}, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, folder / "log")
        yield home, url
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            ask(f"{url}/api")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


@pytest.fixture(scope="module")
def opened(server: tuple[Path, str], browser: Browser) -> Iterator[Lab]:
    """A page of JupyterLab as it opens."""
    home, url = server
    page = browser.new_page(viewport=WINDOW)
    lab = Lab(page, home, url)
    page.on("console", lambda said: lab.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: lab.complaints.append(str(error)))
    page.on("request", lambda sent: lab.complaints.append(sent.url) if not is_ours(sent.url, url) else None)
    page.goto(f"{url}/lab/tree/notebooks/{START}.ipynb?token={TOKEN}")
    page.locator(f"{PANEL} .jp-MarkdownOutput h1").first.wait_for(timeout=60_000)
    yield lab
    page.close()


@pytest.fixture
def lab(opened: Lab) -> Iterator[Lab]:
    """The page, which has asked nobody for anything after a test: no other host, and not its user."""
    yield opened
    opened.complaints += opened.page.locator(POPPED_UP).all_inner_texts()
    assert opened.complaints == []


def is_ours(sent: str, url: str) -> bool:
    return sent.startswith((f"{url}/", "data:", f"blob:{url}/"))


def test_it_opens_at_the_start_with_the_folder_in_view_and_the_contents_beside(lab: Lab) -> None:
    page = lab.page
    page.locator("#jp-left-stack .jp-DirListing-itemName", has_text="03_commissioning").wait_for()
    assert page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel").all_inner_texts() == [f"{START}.ipynb"]
    assert not page.locator("#jp-right-stack").is_visible()
    contents = page.locator(".jp-SideBar.jp-mod-right").get_by_role("tab", name="Table of Contents")
    contents.click()
    page.locator("#jp-right-stack .jp-tocItem", has_text="Claim by claim").last.wait_for()
    contents.click()
    page.locator("#jp-right-stack").wait_for(state="hidden")


def test_a_long_line_of_parameters_is_read_whole_in_a_narrow_window(lab: Lab) -> None:
    code = lab.page.locator(f"{PANEL} .jp-CodeCell .cm-scroller").first
    wide = code.bounding_box()
    lab.page.set_viewport_size({"width": 800, "height": 1000})
    code.hover()
    narrow = code.bounding_box()
    fits = code.evaluate("code => code.scrollWidth <= code.clientWidth")
    lab.page.set_viewport_size(WINDOW)
    assert wide
    assert narrow
    assert narrow["height"] > wide["height"]
    assert fits


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_opens_from_the_first_runs_and_shows_its_figures(lab: Lab, name: str) -> None:
    seen = lab.visit(name)
    assert [cell["id"] for cell in seen.cells if cell["execution_count"] is None] == []
    assert [output for output in seen.outputs if output["output_type"] == "error"] == []
    payloads = [output["data"][RESULT] for output in seen.outputs if RESULT in output.get("data", {})]
    if name != EXPLORER:
        assert seen.figures == [payload["alt"] for payload in payloads if payload["kind"] == "figure"]


def test_a_slider_of_the_explorer_moves_its_figure(lab: Lab) -> None:
    lab.visit(EXPLORER)
    for figure, place in (("foi_bounds", 0), ("tipping_point", 1)):
        image = lab.page.locator(f"{PANEL} #{figure} img")
        before, alt = image.get_attribute("src"), lab.look_at(image)
        lab.page.locator(f"{PANEL} .widget-slider").nth(place).locator(".noUi-handle").first.press("ArrowRight")
        lab.page.wait_for_function(
            "([figure, src]) => document.querySelector(`#${figure} img`).src !== src", arg=[figure, before]
        )
        assert lab.look_at(image) != alt


LIGHTNESS = """element => {
    const [r, g, b] = getComputedStyle(element)[PROPERTY].match(/[0-9.]+/g).map(Number);
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""


def lightness(element: Locator, name: str) -> float:
    return float(element.evaluate(LIGHTNESS.replace("PROPERTY", json.dumps(name))))


def test_in_the_dark_words_and_tables_are_light_and_figures_keep_a_white_card(lab: Lab) -> None:
    lab.visit(START)
    lab.visit(EXPLORER)
    lab.choose_theme("JupyterLab Dark")
    figure = lab.page.locator(f"{PANEL} figure").first
    assert lightness(figure.locator("figcaption"), "color") > 0.8
    assert lightness(figure.locator("img"), "backgroundColor") > 0.99
    lab.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel", has_text=START).click()
    table = lab.page.locator(f"{PANEL} table:has(caption)").first
    for words in (table.locator("caption"), table.locator("th").first, table.locator("td").first):
        assert lightness(words, "color") > 0.8
    assert lightness(lab.page.locator(f"{PANEL} .jp-Notebook").first, "backgroundColor") < 0.2
    lab.choose_theme("JupyterLab Light")
    assert lightness(table.locator("td").first, "color") < 0.2


def test_nothing_was_passed_over(lab: Lab, root: Path) -> None:
    everything = [lab.visit(name) for name in NAMES]
    files = [path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    expected = list((root / "reports" / "expected" / "figures").glob("*.csv"))
    assert len(everything) == len(files)
    assert sum(len(seen.cells) for seen in everything) == sum(len(read(path)) for path in files)
    assert sum(output["output_type"] == "error" for seen in everything for output in seen.outputs) == 0
    assert sum(len(seen.figures) for seen in everything) == len(expected) + len(lab.seen[EXPLORER].figures)
    assert all(alt for seen in everything for alt in seen.figures)
