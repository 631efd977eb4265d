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
from playwright.sync_api import Browser, Page

TOKEN = "only-for-this-test"
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
FIGURES = "application/vnd.coprod.result+json"


@dataclass
class Lab:
    """A page of JupyterLab, and what it should not have done."""

    page: Page
    home: Path
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, arrangement: str = "&reset") -> None:
        """Open a notebook alone, or in the arrangement kept, and wait until its text is there."""
        self.page.goto(f"{self.url}/lab/tree/{path}?token={TOKEN}{arrangement}")
        self.page.locator(f"{PANEL} .jp-MarkdownOutput h1").first.wait_for(timeout=60_000)

    def run_all(self, path: str) -> dict[str, Any]:
        """Choose "Run All Cells" from the menu, wait for the last one, save, and return what was saved."""
        code = [cell for cell in read(self.home / path) if cell["cell_type"] == "code"]
        self.page.get_by_text("| Idle").wait_for(timeout=60_000)
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        ended = self.page.locator(f"{PANEL} .jp-InputPrompt", has_text=f"[{len(code)}]:")
        kinds = (
            '[data-mime-type="application/vnd.jupyter.error"]',
            '[data-mime-type="application/vnd.jupyter.stderr"]',
        )
        failed = self.page.locator(", ".join(f"{PANEL} {kind}" for kind in kinds))
        ended.or_(failed).first.wait_for(timeout=90_000)
        assert failed.all_inner_texts() == [], path
        self.page.keyboard.press("Control+s")
        self.page.locator(".lm-DockPanel-tabBar .jp-mod-dirty").wait_for(state="detached")
        return {cell["id"]: cell for cell in read(self.home / path) if cell["cell_type"] == "code"}

    def stop_kernels(self) -> None:
        """End the kernels that have been opened, so that one runs at a time."""
        for kernel in json.loads(ask(f"{self.url}/api/kernels")):
            ask(f"{self.url}/api/kernels/{kernel['id']}", "DELETE")


def read(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


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


@pytest.fixture
def lab(server: tuple[Path, str], browser: Browser) -> Iterator[Lab]:
    """A fresh page, which at the end has asked no other host for anything and has no error in its console."""
    home, url = server
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    lab = Lab(page, home, url)
    page.on("console", lambda said: lab.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: lab.complaints.append(str(error)))
    page.on("request", lambda sent: lab.complaints.append(sent.url) if not is_ours(sent.url, url) else None)
    yield lab
    page.close()
    lab.stop_kernels()
    assert lab.complaints == []


def is_ours(sent: str, url: str) -> bool:
    return sent.startswith((f"{url}/", "data:", f"blob:{url}/"))


def test_it_opens_at_the_start_with_the_folder_and_the_contents_in_view_and_asks_nothing(lab: Lab) -> None:
    lab.open("notebooks/00_start.ipynb", arrangement="")
    page = lab.page
    page.locator("#table-of-contents .jp-tocItem", has_text="Claim by claim").last.wait_for()
    page.locator("#jp-left-stack .jp-DirListing-itemName", has_text="03_commissioning").wait_for()
    page.locator("#jp-right-stack #table-of-contents").wait_for()
    assert page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel").all_inner_texts() == ["00_start.ipynb"]
    page.wait_for_timeout(1000)  # what pops up, pops up late
    assert page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts() == []


def figures(cells: dict[str, Any]) -> int:
    payloads = [output["data"][FIGURES] for cell in cells.values() for output in cell["outputs"]
                if FIGURES in output.get("data", {})]  # fmt: skip
    return sum(payload["kind"] == "figure" for payload in payloads)


@pytest.mark.parametrize(
    "name", [path.stem for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))]
)
def test_every_notebook_runs_and_shows_its_figures(lab: Lab, name: str) -> None:
    path = f"notebooks/{name}.ipynb"
    lab.open(path)
    cells = lab.run_all(path)
    assert [cell["id"] for cell in cells.values() if cell["execution_count"] is None] == []
    assert [o for cell in cells.values() for o in cell["outputs"] if o["output_type"] == "error"] == []
    shown = lab.page.locator(f"{PANEL} figure img").all()
    assert len(shown) == figures(cells)
    for image in shown:
        image.scroll_into_view_if_needed()
        assert image.get_attribute("alt")
        assert image.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0


def test_a_slider_of_the_explorer_moves_its_figure(lab: Lab) -> None:
    path = "notebooks/explore/explorer.ipynb"
    lab.open(path)
    lab.run_all(path)
    for figure, place in (("foi_bounds", 0), ("tipping_point", 1)):
        image = lab.page.locator(f"{PANEL} #{figure} img")
        image.scroll_into_view_if_needed()
        before, alt = image.get_attribute("src"), image.get_attribute("alt")
        lab.page.locator(f"{PANEL} .widget-slider").nth(place).locator(".noUi-handle").first.press("ArrowRight")
        lab.page.wait_for_function(
            "([figure, src]) => document.querySelector(`#${figure} img`).src !== src", arg=[figure, before]
        )
        assert image.get_attribute("alt") != alt
        assert image.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0
