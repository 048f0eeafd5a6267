"""Every verb of the pledge in every state: what moves, what is refused, what is recorded.

`VERBS` is the whole table: a cell that is not in it must refuse and change nothing at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.test import override_settings

from clusters.calendar import LOCAL
from clusters.models import ClusterYear, SigningOrder
from clusters.tests.factories import TODAY, World, make_world
from core import audit
from core.models import AuditEvent
from core.policy import Conflict, Invalid, Refused
from core.templatetags.gu import STATUS_TAGS
from pledges import operations
from pledges.models import (
    Activity,
    Clause,
    Comment,
    PaperKind,
    Pledge,
    PledgeStatus,
    Proposal,
    Signatory,
    SignatoryStatus,
    Target,
)
from pledges.operations import Level
from pledges.queries import standing_of, turn_of
from pledges.tests import factories as f
from pledges.workflow import pledge as workflow
from pledges.workflow.pledge import (
    OWNERS,
    SIGNATORY_OWNERS,
    SIGNATORY_TRANSITIONS,
    TRANSITIONS,
    Seen,
    SignedFrom,
)
from scoring import operations as scoring_operations
from scoring.models import CriteriaTable, Criterion

pytestmark = pytest.mark.django_db
P = PledgeStatus
D, C, A, F, S, E = P.DRAFT, P.CIRCULATED, P.AGREED, P.FROZEN, P.SIGNING, P.SIGNED


@pytest.fixture(autouse=True)
def _no_effects(settings):
    settings.EFFECTS = {}


@dataclass
class Scene:
    """A pledge in one state and its people."""

    world: World
    pledge: Pledge

    @property
    def version(self):
        current = Pledge.objects.get(pk=self.pledge.pk).current
        assert current is not None
        return current

    @property
    def seen(self) -> Seen:
        version = self.version
        return Seen(version.pk, version.content_hash or str(version.revision))

    @property
    def target(self) -> Target:
        return Target.objects.get(version=self.version, kind=Target.Kind.NUMERIC)

    @property
    def clause(self) -> Clause:
        return Clause.objects.get(version=self.version, section="CONTENT", unit=None)

    @property
    def writing(self) -> dict[str, Any]:
        return {"pledge_id": self.pledge.pk, "by": self.world.lead_officer, "now": f.NOW}

    def remark(self, model: type[Any], **fields: Any) -> Any:
        unit = self.world.units[1]
        return model.objects.create(
            pledge=self.pledge, version=self.version, unit=unit, made_at=f.NOW,
            author_id=self.world.officers[1].user_id, anchor=self.target.key, text="Cao quá",
            **fields,
        )  # fmt: skip

    def refresh(self) -> Pledge:
        return Pledge.objects.get(pk=self.pledge.pk)


@pytest.fixture(scope="module")
def scenes(kept: None) -> dict[PledgeStatus, Scene]:
    """One pledge in each state."""
    with override_settings(EFFECTS={}):
        made = {
            state: Scene(*f.make_pledge_at(state, make_world(prefix=f"p{i}")))
            for i, state in enumerate(P)
        }
        for scene in made.values():
            _add_activities(scene)
    return made


def _add_activities(scene: Scene) -> None:
    """Two activities in the draft, so that rows can be moved."""
    if scene.pledge.status == D:
        for what in ("Phát động", "Sơ kết"):
            values = {"when": "Quý I", "what": what, "responsible": "Khối trưởng", "output": ""}
            operations.save_activity(key=None, values=values, seen="", **scene.writing)


# The verbs -----------------------------------------------------------------------------------
def circulate(s: Scene) -> None:
    workflow.circulate(seen=s.seen, **s.writing)


def revise(s: Scene) -> None:
    workflow.revise(note="Sửa mức", **s.writing)


def speak(s: Scene, *, agrees: bool, by: int = 0) -> None:
    workflow.consent(
        pledge_id=s.pledge.pk, seen=s.seen, agrees=agrees, reason="" if agrees else "Cao quá",
        by=s.world.heads[by], now=f.NOW,
    )  # fmt: skip


def freeze(s: Scene) -> None:
    by, now = s.world.lead_officer, f.SIGNING_DAY
    workflow.freeze(pledge_id=s.pledge.pk, seen=s.seen, dated=now.date(), by=by, now=now)


def open_signing(s: Scene) -> None:
    workflow.open_signing(pledge_id=s.pledge.pk, by=s.world.lead_officer, now=f.SIGNING_DAY)


def sign(s: Scene, index: int = 0) -> None:
    workflow.sign(
        signatory_id=s.version.signatories.get(unit=s.world.units[index]).pk,
        seen_hash=s.version.frozen_hash, by=s.world.heads[index], now=f.SIGNING_DAY,
        come_from=SignedFrom(None),
    )  # fmt: skip


def decline(s: Scene, reason: str = "Vượt khả năng") -> None:
    workflow.decline(
        signatory_id=s.version.signatories.get(unit=s.world.units[0]).pk,
        seen_hash=s.version.frozen_hash, reason=reason, by=s.world.heads[0], now=f.SIGNING_DAY,
    )  # fmt: skip


def take_over(s: Scene) -> None:
    proposal = s.remark(Proposal, proposed=Decimal(70))
    by = s.world.lead_officer
    workflow.accept_proposal(proposal=proposal, text="Tiếp thu", by=by, now=f.NOW)


def answer(s: Scene) -> None:
    operations.answer(
        remark=s.remark(Comment), accepted=False, text="Giữ", by=s.world.lead_officer, now=f.NOW
    )


def comment(s: Scene) -> None:
    operations.comment(
        pledge_id=s.pledge.pk,
        anchor=s.target.key,
        text="Cao quá",
        by=s.world.officers[1],
        now=f.NOW,
    )


def propose(s: Scene) -> None:
    level = Level(s.world.units[1].pk, is_assigned=True, value=Decimal(70))
    operations.propose(
        pledge_id=s.pledge.pk, key=s.target.key, level=level, reason="Quân số giảm",
        by=s.world.officers[1], now=f.NOW,
    )  # fmt: skip


def save_head(s: Scene) -> None:
    seen = operations.mark_of(s.version, operations.HEAD_FIELDS)
    values = {"title": "Giao ước", "place": "Ba Đồn", "slogan": "Thi đua"}
    operations.save_head(values=values, seen=seen, **s.writing)


def save_clause(s: Scene) -> None:
    seen = operations.mark_of(s.clause, operations.CLAUSE_FIELDS)
    operations.save_clause(key=s.clause.key, values=f.clause_values("Khác"), seen=seen, **s.writing)


def add_clause(s: Scene) -> None:
    operations.save_clause(key=None, values=f.clause_values("Thêm"), seen="", **s.writing)


def save_activity(s: Scene) -> None:
    values = {"when": "Quý IV", "what": "Tổng kết", "responsible": "Khối trưởng", "output": ""}
    operations.save_activity(key=None, values=values, seen="", **s.writing)


def save_target(s: Scene) -> None:
    operations.save_target(
        key=s.target.key, values=f.target_values("Tỷ lệ khác"), levels=f.levels_for(s.world, "90"),
        seen=operations.target_mark(s.target), **s.writing,
    )  # fmt: skip


def remove_clause(s: Scene) -> None:
    operations.remove_row(model=Clause, key=s.clause.key, **s.writing)


def remove_target(s: Scene) -> None:
    operations.remove_row(model=Target, key=s.target.key, **s.writing)


def move_activity(s: Scene) -> None:
    rows = s.version.activities.order_by("-order")
    key = rows[0].key if rows else "không có"
    operations.move_row(model=Activity, key=key, up=True, **s.writing)


def set_papers(s: Scene) -> None:
    operations.set_papers(papers={PaperKind.OUTLINE: ("Đề cương", "LEAD")}, **s.writing)


def set_signatories(s: Scene) -> None:
    places = [(u.pk, Signatory.Role.SIGNER.value, "Trưởng", "") for u in reversed(s.world.units)]
    operations.set_signatories(places=places, **s.writing)


def start_again(s: Scene) -> None:
    workflow.start(cluster_year_id=s.world.year.pk, by=s.world.lead_officer, now=f.NOW)


@dataclass(frozen=True)
class Verb:
    """One verb: what it does, where it leads from each state, which events it leaves."""

    act: Callable[[Scene], None]
    to: dict[PledgeStatus, PledgeStatus]
    events: list[str]
    #: Other events where the same verb does more, by state.
    more: dict[PledgeStatus, list[str]] = field(default_factory=dict)


YEAR_SIGNING, YEAR_BACK = "clusters.year_signing", "clusters.year_drafting"
REVISED = ["pledges.revised", "pledges.answered"]
VERBS = {
    "circulate": Verb(circulate, {D: C}, ["pledges.circulated"]),
    "revise": Verb(revise, {C: D, A: D}, ["pledges.revised"]),
    "consent": Verb(lambda s: speak(s, agrees=True), {C: C, A: A}, ["pledges.consented"], {A: []}),
    "refuse": Verb(lambda s: speak(s, agrees=False), {C: C, A: C}, ["pledges.refused"]),
    "freeze": Verb(freeze, {A: F}, [YEAR_SIGNING, "pledges.frozen"]),
    "open_signing": Verb(open_signing, {F: S}, ["pledges.signing_opened"]),
    "sign": Verb(sign, {S: S}, ["pledges.signed"]),
    "decline": Verb(decline, {S: D}, [YEAR_BACK, "pledges.declined"]),
    "accept_proposal": Verb(
        take_over, {D: D, C: D, A: D}, ["pledges.answered"], {C: REVISED, A: REVISED}
    ),
    "answer": Verb(answer, {D: D, C: C, A: A}, ["pledges.answered"]),
    "comment": Verb(comment, {C: C, A: A}, ["pledges.commented"]),
    "propose": Verb(propose, {C: C, A: A}, ["pledges.proposed"]),
    "save_head": Verb(save_head, {D: D}, ["pledges.head_saved"]),
    "save_clause": Verb(save_clause, {D: D}, ["pledges.clause_saved"]),
    "add_clause": Verb(add_clause, {D: D}, ["pledges.clause_saved"]),
    "save_activity": Verb(save_activity, {D: D}, ["pledges.activity_saved"]),
    "save_target": Verb(save_target, {D: D}, ["pledges.target_saved"]),
    "remove_clause": Verb(remove_clause, {D: D}, ["pledges.clause_removed"]),
    "remove_target": Verb(remove_target, {D: D}, ["pledges.target_removed"]),
    "move_activity": Verb(move_activity, {D: D}, ["pledges.activity_moved"]),
    "set_papers": Verb(set_papers, {D: D}, ["pledges.papers_set"]),
    "set_signatories": Verb(set_signatories, {D: D}, ["pledges.signatories_set"]),
    "start": Verb(start_again, {}, []),
}


OWN_APPS = {"pledges", "clusters", "scoring", "core", "reports"}


def everything() -> dict[str, Any]:
    """Return every row of every table, except remarks that a verb's own preparation adds."""
    return {
        model._meta.label: sorted(map(repr, model._default_manager.order_by("pk").values_list()))
        for model in apps.get_models()
        if model not in (Comment, Proposal, Criterion) and model._meta.app_label in OWN_APPS
    }


