"""S3's buckets and objects: an index in SQLite over content-addressed blobs. Keys are data, never paths."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.store.blobs import COPY_BYTES, Blobs, Draft, Drafting
from apps.localregion.store.database import Database
from apps.localregion.store.keys import behind, successor

PAGE = 1000
DEFAULT_TYPE = "binary/octet-stream"  # S3's own, when a client gives none


@dataclass(frozen=True)
class Description:
    """What a client says about an object beside its bytes."""

    content_type: str = DEFAULT_TYPE
    metadata: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # CacheControl, ContentEncoding, ...: botocore's names
    checksums: dict[str, str] = field(default_factory=dict)  # ChecksumCRC32, ...: base64, as S3 answers them
    checksum_type: str = ""  # FULL_OBJECT or COMPOSITE
    part_sizes: tuple[int, ...] = ()  # of an object that was uploaded in parts


@dataclass(frozen=True)
class StoredObject:
    """An object as it lies in the store; `blob` is its file, `etag` without quotes."""

    bucket: str
    key: str
    size: int
    etag: str
    digest: str
    blob: Path
    modified: datetime
    description: Description

    @property
    def content_type(self) -> str:
        """Its Content-Type."""
        return self.description.content_type

    @property
    def metadata(self) -> dict[str, str]:
        """Its user metadata (`x-amz-meta-*`)."""
        return self.description.metadata


Condition = Callable[[StoredObject | None], None]


class Objects:
    """Buckets and objects.

    A crash leaves the old or the new object; blobs that nobody names go at the next start.
    """

    def __init__(self, path: Path, blobs: Path) -> None:
        self.database = Database(path)
        self.blobs = Blobs(blobs)

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket; one that is there stays as it is."""
        with self.database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO buckets (name, created) VALUES (?, ?)", (bucket, time.time()))

    def has_bucket(self, bucket: str) -> bool:
        """Whether the bucket is there."""
        return _has_bucket(self.database.connection, bucket)

    def buckets(self) -> Sequence[tuple[str, datetime]]:
        """Every bucket's name and time of creation, by name."""
        rows = self.database.connection.execute("SELECT name, created FROM buckets ORDER BY name")
        return [(row["name"], datetime.fromtimestamp(row["created"], UTC)) for row in rows]

    def delete_bucket(self, bucket: str) -> None:
        """Remove an empty bucket; raises AwsError NoSuchBucket or BucketNotEmpty."""
        with self.database.write() as connection:
            require_bucket(connection, bucket)
            if connection.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (bucket,)).fetchone():
                message = "The bucket you tried to delete is not empty"
                raise AwsError("BucketNotEmpty", message, 409, BucketName=bucket)
            unfinished = "FROM parts WHERE upload IN (SELECT id FROM uploads WHERE bucket = ?)"
            rows = connection.execute(f"SELECT digest {unfinished}", (bucket,)).fetchall()
            connection.execute(f"DELETE {unfinished}", (bucket,))
            connection.execute("DELETE FROM uploads WHERE bucket = ?", (bucket,))
            connection.execute("DELETE FROM buckets WHERE name = ?", (bucket,))
        self.collect(row["digest"] for row in rows)

    def draft(self) -> Drafting:
        """A temporary file for a body that is coming in."""
        return self.blobs.draft()

    def put_file(
        self,
        bucket: str,
        key: str,
        source: Path,
        *,
        content_type: str = DEFAULT_TYPE,
        metadata: dict[str, str] | None = None,
    ) -> StoredObject:
        """Store a copy of a file; raises AwsError NoSuchBucket."""
        with self.draft() as drafting:
            with source.open("rb") as file:
                shutil.copyfileobj(file, drafting, COPY_BYTES)
            return self.put(bucket, key, drafting.finish(), Description(content_type, metadata or {}))

    def put(
        self,
        bucket: str,
        key: str,
        draft: Draft,
        description: Description,
        *,
        etag: str = "",
        condition: Condition | None = None,
        within: Callable[[sqlite3.Connection], None] | None = None,
    ) -> StoredObject:
        """Make a draft the object of this key, in place of what was there.

        `condition` sees the object that is there (or None) and raises to refuse; `etag` defaults to the
        body's MD5; `within` does more in the same transaction. Raises AwsError NoSuchBucket.
        """
        with self.database.write() as connection:
            before = self._replaced(connection, bucket, key, condition)
            if within is not None:
                within(connection)
            self.blobs.adopt(draft)
            stored = self._write(connection, bucket, key, draft.size, etag or draft.md5, draft.digest, description)
        if before is not None:
            self.collect([before.digest])
        return stored

    def copy(
        self,
        source: StoredObject,
        bucket: str,
        key: str,
        description: Description,
        condition: Condition | None = None,
    ) -> StoredObject | None:
        """Store another object with the bytes of `source`; None when that is not there any more."""
        with self.database.write() as connection:
            before = self._replaced(connection, bucket, key, condition)
            if not _named(connection, source.digest):
                return None
            stored = self._write(connection, bucket, key, source.size, source.etag, source.digest, description)
        if before is not None:
            self.collect([before.digest])
        return stored

    def get(self, bucket: str, key: str) -> StoredObject | None:
        """The object, or None."""
        return self._get(self.database.connection, bucket, key)

    def list(self, bucket: str, prefix: str = "") -> Iterator[StoredObject]:
        """The objects whose keys start with `prefix`, in key order (UTF-8)."""
        start = prefix
        while page := self.page(bucket, prefix, start, PAGE):
            yield from page
            start = behind(page[-1].key)

    def page(self, bucket: str, prefix: str, start: str, limit: int) -> Sequence[StoredObject]:
        """At most `limit` objects under `prefix`, from the key `start` on."""
        end = successor(prefix)
        rows = self.database.connection.execute(
            "SELECT * FROM objects WHERE bucket = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?",
            (bucket, max(prefix, start), end, end, limit),
        )
        return [self._object(row) for row in rows.fetchall()]

    def delete(self, bucket: str, key: str) -> None:
        """Remove the object, if it is there; raises AwsError NoSuchBucket."""
        self.delete_all(bucket, [key])

    def delete_all(self, bucket: str, keys: Iterable[str], condition: Condition | None = None) -> None:
        """Remove those of the objects that are there; raises AwsError NoSuchBucket."""
        gone = []
        with self.database.write() as connection:
            for key in keys:
                before = self._replaced(connection, bucket, key, condition)
                if before is not None:
                    connection.execute("DELETE FROM objects WHERE bucket = ? AND key = ?", (bucket, key))
                    gone.append(before.digest)
        self.collect(gone)

    def collect(self, digests: Iterable[str]) -> None:
        """Remove the blobs among these that nothing names any more."""
        with self.database.write() as connection:
            for digest in digests:
                if not _named(connection, digest):
                    self.blobs.drop(digest)

    def collect_all(self) -> None:
        """Remove the drafts and the unnamed blobs that crashes left behind. Only before the first request."""
        self.blobs.clear_drafts()
        with self.database.write() as connection:
            rows = connection.execute("SELECT digest FROM objects UNION SELECT digest FROM parts")
            named = {row["digest"] for row in rows}
            for digest in self.blobs.stored():
                if digest not in named:
                    self.blobs.drop(digest)

    def _replaced(
        self, connection: sqlite3.Connection, bucket: str, key: str, condition: Condition | None
    ) -> StoredObject | None:
        require_bucket(connection, bucket)
        before = self._get(connection, bucket, key)
        if condition is not None:
            condition(before)
        return before

    def _write(
        self,
        connection: sqlite3.Connection,
        bucket: str,
        key: str,
        size: int,
        etag: str,
        digest: str,
        description: Description,
    ) -> StoredObject:
        now = time.time()
        connection.execute(
            "INSERT OR REPLACE INTO objects (bucket, key, size, etag, digest, modified, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (bucket, key, size, etag, digest, now, json.dumps(asdict(description))),
        )
        modified = datetime.fromtimestamp(now, UTC)
        return StoredObject(bucket, key, size, etag, digest, self.blobs.path(digest), modified, description)

    def _get(self, connection: sqlite3.Connection, bucket: str, key: str) -> StoredObject | None:
        row = connection.execute("SELECT * FROM objects WHERE bucket = ? AND key = ?", (bucket, key)).fetchone()
        return self._object(row) if row else None

    def _object(self, row: sqlite3.Row) -> StoredObject:
        body: dict[str, Any] = json.loads(row["body"])
        description = Description(**{**body, "part_sizes": tuple(body["part_sizes"])})
        modified = datetime.fromtimestamp(row["modified"], UTC)
        blob = self.blobs.path(row["digest"])
        return StoredObject(
            row["bucket"], row["key"], row["size"], row["etag"], row["digest"], blob, modified, description
        )


def require_bucket(connection: sqlite3.Connection, bucket: str) -> None:
    """Raise AwsError NoSuchBucket unless the bucket is there."""
    if not _has_bucket(connection, bucket):
        raise no_such_bucket(bucket)


def no_such_bucket(bucket: str) -> AwsError:
    """S3's answer about a bucket that is not there."""
    return AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket)


def _has_bucket(connection: sqlite3.Connection, bucket: str) -> bool:
    return connection.execute("SELECT 1 FROM buckets WHERE name = ?", (bucket,)).fetchone() is not None


def _named(connection: sqlite3.Connection, digest: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM objects WHERE digest = ? UNION ALL SELECT 1 FROM parts WHERE digest = ? LIMIT 1",
        (digest, digest),
    )
    return found.fetchone() is not None
