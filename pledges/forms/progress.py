"""Forms of progress: the grid of a period, one cell with its note, returning, correcting.

A grid is hand-made: a Django form for each of 80 cells costs more than the whole page. The cells
are read by the same field (`FIGURE`) and refused with the same sentences.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.forms import (
    DecideForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnDecimalField,
    VnTextField,
)
from core.policy import Conflict
from core.text import nfc
from pledges.models import ProgressEntry, Target
from pledges.queries.progress import entry_mark

#: What `workflow.progress.CellInput` or `Finding` is made of.
Facts = dict[str, Any]
#: Digits in all and behind the comma that a figure may have.
DIGITS, PLACES = 18, 4


def figure_field(**kwargs: Any) -> VnDecimalField:
    """Return the field of a figure: never negative, at most 14 digits before the comma."""
    options = {"label": "Kết quả", "required": False, "max_digits": DIGITS, **kwargs}
    return VnDecimalField(decimal_places=PLACES, **options)


FIGURE = figure_field()


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the grid as it stands: its target, what it shows, the report's own entry."""

    target: Target
    number: int
    shown: ProgressEntry | None
    own: ProgressEntry | None
    #: What the input shows now, as written.
    value: str


class GridForm(IdempotentForm):
    """The figures of one period; only cells that were touched are saved.

    A cell comes as ``o-<target>`` (what was typed) and ``c-<target>`` (mark and text as served).
    ``giu=<target>`` leaves a disputed cell as it stands, ``thay=<target>`` overwrites it.
    """

    narrative = VnTextField(
        label="Tình hình chung của kỳ", required=False, max_length=20_000,
        help_text="Kết quả nổi bật, khó khăn, kiến nghị.",
    )  # fmt: skip
    reason = VnTextField(label="Lý do đính chính", required=False, max_length=2000)

    def __init__(self, *args: Any, places: Iterable[Place], part: int, **kwargs: Any) -> None:
        """Take the cells of the report; only a further part asks why."""
        super().__init__(*args, **kwargs)
        self.places = {place.target.pk: place for place in places}
        self.cells: list[Facts] = []
        #: What is wrong with a cell, by target.
        self.faults: dict[int, str] = {}
        if part == 1:
            del self.fields["reason"]
        else:
            del self.fields["narrative"]

    @property
    def asked(self) -> set[int]:
        """Return the targets whose cells were sent."""
        return {pk for pk in self.places if f"o-{pk}" in self.data}

    def typed(self, pk: int) -> str:
        """Return what was typed into a cell."""
        return nfc(str(self.data.get(f"o-{pk}", "")))

    def clean(self) -> dict[str, Any]:
        """Read the cells that were touched; name each that cannot be read."""
        data: dict[str, Any] = super().clean() or {}
        for pk in self.places:
            if pk in self.asked:
                self._read(self.places[pk])
        for pk, fault in self.faults.items():
            self.add_error(None, self.named(pk, fault))
        if "reason" in self.fields and self.cells and not data.get("reason"):
            self.add_error("reason", "Nêu lý do đính chính số liệu đã được chấp nhận.")
        return data

    def named(self, pk: int, fault: str) -> str:
        """Say which target a fault is about."""
        return f"Chỉ tiêu {self.places[pk].number}: {fault}"

    def _read(self, place: Place) -> None:
        pk = place.target.pk
        typed = self.typed(pk).strip()
        mark, _, served = str(self.data.get(f"c-{pk}", "")).partition(":")
        if typed == served and self.data.get("thay") != str(pk):
            return  # not touched, whoever else has changed it meanwhile
        if self.data.get("giu") == str(pk):
            return
        if self.data.get("thay") == str(pk):
            mark = str(self.data.get(f"n-{pk}", ""))
        try:
            value = FIGURE.clean(typed)
        except ValidationError as fault:
            self.faults[pk] = str(fault.messages[0])
            return
        own = place.own
        if own is not None and own.value == value:
            return  # stored already: the answer to the first sending was lost
        note = place.shown.note if place.shown else ""
        self.cells.append({"target_id": pk, "value": value, "note": note, "seen": mark})

    def inputs(self) -> list[Facts]:
        """Return the cells as the workflow takes them."""
        reason = self.cleaned_data.get("reason", "")
        return [cell | {"reason": reason} for cell in self.cells]

    def disputed(self) -> set[int]:
        """Return the targets whose cells somebody else has changed."""
        conflict: Conflict | None = getattr(self, "conflict", None)
        names = conflict.current if conflict else {}
        return {int(name.removeprefix("cell-")) for name in names}

    def sentences(self) -> list[tuple[str, str]]:
        """Return (id of the field or nothing, sentence) for the summary of errors."""
        if not self.is_bound:
            return []
        told = [(f"o-{pk}", self.named(pk, fault)) for pk, fault in self.faults.items()]
        own = {sentence for _, sentence in told}
        told += [("", str(e)) for e in self.non_field_errors() if str(e) not in own]
        told += [(f"id_{n}", str(e)) for n in self.fields for e in self.errors.get(n, [])]
        return told


