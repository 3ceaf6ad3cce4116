"""Addresses of training, under the workspace."""

from django.urls import path

from apps.training.views import jobs, launching, overview

app_name = "training"
urlpatterns = [
    path("", overview.home, name="home"),
    path("header/", overview.header, name="header"),
    path("train/", launching.new, name="new"),
    path("training-jobs/", overview.history, name="history"),
    path("training-jobs/<slug:name>/", jobs.job, name="job"),
    path("training-jobs/<slug:name>/live/", jobs.live, name="live"),
    path("training-jobs/<slug:name>/log/", jobs.log, name="log"),
    path("training-jobs/<slug:name>/log.txt", jobs.log_download, name="log_download"),
    path("training-jobs/<slug:name>/curves/", jobs.curves, name="curves"),
    path("training-jobs/<slug:name>/model.tar.gz", jobs.model, name="model"),
    path("training-jobs/<slug:name>/stop/", jobs.stop, name="stop"),
    path("<slug:stage>/", overview.stage, name="stage"),
]
