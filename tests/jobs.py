"""Training jobs for tests: launched through the REST API, waited for, and checked to be whole."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sklearn.datasets import load_breast_cancer

from tests.stack import Stack, until

BUCKET = "sagemaker-us-east-1-123456789012"
JOBS = "/api/v1/w/local/training-jobs"
ENDED = ("Completed", "Failed", "Stopped")
SOON, AT_LAST = 150.0, 300.0
# Each round of dart is slower than the one before: the first ones come at once, the last of very many never.
DART = {"booster": "dart", "rate_drop": "0.1"}
LASTING = 1_000_000  # rounds of dart that no machine gets to the end of
TRIED = 300
ROUND = re.compile(r"\[(\d+)\]#011")


@dataclass
class Jobs:
    """Launches and watches jobs of one console; its token is made at the first need."""

    stack: Stack
    token: str = ""

    def upload(self) -> str:
        """Put the breast cancer data, label first, into the local region; answers its S3 URI."""
        bunch = load_breast_cancer()
        text = io.StringIO()
        rows = ([int(label), *features] for label, features in zip(bunch.target, bunch.data, strict=True))
        csv.writer(text, lineterminator="\n").writerows(rows)
        s3 = self.stack.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="tests/train.csv", Body=text.getvalue().encode())
        return f"s3://{BUCKET}/tests/train.csv"

    def launch(self, train: str, rounds: int, **hyperparameters: object) -> str:
        """Launch XGBoost for so many rounds; answers the job's name."""
        # one thread: two of them on a busy machine spend their time waiting for each other
        chosen = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": rounds, "nthread": 1}
        channel = {"s3_uri": train, "content_type": "text/csv"}
        body = {
            "algorithm": "xgboost",
            "hyperparameters": chosen | hyperparameters,
            "channels": {"train": channel, "validation": channel},
        }
        status, job = self._request("POST", "", body)
        assert status == 201, job
        return str(job["name"])

    def rounds_that_last(self, train: str, seconds: float) -> int:
        """So many rounds of dart take about that long on this machine: each is slower than the one before."""
        name = self.launch(train, TRIED, **DART)
        assert self.wait_for_end(name)["status"] == "Completed"
        first, *_, last = (datetime.fromisoformat(line["at"]) for line in self.lines(name) if ROUND.match(line["text"]))
        return int(TRIED * max(1.0, (seconds / (last - first).total_seconds()) ** 0.5))

    def stop(self, name: str) -> None:
        """Ask for its end; no matter when it has ended already."""
        status, answer = self._request("POST", f"/{name}/stop")
        assert status in (202, 422), answer

    def describe(self, name: str) -> dict[str, Any]:
        """The job as the REST API tells it."""
        status, job = self._request("GET", f"/{name}")
        assert status == 200, job
        return job

    def names(self) -> list[str]:
        """The names of all jobs, newest first."""
        status, page = self._request("GET", "")
        assert status == 200, page
        return [job["name"] for job in page["items"]]

    def wait_for_rounds(self, name: str) -> None:
        """Return when the console has seen the job train."""

        def look() -> bool | None:
            job = self.describe(name)
            assert job["status"] not in ENDED, f"it ended too early to be disturbed: {job}"
            return any(ROUND.match(line["text"]) for line in self.lines(name)) or None

        until(look, SOON, f"rounds of {name}", every=0.2)

    def wait_for_end(self, name: str) -> dict[str, Any]:
        """The job once it has ended."""

        def look() -> dict[str, Any] | None:
            job = self.describe(name)
            return job if job["status"] in ENDED else None

        return until(look, AT_LAST, f"the end of {name}", every=0.2)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Every log line that the console has."""
        found: list[dict[str, Any]] = []
        after, more = 0, True
        while more:
            status, page = self._request("GET", f"/{name}/logs?after={after}&limit=10000")
            assert status == 200, page
            found += page["items"]
            after, more = page["next_cursor"], page["more"]
        return found

    def rounds(self, name: str) -> list[int]:
        """The rounds of boosting that the log tells of, in its order."""
        matches = (ROUND.match(line["text"]) for line in self.lines(name))
        return [int(match[1]) for match in matches if match]

    def curves(self, name: str) -> dict[str, list[int]]:
        """The steps of each metric."""
        status, answer = self._request("GET", f"/{name}/metrics")
        assert status == 200, answer
        return {curve["name"]: curve["steps"] for curve in answer["items"]}

    def assert_whole(self, name: str, rounds: int) -> None:
        """Nothing was lost and nothing came twice: each round's line and points are there, once and in order."""
        expected = list(range(rounds))

        def look() -> bool | None:
            return len(self.rounds(name)) >= rounds or None

        until(look, AT_LAST, f"{rounds} rounds in the log of {name}", every=1)
        assert self.rounds(name) == expected
        numbers = [line["number"] for line in self.lines(name)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert self.curves(name) == {"train:auc": expected, "validation:auc": expected}

    def _request(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        self.token = self.token or self.stack.token()
        return self.stack.request(method, JOBS + path, body, self.token)
