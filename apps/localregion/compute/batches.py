"""Jobs that run once over data: transform jobs and processing jobs. What the two have in common, and its steps.

They run as training jobs do: a folder laid out as /opt/ml, a detached supervisor, an exit record. A step may be
interrupted and taken again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import Popen
from typing import Any

from apps.localregion.compute import launch
from apps.localregion.compute.artifacts import UploadFailed
from apps.localregion.compute.durable import claim_json
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.processes import alive
from apps.localregion.compute.sources import DownloadFailed
from apps.localregion.compute.statuses import ACTIVE, LOST, REASON_LENGTH
from apps.localregion.compute.steps import NOBODY, kill, tell_to_stop
from apps.localregion.errors import AwsError
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

UPLOAD_SECONDS = 2.0  # between two looks at what a running job has finished

Body = dict[str, Any]
Step = Callable[[], None]


@dataclass(frozen=True)
class Kind:
    """One kind of job: how SageMaker names its members, and what is its own."""

    kind: str  # of its documents, and of its ARN
    noun: str  # "TransformJob", "ProcessingJob"
    log_group: str
    prepare: Callable[[Body, JobFolder, Objects, LogStreams, Documents], None]  # raises DownloadFailed
    upload: Callable[[Body, JobFolder, Objects, str], None]  # str: how it ended, "" while it runs; raises UploadFailed
    outcome: Callable[[Body, JobFolder], Body]  # the document's new members after an exit record: "Status", ...

    def name(self, body: Body) -> str:
        """The job's name."""
        name: str = body[f"{self.noun}Name"]
        return name

    @property
    def times(self) -> tuple[str, str]:
        """The members that say when the job began and when it ended."""
        stem = self.noun.removesuffix("Job")
        return f"{stem}StartTime", f"{stem}EndTime"

    def started(self, body: Body) -> bool:
        """Whether the job has a slot."""
        return self.times[0] in body

    def start(self, body: Body, now: float) -> Body:
        """The job has a slot from `now` (unix seconds) on."""
        return {self.times[0]: now, **body, "LastModifiedTime": now}

    def move(self, body: Body, changes: Body, now: float) -> Body:
        """The document with changes, of which Status is told under SageMaker's name too."""
        moved = {**body, **changes, f"{self.noun}Status": changes["Status"], "LastModifiedTime": now}
        if changes["Status"] not in ACTIVE:
            moved[self.times[1]] = now
        return moved


class BatchSteps:
    """Finds the step that a job of one kind needs next, and takes it."""

    def __init__(self, root: Path, kind: Kind, documents: Documents, objects: Objects, logs: LogStreams) -> None:
        self.kind = kind
        self.root = root
        self._documents = documents
        self._objects = objects
        self._logs = logs
        self._children: dict[str, Popen[bytes]] = {}
        self._uploaded: dict[str, float] = {}  # name -> time of the last look, monotonic

    def folder(self, name: str) -> JobFolder:
        """The folder of the job of this name."""
        return JobFolder(self.root / name)

    def reap(self) -> None:
        """Take note of the supervisors that this process started and that have ended."""
        for name, child in [*self._children.items()]:
            if child.poll() is not None:
                del self._children[name]

    def next(self, body: Body, free: bool) -> Step | None:
        """The step that the job needs, None while it runs or waits as it should; `free`: there is a slot."""
        name = self.kind.name(body)
        folder = self.folder(name)
        claim = folder.claim()
        if claim is not None:
            return self._next_of_claimed(body, folder, claim)
        if body["Status"] == "Stopping":
            return partial(self._forestall, name, folder)
        if folder.ready():
            return None if name in self._children else partial(self._spawn, name, folder)
        if self.kind.started(body) or free:
            return partial(self._prepare, body, folder)
        return None

    def give_up(self, name: str) -> None:
        """Nothing of the job may go on unseen: kill what still runs and end the job as lost."""
        folder = self.folder(name)
        kill(folder)
        folder.clear()
        self._end(name, {"Status": "Failed", "FailureReason": LOST})

    def _next_of_claimed(self, body: Body, folder: JobFolder, claim: Body) -> Step | None:
        name = self.kind.name(body)
        if claim == NOBODY:
            return partial(self._end, name, {"Status": "Stopped"})
        running = alive(claim)  # asked before the exit record: a supervisor writes that last
        if folder.exit.exists() or not running:
            return partial(self._finish, body, folder)
        if body["Status"] == "Stopping" and not folder.stop.exists():
            return partial(tell_to_stop, folder, claim)
        due = time.monotonic() - self._uploaded.get(name, 0.0) > UPLOAD_SECONDS
        return partial(self._upload, body, folder) if due else None

    def _prepare(self, body: Body, folder: JobFolder) -> None:
        name = self.kind.name(body)
        current = self._change(name, lambda found, now: self.kind.start(found, now))
        if current is None or current["Status"] != "InProgress":
            return
        try:
            self.kind.prepare(current, folder, self._objects, self._logs, self._documents)
        except DownloadFailed as error:
            folder.clear()
            self._end(name, {"Status": "Failed", "FailureReason": f"ClientError: {error}"})
        else:
            self._spawn(name, folder)

    def _spawn(self, name: str, folder: JobFolder) -> None:
        self._children[name] = launch.start_supervisor(folder)

    def _forestall(self, name: str, folder: JobFolder) -> None:
        """A job stopped before it began: taking the claim makes sure that no supervisor ever does."""
        folder.path.mkdir(parents=True, exist_ok=True)
        if claim_json(folder.supervisor, NOBODY):
            self._end(name, {"Status": "Stopped"})

    def _upload(self, body: Body, folder: JobFolder) -> None:
        """What is finished of a running job; what cannot be stored now is tried again, at the latest at the end."""
        self._uploaded[self.kind.name(body)] = time.monotonic()
        try:
            self.kind.upload(body, folder, self._objects, "")
        except (UploadFailed, AwsError):
            return

    def _finish(self, body: Body, folder: JobFolder) -> None:
        """The program has ended, or was lost: what it finished goes to S3, and its document says how it ended."""
        name = self.kind.name(body)
        record = folder.ended()
        kill(folder)
        if record is None and body["Status"] != "Stopping":
            changes: Body = {"Status": "Failed", "FailureReason": LOST}
        elif body["Status"] == "Stopping":
            changes = {"Status": "Stopped"}
        else:
            changes = self.kind.outcome(record or {}, folder)
        try:
            self.kind.upload(body, folder, self._objects, changes["Status"])
        except (UploadFailed, AwsError) as error:
            told = {"Status": "Failed", "FailureReason": f"ClientError: Data upload failed: {error}"}
            changes = changes if "FailureReason" in changes else {**changes, **told}
        folder.clear()
        self._uploaded.pop(name, None)
        self._end(name, changes)

    def _end(self, name: str, changes: Body) -> None:
        if "FailureReason" in changes:
            changes = {**changes, "FailureReason": changes["FailureReason"][:REASON_LENGTH]}
        self._change(name, lambda body, now: self.kind.move(body, changes, now))

    def _change(self, name: str, change: Callable[[Body, float], Body]) -> Body | None:
        """Change the job's document unless it has ended: a late step never overwrites a terminal status."""
        return self._documents.update(
            self.kind.kind, name, lambda body: change(body, time.time()) if body["Status"] in ACTIVE else None
        )
