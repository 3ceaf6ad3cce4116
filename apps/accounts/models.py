"""People, their tokens, and who did what."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person of the team."""

    @property
    def display_name(self) -> str:
        """The name to show: full name where known, else the user name."""
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """Two letters for the badge in the header."""
        words = self.display_name.split()
        letters = words[0][0] + words[-1][0] if len(words) > 1 else self.display_name[:2]
        return letters.upper()


class SignInLink(models.Model):
    """A one-time link that signs its user in once a password is chosen; only the digest of its token is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in link of {self.user}"


class ApiToken(models.Model):
    """A bearer token for the REST API; only its digest is kept. `used_at` is true to the minute."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"API token of {self.user}"


class FailedSignIn(models.Model):
    """A password that was wrong: too many of them, and the next is not looked at for a while.

    Only the digest of the user name is kept, for people type passwords into that field by mistake.
    """

    at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=64)
    address = models.CharField(max_length=45)

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="failed_sign_in_address")]

    def __str__(self) -> str:
        return f"failed sign-in from {self.address}"


class AuditEntry(models.Model):
    """One thing that somebody did: written in the transaction that did it, never changed."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="audit_entries")
    action = models.CharField(max_length=60)
    workspace = models.CharField(max_length=50, blank=True)
    target = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