@pytest.mark.parametrize("state", P)
@pytest.mark.parametrize("name", VERBS)
def test_every_verb_in_every_state(scenes, name, state):
    verb, scene = VERBS[name], scenes[state]
    before, last = everything(), AuditEvent.objects.count()
    if state not in verb.to:
        with pytest.raises(Refused) as refusal:
            verb.act(scene)
        assert everything() == before
        assert not isinstance(refusal.value, Conflict | Invalid)
        assert str(refusal.value).endswith(".")
        return
    verb.act(scene)
    assert scene.refresh().status == verb.to[state]
    recorded = AuditEvent.objects.filter(seq__gt=last).order_by("seq")
    assert [e.action for e in recorded] == verb.more.get(state, verb.events)
    assert {e.cluster_year_id for e in recorded} <= {scene.world.year.pk}
    assert audit.first_fault() is None


def test_the_events_name_who_acted_as_what_for_whom(scenes):
    scene = scenes[S]
    sign(scene)
    event = AuditEvent.objects.order_by("seq").last()
    assert event is not None
    head = scene.world.heads[0]
    assert (event.actor_id, event.actor_name) == (head.user_id, head.name)
    assert (event.acting_role, event.acting_unit) == ("Lãnh đạo", head.unit_name)
    assert event.at == f.SIGNING_DAY


