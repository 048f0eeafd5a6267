"""The choice of a criteria table."""

from typing import Any

from django import forms

from core.forms import IdempotentForm


class TableForm(IdempotentForm):
    """Where the criteria table of a year comes from: a ready-made one or another year's."""

    source = forms.ChoiceField(label="Bảng tiêu chí", widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        """Offer what this person may take."""
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = choices  # type: ignore[attr-defined]
