"""The input of a figure: what a rule kind asks for, read and refused with what is allowed.

The grid of a sheet has ninety of them, so `FigureInput` works on plain strings without a Django
form; `FigureField` is the same input as a field of a form, for pages with one criterion. A target
is never among the inputs: it comes from the signed pledge.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.canonical import plain, sha256_of
from core.forms import IdempotentForm, VnCharField, VnDecimalField, VnIntegerField, VnTextField
from core.text import format_number, nfc
from scoring.engine import Leaf, Role, Table
from scoring.figures import OWN, Figure, fault_of, is_not_assigned

#: What stands for yes and no in the list of a `pass_fail` leaf.
YES, NO = "dat", "khong-dat"
#: What a ticked "Không giao" sends.
TICKED: Final = "1"
#: Digits in all and behind the comma that a result may have, as in progress.
_DIGITS, _PLACES = 18, 4
_COUNT_DIGITS: Final = 9
_MOST_RANKS: Final = 50
_BETWEEN_RANKS: Final = re.compile(r"[\s,;]+")

#: The strings of an input in a fixed order: its parts, last the box "Không giao" where it has one.
Typed = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One control of an input, as strings."""

    name: str
    label: str
    value: str
    unit: str = ""
    mode: str = "decimal"
    #: Value and words of a list; empty for a box to type into.
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """An input ready for `templates/scoring/_figure.html`."""

    parts: tuple[Part, ...]
    #: Name of the box "Không giao"; empty where it may not be said.
    skip: str
    is_skipped: bool
    #: What is allowed, in a few words.
    hint: str
    is_wrong: bool = False


