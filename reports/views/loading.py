"""What the pages of this app load first: the cluster year, in the eyes of the person."""

from ipaddress import ip_address

from django.conf import settings
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
    """Return where a request came from, for the signing record.

    Behind our own proxy the last entry of X-Forwarded-For is what the proxy saw; everything before
    it is what the client claims. Without a proxy the header is a claim altogether.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_HTTPS else ""
    claimed = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(claimed))
    except ValueError:
        return None
