"""Forms of the editor of a criteria table: maxima, a row, the head, versions."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from clusters.forms import Rows, typed_rows
from core.canonical import plain
from core.forms import (
    BaseForm,
    DecideForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnDecimalField,
    VnIntegerField,
)
from scoring.queries.table import GROUP_KINDS, RULE_KINDS
from scoring.queries.table_diff import tie_breaker
from scoring.tablebook.names import LONGEST, LONGEST_GRADE

Node = dict[str, Any]
GRADES: Final = "xep-loai"
#: Boxes for tie-breakers, also where fewer are named.
_FEWEST_TIES: Final = 4


def _points(label: str = "Điểm tối đa", *, required: bool = True) -> VnDecimalField:
    return VnDecimalField(label=label, required=required, max_digits=12, decimal_places=2)


class PointsForm(DecideForm):
    """The maxima of all rows of a draft, one box for each.

    Beside each box stands hidden what was read there, so that only what the person typed is saved:
    what somebody else saved meanwhile in another box is not taken back.
    """

    def __init__(
        self, *args: Any, rows: Iterable[tuple[int, str, Decimal | None, bool]], **kwargs: Any
    ) -> None:
        """Take rows as (key, code, maximum, whether it has to have one)."""
        super().__init__(*args, **kwargs)
        self._codes: dict[str, str] = {}
        for pk, code, top, needed in rows:
            name = self.name_of(pk)
            self._codes[name] = code
            # A row that somebody added meanwhile had no box on the page that was sent.
            was_there = not self.is_bound or self.name_of_read(name) in self.data
            self.fields[name] = _points(f"Điểm tối đa của {code}", required=needed and was_there)
            self.fields[name].show_hidden_initial = True
            self.fields[name].error_messages["required"] = f"Chưa nhập điểm tối đa của {code}."
            self.initial[name] = top

    @staticmethod
    def name_of(pk: int) -> str:
        """Return the name of a row's box."""
        return f"diem-{pk}"

    def name_of_read(self, name: str) -> str:
        """Return the name under which the page sends what was read in a box."""
        return self.add_initial_prefix(name)

    @property
    def changed_points(self) -> dict[str, Decimal | None]:
        """Return code → maximum of the boxes in which something else stands than was read."""
        return {
            self._codes[name]: self.cleaned_data[name]
            for name in self.changed_data
            if name in self._codes
        }


class _RowForm(DecideForm):
    """What groups and leaves share: where they stand, code and text."""

    above = forms.ChoiceField(label="Thuộc nhóm", required=False)
    code = VnCharField(label="Mã", max_length=LONGEST["code"])
    title = VnCharField(label="Nội dung", max_length=LONGEST["title"], required=False)

    def __init__(
        self, *args: Any, groups: list[tuple[str, str]], is_coded: bool, **kwargs: Any
    ) -> None:
        """Offer the groups of the table; a coded table has no texts."""
        super().__init__(*args, **kwargs)
        self.fields["above"].choices = groups  # type: ignore[attr-defined]
        self.fields["title"].widget = forms.Textarea(attrs={"rows": 2})
        for name in ("title", "legal_basis") if is_coded else ():
            self.fields.pop(name, None)


