"""Data sets as the console knows them; their bytes live in S3."""

from django.db import models

from apps.accounts.models import User
from apps.aws.models import Workspace


class Dataset(models.Model):
    """A table split once into SageMaker-ready `train` and `validation` objects, label first and no header."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="datasets")
    name = models.SlugField(max_length=63)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    target = models.CharField(max_length=120)
    task = models.CharField(max_length=40)
    columns = models.JSONField(default=list)
    preview = models.JSONField(default=list)
    row_count = models.PositiveBigIntegerField()
    train_rows = models.PositiveBigIntegerField()
    validation_rows = models.PositiveBigIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=60, default="text/csv")
    train_s3_uri = models.CharField(max_length=1100)
    validation_s3_uri = models.CharField(max_length=1100)
    sha256 = models.CharField(max_length=64)
    suggested = models.JSONField(default=dict)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="datasets")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="dataset_name_once_a_workspace")]

    def __str__(self) -> str:
        return self.name

    @property
    def column_count(self) -> int:
        """How many columns, the target included."""
        return len(self.columns)
