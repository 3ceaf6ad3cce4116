"""S3's listings, by boto3: order, prefixes, delimiters and pages."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

KEYS = ["a", "b/1", "b/2", "b/c/3", "c", "d/", "d/4", "e//5", "ä", "日本"]
BUCKET = "listed"
numbers = count()


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    made = client("s3")
    made.create_bucket(Bucket=BUCKET)
    for key in KEYS:
        made.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    return made


def names(page: dict[str, Any]) -> tuple[list[str], list[str]]:
    keys = [item["Key"] for item in page.get("Contents", [])]
    return keys, [item["Prefix"] for item in page.get("CommonPrefixes", [])]


def test_keys_come_in_the_order_of_their_utf8_bytes(s3: Any) -> None:
    page = s3.list_objects_v2(Bucket=BUCKET)
    assert names(page) == (sorted(KEYS, key=str.encode), [])
    assert (page["KeyCount"], page["MaxKeys"], page["IsTruncated"], page["Name"]) == (10, 1000, False, BUCKET)
    entry = page["Contents"][0]
    assert (entry["Size"], entry["StorageClass"]) == (1, "STANDARD")
    assert entry["ETag"] == s3.head_object(Bucket=BUCKET, Key="a")["ETag"]
    assert "Owner" not in entry
    assert "Owner" in s3.list_objects_v2(Bucket=BUCKET, FetchOwner=True)["Contents"][0]


@pytest.mark.parametrize(
    ("prefix", "delimiter", "keys", "prefixes"),
    [
        ("", "/", ["a", "c", "ä", "日本"], ["b/", "d/", "e/"]),
        ("b/", "/", ["b/1", "b/2"], ["b/c/"]),
        ("b", "/", [], ["b/"]),
        ("d/", "/", ["d/", "d/4"], []),
        ("e/", "/", [], ["e//"]),
        ("b/", "", ["b/1", "b/2", "b/c/3"], []),
        ("", "//", ["a", "b/1", "b/2", "b/c/3", "c", "d/", "d/4", "ä", "日本"], ["e//"]),
        ("nothing", "/", [], []),
        ("日", "", ["日本"], []),
    ],
)
def test_a_delimiter_rolls_keys_up(s3: Any, prefix: str, delimiter: str, keys: list[str], prefixes: list[str]) -> None:
    given_members = {"Delimiter": delimiter} if delimiter else {}
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix, **given_members)
    assert names(page) == (keys, prefixes)
    assert page["KeyCount"] == len(keys) + len(prefixes)
    assert names(s3.list_objects(Bucket=BUCKET, Prefix=prefix, **given_members)) == (keys, prefixes)


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 10])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_leave_nothing_out_and_repeat_nothing(s3: Any, operation: str, size: int, delimiter: str) -> None:
    members = {"Bucket": BUCKET, **({"Delimiter": delimiter} if delimiter else {})}
    whole = names(getattr(s3, operation)(**members))
    pages = list(s3.get_paginator(operation).paginate(**members, PaginationConfig={"PageSize": size}))
    assert all(len(names(page)[0]) + len(names(page)[1]) <= size for page in pages)
    assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]
    keys = [key for page in pages for key in names(page)[0]]
    prefixes = [prefix for page in pages for prefix in names(page)[1]]
    assert (keys, prefixes) == whole


def test_a_listing_starts_behind_a_key(s3: Any) -> None:
    page = s3.list_objects_v2(Bucket=BUCKET, StartAfter="b/2", MaxKeys=2)
    assert names(page)[0] == ["b/c/3", "c"]
    assert page["StartAfter"] == "b/2"
    assert names(s3.list_objects(Bucket=BUCKET, Marker="b/2", MaxKeys=2))[0] == ["b/c/3", "c"]
    rolled = {"Bucket": BUCKET, "Delimiter": "/"}
    assert names(s3.list_objects_v2(**rolled, StartAfter="b/"))[1] == ["d/", "e/"]
    assert names(s3.list_objects_v2(**rolled, StartAfter="b/1"))[1] == ["b/", "d/", "e/"]
    assert names(s3.list_objects_v2(**rolled, StartAfter="b/", Prefix="b/c"))[1] == ["b/c/"]
    assert names(s3.list_objects_v2(**rolled, StartAfter="b/", Prefix="b/")) == (["b/1", "b/2"], ["b/c/"])


def test_no_keys_asked_for_are_none(s3: Any) -> None:
    page = s3.list_objects_v2(Bucket=BUCKET, MaxKeys=0)
    assert (page["KeyCount"], page["IsTruncated"]) == (0, False)


def test_bad_tokens_and_numbers_are_refused(s3: Any) -> None:
    for members in ({"ContinuationToken": "not a token"}, {"MaxKeys": -1}):
        with pytest.raises(ClientError) as refused:
            s3.list_objects_v2(Bucket=BUCKET, **members)
        assert refused.value.response["Error"]["Code"] == "InvalidArgument"
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="no-such-bucket")


def rolled_up(keys: set[str], prefix: str, delimiter: str) -> tuple[list[str], list[str]]:
    """The listing as its documentation defines it."""
    matching = [key for key in keys if key.startswith(prefix)]
    cut = {key: key.find(delimiter, len(prefix)) if delimiter else -1 for key in matching}
    plain = [key for key in matching if cut[key] < 0]
    prefixes = {key[: cut[key] + len(delimiter)] for key in matching if cut[key] >= 0}
    return sorted(plain), sorted(prefixes)


@settings(max_examples=25, deadline=None)
@given(
    keys=st.sets(st.text(alphabet="ab/é\U0010ffff", min_size=1, max_size=5), max_size=8),
    prefix=st.text(alphabet="ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "ab"]),
    size=st.integers(1, 4),
)
def test_any_listing_is_as_its_definition(
    client: Callable[..., Any], keys: set[str], prefix: str, delimiter: str, size: int
) -> None:
    s3, bucket = client("s3"), f"any-{next(numbers)}"
    s3.create_bucket(Bucket=bucket)
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    members = {"Bucket": bucket, "Prefix": prefix, **({"Delimiter": delimiter} if delimiter else {})}
    pages = list(s3.get_paginator("list_objects_v2").paginate(**members, PaginationConfig={"PageSize": size}))
    found = [key for page in pages for key in names(page)[0]], [one for page in pages for one in names(page)[1]]
    assert found == rolled_up(keys, prefix, delimiter)
