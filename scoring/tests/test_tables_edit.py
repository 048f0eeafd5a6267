"""Editing a draft and its versions: one act, one event, nothing lost, the rules under the lock."""

import json
from collections import Counter
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from clusters.acting import Acting
from clusters.models import ClusterYear, Membership
from clusters.policies import Place
from clusters.tests.factories import NOW, World, make_world
from core.models import AuditEvent
from core.policy import Conflict, Invalid, Refused
from pledges import operations as pledge_operations
from pledges.tests import factories as f
from pledges.tests import year as walk
from scoring import operations
from scoring.forms.table_edit import LeafForm
from scoring.forms.table_rules import LevelRow
from scoring.models import CriteriaTable
from scoring.policies import table as policies
from scoring.queries.table import as_interchange, draft_of, standing_table, takes_target
from scoring.queries.table_coded import codes_with_text
from scoring.queries.table_diff import changes_between, said_of_changes
from scoring.queries.table_editor import editor_of
from scoring.queries.table_faults import faults_in, faults_of
from scoring.tablebook.names import LONGEST, LONGEST_LABEL

pytestmark = pytest.mark.django_db
S = CriteriaTable.Status
LEAF = {"code": "X.1", "title": "Tiêu chí mới", "max": "2", "rule": {"kind": "direct"}}


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    world = make_world()
    f.start(world)
    return world


def draft(world: World) -> CriteriaTable:
    found = draft_of(world.year)
    assert found is not None
    return found


def act(world: World, verb, *, by: Acting | None = None, **values):
    values.setdefault("seen", draft(world).revision)
    return verb(cluster_year_id=world.year.pk, by=by or world.lead_officer, now=NOW, **values)


def events(last: int) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(seq__gt=last).order_by("seq"))


def first_leaf(world: World):
    return draft(world).criteria.filter(rule__isnull=False).order_by("order").first()


def group_codes(world: World) -> list[str]:
    rows = draft(world).criteria.filter(parent=None).order_by("order")
    return list(rows.values_list("code", flat=True))


# Rows -------------------------------------------------------------------------------------------
def test_a_leaf_is_added_at_the_end_of_its_group_with_one_event(world):
    group, last = group_codes(world)[0], AuditEvent.objects.count()
    act(world, operations.save_row, code=None, node=LEAF, above=group)
    rows = draft(world).criteria.filter(parent__code=group).order_by("order")
    assert rows.last().code == "X.1"
    [event] = events(last)
    assert event.action == "scoring.table_edited"
    assert event.after == {"changes": "thêm X.1"}
    orders = list(draft(world).criteria.order_by("order").values_list("order", flat=True))
    assert orders == list(range(1, len(orders) + 1))


def test_a_draft_may_be_unsound_and_says_everything_at_once(world):
    group = group_codes(world)[0]
    act(world, operations.save_row, code=None, node=LEAF, above=group)
    act(world, operations.save_row, code=None, node={"code": "Z", "max": "1", "children": []},
        above="")  # fmt: skip
    editor = editor_of(draft(world), Counter())
    faulty = {row.code: row.faults for row in editor.rows if row.faults}
    assert set(faulty) == {group, "Z"}
    assert "chưa có tiêu chí nào" in faulty["Z"][0]
    assert editor.balance.trouble == "thừa 1"
    assert [fault.code for fault in editor.faults].count("") == 1  # the sum against the scale
    assert not any("JSON" in fault.sentence for fault in editor.faults)
    row = next(row for row in editor.rows if row.code == group)
    assert not row.is_even


