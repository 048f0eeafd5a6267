"""Forms of the registry (units, people, appointments) and of the organiser (years, calendars)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Self, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet
from django.forms.formsets import formset_factory
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from clusters.calendar import Stretch
from clusters.models import (
    STAGE_NAMES,
    Appointment,
    Cluster,
    ClusterYear,
    Cycle,
    CyclePeriod,
    MemberRole,
    Openness,
    Period,
    Role,
    SigningOrder,
    Stage,
    Unit,
    UnitLevel,
    UnitSuccession,
    YearStatus,
)
from clusters.operations import MemberPlan, StagePlan, YearPlan
from core.forms import (
    BaseForm,
    BaseModelForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnDateField,
    VnIntegerField,
    whole_number,
)
from core.text import format_date

_USER_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
FIRST_YEAR: Final = 1948  # the first appeal for patriotic emulation
LAST_YEAR: Final = 2100


# The registry --------------------------------------------------------------------------------
class UnitForm(IdempotentForm, BaseModelForm[Unit]):
    """A unit of the registry."""

    class Meta:
        model = Unit
        fields = ("code", "name", "short_name", "level", "parent", "opened_on", "closed_on")
        labels = {
            "code": "Mã đơn vị",
            "name": "Tên đầy đủ",
            "short_name": "Tên ngắn",
            "level": "Cấp",
        }
        help_texts = {
            "code": "Không trùng với đơn vị khác, ví dụ CAT-QB-01.",
            "short_name": "Dùng trong bảng và danh sách, ví dụ CATP Hải Phòng.",
            "closed_on": "Ngày đầu tiên không còn đơn vị. Để trống khi đơn vị đang hoạt động.",
        }
        error_messages = {
            "code": {"unique": "Mã này đã dùng cho một đơn vị khác. Ghi mã khác."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every other unit as the superior."""
        super().__init__(*args, **kwargs)
        others = Unit.objects.exclude(pk=self.instance.pk).order_by("sort_key")
        _choice(self, "parent").queryset = others
        _choice(self, "parent").empty_label = "Không có"
        _name_blank(self, "level", "Chọn cấp")

    def clean(self) -> dict[str, Any]:
        """Refuse days the wrong way round and a unit that would stand above itself."""
        values = super().clean() or self.cleaned_data
        opened, closed = values.get("opened_on"), values.get("closed_on")
        if opened and closed and closed <= opened:
            self.add_error("closed_on", f"Ngày kết thúc phải sau ngày {format_date(opened)}.")
        above = values.get("parent")
        while above is not None:
            if above.pk == self.instance.pk:
                self.add_error(
                    "parent", "Đơn vị này đang ở dưới đơn vị đang sửa. Chọn đơn vị khác."
                )
                break
            above = above.parent
        return values


