"""What a request without a session gets: the sign-in page, with what was sent still in it, or a plain 401."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from apps.accounts.held import FORMS, hold

UNAUTHORIZED = 401


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page needs somebody signed in, unless it is marked `login_not_required`."""

    def process_view(self, request: HttpRequest, *view: Any) -> Any:
        """Nothing for the signed-in; else a page leads to signing in, a form is kept, a script is told."""
        asked = super().process_view(request, *view)
        return asked and (without_page(request) or asked)


def without_page(request: HttpRequest) -> HttpResponse | None:
    """The answer to whatever is not the loading of a page; None for that."""
    by_script = getattr(request, "htmx", False) or "text/html" not in request.headers.get("Accept", "text/html")
    if by_script or (request.method not in ("GET", "HEAD") and request.content_type not in FORMS):
        return JsonResponse({"detail": "sign in first"}, status=UNAUTHORIZED)
    if request.method != "POST":
        return None
    context = {"form": AuthenticationForm(request), "next": request.get_full_path(), "held": hold(request)}
    return render(request, "accounts/sign_in.html", context | {"ended": True}, status=UNAUTHORIZED)
