"""Who may stand in a vote, who votes, who opens, counts and cancels it, each with the reason."""

from dataclasses import dataclass
from datetime import date

from clusters.models import ClusterYear, YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny
from scoring.models import (
    AwardQuota,
    Ballot,
    BallotStatus,
    BallotSubject,
    Publication,
    PublicationStatus,
    Voter,
)
from scoring.policies.nomination import Contender, is_closed, why_closed, why_not_titled
from scoring.policies.run import may_read_all_points

BS, Subject = BallotStatus, BallotSubject


@dataclass(frozen=True, slots=True)
class Terms:
    """What a vote is about, as far as it decides who may stand."""

    subject: BallotSubject
    today: date
    quota: AwardQuota | None = None
    rank: int | None = None
    excludes_unconsidered: bool = True


def stands(contender: Contender, terms: Terms) -> bool:
    """Whether the vote concerns this unit at all: a tie only those that share the rank."""
    return terms.subject != Subject.TIE or contender.rank == terms.rank


def why_excluded(contender: Contender, terms: Terms) -> str:
    """Say why a unit cannot stand; nothing where it can.

    For next year's lead and deputy a unit counts that was not considered this year or the year
    before, when the ballot has that rule (domain.md §2: the prosecution's guidance).
    """
    if terms.subject == Subject.TITLE:
        if terms.quota is None:
            message = "A vote on a title has its quota."
            raise RuntimeError(message)
        return why_not_titled(contender, terms.quota, terms.today)
    if is_closed(contender, terms.today):
        return why_closed(contender)
    if terms.subject == Subject.TIE:
        return "" if contender.is_considered else "Không xét thi đua năm nay."
    return _why_no_lead(contender) if terms.excludes_unconsidered else ""


def _why_no_lead(contender: Contender) -> str:
    if not contender.is_considered:
        return "Không được xét thi đua năm nay nên không giữ vai trưởng, phó năm sau."
    if contender.was_unconsidered:
        return "Không được xét thi đua năm trước nên không giữ vai trưởng, phó."
    return ""


@dataclass(frozen=True, slots=True)
class BallotStanding:
    """Everything a rule about votes asks."""

    place: Place
    year: ClusterYear
    #: The newest publication, provisional or final; the candidates are read from its run.
    published: Publication | None = None
    ballot: Ballot | None = None
    #: The place of the person's own unit in the list of voters.
    voter: Voter | None = None
    candidates: int = 0


def may_prepare(standing: BallotStanding) -> Verdict:
    """The lead's people and the organiser prepare a vote once a result is published."""
    verdict = _may_manage(standing)
    if not verdict:
        return verdict
    published = standing.published
    if published is None:
        return deny("Bỏ phiếu sau khi công bố điểm tạm tính: danh sách lấy từ kết quả đã công bố.")
    if published.status == PublicationStatus.REVOKED:
        return deny("Kết quả đã bị thu hồi nên không lập cuộc bỏ phiếu theo kết quả đó.")
    return ALLOWED


def may_change(standing: BallotStanding) -> Verdict:
    """Rules and list change until the vote is opened."""
    verdict = _may_manage(standing)
    if verdict and _status(standing) != BS.PREPARING:
        return deny("Cuộc bỏ phiếu đã mở: danh sách, thể lệ không đổi được nữa.")
    return verdict


def may_open(standing: BallotStanding) -> Verdict:
    """Opening fixes list, rules and voters; the list must come from the newest result."""
    verdict = may_change(standing)
    if not verdict:
        return verdict
    verdict = may_prepare(standing)
    if not verdict:
        return verdict
    ballot, published = standing.ballot, standing.published
    if ballot is None or published is None or ballot.run_id != published.run_id:
        return deny(
            "Đã công bố kết quả của phiên chấm mới hơn. Sửa cuộc bỏ phiếu này để lập lại danh sách."
        )
    fewest = 2 if ballot.subject == Subject.TIE else 1
    if standing.candidates < fewest:
        return deny(f"Danh sách bỏ phiếu phải có ít nhất {fewest} đơn vị.")
    return ALLOWED


