"""Reads the environment, and refuses what it does not understand, by name.

Only `settings.py` uses this: nothing else in the project reads the environment.
"""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# Every variable the console knows, in the README's order. A secret may also come from a file: NAME_FILE.
KNOWN = (
    "MLCONSOLE_HOME",
    "MLCONSOLE_HOST",
    "MLCONSOLE_PORT",
    "MLCONSOLE_REGION_PORT",
    "MLCONSOLE_PUBLIC_URL",
    "MLCONSOLE_LOG_LEVEL",
    "MLCONSOLE_SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
)
SECRETS = ("MLCONSOLE_SECRET_KEY", "DATABASE_URL", "REDIS_URL")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

# A Unix socket's path must fit into 108 bytes on Linux and 104 on macOS (man 7 unix).
SOCKET_PATH_LIMIT = 100


def refuse_unknown() -> None:
    """Raise ImproperlyConfigured for a variable that looks like ours but is not: most likely a typing error."""
    allowed = {*KNOWN, *(f"{name}_FILE" for name in SECRETS)}
    for name in os.environ:
        if name.startswith("MLCONSOLE_") and name not in allowed:
            raise ImproperlyConfigured(f"{name} is not a setting; known are {', '.join(KNOWN)}")


def text(name: str, default: str) -> str:
    """The variable's text, from NAME or, for a secret, from the file that NAME_FILE names; empty means unset."""
    if os.environ.get(f"{name}_FILE") and name in SECRETS:
        path = Path(os.environ[f"{name}_FILE"])
        if not path.is_file():
            raise ImproperlyConfigured(f"{name}_FILE: there is no file {path}")
        return path.read_text().strip()
    return os.environ.get(name, "").strip() or default


def port(name: str, default: int) -> int:
    """A TCP port, 1 to 65535."""
    given = text(name, str(default))
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 65535):
        raise ImproperlyConfigured(f"{name} must be a port from 1 to 65535, not {given!r}")
    return int(given)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of a few words, in any case."""
    given = text(name, default).upper()
    if given not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {given!r}")
    return given


def public_url() -> str:
    """How browsers reach the console when it is not by its own host and port: scheme and host, "" when unset."""
    given = text("MLCONSOLE_PUBLIC_URL", "").rstrip("/")
    parts = urlsplit(given)
    if given and not (parts.scheme in ("http", "https") and parts.hostname and not parts.path and not parts.query):
        raise ImproperlyConfigured(f"MLCONSOLE_PUBLIC_URL must be like https://console.example, not {given!r}")
    return given


def local_host(listening: str) -> str:
    """Where this machine reaches what listens there: the loopback when it is every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listening, listening)  # noqa: S104  not bound


def console_url(host: str, port: int, public: str) -> str:
    """The console's address for a person: the public one, else that on this machine."""
    return public or f"http://{f'[{host}]' if ':' in host else host}:{port}"


def home(default: Path) -> Path:
    """The folder that holds all state, made private to its owner when it is new."""
    folder = Path(text("MLCONSOLE_HOME", str(default))).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"MLCONSOLE_HOME: {folder} cannot be made ({error.strerror})") from error
    if not os.access(folder, os.W_OK):
        raise ImproperlyConfigured(f"MLCONSOLE_HOME: {folder} cannot be written to")
    return folder


def spool(folder: Path) -> Path:
    """Where large requests wait on disk: in `folder`, since the system's temporary folder is often memory."""
    made = folder / "spool"
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def secret_key(folder: Path) -> str:
    """Django's signing key: given, or made once and kept in `folder` (0600)."""
    given = text("MLCONSOLE_SECRET_KEY", "")
    if given and len(given) < 32:
        raise ImproperlyConfigured("MLCONSOLE_SECRET_KEY must have at least 32 characters")
    path = folder / "secret_key"
    if not given and not path.exists():
        made = path.with_suffix(f".{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        try:
            os.link(made, path)  # exclusive: of two first starts at once, one key wins
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return given or path.read_text()


def database(folder: Path) -> dict[str, object]:
    """Django's DATABASES entry: SQLite in `folder`, or the PostgreSQL that DATABASE_URL names."""
    given = text("DATABASE_URL", "")
    if not given:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "console.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    entry: dict[str, object] = environ.Env.db_url_config(given)
    if entry.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgres://user:password@host/name")
    # An address that swallows packets is noticed in seconds, not in the minutes that TCP allows.
    entry["OPTIONS"] = {"connect_timeout": 5, **environ.Env.db_url_config(given).get("OPTIONS", {})}
    return entry


def redis_url(folder: Path) -> str:
    """REDIS_URL, or the Unix socket of the server that `make up` starts: no port to collide with another checkout."""
    given = text("REDIS_URL", "")
    if given and not given.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://")
    return given or f"unix://{socket_path(folder)}"


def socket_path(folder: Path) -> Path:
    """Where the started Redis-protocol server listens: in `folder`, or under the temporary folder when too deep."""
    path = folder / "run" / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"mlconsole-{os.getuid()}-{digest}" / "redis.sock"
