"""The reviews of the year: freezing the figures, writing, submitting and deciding on reports."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.calendar import LOCAL
from clusters.http import ActingRequest
from clusters.policies import may_judge
from core import acts
from core.forms import DecideForm
from core.models import AuditEvent
from core.policy import Verdict
from pledges.forms.review import ReportForm, ReturnReviewForm
from pledges.models import ReviewStatus, UnmetTarget
from pledges.policies import review as policies
from pledges.queries.review_board import unmet_of
from pledges.views.desk import conflict_of, last_saver
from pledges.views.review_desk import (
    ReviewDesk,
    locked_report,
    open_report,
    report_context,
    reread,
)
from pledges.views.review_reading import proposals_for, reading_of, stored_words, writing_of
from pledges.workflow import review as workflow
from pledges.workflow.review import SectionInput, UnmetInput

RS = ReviewStatus
#: Acts that end with a page of confirmation.
CONFIRMED = (
    "pledges.review_handed_over", "pledges.review_submitted", "pledges.review_returned",
    "pledges.review_accepted",
)  # fmt: skip


# Reading and writing -------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def review(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show a report; to those who write it as a form that keeps what is typed."""
    desk = open_report(request, year_pk, pk)
    verdict = desk.may(policies.may_write)
    if desk.is_writer and (verdict or request.method == "POST"):
        return _written(desk)
    if request.method == "POST":
        messages.error(request, verdict.reason)
        return redirect(desk.url())
    if desk.review.seen_at is None and desk.may(policies.may_decide):
        workflow.mark_seen(review_id=pk, by=request.acting, now=request.now)
        desk = reread(desk)
    return render(request, "pledges/review.html", reading_of(desk))


def _written(desk: ReviewDesk) -> HttpResponse:
    """Save what was typed, whole or place by place, and go where the button leads."""
    request = desk.request
    unmet = unmet_of([desk.review])
    form = ReportForm(acts.sent(request), review=desk.review, unmet=unmet)
    if "lay" in request.POST:
        return _assembled(desk, form, unmet, request.POST["lay"])
    done = acts.submit(request, form, lambda: _save(desk, form), success=_success(request))
    if conflict_of(form) is not None:
        desk = reread(desk)
        form.renew_disputed(form.marks(desk.review, unmet_of([desk.review])))
    if _wants_json(request):
        return JsonResponse(_answer(desk, form, is_saved=done is not None))
    return done or _form_page(desk, form, unmet)


def _save(desk: ReviewDesk, form: ReportForm) -> str:
    """Write what was touched, then lay the report before the head or go to the check page."""
    request = desk.request
    by: dict[str, Any] = {"review_id": desk.review.pk, "by": request.acting, "now": request.now}
    workflow.write(
        sections={key: SectionInput(text, seen) for key, (text, seen) in form.sections().items()},
        unmet=[UnmetInput(**facts) for facts in form.answers()],
        **by,
    )
    if "trinh" in request.POST:
        workflow.hand_over(**by)
        return confirmation_of(desk)
    return desk.url("review_submit" if "nop" in request.POST else "review")


def _success(request: ActingRequest) -> str:
    """Say what was done where the next page does not say it."""
    leads_on = {"trinh", "nop"} & set(request.POST)
    return "" if leads_on or _wants_json(request) else "Đã lưu báo cáo."


