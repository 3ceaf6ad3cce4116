"""The API's description as a page, and its way of saying no."""

import re
import shlex

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.core.openapi import Call, groups
from mlconsole.api import api

CALLS = [call for _, calls in groups(api.get_openapi_schema(), "http://127.0.0.1:8000") for call in calls]


def test_every_call_stands_in_the_page_with_its_inputs(client: Client, db: None) -> None:
    client.force_login(get_user_model().objects.create_user("alice"))
    page = client.get("/api/v1/docs").content.decode()
    for path, methods in api.get_openapi_schema()["paths"].items():
        assert path in page
        for call in methods.values():
            assert f'id="{call["operationId"]}"' in page
            for parameter in call.get("parameters", []):
                assert f"<code>{parameter['name']}</code>" in page
    assert not re.findall(r'(?:src|href)="https?://', page)


def test_the_page_is_for_the_signed_in(client: Client, db: None) -> None:
    assert client.get("/api/v1/docs")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.anchor)
def test_each_example_is_a_command_that_names_its_call(call: Call) -> None:
    words = shlex.split(call.curl.replace("\\\n", " "))
    assert words[0] == "curl"
    assert words[-1].startswith("http://127.0.0.1:8000/api/v1/")


def test_every_call_has_a_summary() -> None:
    assert [call.path for call in CALLS if not call.summary] == []


def test_a_method_that_an_address_does_not_know_is_refused_in_the_apis_shape(client: Client, db: None) -> None:
    response = client.put("/api/v1/w/local/training-jobs")
    assert response.status_code == 405
    assert response["Allow"]
    assert response.json()["detail"][0]["message"].startswith("PUT is not possible here; possible are: ")
