"""A job's metrics by round, its use of the machine, and how far it is."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from apps.training.catalogue import ALGORITHMS, higher_is_better
from apps.training.models import MetricPoint, TrainingJob, UsagePoint


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
    points = MetricPoint.objects.filter(job=job, name=job.objective_metric or next(iter(job.best_metrics), ""))
    first, last = points.order_by("step").first(), points.order_by("-step").first()
    if first is None or last is None:
        return Progress(0, int(total), None)
    took = (last.at - first.at).total_seconds()
    rounds = last.step - first.step
    left = took / rounds * (int(total) - last.step - 1) if rounds else None
    return Progress(last.step + 1, int(total), left)
