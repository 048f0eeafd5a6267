"""Who may change years, calendars, members and accounts: every role, in every state of the year."""

from itertools import product

import pytest

from accounts.models import User
from clusters import policies
from clusters.acting import Acting
from clusters.models import Appointment, Cluster, ClusterYear, Membership, Unit, YearStatus
from clusters.policies import Place
from core.audit import System

S = YearStatus


def person(role: str, unit: int | None, member: str = "", *, organises: bool = False) -> Place:
    acting = Acting(1, "Đại tá Nguyễn Văn An", role=role, unit_id=unit)  # type: ignore[arg-type]
    return Place(acting, Membership(role=member) if member else None, is_organiser=organises)


ROLES = {
    "organiser": person("ORGANISER", 8, organises=True),
    "organiser of another cluster": person("ORGANISER", 9),
    "head of the organiser": person("HEAD", 8),
    "officer of the lead": person("OFFICER", 1, "LEAD"),
    "head of the lead": person("HEAD", 1, "LEAD"),
    "head of the deputy": person("HEAD", 2, "DEPUTY"),
    "head of a member": person("HEAD", 3, "MEMBER"),
    "head of a stranger": person("HEAD", 7),
    "administrator": person("ADMINISTRATOR", None),
    "nobody any more": person("", None),
}
RULES = {
    "may_change_members": {S.PREPARING, S.DRAFTING},
    "may_change_calendar": set(S) - {S.ARCHIVED},
    "may_extend": set(S) - {S.ARCHIVED},
    "may_change_openness": set(S) - {S.PUBLISHED, S.ARCHIVED},
}


@pytest.mark.parametrize("name", RULES)
def test_only_the_organiser_and_only_in_time(name):
    for (who, place), state in product(ROLES.items(), S):
        verdict = getattr(policies, name)(place, ClusterYear(status=state))
        assert bool(verdict) is (who == "organiser" and state in RULES[name]), (who, state)
        assert bool(verdict.reason) is not bool(verdict)


@pytest.mark.parametrize("who", ROLES)
def test_only_the_body_that_organises_a_cluster_opens_its_years(who):
    cluster = Cluster(organiser=Unit(pk=8, short_name="CA tỉnh"))
    verdict = policies.may_open_year(ROLES[who].acting, cluster)
    assert bool(verdict) is (who == "organiser")
    assert verdict or "CA tỉnh" in verdict.reason


@pytest.mark.parametrize("who", ROLES)
def test_a_stranger_has_no_place(who):
    inside = {"organiser", "officer of the lead", "head of the lead", "head of the deputy"}
    assert bool(ROLES[who]) is (who in inside | {"head of a member"})


@pytest.mark.parametrize("others", [True, False])
def test_somebody_always_administers(others):
    me, other = User(pk=1), User(pk=2)
    acting = ROLES["administrator"].acting
    assert not policies.may_deactivate(acting, me, others)
    assert bool(policies.may_deactivate(acting, other, others)) is others
    assert bool(policies.may_deactivate(System(), other, others)) is others
    for role in ("OFFICER", "HEAD", "ORGANISER"):
        assert policies.may_end_appointment(Appointment(role=role), others)
    ended = policies.may_end_appointment(Appointment(role="ADMINISTRATOR"), others)
    assert bool(ended) is others
