"""Which criteria the targets of a pledge name; asked by whoever changes a criteria table."""

from pledges.models import Pledge, Target
from scoring.queries.table_uses import CriterionUse


def uses_of_criteria(cluster_year_id: int) -> list[CriterionUse]:
    """Return the targets of the present version of a year's pledge that name a criterion."""
    current = Pledge.objects.filter(cluster_year=cluster_year_id).values("current")
    rows = Target.objects.filter(version__in=current, criterion__isnull=False).order_by("order")
    return [
        CriterionUse(pk, code, text, kind == Target.Kind.NUMERIC)
        for pk, code, text, kind in rows.values_list("criterion", "criterion__code", "text", "kind")
    ]
