"""sts and iam, by boto3."""

from collections.abc import Callable
from typing import Any


def test_the_caller_is_the_regions_one_user(client: Callable[..., Any]) -> None:
    identity = client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/local"
    assert identity["UserId"] == client("sts").get_caller_identity()["UserId"]
