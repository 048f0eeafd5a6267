"""The register of models, collectives and persons worth following, for every kind of cluster."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import ClusterYear
from clusters.policies import Bench
from clusters.queries import bench_of, members_of, place_of
from core import acts, history
from core.models import AuditEvent
from core.policy import Verdict
from pledges.forms.exemplars import ExemplarForm, StandingForm, WithdrawForm
from pledges.models import Exemplar
from pledges.operations import exemplars as register_of
from pledges.policies.review import may_edit_exemplar, may_register, may_set_standing
from pledges.queries.review_board import exemplars_of
from pledges.views.desk import conflict_of, last_saver, open_year
from scoring import operations as scoring_operations
from scoring.forms import EvidenceChoice
from scoring.models import Evidence
from scoring.queries.evidence import evidence_of

#: Kind of tag and icon for each standing.
STANDING_TAGS: dict[str, tuple[str, str]] = {
    Exemplar.Standing.FOLLOWED: ("do", "eye"),
    Exemplar.Standing.RECOMMENDED: ("warn", "arrow-up"),
    Exemplar.Standing.RECOGNISED: ("ok", "check-circle-fill"),
    Exemplar.Standing.COMMENDED: ("gold", "star-fill"),
}
KIND_ICONS: dict[str, str] = {
    Exemplar.Kind.MODEL: "grid-3x3-gap",
    Exemplar.Kind.COLLECTIVE: "people",
    Exemplar.Kind.PERSON: "person",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An exemplar as the register shows it."""

    exemplar: Exemplar
    icon: str
    tag_kind: str
    tag_icon: str
    is_mine: bool


