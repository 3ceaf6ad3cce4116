"""A thread that carries transform and processing jobs from their documents to their ends.

Beside the training jobs' (jobs.py), and as that one it decides from documents and job folders alone.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from apps.localregion.compute import processing, transform
from apps.localregion.compute.batches import BatchSteps
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.jobs import ATTEMPTS, IDLE_SECONDS, STEPS_AT_ONCE, TICK_SECONDS
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.statuses import ACTIVE
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

KINDS = (transform.KIND, processing.KIND)

logger = logging.getLogger(__name__)

Body = dict[str, Any]
Key = tuple[str, str]  # a kind of jobs and the name of one


class BatchJobs:
    """Runs the jobs that are documents: at most one a core at a time, in order of their creation."""

    def __init__(self, home: Path, documents: Documents, objects: Objects, logs: LogStreams) -> None:
        self._documents = documents
        self._slots = os.cpu_count() or 1
        self._logs = logs
        self._steps: Mapping[str, BatchSteps] = {
            kind.kind: BatchSteps(home / f"{kind.kind}s", kind, documents, objects, logs) for kind in KINDS
        }
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run_forever, name="batch warden", daemon=True)
        self._pool = ThreadPoolExecutor(STEPS_AT_ONCE, thread_name_prefix="batch")
        self._busy: set[Key] = set()
        self._failures: dict[Key, tuple[int, float]] = {}  # failed attempts, time of the next

    def folder(self, kind: str, name: str) -> JobFolder:
        """The folder of the job of this name."""
        return self._steps[kind].folder(name)

    def open(self) -> None:
        """Start the warden."""
        for steps in self._steps.values():
            steps.root.mkdir(exist_ok=True)
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
                logger.exception("the batch warden's tick failed; the next one tries again")
                working = True
            self._wake.wait(TICK_SECONDS if working else IDLE_SECONDS)

    def _tick(self) -> bool:
        """Move every job that can move by one step; answers whether any is active."""
        found = []
        for kind, steps in self._steps.items():
            steps.reap()
            found += [(kind, body) for body in self._documents.all(kind, status=ACTIVE)]
        found.sort(key=lambda each: float(each[1]["CreationTime"]))
        free = self._slots - sum(self._steps[kind].kind.started(body) for kind, body in found)
        for kind, body in found:
            steps = self._steps[kind]
            waits = not steps.kind.started(body)
            self._advance((kind, steps.kind.name(body)), steps, body, waits and free > 0)
            free -= waits
        return bool(found)

    def _advance(self, key: Key, steps: BatchSteps, body: Body, free: bool) -> None:
        """Find the job's next step and let the pool take it; what is wrong with one job is its own affair."""
        if key in self._busy or self._failures.get(key, (0, 0.0))[1] > time.monotonic():
            return
        try:
            step = steps.next(body, free)
        except Exception:
            logger.exception("the next step of %s %s cannot be told", *key)
            self._failed(key)
            return
        if step is not None:
            self._busy.add(key)
            self._pool.submit(self._take, key, step)

    def _take(self, key: Key, step: Callable[[], None]) -> None:
        """One step, in the pool; one that fails again and again fails its job, not the region."""
        try:
            step()
            self._failures.pop(key, None)
        except Exception:
            logger.exception("a step of %s %s failed", *key)
            self._failed(key)
        finally:
            self._busy.discard(key)
            self._wake.set()

    def _failed(self, key: Key) -> None:
        attempts = self._failures.get(key, (0, 0.0))[0] + 1
        self._failures[key] = attempts, time.monotonic() + 2 ** (attempts - 1)
        if attempts >= ATTEMPTS:
            del self._failures[key]
            self._steps[key[0]].give_up(key[1])
