"""Toasts: what was just done, with an undo where there is one; by htmx as an event, else on the next page."""

from collections.abc import Callable
from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

Level = Literal["good", "info", "warn", "bad"]
LEVELS: dict[Level, int] = {
    "good": messages.SUCCESS,
    "info": messages.INFO,
    "warn": messages.WARNING,
    "bad": messages.ERROR,
}
# Answers by which htmx leaves the page: its toasts are shown on the next one.
LEAVING = ("HX-Redirect", "HX-Location", "HX-Refresh")


def toast(request: HttpRequest, text: str, *, level: Level = "good", undo_url: str = "") -> None:
    """Say `text`; `undo_url` is an address of ours whose POST takes back what was done (its view ends with `back`)."""
    if getattr(request, "htmx", False):
        waiting: list[dict[str, Any]] = request.__dict__.setdefault("toasts", [])
        waiting.append({"text": text, "level": level, "undo": undo_url})
    else:
        messages.add_message(request, LEVELS[level], text, extra_tags=undo_url)


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To the page that the form names as `next`, where it is one of ours, else to the address `otherwise`."""
    then = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(then, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(then if ours else otherwise)


class ToastMiddleware:
    """Hands the toasts of an htmx request over: with the answer, or to the page that the answer leads to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, its toasts in `HX-Trigger`."""
        response = self.get_response(request)
        waiting: list[dict[str, Any]] = getattr(request, "toasts", [])
        if not waiting:
            return response
        if 300 <= response.status_code < 400 or any(name in response for name in LEAVING):
            for each in waiting:
                messages.add_message(request, LEVELS[each["level"]], each["text"], extra_tags=each["undo"])
            return response
        return trigger_client_event(response, "toast", {"toasts": waiting})