def test_a_renamed_row_keeps_its_key_its_targets_and_its_place_among_tie_breakers(world):
    table = act(world, operations.save_head, head=head_with_ties(world))
    group = group_codes(world)[0]
    leaf = first_leaf(world)
    tie(world, leaf)
    node = leaf_node(world, leaf.code) | {"code": "I.mới"}
    act(world, operations.save_row, code=leaf.code, node=node, above=leaf.parent.code)
    assert draft(world).criteria.get(pk=leaf.pk).code == "I.mới"
    assert f.current_of(world.year.pledge).targets.get(criterion=leaf).criterion.code == "I.mới"
    last = AuditEvent.objects.count()
    node = {"code": "A", "title": "Nhóm A", "max": "1", "children": []}
    act(world, operations.save_row, code=group, node=node, above="")
    assert draft(world).settings["ranking"]["tie_breakers"] == ["group:A"]
    assert table.settings["ranking"]["tie_breakers"] == [f"group:{group}"]
    [event] = events(last)
    assert f"mã {group} → A" in event.after["changes"]
    assert "thuộc nhóm" not in event.after["changes"]


def head_with_ties(world: World) -> dict[str, Any]:
    table = as_interchange(draft(world))
    head = {key: value for key, value in table.items() if key != "groups"}
    return head | {"ranking": {"by": "percent", "tie_breakers": [f"group:{group_codes(world)[0]}"]}}


def leaf_node(world: World, code: str) -> dict[str, Any]:
    stack: list[dict[str, Any]] = as_interchange(draft(world))["groups"]
    while stack:
        node = stack.pop()
        if node["code"] == code:
            return node
        stack += node.get("children", [])
    raise AssertionError(code)


def tie(world: World, leaf, level: str = "80") -> None:
    pledge_operations.save_target(
        pledge_id=world.year.pledge.pk, key=None, seen="",
        values=f.target_values(f"Chỉ tiêu của {leaf.code}", criterion_id=leaf.pk),
        levels=f.levels_for(world, level), by=world.lead_officer, now=NOW,
    )  # fmt: skip


def test_rows_move_within_their_group_and_into_another(world):
    groups = group_codes(world)
    act(world, operations.move_row, code=groups[1], up=True)
    assert group_codes(world)[:2] == [groups[1], groups[0]]
    before = as_interchange(draft(world))
    act(world, operations.move_row, code=groups[1], up=True)  # already the first
    assert as_interchange(draft(world)) == before
    leaf = draft(world).criteria.filter(parent__code=groups[0], rule__isnull=False).first()
    node = leaf_node(world, leaf.code)
    act(world, operations.save_row, code=leaf.code, node=node, above=groups[1])
    moved = draft(world).criteria.get(pk=leaf.pk)
    assert moved.parent.code == groups[1]


def test_a_group_goes_with_all_below_it_but_not_with_a_target(world):
    leaf, last = first_leaf(world), group_codes(world)[-1]
    tie(world, leaf)
    with pytest.raises(Invalid, match=r"1 chỉ tiêu"):
        act(world, operations.remove_row, code=group_codes(world)[0])
    act(world, operations.remove_row, code=last)  # negative control: nothing names it
    assert last not in group_codes(world)
    assert not draft(world).criteria.filter(code__startswith=f"{last}.").exists()


@pytest.mark.parametrize(
    ("code", "node", "above", "field"),
    [
        (None, LEAF, "", "above"),
        (None, LEAF, "leaf", "above"),
        (None, LEAF | {"code": "leaf"}, "group", "code"),
        (None, {"code": "Y", "kind": "bonus", "children": []}, "group", "kind"),
        ("group", {"code": "group", "max": "1", "children": []}, "group", "above"),
    ],
)
def test_a_row_that_can_stand_nowhere_is_refused_at_its_field(world, code, node, above, field):
    names = {"leaf": first_leaf(world).code, "group": group_codes(world)[0]}
    node = node | {"code": names.get(node["code"], node["code"])}
    before = as_interchange(draft(world))
    with pytest.raises(Invalid) as refusal:
        act(world, operations.save_row, code=names.get(code, code), node=node,
            above=names.get(above, above))  # fmt: skip
    assert refusal.value.field == field
    assert as_interchange(draft(world)) == before


LONG = {
    "legal_basis": LEAF | {"legal_basis": "x" * 1001},
    "": LEAF | {"rule": {"kind": "levels", "levels": [{"label": "x" * 201, "points": "1"}]}},
}


