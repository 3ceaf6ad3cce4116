"""S3's buckets: their names, whether they keep versions, and the settings that are kept for them."""

import json
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.store.database import Database


class Buckets:
    """The buckets of one index."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket; one that is there stays as it is."""
        with self.database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO buckets (name, created) VALUES (?, ?)", (bucket, time.time()))

    def has_bucket(self, bucket: str) -> bool:
        """Whether the bucket is there."""
        return _row(self.database.connection, bucket) is not None

    def buckets(self) -> Sequence[tuple[str, datetime]]:
        """Every bucket's name and time of creation, by name."""
        rows = self.database.connection.execute("SELECT name, created FROM buckets ORDER BY name")
        return [(row["name"], datetime.fromtimestamp(row["created"], UTC)) for row in rows]

    def versioning(self, bucket: str) -> str:
        """Enabled, Suspended, or empty where it was never enabled."""
        return versioning(self.database.connection, bucket)

    def set_versioning(self, bucket: str, status: str) -> None:
        """Keep versions from now on (Enabled), or not any more (Suspended); raises AwsError NoSuchBucket."""
        with self.database.write() as connection:
            versioning(connection, bucket)
            connection.execute("UPDATE buckets SET versioning = ? WHERE name = ?", (status, bucket))

    def setting(self, bucket: str, name: str) -> Any:
        """A setting of the bucket, or None."""
        row = _row(self.database.connection, bucket)
        return json.loads(row["settings"]).get(name) if row else None

    def set_setting(self, bucket: str, name: str, value: Any) -> None:
        """Keep a setting, or with None drop it; raises AwsError NoSuchBucket."""
        with self.database.write() as connection:
            row = _row(connection, bucket)
            if row is None:
                raise no_such_bucket(bucket)
            settings = json.loads(row["settings"]) | {name: value}
            kept = {name: value for name, value in settings.items() if value is not None}
            connection.execute("UPDATE buckets SET settings = ? WHERE name = ?", (json.dumps(kept), bucket))


def versioning(connection: sqlite3.Connection, bucket: str) -> str:
    """Whether the bucket keeps versions, in AWS's words or empty; raises AwsError NoSuchBucket."""
    row = _row(connection, bucket)
    if row is None:
        raise no_such_bucket(bucket)
    return str(row["versioning"])


def no_such_bucket(bucket: str) -> AwsError:
    """S3's answer about a bucket that is not there."""
    return AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket)


def _row(connection: sqlite3.Connection, bucket: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM buckets WHERE name = ?", (bucket,)).fetchone()
    return row
