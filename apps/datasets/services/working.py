"""One turn of a worker at a version: claim, work, and whatever goes wrong is kept on the row."""

import logging
from datetime import timedelta

from apps.aws.errors import Passing, Rejected, Unreachable
from apps.aws.services import note_away
from apps.core import clock
from apps.core.errors import Refusal
from apps.datasets.models import DatasetVersion
from apps.datasets.reading.broken import BrokenFile
from apps.datasets.services.deleting import remove
from apps.datasets.services.holding import LEASE, Lost, tell
from apps.datasets.states import VersionState

log = logging.getLogger(__name__)

# Reading takes memory and time: so many at once, the rest waits in its rows.
AT_ONCE = 2
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
MOST_MISTAKES = 4
MISTAKE = "The console made a mistake with this file; it is in the worker's log."


def work(pk: int) -> None:
    """Do what is due for a version. Safe to call any number of times: who comes too late does nothing."""
    if DatasetVersion.objects.at_work().count() >= AT_ONCE:
        return
    version = DatasetVersion.objects.claim(pk, LEASE)
    if version is None:
        return
    try:
        _step(version)
    except Lost:
        log.info("%s is no longer ours", version)
    except BrokenFile as error:
        _fail(version, error.message, error.line, error.column)
    except Passing as error:
        if isinstance(error, Unreachable):
            note_away(version.dataset.workspace)
        _put_off(version, error.message)
    except (Rejected, Refusal) as error:
        _fail(version, error.message)
    except Exception:
        log.exception("%s is put off", version)
        if version.attempts < MOST_MISTAKES:
            _put_off(version, MISTAKE)
        else:
            _fail(version, MISTAKE)


def _step(version: DatasetVersion) -> None:
    if version.state == VersionState.DELETING:
        remove(version)
        return
    from apps.datasets.services.preparing import prepare  # late: polars takes 60 MB, which only a worker at work needs
    from apps.datasets.services.profiling import profile

    (profile if version.state == VersionState.PROFILING else prepare)(version)


def _fail(version: DatasetVersion, message: str, line: int | None = None, column: int | None = None) -> None:
    """It cannot be used, and trying again would not help; a deletion is only put off, for it must come about."""
    if version.state == VersionState.DELETING:
        _put_off(version, message)
        return
    log.info("%s failed: %s", version, message)
    DatasetVersion.objects.held(version).update(
        state=VersionState.FAILED, failure=message, failure_line=line, failure_column=column, lease="", trouble=""
    )
    tell(version)


def _put_off(version: DatasetVersion, trouble: str) -> None:
    """Try again later, and say why."""
    wait = min(FIRST_WAIT * 2**version.attempts, LONGEST_WAIT)
    DatasetVersion.objects.held(version).update(
        due_at=clock.now() + timedelta(seconds=wait), lease="", attempts=version.attempts + 1, trouble=trouble
    )
    tell(version)
