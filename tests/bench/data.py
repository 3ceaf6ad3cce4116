"""A data set of 1 GB: uploaded in parts through the console, profiled and prepared by the worker, in bounded memory."""

import http.client
import json
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.bench.figure import Figure
from tests.bench.s3 import peak_megabytes
from tests.stack import Stack, until

SIZE = 1 << 30  # bytes
PATIENCE = 900.0
SESSION = """
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
from apps.accounts.models import User
user = User.objects.get(username="admin")
store = SessionStore()
store.update({"_auth_user_id": str(user.pk), "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
              "_auth_user_hash": user.get_session_auth_hash()})
store.save()
print(store.session_key, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
"""


@dataclass
class Person:
    """A signed-in browser, as far as uploading goes."""

    stack: Stack
    cookie: str
    token: str

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "") -> dict[str, Any]:
        """One request that must be answered well; its JSON."""
        line = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=120)
        headers = {"Cookie": self.cookie, "X-CSRFToken": self.token} | ({"Content-Type": kind} if kind else {})
        line.request(method, path, body, headers)
        answer = line.getresponse()
        text = answer.read()
        line.close()
        assert answer.status in (200, 201), (answer.status, text[:500])
        return dict(json.loads(text))


def measure() -> Iterator[Figure]:
    """The group `data`."""
    stack = Stack()
    try:
        stack.start()
        stack.wait_until_healthy()
        yield from _large(stack, _sign_in(stack))
    finally:
        stack.remove()


def _sign_in(stack: Stack) -> Person:
    key, session, csrf = stack.manage("shell", "-c", SESSION).split()[-3:]
    token = secrets.token_hex(16)
    return Person(stack, f"{session}={key}; {csrf}={token}", token)


def _large(stack: Stack, person: Person) -> Iterator[Figure]:
    began = time.monotonic()
    _upload(person)
    yield Figure("data.upload-1gb", "s", time.monotonic() - began, 60)
    yield Figure("data.web-memory", "MB", peak_megabytes(stack.pid("web")), 200)
    began = time.monotonic()
    token = stack.token()
    until(lambda: _ready(stack, token), PATIENCE, "the data set Ready", every=0.5)
    yield Figure("data.profile-1gb", "s", time.monotonic() - began, 180)
    yield Figure("data.worker-memory", "MB", peak_megabytes(stack.pid("worker")), 400)


def _upload(person: Person) -> None:
    form = {"name": "large", "filename": "large.csv", "size": SIZE, "modified": 1, "target": "label"}
    kind = "application/x-www-form-urlencoded"
    upload = person.send("POST", "/w/local/data/uploads/", urlencode(form).encode(), kind)
    source, offset = _bytes(), 0
    pending = bytearray()
    while offset < SIZE:
        wanted = min(upload["part_bytes"], SIZE - offset)
        while len(pending) < wanted:
            pending += next(source)
        part = bytes(pending[:wanted])
        del pending[:wanted]
        offset = person.send("PUT", f"{upload['url']}?offset={offset}", part, "application/octet-stream")["offset"]
    person.send("POST", f"{upload['url']}finish/")


def _bytes() -> Iterator[bytes]:
    """SIZE bytes of CSV: two classes, a text, ten numbers; the last row is filled up with digits."""
    dice = random.Random(20)  # noqa: S311  # test data
    header = ",".join(["label", "city", *(f"x{n}" for n in range(10))]).encode() + b"\n"
    lines = [
        ",".join(
            [dice.choice("01"), dice.choice(["Rome", "Paris", ""]), *(f"{dice.gauss(0, 9):.5f}" for _ in range(10))]
        )
        for _ in range(20_000)
    ]
    block = ("\n".join(lines) + "\n").encode()
    yield header
    whole, rest = divmod(SIZE - len(header), len(block))
    for _ in range(whole):
        yield block
    tail = block[:rest]
    cut = tail.rfind(b"\n", 0, rest - 40) + 1
    last = b"0,Rome," + b"1," * 9
    yield tail[:cut] + last + b"0" * (rest - cut - len(last))


def _ready(stack: Stack, token: str) -> bool | None:
    status, found = stack.request("GET", "/api/v1/w/local/datasets/large", token=token)
    assert (status, found["failure"]) == (200, ""), found
    return found["state"] == "Ready" or None
