"""From the freeze and the last signature to documents, codes and jobs, in the same transaction."""

import pytest
from django.db import transaction

from core.audit import first_fault
from core.canonical import sha256_of
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from reports.codes import parse_code
from reports.models import Document, Job, VerifyCode

pytestmark = pytest.mark.django_db
S = Document.Stage


@pytest.fixture
def frozen():
    world = f.make_world()
    pledge = f.start(world)
    f.add_papers(world, pledge)
    f.add_witness(world, pledge)
    pledge = f.freeze(world, f.consent_all(world, f.circulate(world, pledge)))
    return world, pledge


def test_the_freeze_issues_every_paper_with_its_code_and_a_job(frozen):
    _, pledge = frozen
    documents = Document.objects.order_by("pk")
    assert [(d.code.paper, d.stage, d.revision) for d in documents] == [
        ("PLEDGE", S.TO_SIGN, 1),
        ("REGULATION", S.TO_SIGN, 1),
        ("OUTLINE", S.TO_SIGN, 1),
    ]
    assert all(parse_code(d.code.code) == d.code.code for d in documents)
    assert {job.document_id for job in Job.objects.all()} == {d.pk for d in documents}
    assert {job.status for job in Job.objects.all()} == {Job.Status.QUEUED}
    assert documents[0].number == pledge.current.frozen["numbers"]["PLEDGE"]


def test_a_document_holds_a_copy_of_what_was_frozen_and_its_hash(frozen):
    _, pledge = frozen
    document = Document.objects.first()
    assert document.content["frozen"] == pledge.current.frozen
    assert sha256_of(document.content["frozen"]) == pledge.current.frozen_hash
    assert document.content_hash == sha256_of(document.content)
    assert document.content["verify_url"].endswith(f"/xac-minh/{document.code.code}/")
    assert "demonstration" not in document.content


def test_demonstration_years_mark_their_documents():
    world = f.make_world()
    type(world.year).objects.filter(pk=world.year.pk).update(is_demonstration=True)
    f.make_pledge_at(P.FROZEN, world)
    assert {d.content.get("demonstration") for d in Document.objects.all()} == {True}


def test_the_last_signature_issues_the_signed_prints_and_the_book(frozen):
    world, pledge = frozen
    pledge = f.sign_all(world, f.open_signing(world, pledge))
    assert pledge.status == P.SIGNED
    signed = Document.objects.filter(stage=S.SIGNED).order_by("pk")
    assert [(d.code.paper, d.revision) for d in signed] == [
        ("PLEDGE", 2),
        ("REGULATION", 2),
        ("OUTLINE", 2),
    ]
    assert VerifyCode.objects.count() == 3
    book = Job.objects.get(kind=Job.Kind.BOOK)
    assert {job.document_id for job in book.children.all()} == {d.pk for d in signed}
    assert first_fault() is None


def test_a_signed_print_carries_who_signed_as_printed_then(frozen):
    world, pledge = frozen
    f.sign_all(world, f.open_signing(world, pledge))
    content = Document.objects.get(code__paper="PLEDGE", revision=2).content
    signatures = content["signatures"]
    assert [s["order"] for s in signatures] == [1, 2, 3, 4]
    assert [s["role"] for s in signatures] == ["SIGNER"] * 3 + ["WITNESS"]
    assert signatures[0]["kind_label"] == "Xác nhận trên hệ thống"
    assert signatures[0]["ip"] == "10.0.0.5"
    assert signatures[0]["rank"] == "Đại tá"
    assert {s["frozen_hash"] for s in signatures} == {content["frozen_hash"]}
    assert len(content["consents"]) == 3


def test_a_refusal_withdraws_the_prints_and_keeps_them(frozen):
    world, pledge = frozen
    pledge = f.open_signing(world, pledge)
    version = pledge.current
    f.workflow.decline(
        signatory_id=version.signatories.get(unit=world.units[0]).pk,
        seen_hash=version.frozen_hash,
        reason="Chỉ tiêu 3 chưa khả thi",
        by=world.heads[0],
        now=f.SIGNING_DAY,
    )
    assert Document.objects.filter(withdrawn_at=None).count() == 0
    assert Document.objects.count() == 3


def test_a_new_version_keeps_its_number_and_gets_its_own_codes(frozen):
    world, pledge = frozen
    old = set(VerifyCode.objects.values_list("code", flat=True))
    numbers = set(Document.objects.values_list("number", flat=True))
    test_a_refusal_withdraws_the_prints_and_keeps_them(frozen)
    pledge = f.freeze(world, f.consent_all(world, f.circulate(world, pledge)))
    assert pledge.current.number == 2
    fresh = Document.objects.filter(withdrawn_at=None)
    assert fresh.count() == 3
    assert set(fresh.values_list("number", flat=True)) == numbers
    assert not old & set(fresh.values_list("code__code", flat=True))


def test_nothing_is_issued_when_the_freeze_does_not_go_through():
    world, pledge = f.make_pledge_at(P.AGREED)
    with transaction.atomic():
        f.freeze(world, pledge)
        assert Document.objects.count() == 1
        transaction.set_rollback(True)
    assert Document.objects.count() == 0
    assert Job.objects.count() == 0
