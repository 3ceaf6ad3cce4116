"""A text that any match of a regular expression must contain: a cheap test before the expression itself.

A built-in algorithm has some sixty metric definitions; trying each on each log line would cost
milliseconds a line.
"""

import re

_ESCAPE = re.compile(r"\\.")
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_GROUP = re.compile(r"\([^()]*\)")
_OPTIONAL_TAIL = re.compile(r".(?=[*?{])|\{[^}]*\}")


def required_literal(pattern: str) -> str:
    """The longest text that every match of `pattern` contains; empty when none is certain."""
    if re.compile(pattern).flags & (re.IGNORECASE | re.VERBOSE):
        return ""
    bare = _CLASS.sub("\0", _ESCAPE.sub("\0", pattern))
    while (shorter := _GROUP.sub("\0", bare)) != bare:
        bare = shorter
    if "|" in bare or "(" in bare:
        return ""
    pieces = re.split(r"[\0.^$*+?{}()\[\]]+", _OPTIONAL_TAIL.sub("\0", bare))
    return max(pieces, key=len)
