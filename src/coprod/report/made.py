"""What an evaluation has made: its files, and one page that shows all of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from coprod import __version__
from coprod.privacy import WITHHELD
from coprod.report.pages import group_results, render_page
from coprod.reproduce.collect import Displayed, data_csv
from coprod.reproduce.notebooks import Notebook
from coprod.results import Table
from coprod.training.estimates import COLUMNS
from coprod.training.study import Study

PROTOCOL = "protocol.json"
PAGE = "index.html"
SHEETS = {
    "estimates": "every estimate, one row per scale, term, frame and method",
    "sensitivity": "the same under other assumptions, named in the column scenario",
    "variance": "variance components of the mixed models",
    "reliability": "alpha and omega per scale and wave",
    "flow": "questionnaires returned per wave and cohort",
}
"""Tables that also stand at the top of the folder, and what each holds."""
COLUMNS_OF = {"estimates": COLUMNS, "sensitivity": ["scenario", *COLUMNS]}
"""Columns that such a table always has; what it says in words beside them is for readers of the page."""
FILES = (
    *((f"{name}.csv", what) for name, what in SHEETS.items()),
    (PROTOCOL, "the protocol as read, with its hash"),
    ("values.json", "the numbers that sentences rest on"),
)


@dataclass(frozen=True)
class Made:
    """What there is of an evaluation before it is put in place.

    Attributes
    ----------
    folder : Path
        Holds ``notebooks/``, ``figures/``, ``tables/`` and the tables at the top.
    study : Study
        The answers and the protocol.
    notebooks : tuple of Notebook
        Those that ran.
    displayed : tuple of Displayed
        Their results.
    sentence : str
        The primary result in words.
    responses, protocol : Path
        The files given.
    out : Path
        Where the folder will stand.
    home : Path
        Where the notebooks and the methods come from.
    scale, wave : str
        What was looked at closely, where it was not the primary outcome by default.
    """

    folder: Path
    study: Study
    notebooks: tuple[Notebook, ...]
    displayed: tuple[Displayed, ...]
    sentence: str
    responses: Path
    protocol: Path
    out: Path
    home: Path
    scale: str = ""
    wave: str = ""

    @property
    def place(self) -> str:
        """How the outcome stands in the protocol: primary or not."""
        return self.study.say_place(self.study.find_scale(self.scale).name, self.study.find_wave(self.wave))


def write_files(made: Made) -> None:
    """Write the tables at the top of the folder, and the protocol as it was read."""
    tables = {result.id: result for _, result in made.displayed if isinstance(result, Table)}
    files = {f"{name}.csv": data_csv(_keep_columns(tables[name])) for name in SHEETS}
    files[PROTOCOL] = json.dumps(made.study.protocol.to_json(), ensure_ascii=False, indent=1) + "\n"
    for name, text in files.items():
        (made.folder / name).write_text(text, encoding="utf-8", newline="")


def write_page(made: Made) -> frozenset[str]:
    """Write the one page; the set of files that need no search is empty, since every word of it is searched."""
    study = made.study
    chapters = [
        {
            "notebook": notebook,
            "groups": group_results(result for name, result in made.displayed if name == notebook.name),
        }
        for notebook in made.notebooks
    ]
    executed = [(f"notebooks/{notebook.path.name}", "the notebook as it ran") for notebook in made.notebooks]
    page = render_page(
        "evaluation.html",
        title=study.protocol.title,
        sentence=made.sentence,
        synthetic=study.synthetic,
        profile=study.profile.words,
        withheld="" if study.profile.person_level else WITHHELD,
        hash=study.protocol.hash,
        chapters=chapters,
        files=[*FILES, *executed],
        version=__version__,
    )
    (made.folder / PAGE).write_text(page, encoding="utf-8", newline="")
    return frozenset()


def _keep_columns(table: Table) -> Table:
    """Return a table with the columns that its file has always."""
    columns = COLUMNS_OF.get(table.id, [str(name) for name in table.data])
    return replace(table, data=table.data[columns], headings={name: name for name in columns})