@access(Audience.CLUSTER, "GET")
def register(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the exemplars of a year, by kind, unit and standing."""
    year = open_year(request, year_pk)
    found = exemplars_of(year, request.acting)
    asked = {name: request.GET.get(name, "") for name in ("loai", "don-vi", "tinh-trang")}
    shown = [row for row in found if _fits(row, asked)]
    context = _context(
        year,
        rows=[_row(row, request) for row in shown],
        total=len(found),
        units=[(str(m.unit_id), m.unit.short_name) for m in members_of(year)],
        kinds=Exemplar.Kind.choices,
        standings=Exemplar.Standing.choices,
        kind=asked["loai"],
        unit=asked["don-vi"],
        standing=asked["tinh-trang"],
        is_filtered=any(asked.values()),
        may_register=may_register(place_of(request.acting, year), year),
    )
    return render(request, "pledges/exemplars.html", context)


def _fits(row: Exemplar, asked: dict[str, str]) -> bool:
    facts = {"loai": row.kind, "don-vi": str(row.unit_id), "tinh-trang": row.standing}
    return all(not wanted or facts[name] == wanted for name, wanted in asked.items())


def _row(row: Exemplar, request: ActingRequest) -> Row:
    kind, icon = STANDING_TAGS[row.standing]
    return Row(row, KIND_ICONS[row.kind], kind, icon, row.unit_id == request.acting.unit_id)


# One exemplar --------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def add(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Register an exemplar of one's own unit."""
    year = open_year(request, year_pk)
    verdict = may_register(place_of(request.acting, year), year)
    if not verdict:
        return _locked(request, year, verdict, "Đăng ký điển hình")
    form, files = ExemplarForm(acts.sent(request)), _evidence_part(request, year)

    def act() -> str:
        register_of.register(
            cluster_year_id=year_pk, values=form.values, evidence=_kept(request, year, files),
            by=request.acting, now=request.now,
        )  # fmt: skip
        return _home(year)

    done = acts.submit(request, form, act, files, success="Đã ghi vào sổ điển hình.")
    context = _context(year, form=form, evidence_part=files, title="Đăng ký điển hình")
    return done or render(request, "pledges/exemplar_form.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def exemplar(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show an exemplar; to its own unit as a form while it can be edited."""
    year, row = _open(request, year_pk, pk)
    verdict = may_edit_exemplar(place_of(request.acting, year), year, row)
    is_own = row.unit_id == request.acting.unit_id
    if request.method == "POST" and not (verdict or is_own):
        messages.error(request, verdict.reason)
        return redirect(_url(year, row))
    if request.method == "GET" and (not verdict or "sua" not in request.GET):
        return _shown(request, year, row, verdict)
    initial = {name: getattr(row, name) for name in register_of.FIELDS}
    form = ExemplarForm(acts.sent(request), initial=initial | {"seen": str(row.revision)})
    files = _evidence_part(request, year, row)

    def act() -> str:
        register_of.edit(
            exemplar_id=pk, values=form.values, seen=form.revision,
            evidence=_kept(request, year, files), by=request.acting, now=request.now,
        )  # fmt: skip
        return _url(year, row)

    done = acts.submit(request, form, act, files, success="Đã lưu điển hình.")
    return done or _edit_page(request, year, row, form, files)


def _edit_page(
    request: ActingRequest,
    year: ClusterYear,
    row: Exemplar,
    form: ExemplarForm,
    files: EvidenceChoice,
) -> HttpResponse:
    """Show the form, after a conflict with what stands now beside it."""
    conflict = conflict_of(form)
    stored: list[tuple[str, str]] = []
    if conflict is not None:
        other = {n: v for n, v in conflict.current.items() if v != form.cleaned_data.get(n)}
        stored = form.stored(other)
        row.refresh_from_db()
        form.renew(str(row.revision))
    context = _context(
        year, form=form, evidence_part=files, title="Sửa điển hình", row=row, stored=stored,
        conflict=conflict, saver=last_saver(row) if conflict else "",
    )  # fmt: skip
    return render(request, "pledges/exemplar_form.html", context)


def _shown(
    request: ActingRequest, year: ClusterYear, row: Exemplar, verdict: Verdict
) -> HttpResponse:
    bench = _bench(request, year, row)
    seen = Evidence.objects.visible_to(request.acting).filter(pk__in=row.evidence.values("pk"))
    events = AuditEvent.objects.about(row).order_by("-seq")
    context = _context(
        year,
        row=_row(row, request),
        may_edit=verdict,
        may_set=may_set_standing(bench, year, row),
        files=list(seen.select_related("uploaded_by")),
        file_count=row.evidence.count(),
        lines=history.sentences_of(list(events)),
    )
    return render(request, "pledges/exemplar.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def standing(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Say how far an exemplar has come, with the reason."""
    year, row = _open(request, year_pk, pk)
    verdict = may_set_standing(_bench(request, year, row), year, row)
    if not verdict:
        return _locked(request, year, verdict, "Ghi tình trạng")
    form = StandingForm(acts.sent(request), initial={"standing": row.standing})

    def act() -> str:
        register_of.set_standing(
            exemplar_id=pk, standing=form.cleaned_data["standing"],
            reason=form.cleaned_data["reason"], by=request.acting, now=request.now,
        )  # fmt: skip
        return _url(year, row)

    done = acts.submit(request, form, act, success="Đã ghi tình trạng của điển hình.")
    context = _context(
        year, form=form, row=_row(row, request), verb="standing", title="Ghi tình trạng"
    )
    return done or render(request, "pledges/exemplar_act.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def withdraw(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Take an exemplar of one's own unit out of the register."""
    year, row = _open(request, year_pk, pk)
    verdict = may_edit_exemplar(place_of(request.acting, year), year, row)
    if not verdict:
        return _locked(request, year, verdict, "Rút điển hình")
    form = WithdrawForm(acts.sent(request))

    def act() -> str:
        register_of.withdraw(
            exemplar_id=pk, reason=form.cleaned_data["reason"], by=request.acting, now=request.now
        )
        return _home(year)

    done = acts.submit(request, form, act, success="Đã rút điển hình khỏi sổ.")
    context = _context(
        year, form=form, row=_row(row, request), verb="withdraw", title="Rút khỏi sổ"
    )
    return done or render(request, "pledges/exemplar_act.html", context)


# Shared --------------------------------------------------------------------------------------
def _open(request: ActingRequest, year_pk: int, pk: int) -> tuple[ClusterYear, Exemplar]:
    year = open_year(request, year_pk)
    seen = Exemplar.objects.visible_to(request.acting).filter(cluster_year=year)
    return year, get_object_or_404(seen.select_related("unit"), pk=pk)


def _bench(request: ActingRequest, year: ClusterYear, row: Exemplar) -> Bench:
    return bench_of(request.acting, year, row.unit, request.today)


def _evidence_part(
    request: ActingRequest, year: ClusterYear, row: Exemplar | None = None
) -> EvidenceChoice:
    """Return the part of the form that attaches files of the unit's store and new ones."""
    attached = list(row.evidence.values_list("pk", flat=True)) if row else []
    return EvidenceChoice(
        acts.sent(request),
        acts.sent_files(request),
        store=list(evidence_of(request.acting, year, request.acting.unit_id)),
        attached=attached,
        today=request.today,
    )


def _kept(request: ActingRequest, year: ClusterYear, files: EvidenceChoice) -> list[int]:
    """Put new files into the store and return all that were chosen."""
    return scoring_operations.keep(
        cluster_year_id=year.pk, chosen=files.chosen, by=request.acting, now=request.now
    )


def _locked(
    request: ActingRequest, year: ClusterYear, verdict: Verdict, title: str
) -> HttpResponse:
    context = _context(year, verdict=verdict, title=title)
    return render(request, "pledges/exemplar_locked.html", context, status=403)


def _context(year: ClusterYear, **more: Any) -> dict[str, Any]:
    return {
        "year": year,
        "cluster": year.cluster,
        "home": _home(year),
        "here": more.get("title", ""),
        "mast_title": "Điển hình",
    } | more


def _home(year: ClusterYear) -> str:
    return reverse("pledges:exemplars", args=[year.pk])


def _url(year: ClusterYear, row: Exemplar) -> str:
    return reverse("pledges:exemplar", args=[year.pk, row.pk])
