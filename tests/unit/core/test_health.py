"""`/healthz` and its questions, each with the real part there or away."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from pytest_django import Settings

from apps.core import health, heartbeat, readiness
from apps.core.events import connection
from tests.stack import free_port, until


@pytest.fixture
def alive(redis_server: str) -> str:
    """The Redis-protocol server with a worker and a beat that were heard of."""
    heartbeat.renew("worker")
    heartbeat.renew("beat")
    return redis_server


class Healthy(BaseHTTPRequestHandler):
    """A local region that is well."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def region(settings: Settings) -> "ThreadingHTTPServer":
    """Something that answers at the region's port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.REGION_PORT = server.server_address[1]
    return server


@pytest.mark.django_db
def test_all_parts_well_is_200_with_an_entry_each(client: Client, alive: str, region: object) -> None:
    answer = client.get("/healthz")
    entries = answer.json()
    assert answer.status_code == 200, entries
    assert list(entries) == ["database", "redis", "worker", "beat", "region"]
    assert all(entry["status"] == "ok" and entry["ms"] >= 0 for entry in entries.values())


@pytest.mark.django_db
def test_a_region_that_is_away_is_503_and_named(client: Client, alive: str, settings: Settings) -> None:
    settings.REGION_PORT = free_port()
    answer = client.get("/healthz")
    entries = answer.json()
    assert answer.status_code == 503
    assert {part for part, entry in entries.items() if entry["status"] != "ok"} == {"region"}
    assert "no answer from http://127.0.0.1" in entries["region"]["reason"]


@pytest.mark.django_db
def test_a_silent_worker_is_named_after_its_lifetime(client: Client, alive: str, region: object) -> None:
    connection().pexpire("mlconsole:alive:worker", 1)

    def look() -> dict[str, object] | None:
        answer = client.get("/healthz")
        return answer.json()["worker"] if answer.status_code == 503 else None

    assert "no sign of life" in str(until(look, 60, "a sick worker")["reason"])


@pytest.mark.django_db
def test_without_redis_the_worker_and_beat_are_unknown(client: Client, region: object, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    connection.cache_clear()
    try:
        entries = client.get("/healthz").json()
    finally:
        connection.cache_clear()
    assert entries["redis"]["status"] == "sick"
    assert entries["worker"]["reason"] == entries["beat"]["reason"]
    assert "unknown" in entries["beat"]["reason"]


def test_a_part_that_does_not_answer_at_all_does_not_hold_up_the_others() -> None:
    release = threading.Event()

    def stuck() -> None:
        release.wait(60)

    began = time.monotonic()
    entries = health.examine({"stuck": stuck, "well": lambda: None})
    release.set()
    assert time.monotonic() - began < 20
    assert entries["well"]["status"] == "ok"
    assert entries["stuck"]["reason"] == "no answer within 2.4 s"


def test_a_sign_of_life_expires_by_itself(alive: str) -> None:
    assert heartbeat.is_alive("beat")
    assert 0 < connection().ttl("mlconsole:alive:beat") <= heartbeat.LIFETIME


def test_what_is_sick_tells_the_reasons_of_a_console_and_nothing_of_a_healthy_one() -> None:
    answers = iter([{"web": {"status": "ok"}}, {"region": {"status": "sick", "reason": "no answer"}}])

    class Console(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(next(answers)).encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Console) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        assert readiness.what_is_sick("127.0.0.1", port) == ""
        assert readiness.what_is_sick("127.0.0.1", port) == "region: no answer"
        server.shutdown()
    assert readiness.what_is_sick("127.0.0.1", port).startswith("web: no answer yet")
