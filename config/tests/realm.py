"""Two clusters that must not know of each other, everybody in them, and every address of both.

`ENTRIES` is the one table to read and to extend: what stands in the place of each argument of an
address, who may see the object, and who may do what the page is for. A new address without a line
here fails with a sentence.
"""

import copy
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from unittest import mock

from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access import Access, Audience
from accounts.models import User
from clusters.models import Role
from clusters.tests.factories import World, make_person, make_world
from core import audit, storage
from core.models import AuditEvent, Notice
from pledges import operations
from pledges.figures import Milestone
from pledges.models import (
    Comment,
    Exemplar,
    Pledge,
    PledgeStatus,
    ProgressEntry,
    ProgressReport,
    Proposal,
    Review,
    ReviewKind,
    Signatory,
)
from pledges.queries.progress import pledged_by
from pledges.queries.review import Freeze, outline_for, snapshot
from pledges.tests import factories as f
from pledges.workflow import pledge as workflow
from reports.models import Document, Job, VerifyCode
from scoring.lot import METHOD
from scoring.models import (
    AwardQuota,
    Ballot,
    Candidate,
    Draw,
    Evidence,
    Finding,
    Inspection,
    Nomination,
    Objection,
    Publication,
    RunKind,
    ScoreLine,
    ScoreSheet,
    ScoringRun,
    SheetStatus,
    TeamPlace,
    Veto,
    Voter,
)
from scoring.queries.sheet import cluster_of
from scoring.queries.table import as_interchange
from scoring.workflow import run as run_workflow

#: Words that stand in every name of a cluster and nowhere else.
OWN_WORD, OTHER_WORD = "qwhuyenq", "zxhuyenz"
#: Stands in what the lead is still writing; nobody else reads it before it circulates.
DRAFT_WORD = "qznhapzq"
#: The moment at which the pages are asked: the day of signing, 09:30.
MOMENT = f.SIGNING_DAY.replace(minute=30)

ANONYMOUS, DISABLED, ENDED = "anonymous", "disabled", "ended"
LEAD_OFFICER, LEAD_HEAD = "officer of the lead", "head of the lead"
OFFICER, HEAD = "officer of a member", "head of a member"
ORGANISER, WITNESS = "organiser", "head of the organiser"
OTHER_ORGANISER, OTHER_OFFICER, OTHER_HEAD = "other organiser", "other officer", "other head"
ADMINISTRATOR = "administrator"

INSIDE = {LEAD_OFFICER, LEAD_HEAD, OFFICER, HEAD, ORGANISER, WITNESS}
OUTSIDE = {OTHER_ORGANISER, OTHER_OFFICER, OTHER_HEAD}
WRITERS = {LEAD_OFFICER, LEAD_HEAD}
MEMBERS = {LEAD_OFFICER, LEAD_HEAD, OFFICER, HEAD}
HEADS = {LEAD_HEAD, HEAD, WITNESS}
#: Who opens the submitted sheet of a member: the unit itself, who appraises it, the organiser.
JUDGED = INSIDE - {WITNESS}
JUDGES = WRITERS | {ORGANISER}
PERSONS = INSIDE | OUTSIDE | {ADMINISTRATOR, ENDED}
EVERYBODY = PERSONS | {ANONYMOUS, DISABLED}
NOT_LOGGED_IN = {ANONYMOUS, DISABLED}
#: Who passes the declaration of a view.
ADMITTED = {
    Audience.ANYONE: EVERYBODY,
    Audience.PERSON: PERSONS,
    Audience.ADMINISTRATOR: {ADMINISTRATOR},
    Audience.ORGANISER: {ORGANISER, OTHER_ORGANISER},
    Audience.CLUSTER: INSIDE | OUTSIDE,
}


class Entry(NamedTuple):
    """One address: its arguments by name, who sees the object, who may work there."""

    args: tuple[str, ...] = ()
    sees: set[str] = EVERYBODY
    #: Of those who see it; the others are told why not, with 403.
    works: set[str] = EVERYBODY
    query: str = ""
    #: What those who work there are answered, where the state of the matrix says not now.
    look: int = 200
    #: What an empty form is answered with.
    empty_form: int = 200


def of_year(
    *args: str, sees: set[str] = INSIDE, works: set[str] = EVERYBODY, look: int = 200
) -> Entry:
    """An address below a cluster year."""
    return Entry(("year", *args), sees, works, look=look)


