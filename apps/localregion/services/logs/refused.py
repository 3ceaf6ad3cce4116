"""What filter patterns are refused with."""


class BadPattern(Exception):
    """A filter pattern that cannot be read; the text says what is wrong."""
