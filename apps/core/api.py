"""How the API says no: one shape for every error, `{"detail": [{"field", "message"}]}` with a 4xx status."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apps.core.errors import InvalidInput, Refusal
from apps.core.middleware import current_request_id

log = logging.getLogger(__name__)

# Where ninja found a value ("body") and how the parameter was called ("payload"): no part of the field's name.
NOT_FIELD = 2


def add_error_handlers(api: NinjaAPI) -> None:
    """Teach the API the project's errors."""

    def answer(request: HttpRequest, status: int, fields: dict[str, list[str]]) -> HttpResponse:
        detail = [{"field": field, "message": text} for field, texts in fields.items() for text in texts]
        return api.create_response(request, {"detail": detail}, status=status)

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        fields = error.fields if isinstance(error, InvalidInput) else {error.field: [error.message]}
        return answer(request, error.status, fields)

    @api.exception_handler(ValidationError)
    def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields: dict[str, list[str]] = {}
        for entry in error.errors:
            path = [str(part) for part in entry["loc"][NOT_FIELD:] if part != "[key]"]
            name = ".".join(path) or str(entry["loc"][-1])
            fields.setdefault(name, []).append(entry["msg"])
        return answer(request, 422, fields)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, 404, {"": [str(error) or "not found"]})

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(request, error.status_code, {"": [str(error)]})

    @api.exception_handler(Exception)
    def unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("%s %s failed", request.method, request.path)
        text = f"the console made a mistake; its log has it under request {current_request_id.get()}"
        return answer(request, 500, {"": [text]})

    @api.exception_handler(AuthenticationError)
    def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        text = "send Authorization: Bearer TOKEN; make one by: python manage.py create_token USER"
        return answer(request, 401, {"Authorization": [text]})


def saying_no_in_shape(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An address of the API whose 405, which ninja leaves empty, has the shape of the other errors."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        text = f"{request.method} is not possible here; possible are: {response['Allow']}"
        detail = [{"field": "", "message": text}]
        return JsonResponse({"detail": detail}, status=response.status_code, headers={"Allow": response["Allow"]})

    return answered
