"""Who is told what: the right people once, in sentences, and nothing that is settled stays."""

import pytest

from accounts.models import User
from core.models import Notice
from pledges import operations
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from pledges.tests.pages import url
from pledges.workflow import pledge as workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_notices(settings):
    """Leave documents out: they are the business of another app and have tests of their own."""
    settings.EFFECTS = {
        action: [name for name in names if name.startswith("pledges.")]
        for action, names in settings.EFFECTS.items()
    }


def told(text: str) -> set[str]:
    """Return who has a standing notice that holds the text."""
    rows = Notice.objects.filter(text__contains=text, withdrawn_at=None)
    return set(rows.values_list("recipient__username", flat=True))


def people(*acting) -> set[str]:
    keys = [one.user_id for one in acting]
    return set(User.objects.filter(pk__in=keys).values_list("username", flat=True))


def test_circulating_asks_all_members_but_whoever_did_it():
    world, _ = f.make_pledge_at(P.CIRCULATED)
    asked = told("gửi bản 1 giao ước để góp ý và thống nhất, hạn 03/03/2026.")
    assert asked == people(*world.officers[1:], *world.heads)


def test_a_word_settles_the_question_of_its_unit_only():
    world, pledge = f.make_pledge_at(P.CIRCULATED)
    f.consent(world, pledge, 1, agrees=False, reason="Mức 80 % cao")
    assert told("chưa thống nhất bản 1: “Mức 80 % cao”") == people(
        world.officers[0], world.heads[0]
    )
    assert told("gửi bản 1") == people(world.officers[2], world.heads[0], world.heads[2])


def test_the_lead_hears_of_consent_only_from_the_last_unit():
    world, pledge = f.make_pledge_at(P.CIRCULATED)
    for index in (0, 1):
        f.consent(world, pledge, index)
    assert not told("đã thống nhất")
    f.consent(world, pledge, 2)
    said = "Cả 3 đơn vị đã thống nhất bản 1 giao ước. Có thể chốt để ký."
    assert told(said) == people(world.officers[0], world.heads[0])
    workflow.revise(pledge_id=pledge.pk, note="Sửa phần IV", by=world.lead_officer, now=f.NOW)
    assert not told(said)
    assert told("lập bản 2 thay bản 1: “Sửa phần IV”.") == people(*world.officers[1:], *world.heads)


def test_an_answer_reaches_the_unit_that_spoke():
    world, pledge = f.make_pledge_at(P.CIRCULATED)
    made = operations.comment(
        pledge_id=pledge.pk, anchor="PLEDGE", text="Góp ý", by=world.officers[2], now=f.NOW
    )
    operations.answer(
        remark=made, accepted=False, text="Đã có ở phần IV", by=world.lead_officer, now=f.NOW
    )
    assert told("(giữ nguyên, có giải thích): “Đã có ở phần IV”") == people(
        world.officers[2], world.heads[2]
    )


def test_signing_invites_one_after_the_other_and_ends_with_everybody():
    world, pledge = f.make_pledge_at(P.SIGNING)
    assert told("Đến lượt đơn vị bạn đọc và ký.") == people(world.heads[0])
    f.sign(world, pledge, 0)
    said = f"{world.units[0].short_name} đã ký lúc 09:00. Tiếp theo: {world.units[1].short_name}."
    assert told(said) == people(world.officers[0], world.heads[1])
    assert not told("Đến lượt đơn vị bạn"), "the first has signed"
    f.sign(world, pledge, 1)
    f.sign(world, pledge, 2)
    everybody = people(*world.officers, *world.heads, world.organiser_acting, world.organiser_head)
    assert told("đã đủ 3 chữ ký") == everybody - people(world.heads[2])


def test_a_refusal_to_sign_is_told_to_everybody_with_its_reason():
    world, pledge = f.make_pledge_at(P.SIGNING)
    version = pledge.current
    workflow.decline(
        signatory_id=version.signatories.get(unit=world.units[0]).pk, seen_hash=version.frozen_hash,
        reason="Chỉ tiêu vượt khả năng", by=world.heads[0], now=f.SIGNING_DAY,
    )  # fmt: skip
    said = "từ chối ký bản 1 giao ước: “Chỉ tiêu vượt khả năng”. Lễ ký dừng;"
    everybody = people(*world.officers, *world.heads, world.organiser_acting, world.organiser_head)
    assert told(said) == everybody - people(world.heads[0])
    assert not told("Đến lượt đơn vị bạn")


def test_every_notice_leads_to_a_page_of_the_pledge():
    world, _ = f.make_pledge_at(P.FROZEN)
    assert told("số 01/GƯTĐ-K1, ngày 04/03/2026.") == people(*world.officers[1:], *world.heads)
    urls = set(Notice.objects.values_list("url", flat=True))
    assert urls <= {url(world, name) for name in ("pledge", "consent", "freeze")}