# The tables of states ------------------------------------------------------------------------
def test_the_matrix_walks_every_declared_transition_and_no_other(scenes):
    walked = {
        (source, to) for verb in VERBS.values() for source, to in verb.to.items() if source != to
    }
    # The last consent and the last signature, which the matrix does not give.
    walked |= {(C, A), (S, E)}
    declared = {(source, to) for source, targets in TRANSITIONS.items() for to in targets}
    assert walked == declared


@pytest.mark.parametrize(("source", "to"), list(product(P, P)))
def test_no_other_way_between_two_states(scenes, source, to):
    pledge = scenes[source].refresh()
    if to is source or to in TRANSITIONS[source]:
        workflow._move(pledge, to)
        assert scenes[source].refresh().status == to
        return
    with pytest.raises(RuntimeError):
        workflow._move(pledge, to)
    assert scenes[source].refresh().status == source


@pytest.mark.parametrize(("source", "to"), list(product(SignatoryStatus, SignatoryStatus)))
def test_no_other_way_between_two_states_of_a_signatory(scenes, source, to):
    signatory = scenes[S].version.signatories.last()
    assert signatory is not None
    signatory.status = source
    if to in SIGNATORY_TRANSITIONS[source]:
        return  # walked above by the verbs
    with pytest.raises(RuntimeError):
        workflow._move_signatory(signatory, to)


