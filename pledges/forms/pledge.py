"""Forms of the pledge: the draft's rows, what units say, the steps from draft to signing.

A form that saves a row carries `seen`, the mark of the row as it was read. When somebody else saved
first, the page shows both texts and the form goes on with the new mark (`renew`).
"""

import uuid
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.http import QueryDict

from clusters.models import Membership, Unit
from core.forms import (
    BaseForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnDateField,
    VnDecimalField,
    VnIntegerField,
    VnTextField,
)
from pledges.models import (
    Aggregation,
    Direction,
    Paper,
    PaperKind,
    Section,
    Signatory,
    Target,
    TargetValue,
)
from pledges.operations import Level
from pledges.tables import LegalBasis, Outline

Choices = list[tuple[str, str]]
#: What the browser sent, or nothing on the first look at the page.
Sent = QueryDict | None
#: Parts of each paper in which a clause can stand.
SECTIONS: dict[str, tuple[Section, ...]] = {
    PaperKind.PLEDGE: (Section.BASIS, Section.CONTENT, Section.MEASURES, Section.EXECUTION),
    PaperKind.PROGRAMME: (Section.BASIS, Section.BODY),
    PaperKind.REGULATION: (Section.BASIS, Section.BODY),
    PaperKind.OUTLINE: (Section.BASIS, Section.BODY),
}


class RowForm(IdempotentForm):
    """A form that saves one row and knows what the row was when it was read."""

    seen = VnCharField(required=False, widget=forms.HiddenInput, max_length=64)
    #: Fields of the stored row by the names the operation uses, where they differ from the form's.
    stored_names: dict[str, str] = {}

    def renew(self, mark: str) -> None:
        """Go on from what stands now, so that saving again is a choice and not a conflict."""
        self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict and dict have it
        self.data[self.add_prefix("seen")] = mark  # type: ignore[index]

    def stored(self, current: dict[str, str]) -> list[tuple[str, str]]:
        """Return (label, what stands now) for the page to put beside what was typed."""
        rows = []
        for stored_name, value in current.items():
            if stored_name == "paper":
                continue  # a clause never changes its paper
            name = self.stored_names.get(stored_name, stored_name)
            field = self.fields.get(name)
            label = str(field.label) if field is not None else self.label_of(name)
            rows.append((label, _in_words(field, value)))
        return rows

    def label_of(self, stored_name: str) -> str:
        """Name a part of the stored row that is no field of the form."""
        return stored_name


def forgive(form: BaseForm, name: str, value: object) -> None:
    """Drop the fault of a field that another answer makes needless."""
    form.errors.pop(name, None)
    form.cleaned_data[name] = value


def _in_words(field: forms.Field | None, value: str) -> str:
    if isinstance(field, forms.ChoiceField):
        named = {str(k): str(v) for k, v in cast("Choices", field.choices)}
        return named.get(value, value) or "để trống"
    if isinstance(field, forms.BooleanField):
        return "Có" if value else "Không"
    return value or "để trống"