class SuccessionForm(IdempotentForm, BaseModelForm[UnitSuccession]):
    """What became of a unit: merged, split or renamed."""

    class Meta:
        model = UnitSuccession
        fields = ("kind", "successor", "effective_date", "basis")
        help_texts = {"basis": "Số, ngày của nghị quyết hoặc quyết định."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every other unit as what came after."""
        super().__init__(*args, **kwargs)
        others = Unit.objects.exclude(pk=self.instance.predecessor_id).order_by("sort_key")
        _choice(self, "successor").queryset = others
        _choice(self, "successor").empty_label = "Chọn đơn vị"
        _name_blank(self, "kind", "Chọn hình thức")

    def clean_successor(self) -> Unit:
        """Refuse the same pair twice."""
        unit: Unit = self.cleaned_data["successor"]
        pair = UnitSuccession.objects.filter(
            predecessor=self.instance.predecessor_id, successor=unit
        )
        if pair.exists():
            raise ValidationError("Việc kế tục giữa hai đơn vị này đã được ghi.")
        return unit


class PersonForm(IdempotentForm, BaseModelForm[User]):
    """Name and rank of a person, as printed on documents."""

    class Meta:
        model = User
        fields = ("full_name", "rank")
        help_texts = {
            "full_name": "Viết hoa chữ cái đầu, như in trên văn bản: Trần Thị Bình.",
            "rank": "Ví dụ Thiếu tá. Để trống khi không có.",
        }


class NewPersonForm(PersonForm):
    """A new person: also the name to log in with."""

    username = VnCharField(
        label="Tên đăng nhập",
        max_length=60,
        help_text="Chữ thường không dấu, số, dấu chấm; nên cho biết vai và đơn vị: canbo.haiphong.",
    )

    class Meta(PersonForm.Meta):
        fields = ("username", "full_name", "rank")  # type: ignore[assignment]

    def clean_username(self) -> str:
        """Keep log-in names to what every keyboard can type."""
        name: str = self.cleaned_data["username"].lower()
        if not _USER_NAME.fullmatch(name):
            raise ValidationError(
                "Chỉ dùng chữ không dấu, số, dấu chấm, gạch ngang; ví dụ canbo.haiphong."
            )
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError("Tên đăng nhập này đã có người dùng. Ghi tên khác.")
        return name


class AppointmentForm(IdempotentForm, BaseModelForm[Appointment]):
    """A role for a unit, with dates; delegated ones with the delegator and the paper."""

    class Meta:
        model = Appointment
        fields = (
            "role", "unit", "position", "starts_on", "ends_on", "decision", "delegated_by",
        )  # fmt: skip
        help_texts = {
            "unit": "Để trống khi phân công quản trị hệ thống.",
            "position": "Như in dưới chữ ký: Trưởng Công an huyện.",
            "ends_on": "Để trống khi chưa định ngày thôi.",
            "decision": "Số, ngày quyết định hoặc giấy ủy quyền.",
            "delegated_by": "Chỉ chọn khi người này làm thay theo giấy ủy quyền.",
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        """Offer units that exist and heads who could delegate today."""
        super().__init__(*args, **kwargs)
        _choice(self, "unit").queryset = Unit.objects.open_on(today).order_by("sort_key")
        _choice(self, "unit").empty_label = "Không (quản trị hệ thống)"
        heads = Appointment.objects.current(today).filter(role=Role.HEAD, delegated_by=None)
        heads = heads.exclude(user=self.instance.user_id).select_related("unit", "user")
        _choice(self, "delegated_by").queryset = heads.order_by("unit__sort_key", "pk")
        _choice(self, "delegated_by").empty_label = "Không, phân công trực tiếp"
        _name_blank(self, "role", "Chọn vai")

    def clean(self) -> dict[str, Any]:
        """Say at the field what the database would refuse."""
        values = super().clean() or self.cleaned_data
        starts, ends = values.get("starts_on"), values.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", f"Ngày thôi phải từ {format_date(starts)} trở đi.")
        self._check_unit(values)
        self._check_delegation(values)
        return values

    def _check_unit(self, values: Mapping[str, Any]) -> None:
        if "unit" in self.errors or "role" not in values:
            return
        if values["role"] == Role.ADMINISTRATOR and values.get("unit"):
            self.add_error("unit", "Quản trị hệ thống không thuộc đơn vị nào. Để trống ô này.")
        elif values["role"] != Role.ADMINISTRATOR and not values.get("unit"):
            self.add_error("unit", "Chọn đơn vị của người này.")

    def _check_delegation(self, values: Mapping[str, Any]) -> None:
        head: Appointment | None = values.get("delegated_by")
        if head is None:
            return
        if not values.get("decision"):
            self.add_error("decision", "Ghi số, ngày giấy ủy quyền.")
        if values.get("role") != Role.HEAD or head.unit_id != getattr(values.get("unit"), "pk", 0):
            self.add_error(
                "delegated_by", f"Người này chỉ ủy quyền được vai lãnh đạo của {head.unit}."
            )


class EndForm(IdempotentForm):
    """The last day of an appointment, and why."""

    ends_on = VnDateField(label="Ngày làm việc cuối cùng")
    reason = ReasonField()


class ReasonForm(IdempotentForm):
    """Why something is done that others must be able to understand later."""

    reason = ReasonField()


class PressForm(IdempotentForm):
    """A page with one button: nothing but the token of the form."""


# Grids ---------------------------------------------------------------------------------------
#: Name of the button that gives more rows and keeps everything that was typed.
MORE_ROWS: Final = "them-dong"
_SPARE: Final = 3
MOST_ROWS: Final = 200


if TYPE_CHECKING:
    _FormSet = BaseFormSet[Any]
else:
    _FormSet = BaseFormSet


class Rows(_FormSet):
    """A grid of rows as plain form fields; rows left empty are as if they were not there."""

    def filled(self) -> list[Any]:
        """Return the rows in which something stands, in the order of the page."""
        return [form for form in self.forms if form.is_valid() and form.is_filled()]

    @classmethod
    def of(cls, row: type[forms.Form], extra: int = _SPARE) -> type[Self]:
        """Make the grid for a kind of row."""
        made = formset_factory(
            row, formset=cls, extra=extra, max_num=MOST_ROWS, absolute_max=MOST_ROWS
        )
        return cast("type[Self]", made)


def typed_rows(data: QueryDict, prefix: str, names: Iterable[str]) -> list[dict[str, str]]:
    """Return what stands in the rows of a grid, to show it again in a larger one."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(whole_number(total), MOST_ROWS)
    rows = [{n: data.get(f"{prefix}-{i}-{n}", "") for n in names} for i in range(count)]
    return [row for row in rows if any(row.values())]


class SharedSelect(forms.Select):
    """A list of choices that many rows share: written once, marked for each row."""

    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, Any] | None = None,
        renderer: object = None,  # noqa: ARG002 - Django's signature
    ) -> SafeString:
        """Write the list without a template for every option; a grid has thousands of them."""
        chosen = str(value or "")
        options = format_html_join("", "{}", ((_group(g, o, chosen),) for g, o in self.choices))
        written = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        pairs = format_html_join("", ' {}="{}"', ((k, v) for k, v in written.items() if v))
        return format_html("<select{}>{}</select>", pairs, options)


