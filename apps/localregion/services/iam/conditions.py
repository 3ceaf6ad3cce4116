"""The Condition element of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import translate
from functools import cache
from typing import Any

from apps.localregion.errors import AwsError

Context = Mapping[str, Sequence[str]]  # lower-case key: its values

VARIABLE = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")), re.DOTALL)


def like(value: str, pattern: str) -> bool:
    """Whether the text is of the pattern, in which * and ? are wildcards; case counts."""
    return _pattern(pattern).fullmatch(value) is not None


def _arn_like(value: str, pattern: str) -> bool:
    """Each of an ARN's six parts must match for itself."""
    parts, patterns = value.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(like(*pair) for pair in zip(parts, patterns, strict=True))


def _date(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _in_network(value: str, network: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.casefold() == wanted.casefold(),
    "StringLike": like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "BinaryEquals": lambda value, wanted: value == wanted,
    "IpAddress": _in_network,
    "NumericEquals": lambda value, wanted: float(value) == float(wanted),
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
    "NumericLessThanEquals": lambda value, wanted: float(value) <= float(wanted),
    "NumericGreaterThan": lambda value, wanted: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda value, wanted: float(value) >= float(wanted),
    "DateEquals": lambda value, wanted: _date(value) == _date(wanted),
    "DateLessThan": lambda value, wanted: _date(value) < _date(wanted),
    "DateLessThanEquals": lambda value, wanted: _date(value) <= _date(wanted),
    "DateGreaterThan": lambda value, wanted: _date(value) > _date(wanted),
    "DateGreaterThanEquals": lambda value, wanted: _date(value) >= _date(wanted),
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def holds(condition: Mapping[str, Mapping[str, Any]], context: Context, missing: set[str]) -> bool:
    """Whether every operator of the element holds; `missing` gathers the keys that the context lacks."""
    kept = True
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            if key.lower() not in context:
                missing.add(key)
            kept = _holds(operator, key.lower(), listed(wanted), context) and kept
    return kept


def _holds(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    values = context.get(key, ())
    if name == "Null":
        return (not values) is (wanted[0].lower() == "true")
    negated = name in NEGATED
    compare = OPERATORS.get(NEGATED.get(name, name))
    if compare is None:
        raise AwsError("InvalidInput", f"The condition operator {operator} is not known")
    if not values:
        return optional or negated or quantifier == "ForAllValues"
    wishes = [filled(text, context) for text in wanted]

    def one(value: str) -> bool:
        try:
            return any(compare(value, wish) for wish in wishes) is not negated
        except ValueError:  # a text that is no number, date or address
            return negated

    return all(map(one, values)) if quantifier == "ForAllValues" or negated else any(map(one, values))


def filled(text: str, context: Context) -> str:
    """The text with its policy variables, like ${aws:username}; one without a value stays as it is."""
    special = {"*": "[*]", "?": "[?]", "$": "$"}

    def value(match: re.Match[str]) -> str:
        if match[1] in special:
            return match[1]
        found = context.get(match[1].lower())
        return found[0] if found else match[2] or match[0]

    return VARIABLE.sub(value, text)


def listed(value: Any) -> list[str]:
    """One text or several, as policies have both."""
    values = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