ENTRIES: dict[str, Entry] = {
    "accounts:login": Entry(),
    "accounts:logout": Entry(),
    "accounts:change_password": Entry(),
    "core:root": Entry(),
    "core:inbox": Entry(),
    "core:notices": Entry(),
    "core:read_notice": Entry(("notice",), sees={LEAD_OFFICER}),
    "core:healthz": Entry(),
    "core:readyz": Entry(),
    "clusters:appointments_mine": Entry(empty_form=404),
    "clusters:search": Entry(query="?q=Tỷ lệ"),
    "clusters:units": Entry(),
    "clusters:add_unit": Entry(),
    "clusters:unit": Entry(("unit",)),
    "clusters:add_succession": Entry(("unit",)),
    "clusters:people": Entry(),
    "clusters:add_person": Entry(),
    "clusters:person": Entry(("person",)),
    "clusters:edit_person": Entry(("person",)),
    "clusters:reset_password": Entry(("person",)),
    "clusters:switch_person": Entry(("person",)),
    "clusters:add_appointment": Entry(("person",)),
    "clusters:end_appointment": Entry(("appointment",)),
    "clusters:clusters": Entry(),
    "clusters:add_cluster": Entry(),
    "clusters:open_year": Entry(("cluster",), sees={ORGANISER}),
    "clusters:members": of_year(),
    "clusters:calendar": of_year(),
    "clusters:extensions": of_year(),
    "clusters:periods": of_year(),
    "clusters:openness": of_year(),
    "clusters:history": of_year(),
    "scoring:table": of_year(),
    "scoring:choose_table": of_year(),
    "scoring:table_versions": of_year(),
    "scoring:table_version": of_year("=1"),
    "scoring:table_compare": of_year(),
    # The sheets are open there: nobody writes a table any more.
    "scoring:table_version_new": of_year(works=set()),
    "scoring:table_edit": of_year(works=set()),
    "scoring:table_head": of_year(works=set()),
    "scoring:table_group_new": of_year(works=set()),
    "scoring:table_leaf_new": of_year(works=set()),
    "scoring:table_row": of_year("group", works=set()),
    "scoring:table_remove": of_year("group", works=set()),
    "scoring:table_trial": of_year(works=set()),
    "scoring:table_adopt": of_year(works=set()),
    "scoring:table_drop": of_year(works=set()),
    "scoring:table_coded": of_year(works=set()),
    "scoring:table_excel": of_year(),
    "scoring:table_blank": of_year(),
    "scoring:table_import": of_year(),
    "scoring:table_store": of_year(),
    "scoring:evidence": of_year(),
    "scoring:evidence_file": of_year("evidence", sees=INSIDE - {WITNESS}),
    "scoring:evidence_withdraw": of_year("evidence", sees=INSIDE - {WITNESS}),
    "scoring:scoreboard": of_year(),
    "scoring:scoreboard_excel": of_year(),
    "scoring:runs": of_year(),
    "scoring:make_run": of_year(works=JUDGES),
    "scoring:runs_compare": of_year(),
    "scoring:run": of_year("run"),
    "scoring:run_unit": of_year("run", "unit", sees=JUDGED),
    "scoring:run_matrix": of_year("run"),
    "scoring:run_matrix_excel": of_year("run"),
    "scoring:run_file": of_year("run", "=FIGURES.json", sees=JUDGES),
    "scoring:publish": of_year(works=JUDGES),
    "scoring:publish_final": of_year(works={ORGANISER}),
    "scoring:revoke": of_year(works={ORGANISER}),
    "scoring:archive": of_year(works={ORGANISER}),
    "scoring:publish_done": of_year("published", sees={LEAD_OFFICER}),
    "scoring:sheets": of_year(),
    "scoring:sheet": of_year("sheet", sees=JUDGED),
    "scoring:line": of_year("sheet", "line", sees=JUDGED),
    "scoring:sheet_hand_over": of_year("sheet", sees=JUDGED),
    "scoring:sheet_submit": of_year("sheet", sees=JUDGED, works={OFFICER, HEAD}),
    "scoring:sheet_explain": of_year("sheet", sees=JUDGED),
    "scoring:sheet_finish": of_year("sheet", sees=JUDGED, works={OFFICER, HEAD, ORGANISER}),
    "scoring:sheet_done": of_year("sheet", "handed_in", sees={HEAD}),
    "scoring:sheet_history": of_year("sheet", sees=JUDGED),
    "scoring:appraisal": of_year("sheet", sees=JUDGED, works=JUDGES),
    "scoring:appraisal_take_up": of_year("sheet", sees=JUDGED),
    "scoring:appraisal_group": of_year("sheet", "group", sees=JUDGED, works=JUDGES),
    "scoring:appraisal_return": of_year("sheet", sees=JUDGED, works=JUDGES),
    "scoring:appraisal_finish": of_year("sheet", sees=JUDGED, works=JUDGES),
    "scoring:appraisal_reopen": of_year("sheet", sees=JUDGED, works=JUDGES),
    "scoring:appraisal_done": of_year("sheet", sees=JUDGED),
    "scoring:leaning": of_year(sees={ORGANISER}),
    "scoring:inspections": of_year(),
    "scoring:draw_lots": of_year(),
    "scoring:draw_cancel": of_year(),
    "scoring:inspection": of_year("inspection", sees=JUDGED),
    "scoring:inspection_submit": of_year("inspection", sees=JUDGED),
    "scoring:inspection_answer": of_year("inspection", sees=JUDGED),
    "scoring:inspection_done": of_year("inspection", sees=JUDGED),
    "scoring:objections": of_year(),
    "scoring:objection_choose": of_year(works=set()),
    "scoring:objection_whole": of_year(works=set()),
    "scoring:objection_line": of_year("line", works=set()),
    "scoring:objection": of_year("objection", sees=JUDGED),
    "scoring:objection_edit": of_year("objection", sees=JUDGED, works={OFFICER, HEAD}, look=403),
    "scoring:objection_hand_over": of_year("objection", sees=JUDGED),
    "scoring:objection_send": of_year("objection", sees=JUDGED, works={OFFICER, HEAD}),
    "scoring:objection_withdraw": of_year("objection", sees=JUDGED, works={OFFICER, HEAD}),
    "scoring:objection_decide": of_year("objection", sees=JUDGED, works={ORGANISER}),
    "scoring:objection_done": of_year("objection", "objected", sees={HEAD}),
    "scoring:vetoes": of_year(sees={ORGANISER}),
    "scoring:veto_lift": of_year("veto", sees={ORGANISER}),
    "scoring:ballots": of_year(),
    "scoring:ballot_new": of_year(works=JUDGES),
    "scoring:ballot": of_year("ballot"),
    "scoring:ballot_edit": of_year("ballot", works=set()),
    "scoring:ballot_open": of_year("ballot", works=JUDGES),
    "scoring:ballot_presence": of_year("ballot", works=JUDGES),
    "scoring:ballot_cast": of_year("ballot", works={LEAD_HEAD, HEAD}),
    "scoring:ballot_count": of_year("ballot", works=JUDGES),
    "scoring:ballot_cancel": of_year("ballot", works=JUDGES),
    "scoring:ballot_minutes": of_year("paper_ballot"),
    "scoring:quotas": of_year(),
    "scoring:quota_new": of_year(works={ORGANISER}),
    "scoring:quota": of_year("quota", works={ORGANISER}),
    "scoring:quota_remove": of_year("quota", works={ORGANISER}),
    "scoring:nominations": of_year(),
    "scoring:nominations_excel": of_year(),
    "scoring:nominate": of_year("quota", works=JUDGES),
    "scoring:nomination_withdraw": of_year("nomination", works=JUDGES),
    "pledges:pledge": of_year(),
    "pledges:start": of_year(),
    "pledges:levels": of_year(),
    "pledges:discussion": of_year("target"),
    "pledges:remarks": of_year(),
    "pledges:answer": of_year("=gop-y", "comment", works=WRITERS),
    "pledges:propose": of_year("target", sees=MEMBERS, look=403),
    "pledges:head": of_year(works=WRITERS),
    "pledges:papers": of_year(works=WRITERS),
    "pledges:signatories": of_year(works=WRITERS),
    "pledges:bases": of_year(works=WRITERS),
    "pledges:outline": of_year(works=WRITERS),
    "pledges:starter": of_year(works=WRITERS),
    "pledges:clause_new": of_year("=PLEDGE", "=CONTENT", works=WRITERS),
    "pledges:clause": of_year("clause", works=WRITERS),
    "pledges:activity_new": of_year(works=WRITERS),
    "pledges:activity": of_year("activity", works=WRITERS),
    "pledges:target_new": of_year(works=WRITERS),
    "pledges:target": of_year("target", works=WRITERS),
    "pledges:remove": of_year("=dieu-khoan", "clause", works=WRITERS),
    "pledges:move": of_year("=dieu-khoan", "clause", works=WRITERS),
    "pledges:circulate": of_year(works=WRITERS),
    "pledges:revise": of_year(works=WRITERS, look=403),
    "pledges:consent": of_year(works=INSIDE - WRITERS),
    "pledges:freeze": of_year(works=WRITERS),
    "pledges:open_signing": of_year(works=WRITERS),
    "pledges:done": of_year("event", sees={LEAD_OFFICER}),
    "pledges:versions": of_year(),
    "pledges:version": of_year("version"),
    "pledges:printed": of_year("version"),
    "pledges:compare": of_year(),
    "pledges:progress": of_year(sees=INSIDE),
    "pledges:progress_units": of_year(),
    "pledges:whatif": of_year(works=MEMBERS),
    "pledges:progress_cell": of_year("target", sees=MEMBERS, works=set()),
    "pledges:progress_report": of_year("report"),
    "pledges:progress_submit": of_year("report", sees={OFFICER, HEAD}),
    "pledges:progress_receipt": of_year("report", sees={OFFICER, HEAD}),
    "pledges:progress_return": of_year("report", works=set()),
    "pledges:progress_accept": of_year("report"),
    "pledges:progress_correct": of_year("report", sees={OFFICER, HEAD}),
    "pledges:progress_history": of_year("report"),
    "pledges:reviews": of_year("=so-ket"),
    "pledges:review": of_year("review"),
    "pledges:review_history": of_year("review"),
    "pledges:review_submit": of_year("review", works={OFFICER, HEAD}),
    "pledges:review_accept": of_year("review", works=WRITERS, look=403),
    "pledges:review_return": of_year("review", works=WRITERS, look=403),
    "pledges:review_done": of_year("review", "filed", sees={OFFICER}),
    "pledges:exemplars": of_year(),
    "pledges:exemplar_new": of_year(works=MEMBERS),
    "pledges:exemplar": of_year("exemplar"),
    "pledges:exemplar_standing": of_year("exemplar", works={*WRITERS, ORGANISER}),
    "pledges:exemplar_withdraw": of_year("exemplar", works={OFFICER, HEAD}),
    "reports:year": of_year(),
    "reports:board": of_year(),
    "reports:sign": of_year(works=HEADS),
    "reports:decline": of_year(works=HEADS),
    "reports:signing": of_year(),
    "reports:signing_state": of_year(),
    "reports:receipt": of_year("place"),
    "reports:print_centre": of_year(),
    "reports:ask_book": of_year(),
    "reports:ask_set": of_year("=so-ket"),
    "reports:job": Entry(("job",), sees=INSIDE),
    "reports:job_state": Entry(("job",), sees=INSIDE),
    "reports:retry_job": Entry(("job",), sees=INSIDE),
    "reports:cancel_job": Entry(("job",), sees=INSIDE),
    "reports:file": Entry(("job",), sees=INSIDE),
    "reports:document": Entry(("document",), sees=INSIDE),
    "reports:verify": Entry(),
    "reports:verify_code": Entry(("code",)),
}


