"""What is sent while a sheet is appraised: one decision, several at once, a return, an approval."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from clusters.models import Unit
from core.forms import (
    DecideForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnTextField,
)
from scoring.figures import Figure
from scoring.forms.figure import FigureForm
from scoring.models import ScoreLine
from scoring.queries.docket import Stage
from scoring.queries.sheet import line_mark
from scoring.workflow.sheet import LineInput, LineReturn

#: The button that takes over the figure as it came.
AGREE: Final = "dong-y"
_REASON_LABELS: Final = {
    Stage.FIRST: "Lý do chênh lệch",
    Stage.SECOND: "Lý do chênh lệch",
    Stage.SETTLING: "Quyết định, lý do điều chỉnh",
}
_REASON_LENGTH: Final = 300


class DecisionForm(FigureForm):
    """A decision on one line: the button that agrees, or another figure with its reason."""

    def __init__(self, *args: Any, line: ScoreLine, stage: Stage, **kwargs: Any) -> None:
        """Show what was decided before; nothing that nobody decided."""
        self.line, self.stage = line, stage
        decided = stage.decided(line)
        is_settling = stage is Stage.SETTLING
        kwargs["initial"] = {
            "figure": decided,
            "reason": "" if is_settling else stage.reason(line),
            "seen": line_mark(line),
        }
        super().__init__(*args, basis=line.basis, **kwargs)
        self.fields["reason"] = VnTextField(
            label=_REASON_LABELS[stage],
            required=is_settling,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
            error_messages={"required": "Nêu quyết định, lý do điều chỉnh."},
        )
        # Shown as one that is asked for: `clean` takes an empty box only together with agreement.
        self.fields["figure"].required = True
        self.fields["figure"].label = self._figure_label()
        self.order_fields(["figure", "reason", "seen", "token"])

    def _figure_label(self) -> str:
        if self.stage is Stage.SETTLING:
            return "Số chính thức"
        is_points = self.fields["figure"].input.key == "points"  # type: ignore[attr-defined]
        return "Điểm thẩm định" if is_points else "Kết quả thẩm định"

    @property
    def agrees(self) -> bool:
        """Whether the button that agrees was pressed."""
        return self.data.get("viec") == AGREE and self.stage is not Stage.SETTLING

    def clean(self) -> dict[str, Any]:
        """Take no empty box for a decision, and no agreement beside another figure."""
        data = super().clean() or self.cleaned_data
        if "figure" not in data:
            return data
        figure, came = data["figure"], self.stage.held_against(self.line)
        if self.agrees and figure not in ({}, came, self.stage.decided(self.line)):
            self.add_error(
                "figure",
                "Bạn đã nhập số khác. Bấm “Ghi” để ghi số đó, hoặc xóa ô số rồi đồng ý.",
            )
        elif not self.agrees and not figure:
            self.add_error("figure", "Chưa nhập số. Nhập số, hoặc bấm “Đồng ý” với số đơn vị nêu.")
        return data

    @property
    def decision(self) -> LineInput:
        """Return what the workflow takes."""
        data = self.cleaned_data
        figure: Figure = self.stage.held_against(self.line) if self.agrees else data["figure"]
        return LineInput(self.line.pk, figure, data["reason"], data["seen"])


class GroupForm(IdempotentForm):
    """Agreement with several lines after they were seen, each with its mark."""

    def __init__(self, *args: Any, lines: Sequence[ScoreLine], **kwargs: Any) -> None:
        """Ask for a tick beside every line nobody decided, or that the page which was sent had."""
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[f"line-{line.pk}"] = forms.BooleanField(
                label=line.criterion.code, required=False, initial=True
            )
            self.fields[f"seen-{line.pk}"] = VnCharField(
                widget=forms.HiddenInput, required=False, initial=line_mark(line), max_length=64
            )

    def clean(self) -> dict[str, Any]:
        """Refuse an agreement with nothing."""
        data = super().clean() or self.cleaned_data
        if not any(data.get(f"line-{line.pk}") for line in self.lines):
            raise ValidationError("Chưa chọn tiêu chí nào.")
        return data

    def decisions(self, stage: Stage) -> list[LineInput]:
        """Return what the workflow takes: each ticked line as it came."""
        data = self.cleaned_data
        return [
            LineInput(line.pk, stage.held_against(line), "", data[f"seen-{line.pk}"])
            for line in self.lines
            if data[f"line-{line.pk}"]
        ]

    def rows(self) -> Iterable[tuple[ScoreLine, forms.BoundField, forms.BoundField]]:
        """Return each line with its tick and its mark."""
        return [(line, self[f"line-{line.pk}"], self[f"seen-{line.pk}"]) for line in self.lines]


class ReturnForm(DecideForm):
    """Lines that go back to the unit: those beside which something is written."""

    reason = ReasonField(
        label="Lý do chung", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )

    def __init__(self, *args: Any, lines: Sequence[ScoreLine], **kwargs: Any) -> None:
        """Offer a box for every line."""
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[f"line-{line.pk}"] = VnCharField(
                label=f"{line.criterion.code}: phải sửa gì",
                required=False,
                max_length=_REASON_LENGTH,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a return of nothing."""
        data = super().clean() or self.cleaned_data
        wrong = any(name.startswith("line-") for name in self.errors)
        if not wrong and not self.returned(data):
            raise ValidationError("Nêu phải sửa gì ở ít nhất một tiêu chí.")
        return data

    def returned(self, data: dict[str, Any] | None = None) -> list[LineReturn]:
        """Return what the workflow takes."""
        found = self.cleaned_data if data is None else data
        return [
            LineReturn(line.pk, found[f"line-{line.pk}"])
            for line in self.lines
            if found.get(f"line-{line.pk}")
        ]

    def box(self, line: ScoreLine) -> forms.BoundField:
        """Return the box of a line."""
        return self[f"line-{line.pk}"]


