"""Chromium, run without a window to print a page: no network, nothing in the home folder, an end by a time limit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from coprod.errors import EnvironmentProblem
from coprod.reproduce.doctor import BROWSERS

BROWSER_VARIABLE = "COPROD_BROWSER"
ANOTHER = f"name another browser in {BROWSER_VARIABLE}"
SECONDS = 120.0
"""How long one document may take; one of a hundred pages takes a few seconds."""
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pings",
    # Whatever would go out goes to a port where nobody listens, loopback addresses too.
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
"""How Chromium is told to stay by itself; it tags what it prints unless told otherwise."""


def find_browser() -> str:
    """Find Chromium or Chrome.

    Returns
    -------
    str
        What the environment variable ``COPROD_BROWSER`` names, or else the first of the usual names on the path.

    Raises
    ------
    EnvironmentProblem
        If there is none, or what is named cannot be run.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    for name in (named,) if named else BROWSERS:
        if found := shutil.which(name):
            return found
    if named:
        raise EnvironmentProblem(
            f"{BROWSER_VARIABLE} is {named!r}, which is no program to run; name Chromium or Chrome, or unset it"
        )
    raise EnvironmentProblem(
        f"printing needs Chromium or Chrome, and none of {', '.join(BROWSERS)} is on the path; install one "
        f"(apt install chromium), or set {BROWSER_VARIABLE} to where it is"
    )


def print_page(browser: str, page: Path, *, seconds: float = SECONDS) -> bytes:
    """Print a page as a tagged PDF with an outline.

    Parameters
    ----------
    browser : str
        From :func:`find_browser`.
    page : Path
        An HTML file.
    seconds : float, optional
        Time limit; the browser and what it started are ended after it.

    Returns
    -------
    bytes
        The PDF.

    Raises
    ------
    EnvironmentProblem
        If the browser cannot be started, does not end in time, or leaves no whole PDF.
    """
    with tempfile.TemporaryDirectory(prefix="coprod-browser-", ignore_cleanup_errors=True) as made:
        pdf = Path(made, "page.pdf")
        places = [f"--user-data-dir={made}/profile", f"--print-to-pdf={pdf}"]
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has no sandbox for root, and refuses
        said = _run([browser, *FLAGS, *as_root, *places, page.as_uri()], Path(made), seconds)
        printed = pdf.read_bytes() if pdf.is_file() else b""
    if not (printed.startswith(b"%PDF-") and printed.rstrip().endswith(b"%%EOF")):
        raise EnvironmentProblem(f"{browser} left no whole PDF{_last_words(said)}; {ANOTHER}")
    return printed


def _run(command: list[str], own: Path, seconds: float) -> str:
    """Run the browser with a folder for all it writes, and return what it says."""
    environment = {**os.environ, "HOME": str(own), "TMPDIR": str(own)}
    environment |= {name: str(own / name) for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    try:
        process = subprocess.Popen(  # noqa: S603 - the browser that the user has, with arguments of our own
            command, env=environment, cwd=own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise EnvironmentProblem(f"{command[0]} cannot be started ({error.strerror}); {ANOTHER}") from None
    try:
        _, said = process.communicate(timeout=seconds)
    except BaseException as error:  # an interrupt too: nothing that was started here goes on
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        raise EnvironmentProblem(
            f"{command[0]} did not finish printing within {seconds:g} seconds and was ended; "
            f"try again on a less busy machine, or {ANOTHER}"
        ) from None
    if process.returncode:
        code = f"ended with code {process.returncode}"
        raise EnvironmentProblem(f"{command[0]} {code} while printing{_last_words(said)}; {ANOTHER}")
    return said


def _last_words(said: str) -> str:
    """Quote the last line that is not one of the many about a bus the browser does without."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and "dbus" not in line]
    return f" (it said {lines[-1]!r})" if lines else ""
