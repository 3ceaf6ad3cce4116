"""One form field for every kind of hyperparameter: its text is kept as typed, since SageMaker takes strings."""

import re
from math import isfinite

from django import forms

from apps.training.catalogue import Algorithm, Hyperparameter

INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


class HyperparameterField(forms.CharField):
    """Checks a value by its row of the algorithm's table; empty means the algorithm's default."""

    def __init__(self, row: Hyperparameter, algorithm: Algorithm) -> None:
        self.hyperparameter = row
        self.algorithm = algorithm
        super().__init__(
            label=row.name,
            required=row.required,
            max_length=256,
            help_text=row.help,
            widget=self._widget(row),
            error_messages={"required": f"{row.name} is required."},
        )

    @staticmethod
    def _widget(row: Hyperparameter) -> forms.Widget:
        if row.kind == "choice":
            none = f"{row.default} (default)" if row.default else "choose one" if row.required else "not set"
            return forms.Select(choices=[("", none), *((c, c) for c in row.choices)])
        numeric = {"integer": "numeric", "float": "decimal"}.get(row.kind) if not row.words else None
        attributes = {"placeholder": row.default or row.example, "autocomplete": "off", "spellcheck": "false"}
        return forms.TextInput(attrs=attributes | ({"inputmode": numeric} if numeric else {}))

    def validate(self, value: str) -> None:
        """Refuse what the table does not allow, and say what it allows."""
        super().validate(value)
        if not value or value in self.hyperparameter.words:
            return
        check = {"integer": self._number, "float": self._number, "choice": self._choice, "metric": self._metrics}
        if self.hyperparameter.kind in check:
            check[self.hyperparameter.kind](value)

    def _number(self, value: str) -> None:
        row = self.hyperparameter
        whole = row.kind == "integer"
        if not (INTEGER if whole else DECIMAL).fullmatch(value) or not isfinite(float(value)):
            kind = " or ".join([f"a {'whole number' if whole else 'number'}", *row.words])
            raise forms.ValidationError(f"{row.name} must be {kind}, not {value!r}.")
        if row.interval and float(value) not in row.interval:
            raise forms.ValidationError(f"{row.name} must be {row.range_text}, not {value}.")

    def _choice(self, value: str) -> None:
        row = self.hyperparameter
        if value not in row.choices:
            raise forms.ValidationError(f"{row.name} must be one of {', '.join(row.choices)}, not {value!r}.")

    def _metrics(self, value: str) -> None:
        for part in value.split(","):
            name = part.strip().split("@")[0]
            if part.strip() not in self.algorithm.metrics and name not in self.algorithm.metrics:
                known = ", ".join(self.algorithm.metrics)
                raise forms.ValidationError(f"{part.strip()!r} is not a metric of this algorithm; known are {known}.")
