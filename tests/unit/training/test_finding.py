"""The command palette finds jobs, data sets, pages and actions."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.datasets.models import Dataset
from apps.training.models import TrainingJob


@pytest.fixture
def desk(client: Client, alice: User, workspace: Workspace) -> Client:
    """Alice, signed in."""
    client.force_login(alice)
    return client


def titles(desk: Client, text: str) -> list[str]:
    """What is found, in its order."""
    answer = desk.get("/w/there/find/", {"q": text})
    assert answer.status_code == 200
    return re.findall(r"</svg><span>(.+?)</span>", answer.content.decode())


def test_jobs_are_found_by_a_part_of_their_name_the_exact_one_first(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    for name in ("abalone", "abalone-2", "other", "Deep-Abalone-3"):
        make_job(name=name)
    assert titles(desk, "abalone") == ["abalone", "Deep-Abalone-3", "abalone-2"]
    assert titles(desk, "%") == titles(desk, "lone_") == []


def test_only_a_few_jobs_of_very_many_are_shown_and_none_of_another_workspace(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    for n in range(10):
        make_job(name=f"job-with-a-name-{n}")
    other = Workspace.objects.create(slug="elsewhere", name="Elsewhere", region="eu-west-1")
    make_job(name="job-with-a-name-of-others", workspace=other)
    assert titles(desk, "with-a-name") == [f"job-with-a-name-{n}" for n in (9, 8, 7, 6, 5, 4)]
    assert titles(desk, "workspace else") == ["Workspace Elsewhere"]


def test_data_sets_pages_and_actions_are_found(desk: Client, workspace: Workspace) -> None:
    Dataset.objects.create(workspace=workspace, name="wine", title="Wine")
    assert titles(desk, "win") == ["wine"]
    assert titles(desk, "clean") == ["Clean up"]
    assert titles(desk, "launch") == ["New training job"]


def test_without_a_text_the_newest_jobs_and_everything_that_can_be_done_are_offered(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    make_job(name="old")
    make_job(name="new")
    found = titles(desk, " ")
    assert found[:3] == ["new", "old", "Home"]
    assert "Dark theme" in found


def test_what_is_not_there_is_said_with_what_to_do(desk: Client) -> None:
    page = desk.get("/w/there/find/", {"q": "<nothing>\0" + "x" * 500}).content.decode()
    assert "Nothing is called that here" in page
