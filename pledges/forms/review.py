"""Forms of the reviews: freezing the figures, writing a report, returning one.

A report is written under many headings at once. Each place carries the mark of what was served
there; only a place that was touched is saved, so that two people can write one report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from core.forms import (
    DecideForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnDateField,
    VnDecimalField,
    VnTextField,
)
from core.policy import Conflict
from core.text import clip
from pledges.models import Review, ReviewKind, Target, UnmetTarget
from pledges.queries.review import section_mark, unmet_mark

Facts = dict[str, Any]
_HUNDRED = Decimal(100)


class OpeningForm(IdempotentForm):
    """Freeze the figures: up to when, when the reports are due, against which milestone."""

    until = VnDateField(
        label="Số liệu đến hết ngày",
        help_text="Lấy số liệu đã chấp nhận của các kỳ kết thúc không muộn hơn ngày này.",
    )
    due_on = VnDateField(
        label="Hạn nộp báo cáo",
        help_text="Báo cáo nộp sau ngày này vẫn được nhận và ghi số ngày chậm.",
    )
    share = VnDecimalField(
        label="Mốc so sánh của chỉ tiêu cộng dồn",
        max_value=100,
        decimal_places=2,
        unit="% mức cả năm",
        help_text="Phần của mức cả năm phải đạt đến ngày chốt, tính bằng %.",
    )
    proportional = forms.MultipleChoiceField(
        label="Chỉ tiêu theo kế hoạch năm",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "Chỉ tiêu tỷ lệ, bình quân thường so với cả mức. Chọn chỉ tiêu nào tăng dần theo kế "
            "hoạch năm thì so với mốc như chỉ tiêu cộng dồn."
        ),
    )

    not_due = forms.MultipleChoiceField(
        label="Chỉ tiêu chưa đến kỳ đánh giá",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "Chọn chỉ tiêu chỉ thực hiện vào những tháng còn lại của năm, ví dụ ngày hội tháng 11; "
            "báo cáo ghi “Chưa đến kỳ đánh giá” và không tính là chưa đạt."
        ),
    )

    def __init__(
        self,
        *args: Any,
        kind: ReviewKind,
        first: date,
        today: date,
        targets: Iterable[Target] = (),
        **kwargs: Any,
    ) -> None:
        """Take days of the cycle only; the year's end is held to the whole level."""
        super().__init__(*args, **kwargs)
        until, due = self.fields["until"], self.fields["due_on"]
        until.min_value, until.max_value = first, today  # type: ignore[attr-defined]
        due.min_value = first  # type: ignore[attr-defined]
        if kind is ReviewKind.YEAREND:
            del self.fields["share"]
        rows = [] if kind is ReviewKind.YEAREND else list(targets)
        self._offer("proportional", [row for row in rows if row.aggregation != "SUM"])
        self._offer("not_due", rows)

    def _offer(self, name: str, rows: list[Target]) -> None:
        """Offer targets to choose from; without any the question is not asked."""
        if rows:
            choices = [(row.key, clip(row.text, 140)) for row in rows]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    @property
    def values(self) -> Facts:
        """Return what `workflow.review.Opening` is made of, without the kind."""
        data = self.cleaned_data
        share: Decimal = data.get("share", _HUNDRED)
        return {
            "until": data["until"],
            "due_on": data["due_on"],
            "share": share / _HUNDRED,
            "proportional": frozenset(data.get("proportional", ())),
            "not_due": frozenset(data.get("not_due", ())),
        }


@dataclass(frozen=True, slots=True)
class Written:
    """A heading one writes under, with the names of its fields."""

    place: int
    key: str
    heading: str
    guidance: str

    @property
    def name(self) -> str:
        """Return the name of the text area."""
        return f"s{self.place}"

    @property
    def mark(self) -> str:
        """Return the name of the hidden mark."""
        return f"m{self.place}"


#: Fields of an unmet target: name in the workflow → letter in the names of the form.
UNMET_NAMES = {"cause": "c", "measure": "b", "responsible": "r", "due_on": "d"}
#: Letter of the hidden mark of an unmet target.
_MARK = "u"


class NeededTextField(VnTextField):
    """A text that may be saved empty but must be there when the report is submitted."""

    #: The label says neither "(bắt buộc)" nor "(không bắt buộc)".
    needed_later = True

    def __init__(self, **kwargs: Any) -> None:
        """Take a draft without it."""
        super().__init__(required=False, **kwargs)


