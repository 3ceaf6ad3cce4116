"""What the history is filtered and sorted by, kept beside the job: its hyperparameters, metrics and tags."""

from collections.abc import Mapping
from math import isfinite

from apps.training.models import JobFact, TrainingJob


def keep(job: TrainingJob, kind: str, values: Mapping[str, object]) -> None:
    """Write the values under "<kind>.<name>", over what was there; call it in the transaction that changes the job."""
    rows = [
        JobFact(
            workspace_id=job.workspace_id,
            job=job,
            key=f"{kind}.{name}",
            text=str(value)[:256],
            number=_number(value),
        )
        for name, value in values.items()
    ]
    if rows:
        JobFact.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["job", "key"], update_fields=["text", "number"]
        )


def replace(job: TrainingJob, kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """As `keep`, and what was there before and no longer is goes."""
    gone = [f"{kind}.{name}" for name in before.keys() - after.keys()]
    JobFact.objects.filter(job=job, key__in=gone).delete()
    keep(job, kind, after)


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None
