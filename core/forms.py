"""Form fields that read Vietnamese input strictly, and the forms that hold them together.

Every field keeps on screen exactly what the person typed, refuses what could mean two things with
a sentence that shows what to type, and stores text in one form (NFC). `BaseForm` and
`BaseModelForm` see to it that no field slips past these rules.
"""

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from core.text import (
    InputFault,
    clean_text,
    format_date,
    format_number,
    nfc,
    parse_date,
    parse_number,
    require_printable,
)

#: Stands beside every long text: nothing classified may enter the system.
SECRET_WARNING: Final = "Không nhập thông tin mật."  # noqa: S105 - a hint, no password
#: A long text is a few printed pages; more belongs into an attached file.
LONG_TEXT: Final = 20_000
_FEWEST_REASON_LETTERS: Final = 3


# Text ----------------------------------------------------------------------------------------


class VnCharField(forms.CharField):
    """One line of text: NFC, printable, single spaces, length counted as people count letters."""

    default_error_messages = {"required": "Chưa nhập."}

    def to_python(self, value: object) -> str | None:
        """Clean what was typed; refuse what can be neither stored nor shown on paper."""
        if value in self.empty_values:
            return self.empty_value
        typed = str(value)
        self._refuse_flood(typed)
        try:
            text = self.tidy(clean_text(typed))
            require_printable(text)
        except InputFault as fault:
            raise ValidationError(fault.message, code="invalid") from fault
        if self.max_length is not None and len(text) > self.max_length:
            raise ValidationError(self._too_long(len(text)), code="max_length")
        return text or self.empty_value

    def tidy(self, text: str) -> str:
        """Squeeze every run of spaces and line ends, which one line cannot show."""
        return " ".join(text.split())

    def _refuse_flood(self, typed: str) -> None:
        """Do not spend time on cleaning a text that is too long by far."""
        if self.max_length is not None and len(typed) > 8 * self.max_length + 1000:
            raise ValidationError(self._too_long(len(typed)), code="max_length")

    def _too_long(self, length: int) -> str:
        most = format_number(self.max_length or 0)
        return f"Chỉ nhận tối đa {most} ký tự, hiện có {format_number(length)}. Hãy rút ngắn lại."

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out `maxlength`: browsers cut pasted text silently and count NFD letters twice."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs

    def has_changed(self, initial: object, data: object) -> bool:
        """Do not take the same words in another encoding for a change."""
        return super().has_changed(nfc(str(initial or "")), nfc(str(data or "")))


