"""A whole table into the draft: keys stay where codes stay, targets are kept, nobody is undone."""

import copy
import json
from typing import Any

import pytest

from clusters.tests.factories import NOW, World, make_world
from core.models import AuditEvent
from core.policy import Conflict, Invalid, Refused
from pledges import operations as pledge_operations
from pledges.queries import missing_in
from pledges.tests import factories as f
from scoring import operations
from scoring.models import CriteriaTable
from scoring.queries.table import (
    STARTERS,
    as_interchange,
    draft_of,
    leaves_of,
    standing_table,
    table_to_adopt,
)
from scoring.queries.table_coded import codes_with_text, without_texts
from scoring.queries.table_faults import faults_in

pytestmark = pytest.mark.django_db
S = CriteriaTable.Status
#: Stands for the revision that is stored at the moment.
NOW_READ = -1


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    world = make_world()
    f.start(world)
    return world


def shipped(starter: str = "front-100") -> dict[str, Any]:
    table: dict[str, Any] = json.loads((STARTERS / f"{starter}.json").read_text(encoding="utf-8"))
    return table


def draft(world: World) -> CriteriaTable:
    found = draft_of(world.year)
    assert found is not None
    return found


def replace(world: World, table: dict[str, Any], seen: int | None = NOW_READ) -> CriteriaTable:
    standing = draft_of(world.year)
    return operations.replace_tree(
        cluster_year_id=world.year.pk, table=table, source="Nhập từ Excel", by=world.lead_officer,
        seen=(standing.revision if standing else None) if seen == NOW_READ else seen, now=NOW,
    )  # fmt: skip


def tie_a_target(world: World, code: str) -> None:
    leaf = draft(world).criteria.get(code=code)
    pledge_operations.save_target(
        pledge_id=world.year.pledge.pk, key=None, seen="",
        values=f.target_values(f"Chỉ tiêu của {code}", criterion_id=leaf.pk),
        levels=f.levels_for(world, "80"), by=world.lead_officer, now=NOW,
    )  # fmt: skip


def leaf_codes(world: World) -> list[str]:
    rows = draft(world).criteria.filter(rule__isnull=False).order_by("order")
    return list(rows.values_list("code", flat=True))


def without(table: dict[str, Any], code: str) -> dict[str, Any]:
    """Take a leaf out and mend the sums above it."""
    table = copy.deepcopy(table)
    for group in table["groups"]:
        cut(group, code)
    ordinary = [group for group in table["groups"] if "kind" not in group]
    return table | {"scale_total": f"{sum(float(g['max']) for g in ordinary):g}"}


def cut(node: dict[str, Any], code: str) -> None:
    node["children"] = [c for c in node["children"] if c["code"] != code]
    for child in node["children"]:
        if "children" in child:
            cut(child, code)
    if "max" in node:
        node["max"] = f"{sum(float(c['max']) for c in node['children']):g}"


def test_rows_whose_codes_stay_keep_their_keys(world):
    table, before = draft(world), dict(draft(world).criteria.values_list("code", "pk"))
    changed = as_interchange(table)
    changed["groups"].reverse()
    first = changed["groups"][-1]["children"]
    first[0]["title"] = "Nội dung mới"
    first.append(first.pop(0))
    last = AuditEvent.objects.count()
    after = replace(world, changed)
    assert after.pk == table.pk
    assert after.revision == table.revision + 1
    assert as_interchange(after) == changed
    assert dict(after.criteria.values_list("code", "pk")) == before
    [event] = AuditEvent.objects.filter(seq__gt=last)
    assert "→ Nội dung mới" in event.after["changes"]
    assert after.criteria.get(title="Nội dung mới").search_key == "noi dung moi"


def test_another_table_takes_the_place_of_all_rows(world):
    for starter in ("police-1000", "ministry-bands", "front-100"):
        assert as_interchange(replace(world, shipped(starter))) == shipped(starter)
    assert CriteriaTable.objects.filter(cluster_year=world.year).count() == 1


def test_a_criterion_with_a_target_of_the_present_pledge_cannot_go(world):
    code = leaf_codes(world)[0]
    tie_a_target(world, code)
    with pytest.raises(Invalid, match=rf"{code} \(1 chỉ tiêu\)"):
        replace(world, without(shipped(), code))
    other = leaf_codes(world)[1]  # negative control: one that nothing names may
    assert other not in replace(world, without(shipped(), other)).criteria.values_list(
        "code", flat=True
    )


