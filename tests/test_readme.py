import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from coprod.cli import main

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Return the lines of every ``sh`` block of the README, in order, comments left out."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_the_two_commands_are_there() -> None:
    assert {"make reproduce", "make test"} <= set(commands())


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("make ")])
def test_every_make_target_exists(line: str, root: Path) -> None:
    asked = subprocess.run([*shlex.split(line), "--dry-run"], cwd=root, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize("line", [line for line in commands() if "coprod " in line and not line.startswith("git")])
def test_every_coprod_command_is_understood(line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program in {"coprod", ".venv/bin/coprod"}
    with click.Context(main) as context:
        name, command, rest = main.resolve_command(context, arguments)
        command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_link_to_a_file_leads_somewhere(target: str, root: Path) -> None:
    if not target.startswith("http"):
        assert (root / target).exists()


def test_every_picture_has_alt_text() -> None:
    pictures = re.findall(r"!\[(.*?)\]\(", README)
    assert pictures
    assert all(len(alt) > 20 for alt in pictures)