class FigureInput:
    """What one leaf asks for: names of its controls, reading, writing.

    `name` is the name of the first control; `may_skip` offers "Không giao", which is left out where
    the pledge gives the unit a target and outside the scale.
    """

    def __init__(
        self, leaf: Leaf, basis: Mapping[str, Any], name: str, *, may_skip: bool | None = None
    ) -> None:
        """Settle what the rule of the leaf reads."""
        self.leaf, self.basis, self.name = leaf, basis, name
        self.key = next(key for key in OWN if key in leaf.rule.figures)
        usual = leaf.role is Role.ORDINARY and basis.get("assigned") is not True
        self.may_skip = usual if may_skip is None else may_skip
        self.unit = leaf.unit_of_measure or str(basis.get("unit_of_measure", ""))

    # Names and strings ---
    @property
    def labels(self) -> list[str]:
        """Return what each part counts; one nameless part for everything but counts."""
        items = getattr(self.leaf.rule, "each", None) if self.key == "counts" else None
        return list(items) if items else [""]

    @property
    def names(self) -> list[str]:
        """Return the names of the controls, the box "Không giao" last."""
        if self.key == "counts":
            parts = [f"{self.name}-{place}" for place in range(len(self.labels))]
        else:
            parts = [self.name]
        return [*parts, f"{self.name}-kg"] if self.may_skip else parts

    def typed(self, data: Mapping[str, Any]) -> Typed:
        """Return what was sent, as it was typed."""
        return tuple(nfc(str(data.get(name, ""))).strip() for name in self.names)

    def was_sent(self, data: Mapping[str, Any]) -> bool:
        """Whether the input stood on the page that was sent."""
        return self.names[0] in data

    def shown(self, figure: Figure | None) -> Typed:
        """Return a stored figure as the controls show it."""
        skipped = [TICKED if is_not_assigned(figure) else ""] if self.may_skip else []
        parts = [""] * len(self.labels)
        if figure and not is_not_assigned(figure):
            parts = self._written(figure)
        return (*parts, *skipped)

    def _written(self, figure: Figure) -> list[str]:
        value = figure.get(self.key)
        if value is None:
            return [""] * len(self.labels)
        if self.key == "counts":
            return [_vn(value[label]) if label in value else "" for label in self.labels]
        if self.key == "ranks":
            return ["; ".join(str(rank) for rank in value)]
        if self.key == "met":
            return [YES if value else NO]
        return [str(value) if self.key == "level" else _vn(value)]

    # Reading ---
    def read(self, typed: Typed) -> Figure:
        """Return the figure; `{}` for nothing. Raises `ValidationError` with what is allowed."""
        parts = typed[: len(self.labels)]
        if self.may_skip and typed[-1] == TICKED:
            if any(parts):
                raise ValidationError(
                    "đã chọn “Không giao” mà vẫn còn kết quả; xóa kết quả hoặc bỏ chọn."
                )
            return {"assigned": False}
        if not any(parts):
            return {}
        return _READERS[self.key](self, parts)

    def _number(self, parts: Typed) -> Figure:
        return {self.key: _plain(self._field().clean(parts[0]))}

    def _field(self) -> VnDecimalField:
        if self.key == "points":
            return VnDecimalField(max_value=self.leaf.max, decimal_places=2, required=False)
        if self.key == "actual":
            return VnDecimalField(max_digits=_DIGITS, decimal_places=_PLACES, required=False)
        return VnIntegerField(max_digits=_COUNT_DIGITS, required=False)

    def _counts(self, parts: Typed) -> Figure:
        counts = {}
        for label, text in zip(self.labels, parts, strict=True):
            if text:
                try:
                    counts[label] = str(VnIntegerField(max_digits=_COUNT_DIGITS).clean(text))
                except ValidationError as fault:
                    raise ValidationError(f"{label}: {fault.messages[0]}") from fault
        return {"counts": counts}

    def _met(self, parts: Typed) -> Figure:
        if parts[0] not in (YES, NO):
            raise ValidationError("chọn Đạt hoặc Không đạt.")
        return {"met": parts[0] == YES}

    def _level(self, parts: Typed) -> Figure:
        return {"level": parts[0]}

    def _ranks(self, parts: Typed) -> Figure:
        words = [word for word in _BETWEEN_RANKS.split(parts[0]) if word]
        sound = all(word.isascii() and word.isdigit() and int(word) > 0 for word in words)
        if not words or not sound or len(words) > _MOST_RANKS:
            raise ValidationError(
                "ghi thứ hạng bằng số nguyên từ 1, nhiều thứ hạng thì cách nhau bằng dấu chấm "
                "phẩy, ví dụ 1; 3."
            )
        return {"ranks": [int(word) for word in words]}

    # Showing ---
    def control(self, typed: Typed, *, is_wrong: bool = False) -> Control:
        """Return the input as the template prints it, with what was typed or stands."""
        pairs = zip(self.names, self.labels, typed, strict=False)
        parts = tuple(self._part(name, label, value) for name, label, value in pairs)
        return Control(
            parts=parts,
            skip=self.names[-1] if self.may_skip else "",
            is_skipped=self.may_skip and typed[-1] == TICKED,
            hint=self.hint,
            is_wrong=is_wrong,
        )

    def _part(self, name: str, label: str, value: str) -> Part:
        if self.key == "met":
            choices = (("", "Chưa nhập"), (YES, "Đạt"), (NO, "Không đạt"))
            return Part(name, label, value, choices=choices)
        if self.key == "level":
            levels: Mapping[str, Decimal] = getattr(self.leaf.rule, "levels", {})
            said = ((text, f"{text}: {format_number(worth)}") for text, worth in levels.items())
            return Part(name, label, value, choices=(("", "Chưa nhập"), *said))
        if self.key == "ranks":
            return Part(name, label, value, unit="hạng", mode="text")
        units = {"points": "điểm", "days_late": "ngày muộn", "counts": "lần"}
        unit = units.get(self.key, self.unit or ("lần" if self.key == "count" else ""))
        mode = "decimal" if self.key in ("points", "actual") else "numeric"
        return Part(name, label, value, unit=unit, mode=mode)

    @property
    def hint(self) -> str:
        """Say in a few words what the input takes."""
        hints = {
            "points": f"từ 0 đến {format_number(self.leaf.max)} điểm",
            "ranks": "ví dụ 1; 3",
        }
        return hints.get(self.key, "")


