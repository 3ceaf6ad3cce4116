"""The history's filter and its orders, against the real database."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import Refusal
from apps.training import queries
from apps.training.filterfields import Asker
from apps.training.filters import read
from apps.training.models import TrainingJob
from apps.training.services import facts


@dataclass
class Team:
    """Five jobs of two people."""

    workspace: Workspace

    def find(self, text: str = "", sort: str = "name", limit: int = 50) -> list[str]:
        """The names of the jobs that match, over all pages."""
        names: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = queries.history(self.workspace, cursor, limit, filter_text=text, sort=sort)
            names += [job.name for job in page.items]
            cursor = page.next_cursor
        return names


@pytest.fixture
def team(workspace: Workspace, alice: User, make_job: Callable[..., TrainingJob]) -> Team:
    """a and b are Alice's, e has not begun."""
    bob = User.objects.create_user("bob")
    now = clock.now()
    rows = [
        ("a-churn", "Completed", alice, {"eta": "0.1"}, {"validation:auc": 0.9}, {"team": "risk"}, 10),
        ("b-churn", "Failed", alice, {"eta": "0.3"}, {}, {"team": "risk"}, 20),
        ("c-fraud", "Completed", bob, {"eta": "0.10"}, {"validation:auc": 0.95}, {}, 30),
        ("d-fraud", "Completed", bob, {"booster": "dart"}, {"validation:auc": 0.95}, {"team": "growth"}, 40),
        ("e-fraud", "InProgress", bob, {}, {}, {}, None),
    ]
    for age, (name, status, owner, hyperparameters, metrics, tags, seconds) in enumerate(rows):
        job = make_job(
            name=name,
            status=status,
            owner=owner,
            hyperparameters=hyperparameters,
            billable_seconds=seconds,
            failure_reason="ClientError: bad label" if status == "Failed" else "",
            created_at=now - timedelta(days=age),
        )
        facts.keep(job, "hyperparameters", hyperparameters)
        facts.keep(job, "metrics", metrics)
        facts.keep(job, "tags", tags)
    return Team(workspace)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "abcde"),
        ("status = Failed", "b"),
        ("status = completed and owner = bob", "cd"),
        ("status != Completed", "be"),
        ("status in (Failed, InProgress)", "be"),
        ("owner = alice or name ~ E-FRAUD", "abe"),
        ("not owner = alice", "cde"),
        ("not (owner = alice or name = c-fraud)", "de"),
        ("churn", "ab"),
        ('"bad label"', "b"),
        ("churn status = Failed", "b"),
        ("metrics.validation:auc > 0.9", "cd"),
        ("metrics.validation:auc >= 0.9 and metrics.validation:auc < 0.95", "a"),
        ("hp.eta = 0.1", "ac"),
        ("hyperparameters.booster = dart", "d"),
        ("tags.team = risk", "ab"),
        ("tags.team != risk", "cde"),
        ("tags.team ~ ro", "d"),
        ("duration > 15 and duration <= 30", "bc"),
        ("created > 1999-12-31 and created < 2000-01-01T10:00", ""),
        ("created > 2000-01-01", "abcde"),
    ],
)
def test_a_filter_finds_what_it_says(team: Team, text: str, found: str) -> None:
    assert [name[0] for name in team.find(text)] == list(found)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-created", "abcde"),
        ("created", "edcba"),
        ("-name", "edcba"),
        ("duration", "abcde"),
        ("-duration", "dcbae"),
        ("-metrics.validation:auc", "dcaeb"),
        ("metrics.validation:auc", "acdeb"),
        ("hp.eta", "acbed"),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_every_order_has_each_job_once_on_pages_of_any_size(team: Team, sort: str, order: str, limit: int) -> None:
    assert "".join(name[0] for name in team.find(sort=sort, limit=limit)) == order


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("status =", "ends too early"),
        ("status = Failed and", "ends too early"),
        ("status = )", "cannot be read from"),
        ("colour = red", "'colour' is not a field"),
        ("status = Lost", "'Lost' is not a status"),
        ("status > Failed", "has no order"),
        ("created > soon", "'soon' is not a date"),
        ("created > 2026-13-45", "is not a date"),
        ("duration = long", "'long' is not a number"),
        ("metrics.auc > high", "'high' is not a number"),
        ("duration > 1e400", "'1e400' is not a number to compare with"),
        ("instance_count = nan", "'nan' is not a number to compare with"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(Refusal, match=says) as refusal:
        read(text, Asker(Workspace()))
    assert refusal.value.field == "filter"


def test_an_order_that_cannot_be_is_refused(team: Team) -> None:
    with pytest.raises(Refusal, match="cannot be sorted by"):
        team.find(sort="colour")


def test_a_cursor_of_another_order_is_refused(team: Team) -> None:
    cursor = queries.history(team.workspace, limit=1, sort="name").next_cursor or ""
    with pytest.raises(Refusal, match="not a cursor"):
        queries.history(team.workspace, cursor, sort="-name")


WORDS = st.sampled_from(
    [
        "status",
        "=",
        "!=",
        "(",
        ")",
        "and",
        "or",
        "not",
        "in",
        ",",
        '"',
        "Failed",
        "metrics.a",
        ">",
        "0.5",
        "'",
        "%",
        "~",
    ]
)


@given(st.lists(st.one_of(WORDS, st.text(max_size=4)), max_size=12))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_is_a_filter_or_refused_in_words(workspace: Workspace, parts: list[str]) -> None:
    with suppress(Refusal):
        assert queries.history(workspace, filter_text=" ".join(parts)).items == []
