"""What the public page may say about a code, in every state of the paper."""

import pytest
from django.utils import timezone

from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from reports import jobs, storage
from reports.models import Document, Job
from reports.verification import Finding, Standing, says_of_file
from reports.verification import look_up as answer_for

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]


def look_up(typed: str) -> Finding:
    """Look a code up that is known to exist."""
    finding = answer_for(typed)
    assert finding is not None
    return finding


def work_off() -> None:
    """Do every job there is, as the worker does."""
    for _ in range(2):
        for job in Job.objects.filter(status=Job.Status.QUEUED).order_by("-pk"):
            jobs.run(job.pk, timezone.now)


def pledge_code() -> str:
    return Document.objects.filter(code__paper="PLEDGE").last().code.code


@pytest.mark.parametrize("typed", ["", "0000-0000-0000", "khong phai ma", "a" * 5000, "0000"])
def test_unknown_and_malformed_are_the_same_nothing(typed):
    assert answer_for(typed) is None


def test_a_paper_that_is_being_signed_is_not_yet_valid():
    world, pledge = f.make_pledge_at(P.SIGNING)
    f.sign(world, pledge, 0)
    finding = look_up(pledge_code().lower().replace("-", " "))
    assert finding.standing == Standing.TO_SIGN
    assert finding.sentence == "Chưa ký đủ (1/3): đây mới là bản trình ký, chưa có hiệu lực."
    assert [s.when for s in finding.signatures][1:] == ["chưa ký", "chưa ký"]
    assert finding.signatures[0].role == "Khối trưởng"
    assert finding.seal is None
    assert finding.sha256 == ""


def test_a_signed_paper_is_valid_with_its_facts_and_its_seal():
    _, pledge = f.make_pledge_at(P.SIGNED)
    work_off()
    finding = look_up(pledge_code())
    assert finding.standing == Standing.VALID
    assert finding.sentence == "Văn bản hợp lệ, đang có hiệu lực."
    assert finding.number == pledge.current.signed_content["numbers"]["PLEDGE"]
    assert finding.dated == "ngày\u00a004 tháng\u00a03 năm\u00a02026"
    assert finding.seal is not None
    assert finding.seal.holds
    assert (finding.pages or 0) >= 2
    assert finding.signed_count == len(finding.signatures) == 3
    assert finding.signatures[0].kind == "Xác nhận trên hệ thống"
    assert len(storage.read(finding.sha256)) == finding.size


def test_a_file_is_told_from_the_print_before_the_signatures_and_from_a_stranger():
    f.make_pledge_at(P.SIGNED)
    work_off()
    finding = look_up(pledge_code())
    assert says_of_file(finding, finding.sha256)[0] is True
    same, sentence = says_of_file(finding, finding.earlier[0])
    assert not same
    assert "bản trình ký" in sentence
    same, sentence = says_of_file(finding, "0" * 64)
    assert not same
    assert "Không khớp" in sentence


def test_a_declined_paper_is_void_and_says_whether_a_new_one_was_issued():
    world, pledge = f.make_pledge_at(P.SIGNING)
    old = pledge_code()
    f.workflow.decline(
        signatory_id=pledge.current.signatories.get(unit=world.units[0]).pk,
        seen_hash=pledge.current.frozen_hash,
        reason="Chưa khả thi",
        by=world.heads[0],
        now=f.SIGNING_DAY,
    )
    finding = look_up(old)
    assert finding.standing == Standing.WITHDRAWN
    assert finding.sentence == "Hết giá trị: có đơn vị từ chối ký bản này; bản mới đang được soạn."
    f.freeze(world, f.consent_all(world, f.circulate(world, pledge)))
    assert "đã có bản mới thay thế" in look_up(old).sentence
    assert look_up(pledge_code()).standing == Standing.TO_SIGN


def test_a_damaged_file_in_the_store_is_not_called_valid():
    f.make_pledge_at(P.SIGNED)
    work_off()
    path = storage.path_of(look_up(pledge_code()).sha256)
    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:-1])
    finding = look_up(pledge_code())
    assert finding.standing == Standing.DAMAGED
    assert finding.seal is None


def test_a_paper_of_the_lead_names_its_one_signature():
    world = f.make_world()
    pledge = f.start(world)
    f.add_papers(world, pledge)
    pledge = f.freeze(world, f.consent_all(world, f.circulate(world, pledge)))
    f.open_signing(world, pledge)
    code = Document.objects.get(code__paper="OUTLINE").code.code
    assert [s.role for s in look_up(code).signatures] == ["Khối trưởng"]


def test_a_code_is_answered_in_a_few_queries(django_assert_max_num_queries):
    f.make_pledge_at(P.SIGNED)
    work_off()
    code = pledge_code()
    with django_assert_max_num_queries(4):
        look_up(code)
