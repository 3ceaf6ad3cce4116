"""CloudWatch's refusals that more than one operation makes."""

from apps.localregion.errors import AwsError


def invalid(message: str) -> AwsError:
    """A parameter's value cannot be."""
    return AwsError("InvalidParameterValue", message)


def combination(message: str) -> AwsError:
    """Parameters that exclude each other, or are too much together."""
    return AwsError("InvalidParameterCombination", message)


def missing(message: str) -> AwsError:
    """A parameter that has to be there."""
    return AwsError("MissingParameter", message)


def refuse(request: dict[str, object], *members: str) -> None:
    """Raise AwsError ValidationError for the first of the members that is there: the region does not do it."""
    for member in members:
        if request.get(member):
            message = f"{member} is not supported by the local region: leave it out."
            raise AwsError("ValidationError", message)
