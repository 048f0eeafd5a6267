"""Forms of votes: list and rules, the vote itself, presence, what tellers counted on paper."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from core.forms import (
    BaseForm,
    DecideForm,
    IdempotentForm,
    ReasonField,
    VnCharField,
    VnIntegerField,
)
from scoring.forms.evidence import EvidenceFilesField
from scoring.models import Ballot, Candidate, Voter
from scoring.policies.ballot import Terms
from scoring.policies.nomination import Contender
from scoring.workflow.ballot import BallotPlan, PaperCount

#: A share of a vote is a small fraction: 2/3, 4/5, 9/10.
LARGEST_WHOLE: Final = 100
_SCANS: Final = ("application/pdf", "image/png", "image/jpeg")
YES, NO = "1", "0"


def _yes_no(label: str, yes: str, no: str, **kwargs: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[(YES, yes), (NO, no)], coerce=lambda value: value == YES,
        widget=forms.RadioSelect, **kwargs,
    )  # fmt: skip


def _fraction(label: str) -> VnIntegerField:
    return VnIntegerField(label=label, min_value=1, max_value=LARGEST_WHOLE)


class BallotForm(DecideForm):
    """Who stands in a vote and by which rules it is counted."""

    units = forms.TypedMultipleChoiceField(
        label="Đơn vị đưa ra bỏ phiếu", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    title = VnCharField(
        label="Tên cuộc bỏ phiếu", max_length=200, required=False,
        help_text="Để trống thì hệ thống đặt theo nội dung bỏ phiếu.",
    )  # fmt: skip
    seats = VnIntegerField(
        label="Số đơn vị được chọn", min_value=1, max_value=99,
        help_text="Mỗi phiếu chọn không quá số này.",
    )  # fmt: skip
    is_secret = _yes_no(
        "Hình thức",
        "Bỏ phiếu kín: không ai xem được phiếu của từng đơn vị",
        "Biểu quyết công khai: kết quả ghi rõ đơn vị nào chọn đơn vị nào",
    )
    on_paper = _yes_no(
        "Cách bỏ phiếu",
        "Phiếu giấy tại hội nghị, nhập kết quả kiểm phiếu và đính kèm biên bản",
        "Trên hệ thống, lãnh đạo từng đơn vị bỏ phiếu",
    )
    quorum_parts = _fraction("Đủ số khi có mặt ít nhất: tử số")
    quorum_whole = _fraction("mẫu số")
    threshold_parts = _fraction("Trúng khi đạt: tử số")
    threshold_whole = _fraction("mẫu số")
    is_strict = _yes_no("So với tỷ lệ", "Phải quá tỷ lệ này", "Từ tỷ lệ này trở lên")
    of = forms.ChoiceField(
        label="Tỷ lệ tính trên", choices=Ballot.Base.choices, widget=forms.RadioSelect
    )
    tellers = VnCharField(
        label="Ban kiểm phiếu", max_length=300, required=False,
        help_text="Họ tên, cách nhau bằng dấu phẩy; in trên biên bản kiểm phiếu.",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        about: Terms,
        eligible: Sequence[Contender],
        **kwargs: Any,
    ) -> None:
        """Offer the units that may stand."""
        kwargs["initial"] = START | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.about = about
        units: Any = self.fields["units"]
        units.choices = [(one.unit_id, _named(one)) for one in eligible]

    @property
    def plan(self) -> BallotPlan:
        """Return what the workflow prepares."""
        data = self.cleaned_data
        return BallotPlan(
            subject=self.about.subject,
            unit_ids=frozenset(data["units"]),
            quota_id=self.about.quota.pk if self.about.quota else None,
            rank=self.about.rank,
            title=data["title"],
            is_secret=data["is_secret"],
            on_paper=data["on_paper"],
            seats=data["seats"],
            quorum=(data["quorum_parts"], data["quorum_whole"]),
            threshold=(data["threshold_parts"], data["threshold_whole"]),
            is_strict=data["is_strict"],
            of=data["of"],
            excludes_unconsidered=self.about.excludes_unconsidered,
            tellers=data["tellers"],
        )


#: What a new vote starts from: usual rules of councils (domain.md §4), each of them to be changed.
START: Final[dict[str, Any]] = {
    "seats": 1, "is_secret": YES, "on_paper": NO, "quorum_parts": 2, "quorum_whole": 3,
    "threshold_parts": 1, "threshold_whole": 2, "is_strict": YES, "of": Ballot.Base.PRESENT,
}  # fmt: skip


def start_of(ballot: Ballot) -> dict[str, Any]:
    """Return what the form of a vote that is being prepared starts from."""
    yes_no = {True: YES, False: NO}
    return {
        "units": list(ballot.candidates.values_list("unit_id", flat=True)),
        "title": ballot.title,
        "seats": ballot.seats,
        "is_secret": yes_no[ballot.is_secret],
        "on_paper": yes_no[ballot.on_paper],
        "quorum_parts": ballot.quorum_parts,
        "quorum_whole": ballot.quorum_whole,
        "threshold_parts": ballot.threshold_parts,
        "threshold_whole": ballot.threshold_whole,
        "is_strict": yes_no[ballot.threshold_is_strict],
        "of": ballot.threshold_of,
        "tellers": ballot.tellers,
        "seen": str(ballot.revision),
    }


def _named(one: Contender) -> str:
    place = f"hạng {one.rank}" if one.rank is not None else "không xếp hạng"
    return f"{one.unit_name} ({place}, {one.points} điểm)"


class CastForm(BaseForm):
    """A vote. It carries no token: what a form is remembered by would be made of the choice.

    The row of the voter keeps a unit from voting twice. Faults name no candidate and are not shown
    beside the choice: the page starts empty again, so that no page of the browser's history holds
    a choice (ADR 0049).
    """

    candidates = forms.TypedMultipleChoiceField(
        label="Danh sách bỏ phiếu", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    blank = forms.BooleanField(label="Phiếu trắng: không chọn đơn vị nào", required=False)
    sure = forms.BooleanField(
        label="Tôi đã xem lại. Phiếu đã bỏ không xem lại, không đổi được.", required=False
    )

    def __init__(
        self, *args: Any, candidates: Iterable[Candidate], seats: int, **kwargs: Any
    ) -> None:
        """Offer the list in its order."""
        super().__init__(*args, **kwargs)
        self.seats = seats
        choices: Any = self.fields["candidates"]
        choices.choices = [(one.pk, _on_ballot(one)) for one in candidates]
        choices.needed_later = True  # marked or blank: `fault` asks for one of them
        for name in ("candidates", "blank", "sure"):
            # Browsers bring back what was ticked when one goes back; not here.
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def fault(self) -> str:
        """Say what has to be mended, without a word of what was chosen."""
        if not self.is_valid():
            return "Chưa ghi phiếu: có đơn vị không trong danh sách. Chọn lại."
        chosen, blank = self.cleaned_data["candidates"], self.cleaned_data["blank"]
        if len(set(chosen)) > self.seats:
            return f"Chưa ghi phiếu: chỉ được chọn không quá {self.seats} đơn vị. Chọn lại."
        if bool(chosen) == blank:
            return "Chưa ghi phiếu: chọn đơn vị hoặc đánh dấu phiếu trắng, chỉ một trong hai."
        if not self.cleaned_data["sure"]:
            return "Chưa ghi phiếu: đánh dấu ô xác nhận rồi bỏ phiếu. Chọn lại."
        return ""

    @property
    def chosen(self) -> frozenset[int]:
        """Return the candidates that were marked."""
        return frozenset(self.cleaned_data["candidates"])


def _on_ballot(one: Candidate) -> str:
    place = f"hạng {one.rank}, " if one.rank is not None else ""
    return f"{one.unit_name} ({place}{one.points} điểm)"


class PresenceForm(IdempotentForm):
    """Which units are present."""

    present = forms.TypedMultipleChoiceField(
        label="Đơn vị có mặt", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, voters: Sequence[Voter], **kwargs: Any) -> None:
        """Tick who is present now; who has voted stays so whatever is ticked."""
        there = [voter.pk for voter in voters if voter.is_present]
        kwargs["initial"] = {"present": there} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["present"]
        choices.choices = [
            (v.pk, f"{v.unit_name} (đã bỏ phiếu)" if v.has_voted else v.unit_name) for v in voters
        ]
        choices.needed_later = True

    @property
    def chosen(self) -> frozenset[int]:
        """Return the keys of the voters that are present."""
        return frozenset(self.cleaned_data["present"])


class PaperCountForm(PresenceForm):
    """What the tellers counted: presence, votes, blank ones, and the minutes they signed."""

    cast = VnIntegerField(label="Số phiếu thu về")
    blank = VnIntegerField(label="Trong đó phiếu trắng, không hợp lệ", min_value=0)
    tellers = VnCharField(
        label="Ban kiểm phiếu", max_length=300, help_text="Họ tên, cách nhau bằng dấu phẩy."
    )
    minutes = EvidenceFilesField(
        label="Biên bản kiểm phiếu đã ký",
        help_text="Một tệp PDF hoặc ảnh quét PNG, JPEG.",
    )

    def __init__(
        self, *args: Any, voters: Sequence[Voter], candidates: Sequence[Candidate], **kwargs: Any
    ) -> None:
        """Ask for the votes of each candidate."""
        super().__init__(*args, voters=voters, **kwargs)
        self.candidates = list(candidates)
        for one in self.candidates:
            self.fields[f"votes-{one.pk}"] = VnIntegerField(label=f"Số phiếu: {one.unit_name}")
        self.fields["minutes"].widget.attrs.pop("multiple", None)

    @property
    def votes(self) -> list[Any]:
        """Return the fields of the candidates in their order."""
        return [self[f"votes-{one.pk}"] for one in self.candidates]

    def clean_minutes(self) -> Any:  # noqa: ANN401 - Accepted, once checked
        """Take one scan."""
        files = self.cleaned_data["minutes"]
        if len(files) != 1:
            raise ValidationError("Chỉ đính kèm một tệp: quét các trang thành một PDF.")
        if files[0].mime not in _SCANS:
            raise ValidationError("Đính kèm bản quét có chữ ký: PDF, PNG hoặc JPEG.")
        return files[0]

    @property
    def found(self) -> PaperCount:
        """Return what the workflow takes over."""
        data = self.cleaned_data
        return PaperCount(
            present=self.chosen,
            votes={one.pk: data[f"votes-{one.pk}"] for one in self.candidates},
            cast=data["cast"],
            blank=data["blank"],
            minutes=data["minutes"],
            tellers=data["tellers"],
        )


class CancelForm(DecideForm):
    """Why a vote is called off."""

    reason = ReasonField(label="Lý do hủy", max_length=300)
