"""Pages about people: translate in, one call, translate out."""
