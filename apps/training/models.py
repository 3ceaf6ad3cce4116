"""A training job and what is collected of it. The row is the queue: `*_due_at` says when somebody must look again."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.datasets.models import Dataset, DatasetVersion
from apps.training.states import (
    ACTIVE,
    KINDS,
    TERMINAL,
    Kind,
    Step,
    TrainingJobStatus,
    reachable_from,
    timeline,
)


def new_launch_id() -> str:
    """What marks a job in AWS as this row's: a retry after a crash finds it by this tag."""
    return secrets.token_hex(16)


# How `trouble` begins when SageMaker refused what it was told of an ended job.
REFUSED = "SageMaker did not let it be"


class TrainingJobs(models.QuerySet["TrainingJob"]):
    """Claims and guarded changes."""

    def due(self, column: str) -> Self:
        """Rows whose `column` time has come."""
        return self.filter(**{f"{column}__lte": clock.now()})

    def claim(self, pk: int, column: str, lease: timedelta) -> "TrainingJob | None":
        """Take a due row for `lease`: of several workers one gets it, and if that one dies the row is due again."""
        taken = self.due(column).filter(pk=pk).update(**{column: clock.now() + lease})
        return self.select_related("workspace", "owner").get(pk=pk) if taken else None

    def move(self, pk: int, status: TrainingJobStatus, **changes: object) -> bool:
        """Set the status where the present one allows it, and the rest with it; False when it came too late."""
        return bool(self.filter(pk=pk, status__in=reachable_from(status)).update(status=status, **changes))


class TrainingJob(models.Model):
    """One SageMaker training job, launched here or found in the account."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="training_jobs")
    name = models.CharField(max_length=63)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="training_jobs")
    launch_id = models.CharField(max_length=32, default=new_launch_id)
    created_at = models.DateTimeField(default=clock.now)

    # What was asked for.
    # One of the catalogue, or what SageMaker calls it: an ARN of up to 170 characters.
    algorithm = models.CharField(max_length=170)
    dataset = models.ForeignKey(Dataset, on_delete=models.SET_NULL, null=True, related_name="training_jobs")
    dataset_version = models.ForeignKey(
        DatasetVersion, on_delete=models.SET_NULL, null=True, related_name="training_jobs"
    )
    hyperparameters = models.JSONField(default=dict)
    channels = models.JSONField(default=dict)
    instance_type = models.CharField(max_length=40, blank=True)
    instance_count = models.PositiveIntegerField(default=1)
    volume_size_gb = models.PositiveIntegerField(default=30)
    max_runtime_seconds = models.PositiveIntegerField(default=86400)
    # Managed spot training: how long it may take with its waits; null: on demand.
    max_wait_seconds = models.PositiveIntegerField(null=True)
    checkpoint_s3_uri = models.CharField(max_length=1100, blank=True)
    environment = models.JSONField(default=dict)
    # A script of the user's own: {"program", "s3_uri"} and, from git, {"git_url", "git_commit"}; empty for built-ins.
    source = models.JSONField(default=dict)
    # An image of the user's own; empty for the algorithm's.
    training_image = models.CharField(max_length=300, blank=True)
    cloned_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="clones")
    price_per_hour = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    tags = models.JSONField(default=dict)
    stop_requested_at = models.DateTimeField(null=True)
    create_tried_at = models.DateTimeField(null=True)

    # What SageMaker says of it.
    status = models.CharField(max_length=20, choices=TrainingJobStatus.choices, default=TrainingJobStatus.REQUESTED)
    secondary_status = models.CharField(max_length=40, blank=True)
    transitions = models.JSONField(default=list)
    arn = models.CharField(max_length=256, blank=True)
    image_uri = models.CharField(max_length=300, blank=True)
    metric_definitions = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    billable_seconds = models.PositiveIntegerField(null=True)
    failure_reason = models.TextField(blank=True)
    model_s3_uri = models.CharField(max_length=1100, blank=True)
    model_size = models.PositiveBigIntegerField(null=True)
    # What the archive holds, as [path, bytes] pairs; null until it was looked into.
    model_files = models.JSONField(null=True)

    # What was collected from its log.
    objective_metric = models.CharField(max_length=255, blank=True)
    best_metrics = models.JSONField(default=dict)
    # The objective metric's course in a few values, for the line in a row of the history.
    spark = models.JSONField(default=list)
    log_lines = models.PositiveBigIntegerField(default=0)
    # How many lines of a level there are, and which is the first: {"error": {"count": 2, "first": 17}}.
    log_levels = models.JSONField(default=dict)

    # What people noted of it.
    note = models.TextField(blank=True)
    archived_at = models.DateTimeField(null=True)
    starred_by = models.ManyToManyField(User, related_name="starred_training_jobs")
    # What SageMaker must still be told: the tags that it knows while they differ from `tags`, and the wish to delete.
    tags_before = models.JSONField(null=True)
    delete_asked_at = models.DateTimeField(null=True)
    delete_model = models.BooleanField(default=False)

    # When to look again; null: never.
    next_poll_at = models.DateTimeField(default=clock.now, null=True)
    logs_due_at = models.DateTimeField(null=True)
    usage_due_at = models.DateTimeField(null=True)
    tell_due_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)

    objects = TrainingJobs.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="training_job_name_once_a_workspace")]
        indexes = [
            models.Index(F("workspace"), F("created_at").desc(), F("id").desc(), name="training_job_history"),
            models.Index(fields=["workspace", "status", "ended_at"], name="training_job_status"),
            models.Index(fields=["workspace", "status", "price_per_hour", "instance_count"], name="training_job_burn"),
            *(
                models.Index(fields=[column], name=f"training_job_{column}", condition=~models.Q(**{column: None}))
                for column in ("next_poll_at", "logs_due_at", "usage_due_at", "tell_due_at")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def topic(self) -> str:
        """The live event that says this row changed."""
        return f"job-{self.pk}"

    @property
    def is_terminal(self) -> bool:
        """Whether its status is final."""
        return self.status in TERMINAL

    @property
    def was_refused(self) -> bool:
        """Whether `trouble` says that SageMaker did not delete or tag the job."""
        return self.trouble.startswith(REFUSED)

    @property
    def can_stop(self) -> bool:
        """Whether asking to stop it makes sense."""
        return self.status in ACTIVE - {TrainingJobStatus.STOPPING} and self.stop_requested_at is None

    @property
    def display_status(self) -> str:
        """The word to show: while it is in progress, the finer secondary status."""
        if self.delete_asked_at:
            return "Deleting"
        if self.stop_requested_at and not self.is_terminal:
            return str(TrainingJobStatus.STOPPING)
        finer = self.secondary_status if self.status == TrainingJobStatus.IN_PROGRESS else ""
        return finer or self.status

    @property
    def status_kind(self) -> Kind:
        """How the status looks."""
        return KINDS.get(self.display_status) or KINDS[self.status]

    @property
    def owner_name(self) -> str:
        """Who launched it; empty when it was not launched here."""
        return self.owner.display_name if self.owner else ""

    @property
    def duration(self) -> timedelta | None:
        """How long it has trained: from SageMaker's start to its end, or to now."""
        return (self.ended_at or clock.now()) - self.started_at if self.started_at else None

    @property
    def cost(self) -> Decimal | None:
        """USD on demand, so far or in the end: billable seconds times price; None where there is no price."""
        if self.price_per_hour is None:
            return None
        running = self.duration.total_seconds() if self.duration and not self.is_terminal else 0.0
        seconds = running if self.billable_seconds is None else self.billable_seconds
        return self.price_per_hour * self.instance_count * Decimal(seconds) / 3600

    @property
    def spends(self) -> Decimal | None:
        """USD a second while it trains."""
        if self.price_per_hour is None or self.started_at is None or self.is_terminal:
            return None
        return self.price_per_hour * self.instance_count / 3600

    @property
    def max_cost(self) -> Decimal | None:
        """USD if it runs as long as it may."""
        if self.price_per_hour is None:
            return None
        return self.price_per_hour * self.instance_count * self.max_runtime_seconds / 3600

    @property
    def objective_value(self) -> float | None:
        """The best value of the objective metric so far."""
        best = self.best_metrics.get(self.objective_metric)
        return best["value"] if best else None

    @property
    def objective_step(self) -> int | None:
        """The round in which it was best."""
        best = self.best_metrics.get(self.objective_metric)
        return best["step"] if best else None

    def steps(self, now: datetime | None = None) -> list[Step]:
        """The timeline of its secondary statuses."""
        return timeline(self.status, self.transitions, now or clock.now())


