"""Single jobs, and the figures over all of them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, DecimalField, F, QuerySet, Sum

from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import NotFound
from apps.training.catalogue import ALGORITHMS
from apps.training.models import TrainingJob
from apps.training.states import RUNNING, TrainingJobStatus


def jobs_of(workspace: Workspace) -> QuerySet[TrainingJob]:
    """The workspace's jobs with what a row shows of them."""
    related = ("owner", "dataset", "dataset_version", "workspace")
    return TrainingJob.objects.filter(workspace=workspace).select_related(*related)


def find(workspace: Workspace, name: str) -> TrainingJob:
    """One job by its name; raises NotFound."""
    job = jobs_of(workspace).filter(name=name).first()
    if job is None:
        raise NotFound(f"there is no training job {name!r} in workspace {workspace.slug!r}", "name")
    return job


def alike(job: TrainingJob, limit: int) -> list[TrainingJob]:
    """The newest other jobs with a curve of the same metric: what it may be compared with."""
    others = jobs_of(job.workspace).filter(objective_metric=job.objective_metric).exclude(pk=job.pk)
    return list(others.exclude(objective_metric="").exclude(best_metrics={}).order_by("-created_at", "-id")[:limit])


@dataclass(frozen=True)
class Counts:
    """The figures on the rail and the home page; USD an hour of what runs now."""

    workspace_id: int
    running: int
    failed_since_yesterday: int
    burn_per_hour: Decimal

    @cached_property
    def total(self) -> int:
        """How many jobs there are in all; read only where it is shown, for a database counts them one by one."""
        return TrainingJob.objects.filter(workspace=self.workspace_id).count()


def counts(workspace: Workspace) -> Counts:
    """How many jobs there are, run and failed, and what the running ones cost an hour; each by an index of its own."""
    money: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=4)
    jobs = TrainingJob.objects.filter(workspace=workspace)
    running = jobs.filter(status__in=RUNNING).aggregate(
        count=Count("pk"), burn=Sum(F("price_per_hour") * F("instance_count"), output_field=money)
    )
    yesterday = clock.now() - timedelta(days=1)
    failed = jobs.filter(status=TrainingJobStatus.FAILED, ended_at__gte=yesterday).count()
    return Counts(workspace.pk, running["count"], failed, running["burn"] or Decimal(0))


@dataclass(frozen=True)
class HyperparameterRow:
    """One hyperparameter as the job has it."""

    name: str
    value: str
    default: str
    changed: bool


def hyperparameter_rows(job: TrainingJob) -> list[HyperparameterRow]:
    """What was given, what differs from its default first; then the algorithm's defaults of what was not."""
    algorithm = ALGORITHMS.get(job.algorithm)
    table = {row.name: row.default for row in algorithm.hyperparameters.values()} if algorithm else {}
    given = [
        HyperparameterRow(name, value, table.get(name, ""), value != table.get(name, ""))
        for name, value in job.hyperparameters.items()
    ]
    rest = [
        HyperparameterRow(name, default, default, False)
        for name, default in table.items()
        if default and name not in job.hyperparameters
    ]
    return sorted(given, key=lambda row: not row.changed) + rest
