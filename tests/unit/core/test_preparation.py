"""What `up` prepares before the web process starts, and how little of it a later start repeats."""

from pathlib import Path

import pytest
from pytest_django import Settings

from apps.core import preparation


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    """A home whose static files come from one folder of our own."""
    (tmp_path / "run").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "page.css").write_text("a { color: red }")
    settings.HOME = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    return tmp_path


def collected(home: Path) -> list[str]:
    """The names under the static root."""
    return sorted(path.name for path in (home / "static").iterdir())


def test_static_files_are_collected_once_and_again_after_a_change(home: Path) -> None:
    said: list[str] = []
    preparation.collect_static_if_changed(said.append)
    preparation.collect_static_if_changed(said.append)
    assert said == ["Collecting the static files"]
    assert "page.css" in collected(home)
    before = collected(home)
    (home / "sources" / "page.css").write_text("a { color: green }")
    preparation.collect_static_if_changed(said.append)
    assert len(said) == 2
    assert collected(home) != before


def test_a_collection_that_was_cut_short_is_done_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preparation.collect_static_if_changed(lambda _: None)
    (home / "sources" / "page.css").write_text("a { color: green }")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(preparation, "call_command", killed)
        with pytest.raises(KeyboardInterrupt):
            preparation.collect_static_if_changed(lambda _: None)
    said: list[str] = []
    preparation.collect_static_if_changed(said.append)
    assert said == ["Collecting the static files"]


@pytest.mark.django_db
def test_a_database_that_is_up_to_date_is_left_alone() -> None:
    said: list[str] = []
    preparation.migrate_if_needed(said.append)
    assert said == []
