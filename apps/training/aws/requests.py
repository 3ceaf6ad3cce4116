"""The CreateTrainingJob request of a row: what is submitted, what the form previews, what "Show as code" prints."""

import json
from collections.abc import Mapping
from typing import Any

from apps.aws.account import bucket, execution_role
from apps.aws.images import Image, training_image
from apps.aws.prices import gpus
from apps.training.catalogue import ALGORITHMS
from apps.training.models import TrainingJob

# How a job is known as ours, and whose it is, since DescribeTrainingJob has no owner.
LAUNCH_TAG = "mlconsole:launch"
OWNER_TAG = "mlconsole:owner"
# What the SageMaker SDK's estimators set for a script: its own default of the log level, logging.INFO.
LOG_LEVEL = 20


def create_request(job: TrainingJob) -> dict[str, Any]:
    """The members of CreateTrainingJob for a row, saved or not; the account is asked for once a workspace."""
    return {
        "TrainingJobName": job.name,
        "AlgorithmSpecification": _specification(job),
        "RoleArn": execution_role(job.workspace),
        **_if_any("HyperParameters", _hyperparameters(job)),
        **_if_any("InputDataConfig", [_channel(name, channel) for name, channel in job.channels.items()]),
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket(job.workspace)}/training-jobs"},
        "ResourceConfig": {
            "InstanceType": job.instance_type,
            "InstanceCount": job.instance_count,
            "VolumeSizeInGB": job.volume_size_gb,
        },
        "StoppingCondition": {
            "MaxRuntimeInSeconds": job.max_runtime_seconds,
            **_if_any("MaxWaitTimeInSeconds", job.max_wait_seconds),
        },
        **_if_any("EnableManagedSpotTraining", job.max_wait_seconds is not None),
        **_if_any("CheckpointConfig", _if_any("S3Uri", job.checkpoint_s3_uri)),
        **_if_any("Environment", job.environment),
        **_if_any("Tags", [{"Key": key, "Value": value} for key, value in _marks(job).items() if value]),
    }


def image_of(job: TrainingJob) -> str:
    """The address of the image it runs: the user's own, or the algorithm's in the workspace's region."""
    algorithm = ALGORITHMS[job.algorithm]
    image = Image(algorithm.image, algorithm.image_version)
    return job.training_image or training_image(job.workspace.region, image, gpu=bool(gpus(job.instance_type)))


def _specification(job: TrainingJob) -> dict[str, Any]:
    built_in = ALGORITHMS[job.algorithm].kind == "built-in"  # whose metrics SageMaker knows, and refuses to be told
    metrics = [{"Name": name, "Regex": regex} for name, regex in job.metric_definitions.items()]
    return {
        "TrainingImage": image_of(job),
        "TrainingInputMode": "File",
        **_if_any("MetricDefinitions", [] if built_in else metrics),
    }


def _hyperparameters(job: TrainingJob) -> dict[str, str]:
    """As they are; a script's as JSON, with what tells the image of the script, as the SageMaker SDK sends them.

    https://github.com/aws/sagemaker-python-sdk, src/sagemaker/estimator.py (Framework.hyperparameters), version 2.
    """
    given: dict[str, str] = dict(job.hyperparameters)
    if not job.source:
        return given
    own: Mapping[str, Any] = {
        "sagemaker_submit_directory": job.source.get("s3_uri", ""),
        "sagemaker_program": job.source["program"],
        "sagemaker_container_log_level": LOG_LEVEL,
        "sagemaker_job_name": job.name,
        "sagemaker_region": job.workspace.region,
    }
    return {name: _as_json(value) for name, value in given.items()} | {
        name: json.dumps(value) for name, value in own.items()
    }


def _as_json(text: str) -> str:
    """Text that is JSON already (10, true, [1, 2]) as it is, anything else as a JSON string."""
    try:
        json.loads(text)
    except ValueError:
        return json.dumps(text)
    return text


def _channel(name: str, channel: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ChannelName": name,
        **_if_any("ContentType", channel["content_type"]),
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": channel["s3_uri"],
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }


def _marks(job: TrainingJob) -> dict[str, str]:
    return {**job.tags, LAUNCH_TAG: job.launch_id, OWNER_TAG: job.owner.username if job.owner else ""}


def _if_any(name: str, value: Any) -> dict[str, Any]:
    """The member where it says something: SageMaker refuses empty ones, and the SDK's answers must not have them."""
    return {name: value} if value else {}
