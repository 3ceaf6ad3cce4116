"""The region as an ASGI application: authenticate, parse, dispatch, serialise."""

import asyncio
import hashlib
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from botocore import xform_name

from apps.localregion import forms, policies, services, signatures_v2, status_links, statuspage, wire
from apps.localregion.answer import Answer, FileRange
from apps.localregion.compression import inflated
from apps.localregion.credentials import AccessKey, Credentials, open_credentials
from apps.localregion.errors import AwsError
from apps.localregion.failures import failure, internal_failure
from apps.localregion.identity import Identity
from apps.localregion.intake import SHA256, SIGNED_CHUNKS, UNSIGNED_CHUNKS, Message, ObjectIntake
from apps.localregion.refusals import guessed_protocol, refusal
from apps.localregion.region import Region, lock_home, open_region
from apps.localregion.request import Request, decoded_headers
from apps.localregion.requestlog import RequestLog
from apps.localregion.services.iam.first import make_execution_role
from apps.localregion.signatures import UNSIGNED, ChunkSigner, Claim, Reason, Refused, check, read_claim
from apps.localregion.trail import recorded
from apps.localregion.upkeep import Upkeep
from apps.localregion.wire import Call

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PIECE = 256 << 10  # bytes handed to a thread at once
IDLE_SECONDS = 60.0  # how long a client may pause within a body
THREADS = 16
PAYLOAD_HEADER = "x-amz-content-sha256"
HEALTH = Answer(200, {"Content-Type": "application/json"}, b'{"status": "ok"}')

logger = logging.getLogger(__name__)


class ClientGone(Exception):
    """The client closed the connection within its request."""


