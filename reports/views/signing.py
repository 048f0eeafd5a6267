"""Signing and declining: reading first, then one's own password, then a page that proves it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import ClusterYear
from core import acts
from core.policy import Conflict, Verdict, deny, require
from pledges import policies as pledge_policies
from pledges.models import Signatory, SignatoryStatus
from pledges.workflow import pledge as workflow
from pledges.workflow.pledge import SignedFrom
from reports import policies
from reports.forms import DeclineForm, SeenForm, SignForm
from reports.queries.signing import (
    SigningPage,
    changed_since,
    last_refusal,
    receipt_of,
    signing_page,
)
from reports.views.loading import address_of, load_year
from reports.views.reading import reading_of

NOT_FROZEN = "Giao ước chưa chốt nên chưa ký được."


@access(Audience.CLUSTER)
def signing(request: ActingRequest, pk: int) -> HttpResponse:
    """Show everybody in the cluster who has signed, when and how, and whose turn it is."""
    year = load_year(request, pk)
    page = signing_page(year, request.acting, request.today)
    refusal = None if page else last_refusal(year)
    return render(request, "reports/signing.html", {"year": year, "page": page, "refusal": refusal})


@access(Audience.CLUSTER)
def signing_state(request: ActingRequest, pk: int) -> JsonResponse:
    """Say in a few bytes whether the signing page is still as it was read."""
    year = load_year(request, pk)
    page = signing_page(year, request.acting, request.today)
    if page is None:
        return JsonResponse({"mark": "", "signed": 0, "total": 0, "may_sign": False})
    may_sign = bool(_may_sign(request, page))
    state = {"mark": page.mark, "signed": page.signed, "total": page.total, "may_sign": may_sign}
    return JsonResponse(state)


@sensitive_post_parameters("password")
@access(Audience.CLUSTER, "GET", "POST")
def sign(request: ActingRequest, pk: int) -> HttpResponseBase:
    """Let the head read the very file and sign it with the password typed again."""
    year = load_year(request, pk)
    page = _page_of_signatory(request, year)
    posted = request.POST or None
    form = SignForm(posted, initial=_seen(page), request=request, user=request.user)
    done = acts.submit(request, form, lambda: _sign(request, year, page, form))
    return done or _show(request, "reports/sign.html", year, page, form)


@access(Audience.CLUSTER, "GET", "POST")
def decline(request: ActingRequest, pk: int) -> HttpResponseBase:
    """Let the head decline with a reason, after saying what that does to everybody."""
    year = load_year(request, pk)
    page = _page_of_signatory(request, year)
    form = DeclineForm(request.POST or None, initial=_seen(page))
    done = acts.submit(request, form, lambda: _decline(request, year, page, form))
    return done or _show(request, "reports/decline.html", year, page, form)


@access(Audience.CLUSTER)
def receipt(request: ActingRequest, pk: int, place: int) -> HttpResponse:
    """Prove what was recorded at one place of signing, and say what happens next."""
    year = load_year(request, pk)
    settled = Signatory.objects.filter(
        version__pledge__cluster_year=year,
        status__in=[SignatoryStatus.SIGNED, SignatoryStatus.DECLINED],
    ).select_related("unit", "version", "signature")
    found = receipt_of(get_object_or_404(settled, pk=place), request.acting)
    return render(request, "reports/receipt.html", {"year": year, "receipt": found})


def _page_of_signatory(request: ActingRequest, year: ClusterYear) -> SigningPage | None:
    """Return the signing for whoever has a place in it; others are told who signs."""
    if not request.acting.is_head:
        raise PermissionDenied(
            "Lãnh đạo các đơn vị trong danh sách ký ký giao ước bằng tài khoản của mình. "
            "Xem ai đã ký ở trang Chữ ký của giao ước."
        )
    page = signing_page(year, request.acting, request.today)
    if page is not None and page.mine is None:
        raise PermissionDenied("Đơn vị bạn không có trong danh sách ký giao ước này.")
    return page


def _may_sign(request: ActingRequest, page: SigningPage | None) -> Verdict:
    if page is None or page.mine is None:
        return deny(NOT_FROZEN)
    reading = reading_of(request.session, page.document)
    return policies.may_sign_here(page.standing, page.mine, reading)


def _seen(page: SigningPage | None) -> dict[str, str]:
    return {"frozen_hash": page.standing.version.frozen_hash if page else ""}


def _place_of(page: SigningPage | None, form: SeenForm) -> Signatory:
    """Return the place to sign at, if what was read is still what stands."""
    if (
        page is None
        or page.mine is None
        or _seen(page) != {"frozen_hash": form.cleaned_data["frozen_hash"]}
    ):
        raise Conflict("Nội dung đã thay đổi sau khi bạn mở trang nên chưa ghi nhận.")
    return page.mine


def _sign(
    request: ActingRequest, year: ClusterYear, page: SigningPage | None, form: SignForm
) -> str:
    place = _place_of(page, form)
    require(_may_sign(request, page))
    workflow.sign(
        signatory_id=place.pk,
        seen_hash=form.cleaned_data["frozen_hash"],
        by=request.acting,
        now=request.now,
        come_from=SignedFrom(address_of(request)),
    )
    return reverse("reports:receipt", args=[year.pk, place.pk])


def _decline(
    request: ActingRequest, year: ClusterYear, page: SigningPage | None, form: DeclineForm
) -> str:
    place = _place_of(page, form)
    workflow.decline(
        signatory_id=place.pk,
        seen_hash=form.cleaned_data["frozen_hash"],
        reason=form.cleaned_data["reason"],
        by=request.acting,
        now=request.now,
    )
    return reverse("reports:receipt", args=[year.pk, place.pk])


def _show(
    request: ActingRequest,
    template: str,
    year: ClusterYear,
    page: SigningPage | None,
    form: SeenForm,
) -> HttpResponseBase:
    """Show the page (again); what was read and is gone is answered with the difference."""
    if hasattr(form, "conflict"):
        seen = form.cleaned_data["frozen_hash"]
        changed = changed_since(seen, page, year, request.acting)
        typed = form.cleaned_data.get("reason", "")
        context = {"year": year, "page": page, "changed": changed, "typed": typed}
        return render(request, "reports/changed.html", context, status=409)
    if page is None or page.mine is None:
        return redirect("reports:signing", year.pk)
    verdict = _may_sign(request, page)
    reading = reading_of(request.session, page.document)
    context = {
        "year": year,
        "page": page,
        "form": form,
        "verdict": verdict,
        "reading": reading,
        "may_decline": pledge_policies.may_decline(page.standing, page.mine),
        #: Everything but the reading is in order: the script opens the button after the reading.
        "only_unread": not verdict and _would_sign(page) and not reading.was_opened,
    }
    return render(request, template, context)


def _would_sign(page: SigningPage) -> bool:
    if page.mine is None:
        return False
    reading = policies.Reading(document=page.document, was_opened=True)
    return bool(policies.may_sign_here(page.standing, page.mine, reading))
