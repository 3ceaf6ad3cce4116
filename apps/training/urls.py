"""Addresses of training, under the workspace."""

from django.urls import path
from django.views.decorators.gzip import gzip_page

from apps.training.views import (
    bulk,
    code,
    compare,
    curves,
    downloads,
    finding,
    history,
    jobs,
    keeping,
    launching,
    logs,
    overview,
)

app_name = "training"
urlpatterns = [
    path("", gzip_page(overview.home), name="home"),
    path("header/", overview.header, name="header"),
    path("find/", gzip_page(finding.find), name="find"),
    path("train/", gzip_page(launching.gallery), name="new"),
    path("train/<slug:algorithm>/", gzip_page(launching.launch), name="launch"),
    path("train/<slug:algorithm>/check/", gzip_page(launching.check), name="check"),
    path("training-jobs/", gzip_page(history.history), name="history"),
    path("training-jobs/compare/", gzip_page(compare.compare), name="compare"),
    path("history/count/", history.count, name="history_count"),
    path("history/suggestions/", history.suggestions, name="suggestions"),
    path("history/columns/", history.choose_columns, name="choose_columns"),
    path("history/jobs.csv", history.export, name="export"),
    path("history/bulk/", bulk.bulk, name="bulk"),
    path("history/bulk/undo/", bulk.undo, name="bulk_undo"),
    path("training-jobs/<slug:name>/", gzip_page(jobs.job), name="job"),
    path("training-jobs/<slug:name>/live/", gzip_page(jobs.live), name="live"),
    path("training-jobs/<slug:name>/code/", code.code, name="code"),
    path("training-jobs/<slug:name>/log/", gzip_page(logs.log), name="log"),
    path("training-jobs/<slug:name>/log/lines/", gzip_page(logs.lines), name="log_lines"),
    path("training-jobs/<slug:name>/log/search/", gzip_page(logs.search), name="log_search"),
    path("training-jobs/<slug:name>/log.txt", logs.download, name="log_download"),
    path("training-jobs/<slug:name>/model.tar.gz", downloads.model, name="model"),
    *(
        path(f"training-jobs/<slug:name>/{name}/", getattr(keeping, name), name=name)
        for name in ("stop", "star", "unstar", "archive", "unarchive", "delete", "retry", "note", "tags")
    ),
    path("curves/", gzip_page(curves.curves), name="curves"),
    path("<slug:stage>/", overview.stage, name="stage"),
]
