"""Answers in AWS's own words: every refusal of the local region is one of these."""

from collections.abc import Mapping
from typing import Any


class AwsError(Exception):
    """An error answer: code ("ValidationException"), message, HTTP status and headers, further members of its shape."""

    def __init__(
        self, code: str, message: str, status: int = 400, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = dict(headers or {})
        self.members = members
