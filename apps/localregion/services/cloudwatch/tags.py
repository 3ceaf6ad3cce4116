"""Tags of alarms."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.cloudwatch.alarms import KIND

MOST_TAGS = 50

Body = dict[str, Any]


def tag_resource(region: Region, request: Body) -> Body:
    """Add tags, or change their values."""
    given = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    _change(region, request["ResourceARN"], lambda tags: {**tags, **given})
    return {}


def untag_resource(region: Region, request: Body) -> Body:
    """Remove tags; a key that is not there is no error."""
    gone = request["TagKeys"]
    _change(region, request["ResourceARN"], lambda tags: {key: tags[key] for key in tags if key not in gone})
    return {}


def list_tags_for_resource(region: Region, request: Body) -> Body:
    """Every tag of an alarm."""
    body = region.documents.get(KIND, _name(request["ResourceARN"]))
    if body is None:
        raise _absent(request["ResourceARN"])
    return {"Tags": body["Tags"]}


def _change(region: Region, arn: str, change: Any) -> None:
    def update(body: Body) -> Body:
        tags = change({tag["Key"]: tag["Value"] for tag in body["Tags"]})
        if len(tags) > MOST_TAGS:
            raise AwsError("InvalidParameterValue", f"A resource can have no more than {MOST_TAGS} tags.")
        return {**body, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    if region.documents.update(KIND, _name(arn), update) is None:
        raise _absent(arn)


def _name(arn: str) -> str:
    """The alarm that an ARN names; raises AwsError for what is no alarm's."""
    parts = arn.split(":", 6)
    if len(parts) < 7 or parts[5] != "alarm":
        raise AwsError("InvalidParameterValue", f"{arn} is not the ARN of an alarm")
    return parts[6]


def _absent(arn: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"{arn} does not exist", 404)
