"""Forms of the register of models, collectives and persons worth following (seed 002)."""

from django import forms

from core.forms import IdempotentForm, ReasonField, VnCharField, VnTextField, whole_number
from pledges.forms.pledge import RowForm
from pledges.models import Exemplar


class ExemplarForm(RowForm):
    """What a unit writes of an exemplar; `seen` is the revision that was read."""

    kind = forms.ChoiceField(
        label="Loại", choices=Exemplar.Kind.choices, widget=forms.RadioSelect,
        initial=Exemplar.Kind.MODEL,
    )  # fmt: skip
    name = VnCharField(
        label="Tên mô hình, tập thể hoặc cá nhân",
        max_length=300,
        help_text="Chỉ ghi tên cá nhân khi người đó đồng ý.",
    )
    description = VnTextField(
        label="Nội dung, cách làm, hiệu quả",
        required=False,
        max_length=6000,
        help_text="Làm gì, ai tham gia, hiệu quả đo được.",
    )
    since = VnCharField(
        label="Từ khi nào", max_length=40, required=False, help_text="Ví dụ: tháng 3/2016."
    )
    spread_to = VnCharField(
        label="Đã nhân rộng đến",
        max_length=200,
        required=False,
        help_text="Đơn vị, bộ phận, địa bàn đã làm theo.",
    )

    @property
    def values(self) -> dict[str, str]:
        """Return the row as the operation takes it."""
        names = ("kind", "name", "description", "since", "spread_to")
        return {name: self.cleaned_data[name] for name in names}

    @property
    def revision(self) -> int:
        """Return the revision that was on the screen; 0 where none came back."""
        return whole_number(self.cleaned_data.get("seen", ""))


class StandingForm(IdempotentForm):
    """Say how far an exemplar has come, with the reason."""

    standing = forms.ChoiceField(
        label="Tình trạng", choices=Exemplar.Standing.choices, widget=forms.RadioSelect
    )
    reason = ReasonField(label="Căn cứ")


class WithdrawForm(IdempotentForm):
    """Take an exemplar out of the register."""

    reason = ReasonField(label="Lý do rút")
