"""The pages of the reviews: freezing, writing by several people, submitting, deciding."""

import copy
from datetime import date

import pytest
from django.urls import reverse

from clusters.models import YearStatus
from clusters.tests.factories import World, make_world
from core.models import AuditEvent, Notice
from pledges.figures import LABELS, Judgement
from pledges.models import PledgeStatus, Review, ReviewKind, UnmetTarget
from pledges.queries.review import section_mark
from pledges.queries.review_work import work_waiting
from pledges.tests import progress as figures
from pledges.tests import year as walk
from pledges.tests.factories import make_pledge_at
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, words
from pledges.views.review_parts import TAGS
from pledges.workflow import review as workflow

pytestmark = pytest.mark.django_db
M = ReviewKind.MIDYEAR


@pytest.fixture
def at(monkeypatch):
    """Let every request happen at a moment one sets."""

    def set_to(moment):
        stop_clock(monkeypatch, moment)

    set_to(walk.MIDYEAR)
    return set_to


@pytest.fixture(scope="module")
def reported(kept: None) -> World:
    """The half-year's figures of three units are accepted."""
    world = figures.running_world()
    for index, value in enumerate(("82", "78", "75")):
        figures.accepted(world, index, {0: value, 1: "Không xảy ra"})
    return walk.refreshed(world)


@pytest.fixture
def world(reported: World, db: None, at) -> World:
    """The same world, nothing is frozen; what a test writes is taken back."""
    return copy.deepcopy(reported)


@pytest.fixture
def opened(world, at) -> World:
    """The figures are frozen."""
    walk.open_reviews(world, M, walk.MIDYEAR, date(walk.YEAR, 6, 14))
    at(walk.REPORTS)
    return walk.refreshed(world)


def home(world: World, word: str = "so-ket") -> str:
    return reverse("pledges:reviews", args=[world.year.pk, word])


def page(world: World, row: Review, name: str = "review", *args: object) -> str:
    return reverse(f"pledges:{name}", args=[world.year.pk, row.pk, *args])


def key_field(row: Review, place: int = 0) -> tuple[str, str]:
    """Return the name of a text area and the key of its heading."""
    written = [(i, h) for i, h in enumerate(row.outline) if h["is_written"]]
    index, heading = written[place]
    return f"s{index}", heading["key"]


# Before it opens -----------------------------------------------------------------------------
def test_the_lead_freezes_with_the_proposed_days_and_everybody_is_told(world, at):
    client = client_of(world.lead_officer)
    shown = client.get(home(world))
    assert "Chốt số liệu và mở sơ kết" in words(shown)
    served = form_on(shown)
    ended = [p for p in world.year.periods.order_by("order") if p.ends_on < date(2026, 6, 20)]
    assert served["until"] == f"{ended[-1].ends_on:%d/%m/%Y}"
    assert served["share"] in ("25", "50")
    answer = client.post(home(world), served)
    assert answer.status_code == 302, words(answer)
    assert walk.status_of(world) == YearStatus.MIDYEAR
    assert Review.objects.filter(cluster_year=world.year).count() == 4
    told = Notice.objects.filter(text__contains="đã chốt số liệu")
    assert set(told.values_list("recipient_id", flat=True)) == {
        a.user_id for a in (*world.officers, *world.heads)
    } - {world.lead_officer.user_id}


def test_units_whose_latest_figures_do_not_count_are_named(at):
    world = figures.running_world(make_world(prefix="kh"))
    figures.accepted(world, 0, {0: "82"})
    report = figures.enter(world, 1, {0: "78"})
    figures.submit(world, 1, report)
    text = words(client_of(world.lead_officer).get(home(world)))
    period = [p for p in world.year.periods.order_by("order") if p.ends_on < date(2026, 6, 20)][-1]
    names = [u.short_name for u in (world.units if period.order > 1 else world.units[1:])]
    assert f"Tiến độ {period.name} của {', '.join(names[:-1])} và {names[-1]}" in text


