"""Several instances that train one model: XGBoost's own collective, led by the first host as in the container.

https://xgboost.readthedocs.io/en/stable/python/python_api.html#module-xgboost.collective
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.localregion.images import meeting
from apps.localregion.images.xgboost.lean import xgboost

logger = logging.getLogger(__name__)


@contextmanager
def joined(config: Path) -> Iterator[bool]:
    """Train together with the hosts of `config`/resourceconfig.json; answers whether this one keeps the model."""
    resources = json.loads((config / "resourceconfig.json").read_text())
    hosts, current = sorted(resources["hosts"]), resources["current_host"]
    if len(hosts) == 1:
        logger.info("Single node training.")
        yield True
        return
    logger.info("Distributed node training with %d hosts: %s", len(hosts), hosts)
    first = socket.gethostbyname(hosts[0])
    tracker = None
    if current == hosts[0]:
        from xgboost.tracker import RabitTracker

        tracker = RabitTracker(len(hosts), first, meeting.port(), sortby="task", timeout=meeting.SECONDS)
        tracker.start()
    xgboost.collective.init(
        dmlc_communicator="rabit",
        dmlc_tracker_uri=first,
        dmlc_tracker_port=meeting.port(),
        dmlc_task_id=f"{hosts.index(current):04}",
        dmlc_retry=meeting.CONNECT_ATTEMPTS,
    )
    # An orderly end would wait for the others, who wait for this host: a stop ends each of them at once.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    yield tracker is not None
    xgboost.collective.finalize()
    if tracker is not None:
        tracker.wait_for()