class ReopenForm(IdempotentForm):
    """Why an approved sheet is taken up again."""

    reason = ReasonField(label="Lý do mở lại")


#: Kinds of reasons, as laws and regulations name them; no particulars of persons (domain.md §7).
VETO_REASONS: Final = (
    "Có tập thể, cá nhân đang bị xem xét kỷ luật hoặc chưa hết thời hạn kỷ luật",
    "Có vụ việc tham nhũng, tiêu cực",
    "Để xảy ra vụ việc nghiêm trọng thuộc diện không xét",
    "Gian dối trong kê khai, hồ sơ thi đua",
    "Không đăng ký, không ký giao ước thi đua",
    "Đơn vị giải thể hoặc sáp nhập trong năm",
)
OTHER: Final = "khac"


class VetoForm(IdempotentForm):
    """Which unit is not considered this year, and the kind of the reason."""

    unit = forms.TypedChoiceField(label="Đơn vị", coerce=int)
    kind = forms.ChoiceField(
        label="Loại việc",
        choices=[
            ("", "Chọn loại việc"),
            *((r, r) for r in VETO_REASONS),
            (OTHER, "Loại việc khác"),
        ],
    )
    other = VnCharField(
        label="Tên loại việc khác",
        help_text="Ghi khi chọn “Loại việc khác”. Chỉ nêu loại việc, không nêu danh tính.",
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        """Offer the members of the year."""
        super().__init__(*args, **kwargs)
        choices = [(str(unit.pk), unit.short_name) for unit in units]
        self.fields["unit"].choices = [("", "Chọn đơn vị"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for words where no kind fits."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") == OTHER and not data.get("other") and "other" not in self.errors:
            self.add_error("other", "Chưa nêu loại việc.")
        return data

    @property
    def reason(self) -> str:
        """Return the kind of the reason in words."""
        data = self.cleaned_data
        return str(data["other"] if data["kind"] == OTHER else data["kind"])


class LiftForm(IdempotentForm):
    """Why a unit is considered after all."""

    reason = ReasonField(label="Lý do bỏ", max_length=300)