# Addresses -----------------------------------------------------------------------------------
class Address(NamedTuple):
    """A pattern of the URLconf: its name, its path, what its view declares."""

    name: str
    route: str
    access: Access | None


def addresses() -> list[Address]:
    """Walk the whole URLconf."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], namespace: str, route: str) -> Iterator[Address]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from _walk(pattern.url_patterns, inner, here)
        elif isinstance(pattern, URLPattern):
            name = ":".join(part for part in (namespace, pattern.name) if part)
            yield Address(name, here, getattr(pattern.callback, "access", None))


# Two clusters --------------------------------------------------------------------------------
@dataclass
class Side:
    """A cluster with a pledge, and the value of every argument an address may have."""

    world: World
    pledge: Pledge
    values: dict[str, object] = field(default_factory=dict)

    def args(self, entry: Entry) -> list[object]:
        """Return the arguments of an address; "=word" stands for the word itself."""
        return [a[1:] if a.startswith("=") else self.values[a] for a in entry.args]


@dataclass
class Realm:
    """Both clusters and a browser for everybody."""

    own: Side
    other: Side
    clients: dict[str, Client]

    def url(self, name: str, side: Side | None = None) -> str:
        """Return an address of one of the clusters."""
        entry = ENTRIES[name]
        return reverse(name, args=(side or self.own).args(entry)) + entry.query


def make_realm(status: PledgeStatus, size: int = 3) -> Realm:
    """Make both clusters; a DRAFT is the second version, after a unit declined the first."""
    own = make_side(OWN_WORD, status, size)
    other = make_side(OTHER_WORD, status, size)
    return Realm(own, other, _clients(own.world, other.world))


def make_side(word: str, status: PledgeStatus, size: int) -> Side:
    """Make one cluster of so many units, with something of every kind."""
    world = make_world(size, prefix=word)
    if status == PledgeStatus.DRAFT:
        pledge = _declined(world)
    else:
        _, pledge = f.make_pledge_at(status, world)
    if status == PledgeStatus.SIGNING:
        f.sign(world, pledge, 0)
    side = Side(world, pledge)
    _remark(side)
    _report(side)
    _fill(side)
    return side


def _declined(world: World) -> Pledge:
    """Walk to a second draft: a version was frozen, one unit signed, the next declined."""
    _, pledge = f.make_pledge_at(PledgeStatus.SIGNING, world)
    f.sign(world, pledge, 0)
    version = Pledge.objects.get(pk=pledge.pk).current
    assert version is not None
    workflow.decline(
        signatory_id=version.signatories.get(unit=world.units[1]).pk,
        seen_hash=version.frozen_hash, reason=f"Vượt khả năng của {world.units[1]}",
        by=world.heads[1], now=f.SIGNING_DAY,
    )  # fmt: skip
    pledge = Pledge.objects.get(pk=pledge.pk)
    what = f"Phát động {world.cluster} {DRAFT_WORD}"
    values = {"when": "Quý I", "what": what, "responsible": "Khối trưởng", "output": ""}
    saving: dict[str, Any] = {
        "pledge_id": pledge.pk,
        "key": None,
        "seen": "",
        "by": world.lead_officer,
    }
    operations.save_activity(values=values, now=f.SIGNING_DAY, **saving)
    operations.save_clause(values=f.clause_values(DRAFT_WORD), now=f.SIGNING_DAY, **saving)
    target, levels = f.target_values(f"Tỷ lệ {DRAFT_WORD}"), f.levels_for(world, "77")
    operations.save_target(values=target, levels=levels, now=f.SIGNING_DAY, **saving)
    return pledge


def _remark(side: Side) -> None:
    """One comment and one proposal of the second unit, as the workflow would store them."""
    version = side.pledge.current
    assert version is not None
    common = {
        "pledge": side.pledge, "version": version, "unit": side.world.units[1],
        "author_id": side.world.officers[1].user_id, "made_at": f.NOW,
        "anchor": version.targets.order_by("order").values_list("key", flat=True)[0],
    }  # fmt: skip
    text = f"Góp ý của {side.world.units[1]}"
    Comment.objects.create(**common, text=text)
    Proposal.objects.create(**common, text=text, proposed=70, drafted=80)


def _report(side: Side) -> None:
    """A progress report of the second unit, submitted, as the workflow would store it."""
    version, unit = side.pledge.current, side.world.units[1]
    assert version is not None
    period, officer = side.world.year.periods.get(order=1), side.world.officers[1]
    report = ProgressReport.objects.create(
        cluster_year=side.world.year, unit=unit, period=period, status="SUBMITTED",
        number=f"01/TĐ {unit}", narrative=f"Tình hình của {unit}", created_at=f.NOW,
        submitted_at=f.NOW, submitted_by_id=officer.user_id,
    )  # fmt: skip
    ProgressEntry.objects.create(
        report=report, target=version.targets.order_by("order")[0], value=70,
        note=f"Số của {unit}", entered_at=f.NOW, entered_by_id=officer.user_id,
        submitted_at=f.NOW,
    )  # fmt: skip


def _fill(side: Side) -> None:
    """Find something of this cluster for every argument."""
    world, version = side.world, side.pledge.current
    assert version is not None
    year = world.year
    officer = User.objects.get(pk=world.lead_officer.user_id)
    mine = AuditEvent.objects.filter(cluster_year_id=year.pk, actor_id=officer.pk)
    event = mine.filter(action="pledges.circulated").last() or mine.last()
    assert event is not None
    notice = Notice.objects.create(
        recipient=officer, event=event, text=f"Việc của {world.cluster}", url="/viec-cua-toi/",
        created_at=f.NOW,
    )  # fmt: skip
    settled = Signatory.objects.filter(version__pledge=side.pledge, status="SIGNED").first()
    rows: dict[str, Any] = {
        "document": Document.objects.filter(cluster_year=year).first(),
        "job": Job.objects.filter(cluster_year=year).first(),
        "place": settled,
        "evidence": _put_forward(world),
        "exemplar": _followed(world),
    } | _scored(world)
    rows["inspection"] = _inspected(world)
    review, filed = _filed(side)
    published = _published(world)
    rows["objection"], objected = _objected(world, rows["line"])
    activity = version.activities.first()
    code = VerifyCode.objects.filter(version__pledge=side.pledge).first()
    side.values = {
        "year": year.pk,
        "cluster": world.cluster.pk,
        "unit": world.units[1].pk,
        "person": world.officers[1].user_id,
        "appointment": world.officers[1].appointment_id,
        "notice": notice.pk,
        "event": event.seq,
        "target": version.targets.order_by("order")[0].key,
        "clause": version.clauses.filter(section="CONTENT").order_by("order")[0].key,
        "activity": activity.key if activity else "khong-co",
        "comment": Comment.objects.get(pledge=side.pledge).pk,
        "run": 1,
        "published": published.seq,
        "objected": objected.seq,
        **_voted(world, rows["evidence"]),
        "report": ProgressReport.objects.get(cluster_year=year).pk,
        "review": review.pk,
        "filed": filed.seq,
        "handed_in": _handed_in(world, rows["sheet"]).seq,
        "version": 1,
        "code": code.code if code else "AAAA-AAAA-AAAA",
        **{name: row.pk if row else 0 for name, row in rows.items()},
    }


def _filed(side: Side) -> tuple[Review, AuditEvent]:
    """Reports of all units, submitted, and the cluster's own, as the workflow would keep them."""
    world, version, kind = side.world, side.pledge.current, ReviewKind.MIDYEAR
    assert version is not None
    pledged = pledged_by(version, [unit.pk for unit in world.units])
    freeze, by = Freeze(f.NOW.date(), Milestone()), world.officers[1]
    facts = {
        "cluster_year": world.year, "kind": kind, "opened_at": f.NOW, "due_on": f.NOW.date(),
        "figures_until": f.NOW.date(), "figures_hash": "0" * 64,
    }  # fmt: skip
    outline = [row.as_json() for row in outline_for(version, kind, cluster=False)]
    reviews = Review.objects.bulk_create(
        Review(
            **facts, unit=unit, outline=outline, status="SUBMITTED", submitted_at=f.NOW,
            figures=snapshot(pledged[unit.pk][:2], {}, [], freeze), number=f"{place}/BC {unit}",
            sections={row["key"]: f"Báo cáo của {unit}" for row in outline},
        )
        for place, unit in enumerate(world.units)
    )  # fmt: skip
    Review.objects.create(
        **facts, figures={"share": "0.5"},
        outline=[row.as_json() for row in outline_for(version, kind, cluster=True)],
    )  # fmt: skip
    with transaction.atomic():
        event = audit.record(
            "pledges.review_submitted", reviews[1], by=by, now=f.NOW,
            cluster_year_id=world.year.pk,
            change=audit.Change({}, {"number": reviews[1].number, "days_late": 0}),
        )  # fmt: skip
    return reviews[1], event


