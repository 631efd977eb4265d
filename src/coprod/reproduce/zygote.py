"""The warm parent of kernels: a process that has imported what notebooks use and forks a kernel when asked.

:mod:`coprod.reproduce.forked` starts it as a script. It imports nothing of coprod, so that an edit of coprod counts
in the next kernel, has one thread and no zmq context, so that forking is safe, and ends with its owner.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import io
import json
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

PR_SET_CHILD_SUBREAPER = 36
PACKAGES = (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.config",
    "seaborn",
    "scipy.stats",
    "scipy.optimize",
    "scipy.linalg",
    "scipy.special",
    "scipy.integrate",
    "statsmodels.formula.api",
    "statsmodels.stats.multitest",
    "statsmodels.stats.proportion",
    "pandera.pandas",
    "pyarrow",
    "pydantic",
    "afcharts.af_colours",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
)
"""What a kernel finds imported; those that are not installed are left out."""
UNUSED = ("debugpy", "dask", "hypothesis")
"""What those would import for nothing: a debugger with its threads, and what Pandera can also check and make up."""


def main(control: int, lifeline: int) -> None:
    """Warm up, fork a kernel for each request, and end when the owner does.

    Parameters
    ----------
    control : int
        Descriptor of a socket: requests and answers, a line of JSON each.
    lifeline : int
        Descriptor of a pipe that nobody writes to; it closes when the owner dies, whatever kills it.
    """
    for descriptor in (control, lifeline):
        os.set_inheritable(descriptor, False)
    while_warming = end_with(lifeline, os.getpid())
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    warm()
    os.close(while_warming)  # from here on the line tells, and there are kernels to see to
    with socket.socket(fileno=control) as line:
        request = serve(line)
    if request is not None:
        become_kernel(request, lifeline)


def warm() -> None:
    """Import the packages, without what they need not have, and use once what is slow the first time.

    Looking for garbage would take a quarter of the time. Kernels do it, but never in what is there before them.
    """
    gc.disable()
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]
    for name in PACKAGES:
        with suppress(ImportError):
            import_module(name)
    for use in (draw, validate):
        with suppress(ImportError):
            use()
    for name in UNUSED:
        del sys.modules[name]
    gc.freeze()


def draw() -> None:
    """Find the fonts and write a figure."""
    figure = import_module("matplotlib.figure").Figure()
    figure.subplots().set_title("a")
    for kind in ("svg", "png"):
        figure.savefig(io.BytesIO(), format=kind)


def validate() -> None:
    """Have Pandera look for what it works with."""
    pandas, pandera = import_module("pandas"), import_module("pandera.pandas")
    model: Any = type("Model", (pandera.DataFrameModel,), {"__annotations__": {"a": int}})
    model.validate(pandas.DataFrame({"a": [1]}))


def serve(line: socket.socket) -> dict[str, Any] | None:
    """Answer requests; return the request in each kernel forked, and nothing where the owner has gone."""
    kernels: set[int] = set()
    with line.makefile("r", encoding="utf-8") as requests, suppress(ConnectionError):  # the owner may be killed
        for text in requests:
            request = json.loads(text)
            if "reap" in request:
                _, status = os.waitpid(request["reap"], 0)
                kernels.discard(request["reap"])
                end_orphans(kernels)
                line.sendall(json.dumps({"status": os.waitstatus_to_exitcode(status)}).encode())
                continue
            if (threads := len(os.listdir("/proc/self/task"))) > 1:  # noqa: PTH208
                line.sendall(json.dumps({"error": f"it has {threads} threads"}).encode())
                continue
            pid = os.fork()
            if pid == 0:
                return dict(request)
            handle = os.pidfd_open(pid)
            kernels.add(pid)
            socket.send_fds(line, [json.dumps({"pid": pid}).encode()], [handle])
            os.close(handle)
    for pid in kernels:
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
    for pid in kernels:
        os.waitpid(pid, 0)
    end_orphans(set())
    return None


def end_orphans(kernels: set[int]) -> None:
    """Kill what kernels that have ended had started, in whatever session it is.

    A kernel stays the parent of what its children leave behind; when it ends this process is. So whatever child is no
    kernel is left over from one that has ended, and its own children come here next.
    """
    while orphans := children() - kernels:
        for pid in orphans:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in orphans:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def children() -> set[int]:
    """Return the processes whose parent this one is."""
    found = set()
    for entry in os.listdir("/proc"):  # noqa: PTH208
        with (
            suppress(OSError, ValueError),
            open(f"/proc/{int(entry)}/stat", encoding="utf-8", errors="replace") as file,
        ):
            if int(file.read().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(entry))
    return found


def become_kernel(request: Mapping[str, Any], lifeline: int) -> None:
    """Turn this process, just forked, into the kernel that was asked for, in a session of its own."""
    os.setsid()
    gc.enable()
    end_with(lifeline, -os.getpid())
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["folder"])
    sys.argv = list(request["argv"])
    random.seed()
    import_module("numpy").random.seed()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app = import_module("ipykernel.kernelapp").IPKernelApp.instance(parent_handle=1)  # the lifeline does its work
    app.initialize(sys.argv[1:])
    import_module("matplotlib.pyplot").install_repl_displayhook()  # as an import in the kernel would
    app.start()


def end_with(lifeline: int, target: int) -> int:
    """Let the system kill a process, or a group where the number is negative, when the pipe closes.

    The system does it even while Python is busy in a library. The pipe is opened anew, because such
    a wish belongs to one opening of it; closing what is returned takes it back.
    """
    own = os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    fcntl.fcntl(own, fcntl.F_SETOWN, target)
    fcntl.fcntl(own, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(own, fcntl.F_SETFL, fcntl.fcntl(own, fcntl.F_GETFL) | os.O_ASYNC)
    with suppress(BlockingIOError):
        if not os.read(own, 1):  # it closed before the wish was made
            os.kill(target, signal.SIGKILL)
    return own


if __name__ == "__main__":
    del sys.path[0]  # this folder
    main(*map(int, sys.argv[1:]))
