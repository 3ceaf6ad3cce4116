"""SageMaker's tags: kept in the document of what they are on, so that the two are made and go together."""

import base64
import binascii
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region

Body = dict[str, Any]

# The resource types of ARNs whose documents can be tagged; the type is the document's kind.
TAGGED = ("training-job", "model", "transform-job", "processing-job")
LIMIT = 50  # tags a resource: SageMaker API reference, AddTags
PAGE = 50
RESERVED = "aws:"  # https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html


def add_tags(region: Region, request: Body) -> Body:
    """Set tags; answers all of the resource's."""
    given = {tag["Key"]: tag["Value"] for tag in check(request["Tags"])}

    def change(tags: dict[str, str]) -> dict[str, str]:
        changed = {**tags, **given}
        if len(changed) > LIMIT:
            raise AwsError("ResourceLimitExceeded", f"A resource can have at most {LIMIT} tags.")
        return changed

    return {"Tags": _change(region, request["ResourceArn"], change)}


def check(tags: list[Body]) -> list[Body]:
    """The tags of a request, if a resource may have them; raises AwsError ValidationException."""
    keys = [tag["Key"] for tag in tags]
    for key in keys:
        if key.lower().startswith(RESERVED):
            raise AwsError("ValidationException", f"Tag keys that start with {RESERVED} are reserved: {key}")
        if keys.count(key) > 1:
            raise AwsError("ValidationException", f"Duplicate tag keys found: {key}")
    return tags


def delete_tags(region: Region, request: Body) -> Body:
    """Remove the tags of these keys."""
    gone = set(request["TagKeys"])
    _change(region, request["ResourceArn"], lambda tags: {key: tags[key] for key in tags if key not in gone})
    return {}


def list_tags(region: Region, request: Body) -> Body:
    """A page of a resource's tags."""
    kind, name = _locate(request["ResourceArn"])
    body = region.documents.get(kind, name)
    if body is None or not _is(body, request["ResourceArn"]):
        raise _absent(request["ResourceArn"])
    tags, start = body.get("Tags", []), _read_token(request.get("NextToken"))
    end = start + request.get("MaxResults", PAGE)
    more = {"NextToken": base64.b64encode(str(end).encode()).decode()} if end < len(tags) else {}
    return {"Tags": tags[start:end], **more}


def _change(region: Region, arn: str, change: Any) -> list[Body]:
    kind, name = _locate(arn)

    def update(body: Body) -> Body | None:
        if not _is(body, arn):
            return None
        tags = change({tag["Key"]: tag["Value"] for tag in body.get("Tags", [])})
        return {**body, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    body = region.documents.update(kind, name, update)
    if body is None or not _is(body, arn):
        raise _absent(arn)
    tags: list[Body] = body["Tags"]
    return tags


def _locate(arn: str) -> tuple[str, str]:
    """The kind and name of the document that the ARN names."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind not in TAGGED:
        raise _absent(arn)
    return kind, name


def _is(body: Body, arn: str) -> bool:
    return arn in body.values()


def _absent(arn: str) -> AwsError:
    return AwsError("ValidationException", f"Requested resource not found: {arn}")


def _read_token(token: str | None) -> int:
    try:
        return int(base64.b64decode(token)) if token else 0
    except (binascii.Error, ValueError) as error:
        raise AwsError("ValidationException", "Invalid NextToken") from error
