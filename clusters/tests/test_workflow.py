"""Every verb of the cluster year in every state: it moves as the table says, or stays silently."""

from datetime import datetime, time, timedelta
from itertools import product

import pytest

from clusters import workflow
from clusters.calendar import LOCAL
from clusters.http import act_as
from clusters.models import Appointment, ClusterYear, YearStatus
from clusters.tests.factories import NOW, SIGNING_DAY, make_world
from clusters.workflow import ACTIONS, OWNERS, TRANSITIONS
from core.audit import System
from core.models import AuditEvent
from core.policy import Refused
from core.templatetags.gu import STATUS_TAGS

pytestmark = pytest.mark.django_db
S = YearStatus
VERBS = {
    "open_drafting": (workflow.open_drafting, S.DRAFTING),
    "begin_signing": (workflow.begin_signing, S.SIGNING),
    "return_to_drafting": (
        lambda **k: workflow.return_to_drafting(**k, reason="Từ chối ký"),
        S.DRAFTING,
    ),
    "begin_running": (workflow.begin_running, S.RUNNING),
    "begin_midyear": (workflow.begin_midyear, S.MIDYEAR),
    "end_midyear": (workflow.end_midyear, S.RUNNING),
    "begin_yearend": (workflow.begin_yearend, S.YEAREND),
    "begin_appraising": (workflow.begin_appraising, S.APPRAISING),
    "begin_provisional": (workflow.begin_provisional, S.PROVISIONAL),
    "begin_objections": (workflow.begin_objections, S.OBJECTIONS),
    "begin_published": (workflow.begin_published, S.PUBLISHED),
}
#: Two ways lead to RUNNING; each verb takes its own.
ONLY_FROM = {"begin_running": {S.DRAFTING, S.SIGNING}, "end_midyear": {S.MIDYEAR}}


@pytest.fixture(scope="module")
def year(kept: None) -> ClusterYear:
    return make_world().year


@pytest.mark.parametrize(("state", "name"), list(product(S, VERBS)))
def test_every_verb_in_every_state(year, state, name):
    verb, to = VERBS[name]
    ClusterYear.objects.filter(pk=year.pk).update(status=state)
    last = AuditEvent.objects.count()
    verb(cluster_year_id=year.pk, by=System(), now=NOW)
    moves = to in TRANSITIONS[state] and state in ONLY_FROM.get(name, set(S))
    assert ClusterYear.objects.get(pk=year.pk).status == (to if moves else state)
    recorded = list(AuditEvent.objects.filter(seq__gt=last))
    assert [e.action for e in recorded] == ([ACTIONS[to]] if moves else [])
    for event in recorded:
        assert (event.before, event.after) == ({"status": state}, {"status": to})
        assert event.cluster_year_id == year.pk
        assert event.reason == ("Từ chối ký" if name == "return_to_drafting" else "")


def test_every_transition_has_a_verb():
    reached = {to for _, to in VERBS.values()}
    asked = reached | {S.ARCHIVED}  # a person's act, see below
    assert {to for targets in TRANSITIONS.values() for to in targets} == asked


@pytest.mark.parametrize("state", S)
def test_only_the_organiser_archives_and_only_what_is_published(kept, year, state):
    ClusterYear.objects.filter(pk=year.pk).update(status=state)
    people = Appointment.objects.filter(role__in=["ORGANISER", "OFFICER"]).order_by("pk")
    for appointment in people.select_related("user", "unit"):
        by = act_as(appointment.user, appointment)
        if state == S.PUBLISHED and by.is_organiser:
            continue
        with pytest.raises(Refused):
            workflow.archive(cluster_year_id=year.pk, by=by, now=NOW)
    if state == S.PUBLISHED:
        organiser = people.get(role="ORGANISER", unit=year.cluster.organiser)
        by = act_as(organiser.user, organiser)
        assert workflow.archive(cluster_year_id=year.pk, by=by, now=NOW).status == S.ARCHIVED


@pytest.mark.parametrize("state", S)
def test_every_state_has_an_owner_a_label_a_look_and_an_action(state):
    assert OWNERS[state]
    assert state in TRANSITIONS
    assert STATUS_TAGS["cluster_year"][state].label == state.label
    assert ACTIONS[state] == f"clusters.year_{state.lower()}"


def test_the_year_follows_its_calendar(year, monkeypatch):
    """Drafting opens on its day, running on its own, signed or not (product.md: never waits)."""
    from clusters import tasks  # noqa: PLC0415 - registers with celery when it is imported

    def ask(moment) -> str:
        monkeypatch.setattr("clusters.tasks.timezone.now", lambda: moment)
        tasks.follow_calendar()
        return ClusterYear.objects.get(pk=year.pk).status

    opens = datetime.combine(year.stages.get(kind=S.DRAFTING).opens_on, time(), LOCAL)
    assert ask(opens - timedelta(microseconds=1)) == S.PREPARING
    assert ask(opens) == S.DRAFTING
    assert ask(NOW) == S.DRAFTING
    assert ask(SIGNING_DAY) == S.DRAFTING
    running = year.stages.filter(kind=S.RUNNING).order_by("order")[0].opens_on
    assert ask(SIGNING_DAY.replace(day=running.day)) == S.RUNNING
    assert ask(SIGNING_DAY.replace(month=12)) == S.RUNNING