@pytest.mark.parametrize("field", LONG)
def test_what_an_import_refuses_for_its_length_no_other_way_stores(world, field):
    with pytest.raises(Invalid, match=r"của X\.1 quá dài, chỉ nhận tối đa") as refusal:
        act(world, operations.save_row, code=None, node=LONG[field], above=group_codes(world)[0])
    assert refusal.value.field == field
    head = head_with_ties(world) | {"classification": [{"label": "x" * 61, "from": "50"}]}
    with pytest.raises(Invalid, match=r"Tên loại .* tối đa 60 ký tự"):
        act(world, operations.save_head, head=head)
    assert vars(LeafForm.base_fields["legal_basis"])["max_length"] == LONGEST["legal_basis"]
    assert vars(LevelRow.base_fields["label"])["max_length"] == LONGEST_LABEL


def test_maxima_are_saved_in_one_act_and_whoever_was_overtaken_is_told(world):
    leaf, seen, last = first_leaf(world), draft(world).revision, AuditEvent.objects.count()
    act(world, operations.save_points, points={leaf.code: Decimal("1.5")})
    assert draft(world).criteria.get(pk=leaf.pk).max_points == Decimal("1.5")
    assert len(events(last)) == 1
    with pytest.raises(Conflict):
        act(world, operations.save_points, points={leaf.code: Decimal(9)}, seen=seen)
    with pytest.raises(Conflict):
        act(world, operations.save_points, points={"gone": Decimal(9)})
    last = AuditEvent.objects.count()
    act(world, operations.save_points, points={leaf.code: Decimal("1.5")})  # nothing changes
    assert not events(last)


# Versions ---------------------------------------------------------------------------------------
def test_a_table_in_use_is_copied_into_the_next_version_with_its_reason(world):
    operations.put_in_use(cluster_year_id=world.year.pk)
    used = standing_table(world.lead_officer, world.year)
    fresh = operations.make_version(
        cluster_year_id=world.year.pk, reason="Theo hướng dẫn mới", by=world.lead_officer, now=NOW
    )
    assert used is not None
    assert as_interchange(fresh) == as_interchange(used)
    assert (fresh.version, fresh.reason) == (used.version + 1, "Theo hướng dẫn mới")
    with pytest.raises(Refused, match="Đã có bản nháp"):
        operations.make_version(
            cluster_year_id=world.year.pk, reason="Nữa", by=world.lead_officer, now=NOW
        )
    act(world, operations.drop_draft)
    assert draft_of(world.year) is None
    assert standing_table(world.lead_officer, world.year) == used


@pytest.fixture(scope="module")
def running(kept: None) -> World:
    """A signed pledge with a target in numbers on a leaf that takes one, the year running."""
    world = make_world(prefix="rn")
    f.start(world)
    leaf = next(
        leaf for leaf in draft(world).criteria.filter(rule__isnull=False).order_by("order")
        if takes_target(leaf)
    )  # fmt: skip
    tie(world, leaf)
    plain = draft(world).criteria.filter(rule__kind="direct").order_by("order").first()
    tie(world, plain, "0")
    f.circulate(world, world.year.pledge)
    f.freeze(world, f.consent_all(world, world.year.pledge))
    f.sign_all(world, f.open_signing(world, world.year.pledge))
    world.year.refresh_from_db()
    return world


def open_version(world: World) -> CriteriaTable:
    return operations.make_version(
        cluster_year_id=world.year.pk, reason="Sửa", by=world.lead_officer, now=NOW
    )


def adopt(world: World, by: Acting | None = None) -> Any:
    return act(world, operations.adopt_version, by=by or world.organiser_acting,
               decision="Quyết định số 12/QĐ-CAT")  # fmt: skip


