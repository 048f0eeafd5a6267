"""From accepted reports, submitted and approved sheets and publications to documents and jobs."""

from io import BytesIO

import pikepdf
import pytest

from core.audit import first_fault
from core.canonical import sha256_of
from pledges.models import ReviewKind
from pledges.tests import year as walk
from reports import jobs, storage
from reports.codes import parse_code
from reports.models import Document, DocumentKind, Job
from reports.render import render_document
from reports.render.document import html_of
from reports.seal import check_seal
from reports.tests.pdf import text_of
from scoring.models import RunKind, RunLine, RunResult
from scoring.queries.worksheet import worksheet_of
from scoring.tests import objections
from scoring.workflow import run as runs
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput

pytestmark = pytest.mark.django_db
K, S = DocumentKind, Document.Stage


def only(kind: DocumentKind, **more) -> Document:
    return Document.objects.select_related("code").get(code__paper=kind, **more)


def settle_one(world, index: int = 2):
    """Change one final figure by decision after the provisional result."""
    row = walk.sheet(world, index)
    line = walk.lines(row)[-1]
    return sheets.settle(
        sheet_id=row.pk,
        line=LineInput(line.pk, walk.sound_figure(line), "Theo Kết luận số 15"),
        by=world.organiser_acting,
        now=walk.FINAL,
    )


# Reports -------------------------------------------------------------------------------------


def test_an_accepted_review_is_issued_with_code_copy_and_job():
    world = walk.midyear_world()
    walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    assert not Document.objects.filter(code__paper=K.REVIEW).exists()
    review = walk.accept_review(world, 2, ReviewKind.MIDYEAR, walk.MIDYEAR_ENDS)
    document = only(K.REVIEW)
    assert document.code.subject == f"review/{review.pk}"
    assert parse_code(document.code.code) == document.code.code
    assert (document.stage, document.revision, document.unit) == (S.ISSUED, 1, world.units[2])
    assert document.number == review.number
    assert document.content_hash == sha256_of(document.content)
    assert document.content["data_hash"] == sha256_of(document.content["data"])
    assert Job.objects.get(document=document).status == Job.Status.QUEUED
    assert first_fault() is None


def test_a_report_copies_figures_unmet_targets_and_who_confirmed():
    world = walk.midyear_world()
    walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    review = walk.accept_review(world, 2, ReviewKind.MIDYEAR, walk.MIDYEAR_ENDS)
    data = only(K.REVIEW).content["data"]
    code = world.units[2].code
    cell = data["targets"][0]["cells"][code]
    assert (cell["result"], cell["judgement"], cell["label"]) == ("75", "NOT_MET", "Chưa đạt")
    assert data["unmet"][0]["cause"] == "Địa bàn rộng"
    assert data["figures_hash"] == review.figures_hash
    signer = data["head"]["signer"]
    assert (signer["unit_name"], signer["act"]) == (world.units[2].name, "Đã xác nhận")
    assert signer["name"] == world.heads[2].full_name


def test_the_cluster_s_report_is_assembled_from_all_units():
    world = walk.end_midyear(walk.midyear_world())
    data = only(K.CLUSTER_REVIEW).content["data"]
    assert [unit["code"] for unit in data["units"]] == [unit.code for unit in world.units]
    assert {code: cell["result"] for code, cell in data["targets"][0]["cells"].items()} == {
        world.units[0].code: "82",
        world.units[1].code: "78",
        world.units[2].code: "75",
    }
    assert {row["unit"] for row in data["unmet"]} == {world.units[1].code, world.units[2].code}
    assert data["head"]["signer"]["place"] == world.cluster.lead_title
    assert Document.objects.filter(code__paper=K.REVIEW).count() == 3


