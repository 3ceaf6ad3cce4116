"""Who calls the REST API."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from apps.accounts.models import User
from apps.accounts.services import user_for_token


class TokenRequest(HttpRequest):
    """An API call, after TokenAuth."""

    user: User


class TokenAuth(HttpBearer):
    """`Authorization: Bearer TOKEN`, with a token from `python manage.py create_token USER`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token's user, who then is `request.user` too."""
        user = user_for_token(token)
        if user is not None:
            request.user = user
        return user
