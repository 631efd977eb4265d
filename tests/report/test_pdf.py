import re
import shutil
import socket
import zlib
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from importlib.resources import files
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from coprod.cli import main
from coprod.errors import EnvironmentProblem
from coprod.report.browser import BROWSER_VARIABLE, BROWSERS, find_browser, print_page
from coprod.report.pdf import number_pages, print_site

HOSTILE = '</title><script>document.title="RAN"</script> =cmd()'
ALT = "Bar chart (2 bars): 29 \\ 30 – “no reply” 13."
FACTS = {"The talk": f"Coan {HOSTILE}", "Made by": "coprod"}
YELLOW = b"1 .8667 0 rg"
UPRIGHT, SIDEWAYS = b"0 0 594.95996 841.91998", b"0 0 841.91998 594.95996"
SHELL = "#!/bin/sh\n"


def write_site(folder: Path) -> Path:
    """Write a site as Sphinx would: its second page takes two sheets, its third is made up, its fourth is wide."""
    drawing = f'<title id="t">Replies</title><desc id="d">{ALT}</desc><rect width="9" height="9"/>'
    drawing = f'<svg class="wide" role="img" aria-labelledby="t d" viewBox="0 0 9 9">{drawing}</svg>'
    figure = f"<figure>{drawing}<figcaption>Most replied.</figcaption></figure>"
    address = f"<td class='long'>Some words before an address, https://example.org/{'x' * 60}</td>"
    table = f"<div class='scroll'><table><tr><th>Claim</th>{address * 4}</tr></table></div>"
    numbers = f"<div class='scroll'><table><tr><th>confidence</th>{'<td>differences</td>' * 13}</tr></table></div>"
    pages = {
        "index": f'<h1>Summary</h1><h2>{escape(HOSTILE)}</h2><p><a href="second.html#end">end</a></p>{figure}',
        "second": '<h1>Second</h1><p style="height:200mm">a</p><h2 id="end" style="break-before:page">The end</h2>',
        "third": f'<h1>Third</h1><p style="height:200mm">b</p>{figure}{table}',
        "fourth": f"<section><h1>Fourth</h1>{table}<section><h2>Wide</h2>{numbers}</section></section>",
    }
    (folder / "_static").mkdir(parents=True)
    style = files("coprod.report").joinpath("site", "coprod.css").read_text(encoding="utf-8")
    (folder / "_static" / "coprod.css").write_text(style, encoding="utf-8")
    listed = "".join(f'<li class="toctree-l1"><a href="{page}.html">x</a></li>' for page in pages)
    for page, words in pages.items():
        text = f"<title>A {escape(HOSTILE)}</title><ul>{listed}</ul><article role='main'>{words}</article>"
        (folder / f"{page}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(tmp_path_factory.mktemp("pages") / "a site")


@pytest.fixture(scope="module")
def printed(site: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("printed")
    path = print_site(site, folder / "report.pdf", facts=FACTS, made_up={"third"})
    assert list(folder.iterdir()) == [path]
    return path.read_bytes()


class Pdf:
    """A PDF as Chromium writes it: plain objects, one after another."""

    def __init__(self, written: bytes) -> None:
        self.objects = {int(n): body for n, body in re.findall(rb"(?ms)^(\d+) 0 obj\n(.*?)\nendobj", written)}
        self.catalog = next(body for body in self.objects.values() if b"/Type /Catalog" in body)

    def follow(self, body: bytes, key: str) -> list[bytes]:
        """Return what stands behind a key: the objects it refers to."""
        found = re.search(rb"/%s (?:\[(.*?)\]|(\d+ 0 R))" % key.encode(), body, re.DOTALL)
        return [self.objects[int(n)] for n in re.findall(rb"(\d+) 0 R", found[1] or found[2])] if found else []

    def outline(self, node: bytes | None = None) -> list[str]:
        (node,) = [node] if node else self.follow(self.catalog, "Outlines")
        titles, below = [], self.follow(node, "First")
        while below:
            titles += [text(below[0], "Title"), *self.outline(below[0])]
            below = self.follow(below[0], "Next")
        return titles

    def parts(self, node: bytes | None = None) -> list[tuple[str, str]]:
        """Return kind and alt text of every part of the structure, in reading order."""
        (node,) = [node] if node else self.follow(self.catalog, "StructTreeRoot")
        kind = re.search(rb"/S /(\w+)", node)
        own = [(kind[1].decode(), text(node, "Alt"))] if kind else []
        return own + [part for child in self.follow(node, "K") if child != node for part in self.parts(child)]

    def sheets(self) -> list[bytes]:
        """Return what is drawn on each page, in order."""
        drawn = []
        for page in self.follow(self.follow(self.catalog, "Pages")[0], "Kids"):
            for part in self.follow(page, "Kids") or [page]:
                stream = self.follow(part, "Contents")[0].partition(b"stream\n")[2]
                drawn.append(zlib.decompressobj().decompress(stream))
        return drawn


def text(body: bytes, key: str) -> str:
    """Read the text behind a key, in brackets or as UTF-16."""
    found = re.search(rb"/%s (?:\(((?:[^()\\]|\\.)*)\)|<FEFF([0-9A-F]*)>)" % key.encode(), body, re.DOTALL)
    if not found:
        return ""
    return (
        bytes.fromhex(found[2].decode()).decode("utf-16-be") if found[2] else re.sub(r"\\(.)", r"\1", found[1].decode())
    )


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program to write a script into, taken for the browser."""
    program = tmp_path / "fake browser"
    program.write_text(SHELL, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv(BROWSER_VARIABLE, str(program))
    return program


def refuse(site: Path, folder: Path, *, seconds: float = 60) -> str:
    """Print where it cannot be done; return why, and hold that the old PDF stays alone."""
    folder.mkdir()
    (folder / "report.pdf").write_bytes(b"old")
    with pytest.raises(EnvironmentProblem) as problem:
        print_site(site, folder / "report.pdf", facts=FACTS, made_up=(), seconds=seconds)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"report.pdf": b"old"}
    return str(problem.value)


def test_it_is_tagged_and_has_a_title_a_language_and_an_outline(printed: bytes) -> None:
    pdf = Pdf(printed)
    assert b"/Marked true" in pdf.catalog
    assert b"/Lang (en-GB)" in pdf.catalog
    assert b"/DisplayDocTitle true" in pdf.catalog
    assert text(pdf.objects[1], "Title") == f"A {HOSTILE}"
    assert pdf.outline() == [f"A {HOSTILE}", "Contents", "Summary", HOSTILE, "Second", "The end", "Third",
                             "Fourth", "Wide"]  # fmt: skip


def test_each_drawing_has_its_alt_text_and_each_heading_its_level(printed: bytes) -> None:
    parts = Pdf(printed).parts()
    assert [alt for kind, alt in parts if kind == "Figure"] == [f"Replies {ALT}"] * 2
    assert [kind for kind, _ in parts if kind.startswith("H")] == ["H1", "H2", "H1", "H2", "H1", "H2", "H1", "H1", "H2"]


def test_wide_tables_and_long_addresses_fit_a_sheet_that_is_not_shrunk(printed: bytes) -> None:
    scales = {re.search(rb"(?<=q\n)[\d.]+ 0 0 [\d.]+", drawn)[0] for drawn in Pdf(printed).sheets()}  # type: ignore[index]
    assert scales == {b"3.125 0 0 3.125"}
    assert re.findall(rb"/MediaBox \[([^\]]*)\]", printed) == [UPRIGHT] * 8 + [SIDEWAYS]


def test_a_script_in_a_page_does_not_run(site: Path, tmp_path: Path) -> None:
    other = shutil.copytree(site, tmp_path / "site")
    page = other / "third.html"
    run = "document.title='RAN'"
    hostile = f'<script>{run}</script><img src="x" alt="x" onerror="{run}"><svg onload="{run}"></svg></article>'
    page.write_text(page.read_text(encoding="utf-8").replace("</article>", hostile), encoding="utf-8")
    pdf = print_site(other, tmp_path / "report.pdf", facts=FACTS, made_up=()).read_bytes()
    assert text(Pdf(pdf).objects[1], "Title") == f"A {HOSTILE}"


def test_links_lead_to_their_sheets_and_out_of_it_names_no_folder(site: Path, printed: bytes) -> None:
    numbers = number_pages(printed)
    assert numbers == {"index": 3, "second": 4, "second--end": 5, "third": 6, "fourth": 8}
    assert len(Pdf(printed).sheets()) == 9
    assert str(site).encode() not in printed
    assert b"file:" not in printed


def test_the_contents_have_the_numbers_of_the_sheets(site: Path, tmp_path: Path, fake: Path) -> None:
    real = next(found for name in BROWSERS if (found := shutil.which(name)))
    kept = tmp_path / "kept"
    page = '"$(printf %s "$page" | sed "s,^file://,,;s,%20, ,g")"'
    fake.write_text(f"{SHELL}for page; do :; done\ncat {page} >> '{kept}'\nexec {real} \"$@\"\n", encoding="utf-8")
    print_site(site, tmp_path / "report.pdf", facts=FACTS, made_up={"third"})
    numbers = re.findall(r'<span class="number">(\d*)</span>', kept.read_text(encoding="utf-8"))
    assert numbers == ["", "", "", "", "3", "4", "6", "8"]


def test_only_the_sheets_of_made_up_data_say_so_and_each_of_them(printed: bytes) -> None:
    marked = [place for place, drawn in enumerate(Pdf(printed).sheets(), start=1) if YELLOW in drawn]
    assert marked == [2, 6, 7]  # the contents name them too


def test_the_same_pages_are_the_same_bytes_and_name_no_date(site: Path, printed: bytes, tmp_path: Path) -> None:
    again = print_site(site, tmp_path / "report.pdf", facts=FACTS, made_up={"third"}).read_bytes()
    assert again == printed
    assert b"Date" not in printed


def test_nothing_reaches_the_network_nor_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        page = tmp_path / "page.html"
        page.write_text(f"<title>t</title><img src='http://127.0.0.1:{port}/x.png' alt='x'>", encoding="utf-8")

        printing = Thread(target=print_page, args=(find_browser(), page))
        printing.start()
        while printing.is_alive():
            with suppress(TimeoutError):
                asked.append(server.accept())
        printing.join()
    assert asked == []
    assert list((tmp_path / "home").iterdir()) == []


def test_without_a_browser_the_mend_is_named(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install chromium" in refuse(site, tmp_path / "reports")


def test_a_browser_named_that_is_none_is_told(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BROWSER_VARIABLE, "no-such-browser")
    assert "COPROD_BROWSER is 'no-such-browser', which is no program" in refuse(site, tmp_path / "reports")


def test_a_browser_that_fails_is_told_with_its_last_words(site: Path, tmp_path: Path, fake: Path) -> None:
    fake.write_text(f"{SHELL}echo 'No sandbox.' >&2\necho 'x:ERROR:dbus/bus.cc' >&2\nexit 3\n", encoding="utf-8")
    told = refuse(site, tmp_path / "reports")
    assert "ended with code 3 while printing (it said 'No sandbox.')" in told


@pytest.mark.parametrize("left", ["", "printf %s '%PDF-1.4 cut' > \"$pdf\""])
def test_a_browser_that_leaves_no_whole_pdf_is_told(site: Path, tmp_path: Path, fake: Path, left: str) -> None:
    find = "for word; do case $word in --print-to-pdf=*) pdf=${word#*=};; esac; done\n"
    fake.write_text(f"{SHELL}{find}{left}\n", encoding="utf-8")
    assert "left no whole PDF" in refuse(site, tmp_path / "reports")


def test_a_browser_that_cannot_be_started_is_told(site: Path, tmp_path: Path, fake: Path) -> None:
    fake.write_text("#!/no/such/program\n", encoding="utf-8")
    assert "cannot be started" in refuse(site, tmp_path / "reports")


def test_a_browser_that_hangs_is_ended_with_all_it_started(site: Path, tmp_path: Path, fake: Path) -> None:
    pids = tmp_path / "pids"
    fake.write_text(f"{SHELL}sleep 300 2>/dev/null &\necho $$ $! > '{pids}'\nwait\n", encoding="utf-8")
    assert "within 0.5 seconds and was ended" in refuse(site, tmp_path / "reports", seconds=0.5)
    for pid in pids.read_text(encoding="utf-8").split():
        state = Path("/proc", pid, "stat")
        assert not state.exists() or state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"


def test_the_command_prints_the_report_of_the_last_run(project: Path) -> None:
    done = CliRunner().invoke(main, ["report", "--pdf"])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1].endswith("reports/report.pdf")
    pdf = Pdf((project / "reports" / "report.pdf").read_bytes())
    assert "How many groups <replied>?" in pdf.outline()
    assert any(YELLOW in drawn for drawn in pdf.sheets())
