"""A person's own API tokens, on their page."""

import re

import pytest
from django.test import Client

from apps.accounts.models import ApiToken, AuditEntry, User
from apps.accounts.services import make_token, user_for_token


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    """Alice, signed in."""
    client.force_login(User.objects.create_user("alice"))
    return client


def test_a_token_is_shown_once_and_works(desk: Client) -> None:
    assert "No token yet" in desk.get("/me/tokens/").content.decode()
    page = desk.post("/me/tokens/", {"name": "nightly <training>"})
    assert page.status_code == 201
    token = re.findall(r"mlc_[\w-]+", page.content.decode())[0]
    assert user_for_token(token) == User.objects.get()
    later = desk.get("/me/tokens/").content.decode()
    assert token not in later
    assert "nightly &lt;training&gt;" in later
    assert ApiToken.objects.get().used_at is not None
    assert AuditEntry.objects.get().action == "create token"


def test_a_token_needs_a_name_and_the_refusal_stands_beside_the_field(desk: Client) -> None:
    page = desk.post("/me/tokens/", {"name": ""})
    assert page.status_code == 422
    assert 'id="id_name-error"' in page.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_no_longer_works(desk: Client) -> None:
    token = make_token(User.objects.get(), "nightly")
    page = desk.post(f"/me/tokens/{ApiToken.objects.get().pk}/revoke/", follow=True).content.decode()
    assert "Revoked nightly" in page
    assert user_for_token(token) is None
    assert AuditEntry.objects.filter(action="revoke token", target="nightly").count() == 1


def test_nobody_revokes_the_token_of_another(desk: Client) -> None:
    token = make_token(User.objects.create_user("bob"), "his")
    assert desk.post(f"/me/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 404
    assert user_for_token(token) is not None