class GroupForm(_RowForm):
    """A group of criteria."""

    max = _points(required=False)
    kind = forms.ChoiceField(
        label="Loại nhóm", required=False,
        choices=[("", "Trong thang điểm"), *GROUP_KINDS.items()], widget=forms.RadioSelect,
        help_text="Chỉ nhóm cấp cao nhất là nhóm thưởng, trừ.",
    )  # fmt: skip
    cap = VnDecimalField(
        label="Mức trần của nhóm thưởng, trừ", required=False, max_digits=12, decimal_places=2,
        help_text="Để trống là không có trần.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for a maximum inside the scale, and for a cap only outside it."""
        data = super().clean() or {}
        if data.get("cap") is not None and not data.get("kind"):
            self.add_error("cap", "Mức trần chỉ dùng cho nhóm điểm thưởng, điểm trừ.")
        return data

    @property
    def node(self) -> Node:
        """Return the group in the interchange form, without its rows."""
        data = self.cleaned_data
        node: Node = {"code": data["code"], "children": []}
        node |= {"title": data["title"]} if data.get("title") else {}
        node |= {"max": plain(data["max"])} if data["max"] is not None else {}
        node |= {"kind": data["kind"]} if data["kind"] else {}
        node |= {"cap": plain(data["cap"])} if data["cap"] is not None else {}
        return node


class LeafForm(_RowForm):
    """A criterion; its rule stands in a form of its own beside it."""

    above = forms.ChoiceField(label="Thuộc nhóm")
    max = _points()
    unit_of_measure = VnCharField(
        label="Đơn vị tính", max_length=LONGEST["unit_of_measure"], required=False
    )
    target = VnDecimalField(
        label="Chỉ tiêu đề nghị chung", required=False, max_digits=25, decimal_places=10,
        help_text="Gợi ý khi soạn giao ước; mức của từng đơn vị ghi trong giao ước.",
    )  # fmt: skip
    legal_basis = VnCharField(label="Căn cứ", max_length=LONGEST["legal_basis"], required=False)
    evidence_required = forms.BooleanField(label="Phải có minh chứng", required=False)
    kind = forms.ChoiceField(label="Cách tính điểm", choices=list(RULE_KINDS.items()))

    def node(self, rule: Node) -> Node:
        """Return the leaf in the interchange form with its rule."""
        data = self.cleaned_data
        node: Node = {"code": data["code"], "max": plain(data["max"]), "rule": rule}
        node |= {"title": data["title"]} if data.get("title") else {}
        node |= {key: data[key] for key in ("unit_of_measure", "legal_basis") if data.get(key)}
        node |= {"target": plain(data["target"])} if data["target"] is not None else {}
        node |= {"evidence_required": True} if data["evidence_required"] else {}
        return node


class GradeRow(BaseForm):
    """A row of the classification."""

    label = VnCharField(label="Loại", max_length=LONGEST_GRADE, required=False)
    start = VnDecimalField(label="Từ tỷ lệ (%)", required=False, max_digits=12, decimal_places=4)

    def is_filled(self) -> bool:
        """Whether something stands in the row."""
        data = self.cleaned_data
        return bool(data.get("label")) or data.get("start") is not None

    def clean(self) -> dict[str, Any]:
        """Ask for both or neither."""
        data = super().clean() or {}
        if data.get("label") and data.get("start") is None and "start" not in self.errors:
            self.add_error("start", "Chưa nhập tỷ lệ của loại này.")
        if not data.get("label") and data.get("start") is not None:
            self.add_error("label", "Chưa nhập tên loại.")
        return data


class HeadForm(DecideForm):
    """Name, scale, rounding and ranking of a table."""

    name = VnCharField(label="Tên bảng", max_length=LONGEST["name"], required=False)
    scale_total = VnDecimalField(
        label="Thang điểm", min_value=Decimal("0.01"), max_digits=12, decimal_places=2
    )
    places = VnIntegerField(
        label="Làm tròn điểm đến", unit="chữ số thập phân", min_value=0, max_value=6
    )
    by = forms.ChoiceField(
        label="Xếp hạng theo",
        choices=[("percent", "Tỷ lệ điểm được giao"), ("total", "Tổng điểm")],
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, groups: list[tuple[str, str]], named: list[str], **kwargs: Any
    ) -> None:
        """Offer the tie-breakers, and a box more than are `named` already, four at least.

        What is named stays among the choices even where the table has no such group any more.
        """
        super().__init__(*args, **kwargs)
        words = ["bonus", "penalty", *(f"group:{code}" for code, _ in groups if code), *named]
        choices = [("", "Không xét thêm")]
        choices += [(word, tie_breaker(word)) for word in dict.fromkeys(words)]
        self._ties = [f"tie{place}" for place in range(max(_FEWEST_TIES, len(named) + 1))]
        for place, name in enumerate(self._ties):
            self.fields[name] = forms.ChoiceField(
                label=f"Đồng hạng, xét thứ {place + 1}", choices=choices, required=False
            )

    @property
    def ties(self) -> list[forms.BoundField]:
        """Return the boxes of the tie-breakers."""
        return [self[name] for name in self._ties]

    def clean(self) -> dict[str, Any]:
        """Take each tie-breaker once."""
        data = super().clean() or {}
        chosen = [data.get(name) for name in self._ties]
        named = [word for word in chosen if word]
        if len(named) != len(set(named)):
            raise ValidationError("Mỗi cách phân định đồng hạng chỉ chọn một lần.")
        return data

    def head(self, grades: Rows) -> Node:
        """Return the head in the interchange form, without tie-breakers where none was chosen.

        Rounding and ranking are written out, even where they say what is usual.
        """
        data = self.cleaned_data
        ties = [data[name] for name in self._ties if data[name]]
        return {
            "name": data["name"],
            "scale_total": plain(data["scale_total"]),
            "rounding": {"places": data["places"]},
            "ranking": {"by": data["by"]} | ({"tie_breakers": ties} if ties else {}),
            "classification": [
                {"label": row.cleaned_data["label"], "from": plain(row.cleaned_data["start"])}
                for row in grades.filled()
            ],
        }


def ties_of(table: Mapping[str, Any]) -> list[str]:
    """Return the tie-breakers that a table in the interchange form names."""
    named: list[str] = table.get("ranking", {}).get("tie_breakers", [])
    return named


def start_of_head(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of the head shows of a table in the interchange form."""
    ranking = table.get("ranking", {})
    ties = ties_of(table)
    return {
        "name": table.get("name", ""),
        "scale_total": Decimal(table["scale_total"]),
        "places": table.get("rounding", {}).get("places", 2),
        "by": ranking.get("by", "percent"),
        **{f"tie{place}": word for place, word in enumerate(ties)},
    }


def grades_of(data: QueryDict | None, table: Mapping[str, Any], *, more: bool = False) -> Rows:
    """Return the grid of the classification; `more` shows what was typed with further rows."""
    grades = table.get("classification", [])
    initial: list[Any] = [{"label": g["label"], "start": Decimal(g["from"])} for g in grades]
    if data is not None and more:
        initial = list(typed_rows(data, GRADES, GradeRow.base_fields))
    bound = None if data is None or more else data
    made = Rows.of(GradeRow, extra=3 if more else 1)
    # A bound grid knows nothing of what stood there: an unchanged row is a row.
    return made(bound, prefix=GRADES, initial=initial if bound is None else None)


def start_of_row(node: Mapping[str, Any], above: str) -> dict[str, Any]:
    """Return what the form of a group or leaf shows of it."""
    numbers = {key: Decimal(node[key]) for key in ("max", "cap", "target") if node.get(key)}
    return {
        "above": above,
        "code": node.get("code", ""),
        "title": node.get("title", ""),
        "unit_of_measure": node.get("unit_of_measure", ""),
        "legal_basis": node.get("legal_basis", ""),
        "evidence_required": node.get("evidence_required", False),
        "kind": node["rule"]["kind"] if "rule" in node else node.get("kind", ""),
        **numbers,
    }


# Versions -------------------------------------------------------------------------------------
class VersionForm(IdempotentForm):
    """Why the next version of a table in use is drafted."""

    reason = ReasonField(label="Lý do sửa đổi", max_length=300)


class AdoptForm(DecideForm):
    """By which decision a version is put in use beside the signed pledge."""

    decision = VnCharField(
        label="Quyết định áp dụng", max_length=300,
        help_text="Số, ngày, cơ quan ban hành, ví dụ Quyết định số 12/QĐ-CAT ngày 03/6/2026.",
    )  # fmt: skip


class CodedForm(DecideForm):
    """The texts of a draft are wiped for good."""

    agreed = forms.BooleanField(
        label="Tôi hiểu: nội dung, căn cứ của mọi tiêu chí trong bản nháp bị xóa, không lấy lại"
    )