def _group(label: str, options: object, chosen: str) -> SafeString:
    if isinstance(options, str):
        return _option(label, options, chosen)
    pairs: Sequence[tuple[str, str]] = options  # type: ignore[assignment]
    inner = format_html_join("", "{}", ((_option(k, v, chosen),) for k, v in pairs))
    return format_html('<optgroup label="{}">{}</optgroup>', label, inner)


def _option(value: object, label: str, chosen: str) -> SafeString:
    mark = " selected" if str(value) == chosen else ""
    return format_html('<option value="{}"{}>{}</option>', value, mark, label)


Choices = list[tuple[str, Any]]


def unit_choices(units: Iterable[Unit]) -> Choices:
    """Group units by level, in Vietnamese order, for a select."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for unit in units:
        groups.setdefault(unit.level, []).append((str(unit.pk), unit.name))
    named = [(level.label, groups[level.value]) for level in UnitLevel if level.value in groups]
    return [("", "Chọn đơn vị"), *named]


class MemberRow(BaseForm):
    """One member of a cluster year: which unit, what it is, at which place."""

    order = VnIntegerField(label="Thứ tự", required=False, min_value=1, max_value=999)
    unit = forms.ChoiceField(label="Đơn vị", required=False, widget=SharedSelect)
    role = forms.ChoiceField(label="Vai", choices=MemberRole.choices, required=False)

    def __init__(self, *args: Any, units: Choices, roles: Choices, **kwargs: Any) -> None:
        """Take the choices that all rows share."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]

    def is_filled(self) -> bool:
        """A row without a unit is no member."""
        return bool(self.cleaned_data.get("unit"))


class MemberRows(Rows):
    """The members in the order of the decision, with one lead and at most one deputy."""

    def clean(self) -> None:
        """Name the row that stands there twice, and what is missing."""
        seen: set[str] = set()
        for row in self.filled():
            unit = row.cleaned_data["unit"]
            if unit in seen:
                row.add_error("unit", "Đơn vị này đã có ở dòng trên. Bỏ một dòng.")
            seen.add(unit)
        if any(form.errors for form in self.forms):
            return
        roles = [row.cleaned_data.get("role") for row in self.filled()]
        if len(seen) < 2:  # noqa: PLR2004 - two units make a cluster
            raise ValidationError("Chọn ít nhất hai đơn vị thành viên.")
        if roles.count(MemberRole.LEAD) != 1:
            raise ValidationError(
                f"Chọn đúng một đơn vị trưởng; hiện có {roles.count(MemberRole.LEAD)}."
            )
        if roles.count(MemberRole.DEPUTY) > 1:
            raise ValidationError(
                f"Nhiều nhất một đơn vị phó; hiện có {roles.count(MemberRole.DEPUTY)}."
            )

    def plans(self) -> list[MemberPlan]:
        """Return the members by the order that was typed; rows without one come last."""
        rows = [row.cleaned_data for row in self.filled()]
        rows.sort(key=lambda values: values["order"] or 1000)
        return [MemberPlan(int(v["unit"]), MemberRole(v["role"] or "MEMBER")) for v in rows]


