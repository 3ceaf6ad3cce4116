"""The pages of data sets and their API, by Django's client, on a real S3."""

import json
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import make_token
from apps.aws import clients
from apps.aws.account import bucket
from apps.aws.models import Workspace
from apps.datasets import aws
from apps.datasets.models import Dataset, DatasetVersion, Upload
from apps.datasets.services import uploading
from apps.datasets.services.working import work
from apps.datasets.states import VersionState
from tests.unit.datasets.conftest import Bring
from tests.unit.datasets.test_versions import TABLE

MEBIBYTE = 1024 * 1024
ROW = b"1," + b"x" * 1021 + b"\n"
BIG = b"a,b\n" + ROW * (9 * MEBIBYTE // len(ROW))


@pytest.fixture
def tab(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def call(client: Client, alice: User) -> Any:
    """Alice's program: method, path below the workspace's data sets, then what Django's client takes."""
    headers = {"Authorization": f"Bearer {make_token(alice)}"}

    def make(method: str, path: str = "", **more: Any) -> tuple[int, dict[str, Any]]:
        answer = getattr(client, method)(f"/api/v1/w/there/datasets{path}", headers=headers, **more)
        return answer.status_code, answer.json()

    return make


async def whole(answer: Any) -> bytes:
    return b"".join([chunk async for chunk in answer.streaming_content])


def begin(tab: Client, body: bytes, **fields: object) -> dict[str, Any]:
    given = {"name": "shells", "filename": "shells.csv", "size": len(body), "modified": 1} | fields
    answer = tab.post("/w/there/data/uploads/", given)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def put(tab: Client, upload: dict[str, Any], offset: int, body: bytes) -> tuple[int, dict[str, Any]]:
    answer = tab.put(f"{upload['url']}?offset={offset}", body, content_type="application/octet-stream")
    return answer.status_code, answer.json()


def test_a_list_without_data_sets_says_what_to_do(tab: Client, workspace: Workspace) -> None:
    text = tab.get("/w/there/data/").content.decode()
    assert "No data set yet" in text
    assert "/w/there/data/new/" in text


def test_the_list_finds_by_words_and_tells_the_state(tab: Client, bring: Bring) -> None:
    bring(TABLE, target="bought")
    bring(b"a,b\n1\n", name="ragged")
    text = tab.get("/w/there/data/").content.decode()
    assert "Ready" in text
    assert "This row has 1 field" in text
    assert "1,000" in text
    found = tab.get("/w/there/data/", {"q": "ragg"}).content.decode()
    assert "set-" in found
    assert ">shells<" not in found
    assert "No data set matches" in tab.get("/w/there/data/", {"q": "nowhere"}).content.decode()


def test_a_file_in_parts_goes_on_where_it_was_cut_off(tab: Client, workspace: Workspace) -> None:
    upload = begin(tab, BIG, target="a")
    size = upload["part_bytes"]
    assert put(tab, upload, 0, BIG[:size]) == (200, upload | {"offset": size})
    assert put(tab, upload, 0, BIG[:size])[0] == 409
    assert begin(tab, BIG)["offset"] == size
    assert tab.get(upload["url"]).json()["offset"] == size
    assert tab.post(f"{upload['url']}finish/").status_code == 409
    assert put(tab, upload, size, BIG[size:])[1]["offset"] == len(BIG)
    answer = tab.post(f"{upload['url']}finish/")
    assert (answer.status_code, answer.json()) == (201, {"url": "/w/there/data/shells/"})
    assert tab.post(f"{upload['url']}finish/").status_code == 404
    version = DatasetVersion.objects.get()
    assert aws.look(workspace, version.raw_s3_uri).size == len(BIG)
    work(version.pk)
    assert DatasetVersion.objects.get().row_count == 9 * MEBIBYTE // len(ROW)


def test_a_finish_that_was_cut_off_is_done_again(tab: Client, workspace: Workspace) -> None:
    upload = begin(tab, TABLE)
    put(tab, upload, 0, TABLE)
    row = Upload.objects.get()
    aws.complete(workspace, (row.bucket, row.key, row.upload_id), row.etags)
    assert tab.post(f"{upload['url']}finish/").status_code == 201
    assert DatasetVersion.objects.get().size_bytes == len(TABLE)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "no spaces"}, "name"),
        ({"name": "new"}, "name"),
        ({"name": "12"}, "name"),
        ({"size": 0}, "size"),
        ({"holdout": 50}, "holdout"),
        ({"holdout": "many"}, "holdout"),
    ],
)
def test_a_wrong_upload_is_refused_beside_the_field(
    tab: Client, workspace: Workspace, fields: dict[str, object], wrong: str
) -> None:
    answer = tab.post("/w/there/data/uploads/", {"name": "x", "filename": "x.csv", "size": 5} | fields)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [wrong])


