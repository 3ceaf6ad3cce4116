"""SageMaker's operations on training jobs."""

import shutil
import time
from typing import Any

from apps.localregion.compute import s3uri, statuses
from apps.localregion.compute.statuses import KIND
from apps.localregion.errors import AwsError
from apps.localregion.images import catalogue
from apps.localregion.region import Region
from apps.localregion.services.sagemaker.refusals import refuse
from apps.localregion.services.sagemaker.times import answer_members, seconds
from apps.localregion.store.documents import Exists, SortBy

DEFAULT_RUNTIME_SECONDS = 86400  # "StoppingCondition" in the API reference
PAGE = 10
SORTS: dict[str, SortBy] = {"Name": "name", "CreationTime": "created", "Status": "status"}
SUMMARY = (
    "TrainingJobName",
    "TrainingJobArn",
    "CreationTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "TrainingJobStatus",
    "SecondaryStatus",
)
INTERNAL = ("Status", "Tags")
CHANNEL_DEFAULTS = {"CompressionType": "None", "RecordWrapperType": "None"}
FLAGS = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")

Body = dict[str, Any]


def create_training_job(region: Region, request: Body) -> Body:
    """Record the job; the warden runs it as soon as there is a slot."""
    refuse(request)
    body = _new(region, request)
    for channel in body.get("InputDataConfig", []):
        _require_input(region, channel, request["RoleArn"])
    _check_address(request["OutputDataConfig"]["S3OutputPath"])
    try:
        region.documents.insert(KIND, body["TrainingJobName"], body)
    except Exists as error:
        raise AwsError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with this "
            f"name already exists ({body['TrainingJobArn']})",
        ) from error
    region.jobs.look()
    return {"TrainingJobArn": body["TrainingJobArn"]}


def describe_training_job(region: Region, request: Body) -> Body:
    """Everything about one job."""
    body = _get(region, request["TrainingJobName"])
    answered = answer_members(
        {name: value for name, value in body.items() if name not in INTERNAL},
        "CreationTime",
        "LastModifiedTime",
        "TrainingStartTime",
        "TrainingEndTime",
    )
    # Not kept in each document: the image's table is as good, and a job's document stays small.
    definitions = catalogue.find(body["AlgorithmSpecification"]["TrainingImage"]).metric_definitions
    answered["AlgorithmSpecification"] = {
        **body["AlgorithmSpecification"],
        "MetricDefinitions": [*definitions],
    }
    answered["SecondaryStatusTransitions"] = [
        answer_members(each, "StartTime", "EndTime") for each in body["SecondaryStatusTransitions"]
    ]
    if "FinalMetricDataList" in body:
        answered["FinalMetricDataList"] = [answer_members(each, "Timestamp") for each in body["FinalMetricDataList"]]
    return answered


def list_training_jobs(region: Region, request: Body) -> Body:
    """A page of the jobs that pass the filters, newest first unless asked otherwise."""
    if "WarmPoolStatusEquals" in request or "TrainingPlanArnEquals" in request:
        return {"TrainingJobSummaries": []}  # no job here has a warm pool or a training plan
    try:
        bodies, token = region.documents.page(
            KIND,
            status=request.get("StatusEquals"),
            name_contains=request.get("NameContains"),
            created_after=seconds(request.get("CreationTimeAfter")),
            created_before=seconds(request.get("CreationTimeBefore")),
            modified_after=seconds(request.get("LastModifiedTimeAfter")),
            modified_before=seconds(request.get("LastModifiedTimeBefore")),
            sort_by=SORTS[request.get("SortBy", "CreationTime")],
            descending=request.get("SortOrder", "Descending") == "Descending",
            after=request.get("NextToken"),
            limit=request.get("MaxResults", PAGE),
        )
    except ValueError as error:
        raise AwsError("ValidationException", f"Invalid NextToken: {error}") from error
    summaries = [
        answer_members(
            {name: body[name] for name in SUMMARY if name in body},
            "CreationTime",
            "TrainingEndTime",
            "LastModifiedTime",
        )
        for body in bodies
    ]
    return {"TrainingJobSummaries": summaries, **({"NextToken": token} if token else {})}