_READERS: Final[dict[str, Callable[[FigureInput, Typed], Figure]]] = {
    "points": FigureInput._number, "actual": FigureInput._number,  # noqa: SLF001
    "count": FigureInput._number, "days_late": FigureInput._number,  # noqa: SLF001
    "counts": FigureInput._counts, "met": FigureInput._met,  # noqa: SLF001
    "level": FigureInput._level, "ranks": FigureInput._ranks,  # noqa: SLF001
}  # fmt: skip


def trace_of(typed: Sequence[str]) -> str:
    """Return a short mark of what controls show; sent back, it tells which were touched."""
    return sha256_of(list(typed))[:12]


def _plain(value: Decimal | int | None) -> str:
    return plain(Decimal(value or 0))


def _vn(text: str) -> str:
    return format_number(Decimal(text))


# One figure as a field of a form -------------------------------------------------------------
class FigureWidget(forms.Widget):
    """The controls of a figure, printed by `templates/scoring/_figure.html`."""

    def __init__(self, figure_input: FigureInput) -> None:
        """Keep the input whose controls are printed."""
        super().__init__()
        self.input = figure_input

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:  # noqa: ANN401, ARG002
        """Return the strings of all controls."""
        self.input.name = name
        return self.input.typed(data)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ANN401, ARG002
        """Say whether the controls stood on the page."""
        self.input.name = name
        return not self.input.was_sent(data)

    def id_for_label(self, id_: str) -> str:
        """Point a label at the first control."""
        return f"{id_}-0" if self.input.key == "counts" else id_

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None  # noqa: ANN401, ARG002
    ) -> SafeString:  # fmt: skip
        """Print the controls."""
        self.input.name = name
        typed = value if isinstance(value, tuple) else self.input.shown(value)
        wrong = bool(attrs and attrs.get("aria-invalid"))
        control = self.input.control(typed, is_wrong=wrong)
        return render_to_string("scoring/_figure.html", {"control": control})


class FigureField(forms.Field):
    """A figure of a leaf; the clean value is a `Figure`, `{}` when nothing was entered.

    The initial value is a stored figure or None.
    """

    def __init__(
        self,
        *,
        table: Table,
        leaf: Leaf,
        basis: Mapping[str, Any],
        may_skip: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the leaf, and the table that its figure is checked with."""
        self.table, self.leaf, self.basis = table, leaf, basis
        self.input = FigureInput(leaf, basis, "figure", may_skip=may_skip)
        kwargs.setdefault("required", False)
        kwargs.setdefault("label", "Kết quả")
        super().__init__(widget=FigureWidget(self.input), **kwargs)

    def clean(self, value: Typed) -> Figure:
        """Read the figure and hold it against the rule of the leaf."""
        return read_figure(self.table, self.input, value)

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        """Compare what stands with what was typed."""
        shown = initial if isinstance(initial, tuple) else self.input.shown(initial)
        return bool(shown != data)


def read_figure(table: Table, figure_input: FigureInput, typed: Typed) -> Figure:
    """Read a figure as typed; `ValidationError` says what is wrong and what is allowed."""
    figure = figure_input.read(typed)
    code = figure_input.leaf.code
    fault = fault_of(table, code, figure_input.basis, figure) if figure else ""
    if fault:
        raise ValidationError(fault)
    return figure


class FigureForm(IdempotentForm):
    """One figure with its reason, and the mark of the line as it was read (`line_mark`)."""

    reason = VnTextField(label="Thuyết minh", required=False, max_length=4000)
    seen = VnCharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(
        self, *args: Any, table: Table, leaf: Leaf, basis: Mapping[str, Any], **kwargs: Any
    ) -> None:
        """Ask for what the rule of the leaf reads."""
        super().__init__(*args, **kwargs)
        self.fields["figure"] = FigureField(table=table, leaf=leaf, basis=basis)
        self.order_fields(["figure", "reason", "seen", "token"])

    def renew(self, mark: str) -> None:
        """Go on from what stands now, so that saving again is a choice and not a conflict."""
        self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict has it
        self.data["seen"] = mark  # type: ignore[index]
