"""From draft to signing: what is checked before, what a changed text does, what is confirmed."""

import pytest

from core.models import AuditEvent
from pledges import operations
from pledges.models import Consent, Pledge, Signatory
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, url, words
from pledges.workflow import pledge as workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still(monkeypatch, settings):
    settings.EFFECTS = {}
    stop_clock(monkeypatch)


def at(status: P):
    world, pledge = f.make_pledge_at(status)
    return world, pledge


def fresh(world) -> Pledge:
    return Pledge.objects.select_related("current").get(cluster_year=world.year)


# Circulating ---------------------------------------------------------------------------------
def test_the_check_page_says_what_is_missing_and_where_to_add_it():
    world = f.make_world()
    workflow.start(cluster_year_id=world.year.pk, by=world.lead_officer, now=f.NOW)
    officer = client_of(world.lead_officer)
    page = officer.get(url(world, "circulate"))
    assert "Chưa thể gửi góp ý: chưa có căn cứ; chưa có nội dung thi đua" in words(page)
    assert f'href="{url(world, "bases")}"' in page.content.decode()
    answer = officer.post(url(world, "circulate"), form_on(page))
    assert answer.status_code == 200
    assert fresh(world).status == P.DRAFT


def test_a_draft_goes_out_once_and_is_confirmed():
    world, _ = at(P.DRAFT)
    officer = client_of(world.lead_officer)
    page = officer.get(url(world, "circulate"))
    assert "3 đơn vị" in words(page)
    assert "Đến hết 03/03/2026" in words(page)
    form = form_on(page)
    first = officer.post(url(world, "circulate"), form)
    second = officer.post(url(world, "circulate"), form)
    assert first["Location"] == second["Location"]
    assert AuditEvent.objects.filter(action="pledges.circulated").count() == 1
    done = words(officer.get(first["Location"]))
    assert "Đã gửi bản 1 góp ý" in done
    assert "Phiếu số" in done
    assert "12:00 ngày 20/02/2026" in done
    assert "đến hết 03/03/2026" in done
    assert client_of(world.heads[0]).get(first["Location"]).status_code == 404, (
        "another person's act"
    )


def test_a_draft_changed_since_it_was_read_does_not_go_out():
    world, pledge = at(P.DRAFT)
    officer = client_of(world.lead_officer)
    form = form_on(officer.get(url(world, "circulate")))
    operations.save_clause(
        pledge_id=pledge.pk, key=None, seen="", values=f.clause_values("Thêm sau"),
        by=world.heads[0], now=f.NOW,
    )  # fmt: skip
    answer = officer.post(url(world, "circulate"), form)
    assert "Nội dung đã thay đổi sau khi bạn mở trang" in words(answer)
    assert fresh(world).status == P.DRAFT
    assert officer.post(url(world, "circulate"), form_on(answer)).status_code == 302
    assert fresh(world).status == P.CIRCULATED


@pytest.mark.parametrize("name", ["circulate", "revise", "freeze", "open_signing"])
def test_steps_are_the_leads_alone(name):
    world, _ = at(P.CIRCULATED)
    for acting in (world.officers[1], world.heads[1], world.organiser_acting):
        client = client_of(acting)
        assert client.get(url(world, name)).status_code == 403
        answer = client.post(url(world, name), sent(note="Lý do", dated="04/03/2026"))
        assert answer.status_code == 403
    assert fresh(world).status == P.CIRCULATED


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "Chưa ghi lý do."), ("...", "Ghi rõ lý do bằng chữ"), ("a\x00b", "mã U+0000"),
     ("x" * 501, "Chỉ nhận tối đa 500 ký tự")],
)  # fmt: skip
def test_a_new_version_needs_a_reason(typed, says):
    world, _ = at(P.CIRCULATED)
    answer = fill(client_of(world.lead_officer), url(world, "revise"), note=typed)
    assert answer.status_code == 200
    assert says in words(answer)
    assert fresh(world).current.number == 1


def test_a_new_version_states_what_it_costs_first():
    world, pledge = at(P.CIRCULATED)
    f.consent(world, pledge, 1)
    f.consent(world, pledge, 2, agrees=False, reason="Mức cao")
    officer = client_of(world.lead_officer)
    assert "2 ý kiến (1 thống nhất) về bản 1 sẽ lấy lại." in words(
        officer.get(url(world, "revise"))
    )
    answer = fill(officer, url(world, "revise"), note="Hạ mức theo ý kiến")
    done = words(officer.get(answer["Location"]))
    assert "Đã mở bản 2" in done
    assert "Hạ mức theo ý kiến" in done
    assert not Consent.objects.standing().exists()
    assert officer.get(url(world, "revise")).status_code == 403, "the draft is edited directly"


