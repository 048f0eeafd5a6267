"""The history in words: sentences, before and after, filters, and what a draft keeps to itself."""

import pytest
from django.urls import reverse

from clusters.tests.factories import NOW, make_world
from clusters.tests.pages import client_of, words
from core import audit
from core.audit import Change, System
from core.history import Delta, sentences_of
from core.models import AuditEvent
from pledges import operations as pledge_operations
from pledges.models import PledgeStatus
from pledges.tests.factories import clause_values, make_pledge_at
from pledges.workflow import pledge as workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_effects(settings):
    """What is recorded here by hand starts no printing and tells nobody."""
    settings.EFFECTS = {}


@pytest.fixture
def world():
    return make_world()


def record(world, action, obj=None, **change):
    return audit.record(
        action, obj or world.year, by=world.officers[0], now=NOW, cluster_year_id=world.year.pk,
        change=Change(**change),
    )  # fmt: skip


def test_a_line_says_who_as_what_did_what_and_why(world):
    line = sentences_of(
        [record(world, "pledges.revised", after={"version": 3}, reason="Tiếp thu")]
    )[0]
    assert line.who == "Đại tá canbo.qb.0"
    assert line.acting == "Cán bộ thi đua, Công an huyện Quảng Ninh qb"
    assert line.text == "đã lập bản 3 của giao ước"
    assert line.reason == "Tiếp thu"


def test_facts_are_named_as_the_fields_of_their_object(world):
    before = {
        "name": "Cũ",
        "level": "district",
        "closed_on": "",
        "parent": "Công an tỉnh",
        "code": "1",
    }
    after = {
        "name": "Mới",
        "level": "commune",
        "closed_on": "2026-07-01",
        "parent": "",
        "code": "1",
    }
    event = record(world, "clusters.unit_saved", world.units[0], before=before, after=after)
    assert sentences_of([event])[0].deltas == (
        Delta("Tên đầy đủ", "Cũ", "Mới"),
        Delta("Cấp", "Cấp huyện", "Cấp xã"),
        Delta("Kết thúc hoạt động ngày", "", "01/07/2026"),
        Delta("Đơn vị chủ quản", "Công an tỉnh", ""),
    )


def test_machines_facts_stay_with_machines(world):
    after = {
        "content_hash": "abc",
        "status": "SIGNING",
        "unknown_fact": "1",
        "cluster_id": 7,
    }
    event = record(world, "pledges.sealed", after=after)
    assert [d.label for d in sentences_of([event])[0].deltas] == ["Giai đoạn"]


def test_lists_are_told_row_by_row(world):
    change = {
        "before": {"members": {"01": "A", "02": "B"}},
        "after": {"members": {"01": "A", "02": "C"}},
    }
    event = record(world, "clusters.members_set", **change)
    assert sentences_of([event])[0].deltas == (Delta("Đơn vị 2", "B", "C"),)


def test_an_event_without_a_sentence_or_facts_is_still_told(world):
    lines = sentences_of([record(world, "future.thing"), record(world, "pledges.circulated")])
    assert lines[0].text.startswith("đã thay đổi Khối thi đua")
    assert lines[1].text == "đã gửi bản … dự thảo giao ước cho các đơn vị góp ý"


def test_braces_in_what_people_typed_are_only_braces(world):
    event = record(world, "pledges.commented", after={"text": "{object.__class__} {0} {{x}}"})
    assert "{object.__class__} {0} {{x}}" in sentences_of([event])[0].text


def test_what_people_typed_is_escaped(world):
    record(
        world, "pledges.commented", after={"text": "<script>alert(1)</script>"}, reason="<b>x</b>"
    )
    html = client_of(world.officers[0]).get(reverse("clusters:history", args=[world.year.pk]))
    assert "<script>alert" not in html.content.decode()
    assert "&lt;b&gt;x" in html.content.decode()


def test_the_history_is_narrowed_by_person_and_kind(world):
    record(world, "pledges.commented", after={"text": "một"})
    audit.record(
        "clusters.year_running", world.year, by=System(), now=NOW, cluster_year_id=world.year.pk
    )
    browser, url = client_of(world.officers[1]), reverse("clusters:history", args=[world.year.pk])
    assert "3 sự kiện" in words(browser.get(url))
    assert "1 sự kiện" in words(browser.get(url, {"nguoi": "Hệ thống"}))
    assert "1 sự kiện" in words(browser.get(url, {"loai": "pledges"}))
    assert "0 sự kiện" in words(browser.get(url, {"loai": "pledges", "nguoi": "Hệ thống"}))
    for page in ("0", "-1", "abc", "999999999999"):
        assert browser.get(url, {"trang": page, "loai": "'", "nguoi": "\x00"}).status_code == 200


def test_events_come_page_by_page(world):
    for at in range(60):
        record(world, "pledges.commented", after={"text": f"góp ý {at:02d}"})
    browser, url = client_of(world.officers[1]), reverse("clusters:history", args=[world.year.pk])
    first, second = words(browser.get(url)), words(browser.get(url, {"trang": "2", "loai": ""}))
    assert "góp ý 59" in first
    assert "góp ý 05" not in first
    assert "góp ý 05" in second


def test_work_on_a_draft_is_its_authors_until_it_goes_out():
    world, pledge = make_pledge_at(PledgeStatus.CIRCULATED)
    workflow.revise(pledge_id=pledge.pk, note="Sửa", by=world.lead_officer, now=NOW)
    pledge_operations.save_clause(
        pledge_id=pledge.pk, key=None, seen="", values=clause_values("Điều chưa gửi ai"),
        by=world.lead_officer, now=NOW,
    )  # fmt: skip
    url = reverse("clusters:history", args=[world.year.pk])

    def sees(person) -> bool:
        return "Điều chưa gửi ai" in words(client_of(person).get(url, {"loai": "pledges"}))

    assert sees(world.officers[0])
    assert not sees(world.officers[1])
    assert not sees(world.organiser_acting)
    assert "đã lập bản 2 của giao ước" in words(client_of(world.officers[1]).get(url))
    pledge.refresh_from_db()
    seen = workflow.Seen(pledge.current.pk, str(pledge.current.revision))
    workflow.circulate(pledge_id=pledge.pk, seen=seen, by=world.lead_officer, now=NOW)
    assert sees(world.officers[1])
    assert AuditEvent.objects.filter(action="pledges.clause_saved").count() > 1
