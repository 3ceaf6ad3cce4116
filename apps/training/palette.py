"""What the command palette offers besides jobs and data sets: the pages, and what can be done on any of them."""

from dataclasses import dataclass

from django.urls import reverse

from apps.aws.models import Workspace
from apps.aws.queries import workspaces
from apps.training.context import STAGES, stage_url


@dataclass(frozen=True)
class Entry:
    """One line: where it leads (`url`), or what the page itself does (`does`, known to static/js/palette.js)."""

    title: str
    icon: str
    url: str = ""
    does: str = ""
    words: str = ""

    def matches(self, text: str) -> bool:
        """Whether each word of `text` is in its title or its further words."""
        known = f"{self.title} {self.words}".lower()
        return all(word in known for word in text.lower().split())


def pages(workspace: Workspace) -> list[Entry]:
    """The stages of the lifecycle, the person's own pages and the other workspaces."""
    found = [Entry(stage.title, stage.icon, stage_url(workspace, stage)) for stage in STAGES]
    found += [
        Entry("API tokens", "key-round", reverse("accounts:tokens"), words="account me"),
        Entry("REST API", "braces", reverse("api_docs"), words="documentation openapi curl"),
    ]
    others = [other for other in workspaces() if other.pk != workspace.pk]
    return found + [
        Entry(f"Workspace {one.name}", "layers", reverse("training:home", args=[one.slug])) for one in others
    ]


def actions(workspace: Workspace) -> list[Entry]:
    """What can be begun or changed from anywhere."""
    history = reverse("training:history", args=[workspace.slug])
    running, failed = "?filter=status+in+%28Requested,+InProgress,+Stopping%29", "?filter=status+%3D+Failed"
    return [
        Entry("New training job", "plus", reverse("training:new", args=[workspace.slug]), words="launch train"),
        Entry("Running jobs", "loader", history + running, words="now in progress"),
        Entry("Failed jobs", "triangle-alert", history + failed, words="errors"),
        Entry("Keyboard shortcuts", "keyboard", does="shortcuts", words="keys help"),
        Entry("Light theme", "sun", does="light", words="look colours"),
        Entry("Dark theme", "moon", does="dark", words="look colours night"),
    ]


def matching(entries: list[Entry], text: str) -> list[Entry]:
    """Those that `text` means."""
    return [entry for entry in entries if entry.matches(text)]
