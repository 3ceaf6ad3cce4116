"""Every read a page or the API needs of training jobs."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, DecimalField, F, Q, QuerySet, Sum

from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import NotFound, Refusal
from apps.training.catalogue import ALGORITHMS, higher_is_better
from apps.training.models import LogChunk, MetricPoint, TrainingJob, UsagePoint
from apps.training.states import ACTIVE, TrainingJobStatus

# A sweep hands out at most so many rows of a kind; the rest is found by the next one, a second later.
SWEEP_LIMIT = 200
PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some jobs, and the cursor of those behind them; None at the end."""

    items: list[TrainingJob]
    next_cursor: str | None


def history(workspace: Workspace, cursor: str = "", limit: int = PAGE) -> Page:
    """The workspace's jobs, newest first, from `cursor` on; raises Refusal for a cursor that is not ours."""
    jobs = jobs_of(workspace)
    if cursor:
        created_at, pk = _decoded(cursor)
        jobs = jobs.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    found = list(jobs[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], _encoded(found[limit - 1]) if more else None)


def jobs_of(workspace: Workspace) -> QuerySet[TrainingJob]:
    """The workspace's jobs with what a row shows of them."""
    return TrainingJob.objects.filter(workspace=workspace).select_related("owner", "dataset", "workspace")


def _encoded(job: TrainingJob) -> str:
    return base64.urlsafe_b64encode(f"{job.created_at.isoformat()} {job.pk}".encode()).decode()


def _decoded(cursor: str) -> tuple[datetime, int]:
    try:
        moment, pk = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return datetime.fromisoformat(moment), int(pk)
    except (ValueError, binascii.Error) as error:
        raise Refusal("this is not a cursor that an earlier page gave", "cursor") from error


def find(workspace: Workspace, name: str) -> TrainingJob:
    """One job by its name; raises NotFound."""
    job = jobs_of(workspace).filter(name=name).first()
    if job is None:
        raise NotFound(f"there is no training job {name!r} in workspace {workspace.slug!r}", "name")
    return job


@dataclass(frozen=True)
class Counts:
    """The figures on the rail and the home page; USD an hour of what runs now."""

    total: int
    running: int
    failed_since_yesterday: int
    burn_per_hour: Decimal


def counts(workspace: Workspace) -> Counts:
    """How many jobs there are, run and failed, and what the running ones cost an hour."""
    money: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=4)
    active = Q(status__in=ACTIVE)
    failed = Q(status=TrainingJobStatus.FAILED, created_at__gte=clock.now() - timedelta(days=1))
    row = TrainingJob.objects.filter(workspace=workspace).aggregate(
        total=Count("pk"),
        running=Count("pk", filter=active),
        failed=Count("pk", filter=failed),
        burn=Sum(F("price_per_hour") * F("instance_count"), filter=active, output_field=money),
    )
    return Counts(row["total"], row["running"], row["failed"], row["burn"] or Decimal(0))


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log; `number` counts from 1 over all its streams, in the order they were fetched."""

    number: int
    at: datetime
    stream: str
    text: str


@dataclass(frozen=True)
class LogTail:
    """Some lines, the number of the last one, and whether there are more behind it."""

    lines: list[LogLine]
    last: int
    more: bool


def log_lines(job: TrainingJob, after: int = 0, limit: int = 1000) -> LogTail:
    """The lines behind line `after`, at most `limit`."""
    chunks = LogChunk.objects.filter(job=job, last_line__gt=after).select_related("stream")
    lines: list[LogLine] = []
    for line in _lines(chunks):
        if line.number > after:
            if len(lines) == limit:
                return LogTail(lines, lines[-1].number, True)
            lines.append(line)
    return LogTail(lines, lines[-1].number if lines else after, False)


def log_tail(job: TrainingJob, limit: int = 500) -> LogTail:
    """The last lines."""
    return log_lines(job, max(job.log_lines - limit, 0), limit)


def _lines(chunks: QuerySet[LogChunk]) -> Iterator[LogLine]:
    for chunk in chunks.iterator(chunk_size=1):
        for number, (milliseconds, text) in enumerate(chunk.lines, chunk.first_line):
            yield LogLine(number, datetime.fromtimestamp(milliseconds / 1000, UTC), chunk.stream.name, text)


@dataclass(frozen=True)
class Curve:
    """One metric by round, and where it was best."""

    name: str
    steps: list[int]
    values: list[float]
    best_step: int
    best_value: float


def curves(job: TrainingJob) -> list[Curve]:
    """The metrics found in the job's log, the objective metric first."""
    points = MetricPoint.objects.filter(job=job).order_by("name", "step").values_list("name", "step", "value")
    found = [_curve(name, list(rows)) for name, rows in groupby(points, key=lambda row: row[0])]
    return sorted(found, key=lambda curve: (curve.name != job.objective_metric, curve.name))


def _curve(name: str, rows: list[tuple[str, int, float]]) -> Curve:
    pick = max if higher_is_better(name) else min
    _, best_step, best_value = pick(rows, key=lambda row: row[2])
    return Curve(name, [row[1] for row in rows], [row[2] for row in rows], best_step, best_value)


@dataclass(frozen=True)
class Usage:
    """One instance metric over time, in per cent."""

    name: str
    times: list[datetime]
    values: list[float]


def usage(job: TrainingJob) -> list[Usage]:
    """CPU, memory and disk use of the job's first instance."""
    points = UsagePoint.objects.filter(job=job).order_by("name", "at").values_list("name", "at", "value")
    found: list[Usage] = []
    for name, group in groupby(points, key=lambda row: row[0]):
        rows = list(group)
        found.append(Usage(name, [row[1] for row in rows], [row[2] for row in rows]))
    return found


@dataclass(frozen=True)
class Progress:
    """How many rounds of how many are done, and about how many seconds the rest will take."""

    done: int
    total: int
    seconds_left: float | None


def progress(job: TrainingJob) -> Progress | None:
    """How far a job is or came, where its algorithm says how many rounds it will do and logs them."""
    algorithm = ALGORITHMS.get(job.algorithm)
    total = job.hyperparameters.get(algorithm.progress, "") if algorithm else ""
    if not total.isdigit() or not int(total):
        return None
    points = MetricPoint.objects.filter(job=job)
    first, last = points.order_by("step").first(), points.order_by("-step").first()
    if first is None or last is None:
        return Progress(0, int(total), None)
    took = (last.at - first.at).total_seconds()
    rounds = last.step - first.step
    left = took / rounds * (int(total) - last.step - 1) if rounds else None
    return Progress(last.step + 1, int(total), left)


@dataclass(frozen=True)
class HyperparameterRow:
    """One hyperparameter as the job has it."""

    name: str
    value: str
    default: str
    changed: bool


def hyperparameter_rows(job: TrainingJob) -> list[HyperparameterRow]:
    """What was given, then the algorithm's defaults of what was not."""
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
    return given + rest


def due() -> Iterator[tuple[str, int]]:
    """The tasks whose time has come, as task names and rows."""
    requested = Q(status=TrainingJobStatus.REQUESTED)
    for task, column, which in (
        ("submit", "next_poll_at", requested),
        ("refresh", "next_poll_at", ~requested),
        ("collect_logs", "logs_due_at", Q()),
        ("collect_usage", "usage_due_at", Q()),
    ):
        rows = TrainingJob.objects.due(column).filter(which).order_by(column)
        for pk in rows.values_list("pk", flat=True)[:SWEEP_LIMIT]:
            yield f"apps.training.tasks.{task}", pk
