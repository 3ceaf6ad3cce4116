"""What CloudTrail keeps of a call: who made it, what it asked, what came of it.

As on AWS: management events, so neither S3's object operations nor the data that logs and metrics are sent.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import base64
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.request import Request
from apps.localregion.store.trail import Entry, Trail
from apps.localregion.trail_resources import resources
from apps.localregion.wire import Call, model

READING = (
    *("Describe", "Get", "List", "Head", "Search", "Lookup", "Filter", "Simulate", "Test", "BatchGet", "BatchCheck"),
    *("Query", "StartQuery", "StopQuery", "Select", "StartLiveTail"),
    *("Encrypt", "Decrypt", "ReEncrypt", "Generate", "Verify", "Sign"),  # kms: reading, as CloudTrail has it
)
DATA = {("logs", "PutLogEvents"), ("cloudwatch", "PutMetricData"), ("s3", "DeleteObjects")}
SIGN_INS = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "GetSessionToken")  # kept, though reading
SOURCES = {"cloudwatch": "monitoring", "service-quotas": "servicequotas"}
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
SECRETS = ("SessionToken",)  # members that the model does not call sensitive
LARGEST_PART = 100 * 1024  # bytes of requestParameters or responseElements: CloudTrail leaves out larger ones


@dataclass
class Note:
    """What is known of a call when it ends."""

    request: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


@contextmanager
def recorded(region: Region, call: Call, request: Request) -> Iterator[Note]:
    """Append the call to the trail when the block ends, well or by an AwsError."""
    note = Note()
    if not _kept(call):
        yield note
        return
    try:
        yield note
    except AwsError as error:
        _append(region, call, request, note, {"errorCode": error.code, "errorMessage": error.message})
        raise
    except Exception:
        _append(region, call, request, note, {"errorCode": "InternalFailure"})
        raise
    _append(region, call, request, note, {})


def _identity(region: Region) -> dict[str, Any]:
    """CloudTrail's userIdentity of the caller."""
    caller = region.caller
    known = {
        "type": caller.kind,
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": region.account,
        "accessKeyId": caller.access_key,
    }
    if caller.user_name:
        return {**known, "userName": caller.user_name}
    role = caller.arn.split("/")[1]
    issuer = {
        "type": "Role",
        "principalId": caller.user_id.partition(":")[0],
        "arn": f"arn:aws:iam::{region.account}:role/{role}",
        "accountId": region.account,
        "userName": role,
    }
    return {**known, "sessionContext": {"sessionIssuer": issuer}}


def _kept(call: Call) -> bool:
    name: str = call.operation.name
    if name in SIGN_INS:
        return True
    shape = call.operation.input_shape
    of_an_object = call.service == "s3" and shape is not None and "Key" in shape.members
    return not name.startswith(READING) and (call.service, name) not in DATA and not of_an_object


def _append(region: Region, call: Call, request: Request, note: Note, error: dict[str, str]) -> None:
    moment, event_id, name = time.time(), str(uuid.uuid4()), call.operation.name
    read_only = name in SIGN_INS
    source = f"{SOURCES.get(call.service, call.service)}.amazonaws.com"
    body = {
        "eventVersion": "1.11",
        "userIdentity": _identity(region),
        "eventTime": datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region.name,
        "sourceIPAddress": request.client,
        "userAgent": request.headers.get("user-agent", ""),
        **error,
        "requestParameters": _parameters(call, note.request),
        "responseElements": None if error else _shown(call.operation.output_shape, note.result),
        "requestID": request.request_id,
        "eventID": event_id,
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "apiVersion": model(call.service).api_version,
        "managementEvent": True,
        "recipientAccountId": region.account,
        "eventCategory": "Management",
    }
    entry = Entry(
        event_id,
        moment,
        name,
        source,
        region.caller.user_name or region.caller.arn.rpartition("/")[2],
        region.caller.access_key,
        str(read_only).lower(),
        resources(call.service, name, note.request or {}, note.result or {}),
        json.dumps(body, ensure_ascii=False),
    )
    Trail(region.objects.database).append(entry)


def _parameters(call: Call, request: dict[str, Any] | None) -> Any:
    """The request as CloudTrail shows it; S3's buckets have a name of their own there."""
    shown = _shown(call.operation.input_shape, request)
    if call.service == "s3" and shown and "bucket" in shown:
        shown["bucketName"] = shown.pop("bucket")
    return shown


def _shown(shape: Any, value: dict[str, Any] | None) -> Any:
    """A structure as CloudTrail shows it, None when it is empty or too large."""
    if shape is None or not value:
        return None
    shown = _value(shape, value)
    return shown if len(json.dumps(shown, default=str)) <= LARGEST_PART else None


def _value(shape: Any, value: Any) -> Any:
    if shape.metadata.get("sensitive"):
        return HIDDEN
    if shape.type_name == "structure" and not shape.is_document_type:
        return {
            name[:1].lower() + name[1:]: HIDDEN if name in SECRETS else _value(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None and not member.serialization.get("streaming")
        }
    if shape.type_name == "list":
        return [_value(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {key: _value(shape.value, each) for key, each in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%b %d, %Y, %I:%M:%S %p")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
