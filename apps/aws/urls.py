"""Addresses of workspaces."""

from django.urls import path

from apps.aws import views

app_name = "aws"
urlpatterns = [
    path("", views.root, name="root"),
    path("w/<slug:slug>/events", views.live_events, name="events"),
]
