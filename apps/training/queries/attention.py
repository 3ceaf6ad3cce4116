"""What waits for a person: jobs of theirs that failed, data sets that were refused, a region that does not answer."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import DecimalField, F, Max, QuerySet, Sum

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.datasets.models import DatasetVersion
from apps.datasets.states import VersionState
from apps.training.models import TrainingJob
from apps.training.states import RUNNING, TERMINAL, TrainingJobStatus

RECENTLY = timedelta(days=1)
MOST = 5


@dataclass(frozen=True)
class Attention:
    """`silent` is a job of which the region tells no news: there it says why."""

    failed: list[TrainingJob]
    refused: list[DatasetVersion]
    undecided: list[DatasetVersion]
    silent: TrainingJob | None

    @property
    def count(self) -> int:
        """How many things wait."""
        return len(self.failed) + len(self.refused) + len(self.undecided) + bool(self.silent)


def attention(workspace: Workspace, person: User) -> Attention:
    """What waits for `person`: a few of each kind, the newest first.

    A failed job waits for a day, unless it was archived or launched again meanwhile.
    """
    since = clock.now() - RECENTLY
    jobs = TrainingJob.objects.filter(workspace=workspace)
    failed = jobs.filter(status=TrainingJobStatus.FAILED, ended_at__gte=since, owner=person, archived_at=None)
    silent = jobs.filter(status__in=RUNNING).exclude(trouble="").order_by("-pk")
    versions = _newest_versions(workspace)
    return Attention(
        failed=list(failed.filter(clones=None).order_by("-ended_at")[:MOST]),
        refused=list(versions.filter(state=VersionState.FAILED, created_at__gte=since)[:MOST]),
        undecided=list(versions.filter(state=VersionState.PROFILED)[:MOST]),
        silent=silent.first(),
    )


def _newest_versions(workspace: Workspace) -> QuerySet[DatasetVersion]:
    """Of each data set its newest version: what became of an older one no longer matters."""
    versions = DatasetVersion.objects.filter(dataset__workspace=workspace).select_related("dataset")
    newest = versions.annotate(last=Max("dataset__versions__number")).filter(number=F("last"))
    return newest.order_by("-created_at")


def spent_since_yesterday(workspace: Workspace) -> Decimal:
    """USD on demand of the jobs that ended since."""
    money: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=6)
    ended = TrainingJob.objects.filter(
        workspace=workspace, status__in=TERMINAL, ended_at__gte=clock.now() - RECENTLY, billable_seconds__isnull=False
    )
    cost = F("price_per_hour") * F("instance_count") * F("billable_seconds") / 3600
    total: Decimal | None = ended.aggregate(total=Sum(cost, output_field=money))["total"]
    return total or Decimal(0)
