"""Shared by all apps and importing none: clock, errors, live events, the queue, pages for errors."""
