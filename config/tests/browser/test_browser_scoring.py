"""A criteria table brought from Excel, and a cluster that votes on its titles, at the browser."""

import io
import json
import subprocess
import time
from pathlib import Path

import openpyxl
import pytest

from clusters.tests.factories import World, make_world
from config.tests.browser.installation import Installation
from config.tests.browser.people import Office, Person
from config.tests.browser.worlds import open_today
from pledges.tests import year as walk
from reports.models import Job
from scoring import tablebook
from scoring.engine import canonical
from scoring.models import Ballot, CriteriaTable, Nomination, OpenVote, Voter
from scoring.queries.table import STARTERS, as_interchange, draft_of
from scoring.workflow import run as run_workflow

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.pdf]
#: Until the worker has printed a paper, on a busy machine.
PRINT_SECONDS = 60.0
TITLE = "Cờ thi đua của Ủy ban nhân dân tỉnh"


# A table from Excel --------------------------------------------------------------------------
def faulty(data: bytes) -> bytes:
    """Spoil a workbook as people do: a sum that is short, a kind nobody knows, a code twice."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["Tiêu chí"]
    rows = [row for row in sheet.iter_rows(min_row=2) if row[3].value]
    rows[0][2].value = "1"
    rows[1][3].value = "Chấm theo cảm tính"
    rows[2][0].value = rows[3][0].value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def upload(person: Person, path: Path, data: bytes) -> None:
    """Choose a workbook and ask for the preview."""
    path.write_bytes(data)
    person.field("Tệp Excel").set_input_files(path)
    person.press("Xem trước")


def test_a_real_table_comes_from_excel_with_every_fault_shown_first(
    office: Office, tmp_path: Path
) -> None:
    world = make_world(3, prefix="excel")
    open_today(world)
    shipped = json.loads((STARTERS / "ministry-bands.json").read_text(encoding="utf-8"))
    book = tablebook.write(shipped)
    lead = office.person("canbo.excel.0").open(f"/nam/{world.year.pk}/bang-tieu-chi/")
    lead.follow("Nhập từ Excel")
    upload(lead, tmp_path / "bang-sai.xlsx", faulty(book))
    lead.sees("chỗ cần sửa trong tệp", "Chưa dòng nào được ghi", "Chấm theo cảm tính")
    assert not CriteriaTable.objects.filter(cluster_year=world.year).exists()

    lead.follow("Chọn lại tệp")
    upload(lead, tmp_path / "bang.xlsx", book)
    lead.press("Ghi vào bản nháp")
    lead.sees(shipped["name"])
    draft = draft_of(world.year)
    assert draft is not None
    assert canonical(as_interchange(draft)) == canonical(shipped)

    lead.open(f"/nam/{world.year.pk}/bang-tieu-chi/")
    saved = lead.download(lambda: lead.follow("Tải Excel"), tmp_path)
    again = tablebook.read(saved.read_bytes())
    assert again.table is not None
    assert canonical(again.table) == canonical(shipped)


# A vote --------------------------------------------------------------------------------------
def published(prefix: str) -> World:
    """Walk a cluster of three to its official result, by the calendar of the tests."""
    world = walk.yearend_world(world=make_world(3, prefix=prefix))
    for index in range(3):
        walk.walk_sheet(world, index, "APPROVED")
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    run_workflow.publish_final(
        cluster_year_id=world.year.pk, run_id=run.pk, typed=f"CÔNG BỐ {walk.YEAR}",
        by=world.organiser_acting, now=walk.FINAL,
    )  # fmt: skip
    return walk.refreshed(world)


def organiser_sets_the_quota(organiser: Person, url: str) -> None:
    """One flag for the cluster."""
    organiser.open(f"{url}chi-tieu-danh-hieu/").follow("Thêm danh hiệu")
    organiser.write("Danh hiệu, hình thức khen thưởng", TITLE)
    organiser.write("Số lượng tối đa", "1").press("Ghi chỉ tiêu").sees(TITLE, "1 danh hiệu")


def lead_opens_the_vote(lead: Person, url: str) -> None:
    """Secret, one of three, more than half of those present."""
    lead.open(f"{url}bo-phieu/").follow("Lập cuộc bỏ phiếu")
    lead.main.get_by_role("link", name=f"Suy tôn {TITLE}").click()
    lead.write("Ban kiểm phiếu", "Nguyễn Văn An, Trần Thị Bình")
    lead.press("Ghi, xem lại thể lệ").sees("Cần ít nhất 2/3 số đơn vị thành viên có mặt (2/3)")
    lead.press("Mở bỏ phiếu").sees("Đang bỏ phiếu")


def cast(head: Person, choice: str) -> None:
    """Vote from the inbox; without the tick that one has looked again nothing is recorded."""
    head.at().follow(f"Bỏ phiếu: Suy tôn {TITLE}")
    for has_looked in (False, True):
        head.page.get_by_label(choice).check()
        if has_looked:
            head.page.get_by_label("Tôi đã xem lại").check()
        head.press("Bỏ phiếu")
        head.sees("Đã nhận phiếu" if has_looked else "đánh dấu ô xác nhận")


def test_the_cluster_votes_in_secret_and_nominates_within_the_quota(
    office: Office, installation: Installation, tmp_path: Path
) -> None:
    world = published("phieu")
    url = f"/nam/{world.year.pk}/"
    organiser = office.person("thuongtruc.phieu")
    organiser_sets_the_quota(organiser, url)
    lead_opens_the_vote(office.person("canbo.phieu.0"), url)

    winner = world.units[0]
    for index in (1, 2):
        cast(office.person(f"lanhdao.phieu.{index}"), winner.name)
    ballot = Ballot.objects.get(cluster_year=world.year)
    again = office.person("lanhdao.phieu.1").open(f"{url}bo-phieu/{ballot.pk}/")
    again.sees("Đơn vị bạn đã bỏ phiếu")
    assert "2 phiếu" not in again.text()
    assert not OpenVote.objects.exists()
    assert Voter.objects.filter(ballot=ballot, has_voted=True).count() == 2

    lead = office.person("lanhdao.phieu.0").open(f"{url}bo-phieu/{ballot.pk}/kiem-phieu/")
    lead.press("Kết thúc bỏ phiếu, kiểm phiếu").sees("Trúng", "2/3 đơn vị")
    record = count_record(organiser, url, tmp_path)
    for words in ("BIÊN BẢN", "Kiểm phiếu", TITLE, winner.name, "Nguyễn Văn An"):
        assert words.lower() in record.lower(), words

    lead.open(f"{url}de-nghi-khen-thuong/")
    lead.main.get_by_role("link", name="Đề nghị").filter(has_text=TITLE).click()
    lead.press("Đề nghị khen thưởng")
    lead.sees(winner.name, "còn 0")
    [nomination] = Nomination.objects.filter(cluster_year=world.year)
    assert nomination.unit == winner
    assert nomination.ballot == ballot
    assert installation.manage("verify_audit").returncode == 0


def count_record(organiser: Person, url: str, folder: Path) -> str:
    """Wait for the record of the count in the print centre and read it back."""
    until = time.monotonic() + PRINT_SECONDS
    waiting = {Job.Status.QUEUED, Job.Status.RUNNING}
    while Job.objects.filter(status__in=waiting).exists() and time.monotonic() < until:
        time.sleep(0.3)
    link = organiser.open(f"{url}in/").page.get_by_role("link", name="Biên bản kiểm phiếu").first
    answer = organiser.context.request.get(str(link.get_attribute("href")))
    assert answer.ok
    path = folder / "bien-ban.pdf"
    path.write_bytes(answer.body())
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())
