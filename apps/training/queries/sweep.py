"""What the worker must look at."""

from collections.abc import Iterator

from django.db.models import Q

from apps.training.models import TrainingJob
from apps.training.states import TrainingJobStatus

# A sweep hands out at most so many rows of a kind; the rest is found by the next one, a second later.
SWEEP_LIMIT = 200


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
