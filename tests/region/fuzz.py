"""Requests that no client would send: drawn from botocore's service models by a seed, signed, and watched."""

import http.client
import json
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import psutil
from botocore import xform_name
from botocore.exceptions import BotoCoreError
from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel
from botocore.serialize import create_serializer

from apps.localregion.services import SIGNING_NAMES, module
from tests.region.conftest import RegionProcess
from tests.region.fuzz_values import Values, spoiled
from tests.region.raw import signed

ANSWER_SECONDS = 60.0
WARM = 0.5  # of the requests, after which the region must not grow any more
MEGABYTES, THREADS, FILES = 16.0, 8, 24  # what it may differ by for all that: threads begin when they are needed
UNKNOWN = 0.03  # of the operations are any of the model's, not one that the region has
SPOKEN = ("json", "query", "rest-xml", "smithy-rpc-v2-cbor")
TARGETS = ("?a=%ff", "//", "/../x", "?acl&versioning", "?x-id=1&x-id=2", "%00", "?" + "a" * 9000)
NOT_HTTP = (
    b"\x16\x03\x01\x02\x00",
    b"GET\r\n\r\n",
    b"\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"PUT /a/b HTTP/1.1\r\n" * 3 + b"\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
)


@dataclass
class Shot:
    """One request, before it is signed."""

    service: str
    operation: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Tally:
    """What came of it: answers by status, and every request that was not answered as it should have been."""

    statuses: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def note(self, shot: Shot, status: int, reply: bytes) -> None:
        """An answer; a 5xx is wrong, but for 501: what S3 has and the region has not."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 500 and status != 501:
            self.wrong.append(f"{status} {reply[:200]!r} to {shot}")

    def __str__(self) -> str:
        return ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))


@dataclass(frozen=True)
class Use:
    """What a process holds: megabytes, threads, open files."""

    megabytes: float
    threads: int
    files: int

    @staticmethod
    def of(pid: int) -> "Use":
        """Now."""
        process = psutil.Process(pid)
        return Use(process.memory_info().rss / 1e6, process.num_threads(), process.num_fds())

    def assert_no_less_than(self, later: "Use") -> None:
        """Fail if the process has grown."""
        assert later.megabytes <= self.megabytes + MEGABYTES, f"memory grows: {self}, then {later}"
        assert later.threads <= self.threads + THREADS, f"threads grow: {self}, then {later}"
        assert later.files <= self.files + FILES, f"open files grow: {self}, then {later}"


class Fuzzer:
    """Draws and sends requests; the same seed draws the same ones."""

    def __init__(self, region: RegionProcess, seed: int) -> None:
        self._region = region
        self._chance = random.Random(seed)  # noqa: S311 - choices, not secrets
        self._values = Values(self._chance)
        self._line: http.client.HTTPConnection | None = None
        loader = create_loader()
        self._models = {
            signing: ServiceModel(loader.load_service_model(name, "service-2"), name)
            for signing, name in SIGNING_NAMES.items()
        }
        self._has = {signing: [*_served(model)] for signing, model in self._models.items()}

    def run(self, count: int) -> Tally:
        """Send so many; raises AssertionError when the region hangs, ends or grows."""
        tally, before = Tally(), None
        for number in range(count):
            if number == int(count * WARM):
                before = Use.of(self._pid)
            if self._chance.random() < 0.01:
                self._send_no_http(self._chance.choice(NOT_HTTP))
            else:
                shot = self._draw()
                tally.note(shot, *self._send(shot))
        self._close()
        if before is not None:
            before.assert_no_less_than(Use.of(self._pid))
        return tally

    @property
    def _pid(self) -> int:
        assert self._region.process is not None
        return self._region.process.pid

    def _draw(self) -> Shot:
        """A request that its model's serialiser takes, every other one spoiled afterwards."""
        while True:
            service = self._chance.choice([*self._models])
            model = self._models[service]
            known = self._has[service] if self._chance.random() > UNKNOWN else model.operation_names
            try:
                shot = self._shot(service, model.operation_model(self._chance.choice(known)))
            except (BotoCoreError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                continue
            return spoiled_shot(self._chance, shot) if self._chance.random() < 0.5 else shot

    def _shot(self, service: str, operation: OperationModel) -> Shot:
        metadata = self._models[service].metadata
        spoken = [each for each in metadata.get("protocols", [metadata["protocol"]]) if each in SPOKEN]
        serializer = create_serializer(self._chance.choice(spoken), include_validation=False)
        shape = operation.input_shape
        given = self._values.structure(shape) if shape else {}
        made = serializer.serialize_to_request(given, operation)
        query = urlencode(made.get("query_string") or {}, quote_via=quote, doseq=True)
        target = made["url_path"] + ("&" if query and "?" in made["url_path"] else "?" if query else "") + query
        body = made["body"] or b""
        if isinstance(body, dict):
            body = urlencode(body)
        if isinstance(body, str):
            body = body.encode(errors="replace")
        return Shot(service, operation.name, made["method"], target, _texts(made["headers"]), body)

    def _send(self, shot: Shot) -> tuple[int, bytes]:
        headers = signed(self._region, shot.service, shot.method, shot.target, shot.headers, shot.body)
        if self._chance.random() < 0.03:
            name = self._chance.choice([*headers])
            headers[name] = str(spoiled(self._chance, headers[name].encode()), "latin-1")
            headers = _texts(headers)
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self._region.port, timeout=ANSWER_SECONDS)
        try:
            self._line.request(shot.method, shot.target, shot.body, headers)
            answer = self._line.getresponse()
            return answer.status, answer.read()
        except TimeoutError as error:
            raise AssertionError(f"no answer within {ANSWER_SECONDS:g} s to {shot}") from error
        except (http.client.HTTPException, OSError):
            self._close()  # uvicorn hangs up on what is no HTTP; so it must be still there
            self._assert_there(str(shot))
            return 0, b""

    def _send_no_http(self, text: bytes) -> None:
        """It is refused, or waited for: in no case is the region gone."""
        with socket.create_connection(("127.0.0.1", self._region.port), timeout=ANSWER_SECONDS) as line:
            line.sendall(text)
        self._assert_there(repr(text[:80]))

    def _assert_there(self, after: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self._region.port, timeout=ANSWER_SECONDS)
        try:
            line.request("GET", "/_health")
            assert line.getresponse().status == 200, after
        except OSError as error:
            raise AssertionError(f"the region is gone after {after}") from error
        finally:
            line.close()

    def _close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _served(model: ServiceModel) -> Iterator[str]:
    """The operations that the region has."""
    served = module(model.service_name)
    return (name for name in model.operation_names if hasattr(served, xform_name(name)))


