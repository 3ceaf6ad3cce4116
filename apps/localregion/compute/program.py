"""One instance's training program: a process group of its own, with what it prints and uses."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apps.localregion.compute import sandbox
from apps.localregion.compute.appending import Appender
from apps.localregion.compute.cgroups import Group
from apps.localregion.compute.durable import write_json
from apps.localregion.compute.folder import HostFolder
from apps.localregion.compute.limits import Limits
from apps.localregion.compute.output import Output
from apps.localregion.compute.processes import identity
from apps.localregion.compute.usage import Usage

PR_SET_PDEATHSIG = 1  # man 2 prctl
CANNOT_START = 127  # the shell's exit code for it


class Program:
    """A program as the job's record describes it: `host` is its entry there."""

    def __init__(self, job: dict[str, Any], host: dict[str, Any], folder: HostFolder, metrics: Path) -> None:
        self.folder = folder
        self.code: int | None = None
        self.ended_at = 0.0  # monotonic
        self.out_of_memory = False
        self.output = Output(Path(host["log"]), metrics, job["metric_definitions"])
        self._job, self._host = job, host
        self._reading, self._writing = os.pipe()
        self._process: subprocess.Popen[bytes] | None = None
        self._use = Appender(folder.usage)
        self._group = Group(f"{job['group']}-{host['name']}", Limits(host["cpus"], host["memory_bytes"]))

    @property
    def printed(self) -> int:
        """The reading end of the pipe it prints to, which does not block."""
        os.set_blocking(self._reading, False)
        return self._reading

    def start(self) -> None:
        """Start it; one that cannot be started has ended at once, with the reason in its log."""
        try:
            self._process = self._spawn()
            write_json(self.folder.training, identity(self._process.pid))
            self._usage = Usage(self._process.pid, self.folder.path)
        except (OSError, ValueError, subprocess.SubprocessError) as error:  # ValueError: a NUL in the Environment
            self.output.say(f"The training program cannot be started: {error}", time.time())
            self.signal(signal.SIGKILL)
            self.code = CANNOT_START
        finally:
            os.close(self._writing)

    def ended(self) -> bool:
        """Whether it has ended; what it started ends with it, as in a container."""
        if self.code is None and self._process is not None and self._process.poll() is not None:
            self.code, self.ended_at = self._process.returncode, time.monotonic()
            self.signal(signal.SIGKILL)
            self.out_of_memory = self.code == -signal.SIGKILL and self._group.out_of_memory()
        return self.code is not None

    def signal(self, number: int) -> None:
        """Send a signal to all of it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def sample(self, now: float) -> None:
        """Note its use of the machine."""
        sample = self._usage.sample() if self.code is None else None
        if sample is not None:
            self._use.append((json.dumps({"t": now, **sample}) + "\n").encode())

    def read(self, now: float) -> bool:
        """Take what it has printed; answers whether there can be more."""
        chunk = os.read(self._reading, 1 << 16)
        self.output.feed(chunk, now)
        return bool(chunk)

    def close(self) -> None:
        """It has ended and printed all."""
        self.output.end(time.time())
        self._group.remove()

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._host["command"],
            cwd=self._host["working_folder"],
            env=self._host["environment"],
            stdin=subprocess.DEVNULL,
            stdout=self._writing,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=self._prepare(os.getpid()),
        )

    def _prepare(self, supervisor: int) -> Callable[[], None] | None:
        """What the new process does before it becomes the program: on Linux it dies with its supervisor.

        Elsewhere only the warden ends it.
        """
        if sys.platform != "linux":
            return None
        prctl = ctypes.CDLL(None).prctl
        aside = self.folder.path / "aside"
        aside.mkdir(exist_ok=True)

        def prepare() -> None:
            signal.set_wakeup_fd(-1)
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:
                os._exit(1)
            self._group.join()
            if self._job["hosts_file"]:
                sandbox.enter(self.folder.ml, Path(self._job["hosts_file"]), self._host["name"], aside)

        return prepare