def stop_training_job(region: Region, request: Body) -> Body:
    """Ask a job to stop: it gets SIGTERM, and SIGKILL after 120 seconds."""
    name = request["TrainingJobName"]
    _get(region, name)
    found: list[str] = []

    def change(body: Body) -> Body | None:
        found.append(body["TrainingJobStatus"])
        return statuses.stopping(body, time.time()) if found[-1] == "InProgress" else None

    region.documents.update(KIND, name, change)
    if found and found[-1] not in statuses.ACTIVE:
        raise AwsError(
            "ValidationException", f"The request was rejected because the training job is in status {found[-1]}."
        )
    region.jobs.look()
    return {}


def delete_training_job(region: Region, request: Body) -> Body:
    """Forget a job that has ended; its artifacts in S3 and its logs stay."""
    name = request["TrainingJobName"]
    body = _get(region, name)
    if statuses.active(body):
        raise AwsError("ResourceInUse", f"Training job {name} is in status {body['TrainingJobStatus']}: stop it first.")
    shutil.rmtree(region.jobs.folder(name).path, ignore_errors=True)
    region.documents.delete(KIND, name)
    return {}


def _new(region: Region, request: Body) -> Body:
    """The document of a new job."""
    now = time.time()
    name = request["TrainingJobName"]
    starting = {"Status": "Starting", "StartTime": now, "StatusMessage": statuses.TEXTS["Starting"]}
    return {
        **request,
        "TrainingJobArn": f"arn:aws:sagemaker:{region.name}:{region.account}:{KIND}/{name}",
        "TrainingJobStatus": "InProgress",
        "Status": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": [starting],
        "AlgorithmSpecification": _algorithm(request["AlgorithmSpecification"]),
        **_channels(request),
        "OutputDataConfig": {"CompressionType": "GZIP", **request["OutputDataConfig"]},
        "StoppingCondition": {
            "MaxRuntimeInSeconds": DEFAULT_RUNTIME_SECONDS,
            **request.get("StoppingCondition", {}),
        },
        **{flag: request.get(flag, False) for flag in FLAGS},
        "CreationTime": now,
        "LastModifiedTime": now,
    }


def _algorithm(given: Body) -> Body:
    """The algorithm with SageMaker's default; raises AwsError for an image that is not here."""
    try:
        catalogue.find(given["TrainingImage"])
    except catalogue.UnknownImage as error:
        raise AwsError("ValidationException", str(error)) from error
    if given.get("MetricDefinitions"):
        raise AwsError(
            "ValidationException",
            "You can't override the metric definitions for Amazon SageMaker algorithms. "
            "Please retry the request without specifying metric definitions.",
        )
    return {"EnableSageMakerMetricsTimeSeries": False, **given}


def _channels(request: Body) -> Body:
    """The channels with SageMaker's defaults, if there are any; raises AwsError for bad names."""
    given = request.get("InputDataConfig", [])
    names = [channel["ChannelName"] for channel in given]
    if len(names) != len(set(names)):
        raise AwsError("ValidationException", f"Channel names must be unique: {', '.join(names)}")
    if {".", ".."} & set(names):
        raise AwsError("ValidationException", "A channel's name must be the name of a folder, not . or ..")
    return {"InputDataConfig": [{**CHANNEL_DEFAULTS, **channel} for channel in given]} if given else {}


def _require_input(region: Region, channel: Body, role: str) -> None:
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise AwsError("ValidationException", f"Channel {channel['ChannelName']} has no S3DataSource")
    bucket, prefix = _check_address(source["S3Uri"])
    if next(region.objects.list(bucket, prefix), None) is None:
        raise AwsError(
            "ValidationException",
            f'No S3 objects found under S3 URL "{source["S3Uri"]}" given in input data source. Please ensure '
            f"that the bucket exists in the selected region ({region.name}), that objects exist under that S3 "
            f'prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket "{bucket}".',
        )


def _check_address(uri: str) -> tuple[str, str]:
    try:
        return s3uri.split(uri)
    except ValueError as error:
        raise AwsError("ValidationException", str(error)) from error


def _get(region: Region, name: str) -> Body:
    body = region.documents.get(KIND, name)
    if body is None:
        raise AwsError("ValidationException", "Requested resource not found.")
    return body