def test_others_read_why_not_and_are_refused(world):
    for person in (world.officers[2], world.heads[1]):
        client = client_of(person)
        shown = client.get(home(world))
        assert shown.status_code == 200
        assert "chốt số liệu để sơ kết" in words(shown)
        assert "Khối trưởng chốt số liệu" in words(shown), "who is waited for"
        assert "Mốc so sánh" not in words(shown)
        forced = sent(until="14/06/2026", due_on="02/07/2026", share="50")
        assert client.post(home(world), forced).status_code == 200
    assert not Review.objects.exists()


def test_before_the_stage_the_button_is_locked_with_the_day(world, at):
    at(walk.moment(6, 10))
    text = words(client_of(world.lead_officer).get(home(world)))
    assert "mở ngày 15/06/2026" in text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"until": "31/02/2026"}, "31/02/2026"),
        ({"until": "21/06/2026"}, "Ngày không được sau 20/06/2026"),
        ({"until": ""}, "Chưa nhập"),
        ({"share": "0"}, "trên 0 đến 100"),
        ({"share": "120"}, "không được lớn hơn 100"),
        ({"share": "-5"}, "không được âm"),
        ({"share": "nửa"}, "Nhập số"),
        ({"due_on": "01/06/2026"}, "không trước ngày chốt"),
    ],
)
def test_bad_input_comes_back_with_a_sentence(world, typed, says):
    answer = fill(client_of(world.lead_officer), home(world), "until", **typed)
    assert answer.status_code == 200
    assert "lỗi cần sửa" in words(answer)
    assert says in answer.content.decode()
    assert not Review.objects.exists()


def test_the_year_end_asks_for_no_share_and_opens_the_sheets(at, world):
    walk.open_reviews(world, M, walk.MIDYEAR, date(walk.YEAR, 6, 14))
    at(walk.YEAREND)
    client = client_of(world.lead_officer)
    shown = client.get(home(world, "tong-ket"))
    assert "Mốc so sánh" not in words(shown)
    assert client.post(home(world, "tong-ket"), form_on(shown)).status_code == 302
    assert walk.status_of(world) == YearStatus.YEAREND


# Writing -------------------------------------------------------------------------------------
def test_a_place_saved_by_itself_leaves_the_others_alone(opened):
    row = walk.review(opened, 2)
    client = client_of(opened.officers[2])
    name, key = key_field(row)
    mark = form_on(client.get(page(opened, row)), name)["m" + name[1:]]
    answer = client.post(
        page(opened, row),
        {name: "Phần mở đầu", "m" + name[1:]: mark},
        HTTP_ACCEPT="application/json",
    )
    said = answer.json()
    assert said["saved"] == "09:00"
    row.refresh_from_db()
    assert row.sections == {key: "Phần mở đầu"}
    assert said["marks"] == {"m" + name[1:]: section_mark("Phần mở đầu")}
    assert said["gaps"]


def test_typing_back_and_forth_is_saved_every_time(opened):
    row = walk.review(opened, 2)
    client = client_of(opened.officers[2])
    name, key = key_field(row)
    mark = section_mark("")
    for text in ("một", "hai", "một", "hai", ""):
        data = {name: text, "m" + name[1:]: mark}
        said = client.post(page(opened, row), data, HTTP_ACCEPT="application/json").json()
        mark = said["marks"]["m" + name[1:]]
        row.refresh_from_db()
        assert row.sections[key] == text


def test_two_people_under_one_heading_see_both_texts_and_nothing_is_lost(opened):
    row = walk.review(opened, 2)
    client = client_of(opened.officers[2])
    name, key = key_field(row)
    served = form_on(client.get(page(opened, row)), name)
    other, other_key = key_field(row, 1)
    theirs = {name: "Bản của lãnh đạo", "m" + name[1:]: served["m" + name[1:]]}
    theirs |= {other: "Mục hai của lãnh đạo", "m" + other[1:]: served["m" + other[1:]]}
    client_of(opened.heads[2]).post(page(opened, row), theirs, HTTP_ACCEPT="application/json")
    answer = client.post(page(opened, row), served | {name: "Bản của cán bộ"})
    text = words(answer)
    assert "Bản của lãnh đạo" in text
    assert "Bản của cán bộ" in text
    assert "Người khác vừa sửa mục này" in text
    again = client.post(page(opened, row), form_on(answer, name))
    assert again.status_code == 302, words(again)
    row.refresh_from_db()
    assert row.sections[key] == "Bản của cán bộ"
    assert row.sections[other_key] == "Mục hai của lãnh đạo", "untouched here: theirs stays"


