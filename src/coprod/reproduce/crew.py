"""Those that execute notebooks: threads of this process, or whoever else takes an order and gives what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from coprod.reproduce.how import How, limits_of
from coprod.reproduce.kernels import TrackedKernel, kernel_class
from coprod.reproduce.single import Executed, OnCell, Order, execute, kernel_environment

PAUSE = 1.0
"""Seconds after which a run looks whether anybody is still at work for it."""


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Those that execute notebooks: the seam between what a run wants and who does it.

    Attributes
    ----------
    pool : Executor
        Takes the work.
    work : callable
        The work: from an :class:`~coprod.reproduce.single.Order` to what came of it.
    receive : callable
        Takes what came of it out of a future that has ended.
    look : callable
        Called now and then; raises where nobody is left to do the work.
    end : callable
        Ends what is under way at this moment; called until nothing is.
    """

    pool: Executor
    work: Callable[[Order], Executed]
    receive: Callable[[Future[Executed]], Executed] = Future.result
    look: Callable[[], None] = lambda: None
    end: Callable[[], None] = lambda: None


def count_jobs(how: How) -> int:
    """Return how many notebooks run at once on this machine."""
    return how.get("jobs") or min(2, os.cpu_count() or 1)


@contextmanager
def local_crew(
    home: Path, how: How, environment: Mapping[str, str] | None, on_cell: OnCell | None, stopping: Event
) -> Iterator[Crew]:
    """Give threads of this process, each with kernels of its own."""
    with (
        kernel_environment(home, limits_of(how), environment) as variables,
        kernel_class(how.get("kernels"), variables) as (kernel, parent),
        ThreadPoolExecutor(count_jobs(how)) as pool,
    ):

        def end() -> None:
            for running in list(TrackedKernel.alive):
                running.end()
            if parent:
                parent.end()

        work = partial(execute, home=home, kernel=kernel, stopping=stopping, on_cell=on_cell)
        yield Crew(pool=pool, work=work, end=end)


@contextmanager
def submitted(crew: Crew, orders: Sequence[Order], stopping: Event) -> Iterator[list[Future[Executed]]]:
    """Hand in the work; in the end let nothing begin, and end what is under way, which of a whole run is nothing."""
    futures: list[Future[Executed]] = []
    try:
        futures.extend(crew.pool.submit(crew.work, order) for order in orders)
        yield futures
    finally:
        stopping.set()
        for future in futures:
            future.cancel()
        while not all(future.done() for future in futures):
            crew.end()
            wait([future for future in futures if not future.cancelled()], timeout=0.1)  # one may be starting


def as_ended(futures: Sequence[Future[Executed]], look: Callable[[], None]) -> Iterator[Future[Executed]]:
    """Give the work as it ends, and look now and then whether anybody is at it."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=PAUSE, return_when=FIRST_COMPLETED)
        yield from done
        if not done:
            look()
