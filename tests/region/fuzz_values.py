"""Values for the members of a service model: right, nearly right and wrong ones."""

import random
import re
from datetime import UTC, datetime
from typing import Any

ACCOUNT = "arn:aws:iam::123456789012"
DEEPEST = 6
OPTIONAL = 0.3  # of the members that may be left out are given
ODD = 0.06  # of the values are out of their range, or of no sense
# Names of things that are there, or may be once a request has made them: by a part of the member's name.
KNOWN = {
    "bucket": ("fuzzed", "fuzzed-two", "no-such-bucket"),
    "uploadid": ("u",),
    "keyid": ("alias/fuzzed", "alias/aws/s3", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    "key": ("a", "folder/b", "deep/er/c", "ü"),
    "jobname": ("fuzzed-job", "other-job"),
    "rolename": ("fuzzed-role", "absent"),
    "rolearn": (f"{ACCOUNT}:role/fuzzed-role",),
    "username": ("local",),
    "policyarn": ("arn:aws:iam::aws:policy/AmazonSageMakerFullAccess", f"{ACCOUNT}:policy/fuzzed"),
    "policydocument": ('{"Version": "2012-10-17", "Statement": []}', "{", "[]"),
    "loggroup": ("/fuzzed", "/aws/sagemaker/TrainingJobs"),
    "logstream": ("stream", "fuzzed-job/algo-1-1"),
    "alarm": ("fuzzed-alarm",),
    "namespace": ("Fuzzed", "/aws/sagemaker/TrainingJobs"),
    "metricname": ("m", "train:auc"),
    "instancetype": ("ml.m5.large", "ml.p3.2xlarge"),
    "trainingimage": ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",),
    "s3uri": ("s3://fuzzed/a", "s3://no-such-bucket/b"),
    "servicecode": ("sagemaker", "AmazonSageMaker"),
    "repositoryname": ("sagemaker-xgboost",),
    "token": ("", "f/0", "AAAA", "eyJhIjoxfQ=="),
    "arn": ("arn:aws:sagemaker:us-east-1:123456789012:training-job/fuzzed-job", "arn:aws:s3:::fuzzed"),
}
TEXTS = ("a", "abc-1", "name", "1", "100", "s3://fuzzed/a", "{}", "true", "2026-01-01T00:00:00Z", "us-east-1", "*")
ODD_TEXTS = (
    "",
    " ",
    "x" * 70_000,
    "\0",
    "é" * 300,
    "../../etc/passwd",
    "%s%n",
    "'; DROP TABLE objects; --",
    "\U0001f600",
)
NUMBERS = (0, 1, 2, 10, 60, 1000)
ODD_NUMBERS = (-1, 1 << 31, (1 << 63) - 1, 1 << 63, -(1 << 63), 10**30)
ODD_FLOATS = (float("inf"), float("-inf"), float("nan"), 1e308, -0.0)
MOMENTS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), datetime(2500, 1, 1, tzinfo=UTC))
NODES: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    1e308,
    "",
    "text",
    "x" * 70_000,
    "\ud800",
    [],
    {},
    [[[[[]]]]],
    {"a": {"b": None}},
    [None],
    10**40,
)


class Values:
    """Draws values."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def structure(self, shape: Any, depth: int = 0) -> dict[str, Any]:
        """A structure with what it must have, nearly always, and some of the rest."""
        given = {}
        for name, member in shape.members.items():
            share = 0.98 if name in shape.required_members else OPTIONAL if depth < DEEPEST else 0.0
            if self._chance.random() < share:
                given[name] = self.value(member, name, depth + 1)
                if shape.metadata.get("union"):
                    break
        return given

    def value(self, shape: Any, name: str, depth: int) -> Any:
        """A value of the shape's type."""
        kind, chance = shape.type_name, self._chance
        if kind == "structure":
            return self.structure(shape, depth) if depth <= DEEPEST else {}
        if kind == "list":
            return [self.value(shape.member, name, depth + 1) for _ in range(chance.choice((0, 1, 1, 2)))]
        if kind == "map":
            count = chance.choice((0, 1, 2))
            return {
                self.value(shape.key, "", depth + 1): self.value(shape.value, name, depth + 1) for _ in range(count)
            }
        return self._scalar(shape, name)

    def _scalar(self, shape: Any, name: str) -> Any:
        kind, chance, odd = shape.type_name, self._chance, self._chance.random() < ODD
        if kind in ("integer", "long"):
            bounds = [shape.metadata[each] for each in ("min", "max") if each in shape.metadata]
            return chance.choice(ODD_NUMBERS if odd else (*NUMBERS, *map(int, bounds)))
        if kind in ("float", "double"):
            return chance.choice(ODD_FLOATS) if odd else chance.uniform(0, 10)
        if kind == "boolean":
            return chance.random() < 0.5
        if kind == "timestamp":
            return chance.choice(MOMENTS)
        if kind == "blob":
            return chance.randbytes(chance.choice((0, 1, 16, 5000)))
        return self._text(shape, name, odd)

    def _text(self, shape: Any, name: str, odd: bool) -> str:
        chance, enum = self._chance, shape.metadata.get("enum")
        if odd:
            return chance.choice(ODD_TEXTS)
        if enum:
            return str(chance.choice(enum))
        lowered = f"{name} {shape.name}".lower()
        known = next((values for part, values in KNOWN.items() if part in lowered), TEXTS)
        fitting = [text for text in known if _fits(shape.metadata.get("pattern", ""), text)]
        return chance.choice(fitting or known)

    def with_a_wrong_node(self, body: Any) -> Any:
        """A decoded body with one node replaced by what does not belong there."""
        chance = self._chance
        if isinstance(body, dict) and body and chance.random() < 0.8:
            name = chance.choice([*body])
            return {**body, name: self.with_a_wrong_node(body[name])}
        if isinstance(body, list) and body and chance.random() < 0.8:
            place = chance.randrange(len(body))
            return [*body[:place], self.with_a_wrong_node(body[place]), *body[place + 1 :]]
        return chance.choice(NODES)


def _fits(pattern: str, text: str) -> bool:
    try:
        return not pattern or re.fullmatch(pattern, text) is not None
    except re.error:  # a class that only Java knows
        return True


def spoiled(chance: random.Random, body: bytes) -> bytes:
    """Bytes with something wrong: cut off, changed, doubled, exchanged or blown up."""
    how = chance.randrange(6)
    if how == 0:
        return body[: len(body) // 2]
    if how == 1 and body:
        place = chance.randrange(len(body))
        return body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1 :]
    if how == 2:
        return chance.randbytes(chance.choice((1, 100, 10_000)))
    if how == 3:
        return body * 2
    return chance.choice((b"", b"{" * 5000, b"<a>" * 5000, b"[]", b"null", b"<a/>", b"\xff\xfe", body + b"\0"))
