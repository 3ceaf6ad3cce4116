"""The way into a workspace, and its stream of live events."""

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render

from apps.aws.queries import find_workspace, workspaces
from apps.core import events
from apps.core.errors import NotFound


def root(request: HttpRequest) -> HttpResponse:
    """The first workspace's home, or how to add one."""
    known = workspaces()
    if not known:
        return render(request, "aws/no_workspace.html")
    return redirect("training:home", slug=known[0].slug)


async def live_events(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The workspace's changes as Server-Sent Events: names without payload."""
    try:
        workspace = await sync_to_async(find_workspace)(slug)
    except NotFound as error:
        raise Http404(error.message) from error
    response = StreamingHttpResponse(events.stream(workspace.pk), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    return response
