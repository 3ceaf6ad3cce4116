"""Training jobs themselves: create, describe, stop, list, tags."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from apps.aws import clients
from apps.aws.account import ensure_bucket
from apps.aws.errors import Missing, NameInUse, translated
from apps.aws.models import Workspace
from apps.training.aws.requests import LAUNCH_TAG, create_request
from apps.training.models import TrainingJob

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DescribeTrainingJobResponseTypeDef, TagTypeDef


def create(job: TrainingJob) -> str:
    """Start the job in SageMaker and answer its ARN.

    When an earlier try of the same launch got through, that one is answered; another's job of the name is NameInUse.
    """
    ensure_bucket(job.workspace)
    request = create_request(job)
    try:
        with translated():
            return clients.sagemaker(job.workspace).create_training_job(**request)["TrainingJobArn"]
    except NameInUse:
        arn = created_already(job)
        if arn is None:
            raise
        return arn


def created_already(job: TrainingJob) -> str | None:
    """The ARN of the job that an earlier try of this launch made; None when there is none, or it is another's."""
    try:
        arn = describe(job.workspace, job.name)["TrainingJobArn"]
    except Missing:
        return None
    return arn if tags(job.workspace, arn).get(LAUNCH_TAG) == job.launch_id else None


def describe(workspace: Workspace, name: str) -> "DescribeTrainingJobResponseTypeDef":
    """SageMaker's description of a job; raises Missing."""
    with translated():
        return clients.sagemaker(workspace).describe_training_job(TrainingJobName=name)


def stop(workspace: Workspace, name: str) -> None:
    """Ask SageMaker to stop it; one that has ended already is Rejected."""
    with translated():
        clients.sagemaker(workspace).stop_training_job(TrainingJobName=name)


def delete(workspace: Workspace, name: str) -> None:
    """Delete an ended job in SageMaker; raises Missing when it is not there (any more)."""
    with translated():
        clients.sagemaker(workspace).delete_training_job(TrainingJobName=name)


def change_tags(workspace: Workspace, arn: str, *, removed: Sequence[str], added: Mapping[str, str]) -> None:
    """Take some tags from a resource and set others; both may be repeated."""
    with translated():
        if removed:
            clients.sagemaker(workspace).delete_tags(ResourceArn=arn, TagKeys=removed)
        if added:
            entries: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in added.items()]
            clients.sagemaker(workspace).add_tags(ResourceArn=arn, Tags=entries)


def tags(workspace: Workspace, arn: str) -> dict[str, str]:
    """The tags of a resource."""
    with translated():
        pages = clients.sagemaker(workspace).get_paginator("list_tags").paginate(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def created_since(workspace: Workspace, moment: datetime | None) -> Iterator[tuple[str, datetime]]:
    """Names and creation times of the account's training jobs, the oldest first; all of them without a moment."""
    since = {"CreationTimeAfter": moment} if moment else {}
    with translated():
        pages = clients.sagemaker(workspace).get_paginator("list_training_jobs")
        for page in pages.paginate(SortBy="CreationTime", SortOrder="Ascending", **since):  # type: ignore[arg-type]
            for job in page["TrainingJobSummaries"]:
                yield job["TrainingJobName"], job["CreationTime"]