#: Stages as the calendar names them: nouns with a capital.
STAGE_CHOICES: Final = [(key, f"{noun[:1].upper()}{noun[1:]}") for key, noun in STAGE_NAMES.items()]


class StageRow(BaseForm):
    """One stage of the calendar."""

    kind = forms.ChoiceField(
        label="Giai đoạn", required=False, choices=[("", "Chọn giai đoạn"), *STAGE_CHOICES]
    )
    opens_on = VnDateField(label="Mở từ ngày", required=False)
    due_on = VnDateField(label="Đến hết ngày", required=False)
    late_accepted = forms.BooleanField(label="Nhận muộn", required=False)

    def is_filled(self) -> bool:
        """A row without a stage is no part of the calendar."""
        return bool(self.cleaned_data.get("kind"))

    def clean(self) -> dict[str, Any]:
        """Ask for the day on which a stage opens; refuse days the wrong way round."""
        values = super().clean() or self.cleaned_data
        opens, due = values.get("opens_on"), values.get("due_on")
        if values.get("kind") and not opens and "opens_on" not in self.errors:
            self.add_error("opens_on", "Chưa nhập ngày mở.")
        if (opens or due) and not values.get("kind"):
            self.add_error("kind", "Chọn giai đoạn của dòng này, hoặc xóa ngày.")
        if opens and due and due < opens:
            self.add_error("due_on", f"Hạn phải từ {format_date(opens)} trở đi.")
        return values


class StageRows(Rows):
    """The calendar of a year; the stages follow one another by the day they open."""

    #: The year the dates belong to; a slip of the keyboard in a year is caught here.
    year: int | None = None

    def clean(self) -> None:
        """Hold the dates against the year, and see that drafting and signing are there."""
        rows = self.filled()
        for row in rows:
            self._check_year(row)
        if any(form.errors for form in self.forms):
            return  # a stage whose date cannot be read is not missing
        kinds = {row.cleaned_data["kind"] for row in rows}
        needed = (YearStatus.DRAFTING, YearStatus.SIGNING)
        missing = [STAGE_NAMES[kind] for kind in needed if kind.value not in kinds]
        if missing:
            raise ValidationError(f"Lịch năm còn thiếu giai đoạn: {', '.join(missing)}.")

    def _check_year(self, row: StageRow) -> None:
        for name in ("opens_on", "due_on"):
            day = row.cleaned_data.get(name)
            if self.year and day and abs(day.year - self.year) > 1:
                row.add_error(name, f"Ngày {format_date(day)} không thuộc năm thi đua {self.year}.")

    def plans(self) -> list[StagePlan]:
        """Return the stages by the day they open."""
        rows = sorted((r.cleaned_data for r in self.filled()), key=lambda v: v["opens_on"])
        return [
            StagePlan(YearStatus(v["kind"]), v["opens_on"], v["due_on"], v["late_accepted"])
            for v in rows
        ]


PERIOD_CELLS: Final = ("name", "starts_on", "ends_on", "due_on")
_PERIOD_DAYS: Final = {
    "starts_on": "Chưa nhập ngày đầu kỳ.",
    "ends_on": "Chưa nhập ngày cuối kỳ.",
    "due_on": "Chưa nhập hạn nộp.",
}


