"""Jobs side by side, as a page and by API."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import make_token
from apps.aws.models import Workspace
from apps.core.errors import NotFound, Refusal
from apps.training import queries
from apps.training.models import TrainingJob


@pytest.fixture
def pair(make_job: Callable[..., TrainingJob]) -> list[str]:
    """Two jobs that differ in one hyperparameter and in their metric."""
    return [
        make_job(
            status="Completed",
            hyperparameters={"eta": eta, "depth": "6"},
            objective_metric="validation:auc",
            best_metrics={"validation:auc": {"value": auc, "step": 3}},
        ).name
        for eta, auc in (("0.1", 0.91), ("0.3", 0.94))
    ]


def test_only_what_differs_stands_first_and_the_best_is_marked(workspace: Workspace, pair: list[str]) -> None:
    found = queries.compare(workspace, pair)
    different = {line.title: line.cells for section in found.different for line in section.lines}
    assert different == {
        "validation:auc": [("0.9100", False), ("0.9400", True)],
        "eta": [("0.1", False), ("0.3", False)],
    }
    assert "depth" in {line.title for section in found.same for line in section.lines}
    assert found.winner is not None
    assert (found.winner.name, round(found.lead or 0, 4)) == (pair[1], 0.03)


def test_jobs_that_are_the_same_have_no_winner(workspace: Workspace, make_job: Callable[..., TrainingJob]) -> None:
    found = queries.compare(workspace, [make_job().name, make_job().name])
    assert (found.different, found.winner, found.lead) == ([], None, None)


def test_one_job_and_eleven_are_refused_and_an_unknown_one_is_not_found(workspace: Workspace, pair: list[str]) -> None:
    for names in (pair[:1], [f"job-{number}" for number in range(11)]):
        with pytest.raises(Refusal, match="Compare 2 to 10 jobs"):
            queries.compare(workspace, names)
    with pytest.raises(NotFound, match="'nobody'"):
        queries.compare(workspace, [pair[0], "nobody"])


def test_the_page_shows_both_and_refuses_one(client: Client, alice: User, pair: list[str]) -> None:
    client.force_login(alice)
    text = client.get(f"/w/there/training-jobs/compare/?jobs={','.join(pair)}").content.decode()
    assert f'data-jobs="{",".join(pair)}"' in text
    assert "is best by validation:auc" in text
    refused = client.get(f"/w/there/training-jobs/compare/?jobs={pair[0]}")
    assert (refused.status_code, b"Compare 2 to 10 jobs, not 1." in refused.content) == (422, True)
    assert client.get(f"/w/there/training-jobs/compare/?jobs={pair[0]},nobody").status_code == 404


def test_the_api_compares_changes_many_and_gives_the_file(client: Client, alice: User, pair: list[str]) -> None:
    headers = {"Authorization": f"Bearer {make_token(alice)}"}
    base = "/api/v1/w/there/training-jobs"
    found = client.get(f"{base}/compare?jobs={','.join(pair)}", headers=headers).json()
    assert [job["name"] for job in found["jobs"]] == pair
    assert [section["title"] for section in found["different"]] == ["Metrics", "Hyperparameters"]
    assert client.get(f"{base}/compare?jobs={pair[0]}", headers=headers).status_code == 422
    asked = {"action": "archive", "jobs": [*pair, "nobody"]}
    answer = client.post(f"{base}/bulk", asked, content_type="application/json", headers=headers).json()
    assert (answer["done"], list(answer["refused"])) == (pair, ["nobody"])
    assert client.get(base, headers=headers).json()["items"] == []
    nameless = {"action": "tag", "jobs": pair}
    refused = client.post(f"{base}/bulk", nameless, content_type="application/json", headers=headers)
    assert (refused.status_code, refused.json()["detail"][0]["field"]) == (422, "tags")
    file = client.get(f"{base}/export?filter=archived+%3D+yes", headers=headers)
    assert file["Content-Type"] == "text/csv; charset=utf-8"