def _followed(world: World) -> Exemplar:
    """An exemplar of the second unit."""
    return Exemplar.objects.create(
        cluster_year=world.year, unit=world.units[1], kind="MODEL", registered_at=f.NOW,
        name=f"Mô hình của {world.units[1]}", description=f"Cách làm của {world.units[1]}",
    )  # fmt: skip


def _put_forward(world: World) -> Evidence:
    """A file of the second unit, as its store would keep it."""
    data = f"%PDF-1.7 minh chứng của {world.units[1]}".encode()
    return Evidence.objects.create(
        cluster_year=world.year, unit=world.units[1], sha256=storage.put(data), size=len(data),
        mime="application/pdf", name=f"Quyết định {world.cluster}.pdf", uploaded_at=f.NOW,
        uploaded_by_id=world.officers[1].user_id,
    )  # fmt: skip


def _scored(world: World) -> dict[str, Any]:
    """Submitted sheets under appraisal, as the workflow would keep them, and a veto."""
    year, lead, deputy = world.year, world.units[0], world.units[1]
    table = year.criteria_tables.exclude(status="REPLACED").get()
    sheets = ScoreSheet.objects.bulk_create(
        ScoreSheet(
            cluster_year=year, unit=unit, table=table, appraiser=deputy if unit == lead else lead,
            status=SheetStatus.APPRAISING, opened_at=f.NOW, submitted_at=f.NOW, taken_up_at=f.NOW,
            number=f"{place:02d}/PCĐ-{year.cluster.symbol}",
        )
        for place, unit in enumerate(world.units, 1)
    )  # fmt: skip
    leaves = list(table.criteria.filter(rule__isnull=False).order_by("order"))
    ScoreLine.objects.bulk_create(
        ScoreLine(sheet=sheet, criterion=leaf, claimed={}) for sheet in sheets for leaf in leaves
    )
    veto = Veto.objects.create(
        cluster_year=year, unit=world.units[1], reason=f"Có vụ việc tiêu cực tại {world.cluster}",
        raised_at=f.NOW, raised_by_id=world.organiser_acting.user_id,
    )  # fmt: skip
    return {
        "sheet": sheets[1],
        "line": sheets[1].lines.order_by("criterion__order").first(),
        "group": table.criteria.filter(parent=None).order_by("order").first(),
        "veto": veto,
    }


