"""Which criteria the targets of a pledge name; asked by whoever changes a criteria table."""

from django.db.models import Exists, OuterRef

from pledges.models import Pledge, Target, TargetValue
from scoring.queries.table_uses import CriterionUse


def uses_of_criteria(cluster_year_id: int) -> list[CriterionUse]:
    """Return the targets of the present version of a year's pledge that name a criterion."""
    current = Pledge.objects.filter(cluster_year=cluster_year_id).values("current")
    zero = TargetValue.objects.filter(target=OuterRef("pk"), is_assigned=True, value=0)
    rows = Target.objects.filter(version__in=current, criterion__isnull=False).order_by("order")
    names = ("criterion", "criterion__code", "text", "kind", "has_zero", "is_change")
    return [
        CriterionUse(pk, code, text, kind == Target.Kind.NUMERIC, has_zero, is_change)
        for pk, code, text, kind, has_zero, is_change in rows.annotate(
            has_zero=Exists(zero)
        ).values_list(*names)
    ]