class VnTextField(VnCharField):
    """Text of several lines, with the reminder that nothing classified may be written."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(
        self, *, help_text: str = "", max_length: int | None = None, **kwargs: Any
    ) -> None:
        """Put the reminder behind whatever the hint says."""
        hint = f"{help_text} {SECRET_WARNING}".strip()
        super().__init__(help_text=hint, max_length=max_length or LONG_TEXT, **kwargs)

    def tidy(self, text: str) -> str:
        """Keep the lines; drop spaces at their ends and empty lines around the whole."""
        return "\n".join(line.rstrip() for line in text.split("\n")).strip()


class ReasonField(VnTextField):
    """Why something is returned, declined or changed: always required, never just a dot."""

    #: Marks the label with "(bắt buộc)".
    reason = True
    default_error_messages = {
        "required": "Chưa ghi lý do.",
        "no_words": "Ghi rõ lý do bằng chữ để người nhận biết cần làm gì.",
    }

    def __init__(
        self, *, label: str = "Lý do", max_length: int | None = 2000, **kwargs: Any
    ) -> None:
        """Ask for a reason of a few sentences."""
        super().__init__(label=label, max_length=max_length, **{**kwargs, "required": True})

    def validate(self, value: str) -> None:
        """Refuse a reason without words."""
        super().validate(value)
        if sum(char.isalpha() for char in value) < _FEWEST_REASON_LETTERS:
            raise ValidationError(self.error_messages["no_words"], code="no_words")


# Numbers -------------------------------------------------------------------------------------


class ReadBackField(forms.BoundField):
    """A bound field that can say how what was typed is understood."""

    @property
    def read_back(self) -> str:
        """`Đọc là: 1.234,5 vụ`, or nothing where there is no readable figure."""
        try:
            value = self.field.to_python(self.value())
        except ValidationError:
            return ""
        return cast("VnDecimalField", self.field).read_back(value)


class VnDecimalField(forms.Field):
    """A figure typed in Vietnamese: comma for decimals, dots for thousands, nothing guessed.

    Negative figures are refused unless `min_value=None` or a negative minimum is given.
    """

    default_error_messages = {"required": "Chưa nhập số."}

    def __init__(
        self,
        *,
        min_value: Decimal | int | None = 0,
        max_value: Decimal | int | None = None,
        max_digits: int | None = None,
        decimal_places: int | None = None,
        unit: str = "",
        **kwargs: Any,
    ) -> None:
        """Set the limits and the unit that is read back beside the figure."""
        self.min_value, self.max_value = min_value, max_value
        self.max_digits, self.decimal_places = max_digits, decimal_places
        self.unit = unit
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:  # noqa: ARG002
        """Ask phones for the keyboard with a comma, unless a minus may be needed too."""
        never_negative = self.min_value is not None and self.min_value >= 0
        attrs = {"inputmode": "decimal" if never_negative else "text", "autocomplete": "off"}
        return {**attrs, "data-vn-number": "", **({"data-unit": self.unit} if self.unit else {})}

    def to_python(self, value: object) -> Decimal | None:
        """Read the figure; an empty field is None, which is not zero."""
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal | int):
            return Decimal(value)
        if not str(value).strip():
            return None
        try:
            return parse_number(str(value))
        except InputFault as fault:
            raise ValidationError(fault.message, code="invalid") from fault

    def validate(self, value: Decimal | None) -> None:
        """Check the limits, each with the sentence that names it."""
        super().validate(value)
        if value is None:
            return
        for fault in (self._range_fault(value), self._digits_fault(value)):
            if fault:
                raise ValidationError(fault, code="invalid")

    def _range_fault(self, value: Decimal) -> str:
        if self.min_value is not None and value < self.min_value:
            if self.min_value == 0:
                return "Số không được âm. Ghi 0 hoặc số lớn hơn."
            return f"Số phải từ {format_number(self.min_value)} trở lên."
        if self.max_value is not None and value > self.max_value:
            return f"Số không được lớn hơn {format_number(self.max_value)}."
        return ""

    def _digits_fault(self, value: Decimal) -> str:
        whole, _, fraction = f"{value.copy_abs():f}".partition(".")
        places = self.decimal_places
        if places is not None and len(fraction.rstrip("0")) > places:
            if places == 0:
                return "Ghi số nguyên, không có phần sau dấu phẩy, ví dụ 1.234."
            return f"Chỉ ghi tối đa {places} chữ số sau dấu phẩy."
        if self.max_digits is not None:
            room = self.max_digits - (places or 0)
            if len(whole.lstrip("0")) > room:
                return f"Số quá lớn, chỉ nhận tối đa {room} chữ số trước dấu phẩy."
        return ""

    def prepare_value(self, value: object) -> object:
        """Show a stored figure the Vietnamese way, and what was typed exactly as it was typed."""
        return format_number(value) if isinstance(value, Decimal | int) else value

    def read_back(self, value: Decimal | None) -> str:
        """Say how a figure is understood: `Đọc là: 1.234,5 vụ`."""
        if value is None:
            return ""
        return f"Đọc là: {format_number(value)} {self.unit}".rstrip()

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> ReadBackField:
        """Give templates `field.read_back`."""
        return ReadBackField(form, self, field_name)


class VnIntegerField(VnDecimalField):
    """A whole number typed in Vietnamese; it comes out as an int."""

    def __init__(self, **kwargs: Any) -> None:
        """Allow no decimals."""
        super().__init__(decimal_places=0, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Ask phones for digits only."""
        attrs = super().widget_attrs(widget)
        return {**attrs, "inputmode": "numeric"} if attrs["inputmode"] == "decimal" else attrs

    def clean(self, value: object) -> int | None:
        """Give an int: a year or a count has no decimals to keep."""
        number = super().clean(value)
        return None if number is None else int(number)


# Dates ---------------------------------------------------------------------------------------


class VnDateField(forms.DateField):
    """A date typed day first; impossible dates and month-first dates are refused with a hint."""

    widget = forms.TextInput
    default_error_messages = {"required": "Chưa nhập ngày."}

    def __init__(
        self,
        *,
        min_value: dt.date | None = None,
        max_value: dt.date | None = None,
        **kwargs: Any,
    ) -> None:
        """Set the first and the last day that are taken."""
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:  # noqa: ARG002
        """Show how a date is written and ask phones for digits."""
        return {"inputmode": "numeric", "placeholder": "dd/mm/yyyy", "autocomplete": "off"}

    def to_python(self, value: object) -> dt.date | None:
        """Read the date as typed."""
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, dt.date):
            return super().to_python(value)
        try:
            return parse_date(str(value))
        except InputFault as fault:
            raise ValidationError(fault.message, code="invalid") from fault

    def validate(self, value: dt.date | None) -> None:
        """Check the first and the last day."""
        super().validate(value)
        if value is None:
            return
        if self.min_value is not None and value < self.min_value:
            first = format_date(self.min_value)
            raise ValidationError(f"Ngày phải từ {first} trở đi.", code="min_value")
        if self.max_value is not None and value > self.max_value:
            last = format_date(self.max_value)
            raise ValidationError(f"Ngày không được sau {last}.", code="max_value")

    def prepare_value(self, value: object) -> object:
        """Show a stored date as dd/mm/yyyy, and what was typed exactly as it was typed."""
        return format_date(value) if isinstance(value, dt.date) else value


