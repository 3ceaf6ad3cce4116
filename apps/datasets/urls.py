"""Addresses of data sets, under the workspace."""

from django.urls import path
from django.views.decorators.gzip import gzip_page

from apps.datasets.views import downloads, pages, uploads

app_name = "datasets"
urlpatterns = [
    path("data/", gzip_page(pages.datasets), name="list"),
    path("data/new/", gzip_page(uploads.new), name="new"),
    path("data/register/", gzip_page(uploads.register), name="register"),
    path("data/uploads/", uploads.begin, name="begin"),
    path("data/uploads/<uuid:pk>/", uploads.upload, name="upload"),
    path("data/uploads/<uuid:pk>/finish/", uploads.finish, name="finish"),
    path("data/<slug:name>/", gzip_page(pages.detail), name="detail"),
    path("data/<slug:name>/live/", gzip_page(pages.live), name="live"),
    path("data/<slug:name>/delete/", pages.delete, name="delete"),
    path("data/<slug:name>/v<int:number>/choose/", gzip_page(pages.choose), name="choose"),
    path("data/<slug:name>/v<int:number>/<str:part>", downloads.part, name="part"),
]