class JobFact(models.Model):
    """One hyperparameter, metric or tag of a job, by which the history is filtered and sorted.

    `key` is "hyperparameters.eta", "metrics.validation:auc" or "tags.team"; `number` is its value where it is one.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="facts")
    key = models.CharField(max_length=280)
    text = models.CharField(max_length=256)
    number = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="fact_key_once_a_job")]
        indexes = [
            models.Index(fields=["workspace", "key", "number", "job"], name="fact_number"),
            models.Index(fields=["workspace", "key", "text", "job"], name="fact_text"),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.text}"


class HistoryColumns(models.Model):
    """The columns that a person last chose for the history, as the address names them."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="history_columns")
    names = models.JSONField(default=list)

    def __str__(self) -> str:
        return ", ".join(self.names)


class LogStream(models.Model):
    """How far one of the job's CloudWatch log streams was read; `token` is CloudWatch's own cursor."""

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="log_streams")
    name = models.CharField(max_length=512)
    token = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="log_stream_once_a_job")]

    def __str__(self) -> str:
        return self.name


class LogChunk(models.Model):
    """Consecutive log lines as they were fetched: `lines` is a list of [milliseconds since 1970, text]."""

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="log_chunks")
    stream = models.ForeignKey(LogStream, on_delete=models.CASCADE, related_name="chunks")
    first_line = models.PositiveBigIntegerField()
    last_line = models.PositiveBigIntegerField()
    # The numbers of the lines that tell of an error or a warning, by level; before `lines`, whose bytes a reader of a
    # later column would have to pass over.
    flagged = models.JSONField(default=dict)
    lines = models.JSONField()

    class Meta:
        ordering = ("last_line",)
        constraints = [models.UniqueConstraint(fields=["job", "last_line"], name="log_line_once_a_job")]

    def __str__(self) -> str:
        return f"lines {self.first_line} to {self.last_line}"


class MetricPoint(models.Model):
    """One value of one metric, found in the log; `step` is the round."""

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="metric_points")
    name = models.CharField(max_length=255)
    step = models.BigIntegerField()
    value = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("name", "step")
        constraints = [models.UniqueConstraint(fields=["job", "name", "step"], name="metric_step_once_a_job")]
        # The extremes of a stretch of a curve are found in the index alone.
        indexes = [models.Index(fields=["job", "name", "step", "value"], name="metric_point_value")]

    def __str__(self) -> str:
        return f"{self.name}[{self.step}] = {self.value}"


class UsagePoint(models.Model):
    """One CloudWatch value of an instance's use, in per cent: CPUUtilization, MemoryUtilization, DiskUtilization."""

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="usage_points")
    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        ordering = ("name", "at")
        constraints = [models.UniqueConstraint(fields=["job", "name", "at"], name="usage_once_a_job")]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
