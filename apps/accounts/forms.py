"""Input about people."""

from django import forms


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        max_length=60,
        label="What for",
        help_text="Such as nightly training or my notebook: by this you know later which one to revoke.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
