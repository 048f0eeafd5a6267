"""Reads of evidence: what is in the store of a unit, what each file is used for, where else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.module_loading import import_string

from clusters.acting import Acting
from clusters.models import ClusterYear, Membership
from clusters.policies import Place
from clusters.queries import place_of
from core.models import AuditEvent
from core.policy import Verdict
from core.text import format_date, join_names
from scoring.models import Evidence, ScoreLine
from scoring.policies import may_judge_evidence, may_withdraw_evidence
from scoring.queries.openness import objections_known_to


@dataclass(frozen=True, slots=True)
class Use:
    """Something that rests on a file: a criterion, a target in a period, an exemplar."""

    evidence_id: int
    #: As it stands in a sentence: "tiêu chí I.2".
    what: str
    #: Others see it, and the file cannot be taken back.
    is_submitted: bool
    #: The objection it is; told to whoever may know of that one.
    objection_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A file as the store shows it."""

    evidence: Evidence
    uses: tuple[str, ...]
    #: Whether it stands elsewhere too; empty for who does not judge.
    shield: str
    verdict: Verdict


def uses_on_lines(evidence_ids: Iterable[int]) -> list[Use]:
    """Return the criteria on score sheets that files are used for."""
    links = ScoreLine.evidence.through.objects.filter(evidence__in=list(evidence_ids))
    rows = links.order_by("scoreline__criterion__order", "pk").values_list(
        "evidence", "scoreline__criterion__code", "scoreline__sheet__submitted_at"
    )
    return [Use(pk, f"tiêu chí {code}", at is not None) for pk, code, at in rows]


def uses_of(evidence_ids: Iterable[int]) -> dict[int, list[Use]]:
    """Return what files are used for, in every app that has evidence (`EVIDENCE_USES`)."""
    ids = list(evidence_ids)
    found: dict[int, list[Use]] = defaultdict(list)
    for name in settings.EVIDENCE_USES:
        for use in import_string(name)(ids):
            found[use.evidence_id].append(use)
    return found


def uses_told_to(acting: Acting, evidence_ids: Iterable[int]) -> dict[int, list[Use]]:
    """Return what files are used for, without the objections this person may not know of."""
    uses = uses_of(evidence_ids)
    asked = {use.objection_id for many in uses.values() for use in many if use.objection_id}
    if not asked:
        return uses
    known = objections_known_to(acting).filter(pk__in=asked).values_list("pk", flat=True)
    told = {None, *known}
    for pk, many in uses.items():
        uses[pk] = [use for use in many if use.objection_id in told]
    return uses


def evidence_of(acting: Acting, year: ClusterYear, unit_id: int | None) -> QuerySet[Evidence]:
    """Return the files of a unit in a year that this person may see, the latest first."""
    files = Evidence.objects.visible_to(acting).standing()
    return files.filter(cluster_year=year, unit=unit_id).order_by("-uploaded_at", "-pk")


def evidence_choices(files: Iterable[Evidence]) -> list[tuple[str, str]]:
    """Return files as choices of a form: name, number and date of the paper."""
    return [(str(file.pk), label_of(file)) for file in files]


def label_of(file: Evidence) -> str:
    """Name a file with its paper: `QD.pdf (số 12/QĐ-CAT, ngày 03/04/2026)`."""
    number = f"số {file.paper_number}" if file.paper_number else ""
    day = f"ngày {format_date(file.paper_date)}" if file.paper_date else ""
    paper = ", ".join(filter(None, (number, day)))
    return f"{file.name} ({paper})" if paper else file.name


def store_of(acting: Acting, year: ClusterYear, unit_id: int | None) -> list[StoreRow]:
    """Return the store of a unit; the same number of statements whatever it holds."""
    place = place_of(acting, year)
    files = list(evidence_of(acting, year, unit_id).select_related("uploaded_by"))
    uses = uses_told_to(acting, (file.pk for file in files))
    shields = elsewhere(acting, files) if may_judge_evidence(place) else {}
    return [_row(place, year, file, uses[file.pk], shields.get(file.pk, "")) for file in files]


def _row(
    place: Place, year: ClusterYear, file: Evidence, uses: Sequence[Use], shield: str
) -> StoreRow:
    is_own = file.unit_id == place.acting.unit_id
    shown = tuple(use.what for use in uses if use.is_submitted or is_own)
    submitted = [use.what for use in uses if use.is_submitted]
    return StoreRow(file, shown, shield, may_withdraw_evidence(place, year, file, submitted))


def elsewhere(
    acting: Acting, files: Sequence[Evidence], *, besides: str | None = None
) -> dict[int, str]:
    """Say of each file where else the same bytes stand, for whoever judges (U13).

    Other units and other years count as far as this person may see them. With `besides` (the use
    at hand, as `Use.what` names it) the further uses of the unit itself count too.
    """
    twins = _twins(acting, files)
    ids = [f.pk for f in files] + [t.pk for many in twins.values() for t in many]
    uses = uses_told_to(acting, ids)
    return {
        file.pk: _shield(
            [u.what for u in uses[file.pk] if besides and u.is_submitted and u.what != besides]
            + [_twin(twin, uses[twin.pk]) for twin in twins[file.sha256] if _differs(twin, file)],
            is_at_hand=besides is not None,
        )
        for file in files
    }


def _twins(acting: Acting, files: Sequence[Evidence]) -> dict[str, list[Evidence]]:
    seen = Evidence.objects.visible_to(acting).standing()
    rows = seen.filter(sha256__in={file.sha256 for file in files})
    found: dict[str, list[Evidence]] = defaultdict(list)
    for twin in rows.select_related("unit", "cluster_year__cycle").order_by("uploaded_at", "pk"):
        found[twin.sha256].append(twin)
    return found


def _differs(twin: Evidence, file: Evidence) -> bool:
    return (twin.unit_id, twin.cluster_year_id) != (file.unit_id, file.cluster_year_id)


def _twin(twin: Evidence, uses: Sequence[Use]) -> str:
    where = f"{twin.unit.short_name}, năm {twin.cluster_year.cycle.year}"
    shown = [use.what for use in uses if use.is_submitted]
    return f"{where} ({join_names(shown)})" if shown else where


def _shield(places: Sequence[str], *, is_at_hand: bool) -> str:
    if places:
        return f"Tệp này còn dùng cho {'; '.join(places)}."
    if is_at_hand:
        return "Tệp này chưa dùng cho tiêu chí hay đơn vị nào khác."
    return "Tệp này chưa dùng cho đơn vị hay năm nào khác."


def units_with_evidence(acting: Acting, year: ClusterYear) -> list[tuple[Membership, int]]:
    """Return the members in their order, each with how many files this person sees."""
    files = Evidence.objects.visible_to(acting).standing().filter(cluster_year=year)
    counts = dict(files.order_by().values_list("unit").annotate(n=Count("pk", distinct=True)))
    members = year.memberships.select_related("unit").order_by("order")
    return [(member, counts.get(member.unit_id, 0)) for member in members]


def without_files_of_others(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out of the history the files of other units, for who does not judge them."""
    if may_judge_evidence(place_of(acting, year)):
        return events
    is_foreign = Q(action__startswith="scoring.evidence_") & ~Q(acting_unit=acting.unit_name)
    return events.exclude(is_foreign)
