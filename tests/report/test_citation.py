import re

from coprod import __version__
from coprod.data import Talk
from coprod.report.citation import cite_package, cite_talk


def test_the_talk_is_cited_as_its_title_slide_has_it(talk: Talk) -> None:
    work = cite_talk(talk)
    assert work.key == "coan2017"
    assert work.text().startswith(
        "Coan, Susan; Winfield, Leanne; Fisher, Pamela (2017). Co-production and Mental Health"
    )
    assert "Creative Commons Attribution 4.0" in work.text()


def test_a_change_of_the_record_changes_the_citation(talk: Talk) -> None:
    record = talk["record"]
    changed = talk.replace(record=record.assign(value=record["value"].replace("2017", "2018")))
    assert cite_talk(changed).key == "coan2018"


def test_bibtex_has_balanced_braces_and_every_field(talk: Talk) -> None:
    for work in (cite_talk(talk), cite_package()):
        text = work.bibtex()
        assert text.startswith(f"@{work.kind}{{{work.key},")
        assert text.count("{") == text.count("}")
        assert re.findall(r"^  (\w+) ", text, flags=re.MULTILINE) == [name for name, _ in work.fields]


def test_the_package_is_cited_with_its_version() -> None:
    assert cite_package().text().endswith(f"Version {__version__}")
    assert cite_package().text().startswith("The coprod developers. coprod: ")
