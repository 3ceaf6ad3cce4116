"""What the worker must look at."""

from collections.abc import Iterator

from django.db.models import Q

from apps.aws.models import Workspace
from apps.core import clock
from apps.training.models import TrainingJob
from apps.training.states import TrainingJobStatus

# A sweep hands out at most so many rows of a kind; the rest is found by the next one, a second later.
SWEEP_LIMIT = 200


def due() -> Iterator[tuple[str, int]]:
    """The tasks whose time has come, as task names and rows; none of a workspace that does not answer now."""
    now = clock.now()
    present = Q(away_until=None) | Q(away_until__lte=now)
    for pk in Workspace.objects.filter(present, discover_due_at__lte=now).values_list("pk", flat=True):
        yield "apps.training.tasks.discover", pk
    away = Workspace.objects.exclude(present).values("pk")
    requested = Q(status=TrainingJobStatus.REQUESTED)
    for task, column, which in (
        ("submit", "next_poll_at", requested),
        ("refresh", "next_poll_at", ~requested),
        ("collect_logs", "logs_due_at", Q()),
        ("collect_usage", "usage_due_at", Q()),
        ("tell", "tell_due_at", Q()),
    ):
        rows = TrainingJob.objects.due(column).filter(which).exclude(workspace__in=away).order_by(column)
        for pk in rows.values_list("pk", flat=True)[:SWEEP_LIMIT]:
            yield f"apps.training.tasks.{task}", pk
