"""Addresses of data sets, under the workspace."""

from django.urls import path

from apps.datasets import views

app_name = "datasets"
urlpatterns = [
    path("data/", views.datasets, name="list"),
    path("data/<slug:name>/", views.detail, name="detail"),
]
