"""Notes, tags, stars, the archive and deletion: what is kept, refused and told to SageMaker."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import AuditEntry, User
from apps.accounts.services import make_token
from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training import services
from apps.training.models import JobFact, TrainingJob
from apps.training.services.telling import tell

MakeJob = Callable[..., TrainingJob]


def actions() -> list[str]:
    """What the audit trail says was done, the first first."""
    return [entry.action for entry in AuditEntry.objects.order_by("id")]


def test_a_note_is_kept_once_and_one_that_is_too_long_is_refused(make_job: MakeJob, alice: User) -> None:
    job = make_job()
    for _ in range(2):
        services.set_note(job, alice, " as *before*\r\n")
    job.refresh_from_db()
    assert job.note == "as *before*"
    assert actions() == ["note training job"]
    with pytest.raises(Refusal, match="20,000 characters at most"):
        services.set_note(job, alice, "x" * 20_001)


def test_new_tags_replace_the_old_ones_also_as_facts_and_wait_for_sagemaker(make_job: MakeJob, alice: User) -> None:
    job = make_job(tags={"team": "risk", "stage": "try"})
    services.set_tags(job, alice, {"team": "fraud", "run": "3"})
    services.set_tags(job, alice, {"team": "fraud", "run": "4"})
    job.refresh_from_db()
    assert job.tags == {"team": "fraud", "run": "4"}
    assert job.tags_before == {"team": "risk", "stage": "try"}
    assert job.tell_due_at is not None
    facts = set(JobFact.objects.filter(job=job).values_list("key", "text", "number"))
    assert facts == {("tags.team", "fraud", None), ("tags.run", "4", 4.0)}


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"aws:x": "1"}, "reserved"),
        ({"mlconsole:owner": "bob"}, "reserved"),
        ({" ": "1"}, "needs a name"),
        ({"<b>": "1"}, "letters, digits"),
        ({"a": "\x00"}, "letters, digits"),
        ({"a" * 129: "1"}, "too long"),
        ({f"t{n}": "" for n in range(49)}, "48 tags at most"),
    ],
)
def test_tags_that_sagemaker_would_not_take_are_refused(
    make_job: MakeJob, alice: User, tags: dict[str, str], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        services.set_tags(make_job(), alice, tags)
    assert actions() == []


def test_a_star_belongs_to_its_person_and_can_be_taken_away(make_job: MakeJob, alice: User) -> None:
    job, bob = make_job(), User.objects.create_user("bob")
    for _ in range(2):
        services.star(job, alice)
    services.unstar(job, bob)
    assert list(job.starred_by.all()) == [alice]
    services.unstar(job, alice)
    assert actions() == ["star training job", "unstar training job"]


def test_only_an_ended_job_is_archived_or_deleted(make_job: MakeJob, alice: User) -> None:
    running, ended = make_job(status="InProgress"), make_job(status="Completed", next_poll_at=None)
    for refused in (services.archive, services.delete):
        with pytest.raises(Refusal, match="stop it, or wait for its end"):
            refused(running, alice)
    services.archive(ended, alice)
    assert ended.archived_at is not None
    services.unarchive(ended, alice)
    assert actions() == ["archive training job", "unarchive training job"]


def test_a_job_that_sagemaker_never_had_is_deleted_with_all_that_was_kept_of_it(make_job: MakeJob, alice: User) -> None:
    job = make_job(status="Failed", next_poll_at=None)
    services.set_note(job, alice, "nothing")
    services.delete(job, alice)
    assert job.display_status == "Deleting"
    tell(job.pk)
    assert not TrainingJob.objects.exists()


def test_a_deletion_that_sagemaker_cannot_be_told_now_is_tried_again(make_job: MakeJob, alice: User) -> None:
    job = make_job(status="Completed", arn="arn:aws:sagemaker:us-east-1:1:training-job/x", next_poll_at=None)
    services.delete(job, alice)
    due = TrainingJob.objects.get().tell_due_at
    tell(job.pk)
    row = TrainingJob.objects.get()
    assert row.delete_asked_at is not None
    assert row.attempts == 1
    assert due is not None
    assert row.tell_due_at is not None
    assert row.tell_due_at > due


def test_tags_that_aws_refuses_are_as_before_and_the_page_says_why(
    make_job: MakeJob, alice: User, workspace: Workspace
) -> None:
    workspace.region = "no region"
    workspace.save()
    job = make_job(
        tags={"stage": "try"}, status="Completed", arn="arn:aws:sagemaker:us-east-1:1:training-job/x", next_poll_at=None
    )
    services.set_tags(job, alice, {"team": "risk"})
    tell(job.pk)
    job.refresh_from_db()
    assert (job.tags, job.tags_before, job.tell_due_at, job.was_refused) == ({"stage": "try"}, None, None, True)
    assert list(JobFact.objects.filter(job=job).values_list("key", "text")) == [("tags.stage", "try")]


@pytest.fixture
def call(client: Client, alice: User) -> Callable[..., tuple[int, Any]]:
    """One call of the API by alice."""
    headers = {"Authorization": f"Bearer {make_token(alice)}"}

    def send(method: str, path: str, body: object = None) -> tuple[int, Any]:
        address = f"/api/v1/w/there/training-jobs/{path}"
        answer = client.generic(method, address, json.dumps(body), "application/json", headers=headers)
        return answer.status_code, answer.json()

    return send


def test_the_api_changes_what_is_given_and_leaves_the_rest(
    make_job: MakeJob, alice: User, call: Callable[..., tuple[int, Any]]
) -> None:
    job = make_job(status="Completed", next_poll_at=None, note="old", tags={"a": "1"})
    status, answer = call("PATCH", job.name, {"tags": {"b": "2"}, "archived": True, "starred": True})
    assert (status, answer["note"], answer["tags"]) == (200, "old", {"b": "2"})
    assert answer["archived_at"]
    assert job.starred_by.get() == alice
    assert call("PATCH", job.name, {"archived": False})[1]["archived_at"] is None
    assert call("PATCH", job.name, {"colour": "red"})[0] == 422
    status, answer = call("PATCH", job.name, {"tags": {"aws:x": "1"}})
    assert (status, answer["detail"][0]["field"]) == (422, "tags")
    assert call("PATCH", job.name, {"note": "new", "tags": {"aws:x": "1"}})[0] == 422
    assert call("GET", job.name)[1]["note"] == "old"


def test_the_api_deletes_an_ended_job_only(make_job: MakeJob, call: Callable[..., tuple[int, Any]]) -> None:
    make_job(name="on", status="InProgress")
    make_job(name="off", status="Stopped", next_poll_at=None)
    assert call("DELETE", "on")[0] == 422
    assert call("DELETE", "off?model=true")[0] == 202
    off = TrainingJob.objects.get(name="off")
    assert (off.display_status, off.delete_model) == ("Deleting", True)
    assert call("DELETE", "nobody")[0] == 404


def test_the_api_launches_again_and_searches_the_log(make_job: MakeJob, call: Callable[..., tuple[int, Any]]) -> None:
    channels = {"train": {"s3_uri": "s3://bucket/t.csv", "content_type": "text/csv"}}
    make_job(name="one", status="Failed", next_poll_at=None, channels=channels)
    make_job(name="theirs", algorithm="their-own", status="Failed", next_poll_at=None)
    status, answer = call("POST", "one/retry")
    assert (status, answer["status"], answer["channels"]) == (201, "Requested", channels)
    assert call("POST", "theirs/retry")[0] == 422
    assert call("GET", "one/logs/search?text=x") == (200, {"count": 0, "numbers": []})
    assert call("GET", "one/logs/search?text=x&level=loud")[0] == 422
    assert call("GET", "one/logs/search?text=")[0] == 422
