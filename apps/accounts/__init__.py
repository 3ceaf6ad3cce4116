"""People: sign-in, API tokens, the audit trail."""
