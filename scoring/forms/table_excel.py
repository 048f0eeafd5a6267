"""A criteria table out of an Excel file: the file, then the table as it was previewed."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from core.canonical import canonical_json
from core.forms import BaseForm, DecideForm, VnCharField
from core.text import InputFault, clean_text
from core.uploads import Unfit, examine
from core.uploads.kinds import XLSX
from scoring import tablebook
from scoring.engine import Faults, loads, read_table
from scoring.models import CriteriaTable

#: A table of 3,000 rows has a tenth of it.
MOST_BYTES: Final = 5 * 1024 * 1024
_NOT_EXCEL: Final = "Tệp này không phải Excel. Hãy gửi tệp Excel .xlsx có trang “Tiêu chí”."
_SPOILT: Final = "Bản xem trước đã hỏng hoặc quá cũ. Chọn lại tệp Excel để xem trước."


class WorkbookForm(BaseForm):
    """An Excel file; a valid form has read it, with or without faults in its rows."""

    workbook = forms.FileField(
        label="Tệp Excel",
        help_text=(
            f"Tệp .xlsx có trang “Tiêu chí”, không quá {MOST_BYTES // 1024**2} MB, "
            f"{tablebook.MOST_ROWS // 1000}.000 dòng."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def __init__(self, *args: Any, present: Mapping[str, Any] | None, **kwargs: Any) -> None:
        """Remember the table that stands: its conventions hold where the file says none."""
        super().__init__(*args, **kwargs)
        self._present = present
        self.reading: tablebook.Reading | None = None
        self.file_name = ""

    def carried(self, draft: CriteriaTable | None) -> "PreviewedTableForm | None":
        """Return the form that carries a sound table to its storing; None where it has faults."""
        if self.reading is None or self.reading.table is None:
            return None
        return PreviewedTableForm.of(self.reading.table, draft, self.file_name)

    def clean_workbook(self) -> "UploadedFile[bytes]":
        """Read the file; what cannot be opened is refused with what to send instead."""
        file: UploadedFile[bytes] = self.cleaned_data["workbook"]
        if (file.size or 0) > MOST_BYTES:
            most = MOST_BYTES // 1024**2
            raise ValidationError(f"Tệp này lớn hơn {most} MB. Bỏ hình ảnh, dữ liệu thừa rồi gửi.")
        try:
            accepted = examine(file.read(), file.name or "")
            is_excel = accepted.mime == XLSX.mime
            if is_excel:
                self.reading = tablebook.read(accepted.data, present=self._present)
        except Unfit as fault:
            raise ValidationError(str(fault)) from fault
        if not is_excel:
            raise ValidationError(_NOT_EXCEL)
        self.file_name = accepted.name
        return file


class _ExactText(forms.CharField):
    """A hidden text that comes back letter by letter: it is hashed."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(strip=False, error_messages={"required": _SPOILT})


class PreviewedTableForm(DecideForm):
    """The table of a preview, with its SHA-256 and the revision of the draft that was seen."""

    table = _ExactText()
    sha256 = _ExactText()
    file_name = VnCharField(widget=forms.HiddenInput, required=False, max_length=200)

    @classmethod
    def of(
        cls, table: Mapping[str, Any], draft: CriteriaTable | None, file_name: str
    ) -> "PreviewedTableForm":
        """Return the form that carries a table to its storing."""
        text = canonical_json(table).decode()
        initial = {"table": text, "sha256": _sha256(text), "file_name": file_name}
        return cls(initial=initial | {"seen": _revision(draft)})

    @property
    def seen_draft(self) -> int | None:
        """Return the revision of the draft that was seen; None where there was none."""
        return self.revision or None

    def renew_draft(self, draft: CriteriaTable | None) -> None:
        """Go on from the draft that stands now, after it was shown."""
        self.renew(int(_revision(draft)))

    def clean(self) -> dict[str, Any]:
        """Read the table anew: what a browser sends back is as foreign as any file."""
        cleaned = super().clean() or self.cleaned_data
        text = cleaned.get("table")
        if text is None or _sha256(text) != cleaned.get("sha256"):
            raise ValidationError(_SPOILT)
        try:
            table = _cleaned(loads(text))
            read_table(table)
        except (Faults, InputFault) as fault:
            raise ValidationError(_SPOILT) from fault
        cleaned["read"] = table
        return cleaned

    @property
    def read(self) -> dict[str, Any] | None:
        """Return the table; None where it could not be read."""
        found: dict[str, Any] | None = getattr(self, "cleaned_data", {}).get("read")
        return found


def _revision(draft: CriteriaTable | None) -> str:
    """Return what says which draft was seen; drafts count from 1."""
    return str(draft.revision if draft else 0)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Bring every text to the form in which texts are stored."""
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return clean_text(value) if isinstance(value, str) else value
