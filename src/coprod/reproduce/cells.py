"""Cells of a notebook as tests: nbval runs them, their results are compared by value and tolerance."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbval.plugin import IPyNbCell, IPyNbFile

from coprod.errors import DataError
from coprod.reproduce.differences import Outputs, differ_from_cell, differ_from_folder, results_among, settle
from coprod.results import MIME

LISTING = "notebooks.toml"
NEVER_RUN = "{} has never been run, so there is nothing to compare with; run all its cells and save it"
UNRUN = "This cell has never been run in the stored notebook, so there is nothing to compare with; run it and save it"


class RerunNotebook(IPyNbFile):  # type: ignore[misc]  # nbval ships no types
    """A notebook, rerun in a kernel of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.compare_outputs = not self.config.option.coprod_lax
        self.expected: Path | None = self.config.option.coprod_expected
        self.displayed: set[str] = set()
        self.never_run = False

    def collect(self) -> Iterator[RerunCell]:
        """Yield the code cells; of a notebook that was never run only the first, which says so."""
        cells = list(super().collect())
        written = [cell for cell in cells if cell.cell.source.strip()]
        unrun = bool(written) and all(cell.cell.execution_count is None for cell in written)
        self.never_run = unrun and self.expected is None
        for cell in cells[:1] if self.never_run else cells:
            cell.options["last"] = cell is (written or cells)[-1]
            name = cell.cell.get("id", cell.name)
            yield RerunCell.from_parent(self, name=name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options)

    def setup(self) -> None:
        """Start the kernel; what nbval opens for its errors and leaves open is closed at the end."""
        super().setup()
        self.addfinalizer(self.kernel.km._launch_args["stderr"].close)  # noqa: SLF001 - nothing public holds it

    def missing(self) -> list[str]:
        """Name the results that are listed for this notebook beside it and were not displayed."""
        listing = self.path.with_name(LISTING)
        if self.expected is None or not listing.is_file():
            return []
        with open(listing, "rb") as file:
            listed = {entry["name"]: entry["results"] for entry in tomllib.load(file)["notebook"]}
        return [name for name in listed.get(self.path.stem, []) if name not in self.displayed]


class RerunCell(IPyNbCell):  # type: ignore[misc]
    """A code cell. nbval runs it and compares what is not a result of coprod's."""

    def runtest(self) -> None:
        """Run the cell and compare its outputs."""
        if self.parent.never_run:
            self.raise_cell_error(NEVER_RUN.format(self.path.name))
        self.checks_rest = self.options["check"]
        self.options["check"] = True  # results are compared in every cell
        super().runtest()
        self._hold_results_of_unrun()

    @property
    def place(self) -> str:
        """Notebook and cell, as a failure names them."""
        return f"{self.path.name}, cell {self.name!r}"

    def compare_outputs(self, test: Outputs, ref: Outputs, skip_compare: Any = None) -> bool:
        """Compare results by value and tolerance, then what remains as nbval does."""
        found = self._differences(test, ref)
        self.comparison_traceback: list[str] = []
        same = True
        if self.checks_rest:
            (_, rest), (_, stored) = _part(test), _part(ref)
            same = super().compare_outputs(self._settled(rest, stored), stored, skip_compare)
        self.comparison_traceback[:0] = found
        return same and not found

    def _differences(self, test: Outputs, ref: Outputs) -> list[str]:
        """Say where the results differ; the last cell also says which the notebook has not displayed at all."""
        try:
            new = results_among(test, f"{self.place}, now")
            self.parent.displayed.update(new)
            if self.parent.expected is not None:
                found = list(differ_from_folder(self.parent.expected, new))
            else:
                found = list(differ_from_cell(results_among(ref, f"{self.place}, stored"), new))
        except DataError as error:
            return [str(error)]
        if self.options["last"]:
            found += [f"result {name!r} is listed in {LISTING} and was not displayed" for name in self.parent.missing()]
        return [f"{self.place}: {difference}" for difference in found]

    def _hold_results_of_unrun(self) -> None:
        """Refuse what nbval lets pass: a cell that shows something and was never run where it is stored."""
        if self.cell.execution_count is not None or not self.cell.source.strip():
            return
        results, rest = _part(self.test_outputs)
        if (rest and self.checks_rest) or (results and self.parent.expected is None):
            self.raise_cell_error(UNRUN)
        if found := self._differences(results, []):
            self.raise_cell_error("Cell outputs differ", "\n".join(found))

    def _settled(self, test: Outputs, ref: Outputs) -> list[Any]:
        """Give the new outputs, with the stored text in place of a new one that says the same."""
        option = self.config.option
        near = {"rtol": option.coprod_rtol, "atol": option.coprod_atol}
        if not any(near.values()) or len(test) != len(ref):
            return list(test)
        return [_settle_output(new, stored, near) for new, stored in zip(test, ref, strict=True)]


def _part(outputs: Outputs) -> tuple[list[Any], list[Any]]:
    """Part results from other outputs."""
    results = [output for output in outputs if MIME in output.get("data", {})]
    return results, [output for output in outputs if output not in results]


def _settle_output(new: Any, stored: Any, near: dict[str, float]) -> Any:
    settled = new.copy()
    if "text" in new and "text" in stored:
        settled["text"] = settle(stored["text"], new["text"], **near)
    if "data" in new and "data" in stored:
        settled["data"] = {
            kind: settle(stored["data"][kind], content, **near)
            if kind.startswith("text/") and kind in stored["data"]
            else content
            for kind, content in new["data"].items()
        }
    return settled
