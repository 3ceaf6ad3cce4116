"""Shards of a channel, brought together on the first instance, which then trains with all of the data."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Client, Connection, Listener

import numpy as np

from apps.localregion.images import meeting
from apps.localregion.images.tables import Table

Tables = dict[str, Table]
PARTS = ("features", "labels")


def gather(own: Mapping[str, Table], hosts: Sequence[str], current: str) -> Tables:
    """The tables of all instances in the order of `hosts`, on the first one; the others send theirs and get none.

    Raises TimeoutError when an instance does not come, ConnectionError when the first one has ended.
    """
    if current != hosts[0]:
        with _met(hosts[0]) as first:
            first.send(hosts.index(current))
            first.send_bytes(_packed(own))
        return {}
    parts = {0: dict(own), **_received(hosts)}
    return {name: _joined([parts[place][name] for place in sorted(parts)]) for name in own}


def _received(hosts: Sequence[str]) -> dict[int, Tables]:
    """What each of the other instances sends, by its place."""
    parts: dict[int, Tables] = {}
    signal.signal(signal.SIGALRM, _too_late)
    signal.alarm(meeting.SECONDS)
    with Listener((hosts[0], meeting.port()), backlog=len(hosts), authkey=_key()) as listener:
        while len(parts) < len(hosts) - 1:
            with listener.accept() as other:
                place = other.recv()
                parts[place] = _unpacked(other.recv_bytes())
    signal.alarm(0)
    return parts


def _too_late(number: int, frame: object) -> None:
    raise TimeoutError(f"Not all instances came within {meeting.SECONDS} seconds.")


def _met(first: str) -> Connection:
    """The connection to the first instance, once it listens."""
    for attempt in range(meeting.CONNECT_ATTEMPTS):
        with contextlib.suppress(ConnectionRefusedError):
            return Client((first, meeting.port()), authkey=_key())
        time.sleep(min(1.0, 0.05 * attempt))
    raise ConnectionRefusedError(f"The first instance, {first}, does not listen.")


def _key() -> bytes:
    """What only the instances of this job have in common."""
    return os.environ.get("TRAINING_JOB_ARN", "").encode()


def _packed(tables: Mapping[str, Table]) -> bytes:
    packed = io.BytesIO()
    arrays = {f"{name}/{part}": getattr(table, part) for name, table in tables.items() for part in PARTS}
    np.savez(packed, **arrays)
    return packed.getvalue()


def _unpacked(data: bytes) -> Tables:
    arrays = np.load(io.BytesIO(data))
    names = {key.rpartition("/")[0] for key in arrays}
    return {name: Table(*(arrays[f"{name}/{part}"] for part in PARTS)) for name in names}


def _joined(tables: Sequence[Table]) -> Table:
    """All rows; a shard without any has no columns either. Raises ValueError when the columns differ."""
    full = [table for table in tables if len(table)] or [tables[0]]
    return Table(*(np.concatenate([getattr(table, part) for table in full]) for part in PARTS))
