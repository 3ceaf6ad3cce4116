"""What usually helps when a training job fails: the first cause whose pattern is found decides, from `advice.toml`."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

READ_THE_LOG = "Read the last lines of the log below: the cause usually stands just above the end."
WITHOUT_A_LOG = (
    "There is no log, for the job ended before its program had written a line. "
    "Correct what the reason names, then change and launch again."
)
# The names of buckets and files say nothing about the cause.
S3_URI = re.compile(r"s3://[^\s\"']+")


@dataclass(frozen=True)
class Cause:
    """One known cause of failure; `examples` are reasons that must lead to it."""

    pattern: re.Pattern[str]
    help: str
    examples: tuple[str, ...]


def _causes() -> list[Cause]:
    rows = tomllib.loads(Path(__file__).with_name("advice.toml").read_text(encoding="utf-8"))["cause"]
    return [Cause(re.compile(row["pattern"], re.IGNORECASE), row["help"], tuple(row["examples"])) for row in rows]


CAUSES = _causes()


def advice_for(reason: str, last_lines: Sequence[str] = ()) -> str:
    """The advice for that failure reason, or else for the last lines of the log; a general one when no cause fits."""
    said = S3_URI.sub("", reason)
    logged = S3_URI.sub("", "\n".join(last_lines))
    fitting = (cause.help for text in (said, logged) for cause in CAUSES if cause.pattern.search(text))
    return next(fitting, READ_THE_LOG if last_lines else WITHOUT_A_LOG)
