"""How a page comes by its workspace."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.aws.queries import find_workspace
from apps.core.errors import NotFound

Rest = ParamSpec("Rest")


class WorkspaceRequest(HttpRequest):
    """A signed-in person's request for a page of one workspace."""

    user: User
    workspace: Workspace
    htmx: HtmxDetails


def in_workspace(
    view: Callable[Concatenate[WorkspaceRequest, Workspace, Rest], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """For views under `w/<slug>/`: the slug becomes the Workspace; what is not found in it is the 404 page."""

    @wraps(view)
    def found(request: WorkspaceRequest, slug: str, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        try:
            request.workspace = find_workspace(slug)
            return view(request, request.workspace, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from error

    return found
