"""Downloads: streamed, never held in memory as a whole."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse


def attachment(chunks: Iterator[bytes], filename: str, content_type: str) -> StreamingHttpResponse:
    """An answer that the browser saves as a file."""
    response = StreamingHttpResponse(in_threads(chunks), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


async def in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """A blocking iterator as an asynchronous one; a blocking one would first be collected as a whole under ASGI."""
    take = sync_to_async(lambda: next(chunks, b""))
    while chunk := await take():
        yield chunk
