"""The one tree of errors that AWS calls end in, so that nobody else needs botocore's."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from apps.core.errors import Refusal


class AwsFailure(Refusal):
    """AWS refused or could not be asked; the message is AWS's own, `code` its error code."""

    status = 502
    code = ""


class Rejected(AwsFailure):
    """AWS understood the request and says no, and will say so again."""


class NameInUse(Rejected):
    """A resource of that name exists already."""


class Missing(Rejected):
    """The resource does not exist (any more)."""


class Passing(AwsFailure):
    """The same request may work later."""


class Throttled(Passing):
    """Too many requests: slow down."""


class Unreachable(Passing):
    """No answer at all, or no credentials yet."""


# https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html and each operation's own errors.
BY_CODE: dict[str, type[AwsFailure]] = {
    "ResourceInUse": NameInUse,
    "ResourceNotFound": Missing,
    "ResourceNotFoundException": Missing,
    "NoSuchKey": Missing,
    "NoSuchBucket": Missing,
    "404": Missing,
    "ThrottlingException": Throttled,
    "Throttling": Throttled,
    "RequestLimitExceeded": Throttled,
    "SlowDown": Throttled,
    "RequestTimeout": Passing,
    "ServiceUnavailable": Passing,
    "InternalFailure": Passing,
    "InternalError": Passing,
    "ResourceLimitExceeded": Passing,
    "ExpiredToken": Passing,
    "ExpiredTokenException": Passing,
}

# DescribeTrainingJob answers a name it does not know as ValidationException with this text.
NOT_FOUND_TEXT = "Requested resource not found"
SERVER_ERROR = 500


@contextmanager
def translated() -> Iterator[None]:
    """Run AWS calls; whatever botocore raises comes out as an AwsFailure."""
    try:
        yield
    except ClientError as error:
        raise _from_client_error(error) from error
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise Unreachable(f"{error} (configure boto3's credentials or the workspace's profile)") from error
    except (ConnectionError, HTTPClientError) as error:
        raise Unreachable(str(error)) from error
    except BotoCoreError as error:
        raise Rejected(str(error)) from error


def printable(text: str) -> str:
    """AWS's text without NUL, which PostgreSQL keeps in no column; a job may log any bytes."""
    return text.replace("\0", "\ufffd")


def _from_client_error(error: ClientError) -> AwsFailure:
    code = error.response["Error"].get("Code", "")
    text = printable(error.response["Error"].get("Message") or code)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = BY_CODE.get(code) or (Passing if status >= SERVER_ERROR else Rejected)
    if kind is Rejected and text.startswith(NOT_FOUND_TEXT):
        kind = Missing
    failure = kind(text)
    failure.code = code
    return failure