def test_a_part_of_a_wrong_size_and_an_unknown_upload_are_refused(tab: Client, workspace: Workspace) -> None:
    upload = begin(tab, BIG)
    assert put(tab, upload, 0, b"short")[0] == 422
    assert tab.put(upload["url"], b"x", content_type="application/octet-stream").status_code == 422
    assert tab.get(f"/w/there/data/uploads/{uuid4()}/").status_code == 404


def test_another_person_cannot_go_on_with_an_upload(tab: Client, workspace: Workspace) -> None:
    upload = begin(tab, TABLE)
    other = Client()
    other.force_login(User.objects.create_user("bob"))
    assert other.get(upload["url"]).status_code == 404


def test_a_cancelled_and_an_expired_upload_leave_nothing_in_s3(tab: Client, workspace: Workspace) -> None:
    cancelled = begin(tab, BIG)
    put(tab, cancelled, 0, BIG[: cancelled["part_bytes"]])
    assert tab.delete(cancelled["url"]).status_code == 204
    expired = begin(tab, BIG, modified=2)
    put(tab, expired, 0, BIG[: expired["part_bytes"]])
    assert "pick the same file again" in tab.get("/w/there/data/new/").content.decode()
    Upload.objects.update(expires_at="2020-01-01T00:00:00Z")
    uploading.expire()
    assert not Upload.objects.exists()
    assert "Uploads" not in clients.s3(workspace).list_multipart_uploads(Bucket=bucket(workspace))


def test_the_page_asks_for_the_target_and_prepares_what_was_chosen(tab: Client, bring: Bring) -> None:
    version = bring(TABLE)
    text = tab.get("/w/there/data/shells/").content.decode()
    assert "Choose target and columns" in text
    answer = tab.post(
        "/w/there/data/shells/v1/choose/", {"target": "bought", "features": ["visits", "spent"], "holdout": "20"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/w/there/data/shells/?version=1")
    work(version.pk)
    text = tab.get("/w/there/data/shells/").content.decode()
    assert "Train on this" in text
    assert "800 <small>rows" in text
    assert "left out" in text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"target": "nothing"}, "no column"),
        ({"target": "bought", "features": ["bought"]}, "cannot be learned from"),
        ({"target": "bought", "features": []}, "at least one column"),
        ({"target": "spent", "task": "binary classification", "features": ["visits"]}, "at most 100"),
        ({"target": "bought", "features": ["visits"], "holdout": "31"}, "20 to 30 per cent"),
    ],
)
def test_a_wrong_choice_is_refused_with_what_was_chosen_still_there(
    tab: Client, bring: Bring, fields: dict[str, object], says: str
) -> None:
    bring(TABLE)
    answer = tab.post("/w/there/data/shells/v1/choose/", fields)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert DatasetVersion.objects.get().state == VersionState.PROFILED


def test_a_broken_file_is_told_in_large_letters(tab: Client, bring: Bring) -> None:
    bring(b"a,b\n1,2\n1\n")
    text = tab.get("/w/there/data/shells/").content.decode()
    assert "line 3, column 2" in text
    assert "1 field, the header has 2" in text


def test_each_object_can_be_downloaded(tab: Client, bring: Bring) -> None:
    bring(TABLE, target="bought")
    for part, lines in {"raw": 1001, "train": 750, "validation": 250, "train.rows": 750}.items():
        answer = tab.get(f"/w/there/data/shells/v1/{part}")
        body = async_to_sync(whole)(answer)
        assert (answer.status_code, body.count(b"\n")) == (200, lines)
        assert "attachment" in answer["Content-Disposition"]
    assert tab.get("/w/there/data/shells/v1/nothing").status_code == 404
    assert tab.get("/w/there/data/shells/v9/raw").status_code == 404


