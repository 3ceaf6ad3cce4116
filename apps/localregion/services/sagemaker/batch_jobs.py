"""What the operations on transform jobs and on processing jobs have in common."""

import time
from typing import Any

from apps.localregion.compute import volumes
from apps.localregion.compute.batches import Kind
from apps.localregion.compute.statuses import ACTIVE
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.sagemaker.creation import check_key
from apps.localregion.services.sagemaker.listing import page
from apps.localregion.services.sagemaker.refusals import INSTANCES, invalid
from apps.localregion.services.sagemaker.times import answer_members
from apps.localregion.store.documents import Exists

INTERNAL = ("Status", "Tags")
TIMES = ("CreationTime", "LastModifiedTime")
SUMMARY = ("Name", "Arn", "Status")
SUMMARY_FACTS = ("CreationTime", "LastModifiedTime", "FailureReason", "ExitMessage")

Body = dict[str, Any]


def create(region: Region, kind: Kind, body: Body) -> Body:
    """Record a job that has been checked; raises AwsError ResourceInUse."""
    name = kind.name(body)
    arn = f"arn:aws:sagemaker:{region.name}:{region.account}:{kind.kind}/{name}"
    recorded = kind.move({**body, f"{kind.noun}Arn": arn}, {"Status": "InProgress"}, body["CreationTime"])
    try:
        region.documents.insert(kind.kind, name, recorded)
    except Exists as error:
        raise AwsError(
            "ResourceInUse",
            f"Job name must be unique within an AWS account and region, and a job with this name already exists "
            f"({arn})",
        ) from error
    region.batches.look()
    return {f"{kind.noun}Arn": arn}


def describe(region: Region, kind: Kind, request: Body) -> Body:
    """Everything about one job."""
    body = get(region, kind, request)
    return answer_members({name: body[name] for name in body if name not in INTERNAL}, *TIMES, *kind.times)


def list_jobs(region: Region, kind: Kind, request: Body) -> Body:
    """A page of the jobs that pass the filters, newest first unless asked otherwise."""
    bodies, more = page(region, kind.kind, request)
    kept = (*(f"{kind.noun}{member}" for member in SUMMARY), *SUMMARY_FACTS, kind.times[1])
    summaries = [
        answer_members({name: body[name] for name in kept if name in body}, *TIMES, kind.times[1]) for body in bodies
    ]
    return {f"{kind.noun}Summaries": summaries, **more}


def stop(region: Region, kind: Kind, request: Body) -> Body:
    """Ask a job to stop; raises AwsError for one that has ended."""
    get(region, kind, request)
    found: list[str] = []

    def change(body: Body) -> Body | None:
        found.append(body["Status"])
        return kind.move(body, {"Status": "Stopping"}, time.time()) if found[-1] == "InProgress" else None

    region.documents.update(kind.kind, kind.name(request), change)
    if found and found[-1] not in ACTIVE:
        noun = kind.kind.replace("-", " ")
        raise invalid(f"The request was rejected because the {noun} is in status {found[-1]}.")
    region.batches.look()
    return {}


def get(region: Region, kind: Kind, request: Body) -> Body:
    """The document of the job that a request names; raises AwsError."""
    body = region.documents.get(kind.kind, kind.name(request))
    if body is None:
        raise invalid(f"Could not find requested job with name: {kind.name(request)}")
    return body


def check_resources(region: Region, kind: Kind, resources: Body) -> None:
    """Raise AwsError for instances that cannot be had here."""
    for member in ("InstanceType", "InstanceCount"):
        if member not in resources:
            raise invalid(f"{member} is required to run a job in this region.")
    count = resources["InstanceCount"]
    if count < 1:
        raise invalid(f"InstanceCount={count} must be at least 1.")
    if count > INSTANCES:
        raise AwsError(
            "ResourceLimitExceeded",
            f"The account-level service limit 'Number of instances across {kind.kind.replace('-', ' ')}s' is "
            f"{INSTANCES} Instances, with current utilization of 0 Instances and a request delta of {count} Instances.",
        )
    check_key(region, resources.get("VolumeKmsKeyId"))
    if resources.get("VolumeKmsKeyId") and not volumes.available():
        raise invalid("VolumeKmsKeyId needs a machine with a file system in memory: leave it out.")
