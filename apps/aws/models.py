"""The workspace: one AWS account, region and endpoint."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from apps.core import clock

REGION = RegexValidator(r"^[a-z]{2}(-[a-z]+)+-\d$", "Give a region's name such as eu-west-1.")
ENDPOINT = RegexValidator(r"^https?://[^/\s?#]+$", "Give scheme, host and port such as http://127.0.0.1:5000.")
ROLE_ARN = RegexValidator(
    r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$", "Give a role's ARN such as arn:aws:iam::123456789012:role/name."
)


class Workspace(models.Model):
    """Where everything a page shows lives: a real AWS region, or the built-in local region.

    It holds no secret: credentials come from boto3's default chain, a named profile, or a role assumed with either.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    region = models.CharField(max_length=30, validators=[REGION])
    endpoint_url = models.CharField(max_length=200, blank=True, validators=[ENDPOINT])
    profile = models.CharField(max_length=100, blank=True)
    role_arn = models.CharField(max_length=200, blank=True, validators=[ROLE_ARN])
    execution_role_arn = models.CharField(max_length=200, blank=True, validators=[ROLE_ARN])
    bucket = models.CharField(max_length=63, blank=True)
    account_id = models.CharField(max_length=12, blank=True)
    production = models.BooleanField(default=False)
    discover_due_at = models.DateTimeField(default=clock.now)
    discovered_until = models.DateTimeField(null=True, blank=True)
    first_light_at = models.DateTimeField(null=True, blank=True)
    # Nobody answers there, or no credentials: asked again only after that moment, each time later.
    away_until = models.DateTimeField(null=True, blank=True)
    away_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.slug

    @property
    def is_local(self) -> bool:
        """Whether this is the built-in local region."""
        return self.profile == settings.LOCAL_PROFILE

    @property
    def place(self) -> str:
        """Where it is, in a word or two for the header."""
        if self.is_local:
            return "this machine"
        return urlsplit(self.endpoint_url).netloc if self.endpoint_url else "AWS"