class PeriodRow(BaseForm):
    """One reporting period: its name, its days, the day its report is due."""

    name = VnCharField(label="Tên kỳ", max_length=40, required=False)
    starts_on = VnDateField(label="Số liệu từ ngày", required=False)
    ends_on = VnDateField(label="Đến hết ngày", required=False)
    due_on = VnDateField(label="Hạn nộp", required=False)

    def is_filled(self) -> bool:
        """A row in which nothing stands is no period."""
        return any(self.cleaned_data.get(name) for name in PERIOD_CELLS)

    def clean(self) -> dict[str, Any]:
        """Ask for what is missing in a row; refuse days the wrong way round."""
        values = super().clean() or self.cleaned_data
        if not any(values.get(name) for name in PERIOD_CELLS) and not self.errors:
            return values
        if not values.get("name") and "name" not in self.errors:
            self.add_error("name", "Chưa nhập tên kỳ, ví dụ Quý I.")
        for name, missing in _PERIOD_DAYS.items():
            if not values.get(name) and name not in self.errors:
                self.add_error(name, missing)
        starts, ends, due = (values.get(name) for name in _PERIOD_DAYS)
        if starts and ends and ends < starts:
            self.add_error("ends_on", f"Ngày cuối kỳ phải từ {format_date(starts)} trở đi.")
        if ends and due and due < ends:
            self.add_error("due_on", f"Hạn nộp phải từ {format_date(ends)} trở đi.")
        return values


class PeriodRows(Rows):
    """The reporting periods of a year, one after the other, inside the days of the cycle."""

    #: First and last day that figures of the year may belong to.
    cycle: tuple[date, date] | None = None

    def clean(self) -> None:
        """Hold the days against the cycle; refuse a name twice and days counted twice."""
        rows = self.filled()
        names: set[str] = set()
        for row in rows:
            self._check_days(row)
            name = row.cleaned_data["name"]
            if name in names:
                row.add_error("name", "Kỳ này đã có ở dòng trên. Đặt tên khác.")
            names.add(name)
        if any(form.errors for form in self.forms):
            return
        if not rows:
            raise ValidationError("Ghi ít nhất một kỳ báo cáo.")
        for one, following in pairwise(self.plans()):
            if following.starts_on <= one.ends_on:
                raise ValidationError(
                    f"{following.name} bắt đầu trước khi {one.name} kết thúc. "
                    "Sửa ngày cho nối tiếp."
                )

    def _check_days(self, row: PeriodRow) -> None:
        if self.cycle is None:
            return
        first, last = self.cycle
        for name in ("starts_on", "ends_on"):
            day = row.cleaned_data.get(name)
            if day and not first <= day <= last:
                row.add_error(
                    name,
                    f"Ngày {format_date(day)} ngoài chu kỳ {format_date(first)} – "
                    f"{format_date(last)}.",
                )

    def plans(self) -> list[Stretch]:
        """Return the periods by their first day."""
        rows = sorted((r.cleaned_data for r in self.filled()), key=lambda v: v["starts_on"])
        return [Stretch(v["name"], v["starts_on"], v["ends_on"], v["due_on"]) for v in rows]


