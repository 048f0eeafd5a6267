"""What votes wait for: the heads to vote, who prepares one to open it, who holds it to count."""

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse

from clusters.acting import Acting
from clusters.models import MemberRole, YearStatus
from core.inbox import Work, asked_in
from core.text import format_number
from scoring.models import Ballot, BallotStatus, Publication, PublicationStatus, Voter

BS, Y = BallotStatus, YearStatus
#: States of the year in which votes are held: from the first published result on.
OPEN_YEAR = (Y.PROVISIONAL, Y.OBJECTIONS, Y.PUBLISHED)


@asked_in(OPEN_YEAR)
def work_waiting(acting: Acting, now: datetime) -> list[Work]:  # noqa: ARG001 - the signature of all
    """Return the votes that wait for this person; one statement for any number of them."""
    if not (acting.is_organiser or acting.is_officer or acting.is_head):
        return []
    own = Voter.objects.filter(ballot=OuterRef("pk"), unit=acting.unit_id, has_voted=False)
    manages = Q(cluster_year__memberships__unit=acting.unit_id) & Q(
        cluster_year__memberships__role=MemberRole.LEAD
    )
    newest = Publication.objects.filter(cluster_year=OuterRef("cluster_year")).order_by("-pk")
    standing = newest.exclude(status=PublicationStatus.REVOKED)
    rows = (
        Ballot.objects.visible_to(acting)
        .filter(status__in=[BS.PREPARING, BS.OPEN], cluster_year__status__in=OPEN_YEAR)
        .select_related("cluster_year__cluster", "cluster_year__cycle")
        .annotate(
            is_asked=Exists(own),
            is_lead=Exists(Ballot.objects.filter(manages, pk=OuterRef("pk"))),
            # The run of the newest publication, as in `policies.ballot.why_replaced`.
            newest=Subquery(newest.values("pk")[:1]),
            standing=Subquery(standing.values("pk")[:1]),
            holds=Subquery(newest.values("run")[:1]),
            all_units=Count("voters", distinct=True),
            voted=Count("voters", filter=Q(voters__has_voted=True), distinct=True),
        )
        .order_by("pk")
    )
    found: list[Work] = []
    for ballot in rows:
        facts = vars(ballot)
        is_last = facts["newest"] == facts["standing"] and facts["holds"] == ballot.run_id
        if ballot.status == BS.OPEN and not is_last:
            if acting.is_organiser or facts["is_lead"]:
                found.append(_to_cancel(ballot))
            continue
        if facts["is_asked"] and acting.is_head and not ballot.on_paper:
            found.append(_to_cast(ballot))
        if acting.is_organiser or facts["is_lead"]:
            found.append(_to_manage(ballot, facts["voted"], facts["all_units"]))
    return found


def _to_cast(ballot: Ballot) -> Work:
    return Work(
        title=f"Bỏ phiếu: {ballot.title}",
        why="Đơn vị bạn có một phiếu"
        + (", bỏ phiếu kín: không ai xem được phiếu của đơn vị." if ballot.is_secret else "."),
        url=reverse("scoring:ballot_cast", args=[ballot.cluster_year_id, ballot.pk]),
        verb="Bỏ phiếu",
        icon="check2-square",
        cluster=str(ballot.cluster_year),
    )


def _to_cancel(ballot: Ballot) -> Work:
    return Work(
        title=f"Hủy bỏ phiếu: {ballot.title}",
        why="Kết quả dùng để lập danh sách đã được thay hoặc bị thu hồi.",
        url=reverse("scoring:ballot_cancel", args=[ballot.cluster_year_id, ballot.pk]),
        verb="Hủy",
        icon="slash-circle",
        cluster=str(ballot.cluster_year),
    )


def _to_manage(ballot: Ballot, voted: int, everybody: int) -> Work:
    page = reverse("scoring:ballot", args=[ballot.cluster_year_id, ballot.pk])
    count = reverse("scoring:ballot_count", args=[ballot.cluster_year_id, ballot.pk])
    year = str(ballot.cluster_year)
    if ballot.status == BS.PREPARING:
        why = "Đã lập danh sách và thể lệ, chưa mở bỏ phiếu."
        return Work(f"Mở bỏ phiếu: {ballot.title}", why, page, "Xem lại, mở", "list-check", year)
    if ballot.on_paper:
        why = "Bỏ phiếu giấy: nhập kết quả kiểm phiếu, đính kèm biên bản."
        return Work(f"Kiểm phiếu: {ballot.title}", why, count, "Nhập kết quả", "calculator", year)
    why = f"{format_number(voted)}/{format_number(everybody)} đơn vị đã bỏ phiếu."
    waits = "" if voted == everybody else "các đơn vị chưa bỏ phiếu"
    return Work(
        f"Kiểm phiếu: {ballot.title}", why, page, "Kiểm phiếu", "calculator", year,
        waits_for=waits,
    )  # fmt: skip
