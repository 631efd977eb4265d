from pathlib import Path

import pytest

from coprod.reproduce.estimate import Timing, keep_pace, read_pace

PACE = {"a": {"first": 1.0, "second": 3.0, "third": 2.0, "": 0.5}, "b": {"only": 8.0, "": 0.0}}


class Clock:
    """A clock that is moved on by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_before_anything_runs_the_longest_or_the_shared_out_work_decides(clock: Clock) -> None:
    timing = Timing(["a", "b"], PACE, clock=clock)
    assert timing.left(2) == 8
    assert timing.left(1) == 14.5


def test_what_runs_has_its_rest_left_and_never_less_than_nothing(clock: Clock) -> None:
    timing = Timing(["a"], PACE, clock=clock)
    timing.begin("a", 0, 3, "first")
    clock.now += 1
    timing.begin("a", 1, 3, "second")
    clock.now += 1
    assert timing.left_of("a") == 2 + 2
    clock.now += 100
    assert timing.left_of("a") == 2


def test_a_machine_that_is_half_as_fast_takes_twice_as_long(clock: Clock) -> None:
    timing = Timing(["a", "b"], PACE, clock=clock)
    timing.begin("a", 0, 3, "first")
    clock.now += 2
    timing.begin("a", 1, 3, "second")
    assert timing.left_of("a") == 2 * (3 + 2)
    assert timing.left_of("b") == 2 * 8


def test_a_cell_that_its_kernel_did_not_survive_says_nothing_of_the_speed(clock: Clock) -> None:
    timing = Timing(["a"], PACE, clock=clock)
    for index, cell, seconds in ((0, "first", 1), (1, "second", 100), (0, "first", 0)):
        timing.begin("a", index, 3, cell)
        clock.now += seconds
    assert timing.left_of("a") == 1 + 3 + 2


def test_what_is_not_known_is_taken_for_an_average_one_and_nothing_is_said_of_nothing(clock: Clock) -> None:
    assert Timing(["a", "new"], PACE, clock=clock).left(1) == 2 * 6.5
    assert Timing(["new"], PACE, clock=clock).left(1) is None
    assert Timing([], PACE, clock=clock).left(1) is None


def test_another_value_of_a_parameter_is_taken_for_the_notebook_and_a_new_cell_for_its_share(clock: Clock) -> None:
    timing = Timing(["b base=209"], PACE, clock=clock)
    assert timing.left(2) == 8
    timing.begin("b base=209", 1, 4, "new")
    assert timing.left(2) == 6


def test_what_cells_took_is_measured_also_where_a_kernel_died_in_between(clock: Clock) -> None:
    timing = Timing(["a", "b"], {}, clock=clock)
    for index, cell, seconds in ((0, "first", 9), (1, "second", 9), (0, "first", 1), (1, "second", 2)):
        timing.begin("a", index, 2, cell)
        clock.now += seconds
    timing.end("a", 5.0, good=True)
    timing.begin("b", 0, 1, "only")
    timing.end("b", 5.0, good=False)
    assert timing.measured == {"a": {"first": 1, "second": 2, "": 2}}
    assert not timing.under
    assert not timing.waiting


def test_what_is_kept_is_read_again_beside_what_was_known(tmp_path: Path) -> None:
    keep_pace(tmp_path, PACE)
    keep_pace(tmp_path, {"b": {"only": 7.0}})
    assert read_pace(tmp_path) == {"a": PACE["a"], "b": {"only": 7.0}}
    assert list(read_pace(tmp_path)["a"]) == list(PACE["a"])  # their order is that of the cells


@pytest.mark.parametrize("text", ["", "[1]", '{"a": 1}', '{"a": {"x": "y"}}', "\x00"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    keep_pace(tmp_path, PACE)
    (tmp_path / "memory" / "pace.json").write_text(text)
    assert read_pace(tmp_path) == {}
    keep_pace(tmp_path, PACE)
    assert read_pace(tmp_path) == PACE


def test_where_nothing_can_be_written_a_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file")
    keep_pace(tmp_path, PACE)
    assert read_pace(tmp_path) == {}
    keep_pace(tmp_path / "other", {})
    assert not (tmp_path / "other").exists()
