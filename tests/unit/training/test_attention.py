"""Home says what waits for the reader, until it is dealt with, and what was spent."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.datasets.models import Dataset
from apps.training.models import TrainingJob
from apps.training.queries import attention, spent_since_yesterday

MakeJob = Callable[..., TrainingJob]


def test_a_failed_job_waits_for_its_owner_for_a_day_unless_it_is_dealt_with(
    workspace: Workspace, alice: User, make_job: MakeJob
) -> None:
    failed = {"status": "Failed", "ended_at": clock.now(), "owner": alice}
    waits = make_job(**failed)
    again = make_job(**failed)
    make_job(cloned_from=again)
    make_job(**failed, archived_at=clock.now())
    make_job(**failed | {"ended_at": clock.now() - timedelta(days=2)})
    make_job(**failed | {"owner": User.objects.create_user("bob")})
    assert attention(workspace, alice).failed == [waits]
    assert attention(workspace, alice).count == 1


def test_a_running_job_without_news_is_told_of(workspace: Workspace, alice: User, make_job: MakeJob) -> None:
    make_job(status="Completed", trouble="Could not connect")
    assert attention(workspace, alice).silent is None
    silent = make_job(status="InProgress", trouble="Could not connect")
    assert attention(workspace, alice).silent == silent


def test_of_each_data_set_only_the_newest_version_waits(workspace: Workspace, alice: User) -> None:
    mended, broken, asks = (
        Dataset.objects.create(workspace=workspace, name=name, title=name) for name in ("mended", "broken", "asks")
    )
    mended.versions.create(number=1, state="Failed")
    mended.versions.create(number=2, state="Ready")
    refused = broken.versions.create(number=1, state="Failed", failure="line 3: 4 fields, not 5")
    undecided = asks.versions.create(number=1, state="Profiled")
    found = attention(workspace, alice)
    assert (found.refused, found.undecided, found.count) == ([refused], [undecided], 2)


def test_what_was_spent_since_yesterday_counts_jobs_that_ended_since(workspace: Workspace, make_job: MakeJob) -> None:
    assert spent_since_yesterday(workspace) == 0
    price = {"price_per_hour": Decimal("2.50"), "instance_count": 2, "billable_seconds": 1800}
    make_job(**price, status="Completed", ended_at=clock.now())
    make_job(**price, status="Completed", ended_at=clock.now() - timedelta(days=2))
    make_job(**price, status="InProgress")
    assert spent_since_yesterday(workspace) == Decimal("2.50")


@pytest.fixture
def home(client: Client, alice: User, workspace: Workspace) -> Callable[[], str]:
    """Home as Alice sees it."""
    client.force_login(alice)
    return lambda: client.get("/w/there/").content.decode()


def test_home_leads_a_newcomer_to_data_and_then_to_a_first_model(home: Callable[[], str], workspace: Workspace) -> None:
    assert "Next: bring your data" in home()
    assert "No training job yet" in home()
    Dataset.objects.create(workspace=workspace, name="wine", title="Wine")
    assert "Next: train a first model" in home()


def test_home_shows_what_waits_before_anything_else_to_do(
    home: Callable[[], str], alice: User, make_job: MakeJob
) -> None:
    make_job(name="broke", status="Failed", ended_at=clock.now(), owner=alice, failure_reason="ClientError: <no> data")
    page = home()
    assert "broke failed" in page
    assert "ClientError: &lt;no&gt; data" in page
    assert "Next: " not in page
