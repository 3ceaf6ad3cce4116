"""A request id on every request: in the log, in the answer's `X-Request-Id` and on the error page."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class RequestIdMiddleware:
    """Gives each request a fresh id; an id that a client sends is not trusted."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, with its id in the `X-Request-Id` header."""
        identifier = secrets.token_hex(8)
        current_request_id.set(identifier)
        response = await self.get_response(request)
        response["X-Request-Id"] = identifier
        return response


class RequestIdFilter(logging.Filter):
    """Puts the current request's id on each log record, "-" outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: it only adds `request_id`."""
        record.request_id = current_request_id.get()
        return True


class HealthFilter(logging.Filter):
    """Keeps `/healthz` answering 503 out of the log of failed requests: whoever asks reads the reasons."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is of another address."""
        request = getattr(record, "request", None)
        return getattr(request, "path", "") != "/healthz"