# Forms ---------------------------------------------------------------------------------------

#: Django's fields that would let a second reading or a second encoding in, and what replaces them.
_STRICT: Final[dict[type[forms.Field], type[forms.Field]]] = {
    forms.CharField: VnCharField,
    forms.DecimalField: VnDecimalField,
    forms.FloatField: VnDecimalField,
    forms.IntegerField: VnIntegerField,
    forms.DateField: VnDateField,
}
#: The messages for "required" that nobody chose for the field at hand.
_UNNAMED: Final = [
    kind.default_error_messages["required"]
    for kind in (forms.Field, VnCharField, VnDecimalField, VnDateField)
]


class _StrictForm(forms.BaseForm):
    """What all forms share: strict fields only, and messages that name the field."""

    #: The page answers in Vietnamese; the browser would answer in a language of its own.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse loose fields and say of each required field what is missing."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _refuse_loose(name, field)
            _name_what_is_missing(name, field)


def _refuse_loose(name: str, field: forms.Field) -> None:
    """Stop the programmer; passwords alone are taken letter by letter as typed."""
    strict = _STRICT.get(type(field))
    if strict and not isinstance(field.widget, forms.PasswordInput):
        raise TypeError(f"{name}: use {strict.__name__} instead of {type(field).__name__}")


def _name_what_is_missing(name: str, field: forms.Field) -> None:
    """Let the message stand alone in the error summary, where no label is beside it."""
    # By identity: what somebody chose for this field may read the same as a general message.
    if not any(field.error_messages.get("required") is message for message in _UNNAMED):
        return
    label = str(field.label or name)
    spoken = label[:1].lower() + label[1:] if label[1:2].islower() else label
    is_choice = isinstance(field, forms.ChoiceField | forms.ModelChoiceField | forms.FileField)
    field.error_messages["required"] = f"Chưa {'chọn' if is_choice else 'nhập'} {spoken}."


class BaseForm(_StrictForm, forms.Form):
    """The form of every page that is not bound to one row."""


class IdempotentForm(BaseForm):
    """A form whose second sending can be told from a second wish: it carries a token of its own.

    The page is given a new token; sending it twice (a double click, the back button) sends the
    same one, and after an error the token stays. What was sent without a token gets a new one.
    Also a mix-in: `class PledgeForm(IdempotentForm, BaseModelForm[Pledge])`.
    """

    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give a token to a form that came without a readable one."""
        super().__init__(*args, **kwargs)
        name = self.add_prefix("token")
        if self.is_bound and not _is_uuid(self.data.get(name)):
            self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict and dict have it
            self.data[name] = str(uuid.uuid4())  # type: ignore[index]


def _is_uuid(text: object) -> bool:
    try:
        uuid.UUID(str(text))
    except ValueError:
        return False
    return True


#: More digits than any key or revision has; of thousands `int` would raise an error.
_MOST_DIGITS = 12


def whole_number(text: str) -> int:
    """Read a key or a revision that a page sent along; 0 where it is none."""
    is_one = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_one else 0


class DecideForm(IdempotentForm):
    """A step that stands on what was read: the revision of the row travels with the form."""

    seen = VnCharField(required=False, widget=forms.HiddenInput, max_length=_MOST_DIGITS)

    @property
    def revision(self) -> int:
        """Return the revision that was on the screen; 0 where none came back."""
        return whole_number(self.cleaned_data.get("seen", ""))

    def renew(self, revision: int) -> None:
        """Go on from what stands now, after it was shown."""
        self.data = self.data.copy()  # type: ignore[attr-defined] # QueryDict has it
        self.data["seen"] = str(revision)  # type: ignore[index]


def strict_formfield(field: "models.Field[Any, Any]", **kwargs: Any) -> forms.Field | None:
    """Give a field of a model its strict form field where Django would take a loose one."""
    loose = field.formfield(**kwargs)
    if loose is None or type(loose) not in _STRICT:
        return loose
    form_class = VnTextField if isinstance(field, models.TextField) else _STRICT[type(loose)]
    return field.formfield(form_class=form_class, **kwargs)


_M = TypeVar("_M", bound=models.Model)
if TYPE_CHECKING:
    from django.forms import ModelForm as _ModelForm
else:

    class _ModelForm(forms.ModelForm):
        """Django's form, with the brackets that only the type checker reads."""

        def __class_getitem__(cls, _model: object) -> type:
            return cls


class BaseModelForm(_StrictForm, _ModelForm[_M]):
    """The form for editing one row: the fields of the model become strict fields by themselves."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Choose the strict fields here, so that no `class Meta` can forget to."""
        super().__init_subclass__(**kwargs)
        meta = getattr(cls, "Meta", None)
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(strict_formfield)
