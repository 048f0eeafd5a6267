"""Forms of nominations: whom for a title, and why one is withdrawn."""

from collections.abc import Iterable
from typing import Any

from django import forms

from core.forms import IdempotentForm, ReasonField, VnCharField
from scoring.queries.nomination import CandidateRow


class NominateForm(IdempotentForm):
    """The units that are nominated for a title."""

    units = forms.TypedMultipleChoiceField(
        label="Đơn vị đề nghị", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    note = VnCharField(
        label="Thành tích, căn cứ", max_length=500, required=False,
        help_text="Ghi chung cho các đơn vị chọn ở trên. Không nhập thông tin mật.",
    )  # fmt: skip

    def __init__(self, *args: Any, rows: Iterable[CandidateRow], **kwargs: Any) -> None:
        """Offer who may be nominated, ticked whom the last vote on the title has chosen."""
        able = [row for row in rows if not row.why_not and not row.is_nominated]
        chosen = [row.contender.unit_id for row in able if row.is_chosen]
        kwargs["initial"] = {"units": chosen} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["units"]
        choices.choices = [(row.contender.unit_id, _named(row)) for row in able]


def _named(row: CandidateRow) -> str:
    one = row.contender
    vote = f"; {row.vote}" if row.vote else ""
    return f"{one.unit_name} (hạng {one.rank}, {one.points} điểm{vote})"


class WithdrawForm(IdempotentForm):
    """Why a nomination is withdrawn."""

    reason = ReasonField(label="Lý do rút", max_length=300)
