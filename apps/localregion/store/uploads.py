"""Multipart uploads: parts are blobs until they are joined or given up."""

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.store.blobindex import forget, join, keep, opened_part
from apps.localregion.store.blobs import COPY_BYTES, Draft
from apps.localregion.store.buckets import versioning
from apps.localregion.store.ended import Named, completed, has_ended, remember_aborted, remember_completed
from apps.localregion.store.objects import Objects
from apps.localregion.store.pieces import Damaged
from apps.localregion.store.stored import Condition, Description, StoredObject, dump_description, load_description


@dataclass(frozen=True)
class Upload:
    """An upload that is neither completed nor aborted."""

    id: str
    bucket: str
    key: str
    created: datetime
    description: Description
    algorithm: str  # of the parts' checksums, "CRC32"; or empty


@dataclass(frozen=True)
class Part:
    """One part; `etag` without quotes."""

    number: int
    size: int
    etag: str
    digest: str
    modified: datetime
    checksums: dict[str, str]


class Uploads:
    """The unfinished uploads beside the objects that they are to become."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._database = objects.database

    def create(self, bucket: str, key: str, description: Description, algorithm: str) -> str:
        """Begin an upload and answer its id; raises AwsError NoSuchBucket."""
        identity = secrets.token_urlsafe(48)
        body = json.dumps({"description": dump_description(description), "algorithm": algorithm})
        with self._database.write() as connection:
            versioning(connection, bucket)
            connection.execute(
                "INSERT INTO uploads (id, bucket, key, created, body) VALUES (?, ?, ?, ?, ?)",
                (identity, bucket, key, time.time(), body),
            )
        return identity

    def get(self, bucket: str, key: str, identity: str) -> Upload:
        """The upload; raises AwsError NoSuchUpload."""
        return _get(self._database.connection, bucket, key, identity)

    def page(self, bucket: str, prefix: str, after: tuple[str, str], limit: int) -> Sequence[Upload]:
        """Uploads under a prefix behind a key and id, by key and then id."""
        rows = self._database.connection.execute(
            "SELECT * FROM uploads WHERE bucket = ? AND substr(key, 1, ?) = ? AND (key, id) > (?, ?)"
            " ORDER BY key, id LIMIT ?",
            (bucket, len(prefix), prefix, *after, limit),
        )
        return [_upload(row) for row in rows.fetchall()]

    def put_part(self, upload: Upload, number: int, draft: Draft, checksums: dict[str, str]) -> None:
        """Store a part in place of the one with its number; raises AwsError NoSuchUpload."""
        row = (upload.id, number, draft.size, draft.etag, draft.digest, time.time(), json.dumps(checksums))
        with self._database.write() as connection:
            _get(connection, upload.bucket, upload.key, upload.id)
            found = connection.execute("SELECT digest FROM parts WHERE upload = ? AND number = ?", row[:2]).fetchall()
            keep(connection, self._objects.blobs, draft)
            connection.execute(
                "INSERT OR REPLACE INTO parts (upload, number, size, etag, digest, modified, checksums)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            files = forget(connection, [old["digest"] for old in found])
        self._objects.collect(files)

    def parts(self, upload: Upload, after: int = 0, limit: int = 10_000) -> Sequence[Part]:
        """The parts behind a number, in order."""
        rows = self._database.connection.execute(
            "SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?", (upload.id, after, limit)
        )
        return [_part(row) for row in rows.fetchall()]

    def complete(
        self,
        upload: Upload,
        parts: Sequence[Part],
        description: Description,
        condition: Condition | None,
        watch: Callable[[bytes], None] | None = None,
        finished: Callable[[Description], Description] = lambda description: description,
    ) -> StoredObject:
        """Join the parts into the object, which copies nothing; raises AwsError NoSuchUpload or InvalidPart.

        `watch` sees the joined bytes; `finished` completes the description when they have passed.
        """
        md5s = b"".join(bytes.fromhex(part.etag) for part in parts)
        etag = f"{hashlib.md5(md5s, usedforsecurity=False).hexdigest()}-{len(parts)}"
        if watch is not None:
            self._show(upload, parts, watch)
        summed = tuple(part.checksums for part in parts) if any(part.checksums for part in parts) else ()
        sizes = tuple(part.size for part in parts)
        sized = replace(finished(description), part_sizes=sizes, part_checksums=summed)

        def joined(connection: sqlite3.Connection) -> tuple[str, list[str]]:
            _check(connection, upload, parts)
            return join(connection, [part.digest for part in parts]), _remove(connection, upload)

        def remember(connection: sqlite3.Connection, stored: StoredObject) -> None:
            remember_completed(connection, upload.id, [(part.number, part.etag) for part in parts], stored)

        return self._objects.put_joined(upload.bucket, upload.key, sum(sizes), etag, sized, condition, joined, remember)

    def completed(self, bucket: str, key: str, identity: str, parts: Named) -> StoredObject | None:
        """What an upload that is completed made of these parts, as far as that is remembered."""
        return completed(self._database.connection, identity, bucket, key, parts)

    def _show(self, upload: Upload, parts: Sequence[Part], watch: Callable[[bytes], None]) -> None:
        try:
            for part in parts:
                with closing(opened_part(self._database, self._objects.blobs, part.digest)) as source:
                    while data := source.read(COPY_BYTES):
                        watch(data)
        except (FileNotFoundError, Damaged) as error:
            self.get(upload.bucket, upload.key, upload.id)  # raises if it was aborted or completed meanwhile
            raise invalid_part() from error

    def abort(self, bucket: str, key: str, identity: str) -> None:
        """Give up an upload and its parts, unless it is over already; raises AwsError NoSuchUpload."""
        with self._database.write() as connection:
            if has_ended(connection, identity, bucket, key):
                return
            files = forget(connection, _remove(connection, _get(connection, bucket, key, identity)))
            remember_aborted(connection, identity, bucket, key)
        self._objects.collect(files)


def no_such_upload(identity: str) -> AwsError:
    """S3's answer about an upload that is not there."""
    message = (
        "The specified upload does not exist. The upload ID may be invalid, "
        "or the upload may have been aborted or completed."
    )
    return AwsError("NoSuchUpload", message, 404, UploadId=identity)


