"""A training job as the API tells it."""

from datetime import datetime
from typing import Any

from ninja import Schema

from apps.training.models import TrainingJob


class JobOut(Schema):
    """One training job."""

    name: str
    status: str
    secondary_status: str
    algorithm: str
    owner: str | None
    dataset: str | None
    dataset_version: int | None
    hyperparameters: dict[str, Any]
    channels: dict[str, Any]
    instance_type: str
    instance_count: int
    max_runtime_seconds: int
    tags: dict[str, str]
    note: str
    archived_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    billable_seconds: int | None
    cost_usd: float | None
    objective_metric: str
    metrics: dict[str, float]
    model_s3_uri: str | None
    failure_reason: str | None

    @staticmethod
    def resolve_owner(job: TrainingJob) -> str | None:
        """The user name of who launched it."""
        return job.owner.username if job.owner else None

    @staticmethod
    def resolve_dataset(job: TrainingJob) -> str | None:
        """The name of its data set."""
        return job.dataset.name if job.dataset else None

    @staticmethod
    def resolve_dataset_version(job: TrainingJob) -> int | None:
        """The number of the version that it trains on."""
        return job.dataset_version.number if job.dataset_version else None

    @staticmethod
    def resolve_cost_usd(job: TrainingJob) -> float | None:
        """On-demand price of what it has used."""
        return None if job.cost is None else float(job.cost)

    @staticmethod
    def resolve_metrics(job: TrainingJob) -> dict[str, float]:
        """The best value of each metric."""
        return {name: best["value"] for name, best in job.best_metrics.items()}

    @staticmethod
    def resolve_model_s3_uri(job: TrainingJob) -> str | None:
        """Where its model.tar.gz is; null while there is none."""
        return job.model_s3_uri or None

    @staticmethod
    def resolve_failure_reason(job: TrainingJob) -> str | None:
        """Why it failed; null when it did not."""
        return job.failure_reason or None
