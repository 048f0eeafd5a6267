"""What a unit writes in an objection, and what the organiser decides on it."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from core.forms import DecideForm, ReasonField, VnCharField, VnTextField
from scoring.engine import Leaf, Table
from scoring.figures import Figure
from scoring.forms.figure import FigureField
from scoring.models import ScoreLine
from scoring.queries.sheet import line_mark
from scoring.workflow.objection import Plea, Ruling

#: Longest text of an objection, in characters: two printed pages.
TEXT: Final = 6000
ACCEPT, REJECT = "chap-nhan", "khong-chap-nhan"


def _figure_field(
    line: ScoreLine, table: Table, leaves: Mapping[str, Leaf], **kwargs: Any
) -> FigureField:
    leaf = leaves[line.criterion.code]
    return FigureField(table=table, leaf=leaf, basis=line.basis, **kwargs)


class PleaForm(DecideForm):
    """What is wrong with the result, and for a criterion the figure that is asked for."""

    text = VnTextField(
        label="Nội dung kiến nghị",
        max_length=TEXT,
        help_text="Điểm nào chưa đúng, vì sao, căn cứ vào đâu.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(
        self,
        *args: Any,
        line: ScoreLine | None,
        table: Table | None,
        leaves: Mapping[str, Leaf],
        **kwargs: Any,
    ) -> None:
        """Ask for a figure where the objection is about a criterion."""
        super().__init__(*args, **kwargs)
        if line is not None and table is not None:
            self.fields["figure"] = _figure_field(
                line, table, leaves, label="Số đề nghị",
                help_text="Bỏ trống thì do cơ quan thường trực quyết định.",
            )  # fmt: skip
            self.order_fields(["figure", "text", "seen", "token"])

    def plea(self, evidence: tuple[int, ...] | None) -> Plea:
        """Return what the workflow takes; None leaves the files as they are."""
        data = self.cleaned_data
        asked: Figure | None = data.get("figure") or None
        return Plea(data["text"], asked, evidence)


class RulingForm(DecideForm):
    """Accept or not, the reason, and for an accepted criterion the new final figure."""

    decision = forms.ChoiceField(
        label="Quyết định",
        choices=[(ACCEPT, "Chấp nhận"), (REJECT, "Không chấp nhận")],
        widget=forms.RadioSelect,
        error_messages={"required": "Chọn Chấp nhận hoặc Không chấp nhận."},
    )
    reason = ReasonField(
        label="Quyết định, lý do",
        max_length=4000,
        help_text="Đơn vị đọc nguyên văn; in trong phiếu đã duyệt nếu số thay đổi.",
    )
    mark = VnCharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        *args: Any,
        line: ScoreLine | None,
        table: Table | None,
        leaves: Mapping[str, Leaf],
        **kwargs: Any,
    ) -> None:
        """Ask for the figure of the line; what the unit asks for stands there to start from."""
        if line is not None:
            kwargs["initial"] = {"mark": line_mark(line), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        if line is not None and table is not None:
            self.fields["figure"] = _figure_field(
                line, table, leaves, label="Số chính thức theo quyết định",
                help_text="Ghi khi chấp nhận. Điểm chỉ đổi sau khi chạy phiên chấm mới.",
            )  # fmt: skip
            self.order_fields(["decision", "figure", "reason", "mark", "seen", "token"])

    @property
    def accepts(self) -> bool:
        """Whether the decision is for the unit."""
        return bool(self.cleaned_data.get("decision") == ACCEPT)

    def clean(self) -> dict[str, Any]:
        """Ask for the figure only where the objection is accepted."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("decision") == REJECT:
            self.errors.pop("figure", None)
        elif self.accepts and "figure" in self.fields and data.get("figure") == {}:
            self.add_error("figure", "Nhập số chính thức theo quyết định.")
        return data

    @property
    def ruling(self) -> Ruling:
        """Return what the workflow takes."""
        data = self.cleaned_data
        return Ruling(data["reason"], data.get("figure") or None, data["mark"])

    def follow(self, line: ScoreLine | None, revision: int) -> None:
        """Go on from what stands now, after it was shown."""
        self.renew(revision)
        if line is not None:
            self.data["mark"] = line_mark(line)  # type: ignore[index]