@pytest.mark.parametrize("state", P)
def test_every_state_has_an_owner_a_label_and_a_look(scenes, state):
    assert OWNERS[state]
    assert state in TRANSITIONS
    assert STATUS_TAGS["pledge"][state].label == state.label
    scene = scenes[state]
    standing = standing_of(scene.refresh(), scene.world.heads[0], TODAY)
    turn = turn_of(standing, list(scene.world.year.memberships.select_related("unit")))
    assert turn.waits_for
    assert turn.missing


@pytest.mark.parametrize("state", SignatoryStatus)
def test_every_state_of_a_signatory_has_a_label_and_a_look(state):
    assert STATUS_TAGS["signature"][state].label == state.label
    assert state in SIGNATORY_TRANSITIONS
    assert SIGNATORY_OWNERS[state]


# The last of many ----------------------------------------------------------------------------
def test_the_last_consent_makes_the_pledge_agreed(scenes):
    scene = scenes[C]
    for index in range(3):
        assert scene.refresh().status == C
        speak(scene, agrees=True, by=index)
    assert scene.refresh().status == A


def test_the_last_signature_seals_and_begins_the_year(scenes):
    scene = scenes[S]
    for index in range(3):
        assert scene.refresh().status == S
        assert scene.version.sealed_at is None
        sign(scene, index)
    assert scene.refresh().status == E
    assert scene.version.sealed_at == f.SIGNING_DAY
    assert ClusterYear.objects.get(pk=scene.world.year.pk).status == "RUNNING"
    actions = list(AuditEvent.objects.order_by("-seq").values_list("action", flat=True)[:3])
    assert set(actions) == {"pledges.sealed", "pledges.signed", "clusters.year_running"}
    assert actions[0] == "pledges.sealed"


def test_signatures_name_person_unit_and_hash_as_they_were(scenes):
    scene = scenes[S]
    unit = scene.world.units[0]
    old_name = unit.name
    unit.name = "Công an thành phố mới"
    unit.save()
    sign(scene)
    signature = scene.version.signatories.get(unit=unit).signature
    assert signature.printed_unit == old_name
    assert signature.frozen_hash == scene.version.frozen_hash
    assert signature.printed_name == scene.world.heads[0].full_name


