"""The list of objections: issued when nothing waits, replaced later, the organiser's own."""

from typing import Any

import pytest

from core.canonical import sha256_of
from core.tests.sharing import kept  # noqa: F401 - a fixture
from pledges.tests import year as walk
from pledges.tests.pages import client_of
from reports.models import Document, DocumentKind, PaperGroup
from reports.queries.printing import print_page
from reports.render import render_document
from reports.render.document import html_of
from reports.tests.later import head, paper, signer
from reports.tests.pdf import outside_the_margins, text_of
from reports.verification import Standing, look_up
from scoring.tests import objections as o
from scoring.workflow import objection as workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept):  # noqa: F811 - the fixture
    return o.provisional_world()


def papers() -> list[Document]:
    rows = Document.objects.filter(code__paper=DocumentKind.OBJECTIONS)
    return list(rows.select_related("code").order_by("revision"))


def test_the_list_is_issued_once_nothing_waits_and_again_after_each_later_decision(world):
    line = o.direct_line(world)
    first, second = o.sent(world, line), o.sent(world, None)
    o.accept(world, first)
    assert papers() == [], "the second one still waits"
    o.reject(world, second)
    (document,) = papers()
    assert document.content_hash == sha256_of(document.content)
    rows = document.content["data"]["objections"]
    assert [(row["number"], row["status"]) for row in rows] == [(1, "ACCEPTED"), (2, "REJECTED")]
    assert (rows[0]["after"], rows[1]["after"]) == ("0,5 điểm", "")
    assert rows[0]["text"] == o.TEXT
    found = look_up(document.code.code)
    assert (found.standing, found.number) == (Standing.VALID, document.number)
    o.reject(world, o.sent(world, o.direct_line(world, place=1)))
    before, after = papers()
    assert before.withdrawn_at is not None
    assert (after.revision, after.number) == (2, document.number)


def withdraw(world, row) -> None:
    workflow.withdraw(
        objection_id=row.pk, seen=row.revision, by=world.heads[o.UNIT], now=walk.moment(12, 28, 16)
    )


def test_the_list_is_issued_when_the_last_one_that_waits_is_withdrawn(world):
    line = o.direct_line(world)
    withdraw(world, o.sent(world, line))
    assert papers() == [], "nothing was ever decided"
    decided, waiting = o.sent(world, line), o.sent(world, None)
    o.reject(world, decided)
    assert papers() == []
    withdraw(world, waiting)
    (document,) = papers()
    data = document.content["data"]
    assert [row["status"] for row in data["objections"]] == ["WITHDRAWN", "REJECTED", "WITHDRAWN"]
    signed = data["head"]["signer"]
    assert (signed["name"], signed["at"]) == (
        world.organiser_acting.full_name, o.DECIDED.isoformat()
    )  # fmt: skip


def test_what_units_wrote_is_printed_for_the_organiser_alone(world):
    o.reject(world, o.sent(world, None))
    (document,) = papers()
    page = print_page(world.year, world.organiser_acting)
    results = next(group for group in page.groups if group.group == PaperGroup.RESULTS)
    assert document in [one.document for one in results.papers]
    for person in (world.officers[2], world.lead_officer, world.organiser_head):
        assert document not in Document.objects.visible_to(person)
        assert client_of(person).get(f"/van-ban/{document.pk}/").status_code == 404
    assert document in Document.objects.visible_to(world.organiser_acting)


def content() -> dict[str, Any]:
    """A list as it is frozen; a long text, a criterion and the whole result."""
    common = {"sent_at": "2026-12-25T02:00:00+00:00", "ended_at": "2026-12-28T08:00:00+00:00"}
    data = {
        "head": head("Bảng tổng hợp kiến nghị", "Khối thi đua, năm 2026", number="04/BTH-K1",
                     signer=signer(act="Đã quyết định")),
        "publications": [{"run": 1, "until": "2026-12-28"}],
        "objections": [
            common | {
                "number": 1, "unit": "Công an thành phố Đồng Hới",
                "about": "P.3 Báo cáo số liệu không chính xác, phải đính chính",
                "text": "Số liệu tháng 3 được sửa trong hạn. " * 20, "asked": "Lần đính chính: 0",
                "status": "ACCEPTED", "decision": "Phiếu trả lại trước ngày khóa sổ.",
                "before": "Lần đính chính: 1", "after": "Lần đính chính: 0",
            },
            common | {
                "number": 2, "unit": "Công an huyện Minh Hóa", "about": "Kết quả chung",
                "text": "Đề nghị xem lại <hạng>", "asked": "", "status": "WITHDRAWN",
                "decision": "", "before": "", "after": "",
            },
        ],
    }  # fmt: skip
    return paper("OBJECTIONS", data)


@pytest.mark.pdf
def test_the_list_is_printed_as_an_official_paper(tmp_path):
    pdf = render_document(content()).pdf
    text = text_of(pdf, tmp_path)
    for said in (
        "BẢNG TỔNG HỢP KIẾN NGHỊ", "Số: 04/BTH-K1", "nhận kiến nghị đến hết ngày 28/12/2026",
        "2 kiến nghị: 1 chấp nhận, 0 không chấp nhận, 1 đã rút", "Chấp nhận,",
        "Phiếu trả lại", "→", "Đơn vị đã rút", "Gửi ngày", "Mã xác minh",
    ):  # fmt: skip
        assert said in text, said
    assert outside_the_margins(pdf, tmp_path, 14.5) == []


def test_what_was_typed_is_text():
    assert "&lt;hạng&gt;" in html_of(content())
