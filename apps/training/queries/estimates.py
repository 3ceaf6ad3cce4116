"""How long a training job is likely to take: as earlier ones did."""

from dataclasses import dataclass
from statistics import median

from apps.training.models import TrainingJob
from apps.training.states import TrainingJobStatus

LOOKED_AT = 51


@dataclass(frozen=True)
class Estimate:
    """The median duration of so many earlier jobs, in seconds."""

    seconds: float
    jobs: int


def estimate(job: TrainingJob) -> Estimate | None:
    """From the workspace's latest completed jobs of its algorithm on its data; None when there is none."""
    earlier = TrainingJob.objects.filter(
        workspace=job.workspace,
        algorithm=job.algorithm,
        dataset=job.dataset,
        status=TrainingJobStatus.COMPLETED,
        started_at__isnull=False,
        ended_at__isnull=False,
    ).order_by("-created_at", "-id")
    if job.dataset is None:
        earlier = earlier.filter(channels=job.channels)
    spans = earlier.values_list("started_at", "ended_at")[:LOOKED_AT]
    took = [(ended - started).total_seconds() for started, ended in spans if started and ended]
    return Estimate(median(took), len(took)) if took else None
