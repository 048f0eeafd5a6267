"""Quotas and nominations: how many, who, within what, and what may be taken back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clusters.models import ClusterYear, Cycle, MemberRole, Unit
from clusters.queries import start_from
from clusters.tests.factories import Cluster
from core.history import uncovered
from core.models import AuditEvent, Notice
from core.policy import Conflict, Invalid, Refused
from pledges.tests import year as walk
from scoring.models import AwardQuota, BallotSubject, Nomination
from scoring.operations import nomination as operations
from scoring.operations.quota import QuotaPlan, copy_quotas, remove_quota, set_quota
from scoring.policies.nomination import Contender, why_not_titled
from scoring.policies.quota import Bases, allowance
from scoring.queries.nomination import rows_for, titles_of, workbook_of
from scoring.queries.quota import quotas_for, row_of, rows_of
from scoring.tests import voting as v
from scoring.workflow import ballot as ballots
from scoring.workflow import run as runs

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept):
    return v.final(v.provisional_world())


def nominate(world, quota: AwardQuota, *places: int, **more):
    units = frozenset(world.units[place].pk for place in places)
    return operations.nominate(
        **{"cluster_year_id": world.year.pk, "quota_id": quota.pk, "unit_ids": units,
           "by": world.lead_officer, "now": walk.FINAL, **more}
    )  # fmt: skip


# Rules ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("more", "bases", "wanted"),
    [
        ({"max_count": 3}, Bases(8, 1), 3),
        ({"max_percent": Decimal(20)}, Bases(8, 1), 1),
        ({"max_percent": Decimal("12.5")}, Bases(8, 1), 1),
        ({"max_percent": Decimal("12.49")}, Bases(8, 1), 0),
        ({"max_percent": Decimal("33.33")}, Bases(3, 1), 0),
        ({"max_percent": Decimal(100)}, Bases(13, 1), 13),
        ({"max_percent": Decimal(20), "percent_of": "LEADERS"}, Bases(80, 15), 3),
        ({"max_percent": Decimal(20), "percent_of": "LEADERS"}, Bases(80, 4), 0),
    ],
)
def test_how_many_units_a_quota_allows(more, bases, wanted):
    assert allowance(AwardQuota(title="Cờ", **more), bases) == wanted


def contender(**more) -> Contender:
    facts: dict[str, Any] = {
        "unit_id": 1, "unit_name": "CA Ba Đồn", "rank": 1, "points": "95,00",
        "is_considered": True, "is_leader": True, "closed_on": None, "was_unconsidered": False,
    }  # fmt: skip
    return Contender(**facts | more)


@pytest.mark.parametrize(
    ("more", "leaders_only", "why"),
    [
        ({}, False, ""), ({}, True, ""),
        ({"is_leader": False, "rank": 2}, False, ""),
        ({"is_leader": False, "rank": 2}, True, "Danh hiệu này chỉ dành cho đơn vị dẫn đầu."),
        ({"is_considered": False, "rank": None}, False, "Không xét thi đua năm nay."),
        ({"rank": None, "is_leader": False}, False, "Không được xếp hạng."),
        ({"closed_on": date(2026, 12, 30)}, False,
         "Đơn vị kết thúc hoạt động từ ngày 30/12/2026."),
        ({"closed_on": date(2026, 12, 31)}, False, ""),
        ({"was_unconsidered": True}, False, ""),
    ],
)  # fmt: skip
def test_who_cannot_be_nominated_and_why(more, leaders_only, why):
    quota = AwardQuota(title="Cờ", max_count=1, leaders_only=leaders_only)
    assert why_not_titled(contender(**more), quota, date(2026, 12, 30)) == why


# Quotas --------------------------------------------------------------------------------------
def change(world, quota: AwardQuota, **more) -> AwardQuota:
    row = AwardQuota.objects.get(pk=quota.pk)
    plan: dict[str, Any] = {
        "title": row.title, "order": row.order, "cluster_id": row.cluster_id,
        "max_count": row.max_count, "max_percent": row.max_percent,
        "percent_of": row.percent_of, "leaders_only": row.leaders_only,
    }  # fmt: skip
    return set_quota(
        cluster_year_id=world.year.pk, quota_id=quota.pk, seen=more.pop("seen", row.revision),
        plan=QuotaPlan(**plan | more), by=more.pop("by", world.organiser_acting), now=walk.FINAL,
    )  # fmt: skip


def test_a_quota_is_the_organisers_and_a_number_or_a_per_cent(world):
    quota = v.quota(world)
    assert row_of(quota, world.year).rule == "1 đơn vị"
    per_cent = v.quota(world, "Bằng khen", max_percent=Decimal(67))
    row = row_of(per_cent, world.year)
    assert (row.rule, row.allows) == ("67 % số đơn vị thành viên (3), làm tròn xuống", 2)
    with pytest.raises(Invalid, match="chỉ một trong hai"):
        change(world, quota, max_percent=Decimal(5))
    with pytest.raises(Invalid, match="đã có chỉ tiêu"):
        v.quota(world)
    with pytest.raises(Invalid, match="dẫn đầu chỉ đặt chung"):
        v.quota(world, "Cờ khác", max_percent=Decimal(20), percent_of="LEADERS",
                cluster_id=world.cluster.pk)  # fmt: skip
    with pytest.raises(Invalid, match="có trong kỳ này"):
        v.quota(world, "Cờ khác", cluster_id=999_999)
    with pytest.raises(Refused, match="Cơ quan thường trực đặt"):
        set_quota(
            cluster_year_id=world.year.pk, quota_id=None, seen=0,
            plan=QuotaPlan("Cờ lạ", 1, max_count=1), by=world.lead_officer, now=walk.FINAL,
        )  # fmt: skip


def test_a_quota_with_nominations_keeps_its_title_and_enough_room(world):
    quota = v.quota(world, max_count=2)
    nominate(world, quota, 0, 1)
    with pytest.raises(Refused, match="Đã đề nghị 2 đơn vị, nhiều hơn 1 đơn vị"):
        change(world, quota, max_count=1)
    for more in ({"title": "Cờ khác"}, {"leaders_only": True}, {"cluster_id": world.cluster.pk}):
        with pytest.raises(Refused, match="không đổi danh hiệu"):
            change(world, quota, **more)
    assert change(world, quota, max_count=3).max_count == 3
    with pytest.raises(Conflict):
        change(world, quota, max_count=4, seen=1)
    with pytest.raises(Refused, match="đã có 2 đề nghị"):
        remove_quota(
            cluster_year_id=world.year.pk, quota_id=quota.pk, by=world.organiser_acting,
            now=walk.FINAL,
        )  # fmt: skip


def test_a_quota_nothing_rests_on_is_removed(world):
    quota = v.quota(world)
    remove_quota(
        cluster_year_id=world.year.pk, quota_id=quota.pk, by=world.organiser_acting, now=walk.FINAL
    )
    assert not AwardQuota.objects.exists()
    assert AuditEvent.objects.get(action="scoring.common_quota_removed").before["title"] == v.FLAG


def test_a_title_of_the_clusters_own_replaces_the_common_one_there(world):
    common, own = v.quota(world), v.quota(world, max_count=2, cluster_id=world.cluster.pk)
    assert quotas_for(world.year) == [own]
    nominate(world, own, 0, 1)
    assert [row.nominated for row in rows_of([common, own], world.year)] == [0, 2]
    with pytest.raises(Refused, match="không áp dụng"):
        nominate(world, common, 2)


def test_quotas_are_copied_from_the_cycle_before_and_what_stands_is_kept(world):
    before = Cycle.objects.create(
        organiser=world.organiser, year=2025, starts_on=date(2024, 12, 15),
        ends_on=date(2025, 12, 14), theme="Phong trào",
    )  # fmt: skip
    gone = Cluster.objects.create(organiser=world.organiser, kind="KHOI", code="K9", name="Khối 9")
    for title, cluster in ((v.FLAG, None), ("Bằng khen", world.cluster), ("Giấy khen", gone)):
        AwardQuota.objects.create(cycle=before, title=title, cluster=cluster, max_count=5)
    v.quota(world)
    copy = {"cluster_year_id": world.year.pk, "by": world.organiser_acting, "now": walk.FINAL}
    assert copy_quotas(**copy) == 1
    titles = {q.title: q.max_count for q in AwardQuota.objects.filter(cycle=world.year.cycle)}
    assert titles == {v.FLAG: 1, "Bằng khen": 5}
    with pytest.raises(Refused, match="đã có mọi chỉ tiêu"):
        copy_quotas(**copy)


# Nominations ---------------------------------------------------------------------------------
def test_nominations_stop_at_the_quota_and_a_withdrawn_one_frees_its_place(world):
    quota = v.quota(world)
    with pytest.raises(Refused, match="có 1 đơn vị, còn 1; đang đề nghị thêm 2"):
        nominate(world, quota, 0, 1)
    (first,) = nominate(world, quota, 0)
    with pytest.raises(Refused, match="còn 0"):
        nominate(world, quota, 1)
    with pytest.raises(Invalid, match="đã được đề nghị"):
        nominate(world, quota, 0)
    taken = Nomination.objects.get(unit=world.units[0])
    withdraw = {
        "cluster_year_id": world.year.pk, "nomination_id": taken.pk, "by": world.lead_officer,
        "now": walk.FINAL,
    }  # fmt: skip
    with pytest.raises(Invalid, match="lý do"):
        operations.withdraw_nomination(reason="", **withdraw)
    operations.withdraw_nomination(reason="Trùng thành tích", **withdraw)
    nominate(world, quota, 1)
    nominated = next(row.nominations for row in titles_of(world.year))
    assert [(n.unit_id, n.withdrawn_at is None) for n in nominated] == [
        (world.units[0].pk, False), (world.units[1].pk, True),
    ]  # fmt: skip
    with pytest.raises(Refused, match="đã được rút"):
        operations.withdraw_nomination(reason="Lần nữa", **withdraw)
    assert first.ballot_id is None, "a vote is no condition"


def test_only_leaders_where_the_title_says_so(world):
    quota = v.quota(world, leaders_only=True, max_count=3)
    with pytest.raises(Invalid, match="chỉ dành cho đơn vị dẫn đầu"):
        nominate(world, quota, 2)
    nominate(world, quota, 0, 1)


def test_who_nominates_and_when(world):
    quota = v.quota(world, max_count=3)
    for person in (world.officers[1], world.heads[2], world.organiser_head):
        with pytest.raises(Refused, match="Đơn vị trưởng và cơ quan thường trực"):
            nominate(world, quota, 0, by=person)
    nominate(world, quota, 0, by=world.organiser_acting)
    runs.revoke(
        cluster_year_id=world.year.pk, reason="Quyết định 05", by=world.organiser_acting,
        now=walk.FINAL,
    )  # fmt: skip
    with pytest.raises(Refused, match="bị thu hồi"):
        nominate(world, quota, 1)


def test_before_the_official_result_nobody_is_nominated(world):
    quota = v.quota(world)
    ClusterYear.objects.filter(pk=world.year.pk).update(status="OBJECTIONS")
    from django.db import connection  # noqa: PLC0415

    from core.guards import suspended  # noqa: PLC0415 - only to stand before the publication
    from scoring.models import Publication  # noqa: PLC0415

    with suspended(connection):
        Publication.objects.filter(status="FINAL").delete()
    with pytest.raises(Refused, match="sau khi công bố kết quả chính thức"):
        nominate(world, quota, 0)


def test_a_unit_that_ended_gets_no_title(world):
    quota = v.quota(world, max_count=3)
    Unit.objects.filter(pk=world.units[0].pk).update(closed_on=walk.FINAL.date())
    with pytest.raises(Invalid, match="kết thúc hoạt động"):
        nominate(world, quota, 0)


def test_units_chosen_by_a_vote_are_offered_ticked_and_named_with_it(world):
    quota = v.quota(world)
    row = v.opened(world, subject=BallotSubject.TITLE, quota_id=quota.pk)
    for index in (0, 1):
        v.cast(world, row, index, 1)
    v.count(world, row)
    rows = rows_for(world.year, quota, walk.FINAL.date())
    assert [(one.is_chosen, one.vote) for one in rows] == [
        (False, "0/2 phiếu, không trúng"), (True, "2/2 phiếu, trúng"),
        (False, "0/2 phiếu, không trúng"),
    ]  # fmt: skip
    nominate(world, quota, 1)
    assert Nomination.objects.get().ballot_id == row.pk
    told = Notice.objects.filter(text__startswith="Đã đề nghị khen thưởng")
    assert world.officers[1].user_id in set(told.values_list("recipient", flat=True))
    assert workbook_of(world.year)[:2] == b"PK"


# Next year -----------------------------------------------------------------------------------
def test_whom_the_votes_chose_leads_the_next_year_in_the_proposal(world):
    row = v.opened(world)
    for index in range(3):
        v.cast(world, row, index, 1)
    v.count(world, row)
    roles = {one["unit"]: one["role"] for one in start_from(world.year).members}
    assert roles == {
        str(world.units[0].pk): MemberRole.MEMBER,
        str(world.units[1].pk): MemberRole.LEAD,
        str(world.units[2].pk): MemberRole.MEMBER,
    }


def test_two_clusters_share_a_common_quota(world):
    second = v.second_year(world)
    quota = v.quota(world, max_percent=Decimal(40))
    assert row_of(quota, world.year).allows == row_of(quota, second).allows == 2, "40 % of five"
    nominate(world, quota, 0, 1)
    assert row_of(quota, second).left == 0


# What members of one cluster read of the others -------------------------------------------------
def read_of_quotas(acting, year: ClusterYear) -> set[str]:
    """Return what the history of a year tells a person about quotas."""
    events = AuditEvent.objects.filter(cluster_year_id=year.pk, action__contains="quota")
    return set(uncovered(events, acting, year).values_list("action", flat=True))


def test_members_read_of_their_own_quotas_and_not_of_those_of_others(world):
    second = v.second_year(world)
    v.quota(world, cluster_id=second.cluster_id)
    assert read_of_quotas(world.organiser_acting, world.year) == set()
    assert read_of_quotas(world.organiser_acting, second) == {"scoring.quota_set"}
    v.quota(world, "Bằng khen")
    moved = v.quota(world, "Giấy khen", cluster_id=world.cluster.pk)
    change(world, moved, cluster_id=second.cluster_id)
    for person in (world.lead_officer, world.heads[1]):
        assert read_of_quotas(person, world.year) == {"scoring.quota_set"}, "their own"
    everything = {"scoring.quota_set", "scoring.common_quota_set"}
    assert read_of_quotas(world.organiser_acting, world.year) == everything
    common = AwardQuota.objects.get(title="Bằng khen")
    for quota in (common, AwardQuota.objects.get(title=v.FLAG)):
        remove_quota(
            cluster_year_id=world.year.pk, quota_id=quota.pk, by=world.organiser_acting,
            now=walk.FINAL,
        )  # fmt: skip
    assert read_of_quotas(world.heads[1], world.year) == {"scoring.quota_set"}
    assert "scoring.quota_removed" in read_of_quotas(world.organiser_acting, second)


def test_what_was_withdrawn_keeps_its_title_too(world):
    quota = v.quota(world)
    (first,) = nominate(world, quota, 0)
    operations.withdraw_nomination(
        cluster_year_id=world.year.pk, nomination_id=Nomination.objects.get(unit=first.unit_id).pk,
        reason="Trùng thành tích", by=world.lead_officer, now=walk.FINAL,
    )  # fmt: skip
    with pytest.raises(Refused, match="kể cả đề nghị đã rút"):
        change(world, quota, title="Cờ khác")
    assert change(world, quota, max_count=2).max_count == 2


def test_a_cluster_gets_no_own_quota_beside_what_rests_on_the_common_one(world):
    common = v.quota(world, max_count=2)
    (first,) = nominate(world, common, 0)
    with pytest.raises(Refused, match="1 đề nghị, 0 cuộc bỏ phiếu theo chỉ tiêu chung"):
        v.quota(world, cluster_id=world.cluster.pk)
    other = v.quota(world, "Bằng khen", cluster_id=world.cluster.pk)
    with pytest.raises(Refused, match="theo chỉ tiêu chung"):
        change(world, other, title=v.FLAG)
    before = Cycle.objects.create(
        organiser=world.organiser, year=2025, starts_on=date(2024, 12, 15),
        ends_on=date(2025, 12, 14), theme="Phong trào",
    )  # fmt: skip
    AwardQuota.objects.create(cycle=before, title=v.FLAG, cluster=world.cluster, max_count=5)
    with pytest.raises(Refused, match="đã có mọi chỉ tiêu"):
        copy_quotas(cluster_year_id=world.year.pk, by=world.organiser_acting, now=walk.FINAL)
    operations.withdraw_nomination(
        cluster_year_id=world.year.pk, nomination_id=Nomination.objects.get(unit=first.unit_id).pk,
        reason="Trùng thành tích", by=world.lead_officer, now=walk.FINAL,
    )  # fmt: skip
    row = v.prepare(world, subject=BallotSubject.TITLE, quota_id=common.pk)
    with pytest.raises(Refused, match="0 đề nghị, 1 cuộc bỏ phiếu"):
        v.quota(world, cluster_id=world.cluster.pk)
    ballots.cancel(
        ballot_id=row.pk, seen=row.revision, reason="Hoãn họp", by=world.lead_officer,
        now=walk.FINAL,
    )  # fmt: skip
    own = v.quota(world, cluster_id=world.cluster.pk)
    assert set(quotas_for(world.year)) == {own, other}, "nothing rests on the common one any more"