# The organiser -------------------------------------------------------------------------------
class ClusterForm(IdempotentForm, BaseModelForm[Cluster]):
    """A cluster of one's own body."""

    class Meta:
        model = Cluster
        fields = ("kind", "bloc", "code", "name")
        labels = {"code": "Ký hiệu", "bloc": "Khối, tuyến", "name": "Tên"}
        help_texts = {
            "code": "Đi vào số văn bản: ký hiệu 1 của một cụm cho số 01/GƯTĐ-C1.",
            "bloc": "Chỉ ghi khi các khối, tuyến khác nhau đánh số riêng.",
            "name": "Như trong quyết định: Cụm thi đua số 1.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what the first line of the list is."""
        super().__init__(*args, **kwargs)
        _name_blank(self, "kind", "Chọn loại")

    def clean(self) -> dict[str, Any]:
        """Refuse a second cluster with the same sign."""
        values = super().clean() or self.cleaned_data
        same = Cluster.objects.filter(
            organiser=self.instance.organiser_id,
            **{name: values.get(name, "") or "" for name in ("kind", "bloc", "code")},
        ).exclude(pk=self.instance.pk)
        if values.get("code") and same.exists():
            self.add_error("code", "Đã có cụm, khối cùng loại mang ký hiệu này. Ghi ký hiệu khác.")
        return values


class YearField(VnCharField):
    """A year of four figures; no thousands, no two-figure guesses."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Ask phones for digits."""
        return {**super().widget_attrs(widget), "inputmode": "numeric", "autocomplete": "off"}

    def clean(self, value: object) -> int | None:
        """Give an int; other digits than 0-9 get the same hint as too few of them."""
        said = ValidationError("Ghi năm bằng bốn chữ số, ví dụ 2026.", code="invalid")
        if isinstance(value, str) and value.strip() and not value.isascii():
            raise said
        text = super().clean(value)
        if not text:
            return None
        if not re.fullmatch("[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
            raise said
        return int(text)


class DecisionForm(IdempotentForm):
    """The decision that the members of a year rest on."""

    decision_number = VnCharField(label="Số quyết định", max_length=60, required=False)
    decision_date = VnDateField(label="Ngày quyết định", required=False)

    def clean(self) -> dict[str, Any]:
        """A number comes with its date and a date with its number."""
        values = super().clean() or self.cleaned_data
        number, day = values.get("decision_number"), values.get("decision_date")
        if number and not day and "decision_date" not in self.errors:
            self.add_error("decision_date", "Ghi ngày của quyết định.")
        if day and not number and "decision_number" not in self.errors:
            self.add_error("decision_number", "Ghi số của quyết định.")
        return values


class MembersForm(DecisionForm):
    """The decision of a list of members that stands already, with the mark of what was read."""

    seen = VnCharField(required=False, widget=forms.HiddenInput, max_length=64)


class YearForm(DecisionForm):
    """What a cluster year is opened with, besides members and calendar."""

    year = YearField(label="Năm")
    period = forms.ChoiceField(label="Kỳ", choices=CyclePeriod.choices)
    starts_on = VnDateField(label="Số liệu tính từ ngày")
    ends_on = VnDateField(label="Đến hết ngày")
    theme = VnCharField(label="Phong trào, chủ đề thi đua", max_length=255)
    signing_order = forms.ChoiceField(
        label="Thứ tự ký",
        choices=SigningOrder.choices,
        help_text="Lần lượt: mỗi đơn vị được mời ký sau đơn vị đứng trước.",
    )
    openness = forms.ChoiceField(
        label="Công khai điểm từng tiêu chí",
        choices=Openness.choices,
        help_text="Tổng điểm và thứ hạng luôn công bố cho cả cụm, khối.",
    )

    field_order = (
        "year", "period", "theme", "starts_on", "ends_on", "decision_number", "decision_date",
        "signing_order", "openness",
    )  # fmt: skip

    def __init__(self, *args: Any, cluster: Cluster, **kwargs: Any) -> None:
        """Keep the cluster whose year is opened."""
        super().__init__(*args, **kwargs)
        self.cluster = cluster

    def clean(self) -> dict[str, Any]:
        """Hold the dates against the year and against the cycle other clusters already share."""
        values = super().clean()
        starts, ends, year = (values.get(n) for n in ("starts_on", "ends_on", "year"))
        if starts and ends and ends <= starts:
            self.add_error("ends_on", f"Ngày cuối phải sau ngày {format_date(starts)}.")
        for name in ("starts_on", "ends_on"):
            day = values.get(name)
            if year and day and abs(day.year - year) > 1:
                self.add_error(name, f"Ngày {format_date(day)} không thuộc năm thi đua {year}.")
        self._check_cycle(values)
        return values

    def _check_cycle(self, values: Mapping[str, Any]) -> None:
        if self.errors:
            return
        cycle = Cycle.objects.filter(
            organiser=self.cluster.organiser_id, year=values["year"], period=values["period"]
        ).first()
        if cycle is None:
            return
        for name, shown in (
            ("starts_on", format_date(cycle.starts_on)),
            ("ends_on", format_date(cycle.ends_on)),
            ("theme", f"“{cycle.theme}”"),
        ):
            if values[name] != getattr(cycle, name):
                self.add_error(
                    name, f"Các cụm, khối khác trong {cycle} đã dùng: {shown}. Ghi như vậy."
                )


class ReasonedCalendarForm(IdempotentForm):
    """Why a calendar is changed."""

    seen = VnCharField(required=False, widget=forms.HiddenInput, max_length=64)
    reason = ReasonField(help_text="Mọi đơn vị trong cụm, khối đọc được lý do này.")


class OpennessForm(IdempotentForm):
    """How far members read each other's points, and why it is changed."""

    openness = forms.ChoiceField(
        label="Đơn vị đọc được điểm từng tiêu chí của đơn vị khác đến đâu",
        choices=Openness.choices,
        widget=forms.RadioSelect,
    )
    reason = ReasonField(help_text="Mọi đơn vị trong cụm, khối đọc được lý do này.")


class ExtensionForm(IdempotentForm):
    """More time for one unit in one stage, or for the report of one period."""

    what = forms.ChoiceField(label="Giai đoạn hoặc kỳ báo cáo")
    unit = forms.ModelChoiceField(
        label="Đơn vị", queryset=Unit.objects.none(), empty_label="Chọn đơn vị"
    )
    until = VnDateField(label="Gia hạn đến hết ngày")
    reason = ReasonField(help_text="Mọi đơn vị trong cụm, khối đọc được lý do này.")

    def __init__(self, *args: Any, year: ClusterYear, **kwargs: Any) -> None:
        """Offer the stages that end, the reporting periods, and the members of the year."""
        super().__init__(*args, **kwargs)
        stages = year.stages.filter(due_on__isnull=False).order_by("order")
        periods = year.periods.order_by("order")
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("", "Chọn giai đoạn hoặc kỳ báo cáo"),
            ("Giai đoạn", [(f"{STAGE}{s.pk}", _stage_label(s)) for s in stages]),
            ("Kỳ báo cáo", [(f"{PERIOD}{p.pk}", _period_label(p)) for p in periods]),
        ]
        _choice(self, "unit").queryset = Unit.objects.filter(
            memberships__cluster_year=year
        ).order_by("memberships__order")

    @property
    def is_period(self) -> bool:
        """Whether the report of a period is extended, and not a stage."""
        return bool(self.cleaned_data["what"].startswith(PERIOD))

    def asked(self) -> dict[str, Any]:
        """Return what `operations.extend`, for a period `operations.extend_period`, asks for."""
        values = self.cleaned_data
        key = "period_id" if self.is_period else "stage_id"
        return {
            key: int(values["what"][1:]),
            "unit_id": values["unit"].pk,
            "until": values["until"],
            "reason": values["reason"],
        }


#: What stands before the key of a stage and of a period in the list of both.
STAGE: Final = "g"
PERIOD: Final = "k"


def _stage_label(stage: Stage) -> str:
    """Name a stage with its days: "Dự thảo giao ước (06/02/2026 – 03/03/2026)"."""
    until = format_date(stage.due_on) if stage.due_on else ""
    return f"{stage.name[:1].upper()}{stage.name[1:]} ({format_date(stage.opens_on)} – {until})"


def _period_label(period: Period) -> str:
    """Name a period with the day its report is due: "Quý II (hạn nộp 19/06/2026)"."""
    return f"{period.name} (hạn nộp {format_date(period.due_on)})"


def _name_blank(form: forms.BaseForm, name: str, words: str) -> None:
    """Replace the dashes with which Django shows that nothing is chosen yet."""
    field = form.fields[name]
    choices = [(key, label) for key, label in field.choices if key]  # type: ignore[attr-defined]
    field.choices = [("", words), *choices]  # type: ignore[attr-defined]


def _choice(form: forms.BaseForm, name: str) -> "forms.ModelChoiceField[Any]":
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(name)
    return field


# Pages made of several forms -----------------------------------------------------------------
MEMBER_CELLS: Final = ("order", "unit", "role")
STAGE_CELLS: Final = ("kind", "opens_on", "due_on", "late_accepted")


class YearPage:
    """The forms of a page that opens or changes a year: facts, members, calendar.

    The button "Thêm dòng" sends the same page; then nothing is checked, everything typed is shown
    again and the grids have more rows.
    """

    members: MemberRows
    stages: StageRows
    periods: PeriodRows

    def __init__(
        self,
        form: type[IdempotentForm],
        data: QueryDict | None,
        start: Mapping[str, Any],
        **options: Any,
    ) -> None:
        """Bind to what was sent, or start from what stands or stood last year."""
        self._asked = data if data is not None and MORE_ROWS in data else None
        self._data = None if self._asked is not None else data
        self._start = start
        initial = start.get("form")
        if self._asked is not None:
            initial = {name: self._asked.get(name, "") for name in form.base_fields}
        self.form = form(self._data, initial=initial, **options)
        self.grids: list[Rows] = []

    def add_members(self, units: Choices, cluster: Cluster) -> None:
        """Add the grid of members."""
        roles = [
            ("MEMBER", "Thành viên"), ("LEAD", cluster.lead_title), ("DEPUTY", cluster.deputy_title)
        ]  # fmt: skip
        self.members = MemberRows.of(MemberRow)(
            self._data,
            prefix="thanh-vien",
            initial=self._initial("members", "thanh-vien", MEMBER_CELLS),
            form_kwargs={"units": units, "roles": roles},
        )
        self.grids.append(self.members)

    def add_stages(self, year: int | None = None) -> None:
        """Add the grid of the calendar; its dates belong to the year, typed or given."""
        rows = StageRows.of(StageRow)
        self.stages = rows(
            self._data, prefix="lich", initial=self._initial("stages", "lich", STAGE_CELLS)
        )
        typed = self._data.get("year", "") if self._data is not None else ""
        self.stages.year = year or (int(typed) if re.fullmatch("[0-9]{4}", typed) else None)
        self.grids.append(self.stages)

    def add_periods(self, cycle: tuple[date, date]) -> None:
        """Add the grid of the reporting periods; their days lie within the cycle."""
        self.periods = PeriodRows.of(PeriodRow)(
            self._data, prefix="ky", initial=self._initial("periods", "ky", PERIOD_CELLS)
        )
        self.periods.cycle = cycle
        self.grids.append(self.periods)

    @property
    def kept_mark(self) -> str:
        """Return the mark of what was read first while only more rows are asked for."""
        return self._asked.get("seen", "") if self._asked is not None else ""

    def decided(self) -> dict[str, Any]:
        """Return what `clusters.operations.set_members` asks for."""
        names = ("decision_number", "decision_date", "seen")
        return {"members": self.members.plans()} | {n: self.form.cleaned_data[n] for n in names}

    def scheduled(self) -> dict[str, Any]:
        """Return what `clusters.operations.set_calendar` asks for."""
        names = ("reason", "seen")
        return {"stages": self.stages.plans()} | {n: self.form.cleaned_data[n] for n in names}

    def reported(self) -> dict[str, Any]:
        """Return what `clusters.operations.set_periods` asks for."""
        names = ("reason", "seen")
        return {"periods": self.periods.plans()} | {n: self.form.cleaned_data[n] for n in names}

    def context(self) -> dict[str, Any]:
        """Return what the template prints: the forms, and all faults in the order of the page."""
        return {"page": self, "form": self.form, "errors": list(self._errors())}

    def _errors(self) -> Iterable[tuple[str, str]]:
        if self._data is None:
            return
        yield from (("", str(sentence)) for sentence in self.form.non_field_errors())
        for form in [self.form, *(row for grid in self.grids for row in grid.forms)]:
            for bound in form:
                yield from ((bound.id_for_label, str(sentence)) for sentence in bound.errors)
        for grid in self.grids:
            yield from ((f"luoi-{grid.prefix}", str(fault)) for fault in grid.non_form_errors())

    def _initial(self, part: str, prefix: str, names: Sequence[str]) -> list[dict[str, Any]]:
        if self._data is not None:
            return []  # a row sent as it was shown is still a row
        if self._asked is not None:
            return typed_rows(self._asked, prefix, names)
        return list(self._start.get(part, []))


def year_plan(page: YearPage, *, cluster_id: int, cloned_from_id: int | None) -> YearPlan:
    """Put what was typed together for `clusters.operations.open_year`."""
    values = {name: value for name, value in page.form.cleaned_data.items() if name != "token"}
    values["period"] = CyclePeriod(values["period"])
    values["signing_order"] = SigningOrder(values["signing_order"])
    values["openness"] = Openness(values["openness"])
    return YearPlan(
        cluster_id=cluster_id,
        members=page.members.plans(),
        stages=page.stages.plans(),
        cloned_from_id=cloned_from_id,
        **values,
    )
