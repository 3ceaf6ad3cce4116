"""WhiteNoise under an asynchronous server, and hashed names also where one script imports another."""

from contextlib import closing

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Each file under a name with its hash, to be kept by browsers for ever; `import` in our modules follows suit.

    In ours only: htmx's sources have comments that read like imports of files that are not there.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Answers with a static file as a whole.

    WhiteNoise streams from a blocking iterator, which Django collects under ASGI before it sends the first byte, with
    a warning in the log. Ours are read once here, in the thread that this middleware runs in anyway.
    """

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The file, or the part of it that was asked for, with WhiteNoise's own status and headers."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with closing(found.file):
                content = found.file.read()
        response = HttpResponse(content, status=found.status)
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
