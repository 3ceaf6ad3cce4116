"""People, and the one-time links by which they choose a password."""

import secrets

from django.conf import settings
from django.db import transaction

from apps.accounts.models import SignInLink, User
from apps.accounts.services.trail import digest, record
from apps.core import clock
from apps.core.errors import NotFound, Refusal


class LinkUsed(Refusal):
    """The sign-in link is unknown, too old or already used."""

    status = 410


def ensure_admin() -> User:
    """The user `admin`, made without a password when there is none yet."""
    user, made = User.objects.get_or_create(username="admin", defaults={"is_staff": True, "is_superuser": True})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def find_user(username: str) -> User:
    """The user of that name; raises NotFound."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"there is no active user {username!r}", "user")
    return user


def make_link(user: User) -> str:
    """A new one-time sign-in token for `user`; older unused ones stop working."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        user.sign_in_links.filter(used_at=None).delete()
        user.sign_in_links.create(digest=digest(token), expires_at=clock.now() + settings.SIGN_IN_LINK_LIFETIME)
    return token


def user_for_link(token: str) -> User | None:
    """Whose link this is, or None when it no longer works."""
    link = (
        SignInLink.objects.select_related("user")
        .filter(digest=digest(token), used_at=None, expires_at__gt=clock.now(), user__is_active=True)
        .first()
    )
    return link.user if link else None


def redeem_link(token: str, password: str) -> User:
    """Use the link up and set its user's password; raises LinkUsed. Of two at once, one wins."""
    with transaction.atomic():
        user = user_for_link(token)
        taken = SignInLink.objects.filter(digest=digest(token), used_at=None).update(used_at=clock.now())
        if user is None or not taken:
            raise LinkUsed("this sign-in link was used or is too old; make one by: python manage.py sign_in_link")
        user.set_password(password)
        user.save(update_fields=["password"])
        record(user, "set password", target=user.username)
    return user
