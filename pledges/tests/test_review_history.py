"""The history of a report: field by field to who writes it, from the submission on to others."""

import pytest
from django.urls import reverse

from pledges.models import ReviewKind
from pledges.tests import year as walk
from pledges.workflow import review as workflow
from reports.tests.pages import client_of, stop_clock, text_of

pytestmark = pytest.mark.django_db


def page(monkeypatch, acting, world, row):
    """Open the history of a report as somebody."""
    stop_clock(monkeypatch, walk.REPORTS)
    url = reverse("pledges:review_history", args=[world.year.pk, row.pk])
    return client_of(acting).get(url)


def test_the_unit_sees_what_it_wrote_before_and_after(monkeypatch):
    world = walk.midyear_world(("20", "20", "20"))
    row = walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    words = text_of(page(monkeypatch, world.officers[2], world, row))
    assert "đã ghi nội dung Báo cáo sơ kết của CA Ba Đồn qb" in words
    assert "nguyên nhân" in words
    assert "thêm: Địa bàn rộng" in words
    assert "đã nộp Báo cáo sơ kết của CA Ba Đồn qb" in words


def test_others_see_it_from_the_submission_on_without_the_drafts(monkeypatch):
    world = walk.midyear_world(("20", "20", "20"))
    row = walk.review(world, 2)
    assert page(monkeypatch, world.officers[0], world, row).status_code == 404
    row = walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    for acting in (world.officers[0], world.organiser_acting, world.officers[1]):
        words = text_of(page(monkeypatch, acting, world, row))
        assert "đã nộp Báo cáo sơ kết của CA Ba Đồn qb" in words
        assert "đã ghi nội dung" not in words


def test_the_history_of_the_year_keeps_what_is_written_anew_after_a_return(monkeypatch):
    world = walk.midyear_world(("20", "20", "20"))
    row = walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    workflow.give_back(
        review_id=row.pk, seen=row.revision, reason="Nêu rõ nguyên nhân", by=world.officers[0],
        now=walk.REPORTS,
    )  # fmt: skip
    stop_clock(monkeypatch, walk.REPORTS)
    url = reverse("clusters:history", args=[world.year.pk])
    for acting, sees in ((world.officers[2], True), (world.officers[1], False)):
        words = text_of(client_of(acting).get(url))
        assert ("đã ghi nội dung Báo cáo sơ kết của CA Ba Đồn qb" in words) is sees
        assert "đã trả lại Báo cáo sơ kết của CA Ba Đồn qb" in words
