"""What a shell offers at the press of Tab: commands, options, notebooks, and parameters with their values.

Read without any library that takes time to import, and silent where there is nothing to offer: a shell shows no errors.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

from coprod.cli.group import main
from coprod.errors import CoprodError
from coprod.home import project_home
from coprod.reproduce.notebooks import Notebook, choose, list_notebooks, read_source

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_COPROD_COMPLETE"


class Offer(NamedTuple):
    """A parameter as a shell offers it.

    Attributes
    ----------
    name : str
        Its name.
    values : tuple of str
        Its legal values where they are few, or else its default.
    """

    name: str
    values: tuple[str, ...]


@main.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that makes SHELL complete commands, notebooks and parameters.

    \b
    eval "$(coprod completion bash)"            in ~/.bashrc
    eval "$(coprod completion zsh)"             in ~/.zshrc
    coprod completion fish | source             in ~/.config/fish/config.fish
    """
    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(main, {}, "coprod", VARIABLE).source())


def complete_notebook(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer the notebooks that are not named yet, with their questions."""
    named = _named(context)
    return [
        CompletionItem(notebook.name, help=notebook.question)
        for notebook in _notebooks()
        if notebook.name.startswith(incomplete) and notebook.name not in named
    ]


def complete_assignment(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer ``name=value`` of the notebooks named, or of all; behind a comma one more value of the same parameter."""
    notebooks, words = _notebooks(), _named(context)
    try:
        notebooks = choose(notebooks, words)
    except CoprodError:
        return []
    before = incomplete.rpartition(",")[0]
    offers = chain.from_iterable(read_offers(notebook.path) for notebook in notebooks)
    texts = (f"{offer.name}={value}" for offer in offers for value in offer.values)
    if before:
        name, given = before.split("=", 1) if "=" in before else (before, "")
        pairs = (text.split("=", 1) for text in texts)
        texts = (f"{before},{value}" for other, value in pairs if other == name and value not in given.split(","))
    return [CompletionItem(text) for text in dict.fromkeys(texts) if text.startswith(incomplete)]


def read_offers(path: Path) -> list[Offer]:
    """Read the parameters of a notebook by their syntax alone; empty where it cannot be read.

    Parameters
    ----------
    path : Path
        A notebook file.
    """
    try:
        sources = [cell["source"] for cell in read_source(path)["cells"] if "parameters" in cell["metadata"]["tags"]]
        lines = ast.parse("\n".join(sources)).body
    except (CoprodError, SyntaxError):
        return []
    return [offer for line in lines for offer in _offers(line)]


def _offers(line: ast.stmt) -> Iterator[Offer]:
    match line:
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=ast.Constant(value=str(annotation)), value=ast.expr() as value
        ):
            try:
                choices, default = _choices(annotation), ast.literal_eval(value)
            except (ValueError, SyntaxError):
                return
            yield Offer(name, choices or (str(default),))


def _choices(annotation: str) -> tuple[str, ...]:
    """Return the legal values that an annotation lists.

    Examples
    --------
    >>> _choices("Literal[196, 209]"), _choices("bool"), _choices("Annotated[float, Gt(0)]")
    (('196', '209'), ('True', 'False'), ())
    """
    found: list[str] = ["True", "False"] if annotation == "bool" else []
    for node in ast.walk(ast.parse(annotation, mode="eval")):
        match node:
            case ast.Subscript(value=ast.Name(id="Literal"), slice=listed):
                values = ast.literal_eval(listed)
                found += map(str, values if isinstance(values, tuple) else (values,))
    return tuple(found)


def _notebooks() -> list[Notebook]:
    try:
        return list_notebooks(project_home())
    except CoprodError:
        return []


def _named(context: click.Context) -> Sequence[str]:
    """Return the notebooks that stand on the command line already."""
    given = context.params.get("notebooks") or context.params.get("notebook") or context.args
    return (given,) if isinstance(given, str) else given


class _Bash(BashComplete):
    """Bash parts words at an equals sign; this puts them together again."""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        words, self.kept = _joined([*args, incomplete])
        return words[:-1], words[-1]

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Give the part of an offer that takes the place of the word as Bash parts it."""
        return f"{item.type},{item.value.removeprefix(self.kept)}"


def _joined(words: Sequence[str]) -> tuple[list[str], str]:
    """Put words together at equals signs, and return with them what stands before the last word as it was.

    Examples
    --------
    >>> _joined(["run", "-p", "base", "=", "2"])
    (['run', '-p', 'base=2'], 'base=')
    """
    whole: list[str] = []
    for position, word in enumerate(words):
        behind = position and "=" in (word, words[position - 1])
        whole[-1:] = [whole[-1] + word] if behind else [*whole[-1:], word]
    before, equals, _ = whole[-1].rpartition("=")
    return whole, before + equals


add_completion_class(_Bash)
