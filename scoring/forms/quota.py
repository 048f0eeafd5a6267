"""Forms of quotas: a title with how many units may be nominated for it."""

from collections.abc import Iterable
from typing import Any

from django import forms

from clusters.models import Cluster
from core.forms import DecideForm, VnCharField, VnDecimalField, VnIntegerField
from scoring.models import AwardQuota
from scoring.operations.quota import QuotaPlan


class QuotaForm(DecideForm):
    """A number or a per cent, for one cluster or for all clusters of the cycle together."""

    title = VnCharField(
        label="Danh hiệu, hình thức khen thưởng", max_length=200,
        widget=forms.TextInput(attrs={"list": "danh-hieu"}),
        help_text="Chọn tên có sẵn hoặc ghi tên khác.",
    )  # fmt: skip
    order = VnIntegerField(
        label="Thứ tự", min_value=1, max_value=99, help_text="Danh hiệu cao nhất là 1."
    )
    cluster = forms.TypedChoiceField(label="Phạm vi", coerce=int, empty_value=None, required=False)
    max_count = VnIntegerField(
        label="Số lượng tối đa", min_value=1, max_value=9999, required=False, unit="đơn vị"
    )
    max_percent = VnDecimalField(
        label="Hoặc tỷ lệ tối đa", min_value=0, max_value=100, max_digits=5, decimal_places=2,
        required=False, unit="%", help_text="Làm tròn xuống đơn vị nguyên.",
    )  # fmt: skip
    percent_of = forms.ChoiceField(label="Tỷ lệ tính trên", choices=AwardQuota.Base.choices)
    leaders_only = forms.BooleanField(label="Chỉ đề nghị đơn vị dẫn đầu cụm, khối", required=False)

    def __init__(self, *args: Any, clusters: Iterable[Cluster], **kwargs: Any) -> None:
        """Offer all clusters of the cycle together, then each of them."""
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["cluster"]
        each = [(str(cluster.pk), cluster.name) for cluster in clusters]
        choices.choices = [("", "Tất cả các cụm, khối trong kỳ"), *each]
        choices.needed_later = True  # empty is a choice: all of them

    def clean(self) -> dict[str, Any]:
        """Ask for a number or a per cent, exactly one of them."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "max_count" in data and "max_percent" in data:
            count, percent = data["max_count"], data["max_percent"]
            if (count is None) == (percent is None):
                self.add_error("max_count", "Ghi số lượng hoặc tỷ lệ, chỉ một trong hai.")
            elif percent is not None and percent <= 0:
                self.add_error("max_percent", "Tỷ lệ phải lớn hơn 0.")
        return data

    @property
    def plan(self) -> QuotaPlan:
        """Return what the operation writes."""
        data = self.cleaned_data
        return QuotaPlan(
            title=data["title"],
            order=data["order"],
            cluster_id=data["cluster"],
            max_count=data["max_count"],
            max_percent=data["max_percent"],
            percent_of=data["percent_of"],
            leaders_only=data["leaders_only"],
        )


def start_of(quota: AwardQuota) -> dict[str, Any]:
    """Return what the form of a stored quota starts from."""
    names = ("title", "order", "max_count", "max_percent", "percent_of", "leaders_only")
    return {name: getattr(quota, name) for name in names} | {
        "cluster": str(quota.cluster_id or ""), "seen": str(quota.revision),
    }  # fmt: skip
