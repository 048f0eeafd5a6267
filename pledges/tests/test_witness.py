"""Who can be asked to witness the signing."""

import pytest

from clusters.models import Role, UnitLevel
from clusters.queries import members_of
from clusters.tests.factories import TODAY, make_person, make_unit, make_world
from pledges import operations
from pledges.models import Signatory
from pledges.queries import may_witness
from pledges.tests import factories as f

pytestmark = pytest.mark.django_db


def test_the_organiser_comes_first_then_its_departments_with_a_head():
    world = make_world()
    pledge = f.start(world)
    staffed = make_unit("PX03", "Phòng PX03", parent=world.organiser, level=UnitLevel.DEPARTMENT)
    make_person("lanhdao.px03", Role.HEAD, staffed)
    make_unit("PX05", "Phòng PX05", parent=world.organiser, level=UnitLevel.DEPARTMENT)
    found = may_witness(f.current_of(pledge), members_of(world.year), TODAY)
    assert found == [world.organiser, staffed]


def test_a_witness_that_is_set_stays_offered():
    world = make_world()
    pledge = f.start(world)
    guest = make_unit("TU", "Tỉnh ủy")
    places: list[tuple[int, str, str, str]] = [
        (u.pk, Signatory.Role.SIGNER, "Trưởng Công an huyện", "") for u in world.units
    ]
    places.append((guest.pk, Signatory.Role.WITNESS, "Phó Bí thư", ""))
    operations.set_signatories(pledge_id=pledge.pk, places=places, by=world.lead_officer, now=f.NOW)
    assert guest in may_witness(f.current_of(pledge), members_of(world.year), TODAY)