def _inspected(world: World) -> Inspection:
    """The minutes of every unit, each inspected by the next, as the workflow would keep them."""
    year, units = world.year, world.units
    leaf = year.criteria_tables.exclude(status="REPLACED").get().criteria.filter(parent=None)[0]
    draw = Draw.objects.create(
        cluster_year=year, number=1, seed=f"Số công bố của {world.cluster}", team_size=1,
        units=sorted(unit.code for unit in units), method=METHOD, due_on=f.NOW.date(),
        drawn_at=f.NOW, drawn_by_id=world.organiser_acting.user_id,
    )  # fmt: skip
    rows = Inspection.objects.bulk_create(Inspection(draw=draw, unit=unit) for unit in units)
    TeamPlace.objects.bulk_create(
        TeamPlace(inspection=row, unit=units[(place + 1) % len(units)], order=1)
        for place, row in enumerate(rows)
    )
    Finding.objects.bulk_create(
        Finding(inspection=row, criterion=leaf, text=f"Đã kiểm tra {row.unit}") for row in rows
    )
    Inspection.objects.filter(draw=draw).update(
        status="SUBMITTED", inspected_on=f.NOW.date(), submitted_at=f.NOW,
        submitted_by=world.heads[0].user_id,
    )  # fmt: skip
    return rows[1]


