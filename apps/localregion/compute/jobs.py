"""The warden: a thread that carries every training job from its document to its end.

It decides from documents and job folders alone, so nothing depends on this process having been alive: a job that
a dead region started is adopted by its supervisor's pid and start time, or finished from its exit record.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from apps.localregion.compute import cgroups, launch, space, statuses
from apps.localregion.compute.admission import admitted
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.steps import Steps
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
IDLE_SECONDS = 2.0
SPACE_SECONDS = 2.0
STEPS_AT_ONCE = 4  # downloads and uploads that run beside each other
ATTEMPTS = 6  # of one step, 1, 2, 4, 8 and 16 seconds apart


class Jobs:
    """Runs the jobs that are documents: at most `slots` at a time, in order of their creation."""

    def __init__(self, home: Path, documents: Documents, objects: Objects, slots: int | None = None) -> None:
        self._home = home
        self._documents = documents
        self._slots = slots or os.cpu_count() or 1
        self.logs = LogStreams(home / "logs")
        self._steps = Steps(home / "jobs", documents, objects, self.logs)
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run_forever, name="warden", daemon=True)
        self._pool = ThreadPoolExecutor(STEPS_AT_ONCE, thread_name_prefix="job")
        self._busy: set[str] = set()
        self._look_at_space = 0.0  # monotonic
        self._failures: dict[str, tuple[int, float]] = {}  # name -> failed attempts, time of the next

    def folder(self, name: str) -> JobFolder:
        """The folder of the job of this name."""
        return self._steps.folder(name)

    def open(self) -> None:
        """Start the warden."""
        (self._home / "jobs").mkdir(exist_ok=True)
        cgroups.sweep()
        self.logs.make_group(launch.LOG_GROUP)
        self._thread.start()

    def close(self) -> None:
        """Stop the warden; the jobs go on and are found again."""
        self._closing.set()
        self._wake.set()
        self._thread.join()
        self._pool.shutdown()

    def look(self) -> None:
        """A job's document is new or says Stopping: do not wait for the next tick."""
        self._wake.set()

    def _run_forever(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            try:
                working = self._tick()
            except Exception:
                logger.exception("the warden's tick failed; the next one tries again")
                working = True
            self._wake.wait(TICK_SECONDS if working else IDLE_SECONDS)

    def _tick(self) -> bool:
        """Move every job that can move by one step; answers whether any is active."""
        self._steps.reap()
        bodies = self._documents.all(statuses.KIND, status=statuses.ACTIVE)
        if bodies and time.monotonic() >= self._look_at_space:
            self._look_at_space = time.monotonic() + SPACE_SECONDS
            folders = [self.folder(body["TrainingJobName"]) for body in bodies]
            space.relieve(self._home, folders, space.least(self._home))
        beginning = admitted(bodies, self._slots)
        for body in bodies:
            name = body["TrainingJobName"]
            if name in self._busy or self._failures.get(name, (0, 0.0))[1] > time.monotonic():
                continue
            self._advance(body, name in beginning)
        return bool(bodies)

    def _advance(self, body: dict[str, Any], free: bool) -> None:
        """Find the job's next step and let the pool take it; what is wrong with one job's folder is its own affair."""
        name = body["TrainingJobName"]
        try:
            step = self._steps.next(body, free)
        except Exception:
            logger.exception("the next step of job %s cannot be told", name)
            self._failed(name)
            return
        if step is not None:
            self._busy.add(name)
            self._pool.submit(self._take, name, step)

    def _take(self, name: str, step: Callable[[], None]) -> None:
        """One step, in the pool; one that fails again and again fails its job, not the region."""
        try:
            step()
            self._failures.pop(name, None)
        except Exception:
            logger.exception("a step of job %s failed", name)
            self._failed(name)
        finally:
            self._busy.discard(name)
            self._wake.set()

    def _failed(self, name: str) -> None:
        attempts = self._failures.get(name, (0, 0.0))[0] + 1
        self._failures[name] = attempts, time.monotonic() + 2 ** (attempts - 1)
        if attempts >= ATTEMPTS:
            del self._failures[name]
            self._steps.give_up(name)
