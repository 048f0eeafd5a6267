"""The pages of the appraisal: deciding, returning, ending, approving, settling, vetoes."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from clusters.acting import Acting
from clusters.tests.factories import World
from clusters.tests.pages import client_of
from config.tests.realm import at
from core import storage
from core.models import AuditEvent
from pledges.tests import year as walk
from scoring.models import Evidence, ScoreLine, ScoreSheet, Veto
from scoring.queries.sheet import line_mark

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
#: The unit appraised by the lead.
UNIT = 2


@pytest.fixture(scope="module")
def opened(kept: None) -> World:
    """A world with open score sheets, shared by the tests of this file."""
    return walk.yearend_world()


@pytest.fixture
def world(opened: World, db: None) -> World:
    """The same world; what a test writes is taken back."""
    return opened


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with at(walk.APPRAISING):
        yield


def as_(acting: Acting) -> Any:
    """Return a browser of a person; its answers are not typed as the stubs have them."""
    return client_of(acting)


def address(world: World, name: str = "appraisal", index: int = UNIT, *args: object) -> str:
    """Return the address of a page about a sheet."""
    row = walk.sheet(world, index)
    return reverse(f"scoring:{name}", args=[world.year.pk, row.pk, *args])


def first_of(row: ScoreSheet, kind: str) -> ScoreLine:
    """Return the first line whose rule is of a kind."""
    return next(line for line in walk.lines(row) if (line.criterion.rule or {})["kind"] == kind)


def decide(world: World, line: ScoreLine, by: Acting, **data: str) -> Any:
    """Send a decision on a line as the page would."""
    url = f"{address(world)}?dong={line.pk}"
    return as_(by).post(url, {"seen": line_mark(line), "reason": "", **data})


def text(response: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# Line by line --------------------------------------------------------------------------------
def test_the_lead_reads_a_claim_with_everything_beside_it(world):
    walk.walk_sheet(world, UNIT, "APPRAISING")
    page = as_(world.lead_officer).get(address(world))
    line = walk.lines(walk.sheet(world, UNIT))[0]
    assert page.status_code == 200
    said = text(page)
    assert line.criterion.title in said
    assert "Theo hồ sơ của đơn vị" in said
    assert "Đồng ý:" in said
    assert "Đang chờ bạn" in said
    assert "do CA Đồng Hới qb thẩm định" in said  # the own unit, locked


def test_agreeing_is_recorded_as_a_decision_and_leads_on(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    one, two, *_ = walk.lines(row)
    answer = decide(world, one, world.lead_officer, viec="dong-y")
    one.refresh_from_db()
    assert one.first == one.claimed
    assert answer.url.endswith(f"?dong={two.pk}")
    two.refresh_from_db()
    assert two.first is None
    assert "đồng ý" in text(as_(world.lead_officer).get(address(world)))


def test_another_figure_needs_its_reason_and_keeps_what_was_typed(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    line = first_of(row, "direct")
    answer = decide(world, line, world.lead_officer, viec="ghi", figure="1,5")
    assert answer.status_code == 200
    assert "cần nêu lý do" in text(answer)
    assert 'value="1,5"' in answer.content.decode()
    answer = decide(
        world, line, world.lead_officer, viec="ghi", figure="1,5", reason="Thiếu quyết định"
    )
    assert answer.status_code == 302
    line.refresh_from_db()
    assert (line.first, line.first_reason) == ({"points": "1.5"}, "Thiếu quyết định")
    said = text(as_(world.lead_officer).get(f"{address(world)}?dong={line.pk}"))
    assert "Đã ghi khác: 1,5 điểm" in said


@pytest.mark.parametrize(
    ("typed", "told"),
    [("999", "không được lớn hơn"), ("-1", "âm"), ("1,555", "chữ số"), ("0.125", "hai cách hiểu")],
)
def test_an_impossible_figure_is_refused_with_what_is_allowed(world, typed, told):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    line = first_of(row, "direct")
    answer = decide(world, line, world.lead_officer, viec="ghi", figure=typed, reason="Lý do")
    assert answer.status_code == 200
    assert told in text(answer)
    line.refresh_from_db()
    assert line.first is None


def test_an_empty_box_is_no_decision_and_agreement_beside_another_figure_is_asked(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    line = first_of(row, "direct")
    assert "Chưa nhập số" in text(decide(world, line, world.lead_officer, viec="ghi", figure=""))
    assert "đã nhập số khác" in text(
        decide(world, line, world.lead_officer, viec="dong-y", figure="1")
    )
    line.refresh_from_db()
    assert line.first is None


def test_a_line_decided_meanwhile_is_shown_beside_what_was_typed(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    line = first_of(row, "direct")
    old = line_mark(line)
    decide(world, line, world.heads[0], viec="dong-y")
    url = f"{address(world)}?dong={line.pk}"
    data = {"viec": "ghi", "figure": "1", "reason": "Thiếu số liệu", "seen": old}
    answer = as_(world.lead_officer).post(url, data)
    said = text(answer)
    assert "đã thay đổi sau khi bạn mở trang" in said
    assert "Đang lưu: tự chấm:" in said
    line.refresh_from_db()
    assert line.first == line.claimed
    mark = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert mark is not None
    assert as_(world.lead_officer).post(url, data | {"seen": mark[1]}).status_code == 302
    line.refresh_from_db()
    assert line.first == {"points": "1"}


def test_nobody_opens_the_appraisal_of_the_own_sheet(world):
    walk.walk_sheet(world, 0, "SUBMITTED")
    for person in (world.officers[0], world.heads[0]):
        page = as_(person).get(address(world, "appraisal", 0))
        assert page.status_code == 403
        assert "không ai xem xét, chấm điểm đơn vị của chính mình" in text(page)
    assert as_(world.officers[1]).get(address(world, "appraisal", 0)).status_code == 200
    assert as_(world.officers[2]).get(address(world, "appraisal", 0)).status_code == 404


def test_a_sheet_nobody_submitted_is_not_read_by_who_will_appraise_it(world):
    walk.claim_all(world, UNIT)
    assert as_(world.lead_officer).get(address(world)).status_code == 404
    walk.walk_sheet(world, 1, "SUBMITTED")
    page = as_(world.lead_officer).get(address(world, "appraisal", 1))
    assert "CA Ba Đồn qb chưa nộp" in text(page)


def test_a_claim_that_was_not_handed_in_moves_no_points(world):
    """Otherwise the explanation would tell the figure of a unit that is still writing."""
    walk.walk_sheet(world, 1, "APPRAISING")
    before = as_(world.lead_officer).get(address(world, "appraisal", 1)).content
    walk.claim_all(world, UNIT)
    after = as_(world.lead_officer).get(address(world, "appraisal", 1)).content
    points = [re.findall(rb'class="ap-points[^>]*>([^<]*)', page) for page in (before, after)]
    assert points[0] == points[1]


def test_the_appraisal_is_begun_by_who_appraises(world):
    walk.walk_sheet(world, UNIT, "SUBMITTED")
    page = as_(world.lead_officer).get(address(world))
    assert "Bắt đầu thẩm định" in text(page)
    assert "Đồng ý:" not in text(page)
    as_(world.organiser_acting).post(address(world, "appraisal_take_up"))
    assert walk.sheet(world, UNIT).status == "SUBMITTED"
    as_(world.lead_officer).post(address(world, "appraisal_take_up"))
    assert walk.sheet(world, UNIT).status == "APPRAISING"


def test_the_organiser_makes_both_appraisals_where_no_unit_can(world):
    row = walk.walk_sheet(world, UNIT, "SUBMITTED")
    ScoreSheet.objects.filter(pk=row.pk).update(appraiser=None)
    browser, url = as_(world.organiser_acting), address(world)
    assert as_(world.lead_officer).get(url).status_code == 404
    browser.post(address(world, "appraisal_take_up"))
    line, count = walk.lines(row)[0], row.lines.count()
    assert decide(world, line, world.organiser_acting, viec="dong-y").status_code == 302
    said = text(browser.get(url))
    assert "Thẩm định phiếu tự chấm" in said
    assert f"CA Ba Đồn qb 1/{count}" in said


# Several at once, a return, the end ----------------------------------------------------------
def test_a_group_is_agreed_with_as_far_as_it_stays_ticked(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    top = row.table.criteria.filter(parent=None).order_by("order")[0]
    url = address(world, "appraisal_group", UNIT, top.pk)
    page = as_(world.lead_officer).get(url)
    pks = re.findall(r'name="line-(\d+)"', page.content.decode())
    assert len(pks) > 1
    lines = {pk: ScoreLine.objects.get(pk=pk) for pk in pks}
    data = {f"seen-{pk}": line_mark(line) for pk, line in lines.items()}
    ticked = {f"line-{pk}": "on" for pk in pks[1:]}
    assert as_(world.lead_officer).post(url, data | ticked).status_code == 302
    undecided = row.lines.filter(pk__in=pks, first__isnull=True)
    assert [str(line.pk) for line in undecided] == pks[:1]
    answer = as_(world.lead_officer).post(url, data | ticked)
    assert "đã thay đổi sau khi bạn mở trang" in text(answer)


def test_agreeing_with_nothing_is_told(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    top = row.table.criteria.filter(parent=None).order_by("order")[0]
    url = address(world, "appraisal_group", UNIT, top.pk)
    assert "Chưa chọn tiêu chí nào" in text(as_(world.lead_officer).post(url, {}))


def test_single_lines_go_back_with_their_reasons(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISED")
    line = walk.lines(row)[1]
    url = address(world, "appraisal_return")
    page = as_(world.lead_officer).get(f"{url}?dong={line.pk}")
    assert page.status_code == 200
    row.refresh_from_db()
    data = {"seen": str(row.revision), "reason": "Đề nghị chấm lại"}
    assert "ít nhất một tiêu chí" in text(as_(world.lead_officer).post(url, data))
    answer = as_(world.lead_officer).post(url, data | {f"line-{line.pk}": "Thiếu biên bản"})
    row.refresh_from_db()
    line.refresh_from_db()
    assert (row.status, row.return_reason) == ("RETURNED", "Đề nghị chấm lại")
    assert (line.return_reason, line.first) == ("Thiếu biên bản", None)
    said = text(as_(world.lead_officer).get(answer.url))
    assert "Đã trả lại 1 tiêu chí" in said
    assert "Thiếu biên bản" in said


def test_the_first_appraisal_ends_after_its_check_page(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    url = address(world, "appraisal_finish")
    page = as_(world.lead_officer).get(url)
    assert "chưa quyết định" in text(page)
    line = first_of(row, "direct")
    decide(world, line, world.lead_officer, viec="ghi", figure="1", reason="Thiếu hồ sơ")
    walk.agree_first(world, UNIT)
    said = text(as_(world.lead_officer).get(url))
    assert "1 tiêu chí chấm khác tự chấm" in said
    assert "Thiếu hồ sơ" in said
    row.refresh_from_db()
    stale = as_(world.lead_officer).post(url, {"seen": str(row.revision - 1)})
    assert "đã thay đổi sau khi bạn mở trang" in text(stale)
    answer = as_(world.lead_officer).post(url, {"seen": str(row.revision)})
    assert walk.sheet(world, UNIT).status == "EXPLAINING"
    assert "Đã xong thẩm định lần một" in text(as_(world.lead_officer).get(answer.url))


# Second appraisal ----------------------------------------------------------------------------
def test_the_organiser_decides_again_beside_claim_first_and_explanation(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    line = first_of(row, "direct")
    decide(world, line, world.lead_officer, viec="ghi", figure="1", reason="Thiếu hồ sơ")
    walk.agree_first(world, UNIT)
    walk.finish_first(world, UNIT)
    ScoreLine.objects.filter(pk=line.pk).update(explanation="Hồ sơ gửi bổ sung ngày 20/12")
    walk.finish_explaining(world, UNIT)
    line.refresh_from_db()
    page = as_(world.organiser_acting).get(f"{address(world)}?dong={line.pk}")
    said = text(page)
    assert "Thẩm định lần hai" in said
    assert "Hồ sơ gửi bổ sung" in said
    assert "Thiếu hồ sơ" in said
    answer = decide(world, line, world.organiser_acting, viec="dong-y")
    assert answer.status_code == 302
    line.refresh_from_db()
    assert (line.second, line.claimed != line.second) == ({"points": "1"}, True)


def test_the_lead_does_not_see_the_second_decisions(world):
    walk.walk_sheet(world, UNIT, "DECIDED")
    page = as_(world.lead_officer).get(address(world))
    assert page.status_code == 200
    assert "Thẩm định lần hai" not in re.sub(r"gu-tag.*?</span>", "", page.content.decode())


def test_the_organiser_approves_after_the_check_page_and_reopens_with_a_reason(world):
    row = walk.walk_sheet(world, UNIT, "DECIDED")
    row.refresh_from_db()
    url = address(world, "appraisal_finish")
    assert "Duyệt phiếu của" in text(as_(world.organiser_acting).get(url))
    as_(world.organiser_acting).post(url, {"seen": str(row.revision)})
    assert walk.sheet(world, UNIT).status == "APPROVED"
    url = address(world, "appraisal_reopen")
    assert "Chưa ghi lý do" in text(as_(world.organiser_acting).post(url, {}))
    answer = as_(world.organiser_acting).post(url, {"reason": "Sai số liệu của tiêu chí I.1"})
    assert walk.sheet(world, UNIT).status == "SECOND_APPRAISAL"
    assert "Đã mở lại phiếu" in text(as_(world.organiser_acting).get(answer.url))


def test_single_figures_are_settled_by_decision_after_the_provisional_result(world):
    for index in range(3):
        walk.walk_sheet(world, index, "APPROVED")
    row = walk.sheet(world, UNIT)
    line = first_of(row, "direct")
    asked = {"viec": "ghi", "figure": "2"}
    reason = "Kết luận số 5 ngày 26/12"
    refused = decide(world, line, world.organiser_acting, **asked, reason=reason)
    assert "sau khi đã công bố điểm tạm tính" in text(refused)
    walk.publish_provisional(world, walk.make_run(world))
    line.refresh_from_db()
    assert "Nêu quyết định" in text(decide(world, line, world.organiser_acting, **asked))
    assert decide(world, line, world.organiser_acting, **asked, reason=reason).status_code == 302
    line.refresh_from_db()
    assert (line.final, line.final_reason) == ({"points": "2"}, reason)
    assert line.second != line.final


# The organiser's tables ----------------------------------------------------------------------
def test_leaning_compares_only_what_is_wholly_decided(world):
    walk.walk_sheet(world, UNIT, "EXPLAINING")
    walk.walk_sheet(world, 1, "SUBMITTED")
    url = reverse("scoring:leaning", args=[world.year.pk])
    page = as_(world.organiser_acting).get(url).content.decode()
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page)
    # Both appraisals are open, the second only; the last row is of who appraised.
    assert [row.count("chưa xong") for row in rows] == [2, 1, 0]
    assert world.lead_officer.name in rows[-1]
    assert as_(world.lead_officer).get(url).status_code == 404


def test_a_veto_is_raised_and_lifted_with_reasons(world):
    url = reverse("scoring:vetoes", args=[world.year.pk])
    browser = as_(world.organiser_acting)
    unit = str(world.units[UNIT].pk)
    assert "Chưa nêu loại việc" in text(browser.post(url, {"unit": unit, "kind": "khac"}))
    kind = "Có vụ việc tham nhũng, tiêu cực"
    assert browser.post(url, {"unit": unit, "kind": kind}).status_code == 302
    veto = Veto.objects.get(cluster_year=world.year)
    assert (veto.reason, veto.lifted_at) == (kind, None)
    lift = reverse("scoring:veto_lift", args=[world.year.pk, veto.pk])
    assert browser.post(lift, {"reason": "Kết luận không vi phạm"}).status_code == 302
    again = browser.post(lift, {"reason": "Lần nữa"})
    assert "đã được bỏ" in text(again)
    veto.refresh_from_db()
    assert veto.lift_reason == "Kết luận không vi phạm"
    events = AuditEvent.objects.filter(action__startswith="scoring.veto_")
    assert events.count() == 2


# What stands beside a line ---------------------------------------------------------------------
def test_evidence_is_read_on_the_spot_and_says_where_else_it_is_used(world):
    row = walk.walk_sheet(world, UNIT, "SUBMITTED")
    one, two = walk.lines(row)[:2]
    data = b"%PDF-1.7 so lieu"
    file = Evidence.objects.create(
        cluster_year=world.year, unit=world.units[UNIT], sha256=storage.put(data), size=len(data),
        mime="application/pdf", name="Báo cáo 412.pdf", uploaded_at=walk.SCORING,
        uploaded_by_id=world.officers[UNIT].user_id,
    )  # fmt: skip
    one.evidence.add(file)
    browser = as_(world.lead_officer)
    page = browser.get(f"{address(world)}?dong={one.pk}")
    shown = reverse("scoring:evidence_file", args=[world.year.pk, file.pk])
    assert f'data="{shown}?xem=1"' in page.content.decode()
    assert "chưa dùng cho tiêu chí hay đơn vị nào khác" in text(page)
    two.evidence.add(file)
    page = browser.get(f"{address(world)}?dong={one.pk}")
    assert f"tiêu chí {two.criterion.code}" in text(page)


def test_not_entered_not_assigned_and_zero_read_differently(world):
    row = walk.walk_sheet(world, UNIT, "CLAIMED")
    one, two, three = walk.lines(row)[:3]
    ScoreLine.objects.filter(pk=one.pk).update(claimed=None)
    ScoreLine.objects.filter(pk=two.pk).update(claimed={"assigned": False})
    ScoreLine.objects.filter(pk=three.pk).update(claimed={"days_late": "0"})
    walk.submit_sheet(world, UNIT)
    walk.take_up(world, UNIT)
    browser = as_(world.lead_officer)
    for line, said in ((one, "Chưa nhập"), (two, "Không giao"), (three, "0 ngày muộn")):
        page = text(browser.get(f"{address(world)}?dong={line.pk}"))
        assert f"Đồng ý: {said}" in page
        assert decide(world, ScoreLine.objects.get(pk=line.pk), world.lead_officer, viec="dong-y")
        line.refresh_from_db()
        assert line.first == (line.claimed or {})


def test_who_only_reads_is_told_whose_turn_it_is(world):
    walk.walk_sheet(world, UNIT, "APPRAISING")
    page = as_(world.organiser_acting).get(address(world))
    assert page.status_code == 200
    assert "Đồng ý:" not in text(page)
    assert "Phần của CA Ba Đồn qb do CA Quảng Ninh qb xem xét." in text(page)


def test_a_second_click_decides_once(world):
    row = walk.walk_sheet(world, UNIT, "APPRAISING")
    line = walk.lines(row)[0]
    data = {"viec": "dong-y", "seen": line_mark(line), "reason": "", "token": str(uuid4())}
    url = f"{address(world)}?dong={line.pk}"
    browser = as_(world.lead_officer)
    first, again = browser.post(url, data), browser.post(url, data)
    assert (first.status_code, again.url) == (302, first.url)
    events = AuditEvent.objects.about(row).filter(action="scoring.line_appraised")
    assert events.count() == 1
