"""From a raw file to its profile: read twice, the second time for the histograms, which need the extremes."""

from apps.core import clock
from apps.core.queue import enqueue_on_commit
from apps.datasets.models import DatasetVersion
from apps.datasets.reading.broken import BrokenFile
from apps.datasets.reading.profile import Profile
from apps.datasets.services.holding import WORK, Hold, tell
from apps.datasets.services.raw import Raw
from apps.datasets.states import VersionState


def profile(version: DatasetVersion) -> None:
    """Read the file and keep what is in it, shown as it comes; raises BrokenFile, AwsFailure, Lost."""
    hold, found = Hold(version), Profile()
    with Raw(hold) as raw:
        for frame in raw.frames():
            found.add(frame)
            if hold.is_due():
                hold.tell(**_so_far(found, raw.read_bytes // 2))
        if not found.rows:
            raise BrokenFile("There is a header and no row. Add rows.", 2, 1)
        size = raw.read_bytes
        hold.tell(**_so_far(found, size // 2), sha256=raw.sha256, size_bytes=size)
        for frame in raw.frames():
            found.add_to_histograms(frame)
            if hold.is_due():
                hold.tell(read_bytes=(size + raw.read_bytes) // 2)
    _done(version, _so_far(found, size))


def _so_far(found: Profile, read_bytes: int) -> dict[str, object]:
    return {
        "columns": found.columns(),
        "column_count": len(found.tallies),
        "preview": found.preview,
        "row_count": found.rows,
        "read_bytes": read_bytes,
    }


def _done(version: DatasetVersion, columns: dict[str, object]) -> None:
    """Go on to what was chosen with the upload, else wait for the choice."""
    next_state = VersionState.PREPARING if version.target else VersionState.PROFILED
    now = clock.now()
    DatasetVersion.objects.held(version).update(
        state=next_state, due_at=now, lease="", attempts=0, trouble="", **columns
    )
    tell(version)
    if version.target:
        enqueue_on_commit(WORK, version.pk)