def test_two_answers_to_one_unmet_target_are_a_conflict_too(opened):
    row = walk.review(opened, 2)
    one = row.unmet.get()
    client = client_of(opened.officers[2])
    served = form_on(client.get(page(opened, row)), f"c{one.pk}")
    theirs = {n: v for n, v in served.items() if n.endswith(str(one.pk))}
    theirs |= {f"c{one.pk}": "Thiếu người", f"d{one.pk}": "01/07/2026"}
    client_of(opened.heads[2]).post(page(opened, row), theirs, HTTP_ACCEPT="application/json")
    data = {n: v for n, v in served.items() if n.endswith(str(one.pk))}
    data |= {f"c{one.pk}": "Địa bàn rộng"}
    said = client.post(page(opened, row), data, HTTP_ACCEPT="application/json").json()
    assert said["stored"][f"c{one.pk}"] == "Thiếu người"
    assert said["stored"][f"d{one.pk}"] == "01/07/2026"
    one.refresh_from_db()
    assert one.cause == "Thiếu người"


@pytest.mark.parametrize(
    ("letter", "typed", "says"),
    [
        ("d", "2026-13-01", "2026-13-01"),
        ("d", "31/06/2026", "31/06/2026"),
        ("r", "x" * 300, "tối đa 200 ký tự"),
        ("c", "x" * 2100, "tối đa 2.000 ký tự"),
        ("b", "a\x00b", ""),
    ],
)
def test_bad_answers_are_named_and_not_stored(opened, letter, typed, says):
    row = walk.review(opened, 2)
    one = row.unmet.get()
    client = client_of(opened.officers[2])
    served = form_on(client.get(page(opened, row)), f"c{one.pk}")
    answer = client.post(page(opened, row), served | {f"{letter}{one.pk}": typed})
    assert answer.status_code == 200
    assert "lỗi cần sửa" in words(answer)
    assert says in answer.content.decode()
    fresh = UnmetTarget.objects.get(pk=one.pk)
    assert not (fresh.cause)
    assert not (fresh.measure)
    assert not (fresh.responsible)
    assert not (fresh.due_on)


def test_zero_not_entered_and_not_assigned_look_different(opened):
    row = walk.review(opened, 2)
    text = words(client_of(opened.officers[2]).get(page(opened, row)))
    assert "Chưa đạt" in text
    assert "Không xảy ra" in text
    assert "Không nhập thông tin mật" in text


def test_nobody_else_writes_and_an_open_report_is_not_there_for_others(opened):
    row = walk.review(opened, 2)
    for person in (opened.officers[1], opened.heads[0], opened.organiser_acting):
        assert client_of(person).get(page(opened, row)).status_code == 404
        assert client_of(person).post(page(opened, row), sent(s0="x")).status_code == 404


def test_the_history_keeps_an_open_report_from_others(opened):
    row = walk.review(opened, 2)
    walk.write_review(opened, row, opened.officers[2], walk.REPORTS)
    address = reverse("clusters:history", args=[opened.year.pk])
    assert "Nội dung mục" in words(client_of(opened.officers[2]).get(address))
    for person in (opened.officers[1], opened.organiser_acting):
        assert "Nội dung mục" not in words(client_of(person).get(address))


# Submitting and deciding -----------------------------------------------------------------------
def write_all(world: World, index: int | None) -> Review:
    """Fill the whole form as served and lay it before the head with one click."""
    row = walk.review(world, index)
    place = 0 if index is None else index
    client = client_of(world.officers[place])
    served = form_on(client.get(page(world, row)), key_field(row)[0])
    typed = {n: f"Đã làm {n}" for n in served if n[0] in "scbr" and n[1:].isdigit()}
    answer = client.post(page(world, row), served | typed | {"trinh": "1"}, follow=True)
    assert "Đã trình lãnh đạo" in words(answer)
    return row


