"""A file that cannot be used, and where in it."""


class BrokenFile(Exception):
    """What is wrong with the file and what to do; `line` counts from 1, `column` counts fields from 1."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column
