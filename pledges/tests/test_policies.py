"""Who may do what to a pledge, when: every role, in every state, on every kind of day.

A rule is a row of `RULES`: who, in which states, by which stage of the calendar. Everything not in
the row must be refused, and every refusal is a whole sentence.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from django.utils.timezone import get_default_timezone

from clusters.acting import Acting
from clusters.calendar import Window
from clusters.models import Membership, Unit
from clusters.policies import Place
from core.policy import Verdict
from pledges import policies
from pledges.models import Pledge, PledgeStatus, PledgeVersion, Signatory, SignatoryStatus
from pledges.policies import Gap, Lack, Standing

P = PledgeStatus
OPENS, DUE = date(2026, 2, 6), date(2026, 3, 3)
MOMENT = datetime(2026, 2, 20, tzinfo=get_default_timezone())
LEAD_UNIT, DEPUTY_UNIT, MEMBER_UNIT, ORGANISER_UNIT, STRANGE_UNIT = 1, 2, 3, 8, 9


def person(role: str, unit: int | None, member_role: str = "", *, organises: bool = False) -> Place:
    acting = Acting(1, "Đại tá Nguyễn Văn An", role=role, unit_id=unit)  # type: ignore[arg-type]
    membership = Membership(role=member_role) if member_role else None
    return Place(acting, membership, is_organiser=organises)


ROLES = {
    "officer of the lead": person("OFFICER", LEAD_UNIT, "LEAD"),
    "head of the lead": person("HEAD", LEAD_UNIT, "LEAD"),
    "officer of the deputy": person("OFFICER", DEPUTY_UNIT, "DEPUTY"),
    "head of the deputy": person("HEAD", DEPUTY_UNIT, "DEPUTY"),
    "officer of a member": person("OFFICER", MEMBER_UNIT, "MEMBER"),
    "head of a member": person("HEAD", MEMBER_UNIT, "MEMBER"),
    "organiser": person("ORGANISER", ORGANISER_UNIT, organises=True),
    "head of the organiser": person("HEAD", ORGANISER_UNIT),
    "organiser of another cluster": person("ORGANISER", STRANGE_UNIT),
    "head of a stranger": person("HEAD", STRANGE_UNIT),
    "officer of a stranger": person("OFFICER", STRANGE_UNIT),
    "administrator": person("ADMINISTRATOR", None),
    "nobody any more": person("", None),
}
WRITERS = {"officer of the lead", "head of the lead"}
HEADS = {"head of the lead", "head of the deputy", "head of a member"}
MEMBERS = HEADS | {"officer of the lead", "officer of the deputy", "officer of a member"}


PLAIN = Window("Giai đoạn", OPENS, DUE, late_accepted=False)


@dataclass(frozen=True)
class Day:
    """A day as the calendar sees it, and whether the stage takes work then."""

    today: date
    is_open: bool
    window: Window | None = PLAIN


DAY = timedelta(days=1)
WITHOUT_END = Window("Giai đoạn", OPENS, None, late_accepted=False)
LATE = Window("Giai đoạn", OPENS, DUE, late_accepted=True)
EXTENDED = Window("Giai đoạn", OPENS, DUE, late_accepted=False, extended_to=DUE + 5 * DAY)
DAYS = {
    "the day before": Day(OPENS - DAY, is_open=False),
    "the first day": Day(OPENS, is_open=True),
    "in between": Day(date(2026, 2, 20), is_open=True),
    "the last day": Day(DUE, is_open=True),
    "the day after": Day(DUE + DAY, is_open=False),
    "extended": Day(DUE + 5 * DAY, True, EXTENDED),
    "after the extension": Day(DUE + 6 * DAY, False, EXTENDED),
    "late is accepted": Day(DUE + 400 * DAY, True, LATE),
    "before, though late is accepted": Day(OPENS - DAY, False, LATE),
    "without an end": Day(DUE + 400 * DAY, True, WITHOUT_END),
    "no such stage": Day(date(2026, 2, 20), False, None),
}


@dataclass(frozen=True)
class Rule:
    """Who may do it, in which states, and by which stage of the calendar ("" for none)."""

    who: set[str]
    states: set[PledgeStatus]
    stage: str


RULES = {
    "may_edit": Rule(WRITERS, {P.DRAFT}, "drafting"),
    "may_circulate": Rule(WRITERS, {P.DRAFT}, "drafting"),
    "may_revise": Rule(WRITERS, {P.CIRCULATED, P.AGREED}, "drafting"),
    "may_comment": Rule(MEMBERS, {P.CIRCULATED, P.AGREED}, "drafting"),
    "may_answer": Rule(WRITERS, {P.DRAFT, P.CIRCULATED, P.AGREED}, "drafting"),
    "may_consent": Rule(HEADS, {P.CIRCULATED, P.AGREED}, "drafting"),
    "may_freeze": Rule(WRITERS, {P.AGREED}, ""),
    "may_open_signing": Rule(WRITERS, {P.FROZEN}, "signing"),
    "may_sign": Rule({"head of a member"}, {P.SIGNING}, "signing"),
    "may_decline": Rule({"head of a member"}, {P.SIGNING}, "signing"),
    "may_start": Rule(WRITERS, set(P), "drafting"),
}


def standing(place: Place, status: PledgeStatus, day: Day, stage: str) -> Standing:
    version = PledgeVersion(number=1, circulated_at=None if status is P.DRAFT else MOMENT)
    other = Window("Giai đoạn", date(2029, 1, 1), None, late_accepted=True)
    return Standing(
        place=place,
        pledge=Pledge(status=status),
        version=version,
        drafting=day.window if stage == "drafting" else other,
        signing=day.window if stage == "signing" else other,
        today=day.today,
        was_declined=False,
        lead_name="CA Đồng Hới",
    )


def signatory(unit: int = MEMBER_UNIT, status: str = SignatoryStatus.INVITED) -> Signatory:
    return Signatory(unit=Unit(pk=unit, name="Công an huyện Lệ Thủy"), status=status)


def ask(name: str, facts: Standing, of: Signatory | None = None) -> Verdict:
    rule: Callable[..., Verdict] = getattr(policies, name)
    if name == "may_start":
        return rule(facts.place, facts.lead_name, facts.drafting, facts.today)
    if name == "may_freeze":
        return rule(facts, [])
    if name in ("may_sign", "may_decline"):
        return rule(facts, of or signatory())
    return rule(facts)


def assert_sentence(verdict: Verdict) -> None:
    """A refusal is said in a whole Vietnamese sentence; a permission says nothing."""
    if verdict:
        assert verdict.reason == ""
        return
    assert verdict.reason[0].isupper()
    assert verdict.reason.endswith(".")
    assert "None" not in verdict.reason
    assert " " in verdict.reason


def test_every_policy_has_a_row():
    public = {n for n in vars(policies) if n.startswith("may_")}
    assert public == set(RULES)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", RULES)
def test_truth_table(name, who):
    rule = RULES[name]
    for state, (label, day) in product(P, DAYS.items()):
        facts = standing(ROLES[who], state, day, rule.stage)
        expected = who in rule.who and state in rule.states
        expected = expected and (day.is_open if rule.stage else True)
        verdict = ask(name, facts)
        assert bool(verdict) is expected, f"{state}, {label}: {verdict.reason}"
        assert_sentence(verdict)


DRAFTING_RULES = [n for n, r in RULES.items() if r.stage == "drafting" and n != "may_start"]


@pytest.mark.parametrize("name", DRAFTING_RULES)
def test_the_conference_takes_what_drafting_takes(name):
    """Drafting is over: the days set for signing still take it, later only after a refusal."""
    rule = RULES[name]
    signing = Window("Giai đoạn đang ký", DUE + 3 * DAY, DUE + 9 * DAY, late_accepted=True)
    days = {
        DUE + 2 * DAY: (False, False),
        DUE + 3 * DAY: (True, True),
        DUE + 9 * DAY: (True, True),
        DUE + 10 * DAY: (False, True),
    }
    for who, state, (today, (usually, after_refusal)) in product(ROLES, P, days.items()):
        facts = standing(ROLES[who], state, Day(today, is_open=False), "drafting")
        facts = replace(facts, signing=signing)
        asked = who in rule.who and state in rule.states
        assert bool(ask(name, facts)) is (asked and usually), (who, state, today)
        declined = replace(facts, was_declined=True)
        assert bool(ask(name, declined)) is (asked and after_refusal), (who, state, today)
        assert not ask(name, replace(facts, signing=None))
        in_time = replace(declined, signing=replace(signing, late_accepted=False))
        assert bool(ask(name, in_time)) is (asked and usually), (who, state, today)


def test_a_draft_that_lacks_something_says_what():
    facts = standing(ROLES["officer of the lead"], P.DRAFT, DAYS["in between"], "drafting")
    gaps = (Gap(Lack.BASES, "chưa có căn cứ"), Gap(Lack.TARGETS, "chưa có chỉ tiêu"))
    verdict = policies.may_circulate(replace(facts, missing=gaps))
    assert not verdict
    assert "chưa có căn cứ; chưa có chỉ tiêu" in verdict.reason


def test_freezing_names_the_units_that_are_waited_for():
    for state in (P.CIRCULATED, P.AGREED):
        facts = standing(ROLES["head of the lead"], state, DAYS["in between"], "")
        verdict = policies.may_freeze(facts, ["CA Lệ Thủy", "CA Ba Đồn"])
        assert not verdict
        assert "CA Lệ Thủy, CA Ba Đồn" in verdict.reason
        assert_sentence(verdict)


@pytest.mark.parametrize("status", SignatoryStatus)
@pytest.mark.parametrize("who", ROLES)
def test_only_the_head_of_the_invited_unit_signs(who, status):
    place = ROLES[who]
    facts = standing(place, P.SIGNING, DAYS["in between"], "signing")
    for unit in (LEAD_UNIT, DEPUTY_UNIT, MEMBER_UNIT, ORGANISER_UNIT, STRANGE_UNIT):
        expected = (
            place.acting.is_head
            and place.acting.unit_id == unit
            and status == SignatoryStatus.INVITED
        )
        for name in ("may_sign", "may_decline"):
            verdict = ask(name, facts, signatory(unit, status))
            assert bool(verdict) is expected
            assert_sentence(verdict)