def may_cast(standing: BallotStanding) -> Verdict:
    """The head of a member unit votes, once; nobody votes for another unit."""
    ballot = standing.ballot
    if not standing.place.is_member_head or standing.voter is None:
        if standing.place.is_member_officer:
            return deny("Lãnh đạo đơn vị bỏ phiếu cho đơn vị.")
        return deny("Chỉ lãnh đạo các đơn vị trong danh sách bỏ phiếu được bỏ phiếu.")
    is_over = standing.year.status == YearStatus.ARCHIVED
    if ballot is None or ballot.status != BS.OPEN or is_over:
        return deny(_NOT_OPEN.get(_status(standing), "Năm thi đua đã lưu trữ."))
    why = why_replaced(ballot, standing.published)
    if why or ballot.on_paper:
        paper = "Cuộc này bỏ phiếu giấy tại hội nghị; kết quả kiểm phiếu được nhập sau."
        return deny(why or paper)
    if standing.voter.has_voted:
        return deny("Đơn vị bạn đã bỏ phiếu. Phiếu đã bỏ không xem lại, không đổi được.")
    return ALLOWED


def may_mark_presence(standing: BallotStanding) -> Verdict:
    """Who holds the meeting marks who is present; on paper that comes with the count."""
    verdict = _while_open(standing)
    if verdict and standing.ballot is not None and standing.ballot.on_paper:
        return deny("Bỏ phiếu giấy: ghi đơn vị có mặt khi nhập kết quả kiểm phiếu.")
    return verdict


def may_count(standing: BallotStanding) -> Verdict:
    """The lead's people or the organiser close the vote and count, while its result stands."""
    return _while_open(standing)


def may_cancel(standing: BallotStanding) -> Verdict:
    """A vote that was not counted may be called off, with a reason; also on a replaced result."""
    verdict = _may_manage(standing)
    if verdict and _status(standing) not in (BS.PREPARING, BS.OPEN):
        return deny(_NOT_OPEN.get(_status(standing), ""))
    return verdict


def why_replaced(ballot: Ballot, published: Publication | None) -> str:
    """Say why a vote cannot go on though it is open; nothing where its result still stands.

    Ranks, exclusions and who leads were read from one published run. Once another is published, or
    it is revoked, votes on that list say nothing about the result that holds.
    """
    if published is None or published.run_id != ballot.run_id:
        return (
            "Kết quả dùng để lập danh sách này đã được thay bằng kết quả công bố sau. Hủy cuộc bỏ "
            "phiếu rồi lập cuộc mới."
        )
    if published.status == PublicationStatus.REVOKED:
        return "Kết quả dùng để lập danh sách này đã bị thu hồi. Hủy cuộc bỏ phiếu này."
    return ""


def _while_open(standing: BallotStanding) -> Verdict:
    verdict = _may_manage(standing)
    if verdict and _status(standing) != BS.OPEN:
        return deny(_NOT_OPEN.get(_status(standing), ""))
    if verdict and standing.ballot is not None:
        why = why_replaced(standing.ballot, standing.published)
        return deny(why) if why else verdict
    return verdict


def _may_manage(standing: BallotStanding) -> Verdict:
    if not may_read_all_points(standing.place):
        return deny("Đơn vị trưởng và cơ quan thường trực tổ chức bỏ phiếu.")
    if standing.year.status == YearStatus.ARCHIVED:
        return deny("Năm thi đua đã lưu trữ.")
    return ALLOWED


def _status(standing: BallotStanding) -> str:
    return standing.ballot.status if standing.ballot else BS.PREPARING


_NOT_OPEN: dict[str, str] = {
    BS.PREPARING: "Cuộc bỏ phiếu chưa mở.",
    BS.COUNTED: "Đã kiểm phiếu, kết quả không đổi được.",
    BS.CANCELLED: "Cuộc bỏ phiếu đã hủy.",
}
