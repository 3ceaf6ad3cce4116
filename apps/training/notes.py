"""A note's Markdown as HTML that cannot do harm: no HTML of its own passes, links lead outside or nowhere."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Images would be fetched from other hosts by whoever opens the page.
MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")


def rendered(note: str) -> SafeString:
    """The note as HTML; raw HTML in it is shown as text, and addresses such as javascript: are no links."""
    html: str = MARKDOWN.render(note)
    return mark_safe(html)  # noqa: S308  # the renderer escapes whatever the note holds