def _handed_in(world: World, sheet: ScoreSheet) -> AuditEvent:
    """The head of the second unit has sent its explanations on."""
    change = audit.Change({"status": "EXPLAINING"}, {"status": "SECOND_APPRAISAL"})
    with transaction.atomic():
        return audit.record(
            "scoring.sheet_explained", sheet, by=world.heads[1], now=f.NOW,
            cluster_year_id=world.year.pk, change=change,
        )  # fmt: skip


def _published(world: World) -> AuditEvent:
    """A run published as provisional, as the workflow would store it, and an act to confirm."""
    year, by = world.year, world.officers[0]
    cluster = cluster_of(year)
    assert cluster is not None
    result = cluster.result("first")
    run = ScoringRun.objects.create(
        cluster_year=year, number=1, kind=RunKind.FIRST, table=cluster.stored, made_at=f.NOW,
        table_json=as_interchange(cluster.stored), inputs_sha256=result.inputs_sha256, engine="1",
        figures=cluster.figures_json("first", with_vetoes=True), made_by_id=by.user_id,
    )  # fmt: skip
    run_workflow._write(run, cluster, result)
    Publication.objects.create(
        cluster_year=year, run=run, status="PROVISIONAL", published_at=f.NOW,
        published_by_id=by.user_id, objections_until=f.NOW.date(),
    )  # fmt: skip
    with transaction.atomic():
        # Of the acts with a page of confirmation the one that nothing follows.
        return audit.record(
            "clusters.year_archived", year, by=by, now=f.NOW, cluster_year_id=year.pk,
            change=audit.Change({}, {}),
        )  # fmt: skip


