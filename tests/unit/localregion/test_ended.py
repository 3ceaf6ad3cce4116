"""How long uploads that are over are remembered, and how many of them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.localregion.store import ended
from apps.localregion.store.database import Database
from apps.localregion.store.stored import Description, StoredObject

PARTS = [(1, "a"), (2, "b")]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(Database(tmp_path / "region.sqlite3").connection) as opened:
        yield opened


def complete(connection: sqlite3.Connection, upload: str) -> None:
    description = Description(headers={"ServerSideEncryption": "AES256"}, part_sizes=(5, 6), metadata={"left": "out"})
    made = StoredObject("bucket", "key", 11, "etag-2", "digest", datetime.now(UTC), description, "version")
    ended.remember_completed(connection, upload, PARTS, made)


def test_a_completed_upload_is_known_by_its_bucket_key_and_parts(connection: sqlite3.Connection) -> None:
    complete(connection, "one")
    found = ended.completed(connection, "one", "bucket", "key", PARTS)
    assert found is not None
    assert (found.size, found.etag, found.version) == (11, "etag-2", "version")
    assert found.description == Description(headers={"ServerSideEncryption": "AES256"})
    for bucket, key, parts in (("other", "key", PARTS), ("bucket", "other", PARTS), ("bucket", "key", PARTS[:1])):
        assert ended.completed(connection, "one", bucket, key, parts) is None


def test_an_upload_that_was_given_up_has_ended_and_made_nothing(connection: sqlite3.Connection) -> None:
    ended.remember_aborted(connection, "one", "bucket", "key")
    assert ended.has_ended(connection, "one", "bucket", "key")
    assert ended.completed(connection, "one", "bucket", "key", []) is None


def test_after_a_day_an_upload_that_is_over_is_forgotten(connection: sqlite3.Connection) -> None:
    complete(connection, "old")
    connection.execute("UPDATE ended SET moment = moment - ?", (ended.KEPT_SECONDS + 1,))
    assert ended.completed(connection, "old", "bucket", "key", PARTS) is None
    complete(connection, "new")
    assert [row["upload"] for row in connection.execute("SELECT upload FROM ended")] == ["new"]


def test_no_more_than_the_latest_ones_are_kept(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended, "MOST_KEPT", 3)
    for number in range(5):
        complete(connection, str(number))
    assert [row["upload"] for row in connection.execute("SELECT upload FROM ended ORDER BY moment")] == ["2", "3", "4"]
