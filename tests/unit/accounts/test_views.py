"""Signing in, as far as no browser is needed."""

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import make_link

PASSWORD = "correct horse battery staple"


@pytest.fixture
def alice(db: None) -> User:
    """A person without a password."""
    return User.objects.create_user("alice")


def test_a_partial_whose_session_has_ended_sends_the_whole_page_to_sign_in(client: Client, db: None) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/w/local/data/"}
    response = client.get("/sign-in/?next=/w/local/header/", headers=headers)
    assert response["HX-Redirect"] == "/sign-in/?next=%2Fw%2Flocal%2Fdata%2F"
    assert response.content == b""


def test_a_link_keeps_the_password_signs_in_and_then_is_gone(client: Client, alice: User) -> None:
    address = f"/sign-in/{make_link(alice)}/"
    assert client.get(address).status_code == 200
    response = client.post(address, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert client.get(address).status_code == 410
    assert Client().login(username="alice", password=PASSWORD)


def test_a_link_survives_a_refused_password(client: Client, alice: User) -> None:
    address = f"/sign-in/{make_link(alice)}/"
    assert client.post(address, {"new_password1": "short", "new_password2": "short"}).status_code == 422
    assert client.get(address).status_code == 200


def test_signing_in_never_leads_to_another_host(client: Client, alice: User) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    given = {"username": "alice", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/sign-in/", given)["Location"] == "/"
