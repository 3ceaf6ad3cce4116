"""Measures the history's pages in one process and prints their medians in milliseconds as JSON."""

import json
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlencode

import django
from django.core.management import call_command

django.setup()

from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.aws.models import Workspace  # noqa: E402
from apps.training import queries  # noqa: E402
from tests.bench.history import BARE, MLFLOW  # noqa: E402
from tests.bench.history_rows import load  # noqa: E402

TIMES, WARM_UP = 25, 4
DEEP = 500
ASKED = {
    "first page": {},
    "status + parameter + tag": {
        "filter": "status = Failed and hp.algorithm = xgboost and tags.team = team-7",
    },
    "metric range by metric": {
        "filter": "metrics.auc > 0.9 and metrics.auc < 0.95",
        "sort": "-metrics.auc",
    },
    "sort by metric": {"sort": "-metrics.auc"},
    "name search": {"filter": "name ~ 0054321"},
}
BARE_TABLE = """<table>{% for row in rows %}<tr><td>{{ row.name }}<td>{{ row.status }}<td>{{ row.algorithm }}
<td>{{ row.instance_type }}<td>{{ row.billable_seconds }}</tr>{% endfor %}</table>"""


def main() -> None:
    """Load what is missing, measure, print."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    workspace = load()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get_or_create(username="reader")[0])
    took = {name: _page(client, workspace, asked) for name, asked in ASKED.items()}
    took["page 500"] = _page(client, workspace, {"before": _cursor(workspace, DEEP)})
    took[BARE] = _bare(workspace)
    assert took.keys() == {*MLFLOW, BARE}
    print(json.dumps(took))


def _median(run: Callable[[], object]) -> float:
    samples = []
    for _ in range(WARM_UP + TIMES):
        began = time.perf_counter()
        run()
        samples.append((time.perf_counter() - began) * 1000)
    return statistics.median(samples[WARM_UP:])


def _page(client: Client, workspace: Workspace, asked: dict[str, str]) -> float:
    address = f"/w/{workspace.slug}/training-jobs/?{urlencode(asked)}"
    response = client.get(address)
    assert response.status_code == 200
    assert b'id="row-' in response.content, address
    return _median(lambda: client.get(address))


def _cursor(workspace: Workspace, number: int) -> str:
    """What asks for the page of that number, by walking there."""
    cursor = ""
    for _ in range(number - 1):
        cursor = queries.history(workspace, cursor).next_cursor or ""
    return cursor


def _bare(workspace: Workspace) -> float:
    """One indexed query and a table of 50 rows: what Django itself takes."""
    template = engines["django"].from_string(BARE_TABLE)

    def view(request: HttpRequest) -> HttpResponse:
        rows = workspace.training_jobs.order_by("-created_at", "-id")[:50]
        return HttpResponse(template.render({"rows": rows}))

    request = RequestFactory().get("/")
    connection.ensure_connection()
    return _median(lambda: view(request))


if __name__ == "__main__":
    main()
