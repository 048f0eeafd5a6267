"""What a search finds of the register of models and persons worth following."""

from django.urls import reverse

from clusters.acting import Acting
from core.search import MOST_FOUND, Found
from core.text import query_keys, search_key
from pledges.models import Exemplar


def found_exemplars(acting: Acting, query: str) -> list[Found]:
    """Find what stands in the registers one sees, by its name, whatever the diacritics."""
    seen = Exemplar.objects.visible_to(acting).filter(withdrawn_at__isnull=True)
    keys = query_keys(query)
    # A cluster registers some dozen a year: the names are held against the question here.
    found = [
        pk
        for pk, name in seen.order_by("-cluster_year__cycle__year", "pk").values_list("pk", "name")
        if any(key in search_key(name) for key in keys)
    ][:MOST_FOUND]
    named = Exemplar.objects.select_related(
        "unit", "cluster_year__cluster", "cluster_year__cycle"
    ).in_bulk(found)
    return [_found(named[pk]) for pk in found]


def _found(row: Exemplar) -> Found:
    return Found(
        title=row.name,
        where=f"{row.unit.short_name}, {row.cluster_year}",
        kind=row.get_kind_display(),
        icon="star",
        url=reverse("pledges:exemplar", args=[row.cluster_year_id, row.pk]),
    )
