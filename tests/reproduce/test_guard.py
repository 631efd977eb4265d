import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coprod.reproduce.guard import Guard, RefusedError


@pytest.fixture
def held(tmp_path: Path) -> Guard:
    (tmp_path / "data" / "talk").mkdir(parents=True)
    (tmp_path / "data" / "a.csv").write_text("a\n")
    (tmp_path / "way").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "out.csv").symlink_to(tmp_path / "elsewhere.csv")
    return Guard(tmp_path, output=100)


@pytest.mark.parametrize(
    ("event", "arguments", "named"),
    [
        ("open", ("data/a.csv", "w", 0), "data/a.csv"),
        ("open", ("data/a.csv", "r+", 0), "data/a.csv"),
        ("open", (b"data/a.csv", "ab", 0), "data/a.csv"),
        ("open", ("data/new.csv", None, os.O_WRONLY | os.O_CREAT), "data/new.csv"),
        ("open", ("way/new.csv", "x", 0), "data/new.csv"),
        ("open", ("data/out.csv", "w", 0), "data/out.csv"),
        ("os.remove", ("data/a.csv", -1), "data/a.csv"),
        ("os.rename", ("data/a.csv", "b.csv", -1, -1), "data/a.csv"),
        ("os.rename", ("b.csv", "data/a.csv", -1, -1), "data/a.csv"),
        ("os.truncate", ("data/a.csv", 0), "data/a.csv"),
        ("os.mkdir", ("data/new", 511, -1), "data/new"),
        ("os.symlink", ("b.csv", "data/link", -1), "data/link"),
        ("os.link", ("b.csv", "data/link", -1, -1), "data/link"),
        ("os.chmod", ("data/talk", 0, -1), "data/talk"),
        ("shutil.rmtree", ("data", None), "data"),
    ],
)
def test_a_change_of_the_data_is_refused_and_named(
    held: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str, arguments: tuple[Any, ...], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RefusedError, match=f"wanted to change {named}; data are only read during a run"):
        held.hear(event, arguments)


def test_a_change_relative_to_an_open_folder_is_refused(held: Guard, tmp_path: Path) -> None:
    folder = os.open(tmp_path / "data", os.O_RDONLY)
    try:
        with pytest.raises(RefusedError, match="wanted to change data/a.csv"):
            held.hear("os.remove", ("a.csv", folder))
    finally:
        os.close(folder)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("open", ("data/a.csv", "r", 0)),
        ("open", ("data/a.csv", None, os.O_RDONLY)),
        ("open", (3, "w", 0)),
        ("open", ("database.csv", "w", 0)),
        ("os.remove", ("a.csv", -1)),
        ("os.rename", ("b.csv", "c.csv", -1, -1)),
        ("os.link", ("data/a.csv", "c.csv", -1, -1)),
        ("os.truncate", (3, 0)),
        ("import", ("data", None, None, None, None)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (socket.gethostname(), 80, 0, 0, 0)),
        ("socket.getaddrinfo", (b"127.0.0.1", b"80", 0, 0, 0)),
    ],
)
def test_reading_and_what_lies_elsewhere_and_this_machine_are_left_alone(
    held: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str, arguments: tuple[Any, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    held.hear(event, arguments)
    held.end_cell(1)
    assert held.refused == []


@pytest.mark.parametrize(
    ("family", "address", "named"),
    [
        (socket.AF_INET, ("192.0.2.1", 443), "192.0.2.1:443"),
        (socket.AF_INET6, ("2001:db8::1%eth0", 80, 0, 0), "2001:db8::1%eth0:80"),
        (socket.AF_INET, ("example.org", 80), "example.org:80"),
        (socket.AF_INET, ("127.0.0.1", 80), ""),
        (socket.AF_INET6, ("::1", 80, 0, 0), ""),
        (socket.AF_INET, ("0.0.0.0", 80), ""),
        (socket.AF_UNIX, "a.socket", ""),
    ],
)
def test_only_this_machine_can_be_reached(held: Guard, family: int, address: Any, named: str) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        if named:
            with pytest.raises(RefusedError, match=f"the notebook wanted {named}; a run has no network"):
                held.hear("socket.connect", (one, address))
        else:
            held.hear("socket.connect", (one, address))


def test_a_name_that_is_looked_up_is_refused_with_its_port(held: Guard) -> None:
    for event, arguments in (("socket.getaddrinfo", (b"example.org", b"https", 0, 0, 0)),
                             ("socket.gethostbyname", ("example.org",))):  # fmt: skip
        with pytest.raises(RefusedError, match="the notebook wanted example.org"):
            held.hear(event, arguments)
    held.end_cell(7)
    assert [count for count, _ in held.refused] == [7, 7]
    assert "wanted example.org:https;" in held.refused[0][1]


def test_data_that_another_program_changed_are_named_with_the_cell(held: Guard, tmp_path: Path) -> None:
    held.end_cell(1)
    (tmp_path / "data" / "talk" / "other.csv").write_text("by somebody else, before this notebook started a program")
    held.end_cell(2)
    held.hear("subprocess.Popen", ("x", [], None, None))
    held.end_cell(3)
    assert held.refused == []
    subprocess.run(["rm", str(tmp_path / "data" / "a.csv")], check=True)
    (tmp_path / "data" / "talk" / "other.csv").write_text("again")
    held.end_cell(4)
    held.end_cell(5)
    assert [(count, why.split(" changed")[0]) for count, why in held.refused] == [
        (4, "data/a.csv"),
        (4, "data/talk/other.csv"),
    ]


def test_what_is_too_much_is_refused_and_what_still_fits_is_not(held: Guard) -> None:
    held.count(90)
    for _ in range(2):
        with pytest.raises(RefusedError, match="output is larger than 0 MB; show less, or allow more with --output"):
            held.count(11)
    held.count(10)
    held.end_cell(1)
    assert len(held.refused) == 1


def test_memory_is_held_to_its_limit() -> None:
    code = "from coprod.reproduce.guard import limit_memory; limit_memory(300_000_000); bytearray({})"
    for size, ends in ((50_000_000, 0), (400_000_000, 1)):
        ended = subprocess.run([sys.executable, "-c", code.format(size)], capture_output=True, text=True, check=False)
        assert ended.returncode == ends
    assert "MemoryError" in ended.stderr


def test_a_little_more_memory_is_kept_back_for_telling_of_an_error() -> None:
    code = (
        "from coprod.reproduce.guard import limit_memory; allow_more = limit_memory(300_000_000)\n"
        "try: bytearray(330_000_000)\nexcept MemoryError: allow_more()\nelse: raise SystemExit(3)\n"
        "bytearray(330_000_000)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
