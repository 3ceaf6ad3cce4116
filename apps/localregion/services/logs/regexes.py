"""Regular expressions within filter patterns, between percent signs, as far as CloudWatch Logs has them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html ("Supported regular expressions").
They come from whoever may ask, hence RE2: none takes more than linear time.
"""

import re
from collections.abc import Callable

import re2

from apps.localregion.services.logs.refused import BadPattern

MOST = 2  # of one pattern of columns or JSON
_ALLOWED = re.compile(r"(?:\\[!-~]|[A-Za-z0-9:_#=@/;,^$?\[\]{}|*+. -])+")


def compile_regex(text: str) -> Callable[[str], bool]:
    """What is between the signs as a function of a text; raises BadPattern."""
    if not _ALLOWED.fullmatch(text):
        raise BadPattern(f"the regular expression %{text}% has characters that are not supported")
    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(text, options).search
    except re2.error as error:
        raise BadPattern(f"the regular expression %{text}% cannot be read") from error
    return lambda value: search(value) is not None