# The draft -----------------------------------------------------------------------------------
class StartForm(IdempotentForm):
    """Begin the pledge of the year."""

    source = forms.ChoiceField(
        label="Bắt đầu từ",
        choices=[("clone", "Bản giao ước năm trước"), ("empty", "Bản trống")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, last_year: str = "", **kwargs: Any) -> None:
        """Offer last year's text only where there is one."""
        super().__init__(*args, **kwargs)
        choices: Choices = [("empty", "Bản trống")]
        if last_year:
            choices.insert(0, ("clone", f"Nội dung giao ước {last_year}, sau đó sửa mốc và mức"))
        source = self.fields["source"]
        source.choices = choices  # type: ignore[attr-defined]
        source.initial = choices[0][0]


class HeadForm(RowForm):
    """Title, place and slogan of the pledge."""

    title = VnCharField(label="Tên giao ước", max_length=300)
    place = VnCharField(
        label="Địa danh",
        max_length=80,
        help_text="Nơi ghi trước ngày, tháng trên văn bản, ví dụ Đà Nẵng.",
    )
    slogan = VnCharField(label="Khẩu hiệu hành động", max_length=300, required=False)


class ClauseForm(RowForm):
    """A clause of a paper: common, or a task of one unit."""

    paper = VnCharField(required=False, max_length=12, widget=forms.HiddenInput)
    section = forms.ChoiceField(label="Phần")
    unit = forms.ChoiceField(label="Phạm vi", initial="0")
    heading = VnCharField(
        label="Tiêu đề", max_length=300, required=False, help_text="Bỏ trống nếu chỉ có một đoạn."
    )
    text = VnTextField(
        label="Nội dung", error_messages={"required": "Chưa ghi nội dung điều khoản."}
    )
    stored_names = {"unit_id": "unit"}

    def __init__(
        self, *args: Any, paper: str, members: Iterable[Membership], **kwargs: Any
    ) -> None:
        """Offer the parts of the paper and the members of the cluster."""
        kwargs["initial"] = {**kwargs.get("initial", {}), "paper": paper}
        super().__init__(*args, **kwargs)
        self.paper_kind = paper
        section, unit = self.fields["section"], self.fields["unit"]
        section.choices = [(s.value, s.label) for s in SECTIONS[paper]]  # type: ignore[attr-defined]
        unit.choices = [  # type: ignore[attr-defined]
            ("0", "Chung cả cụm, khối"),
            *((str(m.unit_id), f"Nhiệm vụ riêng của {m.unit.short_name}") for m in members),
        ]
        if paper != PaperKind.PLEDGE:
            del self.fields["unit"]

    def clean(self) -> dict[str, Any]:
        """Refuse a clause without words and a legal basis of one unit only."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("heading") and self.has_error("text", "required"):
            forgive(self, "text", "")
        if data.get("section") == Section.BASIS and data.get("unit", "0") != "0":
            self.add_error("unit", "Căn cứ là của chung cả cụm, khối. Chọn “Chung cả cụm, khối”.")
        return data

    @property
    def values(self) -> dict[str, Any]:
        """Return the row as the operation takes it."""
        data = self.cleaned_data
        return {
            "paper": self.paper_kind,
            "section": data["section"],
            "unit_id": int(data.get("unit", "0")) or None,
            "heading": data["heading"],
            "text": data["text"],
        }


class BasesForm(IdempotentForm):
    """Choose legal bases from the list shipped with the application."""

    bases = forms.MultipleChoiceField(
        label="Căn cứ dùng được trong năm",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Chưa chọn căn cứ nào."},
    )

    def __init__(self, *args: Any, offered: list[LegalBasis], **kwargs: Any) -> None:
        """Offer what is in force and not cited yet."""
        super().__init__(*args, **kwargs)
        self.offered = {basis.code: basis for basis in offered}
        bases = self.fields["bases"]
        bases.choices = [(b.code, _basis_label(b)) for b in offered]  # type: ignore[attr-defined]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the clauses to add."""
        chosen = [self.offered[code] for code in self.cleaned_data["bases"]]
        return [
            {
                "paper": PaperKind.PLEDGE,
                "section": Section.BASIS,
                "unit_id": None,
                "heading": "",
                "text": basis.clause,
            }
            for basis in chosen
        ]


def _basis_label(basis: LegalBasis) -> str:
    return basis.text if basis.is_dated else f"{basis.text} (cần rà soát hiệu lực)"


class OutlineForm(IdempotentForm):
    """Choose the report outline to start from."""

    outline = forms.ChoiceField(label="Đề cương", widget=forms.RadioSelect)

    def __init__(self, *args: Any, offered: list[Outline], **kwargs: Any) -> None:
        """Offer the outlines of mid-year and year-end reports."""
        super().__init__(*args, **kwargs)
        self.offered = {one.code: one for one in offered}
        outline = self.fields["outline"]
        outline.choices = [(o.code, o.title) for o in offered]  # type: ignore[attr-defined]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the clauses to add: the title of the outline, then its sections."""
        chosen = self.offered[self.cleaned_data["outline"]]
        body = {"paper": PaperKind.OUTLINE, "section": Section.BODY, "unit_id": None}
        return [
            body | {"heading": chosen.title, "text": ""},
            *(
                body | {"heading": f"{s.code}. {s.heading}", "text": s.guidance}
                for s in chosen.sections
            ),
        ]


class StarterForm(IdempotentForm):
    """Take the usual activities of a year over; it asks nothing."""


class ActivityForm(RowForm):
    """A row of the activity programme."""

    when = VnCharField(label="Thời gian", max_length=80, help_text="Ví dụ: Tháng 6 – 7.")
    what = VnCharField(label="Hoạt động", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    responsible = VnCharField(label="Chủ trì", max_length=160)
    output = VnCharField(label="Kết quả", max_length=300, required=False)


# Targets -------------------------------------------------------------------------------------
class LevelState:
    """The three things a cell of a level can say; zero is a number like any other."""

    NUMBER, NOT_SET, NOT_ASSIGNED = "so", "chua", "khong"
    CHOICES: Choices = [
        (NUMBER, "Giao mức"),
        (NOT_SET, "Chưa giao mức"),
        (NOT_ASSIGNED, "Không giao"),
    ]


def level_field(label: str = "Mức", **kwargs: Any) -> VnDecimalField:
    """Return the field of a level or of last year's figure."""
    return VnDecimalField(label=label, required=False, max_digits=18, decimal_places=4, **kwargs)


class LevelForm(BaseForm):
    """One unit's level: assigned with a number, assigned without one yet, or not assigned."""

    state = forms.ChoiceField(
        label="Giao", choices=LevelState.CHOICES, initial=LevelState.NUMBER, required=False
    )
    value = level_field()
    baseline = level_field("Năm trước")

    #: What the row is called beside the fields; set by `level_forms`.
    unit: Unit
    #: With one common level the row's own level is not read.
    is_read = True

    def clean(self) -> dict[str, Any]:
        """Keep number, "chưa giao mức" and "không giao" apart."""
        data: dict[str, Any] = super().clean() or {}
        if not self.is_read:  # what stands there is not taken, so it cannot be wrong
            for name in ("state", "value"):
                self.errors.pop(name, None)
            return data
        if "value" in self.errors:
            return data
        fault = state_fault(data.get("state") or LevelState.NUMBER, data.get("value"))
        if fault:
            self.add_error("value", fault)
        return data

    def level(self, common: tuple[bool, Decimal | None] | None) -> Level:
        """Return the row as the operation takes it; `common` overrides the row's own level."""
        data = self.cleaned_data
        assigned = data.get("state") != LevelState.NOT_ASSIGNED
        value = data.get("value") if data.get("state") != LevelState.NOT_SET else None
        if common is not None:
            assigned, value = common
        return Level(
            self.unit.pk, is_assigned=assigned, value=value if assigned else None,
            baseline=data["baseline"],
        )  # fmt: skip


def state_fault(state: str, value: Decimal | None) -> str:
    """Say what is wrong between a state and its number; nothing when they agree."""
    if state == LevelState.NUMBER and value is None:
        return "Chưa ghi mức. Ghi số, hoặc chọn “Chưa giao mức”, “Không giao”."
    if state != LevelState.NUMBER and value is not None:
        label = dict(LevelState.CHOICES)[state]
        return f"Đã chọn “{label}” thì bỏ trống mức; muốn giữ số thì chọn “Giao mức”."
    return ""


class TargetForm(RowForm):
    """A target, and the one common level where there is one."""

    kind = forms.ChoiceField(
        label="Loại chỉ tiêu", choices=Target.Kind.choices, widget=forms.RadioSelect,
        initial=Target.Kind.NUMERIC,
    )  # fmt: skip
    text = VnCharField(
        label="Nội dung chỉ tiêu", max_length=600, widget=forms.Textarea(attrs={"rows": 2})
    )
    area = VnCharField(label="Mặt công tác", max_length=200, required=False)
    unit_of_measure = VnCharField(
        label="Đơn vị tính",
        max_length=40,
        error_messages={"required": "Chỉ tiêu bằng số cần đơn vị tính."},
    )
    direction = forms.ChoiceField(
        label="Chiều phấn đấu",
        choices=[("", "Chọn"), *Direction.choices],
        error_messages={"required": "Chỉ tiêu bằng số cần chiều phấn đấu."},
    )
    aggregation = forms.ChoiceField(
        label="Cách tính cả năm",
        choices=[("", "Chọn"), *Aggregation.choices],
        error_messages={"required": "Chỉ tiêu bằng số cần cách tính cả năm."},
    )
    is_change = forms.BooleanField(label="Mức là tỷ lệ tăng, giảm so với năm trước", required=False)
    criterion = forms.ChoiceField(label="Tiêu chí chấm điểm", required=False)
    is_common = forms.ChoiceField(
        label="Mức phấn đấu", choices=[("True", "Một mức chung"), ("", "Mức riêng từng đơn vị")],
        widget=forms.RadioSelect, required=False, initial="True",
    )  # fmt: skip
    common_state = forms.ChoiceField(
        label="Giao", choices=LevelState.CHOICES[:2], initial=LevelState.NUMBER
    )
    common_value = VnDecimalField(
        label="Mức chung",
        max_digits=18,
        decimal_places=4,
        error_messages={"required": "Chưa ghi mức. Ghi số, hoặc chọn “Chưa giao mức”."},
    )
    stored_names = {"criterion_id": "criterion"}
    NUMERIC_ONLY = ("unit_of_measure", "direction", "aggregation")

    def __init__(self, *args: Any, criteria: Choices, **kwargs: Any) -> None:
        """Offer the leaves of the cluster year's criteria table."""
        super().__init__(*args, **kwargs)
        criterion = self.fields["criterion"]
        criterion.choices = [("", "Không gắn tiêu chí"), *criteria]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Hold a numeric target to what a number needs, a described one to its words."""
        data: dict[str, Any] = super().clean() or {}
        described = data.get("kind") == Target.Kind.TEXT
        if described:
            for name in self.NUMERIC_ONLY:
                forgive(self, name, "")
        if described or not data.get("is_common"):
            forgive(self, "common_state", LevelState.NOT_SET)
            forgive(self, "common_value", None)
        elif data.get("common_state") == LevelState.NOT_SET:
            self._expect_no_common_value()
        return self.cleaned_data

    def _expect_no_common_value(self) -> None:
        """With "chưa giao mức" an empty number is right and a number is asked about."""
        if self.has_error("common_value", "required"):
            forgive(self, "common_value", None)
        elif self.cleaned_data.get("common_value") is not None:
            fault = state_fault(LevelState.NOT_SET, self.cleaned_data["common_value"])
            self.add_error("common_value", fault)

    @property
    def common(self) -> tuple[bool, Decimal | None] | None:
        """Return (assigned, number) of the common level, None where units have their own."""
        data = self.cleaned_data
        if not data["is_common"]:
            return None
        return True, data["common_value"]

    @property
    def values(self) -> dict[str, Any]:
        """Return the row as the operation takes it."""
        data = self.cleaned_data
        numeric = data["kind"] == Target.Kind.NUMERIC
        return {
            "kind": data["kind"],
            "text": data["text"],
            "area": data["area"],
            "criterion_id": int(data["criterion"]) if data["criterion"] else None,
            "unit_of_measure": data["unit_of_measure"] if numeric else "",
            "direction": data["direction"] if numeric else "",
            "aggregation": data["aggregation"] if numeric else "",
            "is_change": data["is_change"] if numeric else False,
            "is_common": bool(data["is_common"]) if numeric else True,
        }


class LevelForms:
    """The grid of levels of one target: one `LevelForm` for each member."""

    def __init__(
        self, data: Sent, members: Iterable[Membership], stored: dict[int, TargetValue]
    ) -> None:
        """Fill the rows from what was sent, else from what is stored."""
        self.rows = [_level_row(data, m.unit, stored.get(m.unit_id)) for m in members]

    def read_with(self, form: TargetForm) -> None:
        """Leave the levels of the rows aside where a common level or words stand for all."""
        sent = form.data
        own = sent.get("kind") != Target.Kind.TEXT and not sent.get("is_common")
        for row in self.rows:
            row.is_read = own

    def is_valid(self) -> bool:
        """Whether every row can be read."""
        return not [row for row in self.rows if not row.is_valid()]

    def fill(self, state: str, value: str) -> None:
        """Write one level into every row, typed as it was; nothing is saved or checked yet."""
        for row in self.rows:
            baseline = row.data.get(row.add_prefix("baseline"), "")
            row.initial = {"state": state, "value": value, "baseline": baseline}
            row.is_bound = False

    def levels(self, common: tuple[bool, Decimal | None] | None) -> list[Level]:
        """Return the rows as the operation takes them."""
        return [row.level(common) for row in self.rows]


def _level_row(data: Sent, unit: Unit, stored: TargetValue | None) -> LevelForm:
    initial: dict[str, Any] = {}
    if stored is not None:
        state = LevelState.NUMBER if stored.value is not None else LevelState.NOT_SET
        initial = {
            "state": state if stored.is_assigned else LevelState.NOT_ASSIGNED,
            "value": stored.value,
            "baseline": stored.baseline,
        }
    form = LevelForm(data, prefix=f"u{unit.pk}", initial=initial)
    form.unit = unit
    for name, said in (("state", "Giao mức"), ("value", "Mức"), ("baseline", "Năm trước")):
        form.fields[name].widget.attrs["aria-label"] = f"{said} của {unit.short_name}"
    return form


# Papers and signatories ----------------------------------------------------------------------
class PapersForm(RowForm):
    """Which papers are adopted with the pledge, and who signs each."""

    KINDS = (PaperKind.PROGRAMME, PaperKind.REGULATION, PaperKind.OUTLINE)

    def __init__(
        self, *args: Any, papers: dict[str, Paper], titles: dict[str, str], **kwargs: Any
    ) -> None:
        """Make three fields for each paper beside the pledge."""
        super().__init__(*args, **kwargs)
        for kind in self.KINDS:
            name, stored = kind.lower(), papers.get(kind)
            self.fields[f"{name}_included"] = forms.BooleanField(
                label=f"Có {kind.label.lower()}", required=False, initial=stored is not None
            )
            self.fields[f"{name}_title"] = VnCharField(
                label="Tên văn bản", max_length=300,
                error_messages={"required": f"Chưa ghi tên {kind.label.lower()}."},
                initial=stored.title if stored else titles[kind],
            )  # fmt: skip
            self.fields[f"{name}_signing"] = forms.ChoiceField(
                label="Cách ký", choices=Paper.Signing.choices,
                initial=stored.signing if stored else Paper.Signing.LEAD,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for title and signing only of a paper that is taken in."""
        data: dict[str, Any] = super().clean() or {}
        for kind in self.KINDS:
            if not data.get(f"{kind.lower()}_included"):
                forgive(self, f"{kind.lower()}_title", "")
                forgive(self, f"{kind.lower()}_signing", "")
        return self.cleaned_data

    def label_of(self, stored_name: str) -> str:
        """Name a paper."""
        return PaperKind(stored_name).label

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields paper by paper."""
        parts = ("included", "title", "signing")
        return [(k.label, [self[f"{k.lower()}_{part}"] for part in parts]) for k in self.KINDS]

    def papers(self, pledge_title: str) -> dict[str, tuple[str, str]]:
        """Return the set as the operation takes it."""
        data = self.cleaned_data
        chosen: dict[str, tuple[str, str]] = {PaperKind.PLEDGE: (pledge_title, Paper.Signing.ALL)}
        for kind in self.KINDS:
            name = kind.lower()
            if data[f"{name}_included"]:
                chosen[kind] = (data[f"{name}_title"], data[f"{name}_signing"])
        return chosen


class SignatoryForm(BaseForm):
    """One line of the signing order."""

    included = forms.BooleanField(label="Có chứng kiến", required=False)
    order = VnIntegerField(label="Thứ tự", min_value=1, max_value=999, required=False)
    position = VnCharField(label="Chức vụ in trên văn bản", max_length=160, required=False)
    authority = forms.ChoiceField(
        label="Thẩm quyền", choices=Signatory.Authority.choices, required=False
    )

    unit: Unit
    is_witness = False

    def clean(self) -> dict[str, Any]:
        """Ask a line that signs for its place and position."""
        data: dict[str, Any] = super().clean() or {}
        if self.is_witness and not data.get("included"):
            return data
        if not self.is_witness and data.get("order") is None and "order" not in self.errors:
            self.add_error("order", f"Chưa ghi thứ tự ký của {self.unit.short_name}.")
        if not data.get("position") and "position" not in self.errors:
            self.add_error("position", f"Chưa ghi chức vụ người ký của {self.unit.short_name}.")
        return data

    @property
    def place(self) -> tuple[int, str, str, str]:
        """Return the line as the operation takes it."""
        role = Signatory.Role.WITNESS if self.is_witness else Signatory.Role.SIGNER
        data = self.cleaned_data
        return self.unit.pk, role, data["position"], data["authority"]


class SignatoriesForm(RowForm):
    """The frame of the signing order: mark and token; the lines are `SignatoryForm`s."""

    def label_of(self, stored_name: str) -> str:
        """Name a place in the order."""
        return f"Thứ tự {int(stored_name)}"

    def check_order(self, lines: list[SignatoryForm]) -> None:
        """Refuse two units in one place."""
        taken: dict[int, Unit] = {}
        for line in lines:
            order = line.cleaned_data.get("order")
            if line.is_witness or order is None:
                continue
            if order in taken:
                other = taken[order].short_name
                line.add_error("order", f"Thứ tự {order} đã dành cho {other}. Ghi số khác.")
            taken.setdefault(order, line.unit)


def signatory_lines(
    data: Sent,
    members: Iterable[Membership],
    witnesses: Iterable[Unit],
    stored: dict[tuple[int, str], Signatory],
) -> list[SignatoryForm]:
    """Return one line for each member, then one for each body that may witness."""
    rows: list[tuple[int, SignatoryForm]] = []
    for place, member in enumerate(members, start=1):
        row = stored.get((member.unit_id, Signatory.Role.SIGNER))
        line = _signatory_line(data, member.unit, row, place)
        rows.append((row.order if row else 1000 + place, line))
    rows.sort(key=lambda pair: pair[0])
    return [line for _, line in rows] + [_witness_line(data, unit, stored) for unit in witnesses]


def _witness_line(
    data: Sent, unit: Unit, stored: dict[tuple[int, str], Signatory]
) -> SignatoryForm:
    row = stored.get((unit.pk, Signatory.Role.WITNESS))
    line = _signatory_line(data, unit, row, 0, prefix=f"w{unit.pk}")
    line.is_witness = True
    line.initial["included"] = row is not None
    return line


def _signatory_line(
    data: Sent, unit: Unit, row: Signatory | None, place: int, prefix: str = ""
) -> SignatoryForm:
    initial: dict[str, Any] = {"order": place or None, "position": "", "authority": ""}
    if row is not None:
        initial = {"order": row.order, "position": row.position, "authority": row.authority}
    line = SignatoryForm(data, prefix=prefix or f"s{unit.pk}", initial=initial)
    line.unit = unit
    for name in ("order", "position", "authority"):
        label = str(line.fields[name].label)
        line.fields[name].widget.attrs["aria-label"] = f"{label}, {unit.short_name}"
    return line


# What units say ------------------------------------------------------------------------------
class CommentForm(IdempotentForm):
    """What a unit says about a clause, a target or a paper."""

    text = VnTextField(
        label="Góp ý", max_length=4000, error_messages={"required": "Chưa ghi góp ý."}
    )


class ProposalForm(IdempotentForm):
    """A unit's counter-proposal of its own level."""

    state = forms.ChoiceField(
        label="Đề nghị",
        choices=[(LevelState.NUMBER, "Mức khác"), (LevelState.NOT_ASSIGNED, "Không giao")],
        widget=forms.RadioSelect,
        initial=LevelState.NUMBER,
    )
    value = VnDecimalField(
        label="Mức đề nghị",
        max_digits=18,
        decimal_places=4,
        error_messages={"required": "Chưa ghi mức đề nghị. Nhập số, ví dụ 77 hoặc 76,5."},
    )
    text = ReasonField(label="Lý do", max_length=4000)

    def clean(self) -> dict[str, Any]:
        """Hold the number to the choice."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("state") == LevelState.NOT_ASSIGNED:
            if data.get("value") is not None:
                self.add_error("value", "Đã đề nghị không giao thì bỏ trống mức.")
            elif self.has_error("value", "required"):
                forgive(self, "value", None)
        return self.cleaned_data

    def level(self, unit_id: int) -> Level:
        """Return the level as the operation takes it."""
        data = self.cleaned_data
        assigned = data["state"] != LevelState.NOT_ASSIGNED
        return Level(unit_id, is_assigned=assigned, value=data["value"] if assigned else None)


class AnswerForm(IdempotentForm):
    """The lead's answer to a remark: taken over, or kept as it is, always in words."""

    act = forms.ChoiceField(
        choices=[("accept", "Tiếp thu"), ("keep", "Giữ nguyên")],
        error_messages={"required": "Chọn tiếp thu hoặc giữ nguyên."},
        label="Kết quả",
        widget=forms.HiddenInput,
    )
    answer = ReasonField(label="Trả lời", max_length=4000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Speak of an answer, not of a reason."""
        super().__init__(*args, **kwargs)
        self.fields["answer"].error_messages["required"] = (
            "Chưa ghi trả lời: đã tiếp thu thế nào, hoặc vì sao giữ nguyên."
        )


# Steps ---------------------------------------------------------------------------------------
class SeenForm(IdempotentForm):
    """A step that stands on what was read: the version and its mark travel with the form."""

    version = VnIntegerField(widget=forms.HiddenInput, required=False)
    mark = VnCharField(widget=forms.HiddenInput, required=False, max_length=64)


class ReviseForm(IdempotentForm):
    """Open the next version, with the reason everybody will read."""

    note = ReasonField(label="Lý do lập bản mới", max_length=500)


class ConsentForm(SeenForm):
    """A head's word on the version that circulates."""

    word = forms.ChoiceField(
        label="Ý kiến",
        choices=[("agree", "Thống nhất"), ("refuse", "Chưa thống nhất")],
        error_messages={"required": "Chọn thống nhất hoặc chưa thống nhất."},
        widget=forms.HiddenInput,
    )
    reason = VnTextField(
        label="Lý do khi chưa thống nhất",
        max_length=4000,
        error_messages={"required": "Chưa ghi lý do. Nêu điều cần sửa để đơn vị trưởng biết."},
    )

    def clean(self) -> dict[str, Any]:
        """A refusal needs a reason in words."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("word") != "refuse" and self.has_error("reason", "required"):
            forgive(self, "reason", "")
        said = any(char.isalpha() for char in data.get("reason") or "")
        if data.get("word") == "refuse" and not said and "reason" not in self.errors:
            self.add_error("reason", self.fields["reason"].error_messages["required"])
        return self.cleaned_data


class FreezeForm(SeenForm):
    """Freeze the agreed text under the date it will bear."""

    dated = VnDateField(
        label="Ngày ghi trên văn bản",
        help_text="Thường là ngày hội nghị ký kết. Ghi theo mẫu ngày/tháng/năm.",
    )

    def __init__(self, *args: Any, first: date, last: date, **kwargs: Any) -> None:
        """Take only a day of the cycle."""
        super().__init__(*args, **kwargs)
        dated = self.fields["dated"]
        dated.min_value, dated.max_value = first, last  # type: ignore[attr-defined]


def page_token() -> uuid.UUID:
    """Return the token from which single buttons of a page derive theirs."""
    return uuid.uuid4()