def test_later_renames_do_not_reach_an_issued_report():
    world = walk.midyear_world()
    walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    walk.accept_review(world, 2, ReviewKind.MIDYEAR, walk.MIDYEAR_ENDS)
    name = world.units[2].name
    type(world.units[2]).objects.filter(pk=world.units[2].pk).update(name="Tên mới")
    assert only(K.REVIEW).content["data"]["issuer_name"] == name


# Sheets --------------------------------------------------------------------------------------


def test_a_submitted_sheet_is_issued_as_claimed():
    world = walk.yearend_world()
    row = walk.walk_sheet(world, 2, "SUBMITTED")
    document = only(K.SHEET_CLAIMED)
    assert (document.code.subject, document.number) == (f"sheet/{row.pk}/claimed", row.number)
    lines = document.content["data"]["lines"]
    work = worksheet_of(row, world.officers[2], walk.SCORING.date())
    points = {line.criterion.code: work.points(line) for line in work.lines}
    assert set(lines) == set(points)
    for code, line in lines.items():
        assert list(line["points"]) == ["claimed"]
        if line["points"]["claimed"]["points"] is not None:
            assert points[code] is not None
    assert not Document.objects.filter(code__paper=K.SHEET_APPROVED).exists()


def test_an_approved_sheet_carries_four_figures_and_sentences():
    world = walk.approved_world()
    documents = Document.objects.filter(code__paper=K.SHEET_APPROVED)
    assert documents.count() == 3
    lines = documents.get(unit=world.units[2]).content["data"]["lines"]
    line = next(iter(lines.values()))
    assert set(line["points"]) == {"claimed", "first", "second", "final"}
    assert all(each["why"] for each in lines.values())


def test_a_reopened_sheet_loses_its_print_and_approving_again_issues_the_next():
    world = walk.approved_world()
    row = walk.sheet(world, 2)
    sheets.reopen(sheet_id=row.pk, reason="Nhầm", by=world.organiser_acting, now=walk.PROVISIONAL)
    assert only(K.SHEET_APPROVED, unit=world.units[2]).withdrawn_at == walk.PROVISIONAL
    walk.approve(world, 2, walk.PROVISIONAL)
    prints = Document.objects.filter(code__subject=f"sheet/{row.pk}/approved")
    assert [(d.revision, d.withdrawn_at is None) for d in prints.order_by("revision")] == [
        (1, False),
        (2, True),
    ]
    assert len({d.number for d in prints}) == 1


def test_a_figure_settled_by_decision_issues_the_approved_sheet_again():
    world = walk.approved_world()
    walk.publish_provisional(world, walk.make_run(world))
    row = settle_one(world)
    prints = Document.objects.filter(code__subject=f"sheet/{row.pk}/approved").order_by("revision")
    assert [d.withdrawn_at is None for d in prints] == [False, True]
    reasons = [line["reasons"]["final"] for line in prints[1].content["data"]["lines"].values()]
    assert "Theo Kết luận số 15" in reasons


# Results -------------------------------------------------------------------------------------


def test_publishing_issues_summary_and_table_as_provisional():
    world = walk.approved_world()
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    summary, table = only(K.SUMMARY), only(K.SCORE_TABLE)
    assert (summary.stage, table.stage) == (S.PROVISIONAL, S.PROVISIONAL)
    assert summary.code.subject == f"run/{run.pk}/summary"
    assert summary.number == table.number == f"01/BTH-{world.cluster.symbol}"
    data = summary.content["data"]
    assert data["run"]["inputs_sha256"] == run.inputs_sha256
    stored = RunResult.objects.filter(run=run).order_by("order")
    assert [unit["rank"] for unit in data["units"]] == [result.rank for result in stored]
    assert "why" not in data
    lines = {
        (line.result.unit.code, line.code): line.why
        for line in RunLine.objects.filter(result__run=run).select_related("result__unit")
    }
    kept = table.content["data"]["why"]
    assert {(unit, code): why for unit in kept for code, why in kept[unit].items()} == lines
    assert all(unit["ends"] is None for unit in data["units"]), "every sheet is approved"


