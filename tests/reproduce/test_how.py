import os
from pathlib import Path

import pytest

from coprod.reproduce import how
from coprod.reproduce.how import OUTPUT, TIMEOUT, Limits, half_of_memory, limits_of


def test_limits_are_what_is_said_and_else_the_defaults() -> None:
    assert limits_of({"memory": 900, "timeout": 7, "output": 8}) == Limits(memory=900, timeout=7, output=8)
    assert limits_of({"memory": None}) == Limits(memory=half_of_memory(), timeout=TIMEOUT, output=OUTPUT)


@pytest.mark.parametrize(("given", "half"), [("2000000000\n", 1000), ("max\n", None), ("9" * 30, None)])
def test_a_container_may_have_less_memory_than_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, half: int | None
) -> None:
    (tmp_path / "memory.max").write_text(given)
    monkeypatch.setattr(how, "_CONTAINER", tmp_path / "memory.max")
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert half_of_memory() == (half or machine // 2_000_000)
    monkeypatch.setattr(how, "_CONTAINER", tmp_path / "absent")
    assert half_of_memory() == machine // 2_000_000
