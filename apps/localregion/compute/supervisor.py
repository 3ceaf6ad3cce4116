"""Runs one job to its end, alone: `python -m apps.localregion.compute.supervisor FOLDER`.

A program of its own, in its own session, so that no end of the region reaches it. It claims the folder
(exactly one supervisor ever runs a job), starts the training program, keeps its output, metrics and use
of the machine, and writes exit.json last.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apps.localregion.compute.durable import claim_json, read_json, write_json
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.output import Output
from apps.localregion.compute.processes import identity
from apps.localregion.compute.usage import Usage

TICK_SECONDS = 1.0
DRAIN_SECONDS = 5.0
PR_SET_PDEATHSIG = 1  # man 2 prctl


def main(path: str) -> int:
    """Run the job in the folder `path`, unless another supervisor has it."""
    wake = _wake_on_signals()
    folder = JobFolder(Path(path))
    if not claim_json(folder.supervisor, identity(os.getpid())):
        return 0
    job = read_json(folder.job)
    output = Output(Path(job["log"]), folder.metrics, job["metric_definitions"])
    started = time.time()
    reading, writing = os.pipe()
    try:
        process = _start(job, writing)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the request's Environment
        output.say(f"The training program cannot be started: {error}", started)
        write_json(folder.exit, _record(127, "exited", started, output, folder))
        return 0
    os.close(writing)
    write_json(folder.training, identity(process.pid))
    reason = Watch(folder, job, process, output, reading, wake).run()
    write_json(folder.exit, _record(process.returncode, reason, started, output, folder))
    return 0


class Watch:
    """The loop around one running training program; `printed` and `wake` are the reading ends of pipes."""

    def __init__(
        self,
        folder: JobFolder,
        job: dict[str, Any],
        process: subprocess.Popen[bytes],
        output: Output,
        printed: int,
        wake: int,
    ) -> None:
        self._folder = folder
        self._process = process
        self._output = output
        self._usage = Usage(process.pid, folder.path)
        self._grace = float(job["stop_grace_seconds"])
        self._end_at = time.monotonic() + float(job["max_runtime_seconds"])
        self._reason = "exited"
        self._printed = printed
        self._printing = True
        self._selector = selectors.DefaultSelector()
        for end in (printed, wake):
            os.set_blocking(end, False)
            self._selector.register(end, selectors.EVENT_READ)

    def run(self) -> str:
        """Watch until the program has ended; answers why: "exited", "stopped" or "max_runtime"."""
        tick = time.monotonic()
        while self._process.poll() is None:
            now = time.monotonic()
            if now >= tick:
                self._each_second()
                tick = now + TICK_SECONDS
            if now >= self._end_at:
                self._end("max_runtime")
            self._take(max(0.0, min(tick, self._end_at) - time.monotonic()))
        # What the program started ends with it, as in a container.
        self._signal(signal.SIGKILL)
        self._drain()
        return self._reason

    def _each_second(self) -> None:
        self._folder.heartbeat.touch()
        if self._folder.stop.exists() and self._reason == "exited":
            self._end("stopped")
        sample = self._usage.sample()
        if sample is not None:
            with self._folder.usage.open("a") as file:
                file.write(json.dumps({"t": time.time(), **sample}) + "\n")

    def _end(self, reason: str) -> None:
        """The first call asks (SIGTERM), the next, after the time of grace, kills."""
        first = self._reason == "exited"
        self._signal(signal.SIGTERM if first else signal.SIGKILL)
        self._end_at = time.monotonic() + (self._grace if first else TICK_SECONDS)
        self._reason = reason if first else self._reason

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _take(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.fd == self._printed:
                self._read()
            elif signal.SIGTERM in os.read(key.fd, 64) and self._reason == "exited":
                self._end("stopped")

    def _read(self) -> None:
        chunk = os.read(self._printed, 1 << 16)
        if chunk:
            self._output.feed(chunk, time.time())
        else:
            self._selector.unregister(self._printed)
            self._printing = False

    def _drain(self) -> None:
        """What is left in the pipe; a process that left the group cannot hold the job up for ever."""
        until = time.monotonic() + DRAIN_SECONDS
        while self._printing and time.monotonic() < until:
            self._take(0.1)
        self._output.end(time.time())


def _start(job: dict[str, Any], printed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        job["command"],
        cwd=job["working_folder"],
        env=job["environment"],
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent(os.getpid()),
    )


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """On Linux the kernel kills the program when this supervisor dies; elsewhere only the warden does."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        signal.set_wakeup_fd(-1)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _wake_on_signals() -> int:
    """SIGTERM and SIGCHLD wake the loop through a pipe; answers its reading end."""
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writing)
    # Handlers, not SIG_IGN: the training program would inherit an ignored signal, a handler it does not.
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reading


def _record(code: int, reason: str, started: float, output: Output, folder: JobFolder) -> dict[str, Any]:
    """The exit record: a program ended by signal N has the shell's exit code 128 + N."""
    return {
        "exit_code": code if code >= 0 else 128 - code,
        "reason": reason,
        "started": started,
        "ended": time.time(),
        "failure": folder.failure.read_text(errors="replace")[:4096] if folder.failure.is_file() else "",
        "tail": list(output.tail),
        "metrics": list(output.last.values()),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
