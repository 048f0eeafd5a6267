"""A counted vote on paper: the count record (biên bản kiểm phiếu), with sums and never with votes.

Of a secret vote nothing is known by unit, so nothing can be printed; of an open one the record says
which unit chose whom.
"""

from typing import Any

from clusters.calendar import local_date
from clusters.models import Unit
from clusters.queries import lead_of, members_of
from core.models import AuditEvent
from pledges.queries.progress import signed_version
from reports.effects.issuing import Paper, issue, number_for, signer_of
from reports.models import DocumentKind
from scoring.models import Ballot
from scoring.queries.ballot import BallotPage, ballots_with_names, page_of

Content = dict[str, Any]
#: Series of minutes in the register of numbers.
SYMBOL = "BB"


def issue_count(event: AuditEvent) -> None:
    """Issue the record of the vote that was counted."""
    ballot = ballots_with_names().get(pk=event.object_id)
    subject = f"ballot/{ballot.pk}"
    data = _data(ballot, page_of(ballot, 0), subject, event)
    issue(Paper(DocumentKind.COUNT_RECORD, subject, ballot.cluster_year, data), event)


def _data(ballot: Ballot, page: BallotPage, subject: str, event: AuditEvent) -> Content:
    result, run, minutes = page.result, ballot.run, ballot.minutes
    if result is None or ballot.opened_at is None:
        message = f"Ballot {ballot.pk} was not counted."
        raise RuntimeError(message)
    return {
        "head": _head(ballot, subject, event),
        "ballot": {
            "number": ballot.number,
            "title": ballot.title,
            "subject": ballot.get_subject_display(),
            "is_secret": ballot.is_secret,
            "on_paper": ballot.on_paper,
            "rule": page.rule,
            "opened_at": ballot.opened_at.isoformat(),
            "counted_at": event.at.isoformat(),
            "run": run.number,
        },
        "candidates": [
            {
                "name": seat.candidate.unit_name,
                "rank": seat.candidate.rank,
                "points": seat.candidate.points,
                "votes": seat.votes,
                "chosen": seat.is_chosen,
                "equal": seat.is_equal,
                "by": list(seat.by),
            }
            for seat in page.seats
        ],
        "excluded": ballot.excluded,
        "voters": [
            {"name": v.unit_name, "present": v.is_present, "voted": v.has_voted}
            for v in page.voters
        ],
        "result": {
            "present": result.present,
            "members": result.members,
            "needed_present": result.needed_present,
            "cast": result.cast,
            "blank": result.blank,
            "needed_votes": result.needed_votes,
            "sentence": result.sentence,
        },
        "tellers": [name.strip() for name in ballot.tellers.split(",") if name.strip()],
        "minutes": {"name": minutes.name, "sha256": minutes.sha256} if minutes else None,
    }


def _head(ballot: Ballot, subject: str, event: AuditEvent) -> Content:
    year = ballot.cluster_year
    cluster, organiser = year.cluster, year.cluster.organiser
    version = signed_version(year)
    return {
        "title": f"Biên bản kiểm phiếu số {ballot.number} {year.cycle} của {cluster.name}",
        "subject": f"{ballot.title}, {cluster.name}, {year.cycle}",
        "superior": organiser.name,
        "issuer": cluster.name,
        "number": number_for(subject, year, SYMBOL),
        "place": version.signed_content["content"]["place"] if version else "",
        "dated": local_date(event.at).isoformat(),
        "recipients": [
            f"{organiser.name} (để báo cáo)",
            f"Các đơn vị thành viên {cluster.noun.lower()}",
        ],
        "signer": _signer(ballot, event),
    }


def _signer(ballot: Ballot, event: AuditEvent) -> Content:
    """Copy who counted: the lead's people sign as the lead, the organiser's for their body."""
    year, user = ballot.cluster_year, ballot.ended_by
    if user is None:
        message = f"Ballot {ballot.pk} was counted by nobody."
        raise RuntimeError(message)
    organiser, lead = year.cluster.organiser, lead_of(members_of(year))
    unit: Unit = organiser
    place = ""
    if lead is not None and event.acting_unit == lead.unit.name:
        unit, place = lead.unit, year.cluster.lead_title
    return signer_of(user, unit, event.at, act="Đã kiểm phiếu", place=place)
