"""Writing folders: all of it or nothing, and one clear error where it cannot be done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from coprod.errors import EnvironmentProblem


@contextmanager
def scratch_folders(folders: set[Path]) -> Iterator[dict[Path, Path]]:
    """Give each reports folder a temporary one inside, which shows that it can be written.

    Raises
    ------
    EnvironmentProblem
        If one cannot.
    """
    made: dict[Path, tempfile.TemporaryDirectory[str]] = {}
    try:
        for folder in sorted(folders):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                made[folder] = tempfile.TemporaryDirectory(dir=folder, prefix=".run-", ignore_cleanup_errors=True)
            except OSError as error:
                raise unwritable(folder, error) from None
        yield {folder: Path(temporary.name) for folder, temporary in made.items()}
    finally:
        for temporary in made.values():
            temporary.cleanup()


def clear_unlisted(reports: Path, listed: set[str]) -> None:
    """Remove the executed notebooks whose file names are not listed any more."""
    for folder in ("notebooks", "failed"):
        for path in (reports / folder).glob("*.ipynb"):
            if path.name not in listed:
                path.unlink()


def replace_tree(parent: Path, files: dict[str, str], names: Iterable[str]) -> None:
    """Write text files beside their place and move them in whole; what else lay there goes.

    Parameters
    ----------
    parent : Path
        Folder that holds the names.
    files : dict
        Path below the parent to text.
    names : iterable of str
        Files and folders of the parent to replace.

    Raises
    ------
    EnvironmentProblem
        If something cannot be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".new-", ignore_cleanup_errors=True) as made:
            new, old = Path(made, "new"), Path(made, "old")
            old.mkdir()
            for path, text in files.items():
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                (new / path).write_text(text, encoding="utf-8", newline="")
            for name in names:
                if (parent / name).exists():
                    (parent / name).replace(old / name)
                if (new / name).exists():
                    (new / name).replace(parent / name)
    except OSError as error:
        raise unwritable(parent, error) from None


def unwritable(folder: Path, error: OSError) -> EnvironmentProblem:
    """Make the error that says why a folder cannot be written, and what to do."""
    return EnvironmentProblem(
        f"cannot write to {folder} ({error.strerror or error}); "
        "make it a folder you may write to, with room on its disk"
    )
