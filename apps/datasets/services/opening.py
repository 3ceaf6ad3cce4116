"""A version's objects, opened to be passed on."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.core.errors import NotFound
from apps.datasets import aws
from apps.datasets.models import DatasetVersion

PARTS = ("raw", "train", "validation", "train.rows", "validation.rows")


@dataclass(frozen=True)
class Download:
    """The bytes of an object, `size` of them, as they come."""

    filename: str
    size: int
    chunks: Iterator[bytes]


def open_part(version: DatasetVersion, part: str) -> Download:
    """One of PARTS; raises NotFound while it is not made, AwsFailure when it is gone."""
    if part == "raw":
        uri, filename = version.raw_s3_uri, version.filename
    else:
        uri = f"s3://{aws.split(version.train_s3_uri)[0]}/{version.keys[part]}" if version.train_s3_uri else ""
        filename = f"{version.dataset.name}-v{version.number}.{part}.csv"
    if not uri:
        raise NotFound(f"{version} has no {part} object yet", "part")
    plain = "".join(mark if mark.isascii() and (mark.isalnum() or mark in "-_.") else "-" for mark in filename)
    found = aws.look(version.dataset.workspace, uri)
    return Download(plain, found.size, aws.read(version.dataset.workspace, uri))
