"""A Dask cluster as those who execute notebooks: reached, compared with this machine, and watched."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coprod import __version__
from coprod.errors import CoprodError, EnvironmentProblem, UsageError
from coprod.reproduce.crew import Crew
from coprod.reproduce.how import Kernels
from coprod.reproduce.single import Executed

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 10
"""Seconds to wait for the scheduler, and for a first worker."""
LONELY = 30
"""Seconds without any worker after which a run gives up."""


@contextmanager
def cluster(address: str, home: Path, kernels: Kernels | None = None) -> Iterator[Crew]:
    """Give the workers of a cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://127.0.0.1:8786``.
    home : Path
        Project folder here.
    kernels : {"warm", "plain"}, optional
        As for a run.

    Yields
    ------
    Crew
        Whose pool is the cluster.

    Raises
    ------
    EnvironmentProblem
        If the extra is not installed, no scheduler or no worker answers, or a worker is not as this machine.
    UsageError
        If the address is none.
    """
    if not find_spec("distributed"):
        raise EnvironmentProblem("--scheduler needs Dask, which is not installed; pip install 'coprod[cluster]'")
    from coprod.reproduce.worker import execute_on_worker, take_stock  # noqa: PLC0415 - imports Dask

    with _connected(address) as client:
        stock = take_stock(home)
        check_workers(client, address, stock)
        yield Crew(
            pool=client.get_executor(pure=False),  # type: ignore[no-untyped-call]
            work=partial(execute_on_worker, stock=stock, kernels=kernels),
            receive=partial(receive, home=home),
            look=_Lookout(client, address),
        )


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    from distributed import Client  # noqa: PLC0415 - an extra
    from distributed.comm.addressing import get_address_host_port  # noqa: PLC0415 - an extra

    try:
        get_address_host_port(address, strict=True)
    except ValueError:
        raise UsageError(f"--scheduler {address} is no address; write it like tcp://127.0.0.1:8786") from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # coprod tells of failures itself
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError):
        raise EnvironmentProblem(
            f"no Dask scheduler answered at {address} in {PATIENCE} s; start one there with 'dask scheduler', "
            "or correct the address"
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=PATIENCE)  # type: ignore[no-untyped-call]


def check_workers(client: Client, address: str, stock: Mapping[str, Any]) -> None:
    """Hold every worker to the code, the data and the packages of this machine.

    Raises
    ------
    EnvironmentProblem
        If there is no worker, or one differs.
    """
    from coprod.reproduce.worker import say_difference, take_stock  # noqa: PLC0415 - imports Dask

    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise EnvironmentProblem(
            f"the scheduler at {address} has no worker; start some with 'dask worker {address} --nthreads 1', "
            "where coprod and the data are"
        ) from None
    for worker, found in client.run(version, "coprod", on_error="return").items():  # it can be asked without coprod
        if found != __version__:
            has = f"has coprod {found} and this machine {__version__}" if isinstance(found, str) else "has no coprod"
            raise EnvironmentProblem(f"worker {worker} {has}; install coprod {__version__} there, and start it anew")
    for worker, found in client.run(take_stock, on_error="return").items():
        problem = str(found) if isinstance(found, Exception) else say_difference(dict(stock), found)
        if problem:
            raise EnvironmentProblem(
                f"worker {worker} would not give the same values: {problem}; "
                "give it the same code, data and packages, and start it anew"
            )


def receive(future: Future[Executed], *, home: Path) -> Executed:
    """Take an executed notebook from a cluster, or the reason why there is none."""
    from distributed import KilledWorker  # noqa: PLC0415 - an extra

    from coprod.reproduce.worker import localise  # noqa: PLC0415 - imports Dask

    try:
        executed = future.result()
    except KilledWorker as error:
        last = getattr(error.last_worker, "address", error.last_worker)
        why = f"{error.allowed_failures + 1} workers died while they executed it, the last one at {last}"
        return Executed(NOTHING, f"{why}; is there memory enough?")
    except CancelledError:
        return Executed(NOTHING, "the scheduler went away")
    except CoprodError as error:
        return Executed(NOTHING, f"a worker would not give the same values: {error}")
    except Exception as error:  # noqa: BLE001 - whatever it was that Dask could not do
        return Executed(NOTHING, f"the cluster could not execute it: {type(error).__name__}: {error}")
    return executed._replace(observed=localise(executed.observed, home))


NOTHING: Mapping[str, Any] = {}
"""The content of a notebook that did not come back."""


class _Lookout:
    """Looks whether there still are workers.

    Raises
    ------
    EnvironmentProblem
        When called, if there have been none for :data:`LONELY` seconds.
    """

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address, self._seen = client, address, time.monotonic()

    def __call__(self) -> None:
        if self._client.scheduler_info(n_workers=-1)["workers"]:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > LONELY:
            raise EnvironmentProblem(
                f"no worker is left at {self._address}, for {LONELY} s; start some, and run again: what has ended stays"
            )
