"""Signing in and out: by password, or the first time by a one-time link that asks for one."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from apps.accounts.models import User
from apps.accounts.services import LinkUsed, redeem_link, user_for_link

BACKEND = "django.contrib.auth.backends.ModelBackend"


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """The sign-in page."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The form; a partial whose session has ended is answered by sending the whole page here."""
        htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by django-htmx's middleware
        if htmx:
            return HttpResponseClientRedirect(sign_in_url(htmx.current_url_abs_path))
        return super().get(request, *args, **kwargs)


def sign_in_url(then: str | None) -> str:
    """The sign-in page's address, leading back to `then` afterwards."""
    return reverse("accounts:sign_in", query={"next": then} if then else None)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@never_cache
@login_not_required
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: asks for a password, keeps it and signs in."""
    person = user_for_link(token)
    if person is None:
        return render(request, "accounts/link_used.html", status=LinkUsed.status)
    form = SetPasswordForm(person, request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "accounts/choose_password.html", {"form": form, "person": person}, status=status)
    return finish(request, token, form.cleaned_data["new_password1"])


def finish(request: HttpRequest, token: str, password: str) -> HttpResponse:
    """Use the link up; of two at once the later one sees that it is gone."""
    try:
        person: User = redeem_link(token, password)
    except LinkUsed as error:
        return render(request, "accounts/link_used.html", status=error.status)
    login(request, person, backend=BACKEND)
    return redirect("/")
