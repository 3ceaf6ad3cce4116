"""Addresses of training, under the workspace."""

from django.urls import path
from django.views.decorators.gzip import gzip_page

from apps.training.views import jobs, launching, overview

app_name = "training"
urlpatterns = [
    path("", gzip_page(overview.home), name="home"),
    path("header/", overview.header, name="header"),
    path("train/", gzip_page(launching.new), name="new"),
    path("training-jobs/", gzip_page(overview.history), name="history"),
    path("training-jobs/<slug:name>/", gzip_page(jobs.job), name="job"),
    path("training-jobs/<slug:name>/live/", gzip_page(jobs.live), name="live"),
    path("training-jobs/<slug:name>/log/", gzip_page(jobs.log), name="log"),
    path("training-jobs/<slug:name>/log.txt", jobs.log_download, name="log_download"),
    path("training-jobs/<slug:name>/curves/", gzip_page(jobs.curves), name="curves"),
    path("training-jobs/<slug:name>/model.tar.gz", jobs.model, name="model"),
    path("training-jobs/<slug:name>/stop/", jobs.stop, name="stop"),
    path("<slug:stage>/", overview.stage, name="stage"),
]