# Consent -------------------------------------------------------------------------------------
def test_a_head_reads_everything_and_consents_once():
    world, _ = at(P.CIRCULATED)
    head, address = client_of(world.heads[1]), url(world, "consent")
    page = head.get(address)
    for text in ("Thực hiện nghiêm kỷ luật", "Tỷ lệ điều tra", "Căn cứ Luật Thi đua", "Bên ký"):
        assert text in words(page)
    form = form_on(page, "version") | {"word": "agree"}
    first, second = head.post(address, form), head.post(address, form)
    assert first["Location"] == second["Location"]
    given = Consent.objects.get()
    assert (given.unit, given.word) == (world.units[1], "CONSENT")
    assert "Đã thống nhất bản 1" in words(head.get(first["Location"]))
    assert "đã ghi “Thống nhất” lúc 12:00 ngày 20/02/2026" in words(head.get(address))


@pytest.mark.parametrize("reason", ["", "  ", "…", "123"])
def test_a_refusal_needs_its_reason_at_the_field(reason):
    world, _ = at(P.CIRCULATED)
    address = url(world, "consent")
    page = client_of(world.heads[1]).get(address)
    form = form_on(page, "version") | {"word": "refuse", "reason": reason}
    answer = client_of(world.heads[1]).post(address, form)
    assert answer.status_code == 200
    assert words(answer).count("Chưa ghi lý do. Nêu điều cần sửa") == 2
    assert not Consent.objects.exists()


def test_a_word_that_is_neither_is_refused():
    world, _ = at(P.CIRCULATED)
    address = url(world, "consent")
    for word in ("", "maybe"):
        form = form_on(client_of(world.heads[1]).get(address), "version") | {"word": word}
        answer = client_of(world.heads[1]).post(address, form)
        assert answer.status_code == 200
    tampered = form_on(client_of(world.heads[1]).get(address), "version")
    for version in ("abc", "", "9" * 30):
        answer = client_of(world.heads[1]).post(
            address, tampered | {"word": "agree", "version": version}
        )
        assert answer.status_code == 200
    assert not Consent.objects.exists()


def test_consent_to_a_text_that_changed_is_refused_with_the_difference():
    world, pledge = at(P.CIRCULATED)
    head, address = client_of(world.heads[1]), url(world, "consent")
    mine = form_on(head.get(address), "version") | {"word": "agree"}
    workflow.revise(pledge_id=pledge.pk, note="Sửa", by=world.lead_officer, now=f.NOW)
    row = fresh(world).current.clauses.get(text__startswith="Thực hiện nghiêm")
    while_draft = head.post(address, mine)
    assert "chưa gửi góp ý" in words(while_draft)
    operations.save_clause(
        pledge_id=pledge.pk, key=row.key, by=world.lead_officer, now=f.NOW,
        values=f.clause_values("Thực hiện nghiêm kỷ luật, kỷ cương và nêu gương."),
        seen=operations.mark_of(row, operations.CLAUSE_FIELDS),
    )  # fmt: skip
    f.circulate(world, pledge)
    answer = head.post(address, mine)
    page = words(answer)
    assert answer.status_code == 200
    assert "Nội dung đã thay đổi sau khi bạn mở trang nên chưa ghi nhận." in page
    assert "Bản bạn đã đọc là bản 1, bản hiện nay là bản 2" in page
    assert "nêu gương" in answer.content.decode().split("pl-diff")[1].split("</ul>")[0]
    assert not Consent.objects.exists()
    again = head.post(address, form_on(answer, "version") | {"word": "agree"})
    assert again.status_code == 302
    assert Consent.objects.get().version.number == 2


def test_only_heads_of_members_give_a_word():
    world, _ = at(P.CIRCULATED)
    for acting in (world.officers[1], world.lead_officer, world.organiser_acting):
        client = client_of(acting)
        page = client.get(url(world, "consent"))
        assert page.status_code == 200
        assert "Lãnh đạo đơn vị thành viên cho ý kiến" in words(page)
        assert 'value="refuse"' not in page.content.decode()
        version = fresh(world).current
        forged = sent(version=version.pk, mark=version.content_hash, word="agree")
        client.post(url(world, "consent"), forged)
    assert not Consent.objects.exists()


# Freezing and opening ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Chưa nhập ngày ghi trên văn bản."),
        ("30/02/2026", "Ghi ngày theo mẫu"),
        ("29/02/2026", "Ghi ngày theo mẫu"),
        ("hôm nay", "Ghi ngày theo mẫu"),
        ("04/03/2025", "Ngày phải từ 15/12/2025 trở đi."),
        ("31/12/9999", "Ngày không được sau 14/12/2026."),
        ("04/03/2026\x00", ""),
    ],
)
def test_a_bad_date_is_named_at_its_field(typed, says):
    world, _ = at(P.AGREED)
    answer = fill(client_of(world.lead_officer), url(world, "freeze"), "dated", dated=typed)
    assert answer.status_code == 200
    assert "gu-field-error" in answer.content.decode()
    assert says.split(",")[0] in words(answer) or "ngày" in words(answer).lower()
    assert fresh(world).status == P.AGREED


