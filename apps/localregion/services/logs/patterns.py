"""Filter patterns: which log events a caller wants to see.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from collections.abc import Callable

from apps.localregion.errors import AwsError
from apps.localregion.services.logs import column_patterns, json_patterns
from apps.localregion.services.logs.refused import BadPattern
from apps.localregion.services.logs.regexes import MOST, compile_regex

Matches = Callable[[str], bool]

_TERM = re.compile(r'\s*(?P<sign>[?-]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<word>[^\s"]+))(?=\s|$)')
_ESCAPED = re.compile(r"\\(.)")


def compile_pattern(pattern: str) -> Matches:
    """The pattern as a function of a message; raises AwsError InvalidParameterException."""
    text = pattern.strip()
    try:
        if text[:1] in ("{", "[") and text.count("%") > 2 * MOST:
            raise BadPattern(f"there may be {MOST} regular expressions")
        if text.startswith("{"):
            return json_patterns.compile_pattern(text)
        if text.startswith("["):
            return column_patterns.compile_pattern(text)
        return _terms(text)
    except BadPattern as error:
        raise AwsError("InvalidParameterException", f"Invalid filter pattern: {error}") from error


def _terms(text: str) -> Matches:
    """Words and phrases: all of those without a sign and none of those with a minus, or any of those with a `?`."""
    found: dict[str, list[Matches]] = {"": [], "?": [], "-": []}
    position = 0
    while text[position:].strip():
        match = _TERM.match(text, position)
        if match is None:
            raise BadPattern("put phrases and terms with other than letters, digits and _ in double quotes")
        if match["regex"]:
            found[match["sign"]].append(compile_regex(match["regex"]))
        else:
            found[match["sign"]].append(_contains(match["word"] or _ESCAPED.sub(r"\1", match["phrase"] or "")))
        position = match.end()
    if found[""] or found["-"]:  # beside other terms those with a question mark have no effect
        return lambda message: all(has(message) for has in found[""]) and not any(has(message) for has in found["-"])
    return lambda message: not found["?"] or any(has(message) for has in found["?"])


def _contains(term: str) -> Matches:
    """Whether a message has the term, not as a part of longer words."""
    text = term.strip()
    if not text:
        return lambda message: True
    before = r"(?<!\w)" if re.match(r"\w", text) else ""
    after = r"(?!\w)" if re.match(r"\w", text[-1]) else ""
    search = re.compile(before + re.escape(text) + after, re.ASCII).search
    return lambda message: search(message) is not None
