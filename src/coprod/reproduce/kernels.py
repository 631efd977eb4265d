"""Kernels for Papermill: forked from a warm parent in milliseconds, or started plainly, each a fresh process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar
from weakref import WeakSet

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Type

from coprod.errors import UsageError
from coprod.reproduce.forked import ForkedKernel, KernelDiedError, WarmParent
from coprod.reproduce.how import Kernels, default_kernels

LAUNCHER = "ipykernel_launcher"
KNOCK = 5
"""Milliseconds until a client tries again to reach a kernel."""


class PromptClient(AsyncKernelClient):
    """A client that is ready when the kernel is, without fixed pauses."""

    def start_channels(self, *channels: bool, **by_name: bool) -> None:
        """Connect; the kernel may not listen yet, so knock often."""
        self.context.setsockopt(zmq.RECONNECT_IVL, KNOCK)
        super().start_channels(*channels, **by_name)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has answered and its output channel is heard."""
        end = time.monotonic() + (timeout or float("inf"))
        heard = False
        while time.monotonic() < end:
            self.kernel_info()
            with suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=0.05)
                heard = reply["msg_type"] == "kernel_info_reply"
            if heard:
                self._handle_kernel_info_reply(reply)
                return
            if not await self.is_alive():
                raise KernelDiedError("the kernel died before it was ready")
        raise RuntimeError(f"the kernel was not ready after {timeout:g} s")


class TrackedKernel(AsyncKernelManager):
    """A kernel that can be ended from another thread when the run is stopped."""

    alive: ClassVar[WeakSet[TrackedKernel]] = WeakSet()
    environment: ClassVar[Mapping[str, str]] = {}
    """Variables a kernel has beside, or in place of, those of this process."""
    client_factory = Type(PromptClient)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.alive.add(self)

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # as in AsyncKernelManager
        """Start a kernel with the variables of the run."""
        await super().start_kernel(**{**options, "env": {**(options.get("env") or os.environ), **self.environment}})

    @property
    def running(self) -> bool:
        """Whether its process lives; the number of one that has ended may belong to another by now."""
        process = getattr(self.provisioner, "process", None)
        return process is not None and process.poll() is None

    def end(self) -> None:
        """Kill the kernel and what it started."""
        group = getattr(self.provisioner, "pgid", None)
        if self.running and group:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


class WarmKernel(TrackedKernel):
    """A kernel forked from the parent that its subclass names."""

    parent_process: ClassVar[WarmParent]

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Fork a kernel; the rest is as for any other."""
        self.kernel_id = self.kernel_id or str(uuid.uuid4())
        self.provisioner = self.provisioner or ForkProvisioner(
            kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
        )
        await super().start_kernel(**options)


class ForkProvisioner(LocalProvisioner):
    """Has a kernel forked where others start a program."""

    process: ForkedKernel | None = None  # type: ignore[assignment]

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Fork a kernel with the arguments of the program that would have been started."""
        parent: WarmParent = getattr(self.parent, "parent_process")  # noqa: B009 - any manager may be a parent
        folder = str(options.get("cwd") or Path.cwd())
        argv = [import_module(LAUNCHER).__file__ or LAUNCHER, *cmd[cmd.index(LAUNCHER) + 1 :]]
        self.process = parent.fork(argv, options["env"], folder)
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and what it started, and see it end."""
        await super().kill(restart)
        for _ in range(500):
            if self.process is None or self.process.poll() is not None:
                return
            await asyncio.sleep(0.002)


@contextmanager
def kernel_class(
    kernels: Kernels | None = None, environment: Mapping[str, str] | None = None, *, parent: WarmParent | None = None
) -> Iterator[tuple[type[TrackedKernel], WarmParent | None]]:
    """Give Papermill its kernels, and end the parent they come from in the end.

    Parameters
    ----------
    kernels : {"warm", "plain"}, optional
        Forked from a warm parent or each started for itself; warm where forking is safe.
    environment : mapping, optional
        Variables they have beside, or in place of, those of this process.
    parent : WarmParent, optional
        The warm parent to fork from; it does not end with this. By default one of its own.

    Yields
    ------
    tuple
        The kernel manager for Papermill, and the warm parent if there is one.

    Raises
    ------
    UsageError
        If warm kernels are wanted where forking is not safe.
    """
    kind = kernels or default_kernels()
    if kind == "plain":
        yield type("RunsKernel", (TrackedKernel,), {"environment": environment or {}}), None
        return
    if default_kernels() != "warm":
        raise UsageError(f"warm kernels need Linux, and this is {sys.platform}; write --kernels=plain")
    forks = parent or WarmParent(environment)
    try:
        yield type("RunsKernel", (WarmKernel,), {"parent_process": forks, "environment": environment or {}}), forks
    finally:
        if not parent:
            forks.end()


def end_strays(profile: str) -> None:
    """Kill whatever still works with a run's profile: it was started in a kernel that has ended, and went its own way.

    Only where the system shows what other processes were started with.
    """
    mark = f"IPYTHONDIR={profile}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in environment.read_bytes().split(b"\0"):
                os.kill(int(environment.parent.name), signal.SIGKILL)
