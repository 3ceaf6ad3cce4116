"""Signing in, as far as no browser is needed."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from apps.accounts.models import ApiToken, FailedSignIn, User
from apps.accounts.services import make_link
from apps.accounts.services.throttle import FOR_ADDRESS, FOR_BOTH, WINDOW
from apps.core import clock

PASSWORD = "correct horse battery staple"


@pytest.fixture
def alice(db: None) -> User:
    """A person without a password."""
    return User.objects.create_user("alice")


def signed(alice: User) -> dict[str, str]:
    """The fields of the sign-in form."""
    alice.set_password(PASSWORD)
    alice.save()
    return {"username": "alice", "password": PASSWORD}


def test_a_script_whose_session_has_ended_is_told_so_and_gets_no_page(client: Client, db: None) -> None:
    for headers in ({"HX-Request": "true"}, {"Accept": "application/json"}):
        response = client.get("/w/local/header/", headers=headers)
        assert (response.status_code, response.json()) == (401, {"detail": "sign in first"})
    assert client.put("/w/local/upload/", b"bytes", content_type="application/octet-stream").status_code in (401, 404)


def test_a_form_sent_after_the_session_has_ended_is_sent_once_its_person_is_back(client: Client, alice: User) -> None:
    typed = {"name": "<nightly>", "tag": ["a", "b"]}
    page = client.post("/me/tokens/?from=here", typed)
    assert page.status_code == 401
    held = page.context["held"]
    assert "kept in this page" in page.content.decode()
    wrong = client.post("/sign-in/", {"username": "alice", "password": "no", "held": held})
    assert (wrong.status_code, wrong.context["held"]) == (422, held)
    resumed = client.post("/sign-in/", signed(alice) | {"held": held})
    assert resumed.context["path"] == "/me/tokens/?from=here"
    assert resumed.context["fields"] == [["name", "<nightly>"], ["tag", "a"], ["tag", "b"]]
    assert 'name="name" value="&lt;nightly&gt;"' in resumed.content.decode()
    assert not ApiToken.objects.exists()


def test_a_form_with_a_file_or_of_nobodys_making_is_not_held(client: Client, alice: User) -> None:
    page = client.post("/me/tokens/", {"file": ContentFile(b"a,b", "table.csv")})
    assert (page.status_code, page.context["held"]) == (401, "")
    assert "could not be kept" in page.content.decode()
    assert client.post("/sign-in/", signed(alice) | {"held": "forged"}).status_code == 302


def test_the_dialog_of_an_open_page_signs_in_by_script(client: Client, alice: User) -> None:
    script, fields = {"Accept": "application/json"}, signed(alice)
    asked = client.get("/sign-in/", headers=script)
    assert asked.json() == {"signed_in": False}
    assert "mlconsole_csrf_8000" in asked.cookies
    refused = client.post("/sign-in/", fields | {"password": "no"}, headers=script)
    assert (refused.status_code, refused.json()["message"]) == (422, "That is not the right password.")
    assert client.post("/sign-in/", fields, headers=script).json() == {"signed_in": True}
    assert client.get("/sign-in/", headers=script).json() == {"signed_in": True}


def test_wrong_passwords_are_slowed_down_for_that_person_and_address_only(client: Client, alice: User) -> None:
    fields = signed(alice)
    for _ in range(FOR_BOTH):
        assert client.post("/sign-in/", fields | {"password": "no"}).status_code == 422
    slowed = client.post("/sign-in/", fields)
    assert slowed.status_code == 429
    assert "wait 15 minutes" in slowed.content.decode()
    assert client.post("/sign-in/", fields, REMOTE_ADDR="10.0.0.9").status_code == 302
    assert "alice" not in str(list(FailedSignIn.objects.values()))
    FailedSignIn.objects.update(at=clock.now() - WINDOW)
    assert client.post("/sign-in/", fields).status_code == 302


def test_the_right_password_forgives_earlier_slips(client: Client, alice: User) -> None:
    fields = signed(alice)
    for _ in range(FOR_BOTH - 1):
        client.post("/sign-in/", fields | {"password": "no"})
    assert client.post("/sign-in/", fields).status_code == 302
    assert not FailedSignIn.objects.exists()


def test_an_address_that_tries_many_names_is_slowed_down(client: Client, alice: User) -> None:
    for n in range(FOR_ADDRESS):
        FailedSignIn.objects.create(who=f"{n}", address="127.0.0.1")
    assert client.post("/sign-in/", signed(alice)).status_code == 429


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
    given = signed(alice) | {"next": "https://elsewhere.example/"}
    assert client.post("/sign-in/", given)["Location"] == "/"
