"""A head declines to sign: the signing ends, everybody is told why, the old code says so."""

import pytest

from config.tests.browser.people import Office
from config.tests.browser.worlds import now, world_at
from pledges.models import Pledge, PledgeStatus
from pledges.tests import factories as f
from reports.models import VerifyCode

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REASON = "Chỉ tiêu điều tra, khám phá án chung chưa được sửa như đã thống nhất tại hội nghị."


def test_decline_at_signing(office: Office) -> None:
    world, pledge = world_at(PledgeStatus.SIGNING, "tuchoi")
    f.sign(world, pledge, 0, now())
    code = VerifyCode.objects.get(version=pledge.current, paper="PLEDGE").code
    stranger = office.enter().open(f"/xac-minh/{code}/").sees("1/3 chữ ký")

    head = office.person("lanhdao.tuchoi.1").at().follow("Ký giao ước thi đua")
    head.follow("Từ chối ký và nêu lý do").sees("1 chữ ký đã có không còn dùng được")
    head.press("Từ chối ký bản 1").sees("Chưa nêu lý do từ chối ký.")
    head.write("Lý do từ chối ký", REASON).press("Từ chối ký bản 1").sees(REASON)

    for name in ("lanhdao.tuchoi.0", "canbo.tuchoi.2", "canbo.tuchoi.0", "thuongtruc.tuchoi"):
        told = office.person(name).at()
        told.page.get_by_role("link", name="Thông báo").first.click()
        told.sees("Thông báo", REASON)
    lead = office.person("canbo.tuchoi.0").at().follow("Hoàn thiện bản 2 để gửi góp ý")
    lead.sees("Bản nháp", REASON)
    signed_before = office.person("lanhdao.tuchoi.0").open(f"/nam/{world.year.pk}/giao-uoc/ky/")
    assert signed_before.page.get_by_label("Nhập lại mật khẩu").count() == 0
    stranger.page.reload()
    stranger.sees("Hết giá trị")
    assert Pledge.objects.get(pk=pledge.pk).status == PledgeStatus.DRAFT
