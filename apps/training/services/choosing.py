"""What a person chooses to see of the history."""

from collections.abc import Sequence

from apps.accounts.models import User
from apps.training.columns import columns_of
from apps.training.models import HistoryColumns


def choose_columns(user: User, names: Sequence[str]) -> list[str]:
    """Remember these columns; none means the usual ones again. Answers their names; raises Refusal."""
    kept = [each.name for each in columns_of(names)]
    if kept:
        HistoryColumns.objects.update_or_create(user=user, defaults={"names": kept})
    else:
        HistoryColumns.objects.filter(user=user).delete()
    return kept