def test_a_data_set_that_a_job_trains_on_is_not_deleted(tab: Client, bring: Bring) -> None:
    version = bring(TABLE, target="bought")
    job = version.dataset.training_jobs.create(
        workspace=version.dataset.workspace, name="busy", algorithm="xgboost", dataset_version=version
    )
    answer = tab.post("/w/there/data/shells/delete/", follow=True)
    assert "busy still trains on shells" in answer.content.decode()
    assert ">busy<" in answer.content.decode()
    job.ended_at = version.created_at
    job.save()
    tab.post("/w/there/data/shells/delete/")
    assert DatasetVersion.objects.get().state == VersionState.DELETING
    work(version.pk)
    job.refresh_from_db()
    assert (Dataset.objects.count(), job.dataset, job.dataset_version) == (0, None, None)


def test_an_object_in_s3_is_registered_by_its_uri(tab: Client, workspace: Workspace) -> None:
    uri = aws.put(workspace, "theirs/shells.csv", TABLE, "text/csv")
    answer = tab.post("/w/there/data/register/", {"name": "theirs", "s3_uri": uri})
    assert answer["Location"] == "/w/there/data/theirs/"
    version = DatasetVersion.objects.get()
    assert (version.raw_s3_uri, version.raw_is_ours, version.size_bytes) == (uri, False, len(TABLE))
    for wrong in ("theirs", f"{uri}x"):
        answer = tab.post("/w/there/data/register/", {"name": "theirs", "s3_uri": wrong})
        assert answer.status_code == 422
        assert "register_s3_uri-error" in answer.content.decode()


def test_the_api_takes_a_file_and_tells_how_far_it_is(call: Any, workspace: Workspace) -> None:
    given = {"file": SimpleUploadedFile("shells.csv", TABLE), "name": "shells", "target": "bought", "holdout": "0.2"}
    status, made = call("post", data=given)
    assert (status, made["name"], made["state"], len(made["versions"])) == (201, "shells", "Profiling", 1)
    version = DatasetVersion.objects.get()
    work(version.pk)
    work(version.pk)
    for key in (made["id"], "shells"):
        status, found = call("get", f"/{key}")
        assert (status, found["state"], found["current_version"]) == (200, "Ready", 1)
    assert [column["name"] for column in found["columns"]] == ["bought", "visits", "spent", "colour"]
    assert (found["versions"][0]["train_rows"], found["versions"][0]["holdout"]) == (800, 20)
    assert [each["name"] for each in call("get")[1]["items"]] == ["shells"]


def test_the_api_lists_any_number_of_data_sets_in_as_many_reads(
    call: Any, workspace: Workspace, alice: User, django_assert_num_queries: Any
) -> None:
    for name in ("one", "two", "three"):
        dataset = Dataset.objects.create(workspace=workspace, name=name, owner=alice)
        for number, state in ((1, VersionState.READY), (2, VersionState.FAILED)):
            dataset.versions.create(number=number, state=state)
    call("get")
    with django_assert_num_queries(3):  # token, workspace, data sets
        answer = call("get")[1]
    assert [(item["name"], item["state"]) for item in answer["items"]] == [
        ("one", "Failed"),
        ("three", "Failed"),
        ("two", "Failed"),
    ]


def test_the_api_refuses_by_field(call: Any, workspace: Workspace) -> None:
    file = SimpleUploadedFile("shells.csv", TABLE)
    status, answer = call("post", data={"file": file, "name": "no spaces", "holdout": "5"})
    assert (status, {each["field"] for each in answer["detail"]}) == (422, {"name", "holdout"})
    assert call("post", data={"name": "shells"})[0] == 422
    assert call("post", data={"file": SimpleUploadedFile("empty.csv", b""), "name": "shells"})[0] == 422
    assert call("get", "/7")[0] == 404
    assert not Upload.objects.exists()


def test_the_api_registers_chooses_and_deletes(call: Any, workspace: Workspace) -> None:
    uri = aws.put(workspace, "theirs/shells.csv", TABLE, "text/csv")
    status, made = call("post", "/register", data=json.dumps({"name": "theirs", "s3_uri": uri}), content_type=JSON)
    assert status == 201
    choice = json.dumps({"target": "bought", "holdout": 0.3, "features": ["visits"]})
    assert call("post", "/theirs/versions", data=choice, content_type=JSON)[0] == 422
    version = DatasetVersion.objects.get()
    work(version.pk)
    status, chosen = call("post", "/theirs/versions", data=choice, content_type=JSON)
    assert (status, chosen["state"], chosen["features"], chosen["holdout"]) == (201, "Preparing", ["visits"], 30)
    status, answer = call("delete", "/theirs")
    assert (status, answer["state"]) == (202, "Deleting")
    work(version.pk)
    assert call("get", f"/{made['id']}")[0] == 404


JSON = "application/json"
