"""The signed-in person's API tokens."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.forms import TokenForm
from apps.accounts.models import User
from apps.accounts.services import make_token, revoke_token, tokens_of
from apps.core.errors import NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """The list, and making one: its text is in this one answer and nowhere else."""
    person = cast("User", request.user)
    form, made = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        made, form = make_token(person, form.cleaned_data["name"]), TokenForm()
    status = 422 if form.errors else 201 if made else 200
    context = {"form": form, "made": made, "tokens": tokens_of(person), "at": "tokens"}
    return render(request, "accounts/tokens.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    try:
        token = revoke_token(cast("User", request.user), pk)
    except NotFound as error:
        raise Http404(error.message) from error
    messages.success(request, f"Revoked {token.name or 'the token without a name'}: no program can use it any more.")
    return redirect("accounts:tokens")
