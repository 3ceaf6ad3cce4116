"""Sign-in links, API tokens."""

from datetime import timedelta

import pytest

from apps.accounts.models import ApiToken, SignInLink, User
from apps.accounts.services import (
    LinkUsed,
    ensure_admin,
    make_link,
    make_token,
    redeem_link,
    user_for_link,
    user_for_token,
)
from apps.core import clock

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


def test_the_admin_is_made_once_and_without_a_password() -> None:
    assert ensure_admin() == ensure_admin()
    assert not ensure_admin().has_usable_password()


def test_a_link_signs_in_once_and_sets_the_password() -> None:
    token = make_link(ensure_admin())
    assert user_for_link(token) == ensure_admin()
    assert redeem_link(token, PASSWORD).check_password(PASSWORD)
    assert user_for_link(token) is None
    with pytest.raises(LinkUsed):
        redeem_link(token, "another password")
    assert ensure_admin().check_password(PASSWORD)


def test_a_new_link_ends_the_one_before() -> None:
    first = make_link(ensure_admin())
    make_link(ensure_admin())
    assert user_for_link(first) is None


def test_an_old_link_is_refused() -> None:
    token = make_link(ensure_admin())
    SignInLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(LinkUsed):
        redeem_link(token, PASSWORD)
    assert not ensure_admin().has_usable_password()


def test_a_token_names_its_user_and_is_not_kept() -> None:
    token = make_token(ensure_admin())
    assert user_for_token(token) == ensure_admin()
    assert token not in str(list(ApiToken.objects.values()))
    assert user_for_token("mlc_guess") is None


def test_a_token_of_a_person_who_left_no_longer_works() -> None:
    token = make_token(ensure_admin())
    User.objects.update(is_active=False)
    assert user_for_token(token) is None
