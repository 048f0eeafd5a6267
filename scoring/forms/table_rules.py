"""The parameters of a rule: one small form for each kind, and one table of the kinds.

A form turns a rule of the interchange form into what a person reads and back. What can be left out
of a rule because it is the default is left out. Lists (levels, bands, items, ranks) are grids of
rows; an empty row is as if it were not there.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from clusters.forms import Rows, typed_rows
from core.canonical import plain
from core.forms import BaseForm, VnCharField, VnDecimalField
from core.text import join_names
from scoring.tablebook.names import LONGEST_LABEL

Parameters = dict[str, Any]
#: Prefixes of the parameters and of the grid beside them.
RULE, GRID = "quy-tac", "dong"
UP, DOWN = "up", "down"
_HUNDRED: Final = Decimal(100)
_INCLUSIVE, _EXCLUSIVE = "1", "0"
#: An entry of the list of a rule, and a key of it.
_PLACE: Final = re.compile(r"(\w+)\[(\d+)\](?:\.(\w+))?")
#: Keys of rules whose fields are called otherwise here.
_NAMES: Final = {
    "cap_percent": "cap", "floor_percent": "floor", "from": "low", "to": "high", "min": "low",
    "max": "high",
}  # fmt: skip


def _number(label: str, *, required: bool = False, **kwargs: Any) -> VnDecimalField:
    """A number as the interchange form takes it; negative ones only where asked for."""
    return VnDecimalField(
        label=label, required=required, max_digits=25, decimal_places=10, **kwargs
    )


def _points(label: str = "Điểm", **kwargs: Any) -> VnDecimalField:
    return _number(label, **kwargs)


# Rows -----------------------------------------------------------------------------------------
class RuleRow(BaseForm):
    """A row of a grid: a level, a band, an item, a rank."""

    #: The fields of which at least one is filled in a row that counts.
    needed: ClassVar[tuple[str, ...]] = ()

    def is_filled(self) -> bool:
        """Whether something stands in the row."""
        return any(self.cleaned_data.get(name) not in (None, "") for name in self.needed)

    def clean(self) -> dict[str, Any]:
        """Ask for what a row that was begun lacks."""
        data = super().clean() or {}
        begun = any(data.get(name) not in (None, "") for name in self.needed) or bool(self.errors)
        for name in self.required_now(data) if begun else ():
            if data.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, f"Chưa nhập {str(self.fields[name].label).lower()}.")
        return data

    def required_now(self, data: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """Name the fields a filled row needs."""
        return self.needed

    @property
    def entry(self) -> Any:  # noqa: ANN401 - what stands in the list of the rule
        """Return the entry of the list."""
        raise NotImplementedError

    @classmethod
    def initial_of(cls, entry: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return what the row shows of an entry."""
        raise NotImplementedError


class LevelRow(RuleRow):
    """A level and its points."""

    needed = ("label", "points")
    label = VnCharField(label="Mức", max_length=LONGEST_LABEL, required=False)
    points = _points()

    @property
    def entry(self) -> Parameters:
        """Return the level."""
        data = self.cleaned_data
        return {"label": data["label"], "points": plain(data["points"])}

    @classmethod
    def initial_of(cls, entry: Parameters) -> dict[str, Any]:
        """Show the level."""
        return {"label": entry["label"], "points": Decimal(entry["points"])}


class ItemRow(RuleRow):
    """Something that is counted, and what each time is worth; less than nothing takes away."""

    needed = ("label", "points_each")
    label = VnCharField(label="Nội dung", max_length=LONGEST_LABEL, required=False)
    points_each = _points("Điểm mỗi lần", min_value=None)

    @property
    def entry(self) -> Parameters:
        """Return the item."""
        data = self.cleaned_data
        return {"label": data["label"], "points_each": plain(data["points_each"])}

    @classmethod
    def initial_of(cls, entry: Parameters) -> dict[str, Any]:
        """Show the item."""
        return {"label": entry["label"], "points_each": Decimal(entry["points_each"])}


