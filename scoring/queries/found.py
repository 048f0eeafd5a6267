"""What a search finds of scoring: the criteria of the tables one may read."""

from django.urls import reverse

from clusters.acting import Acting
from core.search import MOST_FOUND, Found, matching
from scoring.models import CriteriaTable, Criterion


def found_criteria(acting: Acting, query: str) -> list[Found]:
    """Find criteria and groups by code or words in the tables that stand; replaced ones are out."""
    seen = CriteriaTable.objects.visible_to(acting)
    tables = seen.exclude(status=CriteriaTable.Status.REPLACED)
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
