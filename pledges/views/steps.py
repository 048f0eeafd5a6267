"""From draft to signing: circulate, revise, consent, freeze, open the signing; what was done."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import Appointment, NumberRegister, Role
from core import acts
from core.models import AuditEvent
from pledges import policies, queries, redline
from pledges import render as reading
from pledges.content import content_of
from pledges.forms import ConsentForm, FreezeForm, ReviseForm, SeenForm, StarterForm
from pledges.models import (
    SYMBOLS,
    PaperKind,
    PledgeStatus,
    PledgeVersion,
    Signatory,
)
from pledges.policies import Gap, Lack
from pledges.views.board import consent_of
from pledges.views.desk import (
    Desk,
    conflict_of,
    content_for,
    locked_page,
    mark_of,
    open_desk,
    page_context,
    renew_seen,
    sent,
)
from pledges.workflow import pledge as workflow
from pledges.workflow.pledge import Seen

P = PledgeStatus
#: Acts that end with a page of confirmation.
CONFIRMED = (
    "pledges.circulated", "pledges.revised", "pledges.consented", "pledges.refused",
    "pledges.frozen", "pledges.signing_opened",
)  # fmt: skip


# Circulating and revising --------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def circulate(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Check what goes out, to whom and until when, and send it."""
    desk = open_desk(request, year_pk)
    if not desk.is_writer:
        return locked_page(desk, desk.may(policies.may_circulate), "Gửi góp ý")
    form = _seen_form(SeenForm, desk)

    def act() -> str:
        seen = _seen(form)
        workflow.circulate(pledge_id=desk.pledge.pk, seen=seen, by=request.acting, now=request.now)
        return _confirmation(desk)

    done = acts.submit(request, form, act)
    return done or render(request, "pledges/circulate.html", _circulate_context(desk, form))


def _circulate_context(desk: Desk, form: SeenForm) -> dict[str, Any]:
    version = _after_conflict(desk, form)
    content = content_for(version, desk.pledge)
    before = desk.pledge.versions.filter(number__lt=version.number, content__isnull=False)
    old = before.order_by("-number").first()
    return page_context(
        desk,
        form=form,
        content=content,
        papers=reading.papers(content),
        old=old,
        changes=len(redline.compare(old.content, content)) if old and old.content else None,
        receivers=_receivers(desk),
        missing=[(gap.text, _fix_url(desk, gap)) for gap in desk.standing.missing],
        may_circulate=desk.may(policies.may_circulate),
    )


def _receivers(desk: Desk) -> list[tuple[str, bool, bool]]:
    """Return (unit, has an officer, has a head) for every member."""
    posts = Appointment.objects.current(desk.request.today).filter(
        unit__in=[m.unit_id for m in desk.members], role__in=[Role.OFFICER, Role.HEAD]
    )
    held = set(posts.values_list("unit_id", "role"))
    return [
        (m.unit.short_name, (m.unit_id, Role.OFFICER) in held, (m.unit_id, Role.HEAD) in held)
        for m in desk.members
    ]


def _fix_url(desk: Desk, gap: Gap) -> str:
    """Return the page on which a missing thing can be added."""
    if gap.lack is Lack.TABLE:
        return reverse("scoring:table_edit", args=[desk.year.pk])
    pages: dict[Lack, tuple[str, ...]] = {
        Lack.BASES: ("bases",),
        Lack.CONTENT: ("clause_new", PaperKind.PLEDGE, "CONTENT"),
        Lack.TARGETS: ("target_new",),
        Lack.LEVELS: ("levels",),
        Lack.CRITERIA: ("target", gap.key),
        Lack.SIGNATORIES: ("signatories",),
        Lack.PAPERS: ("papers",),
    }
    return desk.url(*pages[gap.lack])


