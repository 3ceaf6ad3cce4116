"""SageMaker's operations on processing jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
"""

import shutil
import time
from pathlib import PurePosixPath
from typing import Any

from apps.localregion.compute import sandbox
from apps.localregion.compute.processing import KIND
from apps.localregion.compute.statuses import ACTIVE
from apps.localregion.errors import AwsError
from apps.localregion.images import catalogue
from apps.localregion.region import Region
from apps.localregion.services.sagemaker import batch_jobs
from apps.localregion.services.sagemaker.creation import check_address
from apps.localregion.services.sagemaker.refusals import invalid
from apps.localregion.services.sagemaker.tags import check

ROOT = PurePosixPath("/opt/ml/processing")
DEFAULT_RUNTIME_SECONDS = 86400  # "StoppingCondition" in the API reference
SOURCES = ("S3Prefix", "ManifestFile")

Body = dict[str, Any]


def create_processing_job(region: Region, request: Body) -> Body:
    """Record the job; the batch warden runs it as soon as there is a slot."""
    check(request.get("Tags", []))
    cluster = request["ProcessingResources"].get("ClusterConfig")
    if cluster is None:
        raise invalid("ProcessingResources.ClusterConfig is required.")
    batch_jobs.check_resources(region, KIND, cluster)
    _check_program(request["AppSpecification"])
    inputs = [_input(each) for each in request.get("ProcessingInputs", [])]
    outputs = [_checked_output(each) for each in request.get("ProcessingOutputConfig", {}).get("Outputs", [])]
    _check_names("InputName", inputs)
    _check_names("OutputName", outputs)
    body = {
        **request,
        "StoppingCondition": {"MaxRuntimeInSeconds": DEFAULT_RUNTIME_SECONDS, **request.get("StoppingCondition", {})},
        **({"ProcessingInputs": inputs} if inputs else {}),
        "CreationTime": time.time(),
    }
    return batch_jobs.create(region, KIND, body)


def describe_processing_job(region: Region, request: Body) -> Body:
    """Everything about one job."""
    return batch_jobs.describe(region, KIND, request)


def list_processing_jobs(region: Region, request: Body) -> Body:
    """A page of the jobs that pass the filters, newest first unless asked otherwise."""
    return batch_jobs.list_jobs(region, KIND, request)


def stop_processing_job(region: Region, request: Body) -> Body:
    """Ask a job to stop: it gets SIGTERM, and SIGKILL after 120 seconds."""
    return batch_jobs.stop(region, KIND, request)


def delete_processing_job(region: Region, request: Body) -> Body:
    """Forget a job that has ended; its outputs in S3 and its logs stay."""
    body, name = batch_jobs.get(region, KIND, request), request["ProcessingJobName"]
    if body["Status"] in ACTIVE:
        raise AwsError("ResourceInUse", f"Processing job {name} is in status {body['Status']}: stop it first.")
    shutil.rmtree(region.batches.folder(KIND.kind, name).path, ignore_errors=True)
    region.documents.delete(KIND.kind, name)
    return {}


def _check_program(specification: Body) -> None:
    """The image must be here, and its entry point must be one that can be run here."""
    try:
        image = catalogue.find(specification["ImageUri"])
    except catalogue.UnknownImage as error:
        raise invalid(str(error)) from error
    entry = specification.get("ContainerEntrypoint")
    if not entry and not image.process:
        raise invalid(f"ContainerEntrypoint is required: the image {specification['ImageUri']} has none of its own.")
    if entry and not image.process and not sandbox.available():
        raise invalid(
            "ContainerEntrypoint is not supported by the local region on a machine that permits no Linux namespaces: "
            "use an image of your own."
        )


def _input(given: Body) -> Body:
    """An input with SageMaker's defaults; raises AwsError for what cannot be brought."""
    name, source = given["InputName"], given.get("S3Input")
    if source is None or given.get("DatasetDefinition"):
        raise invalid(f"Processing input {name} has no S3Input, which alone is supported by the local region.")
    if source["S3DataType"] not in SOURCES:
        raise invalid(f"S3DataType={source['S3DataType']} of {name} is not supported: use {' or '.join(SOURCES)}.")
    if source.get("S3InputMode", "File") != "File":
        raise invalid(f"S3InputMode={source['S3InputMode']} of {name} is not supported by the local region: use File.")
    if source.get("S3CompressionType", "None") != "None":
        raise invalid(f"S3CompressionType={source['S3CompressionType']} of {name} needs the S3InputMode Pipe.")
    check_address(source["S3Uri"])
    _check_path(f"ProcessingInputs {name}", source.get("LocalPath", ""))
    defaults = {"S3DataDistributionType": "FullyReplicated", "S3InputMode": "File", "S3CompressionType": "None"}
    return {"AppManaged": False, **given, "S3Input": {**defaults, **source}}


def _checked_output(given: Body) -> Body:
    name, target = given["OutputName"], given.get("S3Output")
    if target is None:
        raise invalid(f"Processing output {name} has no S3Output, which alone is supported by the local region.")
    check_address(target["S3Uri"])
    _check_path(f"ProcessingOutputConfig {name}", target.get("LocalPath", ""))
    return given


def _check_path(what: str, text: str) -> None:
    path = PurePosixPath(text)
    if ROOT not in path.parents or ".." in path.parts:
        raise invalid(f"LocalPath of {what} must be a folder below {ROOT}, not {text or 'nothing'}.")


def _check_names(member: str, given: list[Body]) -> None:
    names = [each[member] for each in given]
    if len(names) > len(set(names)):
        raise invalid(f"{member} must be unique: {', '.join(names)}")
