"""The pledge walks from draft to sealed, and back where a unit refuses."""

import pytest

from core.models import AuditEvent
from core import audit
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from pledges.workflow import pledge as workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_effects(settings):
    settings.EFFECTS = {}


def test_the_whole_walk_ends_sealed():
    world, pledge = f.make_pledge_at(P.SIGNED)
    assert pledge.current.sealed_at
    world.year.refresh_from_db()
    assert world.year.status == "RUNNING"
    assert audit.first_fault() is None
    actions = list(AuditEvent.objects.order_by("seq").values_list("action", flat=True))
    assert actions[-2:] == ["clusters.year_running", "pledges.signed"] or "pledges.sealed" in actions


def test_a_refusal_to_sign_opens_the_next_version():
    world, pledge = f.make_pledge_at(P.SIGNING)
    first = pledge.current
    fresh = workflow.decline(
        signatory_id=first.signatories.get(unit=world.units[0]).pk, seen_hash=first.frozen_hash,
        reason="Chỉ tiêu 80 % vượt khả năng", by=world.heads[0], now=f.SIGNING_DAY,
    )
    pledge.refresh_from_db()
    assert (pledge.status, pledge.current, fresh.number) == (P.DRAFT, fresh, 2)
    pledge = f.circulate(world, pledge, now=f.SIGNING_DAY)
    pledge = f.consent_all(world, pledge, now=f.SIGNING_DAY)
    pledge = f.freeze(world, pledge)
    pledge = f.open_signing(world, pledge)
    pledge = f.sign_all(world, pledge)
    assert pledge.status == P.SIGNED
    assert pledge.current.frozen["numbers"] == first.frozen["numbers"]