class BandRow(RuleRow):
    """A stretch of values and its points; an end left empty is open."""

    needed = ("low", "high", "points")
    low = _number("Từ", min_value=None)
    low_in = forms.ChoiceField(
        label="Đầu dưới", required=False,
        choices=[(_INCLUSIVE, "từ số này"), (_EXCLUSIVE, "trên số này")],
    )  # fmt: skip
    high = _number("Đến", min_value=None)
    high_in = forms.ChoiceField(
        label="Đầu trên", required=False,
        choices=[(_EXCLUSIVE, "dưới số này"), (_INCLUSIVE, "đến hết số này")],
    )  # fmt: skip
    points = _points()

    def required_now(self, data: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """A band has points; both its ends may be open only where it is the only one."""
        return ("points",)

    @property
    def entry(self) -> Parameters:
        """Return the band, what is usual left out."""
        data = self.cleaned_data
        band: Parameters = {}
        if data["low"] is not None:
            band["from"] = plain(data["low"])
            if data["low_in"] == _EXCLUSIVE:
                band["from_inclusive"] = False
        if data["high"] is not None:
            band["to"] = plain(data["high"])
            if data["high_in"] == _INCLUSIVE:
                band["to_inclusive"] = True
        return band | {"points": plain(data["points"])}

    @classmethod
    def initial_of(cls, entry: Parameters) -> dict[str, Any]:
        """Show the band."""
        low, high = entry.get("from"), entry.get("to")
        return {
            "low": None if low is None else Decimal(low),
            "low_in": _INCLUSIVE if entry.get("from_inclusive", True) else _EXCLUSIVE,
            "high": None if high is None else Decimal(high),
            "high_in": _INCLUSIVE if entry.get("to_inclusive", False) else _EXCLUSIVE,
            "points": Decimal(entry["points"]),
        }


class RankRow(RuleRow):
    """The points of a rank; the place of the row is the rank."""

    needed = ("points",)
    points = _points("Điểm của thứ hạng")

    @property
    def entry(self) -> str:
        """Return the points."""
        return plain(self.cleaned_data["points"])

    @classmethod
    def initial_of(cls, entry: str) -> dict[str, Any]:
        """Show the points."""
        return {"points": Decimal(entry)}


# Kinds ----------------------------------------------------------------------------------------
class RuleForm(BaseForm):
    """The parameters of a rule without any."""

    #: Under which key the rule keeps its list, what its rows are called, and their form.
    listed: ClassVar[str] = ""
    rows: ClassVar[type[RuleRow] | None] = None
    rows_title: ClassVar[str] = ""
    #: Said above the parameters.
    about: ClassVar[str] = ""

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        """Return what the fields show of a rule."""
        return {}

    @property
    def parameters(self) -> Parameters:
        """Return what the fields say of the rule; the list stands in the grid."""
        return {}


class DirectForm(RuleForm):
    """Points given straight."""

    about = "Người chấm cho điểm trực tiếp, từ 0 đến điểm tối đa."


class PassFailForm(RuleForm):
    """All or nothing."""

    about = "Đạt được đủ điểm tối đa, không đạt được 0 điểm."


class LevelsForm(RuleForm):
    """The points of a level."""

    listed, rows, rows_title = "levels", LevelRow, "Các mức xếp loại"
    about = "Mỗi mức một số điểm, không quá điểm tối đa."


class RankPointsForm(RuleForm):
    """The points of ranks given by others."""

    listed, rows, rows_title = "points", RankRow, "Điểm theo thứ hạng, từ hạng nhất"
    about = (
        "Nhiều cơ quan cùng xếp hạng thì lấy trung bình; thứ hạng sau dòng cuối tính như dòng cuối."
    )


class _DirectionForm(RuleForm):
    direction = forms.ChoiceField(
        label="Chiều tính", choices=[(UP, "Càng nhiều càng tốt"), (DOWN, "Càng ít càng tốt")],
        widget=forms.RadioSelect, initial=UP,
    )  # fmt: skip

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show which way is better."""
        return {"direction": rule.get("direction", UP)}

    @property
    def parameters(self) -> Parameters:
        """Say the direction where it is not the usual one."""
        return {"direction": DOWN} if self.cleaned_data["direction"] == DOWN else {}


class RatioToBestForm(_DirectionForm):
    """In proportion to the best of the cluster."""

    about = "Kết quả tốt nhất trong các đơn vị được điểm tối đa, các đơn vị khác tính theo tỷ lệ."


class _AttainmentForm(_DirectionForm):
    baseline = forms.BooleanField(
        label="So với năm trước: chỉ tiêu là tỷ lệ tăng (giảm) phải đạt, tính bằng phần trăm",
        required=False,
    )

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show how the attainment is worked out."""
        return super().initial_of(rule) | {"baseline": rule.get("baseline", False)}

    @property
    def parameters(self) -> Parameters:
        """Say what is not usual."""
        return super().parameters | ({"baseline": True} if self.cleaned_data["baseline"] else {})


class PercentOfTargetForm(_AttainmentForm):
    """In proportion to the attainment."""

    about = "Điểm tối đa nhân với mức hoàn thành chỉ tiêu."
    cap = _number("Mức hoàn thành tính tối đa", unit="%", initial=_HUNDRED)
    no_cap = forms.BooleanField(
        label="Không giới hạn; vượt chỉ tiêu thì điểm vượt điểm tối đa", required=False
    )
    floor = _number("Dưới mức này được 0 điểm", unit="%")

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show cap and floor."""
        cap = rule.get("cap_percent", "100")
        shown = {"cap": None if cap is None else Decimal(cap), "no_cap": cap is None}
        return super().initial_of(rule) | shown | _floor(rule)

    def clean(self) -> dict[str, Any]:
        """Take a cap or none, one of both."""
        data = super().clean() or {}
        if data.get("cap") is None and not data.get("no_cap") and "cap" not in self.errors:
            raise ValidationError({"cap": "Ghi mức tính tối đa, hoặc đánh dấu không giới hạn."})
        return data

    @property
    def parameters(self) -> Parameters:
        """Say cap and floor."""
        data = self.cleaned_data
        cap = None if data["no_cap"] else plain(data["cap"])
        capped = {} if cap == "100" else {"cap_percent": cap}
        return super().parameters | capped | _floored(data)


class DeductShortForm(_AttainmentForm):
    """A deduction for each per cent that is missing."""

    about = "Đạt chỉ tiêu được điểm tối đa; mỗi phần trăm còn thiếu bị trừ, tính cả phần lẻ."
    per_percent = _points("Mỗi phần trăm thiếu trừ", required=True, unit="điểm")
    floor = _number("Dưới mức này được 0 điểm", unit="%")

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show deduction and floor."""
        each = rule.get("per_percent")
        shown = {"per_percent": None if each is None else Decimal(each)}
        return super().initial_of(rule) | shown | _floor(rule)

    @property
    def parameters(self) -> Parameters:
        """Say deduction and floor."""
        data = self.cleaned_data
        return super().parameters | {"per_percent": plain(data["per_percent"])} | _floored(data)


class ClusterRelativeForm(_AttainmentForm):
    """Relative to the leader of the cluster."""

    about = (
        "Chưa đạt chỉ tiêu tính theo tỷ lệ; đạt đúng chỉ tiêu được một phần điểm; "
        "đơn vị vượt nhiều nhất được điểm tối đa, các đơn vị vượt khác nội suy."
    )
    lead_share = _number(
        "Đạt đúng chỉ tiêu được", required=True, unit="% điểm tối đa", initial=Decimal(50),
        max_value=100,
    )  # fmt: skip
    no_target = forms.ChoiceField(
        label="Đơn vị không được giao chỉ tiêu",
        choices=[
            ("own_group", "So với nhau, theo kết quả tốt nhất trong các đơn vị không có chỉ tiêu"),
            ("skip", "Không tính tiêu chí này"),
        ],
        widget=forms.RadioSelect,
        initial="own_group",
    )

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show the share and what becomes of units without a target."""
        share = Decimal(rule.get("lead_share", "0.5")) * _HUNDRED
        shown = {"lead_share": share, "no_target": rule.get("no_target", "own_group")}
        return super().initial_of(rule) | shown

    @property
    def parameters(self) -> Parameters:
        """Say the share and the units without a target."""
        data = self.cleaned_data
        share = plain(data["lead_share"] / _HUNDRED)
        said = {} if share == "0.5" else {"lead_share": share}
        return (
            super().parameters
            | said
            | ({"no_target": "skip"} if data["no_target"] == "skip" else {})
        )


class BandsForm(_AttainmentForm):
    """The points of the band that holds the value."""

    listed, rows, rows_title = "bands", BandRow, "Các bậc"
    about = (
        "Mỗi giá trị thuộc đúng một bậc, không hở, không chồng. "
        "Để trống “Từ” hoặc “Đến” thì bậc không giới hạn ở đầu đó."
    )
    on = forms.ChoiceField(
        label="Xếp bậc theo",
        choices=[
            ("actual", "Kết quả thực hiện"),
            ("attainment_percent", "Mức hoàn thành chỉ tiêu (%)"),
            ("days_late", "Số ngày chậm"),
        ],
        widget=forms.RadioSelect,
        initial="actual",
    )
    field_order = ("on", "direction", "baseline")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say of the two what they are for."""
        super().__init__(*args, **kwargs)
        self.fields["direction"].help_text = "Chỉ dùng khi xếp bậc theo mức hoàn thành chỉ tiêu."

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show what the bands hold."""
        return super().initial_of(rule) | {"on": rule.get("on", "actual")}

    @property
    def parameters(self) -> Parameters:
        """Say what the bands hold; only an attainment has a direction."""
        on = self.cleaned_data["on"]
        return {"on": on} | (super().parameters if on == "attainment_percent" else {})


class DeductPerEventForm(RuleForm):
    """A deduction for each event."""

    about = "Lấy điểm tối đa trừ dần theo số vụ, việc; thấp nhất là 0."
    points_each = _points("Mỗi vụ, việc trừ", required=True, unit="điểm")

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show the deduction."""
        each = rule.get("points_each")
        return {"points_each": None if each is None else Decimal(each)}

    @property
    def parameters(self) -> Parameters:
        """Say the deduction."""
        return {"points_each": plain(self.cleaned_data["points_each"])}


class PerOccurrenceForm(RuleForm):
    """Points for each time something happened."""

    listed, rows, rows_title = "items", ItemRow, "Nội dung được cộng, trừ"
    about = "Cộng theo số lần của từng nội dung; ghi số âm để trừ."
    low = _number("Thấp nhất", unit="điểm", min_value=None, help_text="Để trống là 0.")
    high = _number(
        "Cao nhất", unit="điểm", min_value=None,
        help_text="Để trống là điểm tối đa; trong nhóm thưởng, trừ là không giới hạn.",
    )  # fmt: skip

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show the ends."""
        ends = {"low": rule.get("min"), "high": rule.get("max")}
        return {name: None if end is None else Decimal(end) for name, end in ends.items()}

    @property
    def parameters(self) -> Parameters:
        """Say the ends that are set."""
        ends = {"min": self.cleaned_data["low"], "max": self.cleaned_data["high"]}
        return {key: plain(end) for key, end in ends.items() if end is not None}


class ZeroToleranceForm(RuleForm):
    """All or nothing, perhaps with a veto."""

    about = "Không để xảy ra được điểm tối đa; để xảy ra được 0 điểm."
    veto = forms.BooleanField(label="Để xảy ra thì đơn vị không được xếp hạng", required=False)

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Show the veto."""
        return {"veto": rule.get("veto", False)}

    @property
    def parameters(self) -> Parameters:
        """Say the veto."""
        return {"veto": True} if self.cleaned_data["veto"] else {}


#: The one table of kinds; a test holds it against the engine's.
KIND_FORMS: Final[dict[str, type[RuleForm]]] = {
    "direct": DirectForm,
    "pass_fail": PassFailForm,
    "levels": LevelsForm,
    "percent_of_target": PercentOfTargetForm,
    "cluster_relative": ClusterRelativeForm,
    "ratio_to_best": RatioToBestForm,
    "bands": BandsForm,
    "deduct_short": DeductShortForm,
    "deduct_per_event": DeductPerEventForm,
    "per_occurrence": PerOccurrenceForm,
    "zero_tolerance": ZeroToleranceForm,
    "rank_points": RankPointsForm,
}


class RulePart:
    """The rule on the page of a leaf: its parameters and its grid, read together."""

    def __init__(
        self, kind: str, data: QueryDict | None, rule: Mapping[str, Any], *, more: bool = False
    ) -> None:
        """Bind what was sent; `more` shows it again with further empty rows instead."""
        self.kind = kind
        form = KIND_FORMS[kind]
        same = rule if rule.get("kind") == kind else {}
        bound = None if data is None or more else data
        typed = {} if data is None else _typed(form, data)
        self.form = form(bound, prefix=RULE, initial=form.initial_of(same) | typed)
        self.grid: Rows | None = None
        if form.rows is not None:
            initial = [form.rows.initial_of(entry) for entry in same.get(form.listed, ())]
            if data is not None and more:
                initial = list(typed_rows(data, GRID, form.rows.base_fields))
            spare = 3 if more or not initial else 1
            made = Rows.of(form.rows, extra=spare)
            # A bound grid knows nothing of what stood there: an unchanged row is a row.
            self.grid = made(bound, prefix=GRID, initial=initial if bound is None else None)
        #: The rows that count; known once the grid was found valid.
        self._filled: list[RuleRow] = []

    def is_valid(self) -> bool:
        """Whether all can be read; a grid holds at least one row, and no label twice."""
        if not all([self.form.is_valid(), self.grid is None or self.grid.is_valid()]):
            return False
        if self.grid is None:
            return True
        rows = self._filled = self.grid.filled()
        labels = [row.cleaned_data["label"] for row in rows if "label" in row.fields]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if not rows:
            self.form.add_error(None, f"{self.form.rows_title}: ghi ít nhất một dòng.")
        if twice:
            self.form.add_error(None, f"{join_names(twice)} ghi hai lần; mỗi dòng một tên riêng.")
        return bool(rows) and not twice

    def add_fault(self, path: str, sentence: str) -> None:
        """Put a fault of the engine beside what it is about: `levels[2].points`, `lead_share`."""
        place = _PLACE.fullmatch(path)
        if place and self.grid is not None and place[1] == self.form.listed:
            row = self._filled[int(place[2])]
            name = _NAMES.get(place[3] or "points", place[3] or "points")
            row.add_error(name if name in row.fields else None, sentence)
            return
        name = _NAMES.get(path, path)
        self.form.add_error(name if name in self.form.fields else None, sentence)

    @property
    def rule(self) -> Parameters:
        """Return the rule in the interchange form; valid parts only."""
        rule: Parameters = {"kind": self.kind} | self.form.parameters
        if self.grid is not None:
            rule[self.form.listed] = [row.entry for row in self._filled]
        return rule


def _typed(form: type[RuleForm], data: QueryDict) -> dict[str, Any]:
    """Return what was typed into fields of these names, whatever the kind was then."""
    return {
        name: name_sent in data if isinstance(field, forms.BooleanField) else data[name_sent]
        for name, field in form.base_fields.items()
        for name_sent in [f"{RULE}-{name}"]
        if name_sent in data or isinstance(field, forms.BooleanField)
    }


def _floor(rule: Mapping[str, Any]) -> dict[str, Any]:
    floor = rule.get("floor_percent")
    return {"floor": None if floor is None else Decimal(floor)}


def _floored(data: Mapping[str, Any]) -> Parameters:
    return {} if data["floor"] is None else {"floor_percent": plain(data["floor"])}
