"""Versions of a criteria table: the next one drafted, put in use by decision, given up, coded."""

from datetime import datetime

from django.db import transaction

from clusters.acting import Acting
from core.audit import Change
from core.policy import require
from scoring.models import CriteriaTable
from scoring.operations.table_desk import (
    Told,
    hold,
    locked_standing,
    open_draft,
    put_in_place,
    record,
    retire,
    store,
    there,
)
from scoring.policies.table import (
    may_adopt,
    may_drop_draft,
    may_make_version,
    may_switch_coded,
)
from scoring.queries.table import as_interchange
from scoring.queries.table_coded import without_texts
from scoring.queries.table_diff import changes_between, said_of_changes
from scoring.queries.table_faults import faults_in
from scoring.queries.table_uses import lost_in, uses_of_criteria, zeroes_in


@transaction.atomic
def make_version(*, cluster_year_id: int, reason: str, by: Acting, now: datetime) -> CriteriaTable:
    """Copy the table in use into the draft of the next version, with the reason why."""
    standing = locked_standing(cluster_year_id, by)
    require(may_make_version(standing))
    old = there(standing.in_use)
    told = Told(f"Chép từ phiên bản {old.version}", reason)
    draft = open_draft(standing.year, as_interchange(old), told, is_coded=old.is_coded, now=now)
    change = Change(after={"source": told.source}, reason=reason)
    record("scoring.version_drafted", draft, change, by=by, now=now)
    return draft


@transaction.atomic
def adopt_version(
    *, cluster_year_id: int, decision: str, seen: int, by: Acting, now: datetime
) -> CriteriaTable:
    """Put the draft in use beside the signed pledge, by a decision with its number and date.

    The sheets of the year-end are opened by it; targets of the pledge find their leaf by its code.
    """
    standing = locked_standing(cluster_year_id, by)
    hold(standing.draft, seen)
    draft, old = standing.draft, standing.in_use
    table = as_interchange(draft) if draft else {}
    before = as_interchange(old) if old else {}
    if draft:
        uses = uses_of_criteria(cluster_year_id)
        lost, zeroes = lost_in(before, table, uses), zeroes_in(table, uses)
        require(may_adopt(standing, len(faults_in(table)), lost, zeroes))
    else:
        require(may_adopt(standing, 0, ""))
    draft = there(draft)
    draft.decision = decision
    put_in_place(draft)
    said = said_of_changes(changes_between(before, table)) if old else ""
    change = Change(
        before={"table": str(old)} if old else {},
        after={"table": str(draft), "decision": decision, "changes": said},
    )
    record("scoring.version_adopted", draft, change, by=by, now=now)
    return draft


@transaction.atomic
def drop_draft(*, cluster_year_id: int, seen: int, by: Acting, now: datetime) -> CriteriaTable:
    """Give up the draft beside the table in use; it is kept among the versions."""
    standing = locked_standing(cluster_year_id, by)
    require(may_drop_draft(standing))
    hold(standing.draft, seen)
    draft = there(standing.draft)
    retire(draft)
    record("scoring.version_dropped", draft, Change(), by=by, now=now)
    return draft


@transaction.atomic
def switch_coded(*, cluster_year_id: int, seen: int, by: Acting, now: datetime) -> CriteriaTable:
    """Wipe the texts of a draft for good: from now on it holds codes and numbers only.

    The event does not tell the texts that were wiped.
    """
    standing = locked_standing(cluster_year_id, by)
    require(may_switch_coded(standing))
    hold(standing.draft, seen)
    draft = there(standing.draft)
    table = without_texts(as_interchange(draft))
    draft.is_coded = True
    draft.save(update_fields=["is_coded"])
    draft = store(draft, table, Told(), now)
    change = Change(before={"is_coded": False}, after={"is_coded": True})
    record("scoring.table_coded", draft, change, by=by, now=now)
    return draft