class CellForm(IdempotentForm):
    """One cell with everything that belongs to it: figure or words, note, reason, mark."""

    value = figure_field()
    text = VnTextField(label="Kết quả", required=False)
    note = VnTextField(
        label="Thuyết minh", required=False, max_length=4000,
        help_text="Giải thích số liệu, hoặc trả lời điều bị trả lại.",
    )  # fmt: skip
    reason = ReasonField(label="Lý do đính chính", max_length=2000)
    seen = VnCharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, place: Place, part: int, period: str, **kwargs: Any) -> None:
        """Ask for a figure or for words, and for a reason only where one is needed."""
        shown, own = place.shown, place.own
        kwargs["initial"] = {
            "value": shown.value if shown else None,
            "text": shown.text if shown else "",
            "note": shown.note if shown else "",
            "reason": own.reason if own else "",
            "seen": entry_mark(own),
        }
        super().__init__(*args, **kwargs)
        is_numeric = place.target.kind == Target.Kind.NUMERIC
        del self.fields["text" if is_numeric else "value"]
        if part == 1:
            del self.fields["reason"]
        self.place = place
        self.fields["value" if is_numeric else "text"].label = f"Kết quả {period}"
        if is_numeric:
            field = self.fields["value"]
            field.unit = place.target.unit_of_measure  # type: ignore[attr-defined]
            field.widget.attrs["data-unit"] = place.target.unit_of_measure

    def input(self, evidence: tuple[int, ...] | None = None) -> Facts:
        """Return the cell as the workflow takes it; None leaves the files as they are."""
        data = self.cleaned_data
        return {
            "target_id": self.place.target.pk,
            "value": data.get("value"),
            "text": data.get("text", ""),
            "note": data["note"],
            "reason": data.get("reason", ""),
            "seen": data["seen"],
            "evidence": evidence,
        }

    def renew(self, mark: str) -> None:
        """Go on from what stands now, so that saving again is a choice and not a conflict."""
        self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict has it
        self.data["seen"] = mark  # type: ignore[index]


class ReturnForm(DecideForm):
    """Return a report: why, and which cells, each with what has to be mended there."""

    reason = ReasonField(label="Lý do trả lại", max_length=2000)

    def __init__(self, *args: Any, numbers: dict[int, int], **kwargs: Any) -> None:
        """Take the number of each target that may be returned."""
        super().__init__(*args, **kwargs)
        self.numbers = numbers
        self.faults: dict[int, str] = {}

    def chosen(self, pk: int) -> bool:
        """Whether the cell of a target was ticked."""
        return self.is_bound and f"o-{pk}" in self.data

    def why(self, pk: int) -> str:
        """Return what was written beside a cell, as it was typed."""
        return str(self.data.get(f"l-{pk}", "")) if self.is_bound else ""

    def clean(self) -> dict[str, Any]:
        """Ask for a sentence at every cell that is ticked; a sentence ticks its cell."""
        data: dict[str, Any] = super().clean() or {}
        self.findings: list[Facts] = []
        clean = _reader()
        for pk, number in self.numbers.items():
            if not (self.chosen(pk) or self.why(pk).strip()):
                continue
            try:
                self.findings.append({"target_id": pk, "reason": clean(self.why(pk))})
            except ValidationError as fault:
                self.faults[pk] = str(fault.messages[0])
                self.add_error(None, f"Chỉ tiêu {number}: {self.faults[pk]}")
        return data


def _reader() -> Callable[[str], str]:
    """Return what reads the reason beside a cell."""
    field = ReasonField(
        label="Phải sửa gì", max_length=1000,
        error_messages={"required": "Ghi rõ phải sửa gì ở ô này, hoặc bỏ chọn ô."},
    )  # fmt: skip
    return field.clean


class PressForm(DecideForm):
    """A page with one button: nothing but the token and the revision read."""