def test_what_only_an_older_version_of_the_pledge_names_is_kept_in_a_replaced_table(world):
    code = leaf_codes(world)[0]
    tie_a_target(world, code)
    target = f.current_of(world.year.pledge).targets.get(criterion__code=code)
    f.circulate(world, world.year.pledge)
    f.workflow.revise(pledge_id=world.year.pledge.pk, note="Sửa", by=world.lead_officer, now=NOW)
    pledge_operations.remove_row(
        model=f.Target, key=target.key, pledge_id=world.year.pledge.pk, by=world.lead_officer,
        now=NOW,
    )  # fmt: skip
    old = draft(world)
    fresh = replace(world, without(shipped(), code))
    assert (fresh.version, fresh.status) == (old.version + 1, S.DRAFT)
    old.refresh_from_db()
    assert old.status == S.REPLACED
    target.refresh_from_db()
    assert target.criterion.code == code


def test_a_draft_that_changed_since_it_was_read_is_not_written_over(world):
    seen = draft(world).revision
    replace(world, shipped("police-1000"))
    for stale in (seen, None):
        with pytest.raises(Conflict):
            replace(world, shipped(), seen=stale)
    assert as_interchange(draft(world)) == shipped("police-1000")


def test_an_unsound_or_unstorable_table_is_refused_and_nothing_is_stored(world):
    before = as_interchange(draft(world))
    wrong = shipped()
    wrong["groups"][0]["max"] = "1"
    assert len(faults_in(wrong)) >= 2
    long, fine, nul = shipped(), shipped(), shipped()
    long["groups"][0]["code"] = "I" * 41
    fine["rounding"] = {"places": 3}
    leaf, other = fine["groups"][0]["children"][:2]
    leaf["max"], other["max"] = (
        f"{float(leaf['max']) - 0.001:.3f}", f"{float(other['max']) + 0.001:.3f}",
    )  # fmt: skip
    nul["groups"][0]["title"] = "a\x00b"
    for table in (wrong, long, fine, nul):
        with pytest.raises(Invalid):
            replace(world, table)
    assert as_interchange(draft(world)) == before


def test_a_coded_draft_takes_no_text(world):
    CriteriaTable.objects.filter(pk=draft(world).pk).update(is_coded=True)
    with pytest.raises(Invalid, match="chỉ ghi mã số"):
        replace(world, shipped())
    bare = without_texts(shipped())
    assert codes_with_text(shipped())
    assert not codes_with_text(bare)
    assert not any(replace(world, bare).criteria.values_list("title", flat=True))


def test_beside_a_table_in_use_an_import_opens_the_next_version(world):
    operations.put_in_use(cluster_year_id=world.year.pk)
    used = standing_table(world.lead_officer, world.year)
    assert used is not None
    tie = used.criteria.filter(rule__isnull=False).order_by("order").first()
    fresh = replace(world, without(shipped(), leaf_code := tie.code))
    assert (fresh.version, fresh.status) == (used.version + 1, S.DRAFT)
    assert standing_table(world.lead_officer, world.year) == used
    assert table_to_adopt(world.year) == fresh
    operations.put_in_use(cluster_year_id=world.year.pk)
    used.refresh_from_db()
    assert used.status == S.REPLACED
    assert standing_table(world.lead_officer, world.year) == fresh
    assert leaf_code not in fresh.criteria.values_list("code", flat=True)


def test_an_unsound_draft_is_not_put_in_use_and_the_pledge_says_so(world):
    table = draft(world)
    members = list(world.year.memberships.select_related("unit"))
    version = f.current_of(world.year.pledge)
    assert not [gap for gap in missing_in(version, members) if gap.lack == "TABLE"]
    table.criteria.filter(parent=None).order_by("order").first().delete()
    [gap] = [gap for gap in missing_in(version, members) if gap.lack == "TABLE"]
    assert "thang điểm" in gap.text
    with pytest.raises(Refused, match="chưa đúng"):
        operations.put_in_use(cluster_year_id=world.year.pk)
    assert draft(world).status == S.DRAFT


def test_a_target_of_a_criterion_that_is_gone_is_told(world):
    others = set(leaves_of(shipped("police-1000")))
    code = next(code for code in leaf_codes(world) if code not in others)
    tie_a_target(world, code)
    operations.take_starter(
        cluster_year_id=world.year.pk, starter="police-1000", by=world.organiser_acting, now=NOW
    )
    members = list(world.year.memberships.select_related("unit"))
    gaps = missing_in(f.current_of(world.year.pledge), members)
    assert any(f"gắn với tiêu chí {code}, bảng tiêu chí không còn" in gap.text for gap in gaps)


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_only_the_lead_and_the_organiser_write_tables(world, who):
    by = world.officers[2] if who == "member" else make_world(2, prefix="hn").officers[0]
    with pytest.raises(Refused, match="soạn bảng tiêu chí"):
        operations.replace_tree(
            cluster_year_id=world.year.pk, table=shipped(), source="", by=by,
            seen=draft(world).revision, now=NOW,
        )  # fmt: skip
