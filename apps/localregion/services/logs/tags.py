"""Tags of log groups, by the operations of today and by those that came before them."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.logs.groups import change_group, group, group_name_of

MOST_TAGS = 50

Body = dict[str, Any]


def tag_resource(region: Region, request: Body) -> Body:
    """Add tags, or change their values."""
    return _tag(region, _named(request), request["tags"])


def untag_resource(region: Region, request: Body) -> Body:
    """Remove tags; a key that is not there is no error."""
    return _untag(region, _named(request), request["tagKeys"])


def list_tags_for_resource(region: Region, request: Body) -> Body:
    """Every tag."""
    return {"tags": group(region, _named(request))["tags"]}


def tag_log_group(region: Region, request: Body) -> Body:
    """TagResource's predecessor."""
    return _tag(region, request["logGroupName"], request["tags"])


def untag_log_group(region: Region, request: Body) -> Body:
    """UntagResource's predecessor."""
    return _untag(region, request["logGroupName"], request["tags"])


def list_tags_log_group(region: Region, request: Body) -> Body:
    """ListTagsForResource's predecessor."""
    return {"tags": group(region, request["logGroupName"])["tags"]}


def _tag(region: Region, name: str, tags: dict[str, str]) -> Body:
    def change(body: Body) -> Body:
        after = {**body["tags"], **tags}
        if len(after) > MOST_TAGS:
            raise AwsError("TooManyTagsException", f"A resource can have no more than {MOST_TAGS} tags.")
        return {**body, "tags": after}

    change_group(region, name, change)
    return {}


def _untag(region: Region, name: str, keys: list[str]) -> Body:
    def change(body: Body) -> Body:
        return {**body, "tags": {key: value for key, value in body["tags"].items() if key not in keys}}

    change_group(region, name, change)
    return {}


def _named(request: Body) -> str:
    """The group that an ARN names; raises AwsError for what is no log group's."""
    arn = request["resourceArn"]
    if ":log-group:" not in arn:
        raise AwsError("InvalidParameterException", f"{arn} is not the ARN of a log group")
    return group_name_of(arn)
