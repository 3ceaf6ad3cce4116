"""The log lines of SageMaker's own algorithms, by which it finds their metrics."""

import json
import logging
import sys
import time

logger = logging.getLogger("algorithm")


def set_up() -> None:
    """Log to standard output in the algorithms' format."""
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.INFO,
        format="[%(asctime)s %(levelname)s %(thread)d] %(message)s",
        datefmt="%m/%d/%Y %H:%M:%S",
    )


class Reporter:
    """Says how a training goes; `algorithm` is its name in the #metrics lines, `host` this instance's."""

    def __init__(self, algorithm: str, host: str) -> None:
        self._algorithm = algorithm
        self._host = host
        self.started = time.time()

    def say(self, text: str) -> None:
        """A line for people."""
        logger.info("%s", text)

    def warn(self, text: str) -> None:
        """A line for people about what they might not expect."""
        logger.warning("%s", text)

    def score(self, series: str, name: str, value: float, kind: str = "score", *, epoch: int | None = None) -> None:
        """A metric of train, validation or test; `kind` is score (more is better) or loss."""
        at = "" if epoch is None else f"epoch={epoch}, "
        logger.info("#quality_metric: host=%s, %s%s %s <%s>=%s", self._host, at, series, name, kind, value)

    def result(self, series: str, name: str, value: float, kind: str = "score") -> None:
        """A metric of the final model."""
        logger.info("#%s_score (%s) : ('%s', %s)", series, self._host, name, value)
        self.score(series, name, value, kind)

    def criterion(self, epoch: int, name: str, value: float) -> None:
        """What decides whether an epoch made the model better."""
        logger.info(
            "#early_stopping_criteria_metric: host=%s, epoch=%s, criteria=%s, value=%s", self._host, epoch, name, value
        )

    def progress(self, done: int, of: int) -> None:
        """How many epochs are done."""
        logger.info("#progress_metric: host=%s, completed %s %% of epochs", self._host, round(100 * done / of, 1))

    def throughput(self, series: str, rows: int, seconds: float) -> None:
        """How fast rows were taken."""
        rate = rows / max(seconds, 1e-9)
        logger.info("#throughput_metric: host=%s, %s throughput=%s records/second", self._host, series, rate)

    def metrics(self, values: dict[str, float], started: float, **dimensions: object) -> None:
        """A #metrics line: values between `started` (unix seconds) and now."""
        line = {
            "StartTime": started,
            "EndTime": time.time(),
            "Dimensions": {"Algorithm": self._algorithm, "Host": self._host, "Operation": "training", **dimensions},
            "Metrics": {
                name: {"sum": float(value), "count": 1, "min": value, "max": value} for name, value in values.items()
            },
        }
        print(f"#metrics {json.dumps(line)}", flush=True)

    def end(self) -> None:
        """The last line: how long all of it took, in milliseconds."""
        self.metrics({"totaltime": 1000 * (time.time() - self.started)}, self.started)