def submit(world: World, index: int | None) -> Review:
    row = write_all(world, index)
    head = client_of(world.heads[0 if index is None else index])
    answer = fill(head, page(world, row, "review_submit"), "seen")
    assert answer.status_code == 302, words(answer)
    row.refresh_from_db()
    assert f"Đã nộp báo cáo số {row.number}" in words(head.get(answer.url))
    return row


def test_from_the_officers_text_to_the_accepted_report(opened, at):
    row = submit(opened, 2)
    judge = client_of(opened.officers[0])
    assert "chưa ai xem" in words(client_of(opened.officers[2]).get(page(opened, row)))
    assert "Chấp nhận" in words(judge.get(page(opened, row)))
    assert "đã xem 24/06" in words(client_of(opened.officers[2]).get(page(opened, row)))
    answer = fill(judge, page(opened, row, "review_accept"), "seen")
    assert "Đã chấp nhận báo cáo" in words(judge.get(answer.url))
    row.refresh_from_db()
    assert row.status == "ACCEPTED"


def test_a_returned_report_shows_the_reason_and_comes_again_with_its_number(opened):
    row = submit(opened, 2)
    judge = client_of(opened.heads[0])
    empty = fill(judge, page(opened, row, "review_return"), "reason")
    assert "Chưa ghi lý do" in words(empty)
    answer = fill(
        judge, page(opened, row, "review_return"), "reason", reason="Bổ sung số liệu quý II"
    )
    assert answer.status_code == 302, words(answer)
    number = row.number
    text = words(client_of(opened.officers[2]).get(page(opened, row)))
    assert "Bổ sung số liệu quý II" in text
    assert "Trả lại" in words(client_of(opened.officers[1]).get(home(opened)))
    again = fill(client_of(opened.heads[2]), page(opened, row, "review_submit"), "seen")
    assert again.status_code == 302, words(again)
    row.refresh_from_db()
    assert (row.number, row.status) == (number, "SUBMITTED")
    assert "1 từng bị trả lại" in words(client_of(opened.officers[0]).get(home(opened)))


def test_who_decides_on_an_older_text_is_refused_with_the_text_of_now(opened):
    row = submit(opened, 2)
    judge = client_of(opened.officers[0])
    stale = form_on(judge.get(page(opened, row, "review_accept")), "seen") | {"seen": "1"}
    answer = judge.post(page(opened, row, "review_accept"), stale)
    assert "đã thay đổi sau khi bạn mở trang" in words(answer)
    row.refresh_from_db()
    assert row.status == "SUBMITTED"
    assert (
        judge.post(page(opened, row, "review_accept"), form_on(answer, "seen")).status_code == 302
    )


def test_the_leads_report_is_locked_to_the_lead_and_decided_by_the_deputy(opened):
    row = submit(opened, 0)
    for person in (
        opened.officers[0],
        opened.heads[0],
        opened.officers[2],
        opened.organiser_acting,
    ):
        client = client_of(person)
        for name in ("review_accept", "review_return"):
            answer = client.get(page(opened, row, name))
            assert answer.status_code == 403
            assert "xem xét" in words(answer)
            assert client.post(page(opened, row, name), sent(seen=row.revision)).status_code == 403
    assert "vì không ai xem xét" in words(
        client_of(opened.heads[0]).get(page(opened, row, "review_accept"))
    )
    answer = fill(client_of(opened.heads[1]), page(opened, row, "review_accept"), "seen")
    assert answer.status_code == 302, words(answer)


def test_a_report_with_gaps_names_them_on_the_check_page(opened):
    row = walk.review(opened, 2)
    head = client_of(opened.heads[2])
    text = words(head.get(page(opened, row, "review_submit")))
    assert "Chưa viết mục" in text
    assert "chưa ghi nguyên nhân" in text
    answer = head.post(page(opened, row, "review_submit"), sent(seen=row.revision))
    assert "Chưa nộp được" in words(answer)


def test_a_late_report_says_by_how_many_days(opened, at):
    at(walk.MIDYEAR_ENDS)
    row = submit(opened, 2)
    row.refresh_from_db()
    assert row.days_late > 0
    assert f"chậm {row.days_late} ngày" in words(client_of(opened.officers[1]).get(home(opened)))


