"""What a search finds of scoring: the criteria of the tables one may read."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from clusters.acting import Acting
from core.search import MOST_FOUND, Found, matching
from scoring.models import CriteriaTable, Criterion


def found_criteria(acting: Acting, query: str) -> list[Found]:
    """Find criteria and groups by code or words in the table that stands in each year.

    Of a coded table only codes are found: there is no text to find.
    """
    used = CriteriaTable.Status.IN_USE
    beside = CriteriaTable.objects.filter(cluster_year=OuterRef("cluster_year"), status=used)
    tables = CriteriaTable.objects.visible_to(acting).filter(
        Q(status=used) | Q(status=CriteriaTable.Status.DRAFT) & ~Exists(beside)
    )
    rows = Criterion.objects.filter(table__in=tables).select_related(
        "table__cluster_year__cluster", "table__cluster_year__cycle"
    )
    return [
        Found(
            title=str(row),
            where=f"{row.table.cluster_year}, {row.table.name}",
            kind="Tiêu chí",
            icon="list-check",
            url=reverse("scoring:table", args=[row.table.cluster_year_id]),
        )
        for row in matching(rows, query, "title", "code")[:MOST_FOUND]
    ]