class Application:
    """One region, served."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._region: Region
        self._credentials: Credentials
        self._log: RequestLog

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """ASGI's entry: the life of the process, or one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        try:
            lock = lock_home(self._home)
            self._log = RequestLog(self._home)
            self._region = open_region(self._home)
            region = self._region
            self._credentials = open_credentials(self._home, region.name, region.account, region.documents)
            self._region.objects.collect_all()
            make_execution_role(self._region)
            self._region.jobs.open()
            self._region.batches.open()
            upkeep = Upkeep(self._region)
            upkeep.open()
        except (OSError, RuntimeError, ValueError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(upkeep.close)
        await asyncio.to_thread(self._region.batches.close)
        await asyncio.to_thread(self._region.jobs.close)
        self._log.close()
        lock.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        request = Request(
            scope["method"],
            scope["raw_path"].decode("latin-1"),
            scope["query_string"].decode("latin-1"),
            decoded_headers(scope["headers"]),
            str(uuid.uuid4()),
            scope["client"][0] if scope.get("client") else "",
        )
        started = time.monotonic()
        try:
            answer = await self._answer(request, receive)
        except ClientGone:
            return
        await _send(send, answer, request)
        if answer is not HEALTH:
            self._log.note(request, answer.status, time.monotonic() - started)

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        """The answer to any request, whatever happens."""
        protocol = "rest-xml"
        try:
            protocol = guessed_protocol(request)
            if request.path == "/_health" and request.method in ("GET", "HEAD"):
                return HEALTH
            if request.path == status_links.PATH and request.method == "GET":
                return await asyncio.to_thread(self._status, request)
            if forms.is_form(request):
                return await self._answer_form(request, receive)
            if signatures_v2.is_signed(request):
                key = signatures_v2.check(request, self._credentials.find, datetime.now(UTC))
                return await self._answer_s3(request, UNSIGNED, None, receive, key.identity)
            claim = read_claim(request)
            service = services.SIGNING_NAMES.get(claim.service)
            if service is None:
                raise AwsError("UnknownOperationException", f"This region has no service {claim.service!r}", 404)
            protocol = wire.protocol(service, protocol)
            if service == "s3":
                payload_hash = _declared_hash(request, claim)
                key = self._check(request, claim, payload_hash)
                signer = ChunkSigner(request, claim, key)
                return await self._answer_s3(request, payload_hash, signer, receive, key.identity)
            return await self._answer_message(request, claim, service, protocol, receive)
        except Refused as refused:
            error = refusal(refused, protocol)
        except UnicodeDecodeError:
            error = AwsError("InvalidURI", "Couldn't parse the specified URI.")
        except AwsError as refused:
            error = refused
        except ClientGone:
            raise
        except Exception:
            logger.exception("request %s failed: %s %s", request.request_id, request.method, request.path)
            error = internal_failure(protocol)
        request.error = error.code
        return failure(error, protocol, request.request_id)

    def _status(self, request: Request) -> Answer:
        if not status_links.may_see(request, self._credentials.find, time.time()):
            return statuspage.forbidden()
        return statuspage.page(self._region, self._log)

    async def _answer_message(
        self, request: Request, claim: Claim, service: str, protocol: str, receive: Receive
    ) -> Answer:
        """Services whose requests are small messages: the signature covers the body, which comes first."""
        message = Message()
        async for piece in _pieces(receive):
            message.write(piece)
        body = bytes(message.body)
        payload_hash = hashlib.sha256(body).hexdigest()
        if request.headers.get(PAYLOAD_HEADER, payload_hash) != payload_hash:
            raise Refused(Reason.PAYLOAD)  # the signature would cover the header instead of the body
        caller = self._check(request, claim, payload_hash).identity
        body = inflated(request, body)
        call = wire.find_call(service, protocol, request, body)
        return await asyncio.to_thread(self._operate, call, request, body, caller)

    async def _answer_s3(
        self, request: Request, payload_hash: str, signer: ChunkSigner | None, receive: Receive, caller: Identity
    ) -> Answer:
        """S3: the signature covers a declared hash, so objects stream into the store before that is checked."""
        call = wire.find_call("s3", "rest-xml", request, b"")
        with ExitStack() as stack:
            sink = stack.enter_context(self._region.objects.draft()) if call.streams_in else Message()
            intake = ObjectIntake(request, sink, payload_hash, signer)
            last = b""  # goes along with the operation: a small object costs one change of threads
            async for piece in _pieces(receive):
                if last:
                    await asyncio.to_thread(intake.take, last)
                last = piece

            def finish() -> Answer:
                intake.take(last)
                return self._operate(call, request, intake.finish(), caller)

            return await asyncio.to_thread(finish)

    async def _answer_form(self, request: Request, receive: Receive) -> Answer:
        """S3's upload by a form, whose signature comes with its fields, before the file."""
        bucket = unquote(request.raw_path).strip("/")
        with self._region.objects.draft() as sink:
            begun: list[tuple[Request, ObjectIntake, AccessKey]] = []

            def begin(form: forms.Form) -> Callable[[bytes], None]:
                key = forms.check_form(form, bucket, self._credentials.find, datetime.now(UTC))
                put = forms.put_request(form, request, bucket)
                begun.append((put, ObjectIntake(put, sink, UNSIGNED, None), key))
                return begun[0][1].take

            form = forms.Form(request, begin)
            async for piece in _pieces(receive):
                await asyncio.to_thread(form.feed, piece)
            form.finish()
            put, intake, key = begun[0]
            policies.check_size(form.fields, sink.size)
            call = wire.find_call("s3", "rest-xml", put, b"")
            done = await asyncio.to_thread(lambda: self._operate(call, put, intake.finish(), key.identity))
        request.who, request.operation = put.who, put.operation
        return forms.form_answer(form, request, bucket, done)

    def _check(self, request: Request, claim: Claim, payload_hash: str) -> AccessKey:
        key = self._credentials.find(claim.access_key)
        return check(request, claim, key, self._region.name, payload_hash, datetime.now(UTC))

    def _operate(self, call: Call, request: Request, body: Any, caller: Identity) -> Answer:
        """Find the operation's function and call it; in a thread, as operations may block."""
        request.who = caller.user_name or caller.arn.rpartition(":")[2]
        request.operation = f"{call.service}:{call.operation.name}"
        function = getattr(services.module(call.service), xform_name(call.operation.name), None)
        if function is None:
            raise wire.unknown_operation(call.protocol, call.operation.name)
        region = replace(self._region, caller=caller)
        with recorded(region, call, request) as note:
            note.request = wire.parse(call, request, body)
            note.result = function(region, note.request)
        return wire.serialise(call, note.result, request.request_id)


def _declared_hash(request: Request, claim: Claim) -> str:
    """S3's payload hash as the client signed it; raises AwsError InvalidRequest."""
    declared = request.headers.get(PAYLOAD_HEADER) or request.args.get("X-Amz-Content-Sha256")
    if declared is None and claim.presigned:
        return UNSIGNED
    if declared is None:
        raise AwsError("InvalidRequest", f"Missing required header for this request: {PAYLOAD_HEADER}")
    if declared not in (UNSIGNED, UNSIGNED_CHUNKS, *SIGNED_CHUNKS) and not SHA256.fullmatch(declared):
        kinds = ", ".join((UNSIGNED, UNSIGNED_CHUNKS, *SIGNED_CHUNKS))
        message = f"{PAYLOAD_HEADER} must be {kinds} or a valid sha256 value."
        raise AwsError("InvalidRequest", message)
    return declared


async def _pieces(receive: Receive) -> Any:
    """The body in pieces of about PIECE bytes; raises ClientGone, or AwsError RequestTimeout."""
    pending = bytearray()
    more = True
    while more:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                event = await receive()
        except TimeoutError as error:
            message = "Your socket connection to the server was not read from or written to in time."
            raise AwsError("RequestTimeout", message) from error
        if event["type"] == "http.disconnect":
            raise ClientGone
        pending += event.get("body", b"")
        more = event.get("more_body", False)
        if len(pending) >= PIECE or (pending and not more):
            yield bytes(pending)
            pending.clear()


async def _send(send: Send, answer: Answer, request: Request) -> None:
    headers = dict(answer.headers)
    bodiless = answer.status in (204, 304)
    if not bodiless:
        headers.setdefault("Content-Length", str(answer.length))
    raw = [(name.lower().encode("latin-1"), value.encode("utf-8")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if isinstance(answer.body, FileRange):
        await _send_file(send, answer.body, request.method == "HEAD")
    else:
        await send({"type": "http.response.body", "body": b"" if bodiless or request.method == "HEAD" else answer.body})


async def _send_file(send: Send, part: FileRange, head: bool) -> None:
    left = 0 if head else part.length
    with closing(part.file) as file:
        file.seek(part.start)
        while left > 0 and (data := await asyncio.to_thread(file.read, min(PIECE, left))):
            left -= len(data)
            await send({"type": "http.response.body", "body": data, "more_body": left > 0})
    if head or part.length == 0:
        await send({"type": "http.response.body", "body": b""})
