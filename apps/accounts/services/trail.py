"""Who did what, and what is kept of a secret."""

import hashlib

from apps.accounts.models import AuditEntry, User


def digest(token: str) -> str:
    """What is kept of a token: its SHA-256, as the tokens themselves are 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def record(actor: User | None, action: str, *, workspace: str = "", target: str = "", **detail: object) -> None:
    """Write one line of the audit trail; call it inside the transaction that does the thing."""
    AuditEntry.objects.create(actor=actor, action=action, workspace=workspace, target=target, detail=detail)
