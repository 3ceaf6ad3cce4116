"""Search's expressions, evaluated on a resource's properties.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Filter.html
"""

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError

MOST_FILTERS = 20  # of the lists of one expression together: SearchExpression in the API reference
MOST_CHOICES = 10  # of the operator In
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}

Body = dict[str, Any]


def matches(expression: Body, properties: Body) -> bool:
    """Whether the properties satisfy a SearchExpression; raises AwsError for one that says nothing sensible."""
    lists = [expression.get(name, []) for name in ("Filters", "NestedFilters", "SubExpressions")]
    if sum(map(len, lists)) > MOST_FILTERS:
        raise AwsError("ValidationException", f"A SearchExpression can have at most {MOST_FILTERS} conditions.")
    filters, nested, inner = lists
    results = [
        *(_holds(each, properties) for each in filters),
        *(_nested(each, properties) for each in nested),
        *(matches(each, properties) for each in inner),
    ]
    return not results or (any if expression.get("Operator") == "Or" else all)(results)


def value_at(properties: Any, name: str) -> Any:
    """The value of a dotted property name, None without one; of a list, the list of its elements' values."""
    if isinstance(properties, list):
        found = [value_at(each, name) for each in properties]
        return [value for value in found if value is not None] or None
    if not name:
        return properties
    if not isinstance(properties, dict):
        return None
    if name in properties:
        return properties[name]
    # Names of tags, metrics and hyperparameters may have dots of their own: the longest key goes first.
    for key in sorted(properties, key=len, reverse=True):
        if name.lower() == key.lower() or name.lower().startswith(f"{key.lower()}."):
            return value_at(properties[key], name[len(key) + 1 :])
    return None


def present(value: Any) -> bool:
    """Whether there is something to compare with: a value, not a structure."""
    return value is not None and not isinstance(value, dict)


def _nested(condition: Body, properties: Body) -> bool:
    """Whether one element of a list satisfies all filters, whose names begin with the list's."""
    prefix = condition["NestedPropertyName"]
    elements = value_at(properties, prefix)
    filters = [
        {**each, "Name": each["Name"][len(prefix) + 1 :] if each["Name"].startswith(f"{prefix}.") else each["Name"]}
        for each in condition["Filters"]
    ]
    candidates = elements if isinstance(elements, list) else [elements] if elements is not None else []
    return any(all(_holds(each, element) for each in filters) for element in candidates)


def _holds(condition: Body, properties: Body) -> bool:
    name, how, wanted = condition["Name"], condition.get("Operator", "Equals"), condition.get("Value")
    value = value_at(properties, name)
    if how in ("Exists", "NotExists"):
        if wanted is not None:
            raise AwsError("ValidationException", f"Operator {how} takes no Value: filter {name}")
        return (value is not None) is (how == "Exists")
    if wanted is None:
        raise AwsError("ValidationException", f"Operator {how} needs a Value: filter {name}")
    values = value if isinstance(value, list) else [value] if present(value) else []
    if how == "NotEquals":
        return not any(_compare("Equals", each, wanted) for each in values)
    if how == "In":
        choices = wanted.split(",")
        if len(choices) > MOST_CHOICES:
            raise AwsError("ValidationException", f"Operator In takes at most {MOST_CHOICES} values: filter {name}")
        return any(_compare("Equals", each, choice.strip()) for each in values for choice in choices)
    return any(_compare(how, each, wanted) for each in values)


def _compare(how: str, value: Any, wanted: str) -> bool:
    """Compare as the value's own kind, or as numbers where both sides are."""
    if how == "Contains":
        return wanted.lower() in str(value).lower()
    if isinstance(value, bool):
        return how == "Equals" and str(value).lower() == wanted.lower()
    left, right = _number(value), _number(wanted)
    if isinstance(value, int | float) and right is None:
        right = _time(wanted)
    if left is not None and right is not None:
        return COMPARISONS[how](left, right)
    return COMPARISONS[how](str(value), wanted)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _time(text: str) -> float | None:
    """Unix seconds of an ISO 8601 time, which is UTC unless it says otherwise."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
