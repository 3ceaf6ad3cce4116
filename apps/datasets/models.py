"""Data sets, their versions and uploads as the console knows them; their bytes live in S3.

The row is the queue: `due_at` says when a worker must look at a version or an upload again.
"""

import secrets
import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.datasets.states import KINDS, STRATIFIED, WORDS, WORKING, Kind, Task, VersionState, may_precede

# Rows held out for validation, in per cent, and the seed that chooses them, unless told otherwise.
HOLDOUT = 25
SEED = 20
CHANNELS = ("train", "validation")


class Dataset(models.Model):
    """A table that a team trains on; what is in it stands in its versions."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="datasets")
    name = models.SlugField(max_length=63)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="datasets")
    created_at = models.DateTimeField(auto_now_add=True)
    # The newest version that is Ready; null while there is none to train on.
    current = models.OneToOneField("DatasetVersion", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="dataset_name_once_a_workspace")]

    def __str__(self) -> str:
        return self.name

    @property
    def topic(self) -> str:
        """The live event that says something of it changed."""
        return f"dataset-{self.pk}"


class DatasetVersions(models.QuerySet["DatasetVersion"]):
    """Claims and guarded changes."""

    def due(self) -> Self:
        """Rows that a worker has something to do for, and whose time has come."""
        return self.filter(state__in=WORKING, due_at__lte=clock.now())

    def claim(self, pk: int, lease: timedelta) -> "DatasetVersion | None":
        """Take a due row for `lease`: of several workers one gets it, and if that one dies the row is due again."""
        token = secrets.token_hex(8)
        taken = self.due().filter(pk=pk).update(due_at=clock.now() + lease, lease=token)
        return self.select_related("dataset__workspace", "owner").get(pk=pk, lease=token) if taken else None

    def at_work(self) -> Self:
        """Rows that a worker holds and reads or writes the file of."""
        busy = (VersionState.PROFILING, VersionState.PREPARING)
        return self.filter(state__in=busy, due_at__gt=clock.now()).exclude(lease="")

    def held(self, version: "DatasetVersion") -> Self:
        """The row while `version`'s holder still has it in the state it was claimed in."""
        return self.filter(pk=version.pk, lease=version.lease, state=version.state)

    def move(self, pk: int, state: VersionState, **changes: object) -> bool:
        """Set the state where the present one allows it, and the rest with it; False when it came too late."""
        return bool(self.filter(pk=pk, state__in=may_precede(state)).update(state=state, **changes))


class DatasetVersion(models.Model):
    """One state of a data set: a raw file, and the `train` and `validation` objects that were made of it."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.PROFILING)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    # The raw file.
    raw_s3_uri = models.CharField(max_length=1100, blank=True)
    # Whether its object is the console's own, to be deleted with the version, or only registered.
    raw_is_ours = models.BooleanField(default=True)
    filename = models.CharField(max_length=255, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    # What is in it: a list of `reading.profile.Column` as dictionaries, and the first rows.
    row_count = models.PositiveBigIntegerField(null=True)
    columns = models.JSONField(default=list)
    column_count = models.PositiveIntegerField(default=0)
    preview = models.JSONField(default=list)
    read_bytes = models.PositiveBigIntegerField(default=0)
    failure = models.TextField(blank=True)
    failure_line = models.PositiveBigIntegerField(null=True)
    failure_column = models.PositiveIntegerField(null=True)

    # What was chosen.
    target = models.CharField(max_length=200, blank=True)
    task = models.CharField(max_length=40, choices=Task.choices, blank=True)
    features = models.JSONField(default=list)
    holdout = models.PositiveSmallIntegerField(default=HOLDOUT)
    seed = models.PositiveIntegerField(default=SEED)

    # What was made of it, label first and no header; texts by their codes: {column: [text of 0, text of 1, ...]}.
    train_s3_uri = models.CharField(max_length=1100, blank=True)
    validation_s3_uri = models.CharField(max_length=1100, blank=True)
    train_rows = models.PositiveBigIntegerField(null=True)
    validation_rows = models.PositiveBigIntegerField(null=True)
    dropped_rows = models.PositiveBigIntegerField(default=0)
    prepared_bytes = models.PositiveBigIntegerField(default=0)
    encodings = models.JSONField(default=dict)
    content_type = models.CharField(max_length=60, default="text/csv")
    suggested = models.JSONField(default=dict)

    # When a worker must look again, and whose turn it is now.
    due_at = models.DateTimeField(default=clock.now)
    lease = models.CharField(max_length=16, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)

    objects = DatasetVersions.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="version_number_once_a_dataset")]
        indexes = [models.Index(F("due_at"), name="version_due", condition=models.Q(state__in=sorted(WORKING)))]

    def __str__(self) -> str:
        return f"{self.dataset.name} v{self.number}"

    @property
    def column_names(self) -> list[str]:
        """The columns' names in the file's order."""
        return [column["name"] for column in self.columns]

    @property
    def is_ready(self) -> bool:
        """Whether it can be trained on."""
        return self.state == VersionState.READY

    @property
    def stratified(self) -> bool:
        """Whether its hold-out keeps the classes' shares."""
        return self.task in STRATIFIED

    @property
    def state_kind(self) -> Kind:
        """How the state looks."""
        return KINDS[self.state]

    @property
    def display_state(self) -> str:
        """The word to show."""
        return WORDS.get(self.state, self.state)

    @property
    def keys(self) -> dict[str, str]:
        """The S3 keys of what is made of it, by channel and, for the rows' numbers, "<channel>.rows"."""
        stem = f"datasets/{self.dataset.name}/v{self.number}-{self.sha256[:12]}"
        made = {channel: f"{stem}/{channel}/{channel}.csv" for channel in CHANNELS}
        return made | {f"{channel}.rows": f"{stem}/rows/{channel}.rows.csv" for channel in CHANNELS}

    @property
    def channels(self) -> dict[str, str]:
        """The S3 URI of each channel that there is."""
        uris = {"train": self.train_s3_uri, "validation": self.validation_s3_uri}
        return {name: uri for name, uri in uris.items() if uri}


class Upload(models.Model):
    """A file on its way to S3, part by part: the browser asks for `offset` and goes on from there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()

    # Which data set it becomes a version of, and what is known of it already.
    name = models.SlugField(max_length=63)
    target = models.CharField(max_length=200, blank=True)
    holdout = models.PositiveSmallIntegerField(default=HOLDOUT)

    # The same file, picked again, has the same fingerprint: its name, size and time of change.
    filename = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    bucket = models.CharField(max_length=63, blank=True)
    key = models.CharField(max_length=1024)
    upload_id = models.CharField(max_length=1024, blank=True)
    etags = models.JSONField(default=list)
    part_bytes = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("-created_at",)
        indexes = [models.Index(fields=["workspace", "owner", "fingerprint"], name="upload_fingerprint")]

    def __str__(self) -> str:
        return f"{self.filename} ({self.offset} of {self.size_bytes} bytes)"
