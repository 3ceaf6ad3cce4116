"""Log groups: what clients create, and the group that training jobs write to."""

import shutil
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any

from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.statuses import ACTIVE
from apps.localregion.compute.statuses import KIND as JOB
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.logs.pages import page
from apps.localregion.store.documents import Exists
from apps.localregion.store.logs import StoredLogs

KIND = "log-group"
DAY = 24 * 3600 * 1000  # milliseconds
# PutRetentionPolicy in the API reference.
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
PAGE = 50  # also the most of DescribeLogGroups
SIZE_SECONDS = 60  # for which the size of the jobs' files is remembered

Body = dict[str, Any]


def create_log_group(region: Region, request: Body) -> Body:
    """Make an empty group."""
    name = request["logGroupName"]
    if name.startswith("aws/"):
        raise AwsError("InvalidParameterException", "Log groups starting with AWS/ are reserved for AWS.")
    if request.get("kmsKeyId"):
        raise AwsError("InvalidParameterException", "kmsKeyId is not supported by the local region: leave it out.")
    body = {
        "logGroupName": name,
        "creationTime": int(time.time() * 1000),
        "logGroupClass": request.get("logGroupClass", "STANDARD"),
        "deletionProtectionEnabled": request.get("deletionProtectionEnabled", False),
        "tags": request.get("tags", {}),
    }
    if region.jobs.logs.has_group(name):
        raise _exists()
    try:
        region.documents.insert(KIND, name, body)
    except Exists as error:
        raise _exists() from error
    return {}


def delete_log_group(region: Region, request: Body) -> Body:
    """Remove a group and all that is in it; raises AwsError while jobs write to it or it is protected."""
    name = request["logGroupName"]
    body = group(region, name)
    if body["deletionProtectionEnabled"]:
        message = "Log group deletion is blocked: deletion protection is enabled. Disable it first."
        raise AwsError("ValidationException", message)
    if region.jobs.logs.has_group(name):
        if region.documents.all(JOB, status=ACTIVE):
            raise AwsError("OperationAbortedException", "Training jobs that are in progress write to this log group.")
        shutil.rmtree(region.jobs.logs.group(name))
    StoredLogs(region.objects.database).delete(name)
    region.documents.delete(KIND, name)
    return {}


def describe_log_groups(region: Region, request: Body) -> Body:
    """A page of the groups, by name."""
    prefix, pattern = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "")
    if prefix and pattern:
        message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        raise AwsError("InvalidParameterException", message)
    wanted = {group_name_of(each) for each in request.get("logGroupIdentifiers", [])}
    kind = request.get("logGroupClass", "")
    found = [
        each
        for each in groups(region)
        if each["logGroupName"].startswith(prefix)
        and pattern.lower() in each["logGroupName"].lower()
        and each["logGroupName"] in (wanted or (each["logGroupName"],))
        and each["logGroupClass"] in (kind or each["logGroupClass"],)
    ]
    named = {each["logGroupName"]: each for each in found}
    names, more = page([(name, name) for name in named], request, PAGE)
    return {"logGroups": [_described(region, named[name]) for name in names], **more}


def list_log_groups(region: Region, request: Body) -> Body:
    """A page of the groups' names; the pattern is up to five parts of names, `^` for the start, `|` between."""
    for member in ("dataSources", "fieldIndexNames"):
        if request.get(member):
            raise AwsError("InvalidParameterException", f"{member} is not supported by the local region: leave it out.")
    parts, kind = request.get("logGroupNamePattern", "").split("|"), request.get("logGroupClass", "")
    named = {
        each["logGroupName"]: each
        for each in groups(region)
        if any(_has_part(each["logGroupName"], part) for part in parts)
        and each["logGroupClass"] in (kind or each["logGroupClass"],)
        and all(_has_tag(each["tags"], tag) for tag in request.get("logGroupTags", []))
    }
    names, more = page([(name, name) for name in named], request, PAGE)
    listed = [
        {
            "logGroupName": name,
            "logGroupArn": arn(region, name),
            "logGroupClass": named[name]["logGroupClass"],
        }
        for name in names
    ]
    return {"logGroups": listed, **more}


def put_retention_policy(region: Region, request: Body) -> Body:
    """Events older than so many days are no longer answered, and removed in time."""
    days = request["retentionInDays"]
    if days not in RETENTIONS:
        choices = ", ".join(str(each) for each in RETENTIONS)
        raise AwsError(
            "InvalidParameterException",
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{choices}]",
        )
    change_group(region, request["logGroupName"], lambda body: {**body, "retentionInDays": days})
    return {}


