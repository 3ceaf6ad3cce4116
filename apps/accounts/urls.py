"""Addresses of signing in and out, and of a person's own things."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from apps.accounts.views import signing_in, tokens

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing_in.SignIn.as_view(), name="sign_in"),
    path("sign-in/<str:token>/", signing_in.link, name="link"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("me/tokens/", tokens.tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
]
