"""The job's page: its log by numbers, level, stream and text; its curves; what people do on it."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.training import queries, services
from apps.training.aws import artifacts
from apps.training.aws.logs import LogPage
from apps.training.models import LogStream, MetricPoint, TrainingJob, UsagePoint
from apps.training.notes import rendered
from apps.training.queries import CHART_POINTS
from apps.training.services.collecting import _store

# Bytes that do not shrink.
NOISE = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(1563))[:50_000]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
JOBS = "/w/there/training-jobs"
MakeJob = Callable[..., TrainingJob]


@pytest.fixture
def desk(client: Client, alice: User) -> Client:
    """Alice, signed in."""
    client.force_login(alice)
    return client


def write(job: TrainingJob, lines: list[str], stream: str = "algo-1") -> None:
    """Have the job log these lines, as the worker fetches them."""
    row, _ = LogStream.objects.get_or_create(job=job, name=f"{job.name}/{stream}")
    events = [(number, text) for number, text in enumerate(lines)]
    assert _store(job, row, LogPage(events, f"{row.token}+"))
    job.refresh_from_db()


def points(job: TrainingJob, name: str, values: dict[int, float]) -> None:
    """Give the job a curve, a round a second."""
    MetricPoint.objects.bulk_create(
        MetricPoint(job=job, name=name, step=step, value=value, at=NOW + timedelta(seconds=step))
        for step, value in values.items()
    )


@pytest.fixture
def logged(make_job: MakeJob) -> TrainingJob:
    """A running job of two instances with errors and warnings among its 2,500 lines."""
    job = make_job(status="InProgress", secondary_status="Training")
    lines = [f"[{n}]#011train-auc:0.5" for n in range(2400)]
    lines[99], lines[1499] = "2026-01-02 ERROR train: Needle here", "UserWarning: a needle too"
    write(job, lines)
    write(job, ["ValueError: the end", *["quiet"] * 99], "algo-2")
    return job


def test_lines_are_read_by_their_numbers_from_the_chunks_that_hold_them(desk: Client, logged: TrainingJob) -> None:
    address = f"{JOBS}/{logged.name}/log/lines/"
    answer = desk.get(f"{address}?spans=1-2,1000-1001,2401-2401").json()["lines"]
    assert [line["number"] for line in answer] == [1, 2, 1000, 1001, 2401]
    assert answer[-1]["text"] == "ValueError: the end"
    assert answer[-1]["level"] == "error"
    for wrong in ("", "x", "5-", "9-3", "1-99999", ",".join(["1-1"] * 501)):
        assert desk.get(f"{address}?spans={wrong}").status_code == 404


def test_the_log_tells_where_its_lines_of_a_level_and_of_a_stream_are(desk: Client, logged: TrainingJob) -> None:
    address = f"{JOBS}/{logged.name}/log/"
    every = desk.get(f"{address}?after=2490&tail=3").json()
    assert (every["spans"], every["last"]) == ([[2491, 2500]], 2500)
    assert [line["number"] for line in every["lines"]] == [2498, 2499, 2500]
    assert every["levels"] == {"error": {"count": 2, "first": 100}, "warning": {"count": 1, "first": 1500}}
    assert every["streams"] == [f"{logged.name}/algo-1", f"{logged.name}/algo-2"]
    assert desk.get(f"{address}?level=error").json()["spans"] == [[100, 100], [2401, 2401]]
    assert desk.get(f"{address}?level=warning&after=100").json()["spans"] == [[1500, 1500], [2401, 2401]]
    assert desk.get(f"{address}?stream={logged.name}/algo-2").json()["spans"] == [[2401, 2500]]
    assert desk.get(f"{address}?level=error&stream={logged.name}/algo-1").json()["spans"] == [[100, 100]]
    for wrong in ("after=x", "after=-1", f"tail={'1' * 40}", "level=loud"):
        assert desk.get(f"{address}?{wrong}").status_code == 404


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("needle", [100, 1500]), ("NEEDLE too", [1500]), ("[7]\ttrain", [8]), ('"', []), ("auc:0.5é", [])],
)
def test_a_text_is_found_in_all_lines_whatever_the_case_of_its_letters(
    desk: Client, logged: TrainingJob, text: str, numbers: list[int]
) -> None:
    answer = desk.get(f"{JOBS}/{logged.name}/log/search/", {"q": text}).json()
    assert (answer["count"], answer["numbers"]) == (len(numbers), numbers)


def test_a_search_keeps_to_the_level_and_the_stream_and_needs_a_text(desk: Client, logged: TrainingJob) -> None:
    address = f"{JOBS}/{logged.name}/log/search/"
    assert desk.get(address, {"q": "needle", "level": "error"}).json()["numbers"] == [100]
    assert desk.get(address, {"q": "e", "stream": f"{logged.name}/algo-2"}).json()["count"] == 100
    assert desk.get(address).status_code == 404
    assert desk.get(address, {"q": "x" * 201}).status_code == 404


def test_the_curves_of_several_jobs_are_given_in_the_order_asked_for(desk: Client, make_job: MakeJob) -> None:
    one, other = make_job(objective_metric="validation:auc", started_at=NOW), make_job(status="Completed")
    points(one, "validation:auc", {0: 0.5, 1: 0.9, 2: 0.8})
    points(one, "train:auc", {0: 0.7})
    points(other, "validation:rmse", {0: 5.0, 1: 3.0})
    answer = desk.get(f"/w/there/curves/?jobs={other.name},nobody,{one.name}").json()["jobs"]
    assert [(job["name"], job["ended"]) for job in answer] == [(other.name, True), (one.name, False)]
    assert [curve["name"] for curve in answer[1]["curves"]] == ["validation:auc", "train:auc"]
    curve = answer[1]["curves"][0]
    assert (curve["best_step"], curve["best_value"], curve["seconds"]) == (1, 0.9, [0.0, 1.0, 2.0])
    assert answer[0]["curves"][0]["best_value"] == 3.0
    news = desk.get(f"/w/there/curves/?jobs={one.name}&from=2").json()["jobs"][0]["curves"]
    assert [(curve["name"], curve["steps"]) for curve in news] == [("validation:auc", [2])]
    assert desk.get(f"/w/there/curves/?jobs={one.name}&from=x").status_code == 404


def test_a_long_curve_is_thinned_by_the_database_with_its_extremes_and_ends_kept(make_job: MakeJob) -> None:
    job = make_job(started_at=NOW)
    values = {step: 0.5 + step % 7 / 100 for step in range(100, 20_100, 2)}
    values[1234], values[7776] = 0.1, 0.9
    points(job, "validation:auc", values)
    (curve,) = queries.chart_curves(job)
    assert CHART_POINTS / 2 < len(curve.steps) <= CHART_POINTS + 2
    assert curve.steps == sorted(curve.steps)
    kept = dict(zip(curve.steps, curve.values, strict=True))
    assert (kept[1234], kept[7776], curve.steps[0], curve.steps[-1]) == (0.1, 0.9, 100, 20_098)
    assert (curve.best_step, curve.best_value) == (7776, 0.9)
    assert all(values[step] == value for step, value in kept.items())
    (close,) = queries.chart_curves(job, 7700, 7800)
    assert close.steps == list(range(7700, 7801, 2))


def test_a_stars_button_gives_and_takes_it_with_an_undo(desk: Client, make_job: MakeJob, alice: User) -> None:
    job = make_job()
    page = desk.post(f"{JOBS}/{job.name}/star/", follow=True).content.decode()
    assert job.starred_by.get() == alice
    assert f'action="{JOBS}/{job.name}/unstar/"' in page
    assert "is starred." in page
    desk.post(f"{JOBS}/{job.name}/unstar/")
    assert not job.starred_by.exists()
    assert desk.get(f"{JOBS}/{job.name}/star/").status_code == 405


def test_a_tag_is_set_and_taken_away_and_its_undo_brings_it_back(desk: Client, make_job: MakeJob) -> None:
    job = make_job(tags={"team": "risk"})
    address = f"{JOBS}/{job.name}/tags/"
    desk.post(address, {"key": "run", "value": "3"})
    page = desk.post(address, {"without": "team"}, follow=True).content.decode()
    job.refresh_from_db()
    assert job.tags == {"run": "3"}
    assert "key=team&amp;value=risk" in page
    desk.post(f"{address}?key=team&value=risk")
    job.refresh_from_db()
    assert job.tags == {"run": "3", "team": "risk"}
    assert "reserved" in desk.post(address, {"key": "aws:x"}, follow=True).content.decode()


def test_a_note_is_kept_in_place_and_a_refused_one_stays_in_its_field(desk: Client, make_job: MakeJob) -> None:
    job = make_job()
    address = f"{JOBS}/{job.name}/note/"
    part = desk.post(address, {"note": "**good** <b>"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<strong>good</strong> &lt;b&gt;" in part.content.decode()
    refused = desk.post(address, {"note": "y" * 20_001}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "20,000 characters at most" in refused.content.decode()
    assert "yyyy" in refused.content.decode()
    job.refresh_from_db()
    assert job.note == "**good** <b>"


@pytest.mark.parametrize(
    "note", ["<script>x</script>", "[x](javascript:alert(1))", "![x](javascript:x)", "<a onclick=x>"]
)
def test_a_note_can_do_no_harm(note: str) -> None:
    html = rendered(note)
    for harm in ("<script", "<img", "<a "):
        assert harm not in html


def test_a_picture_in_a_note_is_a_link_so_that_no_other_host_is_asked() -> None:
    assert "<img" not in rendered("![x](https://elsewhere/pixel.png)")


def test_a_job_is_archived_with_an_undo_and_deleted_after_its_question(desk: Client, make_job: MakeJob) -> None:
    job = make_job(status="Completed", next_poll_at=None, model_s3_uri="s3://bucket/model.tar.gz", model_size=10)
    page = desk.post(f"{JOBS}/{job.name}/archive/", follow=True).content.decode()
    assert f'action="{JOBS}/{job.name}/unarchive/"' in page
    assert "Its model archive too" in page
    answer = desk.post(f"{JOBS}/{job.name}/delete/", {"model": "on"})
    job.refresh_from_db()
    assert (answer["Location"], job.delete_model) == (f"{JOBS}/", True)
    assert desk.get(f"{JOBS}/{job.name}/live/", headers={"HX-Request": "true"}).status_code == 200
    running = make_job(status="InProgress")
    assert "stop it, or wait" in desk.post(f"{JOBS}/{running.name}/delete/", follow=True).content.decode()


def test_launching_again_asks_for_the_same_under_a_new_name(desk: Client, make_job: MakeJob, alice: User) -> None:
    asked = {
        "hyperparameters": {"num_round": "9"},
        "channels": {"train": {"s3_uri": "s3://bucket/t.csv", "content_type": "text/csv"}},
        "instance_type": "ml.c5.xlarge",
        "tags": {"team": "risk"},
        "environment": {"A": "b"},
        "objective_metric": "train:auc",
    }
    job = make_job(name="mine-0a1b2c", status="Failed", failure_reason="x", next_poll_at=None, **asked)
    answer = desk.post(f"{JOBS}/{job.name}/retry/")
    new = TrainingJob.objects.exclude(pk=job.pk).get()
    assert answer["Location"] == f"{JOBS}/{new.name}/"
    assert new.name.startswith("mine-")
    assert new.name != job.name
    assert {name: getattr(new, name) for name in asked} == asked
    assert (new.status, new.owner, new.cloned_from, new.failure_reason) == ("Requested", alice, job, "")
    assert new.launch_id != job.launch_id
    found = make_job(algorithm="their-own", status="Completed", next_poll_at=None)
    assert not services.can_retry(found)
    assert "was not launched here" in desk.post(f"{JOBS}/{found.name}/retry/", follow=True).content.decode()


def test_a_job_found_in_the_account_has_a_page_of_its_own(desk: Client, make_job: MakeJob) -> None:
    job = make_job(algorithm="", arn="-", status="InProgress", channels={})
    page = desk.get(f"{JOBS}/{job.name}/").content.decode()
    assert "Its channels are not known yet." in page
    assert "Change and launch again" not in page
    assert "differ from the default" not in page


def test_the_page_shows_what_differs_from_the_default_first(desk: Client, make_job: MakeJob) -> None:
    job = make_job(hyperparameters={"max_depth": "6", "eta": "0.05"})
    rows = queries.hyperparameter_rows(job)
    assert [(row.name, row.changed) for row in rows[:2]] == [("eta", True), ("max_depth", False)]
    page = desk.get(f"{JOBS}/{job.name}/").content.decode()
    assert page.index("<dt>eta</dt>") < page.index("<dt>max_depth</dt>")


def test_use_of_the_machine_is_drawn_from_means_of_very_many_values(make_job: MakeJob) -> None:
    job = make_job()
    UsagePoint.objects.bulk_create(
        UsagePoint(job=job, name="CPUUtilization", at=NOW + timedelta(seconds=second), value=second % 50)
        for second in range(3000)
    )
    (cpu,) = queries.usage(job)
    assert cpu.most == 49
    assert 100 <= len(cpu.points.split()) <= 121


def test_other_jobs_are_offered_for_the_curve_by_their_metric(make_job: MakeJob, workspace: Workspace) -> None:
    best = {"validation:auc": {"value": 0.9, "step": 1}}
    job, same = (make_job(objective_metric="validation:auc", best_metrics=best) for _ in range(2))
    make_job(objective_metric="validation:rmse", best_metrics={"validation:rmse": {"value": 1, "step": 1}})
    make_job(objective_metric="validation:auc")
    assert queries.alike(job, 5) == [same]


def archive(files: dict[str, bytes]) -> bytes:
    """A tar.gz of these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "files"),
    [
        (archive({"model": b"12345", "code/train.py": b"x"}), [("model", 5), ("code/train.py", 1)]),
        (b"this is no archive", []),
        (archive(dict.fromkeys("abc", NOISE))[:90_000], [("a", 50_000), ("b", 50_000)]),
    ],
    ids=["whole", "none", "broken"],
)
def test_an_archives_files_are_read_as_far_as_it_can_be(data: bytes, files: list[Any]) -> None:
    assert artifacts.files_in(io.BytesIO(data)) == (files, True)
