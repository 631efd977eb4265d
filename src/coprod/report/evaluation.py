"""An evaluation of anybody's training: the notebooks run on their data, and a folder that holds what came out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from coprod.errors import DataError, UsageError
from coprod.home import SHIPPED, evaluation_home
from coprod.privacy import check_folder
from coprod.report.extract import extract
from coprod.report.made import PROTOCOL, Made, write_files, write_page
from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.executed import Outcome
from coprod.reproduce.folders import unwritable
from coprod.reproduce.how import How
from coprod.reproduce.notebooks import Notebook, list_notebooks
from coprod.reproduce.parameters import read_parameters
from coprod.training.study import Study, read_study

if TYPE_CHECKING:
    from coprod.reproduce.single import OnCell


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation left behind.

    Attributes
    ----------
    folder : Path
        Holds the page or the site, tables, figures and the executed notebooks.
    sentence : str
        The primary result in words.
    outcomes : tuple of Outcome
        How each notebook ended; if one failed nothing was left behind, and the folder is as it was.
    """

    folder: Path
    sentence: str
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> bool:
        """Whether a notebook failed."""
        return any(outcome.status == "failed" for outcome in self.outcomes)


def evaluate(
    responses: Path, protocol: Path, out: Path, *, scale: str = "", wave: str = "",
    add: Callable[[Made], frozenset[str]] | None = None,
    on_end: Callable[[Outcome], None] = lambda _: None, on_cell: OnCell | None = None, **how: Unpack[How],
) -> Evaluation:  # fmt: skip
    """Evaluate a training from its questionnaires.

    Parameters
    ----------
    responses, protocol : Path
        The answers, and what was planned before they were seen.
    out : Path
        Folder for what comes out. One that an earlier evaluation made is replaced, when all is done.
    scale, wave : str
        What to look at closely; the primary ones of the protocol by default.
    add : callable, optional
        Writes pages in place of the one page, before all is searched, and returns the SHA-256 of files known to hold
        nothing of the data; such as :func:`coprod.report.site.evaluated.add_site`.
    on_end : callable, optional
        Told of each notebook as it ends.
    on_cell : callable, optional
        Told of each code cell about to run; see :func:`~coprod.reproduce.execute.run_notebooks`.
    how : optional
        See :class:`~coprod.reproduce.how.How`.

    Returns
    -------
    Evaluation
        Where things are, and the primary result in words.

    Raises
    ------
    DataError
        If the files cannot be used, or the output would show what the disclosure profile hides.
    UsageError
        If the scale or wave is not known, or the folder holds something else.
    EnvironmentProblem
        If the folder cannot be written.
    """
    study, out, home = read_study(responses, protocol), out.resolve(), evaluation_home()
    _refuse_place(out, (responses, protocol))
    study.find_scale(scale), study.find_wave(wave)  # refused here rather than in a kernel
    parameters = {"scale": scale, "wave": wave}
    parameters |= {name: os.path.relpath(path.resolve(), out / "notebooks") for name, path in
                   (("data", responses), ("protocol", protocol))}  # fmt: skip
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".coprod-", ignore_cleanup_errors=True) as aside:
            new = Path(aside)  # beside its final place, so that relative paths are the same
            (new / "notebooks").mkdir()
            chosen = tuple(_notebooks_for_data(home))
            tasks = [Task(notebook, new, parameters, new / "notebooks") for notebook in chosen]
            outcomes = tuple(run_notebooks(tasks, home=home, on_end=on_end, on_cell=on_cell, **how))
            if any(outcome.status == "failed" for outcome in outcomes):
                return Evaluation(out, "", outcomes)
            displayed = tuple(extract(new / "notebooks", new))
            sentence = next(result.answer for _, result in displayed if result.id == "change")
            made = Made(new, study, chosen, displayed, sentence, responses, protocol, out, home, scale, wave)
            write_files(made)
            known = (add or write_page)(made)
            _refuse_disclosure(new, study, known)
            _put_in_place(new, out)
    except OSError as error:
        raise unwritable(out, error) from None
    return Evaluation(out, sentence, outcomes)


def _notebooks_for_data(home: Path) -> list[Notebook]:
    """Return the notebooks that take a file of answers; where the package is installed these are all there are."""
    there = (notebook for notebook in list_notebooks(home) if home != SHIPPED or notebook.path.is_file())
    return [notebook for notebook in there
            if "data" in {parameter.name for parameter in read_parameters(notebook.path)}]  # fmt: skip


def _refuse_place(out: Path, inputs: Sequence[Path]) -> None:
    """Refuse a folder that an evaluation did not make, or that holds what it is to read."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; name a folder with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / PROTOCOL).is_file():
        raise UsageError(f"{out} is not empty and was not made by coprod evaluate; name another folder with --out")
    for path in inputs:
        if path.resolve().is_relative_to(out):
            raise UsageError(f"{path} lies in {out}, which is about to be replaced; name another folder with --out")


def _refuse_disclosure(folder: Path, study: Study, known: frozenset[str]) -> None:
    """Look through every file before anything is put in place."""
    codes = {*study.responses["participant"], *study.intake.responses["participant"]}
    faults = check_folder(folder, study.profile, sorted(codes), known)
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults[:20])
        raise DataError(
            f"nothing was written: under profile {study.profile.name!r} the output would reveal\n{listed}\n"
            'This may be a false alarm. Look at it under [privacy] profile = "internal", inside the team, and tell the '
            "maintainers of coprod what is named above"
        )


def _put_in_place(new: Path, out: Path) -> None:
    """Exchange the folder in two renames; the old one goes when the new one stands."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".coprod-old-", ignore_cleanup_errors=True) as old:
        if out.exists():
            out.rename(Path(old, "out"))
        whole = Path(old, "new")
        new.rename(whole)
        new.mkdir()  # for its own cleaning up
        whole.chmod(0o755)
        whole.rename(out)
