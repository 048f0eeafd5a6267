"""The count record: issued once with the count, says sums and never who chose whom in secret."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from core.canonical import sha256_of
from core.tests.sharing import kept  # noqa: F401 - a fixture
from reports.models import Document, DocumentKind, PaperGroup
from reports.queries.printing import print_page
from reports.render import render_document
from reports.render.document import html_of
from reports.tests.later import head, paper, signer
from reports.tests.pdf import fonts_of, outside_the_margins, text_of
from reports.verification import Standing, look_up
from scoring.tests import voting as v

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept):  # noqa: F811 - the fixture
    return v.provisional_world()


def record() -> Document:
    return Document.objects.select_related("code").get(code__paper=DocumentKind.COUNT_RECORD)


# Issued with the count -----------------------------------------------------------------------
def test_a_count_is_issued_with_number_code_and_the_names_of_the_day(world):
    row = v.opened(world, tellers="Nguyễn Văn An, Trần Thị Bình")
    for index in (0, 1):
        v.cast(world, row, index, 1)
    assert not Document.objects.filter(code__paper=DocumentKind.COUNT_RECORD).exists()
    v.count(world, row)
    document = record()
    assert (document.code.subject, document.number) == (f"ballot/{row.pk}", "01/BB-K1")
    assert document.content_hash == sha256_of(document.content)
    data = document.content["data"]
    assert data["tellers"] == ["Nguyễn Văn An", "Trần Thị Bình"]
    assert [one["votes"] for one in data["candidates"]] == [0, 2, 0]
    assert data["voters"][2] == {
        "name": world.units[2].name, "present": False, "voted": False,
    }  # fmt: skip
    assert data["head"]["signer"]["unit_name"] == world.organiser.name
    found = look_up(document.code.code)
    assert (found.standing, found.number) == (Standing.VALID, "01/BB-K1")
    page = print_page(world.year, world.officers[2])
    results = next(group for group in page.groups if group.group == PaperGroup.RESULTS)
    assert document in [one.document for one in results.papers]


def test_of_a_secret_vote_the_paper_knows_sums_only(world):
    """Swap who chose whom: the frozen content is the same, so nothing else can be printed."""
    contents = []
    row = v.opened(world)
    for choices in (((0,), (1,), ()), ((1,), (), (0,))):
        point = transaction.savepoint()
        for index, places in enumerate(choices):
            v.cast(world, row, index, *places)
        v.count(world, row)
        contents.append(json.dumps(record().content["data"], sort_keys=True))
        transaction.savepoint_rollback(point)
    assert contents[0] == contents[1]


def test_a_count_on_paper_names_its_minutes_and_who_entered_it(world):
    row = v.opened(world, on_paper=True)
    v.count_paper(world, row, (3, 0, 0))
    data = record().content["data"]
    assert data["minutes"]["name"] == v.SCAN.name
    assert data["head"]["signer"]["place"] == world.cluster.lead_title


# Printed -------------------------------------------------------------------------------------
def content(**more) -> dict[str, Any]:
    """A record as it is frozen; thirteen units with long names."""
    names = [f"Công an thành phố trực thuộc số {n:02d}, Bộ Công an" for n in range(1, 14)]
    ballot = {
        "number": 3, "title": "Suy tôn Cờ thi đua của Bộ Công an", "subject": "Suy tôn",
        "is_secret": True, "on_paper": False, "run": 2,
        "rule": "Cần ít nhất 2/3 số đơn vị thành viên có mặt (9/13); trúng khi được quá 1/2 số "
        "đơn vị có mặt (7/12 phiếu). Mỗi phiếu chọn không quá 2 đơn vị.",
        "opened_at": "2024-07-05T02:00:00+00:00", "counted_at": "2024-07-05T03:00:00+00:00",
    }  # fmt: skip
    data = {
        "head": head("Biên bản kiểm phiếu số 3", "Suy tôn Cờ thi đua", number="03/BB-C1",
                     signer=signer(act="Đã kiểm phiếu", place="Cụm trưởng")),
        "ballot": ballot | more,
        "candidates": [
            {"name": names[0], "rank": 1, "points": "985,50", "votes": 11, "chosen": True,
             "equal": False, "by": names[1:4] if not more.get("is_secret", True) else []},
            {"name": names[1], "rank": None, "points": "912,00", "votes": 0, "chosen": False,
             "equal": False, "by": []},
        ],
        "excluded": [{"unit_name": names[2], "reason": "Không xét thi đua năm nay."}],
        "voters": [{"name": n, "present": n != names[4], "voted": n not in names[4:6]}
                   for n in names],
        "result": {"present": 12, "members": 13, "needed_present": 9, "cast": 11, "blank": 0,
                   "needed_votes": 7, "sentence": f"Trúng: {names[0]}."},
        "tellers": ["Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường"],
        "minutes": None,
    }  # fmt: skip
    return paper("COUNT_RECORD", data)


@pytest.mark.pdf
def test_the_record_is_printed_as_an_official_paper(tmp_path):
    pdf = render_document(content()).pdf
    text = text_of(pdf, tmp_path)
    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BIÊN BẢN KIỂM PHIẾU", "Số: 03/BB-C1",
        "bỏ phiếu kín trên hệ thống", "Thể lệ: cần ít nhất 2/3", "Số đơn vị có mặt: 12/13",
        "BAN KIỂM PHIẾU", "Lê Văn Cường", "CỤM TRƯỞNG", "có mặt, không", "vắng",
        "không ghi đơn vị chọn ai", "Mã xác minh",
    ):  # fmt: skip
        assert said in text, said
    assert "Đơn vị chọn:" not in text
    assert outside_the_margins(pdf, tmp_path, 14.5) == []
    assert all("Liberation" in font for font in fonts_of(pdf, tmp_path))
    assert render_document(deepcopy(content())).pdf == pdf


def test_an_open_vote_prints_who_chose_whom():
    html = html_of(content(is_secret=False))
    assert "Đơn vị chọn: Công an thành phố trực thuộc số 02" in html
    assert "biểu quyết công khai" in html
