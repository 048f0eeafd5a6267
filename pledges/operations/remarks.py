"""What units say about a version, and what the lead answers."""

from datetime import datetime

from django.db import transaction

from clusters.acting import Acting
from core.policy import Conflict, Invalid, Refused, require
from pledges import policies
from pledges.content import plain
from pledges.models import (
    Comment,
    Proposal,
    Remark,
    RemarkState,
    Target,
)
from pledges.operations.desk import find, locked, record, touch
from pledges.operations.marks import Level
from pledges.policies import Standing


@transaction.atomic
def comment(*, pledge_id: int, anchor: str, text: str, by: Acting, now: datetime) -> Comment:
    """Record what a unit says about a clause, a target or a paper."""
    standing = locked(pledge_id, by, now)
    require(policies.may_comment(standing))
    made = Comment.objects.create(
        pledge=standing.pledge, version=standing.version, unit_id=by.unit_key, author_id=by.user_id,
        made_at=now, anchor=anchor, text=text,
    )  # fmt: skip
    record(
        "pledges.commented", standing, made, {}, {"anchor": anchor, "text": text}, by=by, now=now
    )
    return made


@transaction.atomic
def propose(
    *, pledge_id: int, key: str, level: Level, reason: str, by: Acting, now: datetime
) -> Proposal:
    """Record a unit's counter-proposal of its own level, with the reason."""
    standing = locked(pledge_id, by, now)
    require(policies.may_comment(standing))
    target = find(Target, standing, key)
    if target is None or target.kind != Target.Kind.NUMERIC:
        raise Refused("Chỉ tiêu này không còn trong bản đang góp ý. Mở lại trang để xem bản mới.")
    if not reason:
        raise Invalid("Nêu lý do đề nghị để đơn vị trưởng xem xét.", field="text")
    drafted = target.values.filter(unit=by.unit_id).values_list("value", flat=True).first()
    made = Proposal.objects.create(
        pledge=standing.pledge, version=standing.version, unit_id=by.unit_key, author_id=by.user_id,
        made_at=now, anchor=key, text=reason, is_assigned=level.is_assigned, proposed=level.value,
        drafted=drafted,
    )  # fmt: skip
    after = {"target": target.text, "proposed": plain(level.value), "assigned": level.is_assigned}
    record(
        "pledges.proposed",
        standing,
        made,
        {"drafted": plain(drafted)},
        after,
        by=by,
        now=now,
        reason=reason,
    )
    return made


@transaction.atomic
def answer(
    *, remark: Comment | Proposal, accepted: bool, text: str, by: Acting, now: datetime
) -> Remark:
    """Answer a comment or proposal; an accepted level is written into the draft.

    A circulated version cannot take the level: `pledges.workflow.pledge.accept_proposal` opens the
    next version first.
    """
    standing = locked(remark.pledge_id, by, now)
    require(policies.may_answer(standing))
    fresh = type(remark)._default_manager.select_for_update(of=("self",)).get(pk=remark.pk)  # noqa: SLF001
    if fresh.state != RemarkState.OPEN:
        raise Conflict(f"Góp ý này đã được trả lời: {fresh.answer}", {"answer": fresh.answer})
    if not text:
        raise Invalid(
            "Ghi câu trả lời để đơn vị biết đã tiếp thu thế nào hoặc vì sao giữ nguyên.",
            field="answer",
        )
    fresh.state = RemarkState.ACCEPTED if accepted else RemarkState.DECLINED
    fresh.answer, fresh.answered_at = text, now
    fresh.answered_by_id, fresh.answering_unit_id = by.user_id, by.unit_id
    fresh.save(update_fields=["state", "answer", "answered_at", "answered_by", "answering_unit"])
    if accepted and isinstance(fresh, Proposal):
        _take_over(standing, fresh)
    record(
        "pledges.answered",
        standing,
        fresh,
        {"state": "OPEN"},
        {"state": fresh.state, "answer": text},
        by=by,
        now=now,
    )
    return fresh


def _take_over(standing: Standing, proposal: Proposal) -> None:
    """Write an accepted level into the draft; a common level becomes one for each unit."""
    require(policies.may_edit(standing))
    target = find(Target, standing, proposal.anchor)
    if target is None:
        raise Refused("Chỉ tiêu này đã bỏ khỏi bản đang soạn nên không còn mức để sửa.")
    value = target.values.get(unit=proposal.unit_id)
    value.is_assigned = proposal.is_assigned
    value.value = proposal.proposed if proposal.is_assigned else None
    value.save(update_fields=["is_assigned", "value"])
    levels = set(target.values.values_list("is_assigned", "value"))
    if target.is_common and len(levels) > 1:
        target.is_common = False
        target.save(update_fields=["is_common"])
    touch(standing)