def _wants_json(request: ActingRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _answer(desk: ReviewDesk, form: ReportForm, *, is_saved: bool) -> dict[str, Any]:
    """Return what the script puts beside the place that was sent."""
    now = reread(desk)
    disputed = {name: stored_words(text) for name, text in form.disputed().items()}
    faults = {name: str(errors[0]) for name, errors in form.errors.items() if name != "__all__"}
    return {
        "saved": f"{desk.request.now.astimezone(LOCAL):%H:%M}" if is_saved else "",
        "marks": form.marks(now.review, unmet_of([now.review])) if is_saved or disputed else {},
        "stored": disputed,
        "who": last_saver(now.review) if disputed else "",
        "faults": faults,
        "refused": "" if is_saved or faults else " ".join(map(str, form.non_field_errors())),
        "gaps": [gap[:1].upper() + gap[1:] for gap in now.standing.gaps],
    }


def _assembled(
    desk: ReviewDesk, form: ReportForm, unmet: list[UnmetTarget], place: str
) -> HttpResponse:
    """Put the text assembled for one heading behind what was typed; nothing is saved."""
    part = next((one for one in form.written if one.name == place), None)
    text = proposals_for(desk).get(part.key, "") if part else ""
    if part and text:
        form.take(part.name, text)
    return _form_page(desk, form, unmet, taken=part.heading if part and text else "")


def _form_page(
    desk: ReviewDesk, form: ReportForm, unmet: list[UnmetTarget], *, taken: str = ""
) -> HttpResponse:
    context = writing_of(desk, form, unmet) | {"taken": taken}
    if conflict_of(form) is not None:
        context["saver"] = last_saver(desk.review)
    return render(desk.request, "pledges/review_form.html", context)


# Submitting ----------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def submit(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Check what goes out and what is missing, and submit it."""
    desk = open_report(request, year_pk, pk)
    if not desk.is_writer:
        return locked_report(desk, desk.may(policies.may_submit), f"Nộp {_lower(desk.title)}")
    form = _seen_form(DecideForm, desk)

    def act() -> str:
        workflow.submit(review_id=pk, seen=form.revision, by=request.acting, now=request.now)
        return confirmation_of(desk)

    done = acts.submit(request, form, act)
    desk = _after_conflict(desk, form)
    may_submit = desk.may(policies.may_submit)
    context = reading_of(desk) | {"form": form, "may_submit": may_submit}
    return done or render(request, "pledges/review_submit.html", context)


# Deciding ------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def accept(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Accept a report as read."""
    desk = open_report(request, year_pk, pk)
    verdict = desk.may(policies.may_decide)
    if not _judges(desk, verdict):
        return locked_report(desk, verdict, f"Chấp nhận {_lower(desk.title)}")
    form = _seen_form(DecideForm, desk)

    def act() -> str:
        workflow.accept(review_id=pk, seen=form.revision, by=request.acting, now=request.now)
        return confirmation_of(desk)

    done = acts.submit(request, form, act)
    return done or _decide_page(desk, form, returns=False)


@access(Audience.CLUSTER, "GET", "POST")
def give_back(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Return a report with the reason."""
    desk = open_report(request, year_pk, pk)
    verdict = desk.may(policies.may_decide)
    if not _judges(desk, verdict):
        return locked_report(desk, verdict, f"Trả lại {_lower(desk.title)}")
    form = _seen_form(ReturnReviewForm, desk)

    def act() -> str:
        workflow.give_back(
            review_id=pk, seen=form.revision, reason=form.cleaned_data["reason"],
            by=request.acting, now=request.now,
        )  # fmt: skip
        return confirmation_of(desk)

    done = acts.submit(request, form, act)
    return done or _decide_page(desk, form, returns=True)


def _judges(desk: ReviewDesk, verdict: Verdict) -> bool:
    """Whether the page opens: also for a form that comes late, so that its text is kept."""
    is_judge = bool(may_judge(desk.standing.bench))
    return bool(verdict) or (is_judge and desk.request.method == "POST")


def _decide_page(desk: ReviewDesk, form: DecideForm, *, returns: bool) -> HttpResponse:
    desk = _after_conflict(desk, form)
    context = reading_of(desk) | {"form": form, "returns": returns}
    context |= {"may_decide": desk.may(policies.may_decide)}
    return render(desk.request, "pledges/review_decide.html", context)


# What was done -------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET")
def done(request: ActingRequest, year_pk: int, pk: int, seq: int) -> HttpResponse:
    """Confirm an act: its number and time, what happens next, who has it now."""
    desk = open_report(request, year_pk, pk)
    mine = AuditEvent.objects.about(desk.review).filter(actor_id=request.user.pk)
    event = get_object_or_404(mine, seq=seq, action__in=CONFIRMED)
    verb = event.action.removeprefix("pledges.review_")
    context = report_context(desk, event=event, verb=verb)
    return render(request, "pledges/review_done.html", context)


def confirmation_of(desk: ReviewDesk) -> str:
    """Return the address of the confirmation of what this person has just done."""
    events = AuditEvent.objects.about(desk.review).filter(
        actor_id=desk.request.user.pk, action__in=CONFIRMED
    )
    event = events.order_by("-seq").first()
    if event is None:
        return desk.url()
    return reverse("pledges:review_done", args=[desk.year.pk, desk.review.pk, event.seq])


# Shared --------------------------------------------------------------------------------------
def _seen_form(kind: type[DecideForm], desk: ReviewDesk) -> Any:  # noqa: ANN401 - that kind
    """Make a step's form that remembers which text is on the screen."""
    return kind(acts.sent(desk.request), initial={"seen": str(desk.review.revision)})


def _after_conflict(desk: ReviewDesk, form: DecideForm) -> ReviewDesk:
    """Return the desk to show; after a conflict the form goes on from what stands now."""
    if conflict_of(form) is None:
        return desk
    fresh = reread(desk)
    form.data = form.data.copy()  # type: ignore[attr-defined] # QueryDict has it
    form.data["seen"] = str(fresh.review.revision)  # type: ignore[index]
    return fresh


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
