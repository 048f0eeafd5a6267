"""The address of the person's machine, with and without a proxy in front."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.proxy import ClientAddressMiddleware


def address_seen(forwarded: str) -> str:
    seen: list[str] = []
    factory = RequestFactory(REMOTE_ADDR="172.18.0.5", HTTP_X_FORWARDED_FOR=forwarded)

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    ClientAddressMiddleware(view)(factory.get("/"))
    return seen[0]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("", "172.18.0.5"),
    ],
)
def test_last_hop_named_by_our_proxy_is_the_client(settings, forwarded, address):
    settings.BEHIND_HTTPS = True
    assert address_seen(forwarded) == address


def test_nobody_may_claim_an_address_where_there_is_no_proxy(settings):
    settings.BEHIND_HTTPS = False
    with pytest.raises(MiddlewareNotUsed):
        ClientAddressMiddleware(lambda request: HttpResponse())


def test_it_comes_before_everything_that_reads_the_address(settings):
    assert settings.MIDDLEWARE[0] == "config.proxy.ClientAddressMiddleware"
