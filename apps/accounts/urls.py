"""Addresses of signing in and out."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-in/<str:token>/", views.link, name="link"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
]
