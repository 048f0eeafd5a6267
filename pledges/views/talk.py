"""What units say and what the lead answers: counter-proposals, answers, the list of remarks."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.http import ActingRequest
from core import acts
from pledges import operations, policies
from pledges import render as reading
from pledges.forms import AnswerForm, ProposalForm
from pledges.models import Comment, PledgeStatus, Proposal, Target
from pledges.redline import Content
from pledges.views.board import remark_or_404, remarks_of
from pledges.views.desk import Desk, locked_page, open_desk, page_context, sent
from pledges.workflow import pledge as workflow


@access(Audience.CLUSTER, "GET")
def remarks(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List every remark: the open ones first, for the lead to answer; the answered ones below."""
    desk = open_desk(request, year_pk)
    if desk.shown is None:
        return render(request, "pledges/unseen.html", page_context(desk))
    found = remarks_of(desk)
    context = page_context(
        desk,
        waiting=[remark for remark in found if remark.is_open],
        answered=[remark for remark in reversed(found) if not remark.is_open],
        may_answer=desk.may(policies.may_answer),
    )
    return render(request, "pledges/remarks.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def propose(request: ActingRequest, year_pk: int, key: str) -> HttpResponse:
    """Propose another level for one's own unit, with the reason."""
    desk = open_desk(request, year_pk)
    target, mine = _own_level(desk, key)
    verdict = desk.may(policies.may_comment)
    if not verdict and request.method == "GET":
        return locked_page(desk, verdict, "Đề nghị mức khác")
    form = ProposalForm(sent(request))
    form.fields["value"].unit = target["unit_of_measure"]  # type: ignore[attr-defined]

    def act() -> str:
        operations.propose(
            pledge_id=desk.pledge.pk, key=key, level=form.level(request.acting.unit_id or 0),
            reason=form.cleaned_data["text"], by=request.acting, now=request.now,
        )  # fmt: skip
        return desk.url("discussion", key)

    done = acts.submit(request, form, act, success=f"Đã gửi đề nghị tới {desk.lead_unit}.")
    context = page_context(desk, form=form, target=target, key=key, drafted=mine)
    return done or render(request, "pledges/propose.html", context)


def _own_level(desk: Desk, key: str) -> tuple[Content, str]:
    """Return the numeric target and the level that the draft gives one's unit."""
    target = next((row for row in desk.content["targets"] if row["key"] == key), None)
    mine = next((m for m in desk.members if m.unit_id == desk.request.acting.unit_id), None)
    if target is None or mine is None or target["kind"] != Target.Kind.NUMERIC:
        raise Http404
    return target, reading.level_of(target, target["values"].get(mine.unit.code))[0]


@access(Audience.CLUSTER, "GET", "POST")
def answer(request: ActingRequest, year_pk: int, kind: str, pk: int) -> HttpResponse:
    """Answer a remark as the lead: take it over or keep the text, always in words."""
    desk = open_desk(request, year_pk)
    row = remark_or_404(desk, kind, pk)
    verdict = desk.may(policies.may_answer)
    if not desk.is_writer or (not verdict and request.method == "GET"):
        return locked_page(desk, verdict, "Trả lời góp ý")
    form = AnswerForm(sent(request))

    def act() -> str:
        _answer(request, row, form)
        return (
            desk.url("discussion", row.anchor) if _still_there(desk, row) else desk.url("remarks")
        )

    done = acts.submit(request, form, act, success=f"Đã trả lời {row.unit.short_name}.")
    about = next(one for one in remarks_of(desk) if one.row == row)
    opens_next = desk.standing.status is not PledgeStatus.DRAFT
    context = page_context(desk, form=form, remark=about, opens_next=opens_next)
    return done or render(request, "pledges/answer.html", context)


def _answer(request: ActingRequest, row: Comment | Proposal, form: AnswerForm) -> None:
    """Carry the answer out; only an accepted level needs the next version."""
    text, accepted = form.cleaned_data["answer"], form.cleaned_data["act"] == "accept"
    if accepted and isinstance(row, Proposal):
        workflow.accept_proposal(proposal=row, text=text, by=request.acting, now=request.now)
        return
    operations.answer(remark=row, accepted=accepted, text=text, by=request.acting, now=request.now)


def _still_there(desk: Desk, row: Comment | Proposal) -> bool:
    return row.anchor in reading.anchors(desk.content)