def test_freezing_shows_numbers_and_signers_first_and_confirms_with_the_hash():
    world, _ = at(P.AGREED)
    officer, address = client_of(world.lead_officer), url(world, "freeze")
    page = words(officer.get(address))
    assert "01/GƯTĐ-K1" in page
    assert "số sẽ lấy trong sổ" in page
    assert "3 đơn vị ký" in page
    answer = fill(officer, address, "dated", dated="4/3/2026")
    frozen = fresh(world)
    assert frozen.status == P.FROZEN
    assert frozen.current is not None
    assert frozen.current.frozen is not None
    assert frozen.current.frozen["dated"] == "2026-03-04"
    assert frozen.current.frozen["numbers"]["PLEDGE"] == "01/GƯTĐ-K1"
    done = words(officer.get(answer["Location"]))
    assert "Đã chốt bản 1 để ký" in done
    assert frozen.current.frozen_hash[:4] in done
    assert "01/GƯTĐ-K1" in done


def test_freezing_a_text_that_changed_is_refused():
    world, pledge = at(P.AGREED)
    officer, address = client_of(world.lead_officer), url(world, "freeze")
    mine = form_on(officer.get(address), "dated") | {"dated": "04/03/2026"}
    workflow.revise(pledge_id=pledge.pk, note="Sửa", by=world.lead_officer, now=f.NOW)
    f.circulate(world, pledge)
    f.consent_all(world, pledge)
    answer = officer.post(address, mine)
    assert "Nội dung đã thay đổi sau khi bạn mở trang" in words(answer)
    assert fresh(world).status == P.AGREED


def test_freezing_waits_for_every_unit_by_name():
    world, pledge = at(P.CIRCULATED)
    f.consent(world, pledge, 0)
    page = words(client_of(world.lead_officer).get(url(world, "freeze")))
    assert "Chưa thể chốt: còn 2 đơn vị chưa thống nhất là" in page
    assert world.units[1].short_name in page


def test_signing_opens_on_its_day_and_invites_the_first(monkeypatch):
    world, _ = at(P.FROZEN)
    officer, address = client_of(world.lead_officer), url(world, "open_signing")
    early = officer.post(address, form_on(officer.get(address)))
    assert "mở ngày 04/03/2026" in words(early)
    stop_clock(monkeypatch, f.SIGNING_DAY)
    officer = client_of(world.lead_officer)
    answer = fill(officer, address)
    assert answer.status_code == 302
    assert "Đã mở ký giao ước" in words(officer.get(answer["Location"]))
    invited = Signatory.objects.filter(status="INVITED")
    assert [s.unit for s in invited] == [world.units[0]]
    assert officer.get(url(world, "done", 999_999)).status_code == 404


# Versions ------------------------------------------------------------------------------------
def test_versions_are_listed_read_compared_and_printed():
    world, pledge = at(P.CIRCULATED)
    f.consent(world, pledge, 1)
    workflow.revise(pledge_id=pledge.pk, note="Thêm biện pháp", by=world.lead_officer, now=f.NOW)
    operations.save_clause(
        pledge_id=pledge.pk, key=None, seen="", by=world.lead_officer, now=f.NOW,
        values=f.clause_values("Đợt thi đua 90 ngày đêm", "MEASURES"),
    )  # fmt: skip
    f.circulate(world, pledge)
    member = client_of(world.officers[2])
    listed = words(member.get(url(world, "versions")))
    assert "2 bản" in listed
    assert "Thêm biện pháp" in listed
    assert "1 thống nhất" in listed
    assert "Hết giá trị" in listed
    old = words(member.get(url(world, "version", 1)))
    assert "Bản này hết giá trị" in old
    assert "90 ngày đêm" not in old
    difference = words(member.get(url(world, "compare") + "?cu=1&moi=2"))
    assert "Đợt thi đua 90 ngày đêm" in difference
    assert "1 chỗ khác" in difference
    assert "Hai bản giống nhau." in words(member.get(url(world, "compare") + "?cu=2&moi=2"))
    for odd in ("?cu=abc&moi=99", "?cu=&moi=-1", "?cu=1%00"):
        assert member.get(url(world, "compare") + odd).status_code == 200
    printed = words(member.get(url(world, "printed", 2)))
    assert "DỰ THẢO 2" in printed
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in printed
    assert member.get(url(world, "version", 3)).status_code == 404


def test_the_turn_line_waits_for_the_silent_and_for_the_lead_where_a_unit_said_no():
    world, pledge = at(P.CIRCULATED)
    f.consent(world, pledge, 0)
    f.consent(world, pledge, 1, agrees=False, reason="Mức cao")
    page = words(client_of(world.officers[1]).get(url(world, "pledge")))
    names = f"{world.units[2].short_name} và {world.units[0].short_name}"
    assert f"Đang chờ {names} Để chốt 1/3 đơn vị đã thống nhất, 1 chưa thống nhất" in page
    f.consent(world, pledge, 2)
    page = words(client_of(world.lead_officer).get(url(world, "pledge")))
    assert f"Đang chờ Bạn, thay mặt {world.units[0].short_name} Để chốt 2/3" in page
