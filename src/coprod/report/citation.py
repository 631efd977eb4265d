"""How to cite the package and the talk, from the metadata of the one and the tables of the other."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import metadata

from coprod import __version__
from coprod.data import Talk


@dataclass(frozen=True)
class Citation:
    """One work to cite.

    Attributes
    ----------
    key : str
        BibTeX key.
    kind : str
        BibTeX entry type.
    fields : tuple of (str, str)
        BibTeX fields in the order shown.
    """

    key: str
    kind: str
    fields: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """Return the work as one line of a reference list."""
        fields = dict(self.fields)
        year = f" ({fields['year']})" if "year" in fields else ""
        authors = fields["author"].strip("{}").replace(" and ", "; ")
        rest = [fields[name] for name in ("title", "booktitle", "address", "version", "note", "url") if name in fields]
        return f"{authors}{year}. {'. '.join(rest)}"

    def bibtex(self) -> str:
        """Return the work as a BibTeX entry."""
        width = max(len(name) for name, _ in self.fields)
        lines = [f"  {name:<{width}} = {{{value}}}," for name, value in self.fields]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])


def cite_talk(talk: Talk) -> Citation:
    """Cite the talk as its title slide and its record have it."""
    authors = talk["authors"].query("slide == 'S1'").sort_values("position")
    record = talk["record"].query("origin == 'document'").set_index(["slide", "field"])["value"]
    names = " and ".join(f"{row.family}, {row.given}" for row in authors.itertuples())
    return Citation(
        f"{authors['family'].iloc[0].lower()}{record['S1', 'year']}",
        "inproceedings",
        (
            ("author", names),
            ("title", record["S1", "title"]),
            ("booktitle", record["S1", "conference"]),
            ("address", record["S1", "venue"]),
            ("year", record["S1", "year"]),
            ("note", f"Licence: {record['S0', 'licence']}"),
            ("url", record["S0", "repository"]),
        ),
    )


def cite_package() -> Citation:
    """Cite this package by its own metadata."""
    about = metadata("coprod")
    fields = (("author", f"{{{about['Author']}}}"), ("title", f"coprod: {about['Summary']}"))
    return Citation("coprod", "software", (*fields, ("version", f"Version {__version__}")))
