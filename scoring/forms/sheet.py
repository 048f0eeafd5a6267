"""Forms of the score sheet: the grid of claims, one criterion, the explanations.

A grid is hand-made: a Django form for each of ninety criteria costs more than the whole page. Every
figure is read by the same input (`scoring.forms.figure`) and refused with the same sentences.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from core.forms import DecideForm, IdempotentForm, ReasonField, VnCharField, VnTextField
from core.policy import Conflict
from core.text import nfc
from scoring.engine import Leaf, Table
from scoring.figures import question_about
from scoring.forms.figure import FigureForm, FigureInput, Typed, read_figure, trace_of
from scoring.models import ScoreLine
from scoring.queries.sheet import line_mark
from scoring.workflow.sheet import LineInput

#: Longest note beside a figure, in characters.
NOTE = 4000


class ClaimForm(IdempotentForm):
    """What a unit claims on a sheet; only criteria that were touched are saved.

    A criterion comes as ``f-<line>`` (the figure's controls, see `FigureInput`), ``n-<line>`` (the
    note) and ``c-<line>`` (mark of the line, and trace of what was shown). ``giu=<line>`` leaves a
    disputed one as it stands, ``thay=<line>`` overwrites it (``m-<line>`` has the mark of now).
    """

    def __init__(
        self,
        *args: Any,
        table: Table,
        leaves: Mapping[str, Leaf],
        lines: Iterable[ScoreLine],
        **kwargs: Any,
    ) -> None:
        """Take the lines of the sheet."""
        super().__init__(*args, **kwargs)
        self.table = table
        self.lines = {line.pk: line for line in lines}
        self.inputs = {
            pk: FigureInput(leaves[line.criterion.code], line.basis, f"f-{pk}")
            for pk, line in self.lines.items()
        }
        self.claims: list[LineInput] = []
        #: What is wrong with a criterion, by line.
        self.faults: dict[int, str] = {}

    @property
    def asked(self) -> list[int]:
        """Return the lines whose controls were sent."""
        return [pk for pk, one in self.inputs.items() if self.is_bound and one.was_sent(self.data)]

    def typed(self, pk: int) -> Typed:
        """Return what was typed into the controls of a figure."""
        return self.inputs[pk].typed(self.data)

    def note(self, pk: int) -> str:
        """Return what was typed beside a figure."""
        return nfc(str(self.data.get(f"n-{pk}", "")))

    def shown(self, line: ScoreLine) -> Typed:
        """Return the claim that stands as the controls show it."""
        return self.inputs[line.pk].shown(line.claimed)

    def served(self, line: ScoreLine) -> str:
        """Return what the page sends back with a criterion: mark of the line, trace of the page."""
        return f"{line_mark(line)}:{trace_of((*self.shown(line), line.claim_note))}"

    def clean(self) -> dict[str, Any]:
        """Read the criteria that were touched; name each that cannot be read."""
        data: dict[str, Any] = super().clean() or {}
        for pk in self.asked:
            try:
                self._read(pk)
            except ValidationError as fault:
                self.faults[pk] = str(fault.messages[0])
                self.add_error(None, self.named(pk))
        return data

    def named(self, pk: int) -> str:
        """Say which criterion a fault is about."""
        fault = self.faults[pk]
        return f"{self.lines[pk].criterion.code}: {fault[:1].lower()}{fault[1:]}"

    def _read(self, pk: int) -> None:
        line, typed = self.lines[pk], self.typed(pk)
        mark, _, trace = str(self.data.get(f"c-{pk}", "")).partition(":")
        overwrites = self.data.get("thay") == str(pk)
        raw_note = self.note(pk).replace("\r\n", "\n").strip()
        if self.data.get("giu") == str(pk):
            return
        if not overwrites and trace == trace_of((*typed, raw_note)):
            return  # not touched, whoever else has changed it meanwhile
        mark = str(self.data.get(f"m-{pk}", "")) if overwrites else mark
        note = VnTextField(required=False, max_length=NOTE).clean(raw_note)
        figure = read_figure(self.table, self.inputs[pk], typed)
        if figure == (line.claimed or {}) and note == line.claim_note:
            return  # stored already: the answer to the first sending was lost
        question = question_about(line.basis, figure)
        if question and not note:
            raise ValidationError(question)
        self.claims.append(LineInput(pk, figure, note, mark))

    def disputed(self) -> dict[int, str]:
        """Return what stands now on lines that somebody else has changed: line → words."""
        conflict: Conflict | None = getattr(self, "conflict", None)
        current = conflict.current if conflict else {}
        return {int(key.removeprefix("figure-")): str(said) for key, said in current.items()}

    def sentences(self) -> list[tuple[str, str]]:
        """Return (id of the field or nothing, sentence) for the summary of errors."""
        if not self.is_bound:
            return []
        told = [(f"id_{self.inputs[pk].names[0]}", self.named(pk)) for pk in self.faults]
        own = {sentence for _, sentence in told}
        return told + [("", str(e)) for e in self.non_field_errors() if str(e) not in own]


class LineForm(FigureForm):
    """One criterion of the own sheet: figure, note, mark; evidence stands in a form beside it."""

    def __init__(
        self, *args: Any, line: ScoreLine, table: Table, leaf: Leaf, **kwargs: Any
    ) -> None:
        """Show what is claimed now."""
        kwargs["initial"] = {
            "figure": line.claimed, "reason": line.claim_note, "seen": line_mark(line),
        }  # fmt: skip
        super().__init__(*args, table=table, leaf=leaf, basis=line.basis, **kwargs)
        self.line = line
        unit = line.criterion.unit_of_measure
        self.fields["figure"].label = f"Kết quả tự chấm{f' ({unit})' if unit else ''}"
        self.fields["reason"].help_text = "Cách tính, nguồn số liệu, lý do khác số đã chấp nhận."

    def clean(self) -> dict[str, Any]:
        """Ask for a sentence where the claim says otherwise than pledge and progress."""
        data: dict[str, Any] = super().clean() or {}
        if "figure" in data and not data.get("reason"):
            question = question_about(self.line.basis, data["figure"])
            if question:
                self.add_error("reason", f"{self.line.criterion.code}: {question}")
        return data

    def claim(self, evidence: tuple[int, ...] | None) -> LineInput:
        """Return the claim as the workflow takes it; None leaves the files as they are."""
        data = self.cleaned_data
        return LineInput(self.line.pk, data["figure"], data["reason"], data["seen"], evidence)


class ExplainForm(IdempotentForm):
    """The explanations of a unit, one text beside each line that was scored differently."""

    def __init__(self, *args: Any, lines: Iterable[ScoreLine], **kwargs: Any) -> None:
        """Give every line a text and the mark it was read with."""
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[f"g-{line.pk}"] = VnTextField(
                label=f"Giải trình {line.criterion.code}", required=False, max_length=NOTE,
                initial=line.explanation,
            )  # fmt: skip
            self.fields[f"c-{line.pk}"] = VnCharField(required=False, max_length=64)

    def told(self) -> list[tuple[ScoreLine, str, str]]:
        """Return (line, text, mark) of the explanations that were changed."""
        data = self.cleaned_data
        return [
            (line, data[f"g-{line.pk}"], data[f"c-{line.pk}"])
            for line in self.lines
            if f"g-{line.pk}" in self.data and data[f"g-{line.pk}"] != line.explanation
        ]


class FinishForm(DecideForm):
    """Send the explanations on; who does it for a silent unit says why."""

    reason = ReasonField(label="Lý do kết thúc thay đơn vị")

    def __init__(self, *args: Any, asks_why: bool, **kwargs: Any) -> None:
        """Ask the organiser alone."""
        super().__init__(*args, **kwargs)
        if not asks_why:
            del self.fields["reason"]
