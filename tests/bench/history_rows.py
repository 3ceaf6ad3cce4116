"""100,000 training jobs with 10 hyperparameters, 5 metrics and 5 tags each: drawn as the peer's runs are."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.training.models import JobFact, TrainingJob

JOBS = 100_000
BATCH = 2000
SINCE = datetime(2025, 10, 9, tzinfo=UTC)
ALGORITHMS = ("xgboost", "sklearn", "pytorch", "huggingface", "tensorflow", "blazingtext", "linear", "knn")
INSTANCES = ("ml.m5.large", "ml.m5.xlarge", "ml.g5.xlarge", "ml.p4d.24xlarge", "ml.c5.2xlarge")
TOPICS = ("churn", "fraud", "ctr", "ltv", "nlp")
STATUSES = {"Completed": 85, "Failed": 10, "Stopped": 4, "InProgress": 1}


def load() -> Workspace:
    """The workspace with the jobs; they are made at the first call."""
    workspace, _ = Workspace.objects.get_or_create(
        slug="bench", defaults={"name": "bench", "region": "us-east-1", "endpoint_url": "http://127.0.0.1:9"}
    )
    if TrainingJob.objects.filter(workspace=workspace).count() != JOBS:
        TrainingJob.objects.filter(workspace=workspace).delete()
        _fill(workspace)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    return workspace


def _fill(workspace: Workspace) -> None:
    chance = random.Random(7)  # noqa: S311 - nothing secret
    owners = [User.objects.get_or_create(username=f"user{number}")[0] for number in range(50)]
    rows = (_job(chance, workspace, owners[number % 50], number) for number in range(JOBS))
    while batch := list(islice(rows, BATCH)):
        TrainingJob.objects.bulk_create(job for job, _ in batch)
        JobFact.objects.bulk_create(
            JobFact(workspace=workspace, job=job, key=key, text=str(value), number=_number(value))
            for job, facts in batch
            for key, value in facts.items()
        )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _job(chance: random.Random, workspace: Workspace, owner: User, number: int) -> tuple[TrainingJob, dict[str, Any]]:
    """A job, and its facts by their keys."""
    algorithm, status = chance.choice(ALGORITHMS), chance.choices(list(STATUSES), list(STATUSES.values()))[0]
    created = SINCE + timedelta(minutes=number, seconds=chance.randrange(30))
    seconds, ended = chance.randrange(60, 7200), status != "InProgress"
    parts = {
        "hyperparameters": _hyperparameters(chance, algorithm, number),
        "metrics": {name: chance.random() for name in ("auc", "logloss", "train_loss", "accuracy")}
        | {"duration_s": float(seconds)},
        "tags": {
            "team": f"team-{chance.randrange(40)}",
            "stage": chance.choice(("dev", "stage", "prod")),
            "cost_center": f"cc{number % 97}",
            "user": owner.username,
            "run": str(number),
        },
    }
    job = TrainingJob(
        workspace=workspace,
        name=f"{algorithm}-train-{number:07d}-{chance.choice(TOPICS)}",
        owner=owner,
        algorithm=algorithm,
        status=status,
        hyperparameters={name: str(value) for name, value in parts["hyperparameters"].items()},
        tags=parts["tags"],
        instance_type=chance.choice(INSTANCES),
        price_per_hour="0.23",
        created_at=created,
        started_at=created,
        ended_at=created + timedelta(seconds=seconds) if ended else None,
        billable_seconds=seconds if ended else None,
        failure_reason="ClientError: the label column is missing" if status == "Failed" else "",
        objective_metric="auc",
        best_metrics={name: {"value": value, "step": 10} for name, value in parts["metrics"].items()},
        spark=[round(chance.random(), 3) for _ in range(24)],
        next_poll_at=None,
    )
    return job, {f"{kind}.{name}": value for kind, values in parts.items() for name, value in values.items()}


def _hyperparameters(chance: random.Random, algorithm: str, number: int) -> dict[str, Any]:
    return {
        "algorithm": algorithm,
        "instance_type": chance.choice(INSTANCES),
        "max_depth": chance.randrange(3, 12),
        "eta": round(chance.random(), 3),
        "subsample": round(chance.random(), 2),
        "num_round": chance.choice((50, 100, 200, 500)),
        "objective": "binary:logistic",
        "batch_size": chance.choice((32, 64, 128)),
        "seed": chance.randrange(1000),
        "image": f"{algorithm}:1.{number % 9}",
    }
