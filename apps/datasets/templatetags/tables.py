"""How a column's values are drawn and told in a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

WIDTH, HEIGHT = 144, 26


@register.filter
def bars(counts: Sequence[int]) -> str | SafeString:
    """Counts as bars beside each other, the highest as high as there is room; what they say stands beside them."""
    highest = max(counts, default=0)
    if not highest:
        return ""
    step = WIDTH / len(counts)
    rectangles = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"/>',
        (
            (f"{place * step:.1f}", f"{HEIGHT - height:.1f}", f"{step - 1:.1f}", f"{height:.1f}")
            for place, count in enumerate(counts)
            if (height := max(count / highest * HEIGHT, 1.0 if count else 0.0))
        ),
    )
    return format_html(
        '<svg class="bars" width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true">{2}</svg>',
        WIDTH,
        HEIGHT,
        rectangles,
    )


@register.filter
def heights(column: Mapping[str, Any]) -> list[int]:
    """What is drawn of a column: the histogram of numbers, else the most frequent values, the most frequent first."""
    return list(column["bins"]) or [rows for _, rows in column["top"]]
