"""Versions: the list, reading an older one, comparing any two, the print preview."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.http import ActingRequest
from pledges import redline
from pledges.models import Consent, PledgeVersion
from pledges.redline import Content, Difference
from pledges.views.desk import Desk, content_for, open_desk, page_context
from pledges.views.steps import reading_of


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list: what became of it."""

    version: PledgeVersion
    agreed: int
    refused: int


@access(Audience.CLUSTER, "GET")
def versions(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the versions one may read, newest first, and offer to compare any two."""
    desk = open_desk(request, year_pk)
    return render(request, "pledges/versions.html", page_context(desk, rows=_rows(desk)))


@access(Audience.CLUSTER, "GET")
def version(request: ActingRequest, year_pk: int, number: int) -> HttpResponse:
    """Read one version as it was."""
    desk = open_desk(request, year_pk)
    one = _version(desk, number)
    reading = reading_of(content_for(one, desk.pledge), _own(desk))
    return render(request, "pledges/version.html", page_context(desk, one=one, **reading))


@access(Audience.CLUSTER, "GET")
def printed(request: ActingRequest, year_pk: int, number: int) -> HttpResponse:
    """Preview a version as it will look on paper."""
    desk = open_desk(request, year_pk)
    one = _version(desk, number)
    reading = reading_of(content_for(one, desk.pledge), "")
    names = [member["short_name"] for member in reading["content"]["members"]]
    context = page_context(desk, one=one, names=names, **reading)
    return render(request, "pledges/printed.html", context)


@access(Audience.CLUSTER, "GET")
def compare(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Compare any two versions, or one with last year's pledge."""
    desk = open_desk(request, year_pk)
    offers = _offers(desk)
    codes = [code for code, _, _ in offers]
    newest = codes[0] if codes else ""
    new = _chosen(request.GET.get("moi"), codes, newest)
    old = _chosen(request.GET.get("cu"), codes, codes[1] if len(codes) > 1 else newest)
    contents = {code: content for code, _, content in offers}
    groups = _grouped(redline.compare(contents[old], contents[new])) if codes else []
    context = page_context(desk, offers=offers, new=new, old=old, groups=groups)
    return render(request, "pledges/compare.html", context)


def _chosen(asked: str | None, codes: list[str], otherwise: str) -> str:
    return asked if asked in codes else otherwise


def _offers(desk: Desk) -> list[tuple[str, str, Content]]:
    """Return (code, label, content) of everything that can be compared."""
    offers = [
        (str(one.number), f"Bản {one.number}", content_for(one, desk.pledge)) for one in _seen(desk)
    ]
    last = desk.last_year
    if last is not None and last.content is not None:
        cycle = last.pledge.cluster_year.cycle
        offers.append(("nam-truoc", f"Giao ước {cycle}", last.content))
    return offers


def _grouped(differences: list[Difference]) -> list[tuple[str, list[Difference]]]:
    groups: dict[str, list[Difference]] = {}
    for one in differences:
        groups.setdefault(one.where, []).append(one)
    return list(groups.items())


def _seen(desk: Desk) -> list[PledgeVersion]:
    rows = desk.pledge.versions.visible_to(desk.request.acting)
    return list(rows.order_by("-number"))


def _rows(desk: Desk) -> list[VersionRow]:
    found = _seen(desk)
    words: dict[int, list[str]] = {}
    given = Consent.objects.filter(version__in=found, void_reason__in=["", *_replaced(found)])
    for version_id, word in given.values_list("version_id", "word"):
        words.setdefault(version_id, []).append(word)
    return [
        VersionRow(
            one,
            words.get(one.pk, []).count(Consent.Word.CONSENT),
            words.get(one.pk, []).count(Consent.Word.REFUSE),
        )
        for one in found
    ]


def _replaced(found: list[PledgeVersion]) -> list[str]:
    """Return the reasons that ended the last words on versions replaced since."""
    return [f"Bản {one.number + 1} thay thế" for one in found]


def _version(desk: Desk, number: int) -> PledgeVersion:
    one = desk.pledge.versions.visible_to(desk.request.acting).filter(number=number).first()
    if one is None:
        raise Http404
    return one


def _own(desk: Desk) -> str:
    mine = desk.request.acting.unit_id
    return next((m.unit.code for m in desk.members if m.unit_id == mine), "")
