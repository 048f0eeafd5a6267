"""Reading and discussing: who sees which version, what changed, a hidden draft stays hidden."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clusters import operations as clusters_operations
from clusters.models import MemberRole, YearStatus
from clusters.operations import MemberPlan, StagePlan, YearPlan
from pledges import operations
from pledges.models import Comment, Pledge, Proposal, RemarkState, Section
from pledges.models import PledgeStatus as P
from pledges.operations import Level
from pledges.tests import factories as f
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, url, words
from pledges.workflow import pledge as workflow

pytestmark = pytest.mark.django_db
SECRET = "Chuyên đề chỉ trong bản nháp"


@pytest.fixture(autouse=True)
def still(monkeypatch, settings):
    settings.EFFECTS = {}
    stop_clock(monkeypatch)


@pytest.fixture
def world():
    return f.make_pledge_at(P.CIRCULATED)[0]


@pytest.fixture
def pledge(world):
    return Pledge.objects.get(cluster_year=world.year)


def target(pledge, text="Tỷ lệ điều tra"):
    return pledge.current.targets.get(text__startswith=text)


def clause(pledge, text="Thực hiện nghiêm"):
    return pledge.current.clauses.get(text__startswith=text)


def revise(world, pledge: Pledge) -> Pledge:
    """Open the next version and write something into it that nobody else may see yet."""
    workflow.revise(pledge_id=pledge.pk, note="Sửa theo góp ý", by=world.lead_officer, now=f.NOW)
    pledge.refresh_from_db()
    row = clause(pledge)
    operations.save_clause(
        pledge_id=pledge.pk, key=row.key, by=world.lead_officer, now=f.NOW,
        values=f.clause_values(f"Thực hiện nghiêm túc kỷ cương. {SECRET}"),
        seen=operations.mark_of(row, operations.CLAUSE_FIELDS),
    )  # fmt: skip
    operations.save_clause(
        pledge_id=pledge.pk, key=None, seen="", by=world.lead_officer, now=f.NOW,
        values=f.clause_values(SECRET, Section.MEASURES),
    )  # fmt: skip
    return pledge


# Beginning -----------------------------------------------------------------------------------
def test_before_the_pledge_everybody_reads_who_begins_it_and_until_when():
    world = f.make_world()
    page = words(client_of(world.officers[1]).get(url(world, "pledge")))
    assert "Chưa có bản giao ước nào" in page
    assert f"{world.units[0].name}, Khối trưởng năm 2026" in page
    assert "đến hết 03/03/2026" in page
    assert f"Chỉ cán bộ, lãnh đạo đơn vị trưởng ({world.units[0].short_name}) soạn" in page
    answer = client_of(world.officers[1]).post(url(world, "start"), sent(source="empty"))
    assert answer.status_code == 200
    assert not Pledge.objects.filter(cluster_year=world.year).exists()


def test_the_lead_begins_once_however_often_the_button_is_pressed():
    world = f.make_world()
    officer = client_of(world.lead_officer)
    form = form_on(officer.get(url(world, "pledge")))
    assert form["source"] == "empty", "there is no year before"
    first, second = (officer.post(url(world, "start"), form) for _ in range(2))
    assert first["Location"] == second["Location"] == url(world, "pledge")
    assert Pledge.objects.filter(cluster_year=world.year).count() == 1
    again = officer.post(url(world, "start"), sent(source="empty"))
    assert "Năm này đã có bản giao ước đang soạn." in words(again)
    page = words(officer.get(url(world, "pledge")))
    assert "Còn thiếu để gửi góp ý" in page
    assert "Chưa có căn cứ" in page


def test_last_years_text_is_offered_and_compared_with(monkeypatch):
    world, _ = f.make_pledge_at(P.SIGNED)
    now = datetime(2027, 2, 20, 3, 0, tzinfo=UTC)
    stop_clock(monkeypatch, now)
    roles = [MemberRole.LEAD, MemberRole.DEPUTY, MemberRole.MEMBER]
    plan = YearPlan(
        cluster_id=world.cluster.pk, year=2027, starts_on=date(2026, 12, 15),
        ends_on=date(2027, 12, 14), theme="Vì an ninh Tổ quốc",
        members=[MemberPlan(u.pk, r) for u, r in zip(world.units, roles, strict=True)],
        stages=[
            StagePlan(YearStatus.PREPARING, date(2027, 1, 2), date(2027, 1, 31)),
            StagePlan(YearStatus.DRAFTING, date(2027, 2, 1), date(2027, 3, 3)),
        ],
    )  # fmt: skip
    assert world.organiser_acting is not None
    world.year = clusters_operations.open_year(plan=plan, by=world.organiser_acting, now=now)
    officer = client_of(world.lead_officer)
    assert "Nội dung giao ước năm 2026" in words(officer.get(url(world, "pledge")))
    assert fill(officer, url(world, "pledge"), source="clone").status_code == 405
    form = form_on(officer.get(url(world, "pledge"))) | {"source": "clone"}
    assert officer.post(url(world, "start"), form).status_code == 302
    pledge = Pledge.objects.get(cluster_year=world.year)
    row = clause(pledge)
    fill(officer, url(world, "clause", row.key), text="Thực hiện rất nghiêm kỷ luật, kỷ cương.")
    page = officer.get(url(world, "pledge") + "?so=nam-truoc").content.decode()
    assert re.search("<ins>[^/]*thêm: </span> ?rất ?</ins>", page)
    assert "Đang xem bản 1 đối chiếu giao ước năm 2026" in words(
        officer.get(url(world, "pledge") + "?so=nam-truoc")
    )
    assert "Giao ước năm 2026" in words(officer.get(url(world, "compare")))


# A hidden draft ------------------------------------------------------------------------------
def reading_pages(world, pledge):
    key = clause(pledge).key
    return [
        url(world, "pledge"), url(world, "pledge") + "?so=ban-truoc", url(world, "levels"),
        url(world, "discussion", key), url(world, "discussion", "PLEDGE"), url(world, "remarks"),
        url(world, "versions"), url(world, "compare"), url(world, "compare") + "?cu=1&moi=2",
        url(world, "consent"), url(world, "version", 1), url(world, "printed", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["officers", "heads", "organiser"])
def test_nothing_of_a_new_draft_reaches_other_units(world, pledge, who):
    pledge = revise(world, pledge)
    acting = world.organiser_acting if who == "organiser" else getattr(world, who)[1]
    client = client_of(acting)
    for address in reading_pages(world, pledge):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert SECRET not in answer.content.decode(), address
        assert "nghiêm túc" not in answer.content.decode(), address
    for name in ("version", "printed"):
        assert client.get(url(world, name, 2)).status_code == 404
    new = pledge.current.clauses.get(text=SECRET).key
    assert client.get(url(world, "discussion", new)).status_code == 404
    page = words(client.get(url(world, "pledge")))
    assert "đang soạn bản 2" in page
    assert "1 bản" in words(client.get(url(world, "versions")))
    assert "Đang soạn, chưa gửi góp ý" in page


def test_a_first_draft_is_only_announced():
    world, _ = f.make_pledge_at(P.DRAFT)
    for acting in (world.officers[1], world.heads[2], world.organiser_acting):
        client = client_of(acting)
        for name in ("pledge", "remarks"):
            page = words(client.get(url(world, name)))
            assert "Bản 1 đang được soạn" in page
            assert "Thực hiện nghiêm" not in page
            assert "chỉ tiêu" not in page
        for name in ("levels",):
            assert client.get(url(world, name)).status_code == 404
        assert client.get(url(world, "consent")).status_code == 403
        assert client.get(url(world, "printed", 1)).status_code == 404
    assert "Thực hiện nghiêm" in words(client_of(world.heads[0]).get(url(world, "pledge")))


def test_the_lead_sees_what_changed_in_place(world, pledge):
    revise(world, pledge)
    page = client_of(world.heads[0]).get(url(world, "pledge")).content.decode()
    assert re.search("<ins>[^/]*thêm: </span> ?túc", page)
    assert re.search("<del>[^/]*bỏ: </span>[^<]*luật,", page)
    plain = client_of(world.heads[0]).get(url(world, "pledge") + "?so=khong").content.decode()
    assert "<del>" not in plain.split("gu-editor-main")[1]


# Strangers -----------------------------------------------------------------------------------
def test_a_stranger_and_the_administrator_find_nothing(world, pledge):
    outside = f.make_world(prefix="xa")
    for acting in (outside.officers[0], outside.organiser_acting, world.administrator):
        client = client_of(acting)
        steps = [url(world, name) for name in ("circulate", "revise", "freeze", "open_signing")]
        others = [url(world, "propose", target(pledge).key), url(world, "done", 1)]
        for address in [*reading_pages(world, pledge), *steps, *others]:
            assert client.get(address).status_code == 404, address


# Levels --------------------------------------------------------------------------------------
def test_each_unit_reads_its_own_level_and_the_organiser_the_spread():
    world, pledge = f.make_pledge_at(P.DRAFT)
    a, b, c = world.units
    levels = [
        Level(a.pk, is_assigned=True, value=Decimal("1234.5")),
        Level(b.pk, is_assigned=True, value=None),
        Level(c.pk, is_assigned=False, value=None),
    ]
    operations.save_target(
        pledge_id=pledge.pk, key=None, seen="", levels=levels, by=world.lead_officer, now=f.NOW,
        values=f.target_values("Số vụ khám phá", unit_of_measure="vụ", is_common=False),
    )  # fmt: skip
    f.circulate(world, pledge)
    seen = [words(client_of(one).get(url(world, "pledge"))) for one in world.officers]
    assert "Mức của" in seen[0]
    assert "≥ 1.234,5" in seen[0]
    assert "≥ 1.234,5" not in seen[1]
    assert "chưa giao mức" in seen[1]
    assert "Không giao" in seen[2]
    above = words(client_of(world.organiser_acting).get(url(world, "pledge")))
    assert "riêng từng đơn vị" in above
    assert "cùng mức 1.234,5, 1 đơn vị chưa giao mức, 1 đơn vị không giao" in above
    every = words(client_of(world.officers[1]).get(url(world, "levels")))
    assert "≥ 1.234,5 chưa giao mức Không giao" in every


def test_only_rows_that_changed_or_are_discussed_when_asked(world, pledge):
    member = client_of(world.officers[1])
    page = words(member.get(url(world, "pledge") + "?chi-tieu=thay-doi"))
    assert "Tỷ lệ điều tra" not in page
    key = target(pledge).key
    operations.comment(
        pledge_id=pledge.pk, anchor=key, text="Cao quá", by=world.officers[1], now=f.NOW
    )
    page = words(member.get(url(world, "pledge") + "?chi-tieu=thay-doi"))
    assert "Tỷ lệ điều tra" in page
    assert "1 ý kiến chờ trả lời" in page


# Discussion ----------------------------------------------------------------------------------
def test_a_comment_is_kept_once_and_shown_beside_the_text(world, pledge):
    member, address = client_of(world.officers[1]), url(world, "discussion", clause(pledge).key)
    form = form_on(member.get(address)) | {"text": "Ghi rõ kỳ đánh giá."}
    first, second = member.post(address, form), member.post(address, form)
    assert first["Location"] == second["Location"] == address
    row = Comment.objects.get()
    assert (row.unit, row.anchor) == (world.units[1], clause(pledge).key)
    page = words(client_of(world.lead_officer).get(address))
    assert "Ghi rõ kỳ đánh giá." in page
    assert f"Trả lời {world.units[1].short_name} với tư cách Khối trưởng" in page


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "Chưa ghi góp ý."), ("  \n ", "Chưa ghi góp ý."), ("a\x00", "mã U+0000"),
     ("x" * 4001, "Chỉ nhận tối đa 4.000 ký tự")],
)  # fmt: skip
def test_a_bad_comment_is_named_at_its_field(world, pledge, typed, says):
    member, address = client_of(world.officers[1]), url(world, "discussion", clause(pledge).key)
    answer = fill(member, address, text=typed)
    assert answer.status_code == 200
    assert says in words(answer)
    assert not Comment.objects.exists()


def test_one_speaks_only_about_what_stands_there_and_only_while_it_circulates(world, pledge):
    member = client_of(world.officers[1])
    address = url(world, "discussion", clause(pledge).key)
    assert member.get(url(world, "discussion", "khong-co")).status_code == 404
    assert member.post(url(world, "discussion", "khong-co"), sent(text="x")).status_code == 404
    above = client_of(world.organiser_acting).post(address, sent(text="Nói thay"))
    assert "Cán bộ và lãnh đạo các đơn vị thành viên góp ý" in words(above)
    form = form_on(member.get(address)) | {"text": "Gửi sau khi lập bản mới"}
    revise(world, pledge)
    late = member.post(address, form)
    assert "đang được" in words(late)
    assert not Comment.objects.exists()


def propose(world, pledge, index=1, **typed):
    address = url(world, "propose", target(pledge).key)
    return fill(client_of(world.officers[index]), address, **typed)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"value": "", "text": "Lý do đủ"}, "Chưa ghi mức đề nghị."),
        ({"value": "0.125", "text": "Lý do đủ"}, "Số 0.125 có hai cách hiểu."),
        ({"value": "77", "text": ""}, "Chưa ghi lý do."),
        ({"value": "77", "text": "..."}, "Ghi rõ lý do bằng chữ"),
        ({"value": "77", "text": "Lý do đủ", "state": "khong"}, "đề nghị không giao thì bỏ trống"),
        ({"value": "−3", "text": "Lý do đủ"}, "Số không được âm."),
    ],
)
def test_a_bad_proposal_is_named_at_its_field_and_kept(world, pledge, typed, says):
    answer = propose(world, pledge, **typed)
    assert answer.status_code == 200
    assert says in words(answer)
    assert f'value="{typed["value"]}"' in answer.content.decode() or not typed["value"]
    assert not Proposal.objects.exists()


def test_an_accepted_level_opens_the_next_version_and_the_page_says_so_before(world, pledge):
    f.consent(world, pledge, 2)
    assert (
        propose(world, pledge, value="77", text="Địa bàn đạt 76 % ba năm liền.").status_code == 302
    )
    row, key = Proposal.objects.get(), target(pledge).key
    assert row.proposed == 77
    lead = client_of(world.lead_officer)
    beside = words(lead.get(url(world, "discussion", key)))
    assert "Đề nghị ≥ 77 thay cho ≥ 80" in beside
    assert "Chấp nhận đề nghị mở bản 2; 1 ý kiến thống nhất sẽ lấy lại." in beside
    address = url(world, "answer", "de-nghi", row.pk)
    assert "sẽ lấy lại" in words(lead.get(address))
    empty = lead.post(address, form_on(lead.get(address)) | {"act": "accept", "answer": ""})
    assert "Chưa ghi trả lời" in words(empty)
    form = form_on(lead.get(address)) | {"act": "accept", "answer": "Đồng ý mức riêng."}
    assert lead.post(address, form).status_code == 302
    assert lead.post(address, form).status_code == 302, "the second click finds the first result"
    pledge.refresh_from_db()
    assert (pledge.status, pledge.current.number) == (P.DRAFT, 2)
    assert pledge.current.targets.get(key=key).values.get(unit=world.units[1]).value == 77
    member = words(client_of(world.officers[1]).get(url(world, "remarks")))
    assert "Đồng ý mức riêng." in member
    assert "tiếp thu" in member


def test_two_people_answer_and_the_second_is_told(world, pledge):
    made = operations.comment(
        pledge_id=pledge.pk, anchor="PLEDGE", text="Góp ý chung", by=world.officers[1], now=f.NOW
    )
    address = url(world, "answer", "gop-y", made.pk)
    officer, head = client_of(world.lead_officer), client_of(world.heads[0])
    mine = form_on(officer.get(address)) | {"act": "accept", "answer": "Tôi tiếp thu."}
    fill(head, address, act="keep", answer="Giữ nguyên vì đã có ở phần IV.")
    answer = officer.post(address, mine)
    assert "Góp ý này đã được trả lời: Giữ nguyên vì đã có ở phần IV." in words(answer)
    made.refresh_from_db()
    assert made.state == RemarkState.DECLINED
    for other in (world.officers[1], world.heads[2], world.organiser_acting):
        assert client_of(other).get(address).status_code == 403
        assert client_of(other).post(address, mine).status_code == 403
    assert officer.get(url(world, "answer", "de-nghi", made.pk)).status_code == 404
    assert officer.get(url(world, "answer", "khac", made.pk)).status_code == 404


# The action bar ------------------------------------------------------------------------------
def bar(acting, world) -> str:
    page = client_of(acting).get(url(world, "pledge")).content.decode()
    return " ".join(page.split("gu-actionbar-right")[1].split("</section>")[0].split())


def test_each_person_finds_the_one_act_of_the_moment(world, pledge):
    assert "Cho ý kiến bản 1" in bar(world.heads[1], world)
    member = bar(world.officers[1], world)
    assert "Lãnh đạo đơn vị thành viên cho ý kiến" in member
    assert "Góp ý chung" in member
    lead = bar(world.lead_officer, world)
    assert "Chưa thể chốt: còn 3 đơn vị chưa thống nhất" in lead
    assert 'aria-disabled="true"' in lead
    assert "Lập bản 2" in lead
    assert "btn" not in bar(world.organiser_acting, world)
    f.consent(world, pledge, 1, agrees=False, reason="Mức cao quá")
    assert 'class="btn btn-primary">Lập bản 2' in bar(world.lead_officer, world)
    f.consent_all(world, pledge)
    lead = bar(world.lead_officer, world)
    assert "Chốt để ký" in lead
    assert "aria-disabled" not in lead
    for acting in (*world.officers, *world.heads, world.organiser_acting):
        assert bar(acting, world).count("btn-primary") <= 1


# Numbers of statements -----------------------------------------------------------------------
def statements(acting, address) -> int:
    client = client_of(acting)
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    return len(seen)


@pytest.mark.slow
def test_pages_ask_the_database_as_often_for_fifty_units_as_for_five():
    counts = []
    for size, prefix in ((5, "it"), (50, "nhieu")):
        world = f.make_world(size, prefix=prefix)
        _, pledge = f.make_pledge_at(P.CIRCULATED, world)
        for index in range(1, size, 2):
            f.consent(world, pledge, index)
            anchor = target(pledge).key if index % 4 == 1 else clause(pledge).key
            operations.comment(
                pledge_id=pledge.pk, anchor=anchor, text="Góp ý", by=world.officers[index],
                now=f.NOW,
            )  # fmt: skip
        pages = [
            url(world, "pledge"), url(world, "remarks"), url(world, "consent"),
            url(world, "levels"), url(world, "discussion", target(pledge).key),
            url(world, "versions"), url(world, "printed", 1),
        ]  # fmt: skip
        asking = (world.lead_officer, world.heads[2])
        counts.append([statements(who, page) for who in asking for page in pages])
    assert counts[0] == counts[1]
    assert max(counts[0]) < 45
