"""Every address of the console; an app's own pages stand in its urls.py, under the workspace they act on."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.gzip import gzip_page

from apps.core.api import saying_no_in_shape
from apps.core.health import healthz
from mlconsole.api import api, docs, unknown_call

# A call brings its token: the sign-in page is not for programs.
api_urls = api.urls
for pattern in api_urls[0]:
    pattern.callback = login_not_required(saying_no_in_shape(cast("Callable[..., HttpResponse]", pattern.callback)))

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/docs", gzip_page(docs), name="api_docs"),
    path("api/v1/", api_urls),
    path("api/<path:rest>", unknown_call),
    path("", include("apps.accounts.urls")),
    path("", include("apps.aws.urls")),
    path("w/<slug:slug>/", include("apps.datasets.urls")),
    path("w/<slug:slug>/", include("apps.training.urls")),
]
handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.permission_denied"
handler404 = "apps.core.views.page_not_found"
handler500 = "apps.core.views.server_error"
