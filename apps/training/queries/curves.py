"""A job's metrics by round, its use of the machine, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django.db import connection
from django.db.models import QuerySet

from apps.training.catalogue import ALGORITHMS, higher_is_better
from apps.training.models import MetricPoint, TrainingJob, UsagePoint

# What a chart can show; of a longer curve each stretch keeps its lowest and its highest point.
CHART_POINTS = 800
# The lowest and the highest point of each of `parts` stretches that are `width` rounds long: two short walks along
# an index a stretch, and no more than two rows of it leave the database.
EXTREMES = """
WITH RECURSIVE part(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM part WHERE n + 1 < %(parts)s)
SELECT step, value, at FROM training_metricpoint WHERE id IN (
  SELECT (SELECT id FROM training_metricpoint WHERE job_id = %(job)s AND name = %(name)s
    AND step BETWEEN %(first)s + n * %(width)s AND %(first)s + (n + 1) * %(width)s - 1 ORDER BY value, step
    LIMIT 1) FROM part
  UNION ALL
  SELECT (SELECT id FROM training_metricpoint WHERE job_id = %(job)s AND name = %(name)s
    AND step BETWEEN %(first)s + n * %(width)s AND %(first)s + (n + 1) * %(width)s - 1 ORDER BY value DESC, step
    LIMIT 1) FROM part)
"""

USAGE_POINTS = 120

Point = tuple[int, float, datetime]


@dataclass(frozen=True)
class Curve:
    """One metric by round, with the seconds since the job's start, and where it was best."""

    name: str
    steps: list[int]
    values: list[float]
    seconds: list[float]
    higher_is_better: bool
    best_step: int
    best_value: float


def curves(job: TrainingJob) -> list[Curve]:
    """The metrics found in the job's log with all their points, the objective metric first."""
    points = _points(job).order_by("name", "step").values_list("name", "step", "value", "at")
    found = [_curve(job, name, [row[1:] for row in rows]) for name, rows in groupby(points, key=lambda row: row[0])]
    return _objective_first(job, found)


def chart_curves(job: TrainingJob, start: int = 0, end: int | None = None, budget: int = CHART_POINTS) -> list[Curve]:
    """The same for a chart: from round `start` to `end`, each of about `budget` points with all extremes kept."""
    names = _points(job).order_by("name").values_list("name", flat=True).distinct()
    found = ((name, _thinned(_points(job).filter(name=name), job, name, start, end, budget)) for name in names)
    return _objective_first(job, [_curve(job, name, rows) for name, rows in found if rows])


def _points(job: TrainingJob) -> QuerySet[MetricPoint]:
    return MetricPoint.objects.filter(job=job)


def _objective_first(job: TrainingJob, found: list[Curve]) -> list[Curve]:
    return sorted(found, key=lambda curve: (curve.name != job.objective_metric, curve.name))


def _curve(job: TrainingJob, name: str, rows: Sequence[Point]) -> Curve:
    higher = higher_is_better(name)
    best_step, best_value, _ = (max if higher else min)(rows, key=lambda row: row[1])
    began = job.started_at or rows[0][2]
    seconds = [round((row[2] - began).total_seconds(), 1) for row in rows]
    return Curve(name, [row[0] for row in rows], [row[1] for row in rows], seconds, higher, best_step, best_value)


def _thinned(
    points: QuerySet[MetricPoint], job: TrainingJob, name: str, start: int, end: int | None, budget: int
) -> list[Point]:
    within = points.filter(step__gte=start) if end is None else points.filter(step__range=(start, end))
    rows = within.order_by("step").values_list("step", "value", "at")
    if not rows[budget : budget + 1].exists():
        return list(rows)
    first, last = rows[0], rows.reverse()[0]
    parts = budget // 2
    width = (last[0] - first[0]) // parts + 1
    where: dict[str, int | str] = {"job": job.pk, "name": name, "first": first[0], "width": width, "parts": parts}
    with connection.cursor() as cursor:
        cursor.execute(EXTREMES, where)
        return sorted({first, last} | {(step, value, _moment(at)) for step, value, at in cursor.fetchall()})


def _moment(at: datetime) -> datetime:
    """A moment as the database gives it: SQLite's is in UTC and does not say so."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Usage:
    """One instance metric over time, in per cent."""

    name: str
    times: list[datetime]
    values: list[float]

    @property
    def most(self) -> float:
        """The highest value."""
        return max(self.values)

    @property
    def points(self) -> str:
        """The values from 0 to 100 % as points of an SVG line, 100 wide and 30 high; means where there are many."""
        size = len(self.values) // USAGE_POINTS + 1
        parts = [self.values[start : start + size] for start in range(0, len(self.values), size)]
        means = [sum(part) / len(part) for part in parts]
        means = means * 2 if len(means) == 1 else means
        scale, width = 28 / max(100.0, *means), 100 / (len(means) - 1)
        return " ".join(f"{place * width:.1f},{29 - mean * scale:.1f}" for place, mean in enumerate(means))


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
    points = MetricPoint.objects.filter(job=job, name=job.objective_metric or next(iter(job.best_metrics), ""))
    first, last = points.order_by("step").first(), points.order_by("-step").first()
    if first is None or last is None:
        return Progress(0, int(total), None)
    took = (last.at - first.at).total_seconds()
    rounds = last.step - first.step
    left = took / rounds * (int(total) - last.step - 1) if rounds else None
    return Progress(last.step + 1, int(total), left)
