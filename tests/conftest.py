"""What several tests share: the project, its tables, and a copy of them to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from coprod.data import HOME_VARIABLE, Talk, read_talk

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("coprod", deadline=None)  # a slow machine is not a failure
settings.load_profile("coprod")


@pytest.fixture(autouse=True)
def _this_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a variable of the caller's from pointing the tests at another checkout."""
    monkeypatch.delenv(HOME_VARIABLE, raising=False)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout the tests stand in."""
    return ROOT


@pytest.fixture(scope="session")
def talk() -> Talk:
    """The tables of the talk as they are committed."""
    return read_talk(ROOT)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the tables in a folder of its own, free to be broken."""
    shutil.copytree(ROOT / "data", tmp_path / "home" / "data")
    return tmp_path / "home"