def test_in_sequence_the_next_is_invited_and_the_others_wait(scenes):
    scene = scenes[S]
    assert statuses(scene) == ["INVITED", "WAITING_TURN", "WAITING_TURN"]
    with pytest.raises(Refused, match="Chưa đến lượt"):
        sign(scene, 1)
    sign(scene, 0)
    assert statuses(scene) == ["SIGNED", "INVITED", "WAITING_TURN"]
    with pytest.raises(Refused, match="đã ký"):
        sign(scene, 0)


def statuses(scene: Scene) -> list[str]:
    return list(scene.version.signatories.order_by("order").values_list("status", flat=True))


def test_in_parallel_all_units_are_invited_and_the_witness_comes_last():
    world = make_world(prefix="ss", order=SigningOrder.PARALLEL)
    pledge = f.start(world)
    f.add_witness(world, pledge)
    for step in (f.circulate, f.consent_all, f.freeze, f.open_signing):
        pledge = step(world, pledge)
    scene = Scene(world, pledge)
    assert statuses(scene) == ["INVITED"] * 3 + ["WAITING_TURN"]
    for index in (2, 0, 1):
        sign(scene, index)
    assert statuses(scene) == ["SIGNED"] * 3 + ["INVITED"]
    assert scene.refresh().status == S
    f.sign(world, pledge, 3)
    assert scene.refresh().status == E


# Going back ----------------------------------------------------------------------------------
def test_a_new_version_ends_the_consents_and_keeps_them(scenes):
    scene = scenes[A]
    old = scene.version
    revise(scene)
    fresh = scene.version
    assert (fresh.number, fresh.note, fresh.circulated_at) == (2, "Sửa mức", None)
    old.refresh_from_db()
    assert old.voided_at == f.NOW
    assert old.consents.count() == 3
    assert not old.consents.filter(voided_at=None).exists()
    assert fresh.consents.count() == 0


def test_a_refusal_to_sign_opens_the_next_version_with_the_same_numbers(scenes):
    scene = scenes[S]
    first = scene.version
    decline(scene)
    assert (scene.refresh().status, scene.version.number) == (D, 2)
    assert ClusterYear.objects.get(pk=scene.world.year.pk).status == "DRAFTING"
    pledge = f.circulate(scene.world, scene.pledge, now=f.SIGNING_DAY)
    pledge = f.consent_all(scene.world, pledge, now=f.SIGNING_DAY)
    pledge = f.open_signing(scene.world, f.freeze(scene.world, pledge))
    assert f.sign_all(scene.world, pledge).status == E
    assert scene.version.frozen["numbers"] == first.frozen["numbers"]
    assert scene.pledge.numbers.count() == 1


def test_an_invitation_to_the_declined_version_signs_nothing(scenes):
    """A head who kept the page of the old version open signs neither the old nor the new one."""
    scene = scenes[S]
    sign(scene, 0)
    first = scene.version
    invited = first.signatories.get(status=SignatoryStatus.INVITED)
    workflow.decline(
        signatory_id=invited.pk, seen_hash=first.frozen_hash, reason="Cao quá",
        by=scene.world.heads[1], now=f.SIGNING_DAY,
    )  # fmt: skip
    pledge = f.circulate(scene.world, scene.pledge, now=f.SIGNING_DAY)
    pledge = f.consent_all(scene.world, pledge, now=f.SIGNING_DAY)
    pledge = f.open_signing(scene.world, f.freeze(scene.world, pledge))
    for signatory in first.signatories.all():
        head = scene.world.heads[scene.world.units.index(signatory.unit)]
        for frozen_hash in (first.frozen_hash, scene.version.frozen_hash):
            with pytest.raises(Refused):
                workflow.sign(
                    signatory_id=signatory.pk, seen_hash=frozen_hash, by=head, now=f.SIGNING_DAY,
                    come_from=SignedFrom(None),
                )  # fmt: skip


# What was on the screen ----------------------------------------------------------------------
def test_consenting_to_something_else_than_what_was_read_is_a_conflict(scenes):
    scene = scenes[C]
    version = scene.version
    for seen in (Seen(version.pk, "0" * 64), Seen(version.pk + 1, version.content_hash)):
        with pytest.raises(Conflict):
            workflow.consent(
                pledge_id=scene.pledge.pk, seen=seen, agrees=True, reason="",
                by=scene.world.heads[0], now=f.NOW,
            )  # fmt: skip
    assert not version.consents.exists()


