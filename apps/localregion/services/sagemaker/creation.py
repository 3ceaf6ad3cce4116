"""The document of a new training job: SageMaker's defaults, and what it refuses beyond the service model."""

import time
from pathlib import PurePosixPath
from typing import Any

from apps.localregion.compute import s3uri, statuses
from apps.localregion.errors import AwsError
from apps.localregion.images import catalogue
from apps.localregion.region import Region
from apps.localregion.services.sagemaker.refusals import invalid, refuse
from apps.localregion.services.sagemaker.tags import check

DEFAULT_RUNTIME_SECONDS = 86400  # "StoppingCondition" in the API reference
LONGEST_RUNTIME_SECONDS = 28 * 86400  # the same
CHANNEL_DEFAULTS = {"CompressionType": "None", "RecordWrapperType": "None"}
FLAGS = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
CHECKPOINTS = "/opt/ml/checkpoints"  # "CheckpointConfig" in the API reference
TENSORBOARD = "/opt/ml/output/tensorboard"  # "TensorBoardOutputConfig"
ML = PurePosixPath("/opt/ml")

Body = dict[str, Any]


def new_job(region: Region, request: Body) -> Body:
    """The document of a job that can be run here; raises AwsError ValidationException."""
    refuse(request)
    check(request.get("Tags", []))
    _check_times(request)
    check_key(region, request["ResourceConfig"].get("VolumeKmsKeyId"))
    now = time.time()
    name = request["TrainingJobName"]
    starting = {"Status": "Starting", "StartTime": now, "StatusMessage": statuses.TEXTS["Starting"]}
    body = {
        **request,
        "TrainingJobArn": f"arn:aws:sagemaker:{region.name}:{region.account}:{statuses.KIND}/{name}",
        "TrainingJobStatus": "InProgress",
        "Status": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": [starting],
        "AlgorithmSpecification": _algorithm(request["AlgorithmSpecification"], request.get("HyperParameters", {})),
        "OutputDataConfig": {"CompressionType": "GZIP", **request["OutputDataConfig"]},
        "StoppingCondition": {"MaxRuntimeInSeconds": DEFAULT_RUNTIME_SECONDS, **request.get("StoppingCondition", {})},
        **{flag: request.get(flag, False) for flag in FLAGS},
        **_channels(region, request),
        **_outputs(request),
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    if request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        body["WarmPoolStatus"] = {"Status": "InUse"}
    return body


def _algorithm(given: Body, hyperparameters: dict[str, str]) -> Body:
    """The algorithm with SageMaker's default; raises AwsError for an image that is not here."""
    try:
        image = catalogue.find(given["TrainingImage"], hyperparameters)
    except catalogue.UnknownImage as error:
        raise invalid(str(error)) from error
    if given.get("MetricDefinitions") and image.metric_definitions:
        raise invalid(
            "You can't override the metric definitions for Amazon SageMaker algorithms. "
            "Please retry the request without specifying metric definitions."
        )
    return {"EnableSageMakerMetricsTimeSeries": False, **given}


def check_key(region: Region, key: str | None) -> None:
    """The key of a volume must be one that can be used."""
    if not key:
        return
    try:
        region.objects.keyring.usable(key)
    except AwsError as error:
        raise invalid(f"The KMS key {key} of VolumeKmsKeyId cannot be used: {error.message or error.code}") from error


def _check_times(request: Body) -> None:
    """Spot training needs a time to wait, which only spot training may have: StoppingCondition."""
    condition = request.get("StoppingCondition", {})
    wait, spot = condition.get("MaxWaitTimeInSeconds"), request.get("EnableManagedSpotTraining", False)
    if condition.get("MaxRuntimeInSeconds", 0) > LONGEST_RUNTIME_SECONDS:
        raise invalid(f"MaxRuntimeInSeconds must be at most {LONGEST_RUNTIME_SECONDS}: 28 days.")
    if spot and wait is None:
        raise invalid("MaxWaitTimeInSeconds must be specified when EnableManagedSpotTraining is true.")
    if wait is not None and not spot:
        raise invalid("EnableManagedSpotTraining must be true when MaxWaitTimeInSeconds is specified.")
    if wait is not None and wait < condition.get("MaxRuntimeInSeconds", DEFAULT_RUNTIME_SECONDS):
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )


def _outputs(request: Body) -> Body:
    """The folders that are kept in step with S3, with their default paths."""
    check_address(request["OutputDataConfig"]["S3OutputPath"])
    found: Body = {}
    for member, address, path in (
        ("CheckpointConfig", "S3Uri", CHECKPOINTS),
        ("TensorBoardOutputConfig", "S3OutputPath", TENSORBOARD),
    ):
        if member in request:
            check_address(request[member][address])
            found[member] = {"LocalPath": path, **request[member]}
            local = PurePosixPath(found[member]["LocalPath"])
            if ML not in local.parents or ".." in local.parts or local.is_relative_to(ML / "input"):
                raise invalid(f"{member}.LocalPath={local} must be a folder below {ML} that is not the input's.")
    return found


def _channels(region: Region, request: Body) -> Body:
    """The channels with SageMaker's defaults, if there are any; raises AwsError for what cannot be brought."""
    given = request.get("InputDataConfig", [])
    names = [channel["ChannelName"] for channel in given]
    if len(names) != len(set(names)):
        raise invalid(f"Channel names must be unique: {', '.join(names)}")
    if {".", ".."} & set(names):
        raise invalid("A channel's name must be the name of a folder, not . or ..")
    for channel in given:
        mode = channel.get("InputMode", request["AlgorithmSpecification"]["TrainingInputMode"])
        _check_channel(region, channel, mode, request["RoleArn"])
    return {"InputDataConfig": [{**CHANNEL_DEFAULTS, **channel} for channel in given]} if given else {}


def _check_channel(region: Region, channel: Body, mode: str, role: str) -> None:
    name, source = channel["ChannelName"], channel["DataSource"].get("S3DataSource")
    if source is None:
        raise invalid(f"Channel {name} has no S3DataSource")
    if mode != "Pipe":
        for member in ("CompressionType", "RecordWrapperType"):
            if channel.get(member, "None") != "None":
                raise invalid(f"{member}={channel[member]} of channel {name} needs the input mode Pipe, not {mode}.")
    augmented = source["S3DataType"] == "AugmentedManifestFile"
    if augmented and mode != "Pipe":
        raise invalid(f"AugmentedManifestFile of channel {name} needs the input mode Pipe, not {mode}.")
    if augmented is not bool(source.get("AttributeNames")):
        raise invalid(
            f"Channel {name}: AttributeNames goes with the S3DataType AugmentedManifestFile, and only with it."
        )
    if source["S3DataType"] != "S3Prefix" and mode == "FastFile":
        raise invalid(f"S3DataType={source['S3DataType']} of channel {name} is not supported in the mode FastFile.")
    _require_input(region, source["S3Uri"], source["S3DataType"], role)


def _require_input(region: Region, uri: str, kind: str, role: str) -> None:
    bucket, prefix = check_address(uri)
    found = (
        region.objects.get(bucket, prefix) if kind != "S3Prefix" else next(region.objects.list(bucket, prefix), None)
    )
    if found is None:
        raise invalid(
            f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure '
            f"that the bucket exists in the selected region ({region.name}), that objects exist under that S3 "
            f'prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
        )


def check_address(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address in a request; raises AwsError ValidationException."""
    try:
        return s3uri.split(uri)
    except ValueError as error:
        raise AwsError("ValidationException", str(error)) from error
