"""Addresses of data sets, under the workspace."""

from django.urls import path
from django.views.decorators.gzip import gzip_page

from apps.datasets import views

app_name = "datasets"
urlpatterns = [
    path("data/", gzip_page(views.datasets), name="list"),
    path("data/<slug:name>/", gzip_page(views.detail), name="detail"),
]
