"""What SageMaker says of a job, taken over into its row: claim, describe, apply."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from apps.accounts.models import User
from apps.aws.errors import Missing, Passing, Rejected
from apps.aws.images import repository
from apps.aws.prices import price_per_hour
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.training.aws import artifacts
from apps.training.aws import jobs as aws
from apps.training.catalogue import ALGORITHMS, algorithm_of_repository
from apps.training.models import TrainingJob
from apps.training.services import facts as kept
from apps.training.services.retrying import put_off
from apps.training.states import TERMINAL, TrainingJobStatus

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DescribeTrainingJobResponseTypeDef

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
# How often to look: always at the local region, which is this machine; often at young jobs on AWS, seldom at old ones.
LOCAL_INTERVAL = timedelta(seconds=1)
YOUNG_INTERVAL = timedelta(seconds=5)
OLD_INTERVAL = timedelta(seconds=20)
YOUNG = timedelta(minutes=10)
GONE = "SageMaker no longer knows this training job: it was deleted there."


def refresh(pk: int) -> None:
    """Bring one job's row up to date, and pass on a wish to stop. Safe to call any number of times."""
    job = TrainingJob.objects.exclude(arn="").claim(pk, "next_poll_at", LEASE)
    if job is None:
        return
    try:
        if job.stop_requested_at and job.status == TrainingJobStatus.IN_PROGRESS:
            _stop(job)
        answer = aws.describe(job.workspace, job.name)
        status = TrainingJobStatus(answer["TrainingJobStatus"])
        changes = facts(answer) | (_first_facts(job, answer) if not job.image_uri else {})
        if status == TrainingJobStatus.COMPLETED and job.model_size is None:
            changes["model_size"] = artifacts.object_size(job.workspace, changes["model_s3_uri"])
    except Passing as error:
        put_off(job, error)
    except Missing:
        _apply(job, TrainingJobStatus.FAILED, {"failure_reason": GONE, "ended_at": clock.now()})
    except Rejected as error:
        log.warning("%s cannot be described: %s", job.name, error.message)
        put_off(job, Passing(error.message))
    else:
        _apply(job, status, changes)


def _stop(job: TrainingJob) -> None:
    """Ask SageMaker; that the job ended in the meantime is told by the description that follows."""
    try:
        aws.stop(job.workspace, job.name)
    except Missing:
        raise
    except Rejected as error:
        log.info("%s was not stopped: %s", job.name, error.message)


def _apply(job: TrainingJob, status: TrainingJobStatus, changes: dict[str, Any]) -> None:
    """Write what was found, unless a later status is there already, and tell the open pages what they show of it."""
    changed = status != job.status or any(getattr(job, name) != value for name, value in changes.items())
    due = None if status in TERMINAL else clock.now() + interval(job)
    with transaction.atomic():
        TrainingJob.objects.move(job.pk, status, next_poll_at=due, attempts=0, trouble="", **changes)
        for kind in ("hyperparameters", "tags"):
            kept.keep(job, kind, changes.get(kind, {}))
    if changed or job.trouble:
        publish_on_commit(job.workspace_id, job.topic, "jobs")


def interval(job: TrainingJob) -> timedelta:
    """How long until the next look at a job that goes on."""
    if job.workspace.is_local:
        return LOCAL_INTERVAL
    return YOUNG_INTERVAL if clock.now() - job.created_at < YOUNG else OLD_INTERVAL


def facts(answer: "DescribeTrainingJobResponseTypeDef") -> dict[str, Any]:
    """The columns that change while a job goes on. AWS leaves out what is not known yet."""
    return {
        "secondary_status": answer["SecondaryStatus"],
        "transitions": [
            {
                "status": entry["Status"],
                "started_at": entry["StartTime"].isoformat(),
                "ended_at": _iso(entry.get("EndTime")),
                "message": entry.get("StatusMessage", ""),
            }
            for entry in answer.get("SecondaryStatusTransitions", ())
        ],
        "started_at": answer.get("TrainingStartTime"),
        "ended_at": answer.get("TrainingEndTime"),
        "billable_seconds": answer.get("BillableTimeInSeconds"),
        "failure_reason": answer.get("FailureReason", ""),
        "model_s3_uri": answer.get("ModelArtifacts", {}).get("S3ModelArtifacts", ""),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _first_facts(job: TrainingJob, answer: "DescribeTrainingJobResponseTypeDef") -> dict[str, Any]:
    """The columns that never change, learnt at the first look; most matter for jobs that were not launched here."""
    specification, resources = answer["AlgorithmSpecification"], answer["ResourceConfig"]
    image = specification.get("TrainingImage", "")
    found: dict[str, Any] = {
        "image_uri": image or specification.get("AlgorithmName", "-"),
        "arn": answer["TrainingJobArn"],
    }
    if definitions := specification.get("MetricDefinitions"):
        found["metric_definitions"] = {entry["Name"]: entry["Regex"] for entry in definitions}
    if job.algorithm:
        return found
    name = algorithm_of_repository(repository(image))
    channels = {channel["ChannelName"]: channel for channel in answer.get("InputDataConfig", ())}
    hyperparameters = answer.get("HyperParameters", {})
    marks = aws.tags(job.workspace, answer["TrainingJobArn"])
    return found | {
        "algorithm": name or specification.get("AlgorithmName", ""),
        "hyperparameters": hyperparameters,
        "channels": {
            channel: {
                "s3_uri": entry["DataSource"].get("S3DataSource", {}).get("S3Uri", ""),
                "content_type": entry.get("ContentType", ""),
            }
            for channel, entry in channels.items()
        },
        "instance_type": resources.get("InstanceType", ""),
        "instance_count": resources.get("InstanceCount", 1),
        "max_runtime_seconds": answer["StoppingCondition"].get("MaxRuntimeInSeconds", 86400),
        "price_per_hour": price_per_hour(resources.get("InstanceType", "")),
        "tags": {key: value for key, value in marks.items() if not key.startswith("mlconsole:")},
        "owner_id": User.objects.filter(username=marks.get(aws.OWNER_TAG, "")).values_list("pk", flat=True).first(),
        "objective_metric": ALGORITHMS[name].objective_metric(hyperparameters, "validation" in channels)
        if name in ALGORITHMS
        else "",
    }
