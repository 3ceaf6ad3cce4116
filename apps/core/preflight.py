"""What `up` refuses before it starts anything: a second `up`, a busy port, a server out of reach."""

import errno
import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection


@contextmanager
def only_one(home: Path, remark: str) -> Iterator[None]:
    """Hold `home` for this process while the block runs; the kernel lets go of it however the process ends.

    `remark` says who holds it to whoever comes second. Raises ImproperlyConfigured when it is held already.
    """
    run = home / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (run / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise ImproperlyConfigured(
                f"MLCONSOLE_HOME: {home} is in use by {lock.read().strip() or 'another up'}; "
                "stop that one with Ctrl-C, or set MLCONSOLE_HOME and the two ports to others"
            ) from error
        lock.truncate(0)
        lock.write(remark)
        lock.flush()
        yield


def refuse_busy_port(setting: str, host: str, port: int) -> None:
    """Raise ImproperlyConfigured when `host`:`port` cannot be listened on; says who does, if known."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except socket.gaierror as error:
        raise ImproperlyConfigured(f"MLCONSOLE_HOST: {host!r} is no address of this machine") from error
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{setting}: port {port} needs rights that this user lacks; take one above 1023"
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise ImproperlyConfigured(f"MLCONSOLE_HOST: {host!r} is no address of this machine") from error
        raise ImproperlyConfigured(
            f"{setting}: port {port} on {host} cannot be used ({error.strerror}{_holder(port)}); "
            f"stop what uses it or set {setting} to another port"
        ) from error


def refuse_unreachable_database() -> None:
    """Raise ImproperlyConfigured when the database cannot be opened."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: the database cannot be opened: {error}".strip()) from error


def refuse_unreachable_redis() -> None:
    """Raise ImproperlyConfigured when REDIS_URL names no server that answers."""
    import redis  # late: its import takes 0.2 s, and most consoles have a server of their own

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as server:
            server.ping()
    except redis.RedisError as error:
        raise ImproperlyConfigured(f"REDIS_URL: the server does not answer: {error}") from error


def _holder(port: int) -> str:
    """Who listens on a port, as far as this user may know: ", used by NAME, process PID", or nothing."""
    try:
        found = psutil.net_connections("tcp")
    except psutil.Error:
        return ""
    for entry in found:
        if entry.status == psutil.CONN_LISTEN and entry.laddr and entry.laddr.port == port and entry.pid:
            return f", used by {psutil.Process(entry.pid).name()}, process {entry.pid}"
    return ""
