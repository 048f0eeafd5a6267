"""What is known of a year, read once: everything its page says is worked out from this."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, Membership, Stage
from core.inbox import Work, waiting_for_me
from pledges.models import Consent, Pledge, PledgeStatus, Signatory, SignatoryStatus
from pledges.policies import Standing
from pledges.queries import pledges_with_names, standing_of
from reports.models import Document
from reports.queries.ledger import Ledger, ledger_of
from scoring.models import CriteriaTable
from scoring.queries import standing_table


@dataclass(frozen=True, slots=True)
class Facts:
    """A year in the eyes of one person on one day."""

    year: ClusterYear
    acting: Acting
    today: date
    #: What every unit has handed in.
    ledger: Ledger
    standing: Standing | None
    consents: dict[int, Consent]
    signatories: list[Signatory]
    remarks: int
    table: CriteriaTable | None
    documents: list[Document]
    #: What waits for this person in this year: the very rows of the inbox.
    mine: list[Work]

    @property
    def members(self) -> list[Membership]:
        """Return the members in the order of the founding decision."""
        return self.ledger.members

    @property
    def stages(self) -> list[Stage]:
        """Return the calendar in order."""
        return self.ledger.stages

    @property
    def pledge_status(self) -> PledgeStatus | None:
        """Return where the pledge stands; None before it was begun."""
        return self.standing.status if self.standing else None

    @property
    def signed(self) -> int:
        """Count the signatures."""
        return sum(s.status == SignatoryStatus.SIGNED for s in self.signatories)


def facts_of(year: ClusterYear, acting: Acting, today: date, work: Iterable[Work]) -> Facts:
    """Read the year; the number of statements does not depend on its size."""
    address = reverse("reports:year", args=[year.pk])
    pledge = pledges_with_names().filter(cluster_year=year).first()
    standing = standing_of(pledge, acting, today) if pledge and pledge.current_id else None
    version = standing.version if standing else None
    consents = list(version.consents.standing()) if version else []
    documents = (
        Document.objects.visible_to(acting)
        # Papers of single units stand in the grid of the print centre.
        .filter(cluster_year=year, withdrawn_at__isnull=True, unit__isnull=True)
        .select_related("file", "code")
        .defer("content")
        .order_by("code_id", "-revision")
    )
    return Facts(
        year=year,
        acting=acting,
        today=today,
        ledger=ledger_of(year, acting, today),
        standing=standing,
        consents={c.unit_id: c for c in consents},
        signatories=list(version.signatories.select_related("unit").order_by("order"))
        if version
        else [],
        remarks=_remarks(pledge),
        table=standing_table(acting, year),
        documents=_latest(documents),
        # Two clusters may bear one name; every page of a year stands under the address of the year.
        mine=[w for w in waiting_for_me(list(work)) if w.url.startswith(address)],
    )


def _remarks(pledge: Pledge | None) -> int:
    return pledge.comments.count() + pledge.proposals.count() if pledge else 0


def _latest(documents: Iterable[Document]) -> list[Document]:
    """Keep the newest revision of each paper, the pledge first."""
    newest: dict[int, Document] = {}
    for document in documents:
        newest.setdefault(document.code_id, document)
    return sorted(newest.values(), key=lambda d: d.code.paper != "PLEDGE")
