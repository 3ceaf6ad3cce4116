"""The small curve of a job in a row of the history: some values of its objective metric, evenly spread."""

from apps.training.models import MetricPoint, TrainingJob

# So many values are drawn.
POINTS = 24


def spark(job: TrainingJob) -> list[float]:
    """The first value of each of so many stretches of rounds, and the last: a step along the index for each."""
    points = MetricPoint.objects.filter(job=job, name=job.objective_metric).order_by("step")
    first, last = points.first(), points.last()
    if first is None or last is None:
        return []
    stretch = max((last.step - first.step) / POINTS, 1)
    found: dict[int, float] = {}
    edge = float(first.step)
    while edge < last.step:
        at = points.filter(step__gte=edge).values_list("step", "value").first()
        if at is None:
            break
        found[at[0]] = at[1]
        edge = max(edge, at[0]) + stretch
    return [*found.values(), last.value]
