"""Answers in AWS's own words: every refusal of the local region is one of these."""

from typing import Any


class AwsError(Exception):
    """An error answer: code ("ValidationException"), message, HTTP status, further members of its shape."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members