def _answer_field(label: str) -> NeededTextField:
    return NeededTextField(label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


def _mark_field() -> VnCharField:
    return VnCharField(required=False, widget=forms.HiddenInput, max_length=64)


class ReportForm(IdempotentForm):
    """The whole report: a text for each heading, four answers for each unmet target."""

    def __init__(
        self, *args: Any, review: Review, unmet: Iterable[UnmetTarget], **kwargs: Any
    ) -> None:
        """Make the fields of this report's outline and of its unmet targets."""
        super().__init__(*args, **kwargs)
        self.review = review
        self.written = [
            Written(place, row["key"], row["heading"], row["guidance"])
            for place, row in enumerate(review.outline)
            if row["is_written"]
        ]
        self.unmet = {row.pk: row for row in unmet}
        for part in self.written:
            self._add_section(part)
        for row in self.unmet.values():
            self._add_unmet(row)

    def _add_section(self, part: Written) -> None:
        text = self.review.sections.get(part.key, "")
        rows = min(18, max(5, text.count("\n") + 2))
        self.fields[part.name] = NeededTextField(
            label=part.heading,
            initial=text,
            help_text=part.guidance,
            widget=forms.Textarea(attrs={"rows": rows}),
        )
        self.fields[part.mark] = _mark_field()
        self.fields[part.mark].initial = section_mark(text)

    def _add_unmet(self, row: UnmetTarget) -> None:
        made: dict[str, forms.Field] = {
            "cause": _answer_field("Nguyên nhân"),
            "measure": _answer_field("Biện pháp"),
            "responsible": VnCharField(
                label="Người, bộ phận chịu trách nhiệm", max_length=200, required=False
            ),
            "due_on": VnDateField(label="Thời hạn", required=False),
        }
        for name, field in made.items():
            field.initial = getattr(row, name)
            self.fields[f"{UNMET_NAMES[name]}{row.pk}"] = field
        mark = _mark_field()
        mark.initial = unmet_mark(row)
        self.fields[f"{_MARK}{row.pk}"] = mark

    # What is saved ---------------------------------------------------------------------------
    def sections(self) -> dict[str, tuple[str, str]]:
        """Return heading → (text, mark that was read) of what was touched."""
        found = {}
        for part in self.written:
            if part.name not in self.data:
                continue
            text, seen = self.cleaned_data[part.name], self.cleaned_data[part.mark]
            if section_mark(text) != seen:
                found[part.key] = (text, seen)
        return found

    def answers(self) -> list[Facts]:
        """Return what `workflow.review.UnmetInput` is made of, for each target touched."""
        found = []
        for pk in self.unmet:
            if f"{UNMET_NAMES['cause']}{pk}" not in self.data:
                continue
            facts = {name: self.cleaned_data[f"{x}{pk}"] for name, x in UNMET_NAMES.items()}
            seen = self.cleaned_data[f"{_MARK}{pk}"]
            if unmet_mark(UnmetTarget(**facts)) != seen:
                found.append({"unmet_id": pk, "seen": seen, **facts})
        return found

    # Conflicts -------------------------------------------------------------------------------
    def disputed(self) -> dict[str, str]:
        """Return name of a field → what somebody else stored there."""
        conflict: Conflict | None = getattr(self, "conflict", None)
        if conflict is None:
            return {}
        names = {part.key: part.name for part in self.written}
        for pk in self.unmet:
            names |= {f"unmet-{pk}-{name}": f"{x}{pk}" for name, x in UNMET_NAMES.items()}
        return {names[key]: text for key, text in conflict.current.items() if key in names}

    def marks(self, review: Review, unmet: Iterable[UnmetTarget]) -> dict[str, str]:
        """Return the marks of what stands now at the places that were sent."""
        found = {p.mark: section_mark(review.sections.get(p.key, "")) for p in self.written}
        found |= {f"{_MARK}{row.pk}": unmet_mark(row) for row in unmet}
        return {name: mark for name, mark in found.items() if name in self.data}

    def renew_disputed(self, marks: dict[str, str]) -> None:
        """Go on from what stands now where somebody else wrote; other marks stay as read.

        A place that was not touched keeps its old mark: its old text must not pass for typed.
        """
        disputed = self.disputed()
        places = {part.name: part.mark for part in self.written}
        for pk in self.unmet:
            places |= {f"{x}{pk}": f"{_MARK}{pk}" for x in UNMET_NAMES.values()}
        self.renew({places[name]: marks[places[name]] for name in disputed})

    def renew(self, marks: dict[str, str]) -> None:
        """Send these marks back the next time."""
        self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict has it
        for name, mark in marks.items():
            self.data[name] = mark  # type: ignore[index]

    def take(self, name: str, text: str) -> None:
        """Put an assembled text behind what was typed; it is shown, not saved."""
        typed = str(self.data.get(name, "")).rstrip()
        self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict has it
        self.data[name] = f"{typed}\n\n{text}" if typed else text  # type: ignore[index]


class ReturnReviewForm(DecideForm):
    """Return a report with the reason."""

    reason = ReasonField(label="Lý do trả lại")
