"""Sets of tags as S3's requests bring them and its answers have them."""

from typing import Any
from urllib.parse import parse_qsl

from apps.localregion.errors import AwsError

MOST_OF_AN_OBJECT, MOST_OF_A_BUCKET = 10, 50
LONGEST_KEY, LONGEST_VALUE = 128, 256


def header_tags(request: dict[str, Any]) -> dict[str, str]:
    """The tags of the x-amz-tagging header, which is written as a query."""
    try:
        pairs = parse_qsl(
            request.get("Tagging", ""), keep_blank_values=True, strict_parsing=bool(request.get("Tagging"))
        )
    except ValueError as error:
        message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without "
        raise AwsError("InvalidArgument", message + "tag name duplicates.") from error
    return given_tags([{"Key": key, "Value": value} for key, value in pairs], MOST_OF_AN_OBJECT)


def given_tags(tags: list[dict[str, str]], most: int) -> dict[str, str]:
    """The tags by key; raises AwsError for what S3 does not allow."""
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise AwsError("InvalidTag", "Cannot provide multiple Tags with the same key")
    if len(tags) > most:
        raise AwsError("BadRequest", f"Object tags cannot be greater than {most}")
    for tag in tags:
        if not 0 < len(tag["Key"]) <= LONGEST_KEY:
            raise AwsError("InvalidTag", "The TagKey you have provided is invalid", TagKey=tag["Key"])
        if len(tag["Value"]) > LONGEST_VALUE:
            raise AwsError("InvalidTag", "The TagValue you have provided is invalid", TagValue=tag["Value"])
        if tag["Key"].startswith("aws:"):
            raise AwsError("InvalidTag", "System tags cannot be added/updated by requester")
    return {tag["Key"]: tag["Value"] for tag in tags}


def tag_set(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags as S3 answers them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