def _objected(world: World, line: ScoreLine) -> tuple[Objection, AuditEvent]:
    """What the head of the second unit objects to in the published run."""
    year, by = world.year, world.heads[1]
    row = Objection.objects.create(
        cluster_year=year, publication=year.publications.get(), unit=world.units[1], line=line,
        number=1, status="SENT", text=f"Kiến nghị của {world.units[1]}", created_at=f.NOW,
        created_by_id=by.user_id, sent_at=f.NOW, sent_by_id=by.user_id,
    )  # fmt: skip
    with transaction.atomic():
        event = audit.record(
            "scoring.objection_sent", row, by=by, now=f.NOW, cluster_year_id=year.pk,
            change=audit.Change({}, {}),
        )  # fmt: skip
    return row, event


def _voted(world: World, scan: Evidence) -> dict[str, int]:
    """A vote that is open, one counted on paper, a title and a nomination."""
    year, by = world.year, world.officers[0].user_id
    run = ScoringRun.objects.get(cluster_year=year)
    quota = AwardQuota.objects.create(cycle=year.cycle, title=f"Cờ {world.cluster}", max_count=2)
    common = {"cluster_year": year, "run": run, "created_at": f.NOW, "created_by_id": by}
    found = Ballot.objects.create(**common, number=1, subject="LEAD", title=f"Bầu {world.cluster}")
    for place, unit in enumerate(world.units, 1):
        Candidate.objects.create(ballot=found, unit=unit, unit_name=unit.name, order=place)
        Voter.objects.create(ballot=found, unit=unit, unit_name=unit.name)
    Ballot.objects.filter(pk=found.pk).update(status="OPEN", opened_at=f.NOW)
    paper = Ballot.objects.create(
        **common, number=2, subject="DEPUTY", title=f"Bầu phó {world.cluster}", on_paper=True,
        status="COUNTED", opened_at=f.NOW, ended_at=f.NOW, ended_by_id=by, cast=0,
        is_quorate=False, minutes=scan,
    )  # fmt: skip
    nomination = Nomination.objects.create(
        cluster_year=year, quota=quota, unit=world.units[1], unit_name=world.units[1].name,
        nominated_at=f.NOW, nominated_by_id=by,
    )  # fmt: skip
    return {
        "ballot": found.pk, "paper_ballot": paper.pk, "quota": quota.pk,
        "nomination": nomination.pk,
    }  # fmt: skip


