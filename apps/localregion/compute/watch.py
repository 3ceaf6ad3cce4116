"""The loop around a job's running programs."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Sequence
from typing import Any

from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.program import Program
from apps.localregion.compute.space import FULL_SIGNAL, bytes_below

TICK_SECONDS = 1.0
DRAIN_SECONDS = 5.0
VOLUME_TICKS = 5  # between two looks at how full the volumes are
FAILED_GRACE_SECONDS = 10.0  # for the other instances, once one has failed


class Watch:
    """Watches the programs of all instances; `wake` is the reading end of a pipe that signals write to."""

    def __init__(self, folder: JobFolder, job: dict[str, Any], programs: Sequence[Program], wake: int) -> None:
        self._folder = folder
        self._programs = programs
        self._wake = wake
        self._grace = float(job["stop_grace_seconds"])
        self._volume = int(job["volume_bytes"])
        self._end_at = time.monotonic() + float(job["max_runtime_seconds"])
        self._reason = "exited"
        self._ticks = 0
        self._selector = selectors.DefaultSelector()
        self._selector.register(wake, selectors.EVENT_READ)
        self._printing = set(programs)
        for program in programs:
            self._selector.register(program.printed, selectors.EVENT_READ, program)

    def run(self) -> str:
        """Watch until all programs have ended.

        Answers why: "exited", "failed" (one instance ended the others), "stopped", "max_runtime" or "volume_full".
        """
        tick = time.monotonic()
        while not self._all_ended():
            now = time.monotonic()
            if now >= tick:
                self._each_second()
                tick = now + TICK_SECONDS
            if now >= self._end_at:
                self._end("max_runtime", self._grace)
            self._take(max(0.0, min(tick, self._end_at) - time.monotonic()))
        self._drain()
        return self._reason

    def _all_ended(self) -> bool:
        ended = [program for program in self._programs if program.ended()]
        if len(ended) < len(self._programs) and self._reason == "exited" and any(each.code for each in ended):
            self._end("failed", min(FAILED_GRACE_SECONDS, self._grace))
        return len(ended) == len(self._programs)

    def _each_second(self) -> None:
        with contextlib.suppress(OSError):  # a full disk: the file's time is of use to people only
            self._folder.heartbeat.touch()
        if self._folder.stop.exists() and self._reason == "exited":
            self._end("stopped", self._grace)
        for program in self._programs:
            program.sample(time.time())
        self._ticks += 1
        if self._volume and self._ticks % VOLUME_TICKS == 0 and self._reason == "exited":
            fullest = max(bytes_below(program.folder.ml) for program in self._programs)
            if fullest > self._volume:
                self._end("volume_full", 0.0)

    def _end(self, reason: str, grace: float) -> None:
        """The first call asks (SIGTERM), the next, after the time of grace, kills."""
        first = self._reason == "exited"
        for program in self._programs:
            if not program.ended():
                program.signal(signal.SIGTERM if first else signal.SIGKILL)
        self._end_at = time.monotonic() + (grace if first else TICK_SECONDS)
        self._reason = reason if first else self._reason

    def _take(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Program):
                self._read(key.data)
            elif self._reason == "exited":
                self._heed(os.read(key.fd, 64))
            else:
                os.read(key.fd, 64)

    def _heed(self, signals: bytes) -> None:
        if FULL_SIGNAL in signals:
            self._end("volume_full", 0.0)
        elif signal.SIGTERM in signals:
            self._end("stopped", self._grace)

    def _read(self, program: Program) -> None:
        if not program.read(time.time()):
            self._selector.unregister(program.printed)
            self._printing.discard(program)

    def _drain(self) -> None:
        """What is left in the pipes; a process that left its group cannot hold the job up for ever."""
        until = time.monotonic() + DRAIN_SECONDS
        while self._printing and time.monotonic() < until:
            self._take(0.1)
        for program in self._programs:
            program.close()