@access(Audience.CLUSTER, "GET", "POST")
def revise(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Open the next version after saying what it costs: the consents given so far."""
    desk = open_desk(request, year_pk)
    verdict = desk.may(policies.may_revise)
    if not desk.is_writer or (not verdict and request.method == "GET"):
        return locked_page(desk, verdict, "Lập bản mới")
    form = ReviseForm(sent(request))

    def act() -> str:
        note = form.cleaned_data["note"]
        workflow.revise(pledge_id=desk.pledge.pk, note=note, by=request.acting, now=request.now)
        return _confirmation(desk)

    done = acts.submit(request, form, act)
    words = queries.words_of(desk.standing.version, desk.members)
    given = [word for word in words if word.consent]
    context = page_context(desk, form=form, agreed=sum(w.agrees for w in given), given=given)
    return done or render(request, "pledges/revise.html", context)


# Consent -------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def consent(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Read the whole version and give the unit's word on it."""
    desk = open_desk(request, year_pk)
    if desk.shown is None or desk.shown.content is None:
        return locked_page(desk, desk.may(policies.may_consent), "Cho ý kiến thống nhất")
    form = _seen_form(ConsentForm, desk)

    def act() -> str:
        workflow.consent(
            pledge_id=desk.pledge.pk, seen=_seen(form), by=request.acting, now=request.now,
            agrees=form.cleaned_data["word"] == "agree", reason=form.cleaned_data["reason"],
        )  # fmt: skip
        return _confirmation(desk)

    done = acts.submit(request, form, act)
    return done or render(request, "pledges/consent.html", _consent_context(desk, form))


def _consent_context(desk: Desk, form: ConsentForm) -> dict[str, Any]:
    may_consent = desk.may(policies.may_consent)
    read, differences = None, []
    if conflict_of(form) is not None and desk.shown is not None:
        read = _version_read(desk, form)
        if read is not None and read.content is not None:
            differences = redline.compare(read.content, desk.content)
        renew_seen(form, desk.shown)
    words = queries.words_of(desk.standing.version, desk.members)
    return page_context(
        desk,
        form=form,
        read=read,
        differences=differences,
        may_consent=may_consent,
        mine=consent_of(desk),
        words=words,
        agreed=sum(word.agrees for word in words),
        **reading_context(desk),
    )


def _version_read(desk: Desk, form: SeenForm) -> PledgeVersion | None:
    seen = desk.pledge.versions.visible_to(desk.request.acting)
    return seen.filter(pk=form.cleaned_data.get("version") or 0).first()


def reading_context(desk: Desk) -> dict[str, Any]:
    """Return what the full reading view of the shown version prints."""
    return reading_of(desk.content, _own(desk))


def reading_of(content: redline.Content, unit: str) -> dict[str, Any]:
    """Return the reading view of any content, for one unit's eyes."""
    return {
        "content": content,
        "papers": reading.papers(content),
        "tables": reading.target_tables(content, None, unit=unit),
        "own_unit": reading.unit_names(content).get(unit, ""),
        "criteria": content.get("criteria"),
    }


def _own(desk: Desk) -> str:
    mine = desk.request.acting.unit_id
    return next((m.unit.code for m in desk.members if m.unit_id == mine), "")


# Freezing and opening the signing ------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def freeze(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Check numbers, date and signatories, and freeze the agreed text."""
    desk = open_desk(request, year_pk)
    if not desk.is_writer:
        return locked_page(desk, policies.may_freeze(desk.standing, []), "Chốt để ký")
    cycle = desk.year.cycle
    form = _seen_form(FreezeForm, desk, first=cycle.starts_on, last=cycle.ends_on)
    if not form.is_bound:
        form.initial["dated"] = _signing_day(desk)

    def act() -> str:
        workflow.freeze(
            pledge_id=desk.pledge.pk, seen=_seen(form), dated=form.cleaned_data["dated"],
            by=request.acting, now=request.now,
        )  # fmt: skip
        return _confirmation(desk)

    done = acts.submit(request, form, act)
    return done or render(request, "pledges/freeze.html", _freeze_context(desk, form))


def _signing_day(desk: Desk) -> date:
    window = desk.standing.signing
    return max(window.opens_on, desk.request.today) if window else desk.request.today


def _freeze_context(desk: Desk, form: FreezeForm) -> dict[str, Any]:
    version = _after_conflict(desk, form)
    away = queries.units_without_consent(version, desk.members)
    signatories = version.signatories.select_related("unit").order_by("order")
    return page_context(
        desk,
        form=form,
        content=content_of(version) if version.content is None else version.content,
        numbers=_numbers(desk, version),
        signers=[s for s in signatories if s.role == Signatory.Role.SIGNER],
        witnesses=[s for s in signatories if s.role == Signatory.Role.WITNESS],
        may_freeze=policies.may_freeze(desk.standing, away),
    )


def _numbers(desk: Desk, version: PledgeVersion) -> list[tuple[str, str, bool]]:
    """Return (paper, number, already reserved) as freezing will write it."""
    kept = dict(desk.pledge.numbers.values_list("kind", "text"))
    registers = NumberRegister.objects.filter(cluster_year=desk.year)
    last = dict(registers.values_list("symbol", "last"))
    rows = []
    for paper in version.papers.order_by("pk"):
        symbol = SYMBOLS[paper.kind]
        due = f"{last.get(symbol, 0) + 1:02d}/{symbol}-{desk.year.cluster.symbol}"
        rows.append((paper.title, kept.get(paper.kind, due), paper.kind in kept))
    return rows


@access(Audience.CLUSTER, "GET", "POST")
def open_signing(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Check who will be invited first, and open the signing."""
    desk = open_desk(request, year_pk)
    verdict = desk.may(policies.may_open_signing)
    if not desk.is_writer:
        return locked_page(desk, verdict, "Mở ký")
    form = StarterForm(sent(request))

    def act() -> str:
        workflow.open_signing(pledge_id=desk.pledge.pk, by=request.acting, now=request.now)
        return _confirmation(desk)

    done = acts.submit(request, form, act)
    signatories = desk.standing.version.signatories.select_related("unit").order_by("order")
    context = page_context(desk, form=form, signatories=signatories, may_open=verdict)
    return done or render(request, "pledges/open_signing.html", context)


# What was done -------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET")
def done(request: ActingRequest, year_pk: int, seq: int) -> HttpResponse:
    """Confirm an act: its number and time, what happens next, who has it now."""
    desk = open_desk(request, year_pk)
    mine = AuditEvent.objects.filter(cluster_year_id=desk.year.pk, actor_id=request.user.pk)
    event = get_object_or_404(mine, seq=seq, action__in=CONFIRMED)
    context = page_context(desk, event=event, kind=event.action.removeprefix("pledges."))
    return render(request, "pledges/done.html", context)


def _confirmation(desk: Desk) -> str:
    """Return the address of the confirmation of what this person has just done."""
    events = AuditEvent.objects.filter(
        cluster_year_id=desk.year.pk, actor_id=desk.request.user.pk, action__in=CONFIRMED
    )
    event = events.order_by("-seq").first()
    return desk.url("done", event.seq) if event else desk.url("pledge")


# Shared --------------------------------------------------------------------------------------
def _seen_form(kind: type[SeenForm], desk: Desk, **more: Any) -> Any:  # noqa: ANN401 - that kind
    """Make a step's form that remembers which text is on the screen."""
    version = desk.shown or desk.standing.version
    initial = {"version": version.pk, "mark": mark_of(version)}
    return kind(sent(desk.request), initial=initial, **more)


def _seen(form: SeenForm) -> Seen:
    return Seen(form.cleaned_data["version"] or 0, form.cleaned_data["mark"])


def _after_conflict(desk: Desk, form: SeenForm) -> PledgeVersion:
    """Return the version to show; after a conflict the form goes on from it."""
    version = desk.standing.version
    if conflict_of(form) is not None:
        version.refresh_from_db()
        renew_seen(form, version)
    return version
