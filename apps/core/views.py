"""The error pages: plain, without a workspace or a database, each with the request's id to find it in the log."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from apps.core.middleware import current_request_id

TEXTS = {
    HTTPStatus.BAD_REQUEST: (
        "That request could not be read",
        "Something in it is malformed, so nothing was done. Go back, load the page again and repeat it.",
    ),
    HTTPStatus.FORBIDDEN: (
        "That is not allowed",
        "The console refused this, and nothing was done. The page may have been open for too long: load it again. "
        "If it stays so, your role may not allow it.",
    ),
    HTTPStatus.NOT_FOUND: (
        "There is nothing here",
        "The address may be mistyped, or what it named is gone.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "The console made a mistake",
        "It is in the console's log. Running jobs are not affected. Try again; if it stays so, report it.",
    ),
}


def page(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """The error page of `status`."""
    title, text = TEXTS[status]
    context = {"title": title, "text": text, "request_id": current_request_id.get()}
    return HttpResponse(render_to_string("error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: Django could not read the request."""
    return page(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but not allowed."""
    return page(request, HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its token, from a page that was open for too long or that is not ours."""
    return page(request, HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address, or no such thing at it."""
    return page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: an unforeseen exception; needs no database, for it may be the one that failed."""
    return page(request, HTTPStatus.INTERNAL_SERVER_ERROR)
