"""Signing in and out: by password, or the first time by a one-time link that asks for one."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts.held import release
from apps.accounts.models import User
from apps.accounts.services import (
    LinkUsed,
    TooManySignIns,
    check_pace,
    forgive,
    note_failure,
    redeem_link,
    user_for_link,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"
WRONG = 422


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """The sign-in page, and the same for the dialog of a page whose session has ended, which asks for JSON."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """To a script that asks: whether somebody is signed in; its cookie for the next form comes with the answer."""
        if self.for_script and (request.method == "GET" or request.user.is_authenticated):
            get_token(request)
            return JsonResponse({"signed_in": request.user.is_authenticated})
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One attempt, unless there were too many."""
        try:
            check_pace(*self.attempt)
        except TooManySignIns as refusal:
            return self.refused(AuthenticationForm(request), refusal.message, refusal.status)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """A wrong name or password."""
        note_failure(*self.attempt)
        return self.refused(form, "", WRONG)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signed in: on to the page asked for, or the form that was held is sent."""
        forgive(*self.attempt)
        response = super().form_valid(form)
        if self.for_script:
            return JsonResponse({"signed_in": True})
        held = release(self.request.POST.get("held", ""))
        return render(self.request, "accounts/resume.html", held) if held else response

    def refused(self, form: AuthenticationForm, message: str, status: int) -> HttpResponse:
        """The form again, with what is wrong and all that it held."""
        if self.for_script:
            return JsonResponse({"message": message or "That is not the right password."}, status=status)
        held = self.request.POST.get("held", "")
        return self.render_to_response(self.get_context_data(form=form, message=message, held=held), status=status)

    @property
    def for_script(self) -> bool:
        """Whether the answer is to be JSON."""
        return self.request.headers.get("Accept") == "application/json"

    @property
    def attempt(self) -> tuple[str, str]:
        """Who tries, and from where."""
        return self.request.POST.get("username", ""), self.request.META.get("REMOTE_ADDR", "")


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
        status = WRONG if form.is_bound else 200
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
