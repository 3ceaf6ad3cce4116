"""Log lines and the metric values in them, fetched from CloudWatch Logs: claim, read on, apply.

Lines and values are written in the transaction that moves the cursor, so that none is lost or doubled by a crash.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.aws.errors import AwsFailure
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.core.queue import enqueue_on_commit
from apps.training import loglevels
from apps.training.aws import logs as aws
from apps.training.catalogue import higher_is_better
from apps.training.metrics import MetricFinder, Value
from apps.training.models import LogChunk, LogStream, MetricPoint, TrainingJob
from apps.training.services import facts
from apps.training.services.pace import LEASE, again_in, backoff, log_interval
from apps.training.services.sparks import spark

log = logging.getLogger(__name__)

COLLECT = "apps.training.tasks.collect_logs"
# CloudWatch takes events late: go on reading for a while after the job has ended.
AFTERMATH = timedelta(seconds=60)
AFTERMATH_INTERVAL = timedelta(seconds=10)
# Pages of at most 10,000 events a call, before other jobs get their turn.
PAGES_A_TURN = 20
# A range of lines is read by whole chunks.
CHUNK_LINES = 1000


def collect_logs(pk: int) -> None:
    """Fetch what a job has logged since the last time. Safe to call any number of times."""
    job = TrainingJob.objects.claim(pk, "logs_due_at", LEASE)
    if job is None:
        return
    try:
        before = _count(job)
        wait = timedelta(0) if _read_streams(job) else _next_look(job, _count(job) > before)
    except AwsFailure:
        wait = backoff(job, job.attempts + 2)
    TrainingJob.objects.filter(pk=pk).update(logs_due_at=None if wait is None else clock.now() + wait)
    if wait is not None:
        again_in(COLLECT, job, wait)


def read_to_end(job: TrainingJob) -> None:
    """Read what there is now, claimed or not; what cannot be read just now is left to `collect_logs`."""
    if job.logs_due_at is None:
        return
    try:
        _read_streams(job)
    except AwsFailure as error:
        log.info("the log of %s is read later: %s", job.name, error.message)


def fill_in(job: TrainingJob, final: dict[str, float]) -> None:
    """Take SageMaker's own final values for the metrics of which the log gave none."""
    if not final:
        return
    with transaction.atomic():
        row = TrainingJob.objects.select_for_update().get(pk=job.pk)
        row.best_metrics = {name: {"value": value, "step": None} for name, value in final.items()} | row.best_metrics
        _save_best(row)


def want_log(job: TrainingJob) -> None:
    """Somebody looks at a job that was found long after its end: fetch its log and use now."""
    now = clock.now()
    old = TrainingJob.objects.filter(pk=job.pk, log_lines=0, logs_due_at=None).exclude(ended_at=None).exclude(arn="")
    if old.update(logs_due_at=now, usage_due_at=now):
        for task in ("collect_logs", "collect_usage"):
            enqueue_on_commit(f"apps.training.tasks.{task}", job.pk)


def _save_best(row: TrainingJob) -> None:
    row.save(update_fields=["log_lines", "log_levels", "best_metrics", "spark"])
    facts.keep(row, "metrics", {name: best["value"] for name, best in row.best_metrics.items()})


def _count(job: TrainingJob) -> int:
    """How many lines there are in the database now; the job may have been deleted meanwhile."""
    return TrainingJob.objects.filter(pk=job.pk).values_list("log_lines", flat=True).first() or 0


def _read_streams(job: TrainingJob) -> bool:
    """Read every stream on; True when one has more than a turn's worth."""
    more = [_read_on(job, name) for name in _streams(job)]
    return any(more)


def _streams(job: TrainingJob) -> list[str]:
    """Its streams; not asked for again, until it has ended, once there is one for each instance."""
    known = sorted(job.log_streams.values_list("name", flat=True))
    complete = len(known) >= job.instance_count and not job.is_terminal
    return known if complete else aws.log_streams(job.workspace, job.name)


def _next_look(job: TrainingJob, grew: bool) -> timedelta | None:
    """How long until one reads on; None once the job is over and CloudWatch has had time to take its last lines."""
    if not job.is_terminal:
        return log_interval(job, grew)
    ended = job.ended_at or job.created_at
    return AFTERMATH_INTERVAL if clock.now() - ended < AFTERMATH else None


def _read_on(job: TrainingJob, name: str) -> bool:
    """Read one stream to its present end; True when there is more than one turn's worth."""
    stream, _ = LogStream.objects.get_or_create(job=job, name=name)
    for _ in range(PAGES_A_TURN):
        page = aws.log_page(job.workspace, stream.name, stream.token)
        if not page.events or page.token == stream.token:
            return False
        if not _store(job, stream, page):
            return False
        stream.token = page.token
    return True


def _store(job: TrainingJob, stream: LogStream, page: aws.LogPage) -> bool:
    """Write one page; False when another worker was here first (its claim had run out)."""
    with transaction.atomic():
        if not LogStream.objects.filter(pk=stream.pk, token=stream.token).update(token=page.token):
            return False
        row = TrainingJob.objects.select_for_update().get(pk=job.pk)
        _store_lines(row, stream, page.events)
        values = _store_values(row, page)
        row.best_metrics = _with_better(row.best_metrics, values)
        if any(value.name == row.objective_metric for value in values):
            row.spark = spark(row)
        _save_best(row)
        publish_on_commit(row.workspace_id, f"{row.topic}-log")
    return True


def _store_lines(row: TrainingJob, stream: LogStream, events: list[tuple[int, str]]) -> None:
    """Write the lines in chunks of a size that is quickly read, and count their levels."""
    chunks = []
    for start in range(0, len(events), CHUNK_LINES):
        lines = events[start : start + CHUNK_LINES]
        first, last = row.log_lines + 1, row.log_lines + len(lines)
        flags = loglevels.flagged(lines, first)
        chunks.append(LogChunk(job=row, stream=stream, first_line=first, last_line=last, lines=lines, flagged=flags))
        row.log_lines, row.log_levels = last, loglevels.added(row.log_levels, flags)
    LogChunk.objects.bulk_create(chunks)


def _store_values(job: TrainingJob, page: aws.LogPage) -> list[Value]:
    """Write the metric values of these lines; the first instance to report a round is the one that counts."""
    values = MetricFinder(job.metric_definitions, _last_steps(job)).values(page.events)
    MetricPoint.objects.bulk_create(
        (
            MetricPoint(
                job=job,
                name=value.name,
                step=value.step,
                value=value.value,
                at=datetime.fromtimestamp(value.milliseconds / 1000, UTC),
            )
            for value in values
        ),
        ignore_conflicts=True,
    )
    return values


def _last_steps(job: TrainingJob) -> dict[str, int]:
    """The last round of each metric that has a value already."""
    rows = MetricPoint.objects.filter(job=job).order_by().values_list("name").annotate(last=Max("step"))
    return dict(rows)


def _with_better(best: dict[str, Any], values: Iterable[Value]) -> dict[str, Any]:
    """The best value of each metric and its round, these values included."""
    merged = dict(best)
    for value in values:
        known = merged.get(value.name)
        better = (
            known is None
            or known["step"] is None
            or (value.value > known["value"] if higher_is_better(value.name) else value.value < known["value"])
        )
        if better:
            merged[value.name] = {"value": value.value, "step": value.step}
    return merged
