"""An object as the index has it, and its row."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

DEFAULT_TYPE = "binary/octet-stream"  # S3's own, when a client gives none
NULL = "null"  # the version of what is stored while a bucket keeps no versions


@dataclass(frozen=True)
class Description:
    """What a client says about an object beside its bytes."""

    content_type: str = DEFAULT_TYPE
    metadata: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # CacheControl, ContentEncoding, ...: botocore's names
    checksums: dict[str, str] = field(default_factory=dict)  # ChecksumCRC32, ...: base64, as S3 answers them
    checksum_type: str = ""  # FULL_OBJECT or COMPOSITE
    part_sizes: tuple[int, ...] = ()  # of an object that was uploaded in parts
    part_checksums: tuple[dict[str, str], ...] = ()  # of the same, in the manner of `checksums`
    tags: dict[str, str] = field(default_factory=dict)
    sealing: dict[str, str] = field(default_factory=dict)  # how its blob is encrypted; empty when it is not


@dataclass(frozen=True)
class StoredObject:
    """A version of an object as it lies in the store; `digest` is of its blob, `etag` without quotes.

    A delete marker is one too, without bytes. The smaller its position, the newer it is among its key's versions.
    """

    bucket: str
    key: str
    size: int
    etag: str
    digest: str
    modified: datetime
    description: Description
    version: str = NULL
    position: int = 0
    marker: bool = False

    @property
    def content_type(self) -> str:
        """Its Content-Type."""
        return self.description.content_type

    @property
    def metadata(self) -> dict[str, str]:
        """Its user metadata (`x-amz-meta-*`)."""
        return self.description.metadata


Condition = Callable[[StoredObject | None], None]

COLUMNS = "bucket, key, size, etag, digest, modified, body, version, position"


def read_row(row: sqlite3.Row) -> StoredObject:
    """The object of a row of `objects` or `versions`."""
    modified = datetime.fromtimestamp(row["modified"], UTC)
    digest: str = row["digest"]
    return StoredObject(
        row["bucket"],
        row["key"],
        row["size"],
        row["etag"],
        digest,
        modified,
        load_description(json.loads(row["body"])),
        row["version"],
        row["position"],
        marker=not digest,
    )


def load_description(body: dict[str, Any]) -> Description:
    """The description that `dump_description` wrote, or an older release."""
    sizes, checksums = tuple(body["part_sizes"]), tuple(body.get("part_checksums", ()))
    return Description(**{**body, "part_sizes": sizes, "part_checksums": checksums})


def dump_description(description: Description) -> str:
    """A description as text."""
    return json.dumps(asdict(description))
