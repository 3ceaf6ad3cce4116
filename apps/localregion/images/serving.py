"""The server inside a serving container: GET /ping, POST /invocations, GET /execution-parameters.

It listens on the port SAGEMAKER_BIND_TO_PORT, or on the Unix socket MLCONSOLE_BIND_TO_SOCKET when there is one.
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

SOCKET = "MLCONSOLE_BIND_TO_SOCKET"
PORT = "SAGEMAKER_BIND_TO_PORT"
MOST_BYTES = 100 << 20  # of a request; "MaxPayloadInMB" of a transform job is at most 100
MEGABYTES = 6  # what the algorithms' containers ask a transform job to send at once

Message = MutableMapping[str, Any]
Answer = tuple[bytes, str]  # a body and its content type

logger = logging.getLogger("serving")


class Refused(Exception):
    """A request that the model cannot answer: its HTTP status and the words of the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Served:
    """A loaded model: answers a body of a content type ("" if none was told) in an accepted type ("" for any)."""

    invoke: Callable[[bytes, str, str], Answer]
    threads: int = 0  # at once; 0: one a core


def serve(load: Callable[[Path], Served]) -> int:
    """Load the model below SAGEMAKER_BASE_DIR and serve it until SIGTERM; answers the exit code."""
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="[%(asctime)s:%(levelname)s] %(message)s", force=True
    )
    try:
        served = load(Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")) / "model")
    except Exception as error:
        traceback.print_exc(file=sys.stdout)
        print(f"Unable to load model: {error}", flush=True)
        return 1
    logger.info("Model loaded successfully for worker : %d", os.getpid())
    socket = os.environ.get(SOCKET)
    where: dict[str, Any] = (
        {"uds": socket} if socket else {"host": "127.0.0.1", "port": int(os.environ.get(PORT, 8080))}
    )
    config = uvicorn.Config(
        Server(served), **where, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=75
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    uvicorn.Server(config).run()
    return 0


class Server:
    """The ASGI application of one loaded model."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._threads = served.threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="invoke")

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """ASGI's entry: one request."""
        status, (body, kind) = await self._answer(scope, receive)
        headers = [(b"content-length", str(len(body)).encode())]
        if body:
            headers.append((b"content-type", kind.encode("latin-1")))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Message, receive: Callable[[], Awaitable[Message]]) -> tuple[int, Answer]:
        match scope["method"], scope["path"]:
            case "GET", "/ping":
                return 200, (b"", "")
            case "GET", "/execution-parameters":
                return 200, (json.dumps(self._parameters()).encode(), "application/json")
            case "POST", "/invocations":
                return await self._invoke(scope, receive)
            case _:
                return 404, (b"Not Found", "text/plain")

    def _parameters(self) -> dict[str, Any]:
        return {"MaxConcurrentTransforms": self._threads, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": MEGABYTES}

    async def _invoke(self, scope: Message, receive: Callable[[], Awaitable[Message]]) -> tuple[int, Answer]:
        headers = dict(scope["headers"])
        kind, accept = (headers.get(name, b"").decode("latin-1") for name in (b"content-type", b"accept"))
        body = bytearray()
        more = True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
            if len(body) > MOST_BYTES:
                return 413, (b"Request Entity Too Large", "text/plain")
        if not body:
            return 204, (b"", "")
        wanted = "" if accept.strip() == "*/*" else accept
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._try, bytes(body), kind, wanted)

    def _try(self, body: bytes, kind: str, accept: str) -> tuple[int, Answer]:
        """The model's answer; what goes wrong is told in the log and to the client."""
        try:
            return 200, self._served.invoke(body, kind, accept)
        except Refused as refused:
            logger.error("%s", refused.text)
            return refused.status, (refused.text.encode(), "text/plain; charset=utf-8")
        except Exception as error:
            logger.exception("Exception on /invocations [POST]")
            return 500, (str(error).encode() or b"Internal Server Error", "text/plain; charset=utf-8")


def media_type(given: str) -> str:
    """A content type without its parameters, in lower case."""
    return given.partition(";")[0].strip().lower()
