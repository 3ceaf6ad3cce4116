"""The policy of a form: until when, and with which fields, it lets anybody upload.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.localregion.errors import AwsError

# Fields that need no condition.
FREE = {"policy", "x-amz-signature", "signature", "awsaccesskeyid", "file", "bucket"}
RANGE = "content-length-range"


def check_policy(fields: Mapping[str, str], bucket: str, now: datetime) -> None:
    """Raise AwsError AccessDenied unless the form's policy is in time and its conditions hold."""
    policy = _read(fields["policy"])
    try:
        expires = datetime.fromisoformat(policy["expiration"])
        conditions = [_condition(one) for one in policy["conditions"]]
    except (KeyError, TypeError, ValueError) as error:
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.") from error
    if now >= expires:
        raise _refused("Policy expired.")
    values = {**fields, "bucket": bucket}
    covered = set()
    for operator, name, wanted in conditions:
        if operator == RANGE:
            continue
        covered.add(name)
        value = values.get(name, "")
        holds = value.startswith(wanted) if operator == "starts-with" else value == wanted
        if not holds:
            told = json.dumps([operator, f"${name}", wanted])
            raise _refused(f"Policy Condition failed: {told}")
    extra = [name for name in fields if name not in FREE | covered and not name.startswith("x-ignore-")]
    if extra:
        raise _refused(f"Extra input fields: {', '.join(extra)}")


def check_size(fields: Mapping[str, str], size: int) -> None:
    """Raise AwsError EntityTooSmall or EntityTooLarge unless the policy allows a file of so many bytes."""
    for condition in _read(fields["policy"])["conditions"]:
        if isinstance(condition, list) and condition[0] == RANGE:
            least, most = int(condition[1]), int(condition[2])
            if size < least:
                message = "Your proposed upload is smaller than the minimum allowed size"
                raise AwsError("EntityTooSmall", message, ProposedSize=size, MinSizeAllowed=least)
            if size > most:
                message = "Your proposed upload exceeds the maximum allowed size"
                raise AwsError("EntityTooLarge", message, ProposedSize=size, MaxSizeAllowed=most)


def _read(encoded: str) -> Any:
    try:
        return json.loads(base64.b64decode(encoded, validate=True))
    except ValueError as error:
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.") from error


def _condition(one: Any) -> tuple[str, str, str]:
    """Operator, field and wanted value; raises KeyError, TypeError or ValueError for what is no condition."""
    if isinstance(one, dict):
        ((name, wanted),) = one.items()
        return "eq", name.lower(), str(wanted)
    operator, name, wanted = one
    if operator == RANGE:
        int(name), int(wanted)
        return RANGE, "", ""
    if operator not in ("eq", "starts-with") or not name.startswith("$"):
        raise ValueError(operator)
    return operator, name[1:].lower(), str(wanted)


def _refused(reason: str) -> AwsError:
    return AwsError("AccessDenied", f"Invalid according to Policy: {reason}", 403)
