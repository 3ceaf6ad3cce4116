"""Log lines are written once and numbered without gaps; best values follow them."""

from collections.abc import Callable

import pytest

from apps.training import queries
from apps.training.aws.logs import LogPage
from apps.training.catalogue import ALGORITHMS
from apps.training.models import LogStream, TrainingJob
from apps.training.services.collecting import _store

XGBOOST = ALGORITHMS["xgboost"].metric_definitions()


@pytest.fixture
def job(make_job: Callable[..., TrainingJob]) -> TrainingJob:
    """A running job judged by validation:auc."""
    return make_job(status="InProgress", objective_metric="validation:auc", metric_definitions=XGBOOST)


def page(token: str, *lines: str) -> LogPage:
    """A page of lines, one a second."""
    return LogPage([(second * 1000, line) for second, line in enumerate(lines)], token)


def test_a_page_that_two_workers_fetched_is_written_once(job: TrainingJob) -> None:
    stream = LogStream.objects.create(job=job, name="a/algo-1")
    late = LogStream.objects.get(pk=stream.pk)
    assert _store(job, stream, page("f/1", "one", "two"))
    assert not _store(job, late, page("f/1", "one", "two"))
    assert [line.text for line in queries.log_lines(job).lines] == ["one", "two"]


def test_lines_of_several_streams_are_numbered_without_gaps(job: TrainingJob) -> None:
    first, second = (LogStream.objects.create(job=job, name=f"a/algo-{n}") for n in (1, 2))
    for stream, token, line in ((first, "f/1", "a"), (second, "f/1", "b"), (first, "f/2", "c")):
        stream.refresh_from_db()
        assert _store(job, stream, page(token, line))
    tail = queries.log_lines(job, after=1)
    assert [(line.number, line.text) for line in tail.lines] == [(2, "b"), (3, "c")]
    assert (tail.last, tail.more) == (3, False)
    assert queries.log_lines(job, after=0, limit=2).more


def test_the_best_value_and_its_round_follow_the_log(job: TrainingJob) -> None:
    stream = LogStream.objects.create(job=job, name="a/algo-1")
    lines = [f"[{n}]#011train-auc:0.9#011validation-auc:{auc}" for n, auc in enumerate((0.7, 0.9, 0.8))]
    assert _store(job, stream, page("f/1", *lines))
    job.refresh_from_db()
    assert (job.objective_value, job.objective_step) == (0.9, 1)
    curve = queries.curves(job)[0]
    assert (curve.name, curve.steps, curve.values) == ("validation:auc", [0, 1, 2], [0.7, 0.9, 0.8])
    assert (curve.best_step, curve.best_value) == (1, 0.9)
