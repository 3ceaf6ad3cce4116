"""Warm pools: a finished job's instances, kept for the next job like it.

Nothing is kept warm on one machine, so a pool is only its status: who could have used it, who did, and for how long
it would have been billed. https://docs.aws.amazon.com/sagemaker/latest/dg/train-warm-pools.html
"""

from typing import Any

from apps.localregion.compute.statuses import KIND, active
from apps.localregion.store.documents import Documents

LONGEST_SECONDS = 21600  # KeepAlivePeriodInSeconds' maximum in the service model
# What two jobs must have in common for the second to use the first's instances.
SHARED = ("RoleArn", "VpcConfig", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")
SHARED_RESOURCES = ("InstanceType", "InstanceCount", "InstanceGroups", "VolumeSizeInGB", "VolumeKmsKeyId")

Body = dict[str, Any]


class NoPool(Exception):
    """The job has no warm pool whose time could be changed."""


def ended(body: Body) -> Body:
    """The pool of a job that has just ended; that of a failed one ends with it."""
    if "WarmPoolStatus" not in body:
        return body
    status = "Terminated" if body["TrainingJobStatus"] == "Failed" else "Available"
    return {**body, "WarmPoolStatus": {"Status": status, "ResourceRetainedBillableTimeInSeconds": 0}}


def current(body: Body, now: float) -> Body:
    """The body with its pool as it is at `now` (unix seconds): one whose time is over has been terminated."""
    if body.get("WarmPoolStatus", {}).get("Status") != "Available":
        return body
    kept, limit = int(now - body["TrainingEndTime"]), body["ResourceConfig"].get("KeepAlivePeriodInSeconds", 0)
    status = "Available" if kept < limit else "Terminated"
    return {**body, "WarmPoolStatus": _pool(status, min(kept, limit))}


def keep(body: Body, seconds: int, now: float) -> Body:
    """The body with another time for its pool; 0 ends it. Raises NoPool."""
    body = current(body, now)
    status = body.get("WarmPoolStatus", {}).get("Status")
    if status not in ("Available", "InUse"):
        raise NoPool(f"The warm pool of training job {body['TrainingJobName']} is not available for an update.")
    changed = {**body, "ResourceConfig": {**body["ResourceConfig"], "KeepAlivePeriodInSeconds": seconds}}
    if status == "InUse" and not seconds and active(body):
        del changed["WarmPoolStatus"]
    if status == "Available" and not seconds:
        changed["WarmPoolStatus"] = _pool("Terminated", int(now - body["TrainingEndTime"]))
    return changed


def reuse(documents: Documents, body: Body, now: float) -> None:
    """Give a job that has a pool of its own the first free one like it, if there is any."""
    if "WarmPoolStatus" not in body:
        return
    token: str | None = None
    while True:
        bodies, token = documents.page(
            KIND, sort_by="modified", modified_after=now - LONGEST_SECONDS, after=token, descending=False
        )
        if any(_take(documents, each, body, now) for each in bodies) or token is None:
            return


def _take(documents: Documents, pool: Body, body: Body, now: float) -> bool:
    taken: list[bool] = []

    def change(found: Body) -> Body | None:
        found = current(found, now)
        if found.get("WarmPoolStatus", {}).get("Status") != "Available" or _shape(found) != _shape(body):
            return None
        taken.append(True)
        reused = {**_pool("Reused", int(now - found["TrainingEndTime"])), "ReusedByJob": body["TrainingJobName"]}
        return {**found, "WarmPoolStatus": reused}

    if pool.get("WarmPoolStatus", {}).get("Status") == "Available":
        documents.update(KIND, pool["TrainingJobName"], change)
    return bool(taken)


def _shape(body: Body) -> list[Any]:
    resources = body["ResourceConfig"]
    return [*(body.get(name) for name in SHARED), *(resources.get(name) for name in SHARED_RESOURCES)]


def _pool(status: str, seconds: int) -> Body:
    return {"Status": status, "ResourceRetainedBillableTimeInSeconds": seconds}
