"""The error pages say what happened and which request it was."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse

from apps.core import views
from apps.core.middleware import current_request_id


@pytest.mark.parametrize(
    ("show", "status", "title"),
    [
        (lambda request: views.bad_request(request, ValueError()), 400, "That request could not be read"),
        (lambda request: views.permission_denied(request, ValueError()), 403, "That is not allowed"),
        (lambda request: views.page_not_found(request, ValueError()), 404, "There is nothing here"),
        (views.server_error, 500, "The console made a mistake"),
    ],
)
def test_an_error_page_needs_no_database_and_names_the_request(
    show: Callable[[HttpRequest], HttpResponse], status: int, title: str
) -> None:
    current_request_id.set("0123456789abcdef")
    response = show(HttpRequest())
    assert response.status_code == status
    text = response.content.decode()
    assert title in text
    assert "Request 0123456789abcdef." in text