def _clients(own: World, other: World) -> dict[str, Client]:
    unit = own.units[0]
    ended = make_person("nguoi.cu", Role.HEAD, unit, ends_on=date(2026, 3, 3))
    disabled = make_person("nguoi.khoa", Role.HEAD, unit)
    users = {
        LEAD_OFFICER: own.officers[0],
        LEAD_HEAD: own.heads[0],
        OFFICER: own.officers[1],
        HEAD: own.heads[1],
        ORGANISER: own.organiser_acting,
        WITNESS: own.organiser_head,
        OTHER_ORGANISER: other.organiser_acting,
        OTHER_OFFICER: other.officers[0],
        OTHER_HEAD: other.heads[1],
        ADMINISTRATOR: own.administrator,
        ENDED: ended,
        DISABLED: disabled,
    }
    clients = {ANONYMOUS: Client()}
    for role, acting in users.items():
        assert acting is not None
        clients[role] = logged_in(User.objects.get(pk=acting.user_id))
    User.objects.filter(pk=disabled.user_id).update(is_active=False)
    return clients


def logged_in(user: User) -> Client:
    """Return a browser in which this person is logged in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.session[SESSION_KEY]
    return client


@contextmanager
def at(moment: Any = MOMENT) -> Iterator[None]:
    """Let every page believe that it is this moment; thousands of refusals need no log."""
    logging.disable(logging.WARNING)
    try:
        with mock.patch("django.utils.timezone.now", return_value=moment):
            yield
    finally:
        logging.disable(logging.NOTSET)


def text_of(response: Any) -> str:
    """Return what a person would read, without the page's token and clock; no files."""
    if response.streaming:
        return ""
    text = response.content.decode("utf-8", errors="replace")
    text = re.sub(r"(data-print-time>)[^<]*", r"\1", text)
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", text)


def foreign_word(role: str, response: Any) -> str:
    """Return where a name of another cluster stands, or what the lead is still writing."""
    if role == ADMINISTRATOR or "/xac-minh/" in response.request["PATH_INFO"]:
        return ""  # keeps the register of all units and people; a printed code is for everybody
    own = {OWN_WORD} if role in INSIDE else {OTHER_WORD} if role in OUTSIDE else set()
    text = text_of(response)
    hidden = set() if role in WRITERS or role == OTHER_OFFICER else {DRAFT_WORD}
    for word in ({OWN_WORD, OTHER_WORD} - own) | hidden:
        if word in text:
            place = text.index(word)
            return text[max(0, place - 60) : place + 40]
    return ""


def send(client: Client, method: str, url: str) -> Any:
    """Ask once; what the page wrote is taken back, what it answered stays."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        response = client.generic(method, url)
        transaction.set_rollback(True)
    client.cookies = cookies  # logging out would take them away
    return response
