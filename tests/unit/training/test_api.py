"""How the API refuses: one shape, 4xx, the field's name, and nothing written."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import make_token
from apps.aws.models import Workspace
from apps.training.models import TrainingJob

CHANNELS = {"train": {"s3_uri": "s3://bucket/train.csv"}}


@pytest.fixture
def call(client: Client, alice: User, workspace: Workspace) -> Any:
    """POST a body to the training-jobs API, over GOOD; answers status and fields."""
    token = make_token(alice)

    def post(body: str | dict[str, Any]) -> tuple[int, list[str]]:
        good = {"algorithm": "xgboost", "hyperparameters": {"num_round": 10}, "channels": CHANNELS}
        text = body if isinstance(body, str) else json.dumps({**good, **body})
        answer = client.post(
            "/api/v1/w/there/training-jobs", text, "application/json", headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status_code, [entry["field"] for entry in answer.json().get("detail", [])]

    return post


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ("{bad", 400, [""]),
        ("[]", 422, ["payload"]),
        ({"hyperparameters": {"num_round": 10, "eta": None}}, 422, ["hyperparameters.eta"]),
        ({"hyperparameters": {"num_round": [1]}}, 422, ["hyperparameters.num_round"]),
        ({"tags": {"<b>": "x"}}, 422, ["tags"]),
        ({"tags": {"aws:x": "x"}}, 422, ["tags"]),
        ({"tags": {"x": "a\u0000b"}}, 422, ["tags"]),
        ({"name": "-a-"}, 422, ["name"]),
        ({"channels": {"train": {}}}, 422, ["channels.train.s3_uri"]),
        ({"instance_count": 2**70}, 422, ["instance_count"]),
    ],
)
def test_bad_input_is_refused_by_the_fields_name(call: Any, body: Any, status: int, fields: list[str]) -> None:
    assert call(body) == (status, fields)
    assert not TrainingJob.objects.exists()


def test_numbers_and_booleans_become_what_sagemaker_takes(call: Any) -> None:
    assert call({"hyperparameters": {"num_round": 10, "eta": 0.5, "one_drop": "1", "booster": "dart"}})[0] == 201
    job = TrainingJob.objects.get()
    assert job.hyperparameters == {"num_round": "10", "eta": "0.5", "one_drop": "1", "booster": "dart"}


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v2/w/there/training-jobs", "/api/v1/w/there/training-jobs/a/b"]
)
def test_an_unknown_call_is_not_found_in_the_apis_own_shape(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"][0]["message"]
