"""What a region does without being asked: evaluates alarms, and forgets what is too old to be asked for."""

import logging
import threading
import time

from apps.localregion.region import Region

ALARM_SECONDS = 2.0  # between evaluations, when there are alarms
BUSY_SHARE = 10  # an evaluation takes at most one part in so many of the time
SWEEP_SECONDS = 3600.0

logger = logging.getLogger(__name__)


class Upkeep:
    """A thread beside the warden's."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def open(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop the thread, after what it is at."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        swept = 0.0
        pause = ALARM_SECONDS
        while not self._closing.wait(pause):
            started = time.monotonic()
            try:
                if self._region.documents.page("alarm", limit=1)[0]:
                    from apps.localregion.services.cloudwatch.evaluation import evaluate_all

                    evaluate_all(self._region)
                if not swept or started - swept > SWEEP_SECONDS:
                    swept = started
                    sweep(self._region)
            except Exception:
                logger.exception("upkeep failed; the next turn tries again")
            pause = max(ALARM_SECONDS, BUSY_SHARE * (time.monotonic() - started))


def sweep(region: Region) -> None:
    """Remove what the services no longer answer."""
    from apps.localregion.services.cloudtrail import HISTORY_SECONDS
    from apps.localregion.services.cloudwatch.alarm_history import KEPT_SECONDS
    from apps.localregion.services.cloudwatch.alarm_history import KIND as ALARM_HISTORY
    from apps.localregion.services.logs.groups import groups, oldest
    from apps.localregion.store.logs import StoredLogs
    from apps.localregion.store.metrics import KEPT_SECONDS as METRICS_KEPT
    from apps.localregion.store.metrics import StoredMetrics
    from apps.localregion.store.trail import Trail

    database = region.objects.database
    Trail(database).forget(time.time() - HISTORY_SECONDS)
    StoredMetrics(database).forget(METRICS_KEPT)
    for group in groups(region):
        before = oldest(region, group["logGroupName"])
        if before:
            StoredLogs(database).forget(group["logGroupName"], before)
    while True:
        old, _ = region.documents.page(
            ALARM_HISTORY, created_before=time.time() - KEPT_SECONDS, descending=False, limit=100
        )
        if not old:
            return
        for body in old:
            region.documents.delete(ALARM_HISTORY, body["Name"])