def test_a_provisional_result_with_open_sheets_says_how_far_it_can_go():
    world = walk.yearend_world()
    for index in (0, 1):
        walk.walk_sheet(world, index, "APPROVED")
    walk.walk_sheet(world, 2, "APPRAISED")
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    ends = {u["name"]: u["ends"] for u in only(K.SUMMARY).content["data"]["units"]}
    assert ends[world.units[2].name] == {"total": ["0", "110"], "rank": [1, 3]}
    html = html_of(only(K.SUMMARY).content)
    assert f"{world.units[2].name}: đạt từ 0,00 đến 110,00 điểm, hạng 1 đến 3." in html


def test_what_explains_a_claim_tells_nothing_of_sheets_that_are_not_handed_in():
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "SUBMITTED")
    content = only(K.SHEET_CLAIMED).content
    sentences = [line["why"] for line in content["data"]["lines"].values()]
    assert all(sentences)
    assert "CÁCH TÍNH ĐIỂM TỪNG TIÊU CHÍ" in html_of(content)
    others = (world.units[0].name, world.units[1].name)
    assert not any(name in why for name in others for why in sentences)


def test_the_final_result_of_the_same_run_is_the_next_revision():
    world = walk.published_world()
    prints = Document.objects.filter(code__paper=K.SUMMARY).order_by("revision")
    assert [(d.stage, d.withdrawn_at is None) for d in prints] == [
        (S.PROVISIONAL, False),
        (S.ISSUED, True),
    ]
    assert len({d.number for d in prints}) == 1
    assert world.year.status == "PUBLISHED"


def test_another_run_gets_its_own_code_and_ends_the_earlier_print():
    world = walk.approved_world()
    walk.publish_provisional(world, walk.make_run(world, RunKind.FIRST))
    walk.publish_provisional(world, walk.make_run(world))
    prints = Document.objects.filter(code__paper=K.SUMMARY).order_by("pk")
    assert [d.withdrawn_at is None for d in prints] == [False, True]
    assert len({d.code_id for d in prints}) == 2
    assert [d.number[:2] for d in prints] == ["01", "02"]


def test_a_revoked_result_leaves_no_standing_print():
    world = walk.published_world()
    runs.revoke(
        cluster_year_id=world.year.pk,
        reason="Quyết định số 9",
        by=world.organiser_acting,
        now=walk.FINAL,
    )
    results = Document.objects.filter(code__paper__in=[K.SUMMARY, K.SCORE_TABLE])
    assert not results.filter(withdrawn_at=None).exists()


@pytest.mark.pdf
def test_every_paper_of_a_real_year_is_made_and_sealed(tmp_path):
    world = walk.end_midyear(walk.midyear_world())
    for index in range(3):
        for order in (2, 3, 4):
            walk.walk.accepted(world, index, {0: str(70 + 5 * order)}, order)
    walk.open_reviews(world, ReviewKind.YEAREND, walk.YEAREND, walk.date(walk.YEAR, 12, 14))
    for index in range(3):
        walk.walk_sheet(world, index, "APPROVED")
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    objections.reject(world, objections.sent(world, None))
    walk.publish_final(world, run)
    made = {}
    # A vote that was counted has a test of its own.
    for kind in set(K) - {K.COUNT_RECORD}:
        document = Document.objects.filter(code__paper=kind).order_by("-pk").first()
        jobs.run(document.jobs.get().pk, lambda: walk.FINAL)
        document.refresh_from_db()
        assert document.file is not None, document.jobs.get().error
        made[kind] = document
        pdf = storage.read(document.file.sha256)
        text = text_of(pdf, tmp_path)
        assert document.number in text
        assert f"Mã xác minh {document.code.code}" in text
        assert check_seal(pdf).holds
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert "du-lieu.json" in opened.attachments
    assert render_document(made[K.SUMMARY].content).pages == made[K.SUMMARY].file.pages
