"""Settings from the environment: wrong ones are refused by name, with what to do."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mlconsole import environment


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins without any of our variables."""
    for name in environment.KNOWN:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("given", ["0", "65536", "-1", "eight", "8000.0", "٨٠٠٠"])
def test_what_is_no_port_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("MLCONSOLE_PORT", given)
    with pytest.raises(ImproperlyConfigured, match=f"MLCONSOLE_PORT .*{given}"):
        environment.port("MLCONSOLE_PORT", 8000)


@pytest.mark.parametrize("given", ["", "  "])
def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("MLCONSOLE_PORT", given)
    assert environment.port("MLCONSOLE_PORT", 8000) == 8000


def test_a_variable_that_looks_like_ours_but_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLCONSOLE_PROT", "8000")
    with pytest.raises(ImproperlyConfigured, match="MLCONSOLE_PROT is not a setting; known are MLCONSOLE_HOME"):
        environment.refuse_unknown()


def test_an_unknown_log_level_is_refused_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLCONSOLE_LOG_LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured, match="MLCONSOLE_LOG_LEVEL must be one of DEBUG, INFO"):
        environment.choice("MLCONSOLE_LOG_LEVEL", "INFO", environment.LOG_LEVELS)


def test_a_home_that_cannot_be_made_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLCONSOLE_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(ImproperlyConfigured, match=r"MLCONSOLE_HOME: .* cannot be made"):
        environment.home(tmp_path)


def test_a_new_home_is_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLCONSOLE_HOME", str(tmp_path / "home"))
    assert stat.S_IMODE(environment.home(tmp_path).stat().st_mode) == 0o700


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as at_once:
        keys = set(at_once.map(lambda _: environment.secret_key(tmp_path), range(8)))
    assert keys == {(tmp_path / "secret_key").read_text()}
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_short_secret_key_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLCONSOLE_SECRET_KEY", "short")
    with pytest.raises(ImproperlyConfigured, match="MLCONSOLE_SECRET_KEY must have at least 32 characters"):
        environment.secret_key(tmp_path)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    monkeypatch.setenv("MLCONSOLE_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert environment.secret_key(tmp_path) == "k" * 40


def test_a_secret_file_that_is_not_there_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL_FILE: there is no file"):
        environment.database(tmp_path)


def test_the_database_is_sqlite_in_the_home_unless_named(tmp_path: Path) -> None:
    assert environment.database(tmp_path)["NAME"] == tmp_path / "console.sqlite3"


def test_a_postgresql_is_taken_by_socket_or_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:secret@db.example:5433/console")
    entry = environment.database(tmp_path)
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", 5433, "console")


def test_another_database_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://ann:secret@db.example/console")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must name a PostgreSQL database"):
        environment.database(tmp_path)


def test_a_redis_of_another_kind_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_URL", "amqp://localhost")
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL must start with redis://"):
        environment.redis_url(tmp_path)


def test_a_socket_too_deep_for_unix_moves_to_the_temporary_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    assert environment.socket_path(tmp_path / "h") == tmp_path / "h" / "run" / "redis.sock"
    assert len(str(environment.socket_path(deep))) <= environment.SOCKET_PATH_LIMIT
    assert environment.socket_path(deep) != environment.socket_path(deep / "other")
    assert re.search(r"mlconsole-\d+-[0-9a-f]{16}/redis\.sock$", str(environment.socket_path(deep)))


def test_large_requests_wait_on_the_consoles_own_disk_in_private(tmp_path: Path) -> None:
    for _ in range(2):
        assert environment.spool(tmp_path) == tmp_path / "spool"
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
