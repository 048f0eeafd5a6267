"""The files that prove a figure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from core.forms import BaseForm, IdempotentForm, VnCharField, VnDateField
from core.uploads import Accepted, Unfit, examine
from scoring.models import Evidence
from scoring.operations import Chosen
from scoring.queries.evidence import evidence_choices

#: Files in one sending: each is opened and looked through before the page answers.
MOST_FILES: Final = 10
_ENDINGS: Final = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx"


class _Files(forms.FileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(
        self,
        data: Any,  # noqa: ANN401, ARG002 - the signature is Django's
        files: "MultiValueDict[str, UploadedFile[bytes]]",
        name: str,
    ) -> list["UploadedFile[bytes]"]:
        """Return all files, not only the last."""
        return files.getlist(name)


class EvidenceFilesField(forms.FileField):
    """Several files; the clean value is a tuple of `Accepted`, examined by their content."""

    widget = _Files

    def __init__(self, *, label: str = "Tệp minh chứng", **kwargs: Any) -> None:
        """Say beside the input what is taken and how much."""
        most = settings.EVIDENCE_MAX_BYTES // (1024 * 1024)
        kwargs.setdefault(
            "help_text",
            "PDF, ảnh PNG hoặc JPEG, Word .docx, Excel .xlsx; "
            f"mỗi tệp không quá {most} MB, mỗi lần không quá {MOST_FILES} tệp.",
        )
        super().__init__(label=label, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the browser offer the right files first."""
        return {**super().widget_attrs(widget), "accept": _ENDINGS, "multiple": True}

    def clean(self, data: Any, initial: Any = None) -> tuple[Accepted, ...]:  # noqa: ANN401, ARG002
        """Examine every file; each that is not fit is named with what to send instead."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > MOST_FILES:
            raise ValidationError(
                f"Mỗi lần chỉ nhận {MOST_FILES} tệp, đang chọn {len(files)}. Chia thành nhiều lần."
            )
        taken, faults = [], []
        for file in files:
            try:
                taken.append(_examined(file))
            except Unfit as fault:
                faults.append(f"{file.name}: {fault}")
        if faults:
            raise ValidationError([ValidationError(fault) for fault in faults])
        return tuple(taken)


def _examined(file: "UploadedFile[bytes]") -> Accepted:
    """Look at the size before a byte is read."""
    most: int = settings.EVIDENCE_MAX_BYTES
    if (file.size or 0) > most:
        raise Unfit(
            f"Tệp này lớn hơn {most // (1024 * 1024)} MB. "
            "Giảm độ phân giải khi quét hoặc tách thành nhiều tệp rồi gửi."
        )
    file.seek(0)
    return examine(file.read(), file.name or "")


class _PaperFields(BaseForm):
    """Number and date of the paper that the files are pages of."""

    paper_number = VnCharField(label="Số, ký hiệu văn bản", max_length=80, required=False)
    paper_date = VnDateField(label="Ngày văn bản", required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        """Take no paper of tomorrow."""
        super().__init__(*args, **kwargs)
        self.fields["paper_date"].max_value = today  # type: ignore[attr-defined]


class EvidenceForm(_PaperFields, IdempotentForm):
    """New files for the store of a unit."""

    uploads = EvidenceFilesField()
    field_order = ("uploads", "paper_number", "paper_date", "token")

    @property
    def chosen(self) -> Chosen:
        """Return what `operations.keep` takes."""
        data = self.cleaned_data
        return Chosen((), data["uploads"], data["paper_number"], data["paper_date"])


class EvidenceChoice(_PaperFields):
    """The part of another form that attaches evidence: files of the store, and new ones.

    Give it `acts.sent(request)` and `acts.sent_files(request)`, the files of the unit's store
    (`queries.evidence.evidence_of`) and the keys of those attached now; show it with
    `templates/scoring/_evidence.html` inside the form of the page (which needs
    `enctype="multipart/form-data"`), hand it to `acts.submit` as a further form, carry out
    `chosen`: `operations.keep` and then `operations.attach` under the lock of the row.
    """

    evidence = forms.TypedMultipleChoiceField(
        label="Tệp đã có trong kho",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    uploads = EvidenceFilesField(label="Đính kèm tệp mới", required=False)
    field_order = ("evidence", "uploads", "paper_number", "paper_date")

    def __init__(
        self,
        *args: Any,
        store: Sequence[Evidence],
        attached: Iterable[int] = (),
        **kwargs: Any,
    ) -> None:
        """Offer the files of the store, those attached now ticked."""
        kwargs.setdefault("prefix", "minh-chung")
        kwargs["initial"] = {"evidence": list(attached), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["evidence"].choices = evidence_choices(store)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Chosen:
        """Return what was ticked and what is new."""
        data = self.cleaned_data
        return Chosen(
            tuple(data["evidence"]), data["uploads"], data["paper_number"], data["paper_date"]
        )
