"""Every constraint of every model, broken on purpose: the database must name it and refuse.

The guards are lifted here, so that a constraint answers and not the trigger before it. A new
constraint without a row in `BREAKS` (checks) or without two rows to collide (uniques) fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from clusters.models import Extension, UnitSuccession
from config.tests import guarded_year
from config.tests import realm as r
from core.guards import suspended
from core.models import UsedToken
from pledges.models import PledgeStatus

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
OWN = {"clusters", "core", "pledges", "reports", "scoring", "accounts"}
CONSTRAINTS = {
    constraint.name: (model, constraint)
    for model in apps.get_models()
    if model._meta.app_label in OWN
    for constraint in model._meta.constraints
}
UNIQUES = [n for n, (_, c) in CONSTRAINTS.items() if isinstance(c, UniqueConstraint)]
CHECKS = [n for n, (_, c) in CONSTRAINTS.items() if isinstance(c, CheckConstraint)]


class Break(NamedTuple):
    """Which row is changed to what, so that exactly one check is broken."""

    values: dict[str, Any]
    where: Q = Q()


DAY, LATER = date(2026, 1, 1), date(2026, 1, 2)
DRAFT = Q(circulated_at=None)
OPEN_SEALED = Q(sealed_at=None, frozen_at__isnull=False)
BREAKS: dict[str, list[Break]] = {
    "unit_opens_before_it_closes": [Break({"opened_on": DAY, "closed_on": DAY})],
    "unit_is_not_its_own_parent": [Break({"parent": F("pk")})],
    "cycle_starts_before_it_ends": [Break({"starts_on": LATER, "ends_on": DAY})],
    "cycle_year_is_plausible": [Break({"year": 1947}), Break({"year": 2101})],
    "decision_number_comes_with_date": [Break({"decision_number": "1/QĐ", "decision_date": None})],
    "stage_opens_before_due": [Break({"opens_on": LATER, "due_on": DAY})],
    "extension_has_a_reason": [Break({"reason": ""})],
    "appointment_has_a_unit_unless_administrator": [
        Break({"unit": None}, Q(role="HEAD")),
        Break({"role": "ADMINISTRATOR"}, Q(role="HEAD")),
    ],
    "appointment_starts_before_it_ends": [Break({"starts_on": LATER, "ends_on": DAY})],
    "delegation_rests_on_a_paper": [Break({"delegated_by": F("pk"), "decision": ""})],
    "one_chain_head": [Break({"id": 2})],
    "circulated_iff_content": [
        Break({"circulated_at": NOW}, DRAFT),
        Break({"content": {}}, DRAFT),
        Break({"content_hash": "a"}, DRAFT),
        Break({"circulated_at": NOW, "content": {}, "content_hash": ""}, DRAFT),
    ],
    "frozen_iff_frozen_content": [
        Break({"frozen_hash": ""}, OPEN_SEALED),
        Break({"frozen": None}, OPEN_SEALED),
        Break({"frozen_at": None}, OPEN_SEALED),
        Break({"frozen_hash": "a"}, DRAFT),
    ],
    "frozen_after_circulated": [
        Break({"frozen_at": NOW, "frozen": {}, "frozen_hash": "a"}, DRAFT),
    ],
    "sealed_only_when_frozen_and_standing": [
        Break({"sealed_at": NOW}, DRAFT),
        Break({"sealed_at": NOW}, Q(voided_at__isnull=False)),
    ],
    "all_units_sign_the_pledge": [Break({"signing": "LEAD"}, Q(kind="PLEDGE"))],
    "clause_is_not_empty": [Break({"heading": "", "text": ""})],
    "numeric_target_is_complete": [
        Break({"unit_of_measure": ""}, Q(kind="NUMERIC")),
        Break({"direction": ""}, Q(kind="NUMERIC")),
        Break({"aggregation": ""}, Q(kind="NUMERIC")),
        Break({"unit_of_measure": "%"}, Q(kind="TEXT")),
        Break({"is_change": True}, Q(kind="TEXT")),
        Break({"kind": "TEXT"}, Q(kind="NUMERIC")),
    ],
    "not_assigned_has_no_value": [Break({"is_assigned": False, "value": 0})],
    "target_value_is_not_negative": [Break({"value": -1})],
    "comment_answered_iff_decided": [Break({"state": "ACCEPTED"}), Break({"answered_at": NOW})],
    "proposal_answered_iff_decided": [Break({"state": "DECLINED"}), Break({"answered_at": NOW})],
    "refusal_has_a_reason": [Break({"word": "REFUSE", "reason": ""})],
    "declined_iff_reason_and_time": [
        Break({"decline_reason": ""}, Q(status="DECLINED")),
        Break({"declined_at": None}, Q(status="DECLINED")),
        Break({"declined_at": NOW}, Q(status="SIGNED")),
        Break({"decline_reason": "Vì"}, Q(status="SIGNED")),
    ],
    "signature_names_its_hash": [Break({"frozen_hash": ""})],
    "scale_is_positive": [Break({"scale_total": 0})],
    "rendered_iff_file": [Break({"rendered_at": NOW}, Q(file=None))],
    "job_finished_iff_settled": [
        Break({"status": "DONE", "finished_at": None}),
        Break({"status": "QUEUED", "finished_at": NOW}),
    ],
    "failed_job_says_why": [Break({"status": "FAILED", "finished_at": NOW, "error": ""})],
    "code_of_a_version_or_a_subject": [
        Break({"version": None}, ~Q(version=None)),
        Break({"subject": "review/1"}, ~Q(version=None)),
    ],
    "period_starts_ends_then_is_due": [
        Break({"due_on": F("starts_on")}),
        Break({"starts_on": date(2099, 1, 1)}),
    ],
    "extension_of_a_stage_or_a_period": [Break({"stage": None})],
    "progress_part_from_one": [Break({"part": 0})],
    "progress_submitted_has_a_time": [Break({"submitted_at": None}, Q(status="SUBMITTED"))],
    "progress_returned_has_a_reason": [
        Break({"return_reason": ""}, Q(status="RETURNED")),
        Break({"returned_at": None}, Q(status="RETURNED")),
    ],
    "progress_accepted_iff_time": [
        Break({"accepted_at": None}, Q(status="ACCEPTED")),
        Break({"accepted_at": NOW}, Q(status="DRAFT")),
    ],
    "returned_entry_has_a_reason": [Break({"reason": ""})],
    "review_submitted_has_a_time": [Break({"submitted_at": None}, Q(status="SUBMITTED"))],
    "review_returned_has_a_reason": [Break({"status": "RETURNED"}, Q(status="SUBMITTED"))],
    "review_accepted_iff_time": [
        Break({"accepted_at": None}, Q(status="ACCEPTED")),
        Break({"accepted_at": NOW}, Q(status="OPEN")),
    ],
    "exemplar_has_a_name": [Break({"name": ""})],
    "nobody_appraises_the_own_sheet": [Break({"appraiser": F("unit")})],
    "sheet_submitted_has_a_time": [Break({"submitted_at": None}, Q(status="APPRAISING"))],
    "sheet_returned_has_a_reason": [
        Break({"return_reason": ""}, Q(status="RETURNED")),
        Break({"returned_at": None}, Q(status="RETURNED")),
    ],
    "sheet_approved_has_a_time": [Break({"approved_at": None}, Q(status="FINAL"))],
    "veto_has_a_reason": [Break({"reason": ""})],
    "veto_lifted_iff_reason": [
        Break({"lifted_at": None}, Q(lifted_at__isnull=False)),
        Break({"lift_reason": "Vì"}, Q(lifted_at=None)),
    ],
    "draw_has_a_seed": [Break({"seed": ""})],
    "team_has_a_unit": [Break({"team_size": 0})],
    "draw_cancelled_iff_reason": [
        Break({"cancelled_at": NOW}, Q(cancelled_at=None)),
        Break({"cancel_reason": "Vì"}, Q(cancelled_at=None)),
    ],
    "inspection_submitted_has_a_time": [
        Break({"submitted_at": None}, Q(status="SUBMITTED")),
        Break({"inspected_on": None}, Q(status="SUBMITTED")),
    ],
    "inspection_answered_has_a_time": [Break({"status": "ANSWERED"}, Q(status="SUBMITTED"))],
    "finding_says_something": [Break({"text": ""})],
    "disagreement_has_a_reason": [Break({"answer": "DISAGREED"}, Q(answer_text=""))],
    "objection_sent_iff_numbered": [
        Break({"number": 0}, Q(status="SENT")),
        Break({"sent_at": None}, Q(status="SENT")),
        Break({"number": 9}, Q(status="DRAFT")),
    ],
    "objection_ended_has_a_time": [
        Break({"ended_at": NOW}, Q(status="SENT")),
        Break({"ended_at": None}, Q(status="ACCEPTED")),
    ],
    "objection_decided_has_a_reason": [Break({"decision": ""}, Q(status="ACCEPTED"))],
    "quota_is_a_number_or_a_percent": [
        Break({"max_count": None}, ~Q(max_count=None)),
        Break({"max_percent": 5}, ~Q(max_count=None)),
    ],
    "quota_percent_is_a_percent": [
        Break({"max_percent": 0}, ~Q(max_percent=None)),
        Break({"max_percent": 101}, ~Q(max_percent=None)),
    ],
    "quota_count_is_positive": [Break({"max_count": 0}, ~Q(max_count=None))],
    "ballot_fractions_are_fractions": [
        Break({"quorum_parts": 0}),
        Break({"quorum_parts": 3, "quorum_whole": 2}),
        Break({"threshold_parts": 0}),
        Break({"threshold_parts": 3, "threshold_whole": 2}),
    ],
    "ballot_chooses_somebody": [Break({"seats": 0})],
    "ballot_on_a_title_names_its_quota": [
        Break({"subject": "TITLE"}, Q(subject="LEAD")),
        Break({"subject": "LEAD"}, Q(subject="TITLE")),
    ],
    "ballot_on_a_tie_names_the_rank": [
        Break({"subject": "TIE"}, Q(subject="LEAD")),
        Break({"rank": 1}, Q(subject="LEAD")),
    ],
    "ballot_counted_iff_result": [
        Break({"cast": 3}, Q(status="OPEN")),
        Break({"cast": None}, Q(status="COUNTED")),
        Break({"is_quorate": None}, Q(status="COUNTED")),
    ],
    "ballot_cancelled_iff_reason": [
        Break({"cancel_reason": "Vì"}, Q(status="OPEN")),
        Break({"cancel_reason": ""}, Q(status="CANCELLED")),
    ],
    "paper_ballot_has_minutes": [Break({"minutes": None}, Q(status="COUNTED", on_paper=True))],
    "who_votes_is_present": [Break({"is_present": False}, Q(has_voted=True))],
    "nomination_withdrawn_iff_reason": [
        Break({"withdraw_reason": "Vì"}, Q(withdrawn_at=None)),
        Break({"withdrawn_at": None}, ~Q(withdrawn_at=None)),
    ],
    "revoked_iff_reason_and_time": [
        Break({"status": "REVOKED"}, Q(status="FINAL")),
        Break({"revoke_reason": "Vì"}, Q(status="FINAL")),
    ],
}


@pytest.fixture(scope="module")
def rows(kept: None) -> Iterator[None]:
    """Two of everything: two clusters in the same state, and what they do not have yet."""
    _make_two()
    with suspended(connection):
        yield


def _make_two() -> None:
    guarded_year.worlds()
    sides = [r.make_side(word, PledgeStatus.DRAFT, 3) for word in (r.OWN_WORD, r.OTHER_WORD)]
    for side in sides:
        stage = side.world.year.stages.exclude(due_on=None).first()
        head = side.world.heads[0].user_id
        assert stage is not None
        Extension.objects.create(
            stage=stage, unit=side.world.units[0], until=date(2026, 12, 1), reason="Bão số 3",
            granted_by_id=head, granted_at=NOW,
        )  # fmt: skip
        UnitSuccession.objects.create(
            kind="MERGE", predecessor=side.world.units[0], successor=side.world.units[1],
            effective_date=DAY,
        )  # fmt: skip
        UsedToken.objects.create(user_id=head, token=uuid4(), result_url="/", created_at=NOW)
        version = side.pledge.current
        assert version is not None
        for unit in side.world.units[:2]:
            version.consents.create(
                unit=unit, word="CONSENT", content_hash="a", given_by_id=head, given_at=NOW
            )


def refusal(change: Any) -> str:
    """Return what the database says to a change, "" when it takes it."""
    try:
        with transaction.atomic():
            change()
            transaction.set_rollback(True)
    except IntegrityError as error:
        return str(error)
    return ""


def names(constraint: models.BaseConstraint, model: type[models.Model], said: str) -> bool:
    """Whether the answer is about this constraint; SQLite names the columns of plain uniques."""
    if constraint.name in said:
        return True
    if connection.vendor != "sqlite" or not isinstance(constraint, UniqueConstraint):
        return False
    columns = [model._meta.get_field(name).column for name in constraint.fields]
    return said.endswith(", ".join(f"{model._meta.db_table}.{column}" for column in columns))


def test_every_check_is_broken_below():
    assert set(CHECKS) == set(BREAKS)


@pytest.mark.parametrize("name", CHECKS)
def test_check(rows, name):
    model, constraint = CONSTRAINTS[name]
    for broken in BREAKS[name]:
        row = model._default_manager.filter(broken.where).order_by("pk").last()
        assert row is not None, f"no row to break {broken}"
        same = model._default_manager.filter(pk=row.pk)
        said = refusal(lambda same=same, broken=broken: same.update(**broken.values))
        assert names(constraint, model, said), f"{broken}: {said or 'taken'}"


#: What the last row takes besides, so that only one of several uniques of its table is broken;
#: by table or by constraint.
ASIDE: dict[str, dict[str, Any]] = {
    "clusters.Membership": {"order": 900, "role": "MEMBER"},
    "pledges.Signatory": {"order": 900},
    "scoring.CriteriaTable": {"version": 77, "status": "REPLACED"},
    "scoring.Criterion": {"order": 900, "code": "khac"},
    "scoring.RunResult": {"order": 900},
    "draw_number_once": {"cancelled_at": NOW, "cancel_reason": "Vì"},
    "one_standing_draw_per_year": {"number": 77},
    "unit_once_per_team": {"order": 900},
    "scoring.Candidate": {"order": 900},
    "clusters.Period": {"name": "Kỳ khác", "order": 900},
    "reports.VerifyCode": {"version_id": None},
    # An open entry that takes another's place: then it is not a first one as well.
    "one_open_entry_per_target": {"replaces_id": F("pk")},
}


@pytest.mark.parametrize("name", UNIQUES)
def test_unique(rows, name):
    """The last row takes the place of the first one."""
    model, constraint = CONSTRAINTS[name]
    assert isinstance(constraint, UniqueConstraint)
    condition = constraint.condition or Q()
    first = model._default_manager.filter(condition).order_by("pk").first()
    last = model._default_manager.order_by("pk").last()
    assert first is not None
    assert last is not None
    assert first.pk != last.pk
    held = [model._meta.get_field(n) for n in [*constraint.fields, *asked_of(constraint.condition)]]
    values = {field.attname: getattr(first, field.attname) for field in held}
    values = ASIDE.get(model._meta.label, {}) | ASIDE.get(name, {}) | values
    own = model._default_manager.filter(pk=last.pk)
    said = refusal(lambda: own.update(**values))
    assert names(constraint, model, said), said or "taken"


def asked_of(condition: Q | None) -> set[str]:
    """Return the fields that a condition speaks of."""
    found: set[str] = set()
    for child in condition.children if condition else []:
        if isinstance(child, Q):
            found |= asked_of(child)
        else:
            found.add(child[0].partition("__")[0])  # type: ignore[index]
    return found


def test_a_change_that_breaks_nothing_is_taken(rows):
    """The negative control: what answers is the constraint, not the way of asking."""
    model = apps.get_model("clusters", "Stage")
    stage = model._default_manager.first()
    assert stage is not None
    assert (
        refusal(lambda: model._default_manager.filter(pk=stage.pk).update(late_accepted=True)) == ""
    )
