"""The REST API under /api/v1/: one router an app, its OpenAPI at /api/v1/openapi.json."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI

from apps.accounts.api import TokenAuth
from apps.core.api import add_error_handlers
from apps.core.openapi import groups
from apps.datasets.api import router as datasets
from apps.training.api import gallery
from apps.training.api import router as training

# Sign-in by page is not asked for here: each call carries its token. ninja's docs page needs a script of another host.
api = NinjaAPI(title="mlconsole", version="1", auth=TokenAuth(), docs_url=None)
add_error_handlers(api)
api.add_router("/w/{slug}/datasets", datasets)
api.add_router("/w/{slug}/training-jobs", training)
api.add_router("/w/{slug}/algorithms", gallery)


def docs(request: HttpRequest) -> HttpResponse:
    """The description of every call, as a page; its scripts and styles are our own."""
    context = {"groups": groups(api.get_openapi_schema(), settings.CONSOLE_URL), "at": "api"}
    return render(request, "api_docs.html", context)


@login_not_required
def unknown_call(request: HttpRequest, rest: str) -> HttpResponse:
    """404 in the API's own shape, for an address that it does not have."""
    return api.create_response(request, {"detail": [{"field": "", "message": f"no such call: {rest}"}]}, status=404)
