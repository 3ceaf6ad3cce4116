"""From SageMaker's description of a job to the columns of its row."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apps.accounts.models import User
from apps.aws.errors import AwsFailure, Passing, printable
from apps.aws.images import repository
from apps.aws.prices import price_per_hour
from apps.training.aws import jobs as aws
from apps.training.aws.requests import OWNER_TAG
from apps.training.catalogue import ALGORITHMS, algorithm_of_repository
from apps.training.models import TrainingJob
from apps.training.states import TrainingJobStatus

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DescribeTrainingJobResponseTypeDef


def status(answer: "DescribeTrainingJobResponseTypeDef") -> TrainingJobStatus:
    """SageMaker's status; raises Passing for one that the console does not know, such as the short "Deleting"."""
    try:
        return TrainingJobStatus(answer["TrainingJobStatus"])
    except ValueError as error:
        raise Passing(
            f"SageMaker says {answer['TrainingJobStatus']}, a status of which the console waits the end"
        ) from error


def changing(answer: "DescribeTrainingJobResponseTypeDef") -> dict[str, Any]:
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
        "failure_reason": printable(answer.get("FailureReason", "")),
        "model_s3_uri": answer.get("ModelArtifacts", {}).get("S3ModelArtifacts", ""),
    }


def final_metrics(answer: "DescribeTrainingJobResponseTypeDef") -> dict[str, float]:
    """The last value of each metric, as SageMaker itself found it in the log."""
    return {metric["MetricName"]: metric["Value"] for metric in answer.get("FinalMetricDataList", ())}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def lasting(job: TrainingJob, answer: "DescribeTrainingJobResponseTypeDef") -> dict[str, Any]:
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
    marks = _tags(job, answer["TrainingJobArn"])
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
        "owner_id": User.objects.filter(username=marks.get(OWNER_TAG, "")).values_list("pk", flat=True).first(),
        "objective_metric": ALGORITHMS[name].objective_metric(hyperparameters, channels) if name in ALGORITHMS else "",
    }


def _tags(job: TrainingJob, arn: str) -> dict[str, str]:
    """The job's tags; none where they may not be read, since nothing hangs on them."""
    try:
        return aws.tags(job.workspace, arn)
    except AwsFailure:
        return {}
