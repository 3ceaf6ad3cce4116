"""Toasts reach their reader: on the next page, with an htmx answer, or past a redirect."""

import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apps.core.toasts import ToastMiddleware, back, toast


def said(rf: RequestFactory, answer: HttpResponse, **attributes: Any) -> tuple[HttpResponse, list[tuple[str, str]]]:
    """The answer of a view that says something, and what waits for the next page."""
    request: Any = rf.post("/")
    request.session, request.htmx = {}, attributes.get("htmx", False)
    request._messages = FallbackStorage(request)

    def view(request: HttpRequest) -> HttpResponse:
        toast(request, "Archived 3 jobs", undo_url="/undo/")
        return answer

    response = ToastMiddleware(view)(request)
    return response, [(each.message, each.extra_tags) for each in get_messages(request)]


def test_a_page_says_it_on_the_next_page_with_its_undo(rf: RequestFactory) -> None:
    response, waiting = said(rf, HttpResponse())
    assert "HX-Trigger" not in response
    assert waiting == [("Archived 3 jobs", "/undo/")]


def test_an_htmx_answer_brings_it_along(rf: RequestFactory) -> None:
    response, waiting = said(rf, HttpResponse(), htmx=True)
    assert json.loads(response["HX-Trigger"]) == {
        "toast": {"toasts": [{"text": "Archived 3 jobs", "level": "good", "undo": "/undo/"}]}
    }
    assert waiting == []


@pytest.mark.parametrize(("status", "headers"), [(302, {"Location": "/"}), (204, {"HX-Redirect": "/"})])
def test_an_htmx_answer_that_leads_away_says_it_there(rf: RequestFactory, status: int, headers: dict[str, str]) -> None:
    response, waiting = said(rf, HttpResponse(status=status, headers=headers), htmx=True)
    assert "HX-Trigger" not in response
    assert waiting == [("Archived 3 jobs", "/undo/")]


def test_an_undo_leads_back_to_its_page_and_never_to_another_host(rf: RequestFactory) -> None:
    assert back(rf.post("/undo/", {"next": "/w/here/?filter=a"}), "/w/here/")["Location"] == "/w/here/?filter=a"
    assert back(rf.post("/undo/", {"next": "https://elsewhere.example/"}), "/w/here/")["Location"] == "/w/here/"
    assert back(rf.post("/undo/"), "/w/here/")["Location"] == "/w/here/"
