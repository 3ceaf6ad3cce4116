"""Static files are answered whole, as an asynchronous server wants them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apps.core.static_files import StaticFilesMiddleware

TEXT = b"export const a = 1;\n"


def page(request: HttpRequest) -> HttpResponse:
    """What stands behind the static files."""
    return HttpResponse(b"a page")


@pytest.fixture
def files(tmp_path: Path, settings: Any) -> StaticFilesMiddleware:
    """The middleware over a folder with one file."""
    (tmp_path / "a.js").write_bytes(TEXT)
    settings.STATIC_ROOT = tmp_path
    return StaticFilesMiddleware(page)


def test_a_file_is_one_whole_answer_that_no_server_has_to_collect_first(
    files: StaticFilesMiddleware, rf: RequestFactory
) -> None:
    answer = files(rf.get("/static/a.js"))
    assert (answer.status_code, answer.streaming, answer.content) == (200, False, TEXT)
    assert answer["Content-Type"] == 'text/javascript; charset="utf-8"'
    assert answer["Content-Length"] == str(len(TEXT))


def test_a_part_of_a_file_and_a_file_that_has_not_changed_are_answered_as_such(
    files: StaticFilesMiddleware, rf: RequestFactory
) -> None:
    part = files(rf.get("/static/a.js", headers={"Range": "bytes=0-5"}))
    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"export", f"bytes 0-5/{len(TEXT)}")
    seen = files(rf.get("/static/a.js"))["ETag"]
    again = files(rf.get("/static/a.js", headers={"If-None-Match": seen}))
    assert (again.status_code, again.content, "Content-Type" in again) == (304, b"", False)


def test_a_head_request_gets_no_body_and_every_other_address_its_page(
    files: StaticFilesMiddleware, rf: RequestFactory
) -> None:
    head = files(rf.head("/static/a.js"))
    assert (head.content, head["Content-Length"]) == (b"", str(len(TEXT)))
    assert files(rf.get("/")).content == b"a page"


def test_every_script_that_imports_another_names_it_by_its_hash(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "apps.core.static_files.HashedStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    names = {path.name for path in (tmp_path / "js").glob("*.js")}
    imports = {
        name
        for path in (tmp_path / "js").glob("*.*.js")
        for name in re.findall(r'^import .*"\./(.+?)";$', path.read_text(), re.MULTILINE)
    }
    assert len(imports) >= 2
    assert imports <= {name for name in names if re.search(r"\.[0-9a-f]{12}\.js$", name)}
