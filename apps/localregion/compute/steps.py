"""The steps of a training job, each of which may be interrupted and taken again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import Popen
from typing import Any

from apps.localregion.compute import launch, s3uri, statuses, synced, warmpools
from apps.localregion.compute.appending import FULL
from apps.localregion.compute.artifacts import Artifacts, UploadFailed
from apps.localregion.compute.durable import claim_json, read_json, write_json
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.outcome import NO_SPACE, disk_full, final_metrics, outcome
from apps.localregion.compute.processes import alive, kill_group
from apps.localregion.compute.sources import DownloadFailed
from apps.localregion.errors import AwsError
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

NOBODY = {"pid": 0, "started": "stopped before it began"}
BEFORE_TRAINING = ("Starting", "Pending", "Downloading", "Restarting")

Body = dict[str, Any]
Step = Callable[[], None]


class Steps:
    """Finds the step that a job needs next, and takes it."""

    def __init__(self, root: Path, documents: Documents, objects: Objects, logs: LogStreams) -> None:
        self._root = root
        self._documents = documents
        self._objects = objects
        self._logs = logs
        self._children: dict[str, Popen[bytes]] = {}
        self._synced: dict[str, tuple[float, synced.Seen]] = {}  # name -> time of the last, what is in S3

    def folder(self, name: str) -> JobFolder:
        """The folder of the job of this name."""
        return JobFolder(self._root / name)

    def reap(self) -> None:
        """Take note of the supervisors that this process started and that have ended."""
        for name, child in [*self._children.items()]:
            if child.poll() is not None:
                del self._children[name]

    def next(self, body: Body, free: bool) -> Step | None:
        """The step that the job needs, None while it runs or waits as it should; `free`: there is a slot."""
        name = body["TrainingJobName"]
        folder = self.folder(name)
        claim = folder.claim()
        if claim is not None:
            return self._next_of_claimed(body, folder, claim)
        if body["TrainingJobStatus"] == "Stopping":
            return partial(self._forestall, name, folder)
        if folder.ready():
            if folder.lost():
                return folder.reset
            return None if name in self._children else partial(self._spawn, name, folder)
        if "TrainingStartTime" in body or free:
            return partial(self._prepare, name, folder)
        over = statuses.waited_too_long(body, time.time())
        if over:
            return partial(self._end, name, "Stopped", over)
        return partial(self._move, name, "Pending") if body["SecondaryStatus"] != "Pending" else None

    def give_up(self, name: str) -> None:
        """Nothing of the job may go on unseen: kill what still runs and end the job as lost."""
        folder = self.folder(name)
        kill(folder)
        folder.clear()

        def change(body: Body, now: float) -> Body:
            if body["TrainingJobStatus"] == "Stopping":
                return statuses.end(body, "Stopped", "Stopped", now)
            return statuses.end(body, "Failed", "Failed", now, statuses.LOST)

        self._change(name, change)

    def _next_of_claimed(self, body: Body, folder: JobFolder, claim: Body) -> Step | None:
        """A job that has or had a supervisor, whose document may be behind."""
        name = body["TrainingJobName"]
        if claim == NOBODY:
            return partial(self._end, name, "Stopped", "Stopped")
        if folder.attempt() != body.get("Attempt", 0):  # of an attempt that is over
            return folder.reset
        running = alive(claim)  # asked before the exit record: a supervisor writes that last
        if folder.lost():
            return partial(self._lose, name, folder)
        if folder.exit.exists():
            return partial(self._finish, body, folder)
        if not running:
            return partial(self._lose, name, folder)
        if body["TrainingJobStatus"] == "Stopping" and not folder.stop.exists():
            return partial(tell_to_stop, folder, claim)
        if body["SecondaryStatus"] in BEFORE_TRAINING:
            return partial(self._move, name, "Training")
        due = time.monotonic() - self._synced.get(name, (0.0, {}))[0] > synced.INTERVAL_SECONDS
        return partial(self._sync, body, folder) if due and synced.any_of(body) else None

    def _prepare(self, name: str, folder: JobFolder) -> None:
        body = self._change(name, lambda body, now: None if "TrainingStartTime" in body else statuses.admit(body, now))
        if body is None or body["TrainingJobStatus"] != "InProgress":
            return
        warmpools.reuse(self._documents, body, time.time())
        try:
            launch.prepare(body, folder, self._objects, self._logs)
        except DownloadFailed as error:
            folder.clear()
            self._end(name, "Failed", "Failed", f"ClientError: Data download failed: {error}")
        except OSError as error:
            if error.errno not in FULL:
                raise
            folder.clear()
            self._end(name, "Failed", "Failed", f"{NO_SPACE}: {error.filename}")
        else:
            self._spawn(name, folder)

    def _spawn(self, name: str, folder: JobFolder) -> None:
        self._children[name] = launch.start_supervisor(folder)

    def _lose(self, name: str, folder: JobFolder) -> None:
        """The supervisor is gone without an exit record: an internal error, after which some jobs begin again."""
        kill(folder)
        attempt = folder.attempt()

        def change(body: Body, now: float) -> Body | None:
            attempts = body.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0)
            if body["TrainingJobStatus"] != "InProgress" or body.get("Attempt", 0) != attempt or attempt >= attempts:
                return None
            return statuses.restart(body, now)

        body = self._change(name, change)
        if body is not None and body.get("Attempt", 0) == attempt:
            self.give_up(name)

    def _forestall(self, name: str, folder: JobFolder) -> None:
        """A job stopped before it began: taking the claim makes sure that no supervisor ever does."""
        folder.path.mkdir(parents=True, exist_ok=True)
        if claim_json(folder.supervisor, NOBODY):
            self._end(name, "Stopped", "Stopped")

    def _finish(self, body: Body, folder: JobFolder) -> None:
        """The program has ended: its artifacts go to S3, its folder's bulk goes, its document says how it ended."""
        name = body["TrainingJobName"]
        record = folder.ended() or {}
        if disk_full(record):
            folder.clear()  # at once: the record that it has failed needs room too
        if body["SecondaryStatus"] in BEFORE_TRAINING:
            self._move(name, "Training")
        self._move(name, "Uploading")
        settled = read_json(folder.settled)
        if settled is None:
            settled = self._settle(body, folder, record)
            write_json(folder.settled, settled)
        folder.clear()
        self._synced.pop(name, None)
        found: Body = {"FinalMetricDataList": final_metrics(record)} if record["metrics"] else {}
        if settled["model"]:
            found["ModelArtifacts"] = {"S3ModelArtifacts": settled["model"]}
        self._end(name, settled["status"], settled["secondary"], settled["reason"], found)

    def _settle(self, body: Body, folder: JobFolder, record: Body) -> Body:
        """How the job ends and where its model is, once its artifacts are in S3."""
        waited = bool(statuses.waited_too_long(body, record["ended"]))
        status, secondary, reason = outcome(record, body["TrainingJobStatus"] == "Stopping", waited)
        config = body["OutputDataConfig"]
        output = s3uri.join(config["S3OutputPath"], body["TrainingJobName"], "output")
        packed, key = config["CompressionType"] == "GZIP", config.get("KmsKeyId", "")
        hosts, model = folder.hosts(), ""
        try:
            synced.save(self._objects, body, hosts, self._synced.get(body["TrainingJobName"], (0.0, {}))[1])
            artifacts = Artifacts(self._objects, hosts, output, packed=packed, key=key)
            model = artifacts.upload(keep_model=status == "Stopped", completed=status == "Completed")
        except (UploadFailed, AwsError) as error:
            status, secondary = "Failed", "Failed"
            reason = reason or f"ClientError: Artifact upload failed: {error}"
        return {"status": status, "secondary": secondary, "reason": reason, "model": model}

    def _sync(self, body: Body, folder: JobFolder) -> None:
        """Bring what has changed to S3; what cannot be brought now is tried again, at the latest at the end."""
        name = body["TrainingJobName"]
        seen = self._synced.get(name, (0.0, {}))[1]
        self._synced[name] = time.monotonic(), seen
        try:
            synced.save(self._objects, body, folder.hosts(), seen)
        except (AwsError, OSError):
            return

    def _move(self, name: str, secondary: str) -> None:
        """Into a secondary status, if the job is in progress."""

        def change(body: Body, now: float) -> Body | None:
            in_progress = body["TrainingJobStatus"] == "InProgress"
            return statuses.enter(body, secondary, now) if in_progress else None

        self._change(name, change)

    def _end(self, name: str, status: str, secondary: str, reason: str = "", found: Body | None = None) -> None:
        def change(body: Body, now: float) -> Body:
            return {**statuses.end(body, status, secondary, now, reason), **(found or {})}

        self._change(name, change)

    def _change(self, name: str, change: Callable[[Body, float], Body | None]) -> Body | None:
        """Change the job's document unless it has ended: a late step never overwrites a terminal status."""

        def guarded(body: Body) -> Body | None:
            changed = change(body, time.time()) if statuses.active(body) else None
            return changed if changed is None or statuses.active(changed) else warmpools.ended(changed)

        return self._documents.update(statuses.KIND, name, guarded)


def kill(folder: JobFolder) -> None:
    """End whatever still runs of a job."""
    for leader in (folder.claim(), *(host.group() for host in folder.hosts())):
        kill_group(leader)


def tell_to_stop(folder: JobFolder, claim: Body) -> None:
    """Ask a running job to end. The marker first: a supervisor that misses the signal finds it within a second."""
    folder.stop.touch()
    if alive(claim):
        os.kill(claim["pid"], signal.SIGTERM)