def test_a_new_version_is_put_in_use_beside_the_signed_pledge_by_decision(running):
    used, fresh = standing_table(running.lead_officer, running.year), open_version(running)
    other = fresh.criteria.filter(rule__kind="direct").order_by("order").first()
    act(running, operations.save_row, code=other.code, above=other.parent.code,
        node=leaf_node(running, other.code) | {"title": "Tên khác"})  # fmt: skip
    with pytest.raises(Refused, match="Cơ quan thường trực"):
        adopt(running, running.lead_officer)
    last = AuditEvent.objects.count()
    assert adopt(running).status == S.IN_USE
    used.refresh_from_db()
    assert used.status == S.REPLACED
    [event] = events(last)
    assert event.after["decision"] == "Quyết định số 12/QĐ-CAT"
    assert "→ Tên khác" in event.after["changes"]


def test_a_version_that_cannot_score_a_signed_target_is_not_put_in_use(running):
    fresh = open_version(running)
    leaf = next(
        row for row in fresh.criteria.filter(rule__isnull=False) if takes_target(row)
        and row.code in {t.criterion.code for t in targets_of(running)}
    )  # fmt: skip
    node = leaf_node(running, leaf.code)
    act(running, operations.save_row, code=leaf.code, above=leaf.parent.code,
        node=node | {"rule": {"kind": "direct"}})  # fmt: skip
    with pytest.raises(Refused, match=rf"{leaf.code} \(1 chỉ tiêu\)"):
        adopt(running)
    # A signed level is not a change against last year.
    act(running, operations.save_row, code=leaf.code, above=leaf.parent.code,
        node=node | {"rule": node["rule"] | {"baseline": True}})  # fmt: skip
    with pytest.raises(Refused, match=rf"{leaf.code} \(1 chỉ tiêu\).*như đã ký"):
        adopt(running)
    act(running, operations.save_row, code=leaf.code, above=leaf.parent.code, node=node)
    act(running, operations.save_points, points={leaf.code: Decimal("0.01")})
    with pytest.raises(Refused, match="chưa đúng"):
        adopt(running)


def test_a_version_that_would_hold_results_against_a_signed_zero_is_not_put_in_use(running):
    open_version(running)
    tied = targets_of(running)
    zero = next(t for t in tied if t.values.filter(value=0).exists())
    code, above = zero.criterion.code, zero.criterion.parent.code
    node = leaf_node(running, code)
    other = next(t for t in tied if t != zero).criterion.code
    held = leaf_node(running, other)["rule"]
    act(running, operations.save_row, code=code, above=above, node=node | {"rule": held})
    with pytest.raises(Refused, match=rf"đã ký bằng 0.*{code} \(“{zero.text}”\)"):
        adopt(running)
    act(running, operations.save_row, code=code, above=above, node=node)
    assert adopt(running).status == S.IN_USE


def targets_of(world: World):
    return f.current_of(world.year.pledge).targets.filter(criterion__isnull=False)


def test_once_the_sheets_are_open_no_table_is_written(kept):
    world = walk.yearend_world(world=make_world(prefix="ye"))
    for verb in (
        lambda: open_version(world),
        lambda: operations.replace_tree(
            cluster_year_id=world.year.pk, table={"groups": []}, source="", seen=None,
            by=world.organiser_acting, now=NOW,
        ),
    ):  # fmt: skip
        with pytest.raises(Refused, match="không sửa bảng nữa"):
            verb()


# Coded ------------------------------------------------------------------------------------------
def test_a_coded_table_holds_no_text_and_takes_none(world):
    text = first_leaf(world).title
    last = AuditEvent.objects.count()
    table = act(world, operations.switch_coded)
    assert table.is_coded
    assert not codes_with_text(as_interchange(table))
    assert not any(table.criteria.values_list("search_key", flat=True))
    [event] = events(last)
    assert text not in json.dumps([event.before, event.after], ensure_ascii=False)
    group = group_codes(world)[0]
    for spoken in ({"title": "Nội dung"}, {"title": "", "legal_basis": "Thông tư 1"}):
        with pytest.raises(Invalid, match="chỉ ghi mã số"):
            act(world, operations.save_row, code=None, node=LEAF | spoken, above=group)
    act(world, operations.save_row, code=None, node=LEAF | {"title": ""}, above=group)
    with pytest.raises(Refused, match="đã ở chế độ"):
        act(world, operations.switch_coded)


