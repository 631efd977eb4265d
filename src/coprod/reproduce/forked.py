"""The warm parent of a run's kernels and what it forks, as the process sees them that started it."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any

from coprod.reproduce import zygote

PARENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as a kernel has it before it imports matplotlib
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""What the warm parent needs besides: pyarrow's allocator would start a thread."""
PATIENCE = 5.0
"""Seconds the parent has for cleaning up before it is killed."""


class KernelDiedError(RuntimeError):
    """A kernel, or the parent it was to come from, ended before it could be used."""


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

    def __init__(self, more: Mapping[str, str]) -> None:
        self._lock = Lock()
        self._control, control = socket.socketpair()
        lifeline, self._lifeline = os.pipe()  # the end kept here closes with this process, whatever ends it
        environment = {name: value for name, value in os.environ.items() if name != "JPY_PARENT_PID"}
        environment = {**PARENT, **environment, **more}
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
    """The parent of a run's kernels: started at once, and anew when it has died.

    Parameters
    ----------
    environment : mapping, optional
        Variables it has beside, or in place of, those of this process.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._lock = Lock()
        self._ended = False
        self._environment = dict(environment or {})
        self.zygotes = [Zygote(self._environment)]

    def fork(self, argv: Sequence[str], environment: Mapping[str, str], folder: str) -> ForkedKernel:
        """Have a kernel forked."""
        with self._lock:
            if self._ended:
                raise KernelDiedError("the run has been stopped")
            if self.zygotes[-1].process.poll() is not None:
                self.zygotes.append(Zygote(self._environment))
            parent = self.zygotes[-1]
        return parent.fork(argv, environment, folder)

    def end(self) -> None:
        """End the parent and its kernels, once."""
        with self._lock:
            if not self._ended:
                self._ended = True
                for parent in self.zygotes:
                    parent.end()