def delete_retention_policy(region: Region, request: Body) -> Body:
    """Events never expire."""

    def change(body: Body) -> Body:
        return {name: value for name, value in body.items() if name != "retentionInDays"}

    change_group(region, request["logGroupName"], change)
    return {}


def put_log_group_deletion_protection(region: Region, request: Body) -> Body:
    """Whether DeleteLogGroup is refused."""
    enabled = request["deletionProtectionEnabled"]
    name = group_name_of(request["logGroupIdentifier"])
    change_group(region, name, lambda body: {**body, "deletionProtectionEnabled": enabled})
    return {}


def groups(region: Region) -> list[Body]:
    """Every group, in no order."""
    stored = {body["logGroupName"]: body for body in region.documents.all(KIND)}
    return [*stored.values(), *(_of_jobs(region, name) for name in region.jobs.logs.groups() if name not in stored)]


def group(region: Region, name: str) -> Body:
    """The group of this name; raises AwsError ResourceNotFoundException."""
    body = region.documents.get(KIND, name)
    if body is None and name and region.jobs.logs.has_group(name):
        body = _of_jobs(region, name)
    if body is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return body


def group_name(region: Region, request: Body) -> str:
    """The group that is asked for by name or ARN; raises AwsError when it is not there."""
    if request.get("logGroupName") and request.get("logGroupIdentifier"):
        message = "LogGroup name and LogGroup identifier are mutually exclusive parameters."
        raise AwsError("InvalidParameterException", message)
    if not request.get("logGroupName") and not request.get("logGroupIdentifier"):
        raise AwsError("InvalidParameterException", "Either logGroupName or logGroupIdentifier is required.")
    name = request.get("logGroupName") or group_name_of(request["logGroupIdentifier"])
    return str(group(region, name)["logGroupName"])


def group_name_of(identifier: str) -> str:
    """The name in a group's name or ARN."""
    return (identifier.partition(":log-group:")[2] or identifier).removesuffix(":*")


def change_group(region: Region, name: str, change: Any) -> Body:
    """Change what is kept of a group; the jobs' own is kept only once something of it was changed."""
    body = group(region, name)
    if region.documents.get(KIND, name) is None:
        with suppress(Exists):  # another request was first: it is changed below
            region.documents.insert(KIND, name, body)
    changed = region.documents.update(KIND, name, change)
    if changed is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return changed


def oldest(region: Region, name: str) -> int:
    """The time before which the group's events have expired, unix milliseconds; 0 when they never do."""
    days = (region.documents.get(KIND, name) or {}).get("retentionInDays")
    return int(time.time() * 1000) - days * DAY if days else 0


def arn(region: Region, name: str) -> str:
    """A group's ARN."""
    return f"arn:aws:logs:{region.name}:{region.account}:log-group:{name}"


def _of_jobs(region: Region, name: str) -> Body:
    created = int(region.jobs.logs.created(name) * 1000)
    return {
        "logGroupName": name,
        "creationTime": created,
        "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": False,
        "tags": {},
    }


def _described(region: Region, body: Body) -> Body:
    name = body["logGroupName"]
    in_files = _file_bytes(region.jobs.logs, name, int(time.time() // SIZE_SECONDS))
    return {
        **{member: value for member, value in body.items() if member != "tags"},
        "metricFilterCount": 0,
        "arn": f"{arn(region, name)}:*",
        "logGroupArn": arn(region, name),
        "storedBytes": in_files + StoredLogs(region.objects.database).stored_bytes(name),
    }


@lru_cache(maxsize=64)
def _file_bytes(streams: LogStreams, name: str, moment: int) -> int:
    """The size of the group's files; as on AWS it lags, since there may be a file for each of very many jobs."""
    found = 0
    for _, path in streams.streams(name):
        with suppress(FileNotFoundError):  # deleted meanwhile
            found += path.stat().st_size
    return found


def _has_part(name: str, part: str) -> bool:
    return name.startswith(part[1:]) if part.startswith("^") else part in name


def _has_tag(tags: dict[str, str], wanted: Body) -> bool:
    values = wanted.get("values", [])
    return wanted["key"] in tags and (not values or tags[wanted["key"]] in values)


def _exists() -> AwsError:
    return AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