def invalid_part() -> AwsError:
    """S3's answer about a part that is not there, or not what the client thinks."""
    message = (
        "One or more of the specified parts could not be found. The part may not have been uploaded, "
        "or the specified entity tag may not match the part's entity tag."
    )
    return AwsError("InvalidPart", message)


def _get(connection: sqlite3.Connection, bucket: str, key: str, identity: str) -> Upload:
    versioning(connection, bucket)
    row = connection.execute(
        "SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?", (identity, bucket, key)
    ).fetchone()
    if row is None:
        raise no_such_upload(identity)
    return _upload(row)


def _check(connection: sqlite3.Connection, upload: Upload, parts: Sequence[Part]) -> None:
    """Raise AwsError NoSuchUpload or InvalidPart unless the parts still are these, and known blobs."""
    _get(connection, upload.bucket, upload.key, upload.id)
    rows = connection.execute(
        "SELECT number, digest FROM parts JOIN blobs USING (digest) WHERE upload = ?", (upload.id,)
    )
    stored = {row["number"]: row["digest"] for row in rows}
    if any(stored.get(part.number) != part.digest for part in parts):
        raise invalid_part()


def _remove(connection: sqlite3.Connection, upload: Upload) -> list[str]:
    """Remove the rows of an upload and answer the digests that its parts had."""
    _get(connection, upload.bucket, upload.key, upload.id)
    rows = connection.execute("SELECT digest FROM parts WHERE upload = ?", (upload.id,)).fetchall()
    connection.execute("DELETE FROM parts WHERE upload = ?", (upload.id,))
    connection.execute("DELETE FROM uploads WHERE id = ?", (upload.id,))
    return [row["digest"] for row in rows]


def _upload(row: sqlite3.Row) -> Upload:
    body: dict[str, Any] = json.loads(row["body"])
    kept = body["description"]
    description = load_description(json.loads(kept) if isinstance(kept, str) else kept)
    created = datetime.fromtimestamp(row["created"], UTC)
    return Upload(row["id"], row["bucket"], row["key"], created, description, body["algorithm"])


def _part(row: sqlite3.Row) -> Part:
    modified = datetime.fromtimestamp(row["modified"], UTC)
    return Part(row["number"], row["size"], row["etag"], row["digest"], modified, json.loads(row["checksums"]))
