"""SageMaker's operations on training jobs."""

import shutil
import time
from typing import Any

from apps.localregion.compute import statuses, warmpools
from apps.localregion.compute.statuses import KIND
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.sagemaker import description
from apps.localregion.services.sagemaker.creation import new_job
from apps.localregion.services.sagemaker.listing import page
from apps.localregion.services.sagemaker.refusals import invalid, refuse_update
from apps.localregion.store.documents import Exists

RECORDED = ("ProfilerConfig", "RemoteDebugConfig")  # of UpdateTrainingJob: kept, without effect here

Body = dict[str, Any]


def create_training_job(region: Region, request: Body) -> Body:
    """Record the job; the warden runs it as soon as there is a slot."""
    body = new_job(region, request)
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
    return description.describe(_get(region, request["TrainingJobName"]))


def list_training_jobs(region: Region, request: Body) -> Body:
    """A page of the jobs that pass the filters, newest first unless asked otherwise."""
    if "TrainingPlanArnEquals" in request:
        return {"TrainingJobSummaries": []}  # no job here has a training plan
    pool = request.get("WarmPoolStatusEquals")
    bodies, more = page(region, KIND, request)
    # A filter on warm pools is applied to the page, which may come out short, as SageMaker's own do.
    now = time.time()
    seen = [warmpools.current(body, now) for body in bodies]
    kept = [body for body in seen if pool in (None, body.get("WarmPoolStatus", {}).get("Status"))]
    return {
        "TrainingJobSummaries": [description.summarise(body) for body in kept],
        **more,
    }


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
        raise invalid(f"The request was rejected because the training job is in status {found[-1]}.")
    region.jobs.look()
    return {}


def update_training_job(region: Region, request: Body) -> Body:
    """Change a warm pool's time, or settings that are only kept."""
    refuse_update(request)
    keep = request.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds")
    now = time.time()

    def change(body: Body) -> Body:
        updated = {**body, **{member: request[member] for member in RECORDED if member in request}}
        if keep is not None:
            updated = warmpools.keep(updated, keep, now)
        return {**updated, "LastModifiedTime": now}

    try:
        body = region.documents.update(KIND, request["TrainingJobName"], change)
    except warmpools.NoPool as error:
        raise invalid(str(error)) from error
    if body is None:
        raise _absent()
    region.jobs.look()
    return {"TrainingJobArn": body["TrainingJobArn"]}


def delete_training_job(region: Region, request: Body) -> Body:
    """Forget a job that has ended; its artifacts in S3 and its logs stay."""
    name = request["TrainingJobName"]
    body = _get(region, name)
    if statuses.active(body):
        raise AwsError("ResourceInUse", f"Training job {name} is in status {body['TrainingJobStatus']}: stop it first.")
    if body.get("WarmPoolStatus", {}).get("Status") == "Available":
        raise AwsError("ResourceInUse", f"Training job {name} has a warm pool: end it by UpdateTrainingJob first.")
    shutil.rmtree(region.jobs.folder(name).path, ignore_errors=True)
    region.documents.delete(KIND, name)
    return {}


def _get(region: Region, name: str) -> Body:
    body = region.documents.get(KIND, name)
    if body is None:
        raise _absent()
    return warmpools.current(body, time.time())


def _absent() -> AwsError:
    return invalid("Requested resource not found.")