# The cluster's own report ---------------------------------------------------------------------
def test_the_clusters_report_stands_on_accepted_reports_only(opened):
    lead = client_of(opened.lead_officer)
    row = walk.review(opened, None)
    text = words(lead.get(page(opened, row)))
    assert "Chưa có báo cáo nào của đơn vị được chấp nhận" in text
    submit(opened, 1)
    fill(
        client_of(opened.officers[0]), page(opened, walk.review(opened, 1), "review_accept"), "seen"
    )
    submit(opened, 2)
    shown = lead.get(page(opened, row))
    text = words(shown)
    assert "chưa có báo cáo" in text
    assert "78" in text
    assert "75" not in text, "submitted, not accepted"
    assert "đã chấp nhận 1 báo cáo" in text


def test_assembled_text_is_inserted_on_demand_and_never_saved_by_itself(opened):
    submit(opened, 1)
    fill(
        client_of(opened.officers[0]), page(opened, walk.review(opened, 1), "review_accept"), "seen"
    )
    lead, row = client_of(opened.lead_officer), walk.review(opened, None)
    name, key = key_field(row)
    served = form_on(lead.get(page(opened, row)), name)
    assert served[name] == ""
    answer = lead.post(page(opened, row), served | {name: "Lời dẫn.", "lay": name})
    typed = form_on(answer, name)[name]
    assert typed.startswith(("Lời dẫn.\n\n", "Lời dẫn.\r\n"))
    assert "3 đơn vị gửi báo cáo" in typed
    assert opened.units[1].short_name in typed
    row.refresh_from_db()
    assert row.sections == {}
    unmet = next(f"s{i}" for i, h in enumerate(row.outline) if "CHƯA ĐẠT" in h["heading"])
    answer = lead.post(page(opened, row), form_on(answer, name) | {"lay": unmet})
    text = form_on(answer, name)[unmet]
    assert "Tỷ lệ điều tra, khám phá án chung: 78 %, mức ≥ 80 %" in text
    assert "nguyên nhân: Đã làm" in text
    assert lead.post(page(opened, row), form_on(answer, name)).status_code == 302
    row.refresh_from_db()
    assert row.sections[key].startswith("Lời dẫn.")


def test_the_organiser_accepts_the_clusters_report_and_the_year_runs_on(opened):
    row = submit(opened, None)
    assert client_of(opened.heads[1]).get(page(opened, row, "review_accept")).status_code == 403
    organiser = client_of(opened.organiser_acting)
    answer = fill(organiser, page(opened, row, "review_accept"), "seen")
    assert answer.status_code == 302, words(answer)
    assert walk.status_of(opened) == YearStatus.RUNNING
    assert "Không chờ ai" in words(organiser.get(home(opened)))


# Notices, inbox ----------------------------------------------------------------------
def test_each_step_is_told_to_whom_it_concerns_and_settled(opened):
    row = submit(opened, 2)
    told = Notice.objects.filter(text__contains="nộp báo cáo sơ kết của", withdrawn_at__isnull=True)
    assert set(told.values_list("recipient_id", flat=True)) == {
        opened.officers[0].user_id,
        opened.heads[0].user_id,
    }
    asked = Notice.objects.filter(text__contains="trình báo cáo sơ kết của")
    assert asked.get().recipient_id == opened.heads[2].user_id
    assert asked.get().withdrawn_at is not None
    fill(
        client_of(opened.heads[0]),
        page(opened, row, "review_return"),
        "reason",
        reason="Sửa mục II",
    )
    back = Notice.objects.filter(text__contains="“Sửa mục II”")
    assert set(back.values_list("recipient_id", flat=True)) == {
        opened.officers[2].user_id,
        opened.heads[2].user_id,
    }
    assert not told.filter(read_at__isnull=True).exists()


