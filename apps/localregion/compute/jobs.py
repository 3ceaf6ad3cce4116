"""The warden: carries every training job from its document and its folder to its end.

It decides from the two alone, so nothing depends on this process having been alive: a job that a dead region
started is adopted by its supervisor's pid and start time, or finished from its exit record.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from subprocess import Popen
from typing import Any

from apps.localregion.compute import launch, s3uri, statuses
from apps.localregion.compute.artifacts import UploadFailed, upload
from apps.localregion.compute.channels import DownloadFailed
from apps.localregion.compute.durable import claim_json, read_json, write_json
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.outcome import final_metrics, outcome
from apps.localregion.compute.processes import alive, kill_group
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
IDLE_SECONDS = 2.0
ATTEMPTS = 3
NOBODY = {"pid": 0, "started": "stopped before it began"}
Body = dict[str, Any]


class Jobs:
    """Runs the jobs that are documents: at most `slots` at a time, in order of their creation."""

    def __init__(self, home: Path, documents: Documents, objects: Objects, slots: int | None = None) -> None:
        self._home = home
        self._documents = documents
        self._objects = objects
        self._slots = slots or os.cpu_count() or 1
        self.logs = LogStreams(home / "logs")
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self.run_forever, name="warden", daemon=True)
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="job")
        self._busy: set[str] = set()
        self._children: dict[str, Popen[bytes]] = {}
        self._failures: Counter[str] = Counter()

    def folder(self, name: str) -> JobFolder:
        """The folder of the job of this name."""
        return JobFolder(self._home / "jobs" / name)

    def open(self) -> None:
        """Start the warden; raises RuntimeError when another region works on the same home."""
        (self._home / "jobs").mkdir(exist_ok=True)
        self._lock = (self._home / "warden.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RuntimeError(f"another region already runs on {self._home}: stop it first") from error
        self.logs.make_group(launch.LOG_GROUP)
        self._thread.start()

    def close(self) -> None:
        """Stop the warden; the jobs go on and are found again."""
        self._closing.set()
        self._wake.set()
        self._thread.join()
        self._pool.shutdown()
        self._lock.close()

    def look(self) -> None:
        """A job's document is new or says Stopping: do not wait for the next tick."""
        self._wake.set()

    def run_forever(self) -> None:
        """Tick until `close`."""
        while not self._closing.is_set():
            self._wake.clear()
            try:
                working = self.tick()
            except Exception:
                logger.exception("the warden's tick failed; the next one tries again")
                working = True
            self._wake.wait(TICK_SECONDS if working else IDLE_SECONDS)

    def tick(self) -> bool:
        """Move every job that can move by one step; answers whether any is active."""
        for name, child in [*self._children.items()]:
            if child.poll() is not None:
                del self._children[name]
        bodies = self._documents.all(statuses.KIND, status=statuses.ACTIVE)
        held = {body["TrainingJobName"] for body in bodies if "TrainingStartTime" in body} | self._busy
        for body in bodies:
            name = body["TrainingJobName"]
            step = None if name in self._busy else self._decide(body, len(held) < self._slots)
            if step is not None:
                held.add(name)
                self._busy.add(name)
                self._pool.submit(self._run, name, step)
        return bool(bodies)

    def _decide(self, body: Body, free: bool) -> Callable[[], None] | None:
        """The step that the job needs next, None while it runs (or waits) as it should."""
        folder = self.folder(body["TrainingJobName"])
        stopping = body["TrainingJobStatus"] == "Stopping"
        claim = folder.claim()
        if claim == NOBODY:
            return partial(self._end, body, "Stopped", "Stopped")
        if claim is not None:
            running = alive(claim)
            if folder.exit.exists():
                return partial(self._finish, body, folder)
            if not running:
                return partial(self._lost, body, folder, stopping)
            return self._watch(body, folder, claim, stopping)
        if stopping:
            return partial(self._forestall, body, folder)
        if folder.ready():
            return None if body["TrainingJobName"] in self._children else partial(self._spawn, folder, body)
        if "TrainingStartTime" in body or free:
            return partial(self._prepare, body, folder)
        return partial(self._move, body, "Pending") if body["SecondaryStatus"] != "Pending" else None

    def _run(self, name: str, step: Callable[[], None]) -> None:
        """One step, in the pool; one that fails again and again fails its job, not the region."""
        try:
            step()
            del self._failures[name]
        except Exception:
            logger.exception("a step of job %s failed", name)
            self._failures[name] += 1
            if self._failures[name] >= ATTEMPTS:
                self._change(name, lambda body, now: statuses.end(body, "Failed", "Failed", now, statuses.LOST))
        finally:
            self._busy.discard(name)
            self._wake.set()

    def _prepare(self, body: Body, folder: JobFolder) -> None:
        name = body["TrainingJobName"]
        admitted = self._change(
            name, lambda body, now: None if "TrainingStartTime" in body else statuses.admit(body, now)
        )
        if admitted is None or admitted["TrainingJobStatus"] != "InProgress":
            return
        try:
            launch.prepare(admitted, folder, self._objects, self.logs)
        except DownloadFailed as error:
            self._end(body, "Failed", "Failed", f"ClientError: Data download failed: {error}")
        else:
            self._spawn(folder, body)

    def _spawn(self, folder: JobFolder, body: Body) -> None:
        self._children[body["TrainingJobName"]] = launch.start_supervisor(folder)

    def _watch(self, body: Body, folder: JobFolder, claim: Body, stopping: bool) -> Callable[[], None] | None:
        """A running job: its document may be behind, its supervisor may have to be told to stop."""
        if stopping and not folder.stop.exists():
            return partial(_tell_to_stop, folder, claim)
        if body["SecondaryStatus"] in ("Starting", "Pending", "Downloading"):
            return partial(self._move, body, "Training")
        return None

    def _forestall(self, body: Body, folder: JobFolder) -> None:
        """A job stopped before it began: taking the claim makes sure that no supervisor ever does."""
        folder.path.mkdir(parents=True, exist_ok=True)
        if claim_json(folder.supervisor, NOBODY):
            self._end(body, "Stopped", "Stopped")

    def _lost(self, body: Body, folder: JobFolder, stopping: bool) -> None:
        """The supervisor is dead and left no exit record: nothing of the job may go on unseen."""
        kill_group(folder.group())
        if stopping:
            self._end(body, "Stopped", "Stopped")
        else:
            self._end(body, "Failed", "Failed", statuses.LOST)
        folder.clear()

    def _finish(self, body: Body, folder: JobFolder) -> None:
        record = folder.ended() or {}
        status, secondary, reason = outcome(record, body["TrainingJobStatus"] == "Stopping")
        if body["TrainingJobStatus"] == "InProgress":
            self._move(body, "Training")
            self._move(body, "Uploading")
        uploaded = read_json(folder.uploaded)
        if uploaded is None:
            try:
                uploaded = {"model": self._upload(body, folder, status)}
            except UploadFailed as error:
                status, secondary, reason = (
                    "Failed",
                    "Failed",
                    f"ClientError: Artifact upload failed: {error}",
                )
                uploaded = {"model": ""}
            write_json(folder.uploaded, {**uploaded, "outcome": [status, secondary, reason]})
        else:
            status, secondary, reason = uploaded["outcome"]
        folder.clear()
        found: Body = {"FinalMetricDataList": final_metrics(record)} if record["metrics"] else {}
        if uploaded["model"]:
            found["ModelArtifacts"] = {"S3ModelArtifacts": uploaded["model"]}
        self._end(body, status, secondary, reason, found)

    def _upload(self, body: Body, folder: JobFolder, status: str) -> str:
        output = s3uri.join(body["OutputDataConfig"]["S3OutputPath"], body["TrainingJobName"], "output")
        return upload(self._objects, folder, output, keep_model=status == "Stopped", completed=status == "Completed")

    def _move(self, body: Body, secondary: str) -> None:
        """Into a secondary status of a job in progress."""
        self._change(
            body["TrainingJobName"],
            lambda body, now: (
                statuses.enter(body, secondary, now) if body["TrainingJobStatus"] == "InProgress" else None
            ),
        )

    def _end(self, body: Body, status: str, secondary: str, reason: str = "", found: Body | None = None) -> None:
        self._change(
            body["TrainingJobName"],
            lambda body, now: {**statuses.end(body, status, secondary, now, reason), **(found or {})},
        )

    def _change(self, name: str, change: Callable[[Body, float], Body | None]) -> Body | None:
        """Change the job's document unless it has ended: a late step never overwrites a terminal status."""
        return self._documents.update(
            statuses.KIND, name, lambda body: change(body, time.time()) if statuses.active(body) else None
        )


def _tell_to_stop(folder: JobFolder, claim: Body) -> None:
    """The marker first: a supervisor that misses the signal finds it within a second."""
    folder.stop.touch()
    if alive(claim):
        os.kill(claim["pid"], signal.SIGTERM)
