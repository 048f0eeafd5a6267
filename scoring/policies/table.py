"""May this person choose, edit or replace a criteria table? Each answer carries its reason."""

from dataclasses import dataclass
from typing import Final

from clusters.models import ClusterYear, YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny, first_denial
from scoring.models import CriteriaTable

#: Until the sheets are opened a table may still change, by a new version.
_CHANGEABLE: Final = (
    YearStatus.PREPARING, YearStatus.DRAFTING, YearStatus.SIGNING, YearStatus.RUNNING,
    YearStatus.MIDYEAR,
)  # fmt: skip
#: Between the signing and the year-end a version is put in use by a decision of its own.
_BESIDE_THE_PLEDGE: Final = (YearStatus.RUNNING, YearStatus.MIDYEAR)


@dataclass(frozen=True, slots=True)
class TableStanding:
    """Everything a rule about the tables of a year asks."""

    place: Place
    year: ClusterYear
    draft: CriteriaTable | None
    in_use: CriteriaTable | None
    has_sheets: bool

    @property
    def table(self) -> CriteriaTable | None:
        """Return the table that stands: the one in use, else the draft."""
        return self.in_use or self.draft


def may_choose_table(place: Place, table: CriteriaTable | None) -> Verdict:
    """The organiser or the lead chooses the table until it is in use (feature 119)."""
    if not (place.is_organiser or place.is_lead):
        return deny("Cơ quan thường trực hoặc đơn vị trưởng chọn bảng tiêu chí.")
    if table is not None and table.status != CriteriaTable.Status.DRAFT:
        return deny(
            "Bảng tiêu chí đã thông qua cùng giao ước nên không thay được; "
            "thay đổi là một phiên bản mới, được các đơn vị thống nhất."
        )
    return ALLOWED


def may_write_table(standing: TableStanding) -> Verdict:
    """The organiser or the lead writes drafts until the score sheets are opened."""
    place, year = standing.place, standing.year
    if not (place.is_organiser or place.is_lead):
        return deny("Cơ quan thường trực hoặc đơn vị trưởng soạn bảng tiêu chí; bạn đang xem.")
    if standing.has_sheets or year.status not in _CHANGEABLE:
        return deny(
            "Năm thi đua đã sang tổng kết, chấm điểm theo bảng đang dùng nên không sửa bảng nữa."
        )
    return ALLOWED


def may_edit_table(standing: TableStanding) -> Verdict:
    """A draft is edited; a table in use is not."""
    return first_denial(may_write_table(standing), _has_draft(standing))


def may_make_version(standing: TableStanding) -> Verdict:
    """A table in use is changed by copying it into the draft of the next version."""
    if standing.in_use is None:
        return first_denial(
            may_write_table(standing),
            deny("Chưa có bảng đang dùng; bản nháp sửa trực tiếp, không cần lập phiên bản mới."),
        )
    drafted = standing.draft is not None
    return first_denial(
        may_write_table(standing),
        deny("Đã có bản nháp của phiên bản mới; sửa tiếp bản nháp đó.") if drafted else ALLOWED,
    )


def may_drop_draft(standing: TableStanding) -> Verdict:
    """A draft beside the table in use may be given up."""
    if standing.in_use is None:
        return first_denial(
            may_edit_table(standing),
            deny("Đây là bảng duy nhất của năm; chọn bảng khác để thay."),
        )
    return may_edit_table(standing)


def may_adopt(standing: TableStanding, faults: int, lost: str, zeroes: str = "") -> Verdict:
    """A new version is put in use beside the signed pledge by the organiser, with a decision.

    `faults` counts what the engine refuses in the draft; `lost` names the criteria with targets of
    the signed pledge that the draft cannot score any more, `zeroes` those by which it would hold
    results against a signed level of 0.
    """
    if not standing.place.is_organiser:
        return deny("Cơ quan thường trực đưa phiên bản mới vào áp dụng, theo quyết định.")
    return first_denial(
        _has_draft(standing),
        _is_beside_the_pledge(standing),
        deny(f"Bản nháp còn {faults} chỗ chưa đúng; sửa hết rồi mới áp dụng được.")
        if faults
        else ALLOWED,
        deny(
            "Bản nháp không còn chấm được các chỉ tiêu đã ký gắn với tiêu chí "
            f"{lost}; giữ các tiêu chí này, tính theo chỉ tiêu đúng như đã ký "
            "(theo mức hay so với năm trước)."
        )
        if lost
        else ALLOWED,
        deny(
            "Bản nháp tính theo chỉ tiêu ở những tiêu chí có mức đã ký bằng 0, không tính được: "
            f"{zeroes}; chọn cách tính “Không để xảy ra” hoặc cách tính không theo chỉ tiêu."
        )
        if zeroes
        else ALLOWED,
    )


def may_switch_coded(standing: TableStanding) -> Verdict:
    """A draft turns coded for good: texts that were wiped do not come back."""
    verdict = may_edit_table(standing)
    if verdict and standing.draft is not None and standing.draft.is_coded:
        return deny("Bảng đã ở chế độ chỉ ghi mã số.")
    return verdict


def _has_draft(standing: TableStanding) -> Verdict:
    if standing.draft is not None:
        return ALLOWED
    if standing.in_use is not None:
        return deny("Bảng đang dùng không sửa được; lập phiên bản mới để sửa.")
    return deny("Năm này chưa có bảng tiêu chí; chọn một bảng để bắt đầu.")


def _is_beside_the_pledge(standing: TableStanding) -> Verdict:
    if standing.has_sheets:
        return deny("Phiếu chấm điểm đã mở theo bảng đang dùng nên không đổi bảng được nữa.")
    status = standing.year.status
    if status in _BESIDE_THE_PLEDGE:
        return ALLOWED
    if status in _CHANGEABLE:
        return deny(
            "Bản nháp được đưa vào dùng cùng lúc chốt giao ước, không cần quyết định riêng."
        )
    return deny("Năm thi đua đã sang tổng kết nên không đổi bảng được nữa.")