def test_the_inbox_asks_each_person_for_what_is_theirs(world, at):
    def titles(person, moment=walk.MIDYEAR):
        return [(w.title, bool(w.waits_for)) for w in work_waiting(person, moment)]

    assert titles(world.lead_officer) == [("Chốt số liệu và mở sơ kết", False)]
    assert titles(world.officers[2]) == []
    walk.open_reviews(world, M, walk.MIDYEAR, date(walk.YEAR, 6, 14))
    name = f"báo cáo sơ kết của {world.units[2].short_name}"
    assert titles(world.officers[2]) == [(f"Viết {name}", False)]
    assert titles(world.heads[2]) == [(f"B{name[1:]}", True)]
    at(walk.REPORTS)
    write_all(walk.refreshed(world), 2)
    assert titles(world.heads[2]) == [(f"Nộp {name}", False)]
    assert titles(world.officers[2]) == [(f"B{name[1:]}", True)]
    fill(client_of(world.heads[2]), page(world, walk.review(world, 2), "review_submit"), "seen")
    assert (f"Duyệt {name}", False) in titles(world.heads[0])
    assert titles(world.heads[2]) == [(f"B{name[1:]}", True)]
    assert titles(world.organiser_acting) == []


def test_the_confirmation_belongs_to_who_did_it(opened):
    row = submit(opened, 2)
    event = AuditEvent.objects.about(row).filter(action="pledges.review_submitted").get()
    address = page(opened, row, "review_done", event.seq)
    assert client_of(opened.heads[2]).get(address).status_code == 200
    assert client_of(opened.heads[0]).get(address).status_code == 404


# Any number of units -----------------------------------------------------------------------------
def statements(size: int, django_assert_max_num_queries) -> dict[str, int]:
    world = make_world(size, prefix=f"n{size}")
    world, _ = make_pledge_at(PledgeStatus.SIGNED, world)
    walk.open_reviews(walk.refreshed(world), M, walk.MIDYEAR, date(walk.YEAR, 6, 14))
    for index in range(1, size):
        walk.submit_review(world, index, M, walk.REPORTS)
        walk.accept_review(world, index, M, walk.REPORTS)
    row = walk.submit_review(world, 0, M, walk.REPORTS)
    pages = {
        "list": (world.lead_officer, home(world)),
        "cluster": (world.lead_officer, page(world, walk.review(world, None))),
        "lead": (world.officers[1], page(world, row)),
        "year end": (world.lead_officer, home(world, "tong-ket")),
        "inbox": (world.officers[1], "/viec-cua-toi/"),
    }
    counts = {}
    for name, (person, address) in pages.items():
        client = client_of(person)
        client.get(address)
        with django_assert_max_num_queries(60) as asked:
            assert client.get(address).status_code == 200
        counts[name] = len(asked)
    return counts


@pytest.mark.slow
def test_the_same_statements_for_any_number_of_units(at, django_assert_max_num_queries):
    at(walk.REPORTS)
    few = statements(5, django_assert_max_num_queries)
    many = statements(12, django_assert_max_num_queries)
    assert few == many


def test_every_judgement_has_a_look_and_a_name():
    assert set(TAGS) == set(LABELS) == set(Judgement)


def test_a_target_that_falls_due_later_is_not_judged_yet(world, at):
    client = client_of(world.lead_officer)
    key = figures.targets(world)[0].key
    client.post(home(world), form_on(client.get(home(world))) | {"not_due": [key]})
    row = walk.review(world, 2)
    assert row.figures["targets"][0]["judgement"] == "NOT_DUE"
    assert not row.unmet.exists()
    at(walk.REPORTS)
    assert "Chưa đến kỳ đánh giá" in words(client_of(world.officers[2]).get(page(world, row)))


def test_a_returned_report_is_its_writers_until_it_is_submitted_again(opened, at):
    row = walk.submit_review(opened, 2, M, walk.REPORTS)
    text = next(iter(row.sections.values()))
    reader = client_of(opened.officers[0])
    assert text in words(reader.get(page(opened, row)))
    workflow.give_back(
        review_id=row.pk, seen=row.revision, reason="Thiếu số liệu so sánh",
        by=opened.officers[0], now=walk.REPORTS,
    )  # fmt: skip
    shown = words(reader.get(page(opened, row)))
    assert text not in shown
    assert "Nội dung xem được khi đơn vị nộp lại" in shown
    assert text in client_of(opened.officers[2]).get(page(opened, row)).content.decode()
