"""Objects that were uploaded in parts: read as one, without a copy, and freed with their last name."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from apps.localregion.errors import AwsError
from apps.localregion.store.objects import Objects
from apps.localregion.store.stored import Description, StoredObject
from apps.localregion.store.uploads import Uploads

PARTS = (os.urandom(600_000), os.urandom(40_000), b"the last, which is small")
WHOLE = b"".join(PARTS)


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    store = Objects(tmp_path / "region.sqlite3", tmp_path / "blobs")
    store.create_bucket("b")
    return store


def joined(objects: Objects, key: str = "k") -> StoredObject:
    uploads = Uploads(objects)
    upload = uploads.get("b", key, uploads.create("b", key, Description(), ""))
    for number, body in enumerate(PARTS, 1):
        with objects.draft() as drafting:
            drafting.write(body)
            uploads.put_part(upload, number, drafting.finish(), {})
    return uploads.complete(upload, uploads.parts(upload), Description(), None)


def files(objects: Objects) -> Iterator[str]:
    return objects.blobs.stored()


def test_it_is_read_from_any_byte_on(objects: Objects) -> None:
    stored = joined(objects)
    assert stored.size == len(WHOLE)
    with closing(objects.open(stored)) as source:
        assert source.read() == WHOLE
        for at in (0, 1, 262_144, 599_999, 600_000, 639_999, 640_000, len(WHOLE) - 1, len(WHOLE)):
            source.seek(at)
            found = source.read(100)
            assert WHOLE[at : at + len(found)] == found
            assert bool(found) == (at < len(WHOLE))
    assert len([*files(objects)]) == 2  # the small part lies in the index


def test_it_is_brought_as_one_file(objects: Objects, tmp_path: Path) -> None:
    objects.bring(joined(objects), tmp_path / "whole")
    assert (tmp_path / "whole").read_bytes() == WHOLE


def test_its_parts_stay_as_long_as_anything_names_them(objects: Objects) -> None:
    stored = joined(objects)
    joined(objects, "twin")
    assert objects.copy(stored, "b", "copy", Description()) is not None
    objects.delete("b", "k")
    objects.delete("b", "twin")
    objects.collect_all()
    found = objects.get("b", "copy")
    assert found is not None
    with closing(objects.open(found)) as source:
        assert source.read() == WHOLE
    objects.delete("b", "copy")
    assert [*files(objects)] == []
    left = "SELECT digest FROM joints UNION ALL SELECT digest FROM blobs"
    assert objects.database.connection.execute(left).fetchall() == []
    with pytest.raises(FileNotFoundError):
        objects.open(stored)


def test_who_reads_it_goes_on_reading_when_it_is_replaced(objects: Objects) -> None:
    with closing(objects.open(joined(objects))) as source:
        begun = source.read(10)
        objects.delete("b", "k")
        assert begun + source.read() == WHOLE
        assert len([*files(objects)]) == 2
    assert [*files(objects)] == []


def test_parts_that_are_not_there_any_more_are_refused(objects: Objects) -> None:
    uploads = Uploads(objects)
    upload = uploads.get("b", "k", uploads.create("b", "k", Description(), ""))
    with objects.draft() as drafting:
        drafting.write(b"first")
        uploads.put_part(upload, 1, drafting.finish(), {})
    parts = uploads.parts(upload)
    with objects.draft() as drafting:
        drafting.write(b"another")
        uploads.put_part(upload, 1, drafting.finish(), {})
    with pytest.raises(AwsError) as refused:
        uploads.complete(upload, parts, Description(), None)
    assert refused.value.code == "InvalidPart"