def spoiled_shot(chance: random.Random, shot: Shot) -> Shot:
    """The request with one thing wrong: in its JSON, its bytes, its headers, method or target."""
    kind = chance.choice(("json", "body", "header", "method", "target"))
    if kind == "json" and shot.body[:1] == b"{":
        shot.body = json.dumps(Values(chance).with_a_wrong_node(json.loads(shot.body))).encode()
    elif kind == "method":
        shot.method = chance.choice(("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"))
    elif kind == "target":
        shot.target += chance.choice(
            ("?a=%ff", "//", "/../x", "?acl&versioning", "?x-id=1&x-id=2", "%00", "?" + "a" * 9000)
        )
    elif kind == "header" and shot.headers:
        name = chance.choice([*shot.headers])
        shot.headers[name] = chance.choice(("", "x", "0", "-1", "9" * 30, "text/plain", "gzip", "aws-chunked"))
    else:
        shot.body = spoiled(chance, shot.body)
    return shot


def _texts(headers: Any) -> dict[str, str]:
    """Those headers that HTTP can carry, but for the length: of a body that does not come the region waits."""
    return {
        name: str(value)
        for name, value in dict(headers).items()
        if str(name).lower() != "content-length"
        and str(value).isprintable()
        and str(value).isascii()
        and str(name).isascii()
        and str(name).isprintable()
    }
