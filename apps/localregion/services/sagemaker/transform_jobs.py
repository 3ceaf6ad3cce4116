"""SageMaker's operations on batch transform jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
"""

import time
from typing import Any

from apps.localregion.compute.associating import supported
from apps.localregion.compute.jsonpath import BadPath, JsonPath
from apps.localregion.compute.transform import KIND
from apps.localregion.region import Region
from apps.localregion.services.sagemaker import batch_jobs
from apps.localregion.services.sagemaker.creation import check_address
from apps.localregion.services.sagemaker.models import find
from apps.localregion.services.sagemaker.refusals import invalid
from apps.localregion.services.sagemaker.tags import check

MOST_MEGABYTES = 100  # "MaxPayloadInMB"
SPLITS_AND_TYPES = ("S3Prefix", "ManifestFile")

Body = dict[str, Any]


def create_transform_job(region: Region, request: Body) -> Body:
    """Record the job; the batch warden runs it as soon as there is a slot."""
    check(request.get("Tags", []))
    find(region, request["ModelName"])
    _check_sizes(request)
    _check_data(request)
    _check_processing(request)
    batch_jobs.check_resources(region, KIND, request["TransformResources"])
    given, output = request["TransformInput"], request["TransformOutput"]
    body = {
        **request,
        "TransformInput": {"CompressionType": "None", "SplitType": "None", **given},
        "TransformOutput": {"AssembleWith": "None", "KmsKeyId": "", **output},
        "DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
        | request.get("DataProcessing", {}),
        "CreationTime": time.time(),
    }
    return batch_jobs.create(region, KIND, body)


def describe_transform_job(region: Region, request: Body) -> Body:
    """Everything about one job."""
    return batch_jobs.describe(region, KIND, request)


def list_transform_jobs(region: Region, request: Body) -> Body:
    """A page of the jobs that pass the filters, newest first unless asked otherwise."""
    return batch_jobs.list_jobs(region, KIND, request)


def stop_transform_job(region: Region, request: Body) -> Body:
    """Ask a job to stop: what it has finished stays in S3."""
    return batch_jobs.stop(region, KIND, request)


def _check_sizes(request: Body) -> None:
    megabytes, at_once = request.get("MaxPayloadInMB"), request.get("MaxConcurrentTransforms")
    if megabytes == 0:
        raise invalid("MaxPayloadInMB=0 is not supported by the local region: use 1 to 100.")
    if (megabytes or 1) * (at_once or 1) > MOST_MEGABYTES:
        raise invalid(f"MaxConcurrentTransforms * MaxPayloadInMB must not exceed {MOST_MEGABYTES} MB.")


def _check_data(request: Body) -> None:
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    if source["S3DataType"] not in SPLITS_AND_TYPES:
        choices = " or ".join(SPLITS_AND_TYPES)
        raise invalid(f"S3DataType={source['S3DataType']} is not supported by transform jobs: use {choices}.")
    check_address(source["S3Uri"])
    check_address(request["TransformOutput"]["S3OutputPath"])


def _check_processing(request: Body) -> None:
    processing = request.get("DataProcessing", {})
    plain = True
    for member in ("InputFilter", "OutputFilter"):
        try:
            plain = JsonPath(processing.get(member) or "$").root and plain
        except BadPath as error:
            raise invalid(f"DataProcessing.{member} is not a valid JSONPath: {error}.") from error
    joined = processing.get("JoinSource") == "Input"
    if plain and not joined:
        return
    kinds = {
        "TransformInput.ContentType": request["TransformInput"].get("ContentType", ""),
        "TransformOutput.Accept": request["TransformOutput"].get("Accept", ""),
    }
    for member, kind in kinds.items():
        if not supported(kind):
            raise invalid(
                f"DataProcessing needs {member} to be text/csv, application/json or application/jsonlines, "
                f"not {kind or 'absent'}."
            )
    if joined and len({kind.partition(";")[0] == "text/csv" for kind in kinds.values()}) > 1:
        raise invalid("JoinSource=Input needs TransformInput.ContentType and TransformOutput.Accept of one format.")
