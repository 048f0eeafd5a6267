"""What the pages of this app load first: the cluster year, in the eyes of the person."""

from ipaddress import ip_address

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear


def load_year(request: ActingRequest, pk: int) -> ClusterYear:
    """Return the year one sees and let the frame show it; unknown and foreign are both 404."""
    years = ClusterYear.objects.visible_to(request.acting).with_names()
    year = get_object_or_404(years, pk=pk)
    remember(request, year)
    return year


def address_of(request: HttpRequest) -> str | None:
    """Return where a request came from, for the signing record (see `config.proxy`)."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
