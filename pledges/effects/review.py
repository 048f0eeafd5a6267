"""Who is told what happens to the reviews of a year and to exemplars: notices with the event.

Wired in `settings.EFFECTS`; what is settled is taken back.
"""

from collections.abc import Iterable

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import ClusterYear, Membership, Role
from clusters.queries import judge_of, lead_of, members_of, people_of
from core import notices
from core.models import AuditEvent
from core.text import clip, format_date
from pledges.models import Exemplar, Review, ReviewKind

#: A reason is quoted so far; the page has the whole.
QUOTED = 240


def opened(event: AuditEvent) -> None:
    """Ask every member for its report; the same notice leads to the list."""
    year = ClusterYear.objects.with_names().get(pk=event.object_id)
    row = Review.objects.filter(cluster_year=year, opened_at=event.at, unit__isnull=True).get()
    kind = ReviewKind(row.kind).label.lower()
    text = (
        f"{event.acting_unit} đã chốt số liệu đến hết {format_date(row.figures_until)} để {kind}. "
        f"Đơn vị bạn viết và nộp báo cáo, hạn {format_date(row.due_on)}."
    )
    units = Membership.objects.filter(cluster_year=year).values_list("unit_id", flat=True)
    _tell(event, people_of(units, local_date(event.at)), text, _list(row))


def handed_over(event: AuditEvent) -> None:
    """Ask the head of the writing unit to check and submit."""
    review = _review(event)
    heads = people_of(_writers(review), local_date(event.at), roles=[Role.HEAD])
    text = f"{event.actor_name} trình {_name(review)} để lãnh đạo kiểm tra và nộp."
    _tell(event, heads, text, _url(review, "review_submit"))


def submitted(event: AuditEvent) -> None:
    """Tell who judges that a report waits, and by how many days it is late."""
    review = _review(event)
    notices.withdraw(url=_url(review, "review_submit"), now=event.at)
    people = people_of(_writers(review), local_date(event.at))
    for url in (_url(review), _list(review)):
        notices.withdraw(url=url, now=event.at, recipient_ids=people)
    late = f", chậm {review.days_late} ngày" if review.days_late else ""
    text = (
        f"{event.acting_unit} nộp {_name(review)}, số {review.number}{late}. "
        "Xem xét: chấp nhận hoặc trả lại."
    )
    _tell(event, _judges(review, event), text, _url(review))


def returned(event: AuditEvent) -> None:
    """Tell the writers what has to be mended, in the words of who returned it."""
    review = _review(event)
    _settle(review, event)
    text = f"{event.acting_unit} trả lại {_name(review)}: “{clip(event.reason, QUOTED)}”"
    _tell(event, people_of(_writers(review), local_date(event.at)), text, _url(review))


def accepted(event: AuditEvent) -> None:
    """Tell the writers that the report stands; of the cluster's own tell every member."""
    review = _review(event)
    _settle(review, event)
    text = f"{event.acting_unit} đã chấp nhận {_name(review)}, số {review.number}."
    units = _writers(review)
    if review.unit_id is None:
        units = [m.unit_id for m in members_of(review.cluster_year)]
    _tell(event, people_of(units, local_date(event.at)), text, _url(review))


def standing_set(event: AuditEvent) -> None:
    """Tell the unit how far its exemplar has come, and why."""
    row = Exemplar.objects.get(pk=event.object_id)
    text = (
        f"{event.acting_unit} ghi tình trạng “{row.get_standing_display()}” cho điển hình "
        f"“{clip(row.name, 120)}”: “{clip(event.reason, QUOTED)}”"
    )
    url = reverse("pledges:exemplar", args=[row.cluster_year_id, row.pk])
    _tell(event, people_of([row.unit_id], local_date(event.at)), text, url)


# Who and where -------------------------------------------------------------------------------
def _review(event: AuditEvent) -> Review:
    rows = Review.objects.select_related("unit", "cluster_year__cluster")
    return rows.get(pk=event.object_id)


def _name(review: Review) -> str:
    name = str(review)
    return name[:1].lower() + name[1:]


def _writers(review: Review) -> list[int]:
    """Return the unit that writes a report: the cluster's own is the lead's."""
    if review.unit_id is not None:
        return [review.unit_id]
    lead = lead_of(members_of(review.cluster_year))
    return [lead.unit_id] if lead else []


def _judges(review: Review, event: AuditEvent) -> list[int]:
    """Return the people who decide; the organiser's where no member does."""
    judge = None
    if review.unit_id is not None:
        judge = judge_of(members_of(review.cluster_year), review.unit_id)
    if judge is not None:
        return people_of([judge.unit_id], local_date(event.at))
    organiser = review.cluster_year.cluster.organiser_id
    return people_of([organiser], local_date(event.at), roles=[Role.ORGANISER])


def _settle(review: Review, event: AuditEvent) -> None:
    """Take the question back from who has decided."""
    people = _judges(review, event)
    notices.withdraw(url=_url(review), now=event.at, recipient_ids=people)


def _tell(event: AuditEvent, people: Iterable[int], text: str, url: str) -> None:
    """Tell people other than whoever did it."""
    notices.tell(set(people) - {event.actor_id or 0}, event=event, text=text, url=url)


def _url(review: Review, name: str = "review") -> str:
    return reverse(f"pledges:{name}", args=[review.cluster_year_id, review.pk])


def _list(review: Review) -> str:
    words = {ReviewKind.MIDYEAR: "so-ket", ReviewKind.YEAREND: "tong-ket"}
    return reverse("pledges:reviews", args=[review.cluster_year_id, words[ReviewKind(review.kind)]])
