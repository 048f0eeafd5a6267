"""Two people at the same moment: the lock of the pledge decides, and nothing is lost or doubled.

Each race has its negative control: the same two acts without the lock go wrong, and the test sees
it. So a lock taken away by mistake fails here, not in the hour of the deadline.
"""

from functools import partial

import pytest
from django.db import transaction

from clusters import operations as clusters_operations
from clusters.models import ClusterYear, NumberRegister, SigningOrder
from clusters.tests.factories import make_world
from core import audit
from core.models import AuditEvent
from core.policy import Conflict, Refused
from core.tests.races import Outcome, all_at_once, overlap, without_locks
from pledges import operations
from pledges.models import Clause, Consent, Pledge, PledgeVersion, SignatoryStatus, Signature
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from pledges.workflow import pledge as workflow
from pledges.workflow.pledge import Seen, SignedFrom
from scoring import operations as scoring_operations
from scoring.models import CriteriaTable

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_effects(settings):
    settings.EFFECTS = {}


def count(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def fresh(pledge: Pledge) -> Pledge:
    return Pledge.objects.get(pk=pledge.pk)


def refused(outcome: Outcome) -> bool:
    """Whether the second was told no in a sentence, not by a fault of the program."""
    return isinstance(outcome.error, Refused)


def signing_as(world, pledge, index):
    version = pledge.current
    return partial(
        workflow.sign,
        signatory_id=version.signatories.get(unit=world.units[index]).pk,
        seen_hash=version.frozen_hash, by=world.heads[index], now=f.SIGNING_DAY,
        come_from=SignedFrom("10.0.0.5"),
    )  # fmt: skip


def declining_as(world, pledge, index):
    version = pledge.current
    return partial(
        workflow.decline,
        signatory_id=version.signatories.get(unit=world.units[index]).pk,
        seen_hash=version.frozen_hash, reason="Chỉ tiêu 80 % vượt khả năng", by=world.heads[index],
        now=f.SIGNING_DAY,
    )  # fmt: skip


def parallel_signing():
    """A pledge in signing, everybody invited, the first unit signed: two heads are left."""
    world, pledge = f.make_pledge_at(P.SIGNING, make_world(3, order=SigningOrder.PARALLEL))
    f.sign(world, pledge, 0)
    return world, fresh(pledge)


# Signing -------------------------------------------------------------------------------------
def test_the_last_two_heads_sign_at_once():
    world, pledge = parallel_signing()
    first, second = overlap(signing_as(world, pledge, 1), signing_as(world, pledge, 2))
    first.get(), second.get()
    pledge = fresh(pledge)
    assert pledge.status == P.SIGNED
    assert pledge.current.sealed_at
    assert Signature.objects.count() == 3
    assert count("pledges.sealed") == 1
    assert count("pledges.signed") == 3
    assert audit.first_fault() is None


def test_without_the_lock_two_last_signatures_never_seal():
    world, pledge = parallel_signing()
    with without_locks(Pledge):
        overlap(signing_as(world, pledge, 1), signing_as(world, pledge, 2))
    assert Signature.objects.count() == 3
    assert fresh(pledge).current.sealed_at is None or count("pledges.sealed") != 1


def test_every_head_signs_at_once():
    world, pledge = f.make_pledge_at(P.SIGNING, make_world(6, order=SigningOrder.PARALLEL))
    outcomes = all_at_once([signing_as(world, pledge, i) for i in range(6)])
    assert [o.error for o in outcomes] == [None] * 6
    pledge = fresh(pledge)
    assert pledge.status == P.SIGNED
    assert count("pledges.sealed") == 1
    statuses = set(pledge.current.signatories.values_list("status", flat=True))
    assert statuses == {SignatoryStatus.SIGNED}
    assert audit.first_fault() is None


def test_a_head_signs_in_two_windows_and_the_next_is_invited_once():
    world, pledge = f.make_pledge_at(P.SIGNING)
    first, second = overlap(signing_as(world, pledge, 0), signing_as(world, pledge, 0))
    first.get()
    assert refused(second)
    assert Signature.objects.count() == 1
    statuses = list(
        pledge.current.signatories.order_by("order").values_list("status", "invited_at")
    )
    assert [s for s, _ in statuses] == [
        SignatoryStatus.SIGNED,
        SignatoryStatus.INVITED,
        SignatoryStatus.WAITING_TURN,
    ]
    assert statuses[2][1] is None


def test_without_the_lock_the_second_window_is_a_fault_of_the_program():
    world, pledge = f.make_pledge_at(P.SIGNING)
    with without_locks(Pledge):
        outcomes = overlap(signing_as(world, pledge, 0), signing_as(world, pledge, 0))
    assert [o for o in outcomes if o.error and not refused(o)]


def test_signing_while_another_declines_is_refused():
    world, pledge = parallel_signing()
    first, second = overlap(declining_as(world, pledge, 1), signing_as(world, pledge, 2))
    first.get()
    assert refused(second), second.error
    pledge = fresh(pledge)
    assert (pledge.status, pledge.current.number) == (P.DRAFT, 2)
    assert Signature.objects.count() == 1


def test_without_the_lock_a_version_is_signed_after_it_ended():
    world, pledge = parallel_signing()
    with without_locks(Pledge):
        _, second = overlap(declining_as(world, pledge, 1), signing_as(world, pledge, 2))
    assert not refused(second)
    assert Signature.objects.count() == 2


def test_declining_while_another_signs_keeps_the_signature_and_ends_the_version():
    world, pledge = parallel_signing()
    first, second = overlap(signing_as(world, pledge, 1), declining_as(world, pledge, 2))
    first.get(), second.get()
    old, pledge = pledge.current, fresh(pledge)
    assert Signature.objects.filter(signatory__version=old).count() == 2
    assert (pledge.status, pledge.current.number) == (P.DRAFT, 2)
    old.refresh_from_db()
    assert old.voided_at
    assert old.sealed_at is None


# Agreeing and freezing -----------------------------------------------------------------------
def consenting_as(world, pledge, index, *, agrees=True, now=f.NOW):
    version = pledge.current
    return partial(
        workflow.consent,
        pledge_id=pledge.pk, seen=Seen(version.pk, version.content_hash), agrees=agrees,
        reason="" if agrees else "Chưa cân đối được lực lượng", by=world.heads[index], now=now,
    )  # fmt: skip


def freezing(world, pledge):
    version = pledge.current
    return partial(
        workflow.freeze,
        pledge_id=pledge.pk, seen=Seen(version.pk, version.content_hash),
        dated=f.SIGNING_DAY.date(), by=world.lead_officer, now=f.SIGNING_DAY,
    )  # fmt: skip


def revising(world, pledge):
    return partial(
        workflow.revise, pledge_id=pledge.pk, note="Sửa mức", by=world.lead_officer, now=f.NOW
    )


def one_short_of_agreed():
    world, pledge = f.make_pledge_at(P.CIRCULATED)
    f.consent(world, pledge, 0)
    return world, fresh(pledge)


def test_the_last_two_consents_at_once_make_the_pledge_agreed():
    world, pledge = one_short_of_agreed()
    first, second = overlap(consenting_as(world, pledge, 1), consenting_as(world, pledge, 2))
    first.get(), second.get()
    assert fresh(pledge).status == P.AGREED


def test_without_the_lock_the_last_two_consents_miss_each_other():
    world, pledge = one_short_of_agreed()
    with without_locks(Pledge):
        overlap(consenting_as(world, pledge, 1), consenting_as(world, pledge, 2))
    assert fresh(pledge).status == P.CIRCULATED


def test_freezing_while_a_consent_is_withdrawn_is_refused():
    world, pledge = f.make_pledge_at(P.AGREED)
    first, second = overlap(consenting_as(world, pledge, 2, agrees=False), freezing(world, pledge))
    first.get()
    assert refused(second), second.error
    assert fresh(pledge).status == P.CIRCULATED
    assert fresh(pledge).current.frozen_at is None


def test_without_the_lock_a_refused_version_is_frozen():
    world, pledge = f.make_pledge_at(P.AGREED)
    with without_locks(Pledge):
        overlap(consenting_as(world, pledge, 2, agrees=False), freezing(world, pledge))
    assert fresh(pledge).current.frozen_at
    assert Consent.objects.standing().filter(word="REFUSE").exists()


def test_withdrawing_a_consent_while_freezing_is_refused():
    world, pledge = f.make_pledge_at(P.AGREED)
    first, second = overlap(freezing(world, pledge), consenting_as(world, pledge, 2, agrees=False))
    first.get()
    assert refused(second), second.error
    assert fresh(pledge).status == P.FROZEN
    assert not Consent.objects.filter(word="REFUSE").exists()


def test_freezing_while_the_version_is_revised_is_refused():
    world, pledge = f.make_pledge_at(P.AGREED)
    first, second = overlap(revising(world, pledge), freezing(world, pledge))
    first.get()
    assert refused(second), second.error
    pledge = fresh(pledge)
    assert (pledge.status, pledge.current.number) == (P.DRAFT, 2)
    assert not PledgeVersion.objects.filter(frozen_at__isnull=False).exists()


def test_without_the_lock_a_version_is_frozen_that_was_replaced():
    world, pledge = f.make_pledge_at(P.AGREED)
    with without_locks(Pledge):
        overlap(revising(world, pledge), freezing(world, pledge))
    assert PledgeVersion.objects.filter(frozen_at__isnull=False, voided_at__isnull=False).exists()


def test_revising_while_the_version_is_frozen_is_refused():
    world, pledge = f.make_pledge_at(P.AGREED)
    first, second = overlap(freezing(world, pledge), revising(world, pledge))
    first.get()
    assert refused(second), second.error
    assert fresh(pledge).status == P.FROZEN
    assert PledgeVersion.objects.count() == 1


def replacing_the_table(world):
    return partial(
        scoring_operations.take_starter,
        cluster_year_id=world.year.pk, starter="police-1000", by=world.organiser_acting, now=f.NOW,
    )  # fmt: skip


def the_table() -> CriteriaTable:
    return CriteriaTable.objects.exclude(status="REPLACED").get()


def test_freezing_while_the_table_is_replaced_is_a_conflict():
    world, pledge = f.make_pledge_at(P.AGREED)
    first, second = overlap(replacing_the_table(world), freezing(world, pledge))
    first.get()
    assert isinstance(second.error, Conflict), second.error
    assert fresh(pledge).status == P.AGREED


def test_without_the_lock_of_the_year_another_table_stands_than_was_agreed():
    world, pledge = f.make_pledge_at(P.AGREED)
    with without_locks(ClusterYear):
        overlap(replacing_the_table(world), freezing(world, pledge))
    agreed = fresh(pledge).current.frozen
    assert agreed
    standing = CriteriaTable.objects.exclude(status="REPLACED").values_list("name", flat=True)
    assert set(standing) != {agreed["content"]["criteria"]["name"]}


def test_replacing_the_table_while_freezing_is_refused():
    world, pledge = f.make_pledge_at(P.AGREED)
    first, second = overlap(freezing(world, pledge), replacing_the_table(world))
    first.get()
    assert refused(second), second.error
    assert the_table().status == "IN_USE"


# Drafting ------------------------------------------------------------------------------------
def the_clause(pledge: Pledge) -> Clause:
    return pledge.current.clauses.filter(section="CONTENT", unit=None).get()


def saving_clause(world, pledge, text):
    clause = the_clause(pledge)
    return partial(
        operations.save_clause,
        pledge_id=pledge.pk, key=clause.key, values=f.clause_values(text),
        seen=operations.mark_of(clause, operations.CLAUSE_FIELDS), by=world.lead_officer, now=f.NOW,
    )  # fmt: skip


def saving_head(world, pledge, slogan):
    version = pledge.current
    return partial(
        operations.save_head,
        pledge_id=pledge.pk,
        values={"title": version.title, "place": version.place, "slogan": slogan},
        seen=operations.mark_of(version, operations.HEAD_FIELDS), by=world.lead_officer, now=f.NOW,
    )  # fmt: skip


def circulating(world, pledge):
    version = pledge.current
    return partial(
        workflow.circulate,
        pledge_id=pledge.pk, seen=Seen(version.pk, str(version.revision)), by=world.lead_officer,
        now=f.NOW,
    )  # fmt: skip


def test_two_officers_save_the_same_clause():
    world, pledge = f.make_pledge_at(P.DRAFT)
    first, second = overlap(
        saving_clause(world, pledge, "Bản của người thứ nhất"),
        saving_clause(world, pledge, "Bản của người thứ hai"),
    )
    first.get()
    assert isinstance(second.error, Conflict)
    assert second.error.current["text"] == "Bản của người thứ nhất"
    assert the_clause(fresh(pledge)).text == "Bản của người thứ nhất"


def test_without_the_lock_one_of_two_saves_is_lost():
    world, pledge = f.make_pledge_at(P.DRAFT)
    with without_locks(Pledge):
        first, second = overlap(
            saving_clause(world, pledge, "Bản của người thứ nhất"),
            saving_clause(world, pledge, "Bản của người thứ hai"),
        )
    assert first.error is None
    assert second.error is None


def test_two_officers_save_the_head_of_the_pledge():
    world, pledge = f.make_pledge_at(P.DRAFT)
    first, second = overlap(
        saving_head(world, pledge, "Khẩu hiệu thứ nhất"),
        saving_head(world, pledge, "Khẩu hiệu thứ hai"),
    )
    first.get()
    assert isinstance(second.error, Conflict), second.error
    assert second.error.current["slogan"] == "Khẩu hiệu thứ nhất"
    assert fresh(pledge).current.slogan == "Khẩu hiệu thứ nhất"


def test_circulating_while_a_clause_is_saved_is_a_conflict():
    world, pledge = f.make_pledge_at(P.DRAFT)
    first, second = overlap(
        saving_clause(world, pledge, "Câu chưa ai đọc"), circulating(world, pledge)
    )
    first.get()
    assert isinstance(second.error, Conflict), second.error
    assert fresh(pledge).status == P.DRAFT


def test_without_the_lock_what_nobody_read_goes_out():
    world, pledge = f.make_pledge_at(P.DRAFT)
    with without_locks(Pledge):
        overlap(saving_clause(world, pledge, "Câu chưa ai đọc"), circulating(world, pledge))
    assert fresh(pledge).status == P.CIRCULATED


def test_saving_while_the_draft_circulates_is_refused():
    world, pledge = f.make_pledge_at(P.DRAFT)
    first, second = overlap(
        circulating(world, pledge), saving_clause(world, pledge, "Câu đến muộn")
    )
    first.get()
    assert refused(second), second.error
    pledge = fresh(pledge)
    assert "Câu đến muộn" not in str(pledge.current.content)
    assert the_clause(pledge).text != "Câu đến muộn"


def test_two_officers_start_the_same_pledge():
    world = make_world()
    start = partial(workflow.start, cluster_year_id=world.year.pk, by=world.lead_officer, now=f.NOW)
    first, second = overlap(start, start)
    first.get()
    assert refused(second), second.error
    assert Pledge.objects.count() == 1


# Numbers -------------------------------------------------------------------------------------
def reserving(world):
    def reserve() -> int:
        with transaction.atomic():
            number = clusters_operations.reserve_number(cluster_year=world.year, symbol="GƯTĐ")
            audit.record("tests.numbered", world.year, by=world.lead_officer, now=f.NOW)
            return number

    return reserve


def test_two_numbers_reserved_at_once_differ():
    world = make_world()
    NumberRegister.objects.create(cluster_year=world.year, symbol="GƯTĐ")
    first, second = overlap(reserving(world), reserving(world))
    assert (first.get(), second.get()) == (1, 2)


def test_the_first_numbers_of_a_series_reserved_at_once_differ():
    world = make_world()
    outcomes = all_at_once([reserving(world)] * 6)
    assert sorted(o.get() for o in outcomes) == [1, 2, 3, 4, 5, 6]


def test_without_the_lock_a_number_is_given_twice():
    world = make_world()
    NumberRegister.objects.create(cluster_year=world.year, symbol="GƯTĐ")
    with without_locks(NumberRegister):
        first, second = overlap(reserving(world), reserving(world))
    assert first.get() == second.get() == 1