def test_the_next_version_of_a_coded_table_is_coded_too(world):
    act(world, operations.switch_coded)
    operations.put_in_use(cluster_year_id=world.year.pk)
    assert open_version(world).is_coded


# Rules ------------------------------------------------------------------------------------------
PLACES = {
    "organiser": Place(Acting(1, "A", role="ORGANISER", unit_id=8), is_organiser=True),
    "lead officer": Place(Acting(1, "A", role="OFFICER", unit_id=1), Membership(role="LEAD")),
    "lead head": Place(Acting(1, "A", role="HEAD", unit_id=1), Membership(role="LEAD")),
    "deputy": Place(Acting(1, "A", role="HEAD", unit_id=2), Membership(role="DEPUTY")),
    "member": Place(Acting(1, "A", role="OFFICER", unit_id=3), Membership(role="MEMBER")),
    "nobody": Place(Acting(1, "A")),
}
EARLY = {"PREPARING", "DRAFTING", "SIGNING", "RUNNING", "MIDYEAR"}
YEARS = [*EARLY, "YEAREND", "APPRAISING", "PUBLISHED", "ARCHIVED"]


@pytest.mark.parametrize("who", PLACES)
def test_truth_table(who):
    for case in product(sorted(YEARS), [True, False], [True, False], [True, False]):
        hold_against_the_rules(who, *case)


def hold_against_the_rules(who, status, drafted, used, sheets):
    standing = policies.TableStanding(
        PLACES[who], ClusterYear(status=status),
        CriteriaTable(status="DRAFT") if drafted else None,
        CriteriaTable(status="IN_USE") if used else None, sheets,
    )  # fmt: skip
    writes = who in {"organiser", "lead officer", "lead head"} and status in EARLY and not sheets
    adopts = who == "organiser" and status in {"RUNNING", "MIDYEAR"} and not sheets and drafted
    for verdict, allowed in (
        (policies.may_write_table(standing), writes),
        (policies.may_edit_table(standing), writes and drafted),
        (policies.may_make_version(standing), writes and used and not drafted),
        (policies.may_drop_draft(standing), writes and used and drafted),
        (policies.may_switch_coded(standing), writes and drafted),
        (policies.may_adopt(standing, 0, ""), adopts),
        (policies.may_adopt(standing, 2, ""), False),
        (policies.may_adopt(standing, 0, "I.1 (1 chỉ tiêu)"), False),
        (policies.may_adopt(standing, 0, "", "I.1 (“Số vụ”)"), False),
    ):
        assert bool(verdict) is allowed
        assert verdict or verdict.reason.endswith(".")


# Differences and faults -------------------------------------------------------------------------
def table_of(*leaves: dict[str, Any], **head) -> dict[str, Any]:
    total = sum(Decimal(leaf["max"]) for leaf in leaves)
    group = {"code": "I", "max": f"{total}", "children": list(leaves)}
    return {"name": "Bảng", "scale_total": f"{total}", "groups": [group], **head}


PARAMETERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("percent_of_target", {}, {"cap_percent": None}),
    ("percent_of_target", {}, {"cap_percent": "120"}),
    ("percent_of_target", {}, {"floor_percent": "50"}),
    ("percent_of_target", {}, {"direction": "down"}),
    ("percent_of_target", {}, {"baseline": True}),
    ("cluster_relative", {}, {"lead_share": "0.4"}),
    ("cluster_relative", {}, {"no_target": "skip"}),
    ("zero_tolerance", {}, {"veto": True}),
    ("deduct_per_event", {"points_each": "1"}, {"points_each": "2"}),
    ("deduct_short", {"per_percent": "1"}, {"per_percent": "2"}),
    ("rank_points", {"points": ["2"]}, {"points": ["1"]}),
    ("levels", {"levels": [{"label": "A", "points": "1"}]},
     {"levels": [{"label": "A", "points": "2"}]}),
    ("per_occurrence", {"items": [{"label": "A", "points_each": "1"}]},
     {"items": [{"label": "A", "points_each": "1"}], "max": "1"}),
    ("bands", {"on": "actual", "bands": [{"points": "1"}]},
     {"on": "days_late", "bands": [{"points": "1"}]}),
    ("bands", {"on": "actual", "bands": [{"from": "1", "points": "1"}]},
     {"on": "actual",
      "bands": [{"from": "1", "from_inclusive": False, "points": "1"}]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"max": "2"}, {"max": "3"}, "điểm tối đa 2 → 3"),
        ({"title": "A"}, {"title": "B"}, "nội dung A → B"),
        ({}, {"unit_of_measure": "vụ"}, "đơn vị tính – → vụ"),
        ({}, {"legal_basis": "TT 1"}, "căn cứ – → TT 1"),
        ({}, {"evidence_required": True}, "minh chứng bắt buộc – → có"),
        ({}, {"target": "80"}, "chỉ tiêu đề nghị – → 80"),
        ({}, {"rule": {"kind": "pass_fail"}}, "Chấm trực tiếp → Đạt hoặc không đạt"),
        *[
            ({"rule": {"kind": kind, **old}}, {"rule": {"kind": kind, **new}}, "cách tính")
            for kind, old, new in PARAMETERS
        ],
    ],
)  # fmt: skip
def test_no_difference_goes_unsaid(old, new, said):
    leaf: dict[str, Any] = {"code": "I.1", "max": "2", "rule": {"kind": "direct"}}
    [change, *_] = [
        change
        for change in changes_between(table_of(leaf | old), table_of(leaf | new))
        if change.code == "I.1"
    ]
    assert said in change.said


def test_the_head_and_the_order_are_compared_too():
    one, two = ({"code": code, "max": "1", "rule": {"kind": "direct"}} for code in ("I.1", "I.2"))
    moved = changes_between(table_of(one, two), table_of(two, one))
    assert said_of_changes(moved) == "xếp lại I (I.1, I.2 → I.2, I.1)"
    assert [change.name for change in moved] == ["I"]
    # The order is said beside other changes too, renamed rows by their new codes.
    both = changes_between(
        table_of(one, two), table_of(two | {"max": "2"}, one | {"code": "I.0"}), {"I.0": "I.1"}
    )
    assert said_of_changes(both).endswith("xếp lại I (I.0, I.2 → I.2, I.0)")
    table = table_of(one)
    turned = [table["groups"][0], {"code": "T", "kind": "bonus", "children": []}]
    first, second = table | {"groups": turned}, table | {"groups": turned[::-1]}
    assert said_of_changes(changes_between(first, second)) == "xếp lại các nhóm (I, T → T, I)"
    assert not changes_between(table_of(one, two), table_of(one, two))
    ranked = table_of(one, ranking={"by": "total", "tie_breakers": ["penalty"]})
    said = said_of_changes(changes_between(table_of(one), ranked))
    assert "tổng điểm" in said
    assert "điểm trừ ít hơn" in said


def test_faults_stand_beside_their_row_with_a_comma_and_without_json():
    leaf = {"code": "I.1", "max": "1.5", "rule": {
        "kind": "levels", "levels": [{"label": "Tốt", "points": "2.5"}]}}  # fmt: skip
    table = table_of(leaf, ranking={"tie_breakers": ["group:K"]})
    [levels, ties] = sorted(faults_in(table), key=lambda fault: fault.code, reverse=True)
    assert (levels.code, levels.path) == ("I.1", "rule.levels[0].points")
    assert "số 2,5 ngoài phạm vi" in levels.sentence
    assert "không quá 1,5" in levels.sentence
    assert not ties.code
    assert "một nhóm không còn" in ties.sentence


def test_a_sound_table_has_no_fault(world):
    assert not faults_of(draft(world))
