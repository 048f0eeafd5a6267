"""The public page that tells whoever holds a paper what it is; no log-in, nothing indexed or kept.

There is no limit of tries: a code carries 60 random bits, so that trying is hopeless, and a counter
would turn every anonymous look into a write (see docs/adr/0035).
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.access import Audience, access
from core.sending import file_name
from reports import verification
from reports.codes import parse_code
from reports.forms import CodeForm
from reports.verification import Finding


@never_cache
@access(Audience.ANYONE)
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the code at the foot of a paper and lead to what is known of it."""
    form = CodeForm(request.GET) if "code" in request.GET else CodeForm()
    if not form.is_bound or not form.is_valid():
        return _answer(request, form, status=200)
    code = parse_code(form.cleaned_data["code"])
    if code is None:
        return _not_found(request, form.cleaned_data["code"])
    return redirect("reports:verify_code", code)


@never_cache
@access(Audience.ANYONE)
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Tell what is known of a code; unknown and malformed get one and the same page."""
    finding = verification.look_up(code)
    if finding is None:
        return _not_found(request, code)
    return _answer(request, CodeForm(initial={"code": finding.code}), finding)


def _not_found(request: HttpRequest, typed: str) -> HttpResponse:
    form = CodeForm(initial={"code": typed[:64]})
    return _answer(request, form, status=404)


def _answer(
    request: HttpRequest, form: CodeForm, finding: Finding | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "finding": finding,
        "original": file_name(finding.number, finding.title, ending=".pdf") if finding else "",
        "not_found": status == 404,  # noqa: PLR2004 - the status of "not found" is its name
        "looked_at": request.now,  # type: ignore[attr-defined]
    }
    response = render(request, "reports/verify.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
