import csv
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from coprod import datapackage
from coprod.data import read_talk
from coprod.errors import DataError
from coprod.report.certificate import write_certificate
from coprod.report.pages import render_page
from coprod.report.site.annotations import describe_columns, group_annotations
from coprod.report.site.build import build_site
from coprod.report.site.pages import write_report
from coprod.reproduce.certificate import read_data, read_outputs
from coprod.reproduce.check import check
from coprod.reproduce.notebooks import list_notebooks

HEADER = ["annotation", "claim", "who", "role", "words", "date", "consent"]
MARKED = "<script>alert(1)</script> *not bold* {{ 1 + 1 }} [no](https://example.org)\n\n# No heading\n````````\n- none"
SECRET = "I do not want this printed"


def answer(home: Path, *rows: tuple[str, ...]) -> None:
    with open(home / "data" / "annotations.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


def build(project: Path) -> Path:
    found, notebooks = check(project, last_run=True), list_notebooks(project)
    place = project / "reports" / "site"
    return build_site(place, "T", lambda source: write_report(source, project, found, notebooks, "A citation")).parent


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The article of a page as text, entities and all."""
    body = read(page).split('role="main"')[1].split("</article>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_answers_stand_with_their_claim_the_oldest_first(home: Path) -> None:
    answer(
        home,
        ("b", "recovery", "Ex Ample", "", "Later.", "2026-03-02", "yes"),
        ("a", "recovery", "An Other", "nurse", "One.\n \n Two. ", "2026-03-01", "yes"),
        ("c", "champion_words", "Ex Ample", "", "Here.", "2026-01-01", "yes"),
    )
    found = group_annotations(home, read_talk(home))
    assert {claim: [said.key for said in answers] for claim, answers in found.items()} == {
        "recovery": ["a", "b"], "champion_words": ["c"],
    }  # fmt: skip
    first, second = found["recovery"]
    assert (first.who, first.role, first.lines, first.date) == ("An Other", "nurse", ("One.", "Two."), "2026-03-01")
    assert second.role == ""


def test_nobody_stands_nowhere(home: Path) -> None:
    assert group_annotations(home, read_talk(home)) == {}
    claim = {"claim": "recovery"}
    assert render_page("site/annotations.html", claim=claim, annotations={}).strip() == ""


def test_an_answer_is_shown_as_text_on_one_line(home: Path) -> None:
    answer(home, ("a", "recovery", "<b>Ex</b>\nAmple", 'champion "at" heart', MARKED, "2026-03-01", "yes"))
    found = group_annotations(home, read_talk(home))
    (shown,) = render_page("site/annotations.html", claim={"claim": "recovery"}, annotations=found).splitlines()
    assert shown == (
        '<blockquote class="answered" dir="auto"><p>&lt;script&gt;alert(1)&lt;/script&gt; *not bold* {{ 1 + 1 }} '
        "[no](https://example.org)</p><p># No heading</p><p>````````</p><p>- none</p>"
        '<p class="by"><cite>&lt;b&gt;Ex&lt;/b&gt; Ample, champion &#34;at&#34; heart</cite>, '
        '<time datetime="2026-03-01">2026-03-01</time></p></blockquote>'
    )


def test_columns_are_told_as_the_table_has_them() -> None:
    assert list(describe_columns()) == HEADER
    assert "in writing" in describe_columns()["consent"]


def test_an_answer_reaches_the_site_and_can_be_taken_out_again(project: Path) -> None:
    site = build(project)
    assert "Nobody has answered back yet." in prose(site / "champions.html")
    answer(project, ("a", "recovery", "Ex Ample", "champion", MARKED, "2026-03-01", "yes"))
    build(project)
    assert "Nobody has answered back yet." not in prose(site / "champions.html")
    shown = read(site / "champions.html")
    assert 'href="check.html#claim-recovery"' in shown
    for page in ("champions", "check", "talk"):
        (said,) = re.findall(r'<blockquote class="answered".*</blockquote>', read(site / f"{page}.html"))
        assert "<p><script>alert(1)</script> *not bold* {{ 1 + 1 }} [no](https://example.org)</p>" in unescape(said)
        assert "<p># No heading</p><p>````````</p><p>- none</p>" in unescape(said)
        assert "<script>" not in said
    (row,) = re.findall(r"<tr[^>]*id=\"claim-recovery\".*?</tr>", read(site / "check.html"), re.DOTALL)
    assert "*not bold*" in unescape(row)
    answer(project)
    build(project)
    assert [path for path in site.rglob("*") if path.is_file() and b"Ex Ample" in path.read_bytes()] == []


def test_words_without_consent_stop_the_build_and_the_old_site_stays(project: Path) -> None:
    site = build(project)
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    answer(project, ("a", "recovery", SECRET, SECRET, SECRET, "2026-03-01", "no"))
    with pytest.raises(DataError, match="annotations.csv, row 2, column consent") as refused:
        build(project)
    assert SECRET not in str(refused.value)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert [path for path in (project / "reports").rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
            ] == []  # fmt: skip


def test_what_the_descriptor_does_not_name_stays_at_home(project: Path) -> None:
    (project / "data" / "annotations_asked_for.csv").write_text(SECRET, encoding="utf-8")
    site = build(project)
    offered = {path.relative_to(site / "_static").as_posix() for path in (site / "_static" / "data").rglob("*.*")}
    assert offered == {name for name in read_data(project) if "." in name}
    for name in offered:
        assert (site / "_static" / name).read_bytes() == (project / name).read_bytes()


def test_a_certificate_that_holds_what_was_taken_out_is_not_offered(project: Path) -> None:
    answer(project, ("a", "recovery", "Ex Ample", "", "Mine.", "2026-03-01", "yes"))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    write_certificate(project, project / "reports" / "certificate", check(project, last_run=True),
                      read_outputs(project / "reports"), checker="C", orcid=None, started=now, ended=now)  # fmt: skip
    offered = build(project) / "_static" / "certificate"
    assert (offered / "certificate.html").is_file()
    assert "Ex Ample" in read(offered / "data" / "annotations.csv")
    answer(project)
    build(project)
    assert not offered.exists()
    assert "No certificate was written for this report." in prose(offered.parents[1] / "check.html")


def test_a_site_of_an_older_project_has_no_such_table(project: Path) -> None:
    (project / "data" / "annotations.csv").unlink()
    datapackage.write(project)
    assert "Nobody has answered back yet." in prose(build(project) / "champions.html")
