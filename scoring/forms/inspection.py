"""What is sent for a cross-inspection: the seed of a drawing, findings, answers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms

from core.forms import (
    DecideForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnDateField,
    VnIntegerField,
    VnTextField,
)
from scoring.models import Criterion, Finding, Inspection
from scoring.queries.inspection import text_mark
from scoring.workflow.inspection import AnswerInput, FindingInput, HeadInput

#: Longest text beside a criterion, in characters.
FOUND = 2000
_NEEDED: Final = "Phải có trước khi gửi biên bản."


class DrawForm(IdempotentForm):
    """What was published at the meeting, how large a team is, until when minutes are due."""

    seed = VnCharField(
        label="Mã bốc thăm", max_length=120,
        help_text=(
            "Ghi đúng mã đã công bố tại hội nghị, ví dụ số do các đơn vị cùng rút: 4-17-29. "
            "Kết quả có ngay khi bấm nút và ghi vào sổ, không xem thử được."
        ),
    )  # fmt: skip
    team_size = VnIntegerField(
        label="Số đơn vị mỗi tổ", min_value=1, initial=1,
        help_text="Mỗi đơn vị do một tổ kiểm tra; đơn vị đầu tiên đứng đầu tổ.",
    )  # fmt: skip
    due_on = VnDateField(label="Hạn gửi biên bản")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        """Take no day that is over."""
        super().__init__(*args, **kwargs)
        self.fields["due_on"].min_value = today  # type: ignore[attr-defined]


class CancelDrawForm(IdempotentForm):
    """Why a drawing no longer holds."""

    draw = VnIntegerField(widget=forms.HiddenInput, required=False)
    reason = ReasonField(label="Lý do hủy", max_length=300)

    @property
    def draw_id(self) -> int:
        """Return the key of the drawing that was shown; 0 where none was."""
        return self.cleaned_data["draw"] or 0


class MinutesForm(IdempotentForm):
    """What a team writes: when, on the whole, and a text beside each criterion it has looked at."""

    inspected_on = VnDateField(label="Ngày kiểm tra", required=False, help_text=_NEEDED)
    summary = VnTextField(
        label="Nhận xét chung",
        required=False,
        help_text=_NEEDED,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = VnCharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self,
        *args: Any,
        row: Inspection,
        leaves: Iterable[Criterion],
        found: Mapping[str, Finding],
        today: date,
        **kwargs: Any,
    ) -> None:
        """Offer a box beside every criterion of the table, with what stands there."""
        head = {"inspected_on": row.inspected_on, "summary": row.summary}
        head["seen"] = text_mark(row.inspected_on, row.summary)
        super().__init__(*args, initial=head, **kwargs)
        self.fields["inspected_on"].max_value = today  # type: ignore[attr-defined]
        self.found = found
        self.codes = [leaf.code for leaf in leaves]
        for code in self.codes:
            text = found[code].text if code in found else ""
            self.fields[f"f-{code}"] = VnTextField(
                label=code, required=False, max_length=FOUND, initial=text,
                widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
            )  # fmt: skip
            self.fields[f"c-{code}"] = VnCharField(
                widget=forms.HiddenInput, required=False, max_length=64, initial=text_mark(text)
            )

    def renew(self, row: Inspection, shown: Mapping[str, str]) -> None:
        """Go on from what stands now where it was shown beside what was typed, and only there."""
        self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict has it
        marks = {
            f"c-{code}": text_mark(self._standing(code))
            for code in self.codes
            if f"f-{code}" in shown
        }
        if "summary" in shown:
            marks["seen"] = text_mark(row.inspected_on, row.summary)
        for name, mark in marks.items():
            self.data[name] = mark  # type: ignore[index]

    def findings(self) -> list[FindingInput]:
        """Return the texts that differ from what stands; an untouched box says nothing."""
        data = self.cleaned_data
        return [
            FindingInput(code, data[f"f-{code}"], data[f"c-{code}"])
            for code in self.codes
            if f"f-{code}" in self.data
            and data[f"f-{code}"] != self._standing(code)
            and text_mark(data[f"f-{code}"]) != data[f"c-{code}"]
        ]

    @property
    def head(self) -> HeadInput | None:
        """Return day and summary as the workflow takes them; None where they were not touched."""
        data = self.cleaned_data
        if text_mark(data["inspected_on"], data["summary"]) == data["seen"]:
            return None
        return HeadInput(data["inspected_on"], data["summary"], data["seen"])

    def box(self, code: str) -> tuple[forms.BoundField, forms.BoundField]:
        """Return the box beside a criterion and its mark."""
        return self[f"f-{code}"], self[f"c-{code}"]

    def _standing(self, code: str) -> str:
        return self.found[code].text if code in self.found else ""


class AnswerForm(DecideForm):
    """The word of the inspected unit on every finding, and on the whole."""

    text = VnTextField(
        label="Ý kiến chung của đơn vị", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, found: Sequence[Finding], **kwargs: Any) -> None:
        """Ask beside every finding; nothing is chosen beforehand."""
        super().__init__(*args, **kwargs)
        self.found = found
        for row in found:
            self.fields[f"answer-{row.pk}"] = forms.ChoiceField(
                label=row.criterion.code, choices=Finding.Answer.choices,
                widget=forms.RadioSelect,
                error_messages={
                    "required": f"{row.criterion.code}: chọn thống nhất hoặc không thống nhất."
                },
            )  # fmt: skip
            self.fields[f"reason-{row.pk}"] = VnTextField(
                label=f"{row.criterion.code}: lý do không thống nhất", required=False,
                max_length=FOUND, widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for the reason beside every disagreement, all at once."""
        data = super().clean() or self.cleaned_data
        for row in self.found:
            disagrees = data.get(f"answer-{row.pk}") == Finding.Answer.DISAGREED
            if disagrees and not data.get(f"reason-{row.pk}"):
                self.add_error(
                    f"reason-{row.pk}", f"{row.criterion.code}: nêu lý do không thống nhất."
                )
        return data

    @property
    def answers(self) -> dict[int, AnswerInput]:
        """Return what the workflow takes, by the key of the finding."""
        data = self.cleaned_data
        return {
            row.pk: AnswerInput(
                data[f"answer-{row.pk}"] == Finding.Answer.AGREED, data[f"reason-{row.pk}"]
            )
            for row in self.found
        }

    def rows(self) -> list[tuple[Finding, forms.BoundField, forms.BoundField]]:
        """Return each finding with its choice and its reason."""
        return [(row, self[f"answer-{row.pk}"], self[f"reason-{row.pk}"]) for row in self.found]
