"""API tokens: made, shown once, used, revoked."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import ApiToken, User
from apps.accounts.services.trail import digest, record
from apps.core import clock
from apps.core.errors import NotFound

USED_EVERY = timedelta(minutes=1)


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The person's tokens, the newest first."""
    return ApiToken.objects.filter(user=user)


def make_token(user: User, name: str = "") -> str:
    """A new API token, to be shown once."""
    token = f"mlc_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        ApiToken.objects.create(user=user, name=name, digest=digest(token))
        record(user, "create token", target=name or user.username)
    return token


def revoke_token(user: User, pk: int) -> ApiToken:
    """End one of the person's tokens at once; raises NotFound."""
    with transaction.atomic():
        token = tokens_of(user).filter(pk=pk).first()
        if token is None:
            raise NotFound("you have no such token: it may be revoked already", "token")
        token.delete()
        record(user, "revoke token", target=token.name or user.username)
    return token


def user_for_token(token: str) -> User | None:
    """Whose API token this is, or None; notes that it was used."""
    found = ApiToken.objects.select_related("user").filter(digest=digest(token), user__is_active=True).first()
    if found is None:
        return None
    now = clock.now()
    if found.used_at is None or found.used_at < now - USED_EVERY:
        stale = Q(used_at=None) | Q(used_at__lt=now - USED_EVERY)
        ApiToken.objects.filter(stale, pk=found.pk).update(used_at=now)
    return found.user
