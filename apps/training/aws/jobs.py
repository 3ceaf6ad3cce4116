"""Training jobs themselves: create, describe, stop, list, tags."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apps.aws import clients
from apps.aws.account import ensure_bucket, execution_role
from apps.aws.errors import Missing, NameInUse, translated
from apps.aws.images import training_image
from apps.aws.models import Workspace
from apps.training.catalogue import ALGORITHMS
from apps.training.models import TrainingJob

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ChannelTypeDef, DescribeTrainingJobResponseTypeDef, TagTypeDef

# How a job is known as ours, and whose it is, since DescribeTrainingJob has no owner.
LAUNCH_TAG = "mlconsole:launch"
OWNER_TAG = "mlconsole:owner"
VOLUME_GB = 30


def create(job: TrainingJob) -> str:
    """Start the job in SageMaker and answer its ARN.

    When an earlier try of the same launch got through, that one is answered; another's job of the name is NameInUse.
    """
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


def create_request(job: TrainingJob) -> dict[str, Any]:
    """The members of CreateTrainingJob for a row."""
    workspace, algorithm = job.workspace, ALGORITHMS[job.algorithm]
    bucket = ensure_bucket(workspace)
    marks = {**job.tags, LAUNCH_TAG: job.launch_id, OWNER_TAG: job.owner.username if job.owner else ""}
    return {
        "TrainingJobName": job.name,
        "AlgorithmSpecification": {
            "TrainingImage": training_image(workspace, algorithm.image, algorithm.image_version),
            "TrainingInputMode": "File",
        },
        "RoleArn": execution_role(workspace),
        "HyperParameters": job.hyperparameters,
        "InputDataConfig": [_channel(name, channel) for name, channel in job.channels.items()],
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/training-jobs"},
        "ResourceConfig": {
            "InstanceType": job.instance_type,
            "InstanceCount": job.instance_count,
            "VolumeSizeInGB": VOLUME_GB,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": job.max_runtime_seconds},
        "Tags": [{"Key": key, "Value": value} for key, value in marks.items() if value],
    }


def _channel(name: str, channel: dict[str, str]) -> "ChannelTypeDef":
    return {
        "ChannelName": name,
        "ContentType": channel["content_type"],
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": channel["s3_uri"],
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }


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
