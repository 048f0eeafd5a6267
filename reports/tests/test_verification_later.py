"""What the public page says of reports, sheets and results, and of prints that were replaced."""

import pytest
from django.test import Client
from django.urls import reverse

from pledges.models import ReviewKind
from pledges.tests import year as walk
from reports.models import DocumentKind, VerifyCode
from reports.tests.pages import make_files, text_of
from reports.verification import Standing, look_up, says_of_file
from scoring.models import RunKind
from scoring.workflow import run as runs
from scoring.workflow import sheet as sheets

pytestmark = pytest.mark.django_db
K = DocumentKind


def finding_of(kind, place: int = -1):
    codes = VerifyCode.objects.filter(paper=kind).order_by("pk")
    found = look_up(list(codes)[place].code)
    assert found is not None
    return found


def test_an_accepted_report_is_valid_and_names_who_confirmed_it():
    world = walk.midyear_world()
    walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    review = walk.accept_review(world, 2, ReviewKind.MIDYEAR, walk.MIDYEAR_ENDS)
    found = finding_of(K.REVIEW)
    assert (found.standing, found.number) == (Standing.VALID, review.number)
    assert found.sentence == "Văn bản hợp lệ, đang có hiệu lực."
    assert found.edition == "Lần phát hành 1"
    assert found.issuer == world.units[2].name
    assert [s.unit for s in found.signatures] == [world.units[2].name]
    assert found.sha256 == ""


def test_a_provisional_result_says_so_and_the_final_one_stands():
    world = walk.approved_world()
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    make_files()
    found = finding_of(K.SUMMARY)
    assert found.standing == Standing.PROVISIONAL
    assert "tạm tính" in found.sentence
    walk.publish_final(world, run)
    make_files()
    again = finding_of(K.SUMMARY)
    assert (again.standing, again.edition) == (Standing.VALID, "Lần phát hành 2")
    assert again.earlier == (found.sha256,)
    same, sentence = says_of_file(again, found.sha256)
    assert not same
    assert "lần phát hành trước" in sentence


def test_a_newer_run_ends_the_result_before_without_giving_away_its_code():
    world = walk.approved_world()
    walk.publish_provisional(world, walk.make_run(world, RunKind.FIRST))
    walk.publish_provisional(world, walk.make_run(world))
    old = finding_of(K.SUMMARY, 0)
    assert old.standing == Standing.WITHDRAWN
    assert old.sentence == "Hết giá trị: đã công bố kết quả của một phiên chấm mới hơn."


def test_a_revoked_result_and_a_reopened_sheet_are_void():
    world = walk.approved_world()
    row = walk.sheet(world, 2)
    sheets.reopen(sheet_id=row.pk, reason="Nhầm", by=world.organiser_acting, now=walk.SECOND)
    assert "mở lại để thẩm định lại" in finding_of(K.SHEET_APPROVED).sentence
    walk.approve(world, 2)
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    walk.publish_final(world, run)
    runs.revoke(
        cluster_year_id=world.year.pk, reason="QĐ 9", by=world.organiser_acting, now=walk.FINAL
    )
    assert "thu hồi theo quyết định" in finding_of(K.SCORE_TABLE).sentence


def test_the_page_shows_a_sheet_without_its_points():
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "SUBMITTED")
    code = VerifyCode.objects.get(paper=K.SHEET_CLAIMED).code
    response = Client().get(reverse("reports:verify_code", args=[code]))
    text = text_of(response)
    assert response.status_code == 200
    assert "Phiếu tự chấm điểm" in text
    assert "Người xác nhận trên hệ thống" in text
    assert "điểm tối đa" not in text.lower()
