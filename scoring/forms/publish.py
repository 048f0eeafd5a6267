"""Making a run, publishing its result, taking it back, closing the year."""

from datetime import date
from typing import Any, Final

from django import forms

from core.forms import IdempotentForm, ReasonField, VnCharField, VnDateField, VnIntegerField
from scoring.models import RunKind

_KIND_HINTS: Final = (
    "Theo điểm tự chấm chỉ để tham khảo, không công bố. "
    "Chỉ phiên theo kết quả duyệt mới công bố chính thức được."
)


class RunForm(IdempotentForm):
    """Which figures a run reads, and why it is made."""

    kind = forms.ChoiceField(
        label="Chấm theo số liệu", choices=RunKind.choices, widget=forms.RadioSelect,
        help_text=_KIND_HINTS,
    )  # fmt: skip
    reason = VnCharField(
        label="Lý do chạy", max_length=300, required=False,
        help_text="Ghi vào nhật ký, ví dụ: sau khi điều chỉnh I.5 của Công an TP. Hải Phòng.",
    )  # fmt: skip


class _RunSeenForm(IdempotentForm):
    """An act on the run that the page shows; a newer one is not published unseen."""

    run = VnIntegerField(widget=forms.HiddenInput, required=False)

    @property
    def run_id(self) -> int:
        """Return the key of the run that was shown; 0 where none was."""
        return self.cleaned_data["run"] or 0


class ProvisionalForm(_RunSeenForm):
    """Until when objections are taken, and a word to the units."""

    objections_until = VnDateField(label="Nhận kiến nghị đến hết ngày")
    note = VnCharField(
        label="Lời nhắn kèm theo", max_length=300, required=False,
        help_text="Các đơn vị đọc ở bảng điểm.",
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        """Take no date that is over."""
        super().__init__(*args, **kwargs)
        self.fields["objections_until"].min_value = today  # type: ignore[attr-defined]


class FinalForm(_RunSeenForm):
    """The words that have to be typed before a result is published for good."""

    typed = VnCharField(label="Gõ để xác nhận", max_length=40)

    def __init__(self, *args: Any, confirmation: str, **kwargs: Any) -> None:
        """Say what to type."""
        super().__init__(*args, **kwargs)
        self.fields["typed"].help_text = f"Gõ đúng: {confirmation}"


class RevokeForm(IdempotentForm):
    """By which decision a final result is taken back, and why."""

    reason = ReasonField(
        label="Quyết định và lý do thu hồi", max_length=300,
        help_text="Ghi số, ngày quyết định và lý do.",
    )  # fmt: skip
