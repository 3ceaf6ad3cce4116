"""How figures, times and small charts are written on every page, so that they read the same everywhere."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

register = template.Library()

NOTHING = "–"
SPARK_WIDTH, SPARK_HEIGHT = 76, 20
MINUTE, HOUR, DAY = 60, 3600, 86400


@register.filter
def money(amount: Decimal | float | None) -> str:
    """US dollars: whole cents from one dollar up, else four decimals, so that a cheap job does not read as free."""
    if amount is None:
        return NOTHING
    if 0 < amount < Decimal("0.0001"):
        return "< $0.0001"
    text = f"{amount:,.2f}" if amount >= 1 else f"{amount:.4f}"
    return f"${text[:-2] if amount < 1 and text.endswith('00') else text}"


@register.filter
def clock(length: timedelta | float | None) -> str:
    """A length of time, given in seconds or as a timedelta, as 0:41, 12:40 or 3:02:11."""
    if length is None:
        return NOTHING
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    hours, rest = divmod(max(seconds, 0), HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def took(length: float) -> str:
    """How long a stretch of the timeline took: under a second in so many words, else as `clock` writes it."""
    return "< 1 s" if length < 1 else clock(length)


@register.filter
def per_cent(value: float) -> str:
    """A share with the digits that matter: 0.4 %, 38 %."""
    return f"{value:.1f} %" if value < 10 else f"{value:.0f} %"


@register.filter
def tabs(line: str) -> str:
    """A log line with real tabs where SageMaker's logs write them as `#011`."""
    return line.replace("#011", "\t")


@register.filter
def figure(value: float | None) -> str:
    """A metric's value with the digits that matter: 0.9861, 2.1432, 41.20, 12,345."""
    if value is None:
        return NOTHING
    size = abs(value)
    if size < 10:
        return f"{value:.4f}" if size >= 0.001 or size == 0 else f"{value:.2e}"
    return f"{value:,.2f}" if size < 1000 else f"{value:,.0f}"


@register.filter
def number(value: float | str | None) -> str:
    """A cell of a table of data: 15, not 15.0; 0.101, not 0.10099999999999999; text as it is."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.6g}"


@register.filter
def seconds(moment: timedelta | None) -> int | str:
    """Whole seconds of a timedelta, for the page's own clock; empty when there is none."""
    return "" if moment is None else int(moment.total_seconds())


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, in words short enough for a table: now, 41 s ago, 2 min ago, 3 h ago, 12 Nov."""
    if moment is None:
        return NOTHING
    age = (timezone.now() - moment).total_seconds()
    if age < 5:
        return "now"
    if age < MINUTE:
        return f"{int(age)} s ago"
    if age < HOUR:
        return f"{int(age // MINUTE)} min ago"
    if age < DAY:
        return f"{int(age // HOUR)} h ago"
    return f"{moment:%-d %b}" if age < 300 * DAY else f"{moment:%-d %b %Y}"


@register.simple_tag
def when(moment: datetime | None) -> str | SafeString:
    """A `<time>`: relative to read, exact on hover (UTC until the page's clock knows the reader's zone)."""
    if moment is None:
        return NOTHING
    exact = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        exact.isoformat(timespec="milliseconds"),
        f"{exact:%-d %b %Y, %H:%M:%S} UTC",
        ago(moment),
    )


@register.filter
def spark(values: Sequence[float]) -> str | SafeString:
    """A line of `values` as a small inline SVG, from zero to its highest; nothing for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(0.0, *values), max(values)
    step = SPARK_WIDTH / (len(values) - 1)
    scale = (SPARK_HEIGHT - 2) / ((high - low) or 1)
    points = " ".join(
        f"{index * step:.1f},{SPARK_HEIGHT - 1 - (value - low) * scale:.1f}" for index, value in enumerate(values)
    )
    return format_html(
        '<svg class="spark" width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true">'
        '<polyline points="{2}"/></svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        points,
    )


@register.simple_tag
def icon(name: str, size: int = 16) -> str:
    """A Lucide icon beside a word that says the same, so hidden from screen readers."""
    return lucide(name, size=size, **{"class": "icon", "aria-hidden": "true"})


@register.filter
def codes(text: str) -> SafeString:
    """A text in which `this` is code, as docstrings write it."""
    pieces = text.split("`")
    return format_html_join("", "{}{}{}", (code_or_text(place, piece) for place, piece in enumerate(pieces)))


def code_or_text(place: int, piece: str) -> tuple[str, str, str]:
    """The piece with its tags: every second one stood between backticks."""
    return (mark_safe("<code>"), piece, mark_safe("</code>")) if place % 2 else ("", piece, "")


@register.simple_tag
def csrf_cookie() -> str:
    """The name of the cookie from which a script renews the token of a form that has stood for long."""
    return settings.CSRF_COOKIE_NAME


@register.filter
def as_json(value: Mapping[str, str]) -> str:
    """Plain data for a `data-` attribute that a script reads."""
    return json.dumps(value)


@register.filter
def touched(fields: Iterable[BoundField]) -> bool:
    """Whether any of the fields holds a value or an error, so that a folded group must stand open."""
    return any(field.errors or field.value() for field in fields)


@register.simple_tag
def control(field: BoundField, **attributes: str) -> SafeString:
    """The field's input, tied to its help and error by aria-describedby and marked invalid when it is."""
    described = [f"{field.id_for_label}-help"] if field.help_text else []
    extra: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attributes.items()}
    if field.errors:
        described.insert(0, f"{field.id_for_label}-error")
        extra["aria-invalid"] = "true"
    if described:
        extra["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=extra)
