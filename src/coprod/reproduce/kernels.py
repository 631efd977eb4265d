"""Kernels for Papermill: forked from a warm parent in milliseconds, or started plainly, each a fresh process."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from queue import Empty
from threading import Lock
from typing import Any, ClassVar
from weakref import WeakSet

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Type

from coprod.errors import UsageError
from coprod.reproduce import zygote
from coprod.reproduce.how import Kernels, default_kernels

PARENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as a kernel has it before it imports matplotlib
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""What the warm parent needs besides: pyarrow's allocator would start a thread."""
LAUNCHER = "ipykernel_launcher"
KNOCK = 5
"""Milliseconds until a client tries again to reach a kernel."""
PATIENCE = 5.0
"""Seconds the parent has for cleaning up before it is killed."""


class KernelDiedError(RuntimeError):
    """A kernel, or the parent it was to come from, ended before it could be used."""


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
    client_factory = Type(PromptClient)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.alive.add(self)

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

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # as in AsyncKernelManager
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


class ForkedKernel:
    """A kernel that is a child of the parent, with the methods of a process of ours.

    Its number stays its own until :meth:`poll` has seen its end, so that no signal reaches another.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, handle: int, parent: Zygote) -> None:
        self.pid, self.returncode = pid, None
        self._handle, self._parent, self._lock = handle, parent, Lock()
        self._ended = select.poll()
        self._ended.register(handle, select.POLLIN)

    returncode: int | None

    def poll(self) -> int | None:
        """Return how it ended, nothing while it lives; what it started ends with it."""
        with self._lock:
            if self.returncode is None and self._ended.poll(0):
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                self.returncode = self._parent.reap(self.pid)
                os.close(self._handle)
            return self.returncode

    def wait(self) -> int:
        """Wait for its end."""
        while (code := self.poll()) is None:
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel alone."""
        with self._lock:
            if self.returncode is None:
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """Kill the kernel alone."""
        self.send_signal(signal.SIGKILL)


class Zygote:
    """One parent process, from its start to its end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._control, control = socket.socketpair()
        lifeline, self._lifeline = os.pipe()  # the end kept here closes with this process, whatever ends it
        environment = {name: value for name, value in os.environ.items() if name != "JPY_PARENT_PID"}
        environment = {**PARENT, **environment}
        with control:
            self.process = subprocess.Popen(
                [sys.executable, zygote.__file__, str(control.fileno()), str(lifeline)],
                stdin=subprocess.DEVNULL, pass_fds=(control.fileno(), lifeline), env=environment,
                start_new_session=True,
            )  # fmt: skip
        os.close(lifeline)

    def fork(self, argv: Sequence[str], environment: Mapping[str, str], folder: str) -> ForkedKernel:
        """Have a kernel forked; wait until the parent is warm."""
        answer, handles = self._ask({"argv": [*argv], "env": dict(environment), "folder": folder})
        if "pid" in answer:
            return ForkedKernel(answer["pid"], handles[0], self)
        why = answer.get("error", "it ended")
        raise KernelDiedError(f"the kernels' warm parent did not fork: {why}; '--kernels=plain' does without it")

    def reap(self, pid: int) -> int:
        """Take the exit code of a kernel that has ended; as if killed where the parent is no more."""
        answer, _ = self._ask({"reap": pid})
        return int(answer.get("status", -signal.SIGKILL))

    def end(self) -> None:
        """End the parent and every kernel that it still has."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            self.process.wait(PATIENCE if self._forked else 0)
        except subprocess.TimeoutExpired:
            os.close(self._lifeline)  # which kills it, and its kernels
            self.process.kill()
            self.process.wait()
        else:
            os.close(self._lifeline)
        self._control.close()

    _forked = False

    def _ask(self, request: Mapping[str, object]) -> tuple[dict[str, Any], list[int]]:
        """Send a request and wait for its answer; an empty one where the parent has ended."""
        with self._lock, suppress(OSError):
            self._control.sendall(json.dumps(request).encode() + b"\n")
            answer, handles, _, _ = socket.recv_fds(self._control, 4096, 1)
            if answer:
                self._forked = True
                return json.loads(answer), handles
        return {}, []


class WarmParent:
    """The parent of a run's kernels: started at once, and anew when it has died."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ended = False
        self.zygotes = [Zygote()]

    def fork(self, argv: Sequence[str], environment: Mapping[str, str], folder: str) -> ForkedKernel:
        """Have a kernel forked."""
        with self._lock:
            if self._ended:
                raise KernelDiedError("the run has been stopped")
            if self.zygotes[-1].process.poll() is not None:
                self.zygotes.append(Zygote())
            parent = self.zygotes[-1]
        return parent.fork(argv, environment, folder)

    def end(self) -> None:
        """End the parent and its kernels, once."""
        with self._lock:
            if not self._ended:
                self._ended = True
                for parent in self.zygotes:
                    parent.end()


@contextmanager
def kernel_class(kernels: Kernels | None = None) -> Iterator[tuple[type[TrackedKernel], WarmParent | None]]:
    """Give Papermill its kernels, and end the parent they come from in the end.

    Parameters
    ----------
    kernels : {"warm", "plain"}, optional
        Forked from a warm parent or each started for itself; warm where forking is safe.

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
        yield TrackedKernel, None
        return
    if default_kernels() != "warm":
        raise UsageError(f"warm kernels need Linux, and this is {sys.platform}; write --kernels=plain")
    parent = WarmParent()
    try:
        yield type("RunsKernel", (WarmKernel,), {"parent_process": parent}), parent
    finally:
        parent.end()