def test_signing_another_hash_than_the_frozen_one_is_a_conflict(scenes):
    scene = scenes[S]
    with pytest.raises(Conflict):
        workflow.sign(
            signatory_id=scene.version.signatories.get(order=1).pk, seen_hash="0" * 64,
            by=scene.world.heads[0], now=f.SIGNING_DAY, come_from=SignedFrom(None),
        )  # fmt: skip


def test_declining_and_refusing_need_a_reason(scenes):
    with pytest.raises(Invalid) as refusal:
        decline(scenes[S], reason="")
    assert refusal.value.field == "reason"
    scene = scenes[C]
    with pytest.raises(Invalid):
        workflow.consent(
            pledge_id=scene.pledge.pk, seen=scene.seen, agrees=False, reason="",
            by=scene.world.heads[0], now=f.NOW,
        )  # fmt: skip


# The calendar --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "late"),
    [
        (datetime(2026, 3, 10, 23, 59, 59, 999999, tzinfo=LOCAL), 0),
        (datetime(2026, 3, 11, 0, 0, tzinfo=LOCAL), 1),
        (datetime(2026, 3, 20, 9, 0, tzinfo=LOCAL), 10),
    ],
)
def test_a_late_signature_is_taken_and_says_by_how_many_days(scenes, now, late):
    scene = scenes[S]
    workflow.sign(
        signatory_id=scene.version.signatories.get(order=1).pk,
        seen_hash=scene.version.frozen_hash, by=scene.world.heads[0], now=now,
        come_from=SignedFrom(None),
    )  # fmt: skip
    assert scene.version.signatories.get(order=1).signature.days_late == late


def test_signing_before_its_day_is_refused(scenes):
    with pytest.raises(Refused, match="04/03/2026"):
        workflow.open_signing(
            pledge_id=scenes[F].pledge.pk, by=scenes[F].world.lead_officer, now=f.NOW
        )


def test_a_pledge_dated_on_any_day_is_frozen_with_that_date(scenes):
    scene = scenes[A]
    workflow.freeze(
        pledge_id=scene.pledge.pk, seen=scene.seen, dated=date(2026, 3, 5),
        by=scene.world.lead_officer, now=f.SIGNING_DAY,
    )  # fmt: skip
    assert scene.version.frozen["dated"] == "2026-03-05"
    assert scene.version.frozen["content"] == scene.version.content


# What the units consented to -------------------------------------------------------------------
def test_a_table_replaced_after_the_consents_is_not_put_in_use_unseen(scenes):
    scene = scenes[A]
    take = {"cluster_year_id": scene.world.year.pk, "by": scene.world.organiser_acting}
    scoring_operations.take_starter(starter="police-1000", now=f.NOW, **take)
    with pytest.raises(Conflict, match="bảng tiêu chí đã thay đổi"):
        freeze(scene)
    revise(scene)
    circulate(scene)
    pledge = f.freeze(scene.world, f.consent_all(scene.world, scene.refresh()))
    assert pledge.status == F
    tables = CriteriaTable.objects.filter(cluster_year=scene.world.year)
    table = tables.exclude(status="REPLACED").get()
    assert table.status == "IN_USE"
    assert scene.version.frozen["content"]["criteria"]["name"] == table.name


def test_members_changed_after_the_consents_keep_the_pledge_from_freezing(scenes):
    scene = scenes[A]
    lead, other = scene.world.units[0], scene.world.units[2]
    scene.world.year.memberships.filter(unit=scene.world.units[1]).delete()
    with pytest.raises(Conflict, match="thành viên, tên đơn vị"):
        freeze(scene)
    assert {m.unit for m in scene.world.year.memberships.all()} == {lead, other}


def test_a_unit_renamed_after_the_consents_does_so_too(scenes):
    scene = scenes[A]
    unit = scene.world.units[1]
    unit.name = "Công an thành phố mới"
    unit.save()
    with pytest.raises(Conflict, match="tên đơn vị"):
        freeze(scene)
