import re
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod.cli import main
from coprod.data import Talk
from coprod.errors import DataError
from coprod.figures.citations import plot_citations
from coprod.figures.timeline import plot_timeline
from coprod.report.printed import read_printed
from coprod.report.slides import MOST_CLAIMS, choose_claims, gather_slides, write_slides
from coprod.reproduce.check import Check
from coprod.reproduce.collect import Displayed
from coprod.reproduce.executed import Outcome
from coprod.results import Figure
from coprod.talk.claims import adjudicate
from coprod.talk.works import audit_works

HOSTILE = "</title><script>document.title='RAN'</script> =cmd()"


class Reader(HTMLParser):
    """Collects tags and words, and refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name))]


def found_of(talk: Talk, *figures: Figure) -> Check:
    displayed = tuple(Displayed("a_notebook", figure) for figure in figures)
    return Check(notebooks=(), displayed=displayed, claims=adjudicate(talk), comparisons=(), rerun=False)


@pytest.fixture(scope="module")
def timeline(talk: Talk) -> Figure:
    return plot_timeline(talk["timeline"])


@pytest.fixture(scope="module")
def found(talk: Talk, timeline: Figure) -> Check:
    return found_of(talk, timeline, plot_citations(audit_works(talk["citations"], talk["works"])))


def write(reports: Path, found: Check, talk: Talk, citation: str = "Coan (2017)") -> str:
    return write_slides(reports, found, talk, citation).read_text(encoding="utf-8")


def test_what_was_printed_is_what_the_tables_hold(talk: Talk) -> None:
    printed = read_printed(talk)
    assert list(printed) == list(talk["slides"]["slide"])
    assert printed["S2"].rows == tuple(
        talk["partnership"][["university", "community"]].itertuples(index=False, name=None)
    )
    assert printed["S5"].rows[0] == ("94% (196 of 209)", "Commissioning groups that answered the request")
    assert [row[0] for row in printed["S5"].rows[1:]] == ["15%", "8%", "1%"]
    assert printed["S1"].rows[1] == ("Susan Coan; Leanne Winfield; Pamela Fisher",)
    assert printed["S0"].rows[1] == ("S Coan; P Fisher; K Witty",)
    assert ("Slay and Stevens, 2013",) in printed["S6"].rows
    assert ("4 cohorts: NHS, adult social care and voluntary sector staff",) in printed["S9"].rows
    assert ("Health and Social Care Act (2014)",) in printed["S11"].rows
    assert len(printed["S11"].rows) == (talk["works"]["origin"] == "document").sum()


def test_what_others_published_is_not_said_to_be_printed(talk: Talk) -> None:
    said = " ".join(cell for printed in read_printed(talk).values() for row in printed.rows for cell in row)
    assert "#Esrrccopro" in said
    for outside in ("@ESRCcopro", "Stephens", "planning", "People Powered Health"):
        assert outside not in said


def test_a_changed_table_changes_the_slide(talk: Talk) -> None:
    survey = talk["survey"]
    survey.loc[survey["item"] == "any_coproduction", "percent"] = "17"
    assert read_printed(talk.replace(survey=survey))["S5"].rows[1][0] == "17%"


def test_every_slide_and_every_verdict_is_there(tmp_path: Path, found: Check, talk: Talk) -> None:
    page = write(tmp_path, found, talk)
    said = unescape(re.sub(r"<[^>]*>", " ", page))
    for slide in talk["slides"].itertuples():
        assert re.search(
            rf'<p class="key">{slide.slide}</p><h2 id="{slide.slide.lower()}">{re.escape(slide.heading)}</h2>', page
        )
        claims = found.claims[found.claims["slide"] == slide.slide].to_dict("records")
        shown = choose_claims(claims)
        for claim in shown:
            cells = (claim["published"] or "nothing", claim["recomputed"] or "nothing", claim["verdict"])
            assert re.search(r"\s+".join(re.escape(cell) for cell in (claim["statement"], *cells)), said), claim
        more = (
            f'And {len(claims) - len(shown)} more on the page <a href="../site/talk.html#slide-{slide.slide.lower()}">'
        )
        assert (more in page) == (len(claims) > MOST_CLAIMS)


def test_a_figure_of_several_slides_stands_once_and_a_synthetic_one_never(talk: Talk, timeline: Figure) -> None:
    made_up = replace(timeline, id="made_up", synthetic=True, alt="Synthetic data. A timeline.")
    undrawn = replace(timeline, id="undrawn", alt="No chart: nothing to draw.")
    slides = {slide.key: slide for slide in gather_slides(found_of(talk, made_up, timeline, undrawn), talk)}
    assert timeline.slide == "S4, S11"
    assert {key: slide.figures for key, slide in slides.items() if slide.figures} == {"S4": (timeline,)}


def test_the_figures_stand_in_the_page_with_title_and_description(tmp_path: Path, found: Check, talk: Talk) -> None:
    page = write(tmp_path, found, talk)
    for _, figure in found.displayed:
        assert isinstance(figure, Figure)
        assert page.count(f">{escape(figure.title)}</title>") == 2  # wide, and narrow for a phone
        assert page.count(f">{escape(figure.alt)}</desc>") == 2
        assert page.count(f'<p class="answer">{escape(figure.answer)}</p>') == 1


def test_claims_are_chosen_so_that_each_verdict_is_seen(found: Check) -> None:
    claims = found.claims[found.claims["slide"] == "S5"].to_dict("records")
    assert len(claims) > MOST_CLAIMS
    chosen = choose_claims(claims)
    assert len(chosen) == MOST_CLAIMS
    assert {claim["verdict"] for claim in chosen} == {claim["verdict"] for claim in claims}
    assert [claim for claim in claims if claim in chosen] == chosen
    assert choose_claims(claims[:3]) == claims[:3]


def test_the_page_needs_nothing_but_itself(tmp_path: Path, found: Check, talk: Talk) -> None:
    page = write(tmp_path, found, talk)
    reader = Reader(page)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in reader.tags}
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]
    assert {
        address for address in re.findall(r"url\([\"']?([^\"')]*)", page) if not address.startswith(("data:", "#"))
    } == set()
    assert all(address.startswith(("../site/talk.html#", "#")) for address in reader.values("href"))
    assert [path.name for path in (tmp_path / "slides").iterdir()] == ["index.html"]


def test_headings_are_in_order_and_ids_are_their_own(tmp_path: Path, found: Check, talk: Talk) -> None:
    reader = Reader(write(tmp_path, found, talk))
    levels = "".join(tag[1] for tag, _ in reader.tags if re.fullmatch(r"h\d", tag))
    assert re.fullmatch(r"1(23+)+2", levels)
    assert len(set(reader.values("id"))) == len(reader.values("id"))
    sections = [attributes for tag, attributes in reader.tags if tag == "section"]
    assert {attributes["aria-labelledby"] for attributes in sections} <= set(reader.values("id"))
    assert ("html", {"lang": "en-GB"}) in reader.tags


def test_hostile_words_are_words(tmp_path: Path, talk: Talk, timeline: Figure) -> None:
    slides, record = talk["slides"], talk["record"]
    slides.loc[slides["slide"] == "S4", "heading"] = HOSTILE
    record.loc[(record["slide"] == "S1") & (record["field"] == "title"), "value"] = HOSTILE
    hostile = talk.replace(slides=slides, record=record)
    figure = replace(timeline, answer=HOSTILE, title=HOSTILE, alt=HOSTILE)
    page = write(tmp_path, found_of(hostile, figure), hostile, citation=HOSTILE)
    assert "script" not in {tag for tag, _ in Reader(page).tags}
    assert HOSTILE not in page
    assert unescape(page).count(HOSTILE) == 12


def test_the_same_input_gives_the_same_bytes_on_another_day(
    tmp_path: Path, found: Check, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = write(tmp_path / "one", found, talk)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")  # what fontTools takes for the clock
    assert write(tmp_path / "two", found, talk) == today


def test_after_a_failed_notebook_the_old_slides_stay(tmp_path: Path, found: Check, talk: Talk) -> None:
    old = tmp_path / "slides" / "index.html"
    old.parent.mkdir()
    old.write_text("old", encoding="utf-8")
    outcome = Outcome(name="03_commissioning", status="failed", seconds=0.0, path=tmp_path, message="not up to date")
    with pytest.raises(DataError, match="notebook 03_commissioning: not up to date"):
        write_slides(tmp_path, replace(found, notebooks=(outcome,)), talk, "")
    assert old.read_text(encoding="utf-8") == "old"


def test_the_command_writes_the_slides_of_the_last_run(project: Path) -> None:
    done = CliRunner().invoke(main, ["report", "--slides"])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1].endswith("reports/slides/index.html")
    page = (project / "reports" / "slides" / "index.html").read_text(encoding="utf-8")
    assert "Synthetic" not in page
    talk_page = (project / "reports" / "site" / "talk.html").read_text(encoding="utf-8")
    for place in re.findall(r'href="../site/talk.html#([^"]+)"', page):
        assert f'id="{place}"' in talk_page
