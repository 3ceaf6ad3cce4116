"""A workspace, a person and jobs in the database."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.training.models import TrainingJob
from apps.training.spec import Channel, LaunchSpec


@pytest.fixture
def workspace(db: None) -> Workspace:
    """A workspace whose endpoint nobody answers at."""
    return Workspace.objects.create(
        slug="there", name="there", region="us-east-1", endpoint_url="http://127.0.0.1:9", account_id="123456789012"
    )


@pytest.fixture
def alice(db: None) -> User:
    """A person."""
    return User.objects.create_user("alice", first_name="Alice", last_name="Archer")


@pytest.fixture
def spec() -> LaunchSpec:
    """A request that the form would let through."""
    return LaunchSpec(
        algorithm="xgboost",
        hyperparameters={"num_round": "10", "objective": "binary:logistic", "eval_metric": "auc"},
        channels={"train": Channel("s3://bucket/train.csv", "text/csv")},
        instance_type="ml.m5.xlarge",
        instance_count=1,
        max_runtime_seconds=3600,
    )


@pytest.fixture
def make_job(workspace: Workspace) -> Callable[..., TrainingJob]:
    """Makes rows, each with a name of its own unless given."""
    count = 0

    def make(**columns: Any) -> TrainingJob:
        nonlocal count
        count += 1
        defaults = {"workspace": workspace, "name": f"job-{count}", "algorithm": "xgboost"}
        return TrainingJob.objects.create(**{**defaults, **columns})

    return make
