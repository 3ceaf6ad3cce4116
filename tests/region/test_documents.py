"""The document store: paging, filters and changes under contention."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.localregion.store.documents import Documents, Exists, SortBy
from apps.localregion.store.keys import behind, successor

KIND = "training-job"


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    store = Documents(tmp_path / "region.sqlite3")
    for number in range(25):
        body: dict[str, Any] = {
            "Name": f"job-{number:02}",
            "CreationTime": float(number // 3),  # several of one moment
            "LastModifiedTime": float(100 - number),
            "Status": ("Completed", "Failed")[number % 2],
        }
        store.insert(KIND, body["Name"], body)
    store.insert("role", "job-00", {"Name": "another kind"})
    return store


def pages(store: Documents, **members: Any) -> Iterator[list[str]]:
    token = None
    while True:
        bodies, token = store.page(KIND, after=token, limit=4, **members)
        yield [body["Name"] for body in bodies]
        if token is None:
            return


@pytest.mark.parametrize("sort_by", ["created", "modified", "name", "status"])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_are_one_listing_in_order(documents: Documents, sort_by: SortBy, descending: bool) -> None:
    found = [name for page in pages(documents, sort_by=sort_by, descending=descending) for name in page]
    columns = {"created": "CreationTime", "modified": "LastModifiedTime", "name": "Name", "status": "Status"}
    bodies = sorted(documents.all(KIND), key=lambda body: (body[columns[sort_by]], body["Name"]), reverse=descending)
    assert found == [body["Name"] for body in bodies]
    assert len(found) == 25


def test_a_page_that_ends_with_the_last_has_no_token(documents: Documents) -> None:
    assert documents.page(KIND, limit=25)[1] is None
    assert documents.page(KIND, limit=24)[1] is not None


def test_a_job_made_between_two_pages_moves_no_other(documents: Documents) -> None:
    first, token = documents.page(KIND, limit=4)
    documents.insert(KIND, "newest", {"Name": "newest", "CreationTime": 99.0})
    second, _ = documents.page(KIND, limit=4, after=token)
    assert not {body["Name"] for body in first} & {body["Name"] for body in second}
    assert "newest" not in {body["Name"] for body in second}


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"status": "Failed"}, 12),
        ({"name_contains": "job-1"}, 10),
        ({"name_contains": "%"}, 0),
        ({"created_after": 1.0, "created_before": 3.0}, 3),
        ({"modified_after": 97.0}, 3),
        ({"modified_before": 78.0}, 2),
        ({"status": "Failed", "name_contains": "job-1"}, 5),
    ],
)
def test_filters_choose(documents: Documents, filters: dict[str, Any], count: int) -> None:
    assert sum(map(len, pages(documents, **filters))) == count


@pytest.mark.parametrize("token", ["", "x", "WzFd", "bm90IGpzb24=", "W10=", "WyJuYW1lIiwgMSwgMl0="])
def test_a_bad_token_is_a_value_error(documents: Documents, token: str) -> None:
    with pytest.raises(ValueError, match="page token"):
        documents.page(KIND, after=token)


def test_a_token_holds_for_its_own_order(documents: Documents) -> None:
    _, token = documents.page(KIND, sort_by="name", limit=1)
    with pytest.raises(ValueError, match="not made for sorting by created"):
        documents.page(KIND, sort_by="created", after=token)


def test_a_name_is_taken_once_within_its_kind(documents: Documents) -> None:
    with pytest.raises(Exists):
        documents.insert(KIND, "job-00", {})
    assert documents.get("role", "job-00") == {"Name": "another kind"}


def test_changes_at_once_are_all_kept(documents: Documents) -> None:
    def add_many() -> None:
        for _ in range(20):
            documents.update(KIND, "job-00", lambda body: {**body, "Count": body.get("Count", 0) + 1})

    threads = [threading.Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (documents.get(KIND, "job-00") or {})["Count"] == 80


def test_a_change_that_answers_none_or_raises_leaves_the_document(documents: Documents) -> None:
    before = documents.get(KIND, "job-00")
    assert documents.update(KIND, "job-00", lambda body: None) == before
    with pytest.raises(ZeroDivisionError):
        documents.update(KIND, "job-00", lambda body: {"Never": 1 / 0})
    assert documents.get(KIND, "job-00") == before
    assert documents.update(KIND, "absent", lambda body: {}) is None


def test_a_change_moves_the_document_in_the_listings(documents: Documents) -> None:
    documents.update(KIND, "job-00", lambda body: {**body, "Status": "Stopped", "LastModifiedTime": 1000.0})
    assert [body["Name"] for body in documents.all(KIND, status=["Stopped"])] == ["job-00"]
    assert documents.page(KIND, sort_by="modified", limit=1)[0][0]["Name"] == "job-00"


def test_what_is_deleted_is_gone(documents: Documents) -> None:
    assert documents.delete(KIND, "job-00")
    assert not documents.delete(KIND, "job-00")
    assert documents.get(KIND, "job-00") is None


@given(prefix=st.text(max_size=5), key=st.text(max_size=8))
def test_the_successor_of_a_prefix_is_behind_all_its_keys_and_before_all_others(prefix: str, key: str) -> None:
    end = successor(prefix)
    inside = key.startswith(prefix)
    assert inside == (key.encode() >= prefix.encode() and (end is None or key.encode() < end.encode()))
    assert behind(key).encode() > key.encode()
