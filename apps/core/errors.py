"""The errors that every app raises for people to read."""


class Refusal(Exception):
    """Something asked for cannot be done, and the message says what to do; `field` names the input it is about.

    Pages show it beside the field or as a message, the API answers 422 with the field's name.
    """

    status = 422

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(Refusal):
    """Several fields are wrong at once: `fields` maps each to its messages."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self.fields = fields
        super().__init__("; ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items()))


class NotFound(Refusal):
    """What was named does not exist in this workspace."""

    status = 404
