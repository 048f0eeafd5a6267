"""The print centre in the second half of the year: groups, the grid of units, sets, their end."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import ClusterYear
from core.models import AuditEvent
from pledges.models import ReviewKind
from pledges.tests import year as walk
from reports import jobs, storage
from reports.jobs.orders import KEPT
from reports.models import Document, DocumentKind, Job, StoredFile
from reports.tests.pages import client_of, make_files, stop_clock, text_of

pytestmark = pytest.mark.django_db
K = DocumentKind


@pytest.fixture
def reviewed(monkeypatch):
    """A year whose mid-year reports are accepted and printed."""
    stop_clock(monkeypatch, walk.MIDYEAR_ENDS)
    world = walk.end_midyear(walk.midyear_world())
    make_files(walk.MIDYEAR_ENDS)
    return world


def centre(acting, world):
    return client_of(acting).get(reverse("reports:print_centre", args=[world.year.pk]))


def ask(acting, world, group="so-ket"):
    address = reverse("reports:ask_set", args=[world.year.pk, group])
    return client_of(acting).post(address, follow=True)


def the_set(**more) -> Job:
    return Job.objects.get(kind=Job.Kind.SET, **more)


def pack(job: Job, at=walk.MIDYEAR_ENDS) -> bytes:
    jobs.run(job.pk, lambda: at)
    job.refresh_from_db()
    assert job.result is not None, job.error
    return storage.read(job.result.sha256)


def test_papers_are_grouped_and_units_stand_in_a_grid(reviewed):
    words = text_of(centre(reviewed.organiser_acting, reviewed))
    assert "Sơ kết 1 văn bản" in words
    assert "Văn bản của từng đơn vị" in words
    assert "Báo cáo sơ kết Báo cáo tổng kết Phiếu tự chấm Phiếu đã duyệt" in words
    for unit in reviewed.units:
        assert unit.short_name in words
    assert "Sơ kết , 4 văn bản" in words


def test_a_set_is_packed_with_contents_and_hashes_and_kept_thirty_days(reviewed):
    answer = ask(reviewed.officers[2], reviewed)
    job = the_set()
    assert answer.redirect_chain[-1][0] == reverse("reports:job", args=[job.pk])
    assert job.expires_on == local_date(walk.MIDYEAR_ENDS) + KEPT
    assert job.for_unit == reviewed.units[2]
    with zipfile.ZipFile(io.BytesIO(pack(job))) as archive:
        names = archive.namelist()
        contents = archive.read("MUC-LUC.txt").decode()
    assert len([name for name in names if name.endswith(".pdf")]) == 4
    assert "MANIFEST.sha256" in names
    assert "Phát hành:" in contents
    assert AuditEvent.objects.filter(action="reports.set_ordered").count() == 1
    words = text_of(centre(reviewed.officers[2], reviewed))
    assert "giữ đến hết ngày 01/08/2026" in words


def test_the_same_set_is_one_job_and_other_units_have_their_own(reviewed):
    for acting in (reviewed.officers[2], reviewed.heads[2], reviewed.officers[1]):
        ask(acting, reviewed)
        if acting is reviewed.officers[2]:
            pack(the_set())
    assert Job.objects.filter(kind=Job.Kind.SET).count() == 2


def test_a_set_of_one_unit_is_nobody_elses(reviewed):
    ask(reviewed.officers[2], reviewed)
    job = the_set()
    pack(job)
    address = reverse("reports:file", args=[job.pk])
    assert client_of(reviewed.heads[2]).get(address).status_code == 200
    for acting in (reviewed.officers[1], reviewed.organiser_acting):
        assert client_of(acting).get(address).status_code == 404


def test_a_set_waits_until_its_papers_are_made(monkeypatch):
    stop_clock(monkeypatch, walk.MIDYEAR_ENDS)
    world = walk.midyear_world()
    walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    walk.accept_review(world, 2, ReviewKind.MIDYEAR, walk.MIDYEAR_ENDS)
    answer = ask(world.officers[2], world)
    assert "Còn 1 văn bản đang dựng" in text_of(answer)
    assert not Job.objects.filter(kind=Job.Kind.SET).exists()


def test_an_unknown_group_is_not_found(reviewed):
    assert ask(reviewed.officers[2], reviewed, "la-gi").status_code == 404
    assert ask(reviewed.officers[2], reviewed, "tong-ket").status_code in (200, 403)
    assert not Job.objects.filter(kind=Job.Kind.SET).exists()


# Who sees what -------------------------------------------------------------------------------


def test_a_printed_sheet_is_read_by_who_may_open_the_sheet(monkeypatch):
    stop_clock(monkeypatch, walk.SCORING)
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "SUBMITTED")
    make_files(walk.SCORING)
    document = Document.objects.get(code__paper=K.SHEET_CLAIMED)
    job = document.jobs.get()
    for name, pk in (("document", document.pk), ("file", job.pk), ("job", job.pk)):
        address = reverse(f"reports:{name}", args=[pk])
        seen = (world.officers[2], world.officers[0], world.organiser_acting)
        assert [client_of(a).get(address).status_code for a in seen] == [200, 200, 200], name
        assert client_of(world.officers[1]).get(address).status_code == 404, name
    assert "Phiếu tự chấm" in text_of(centre(world.officers[2], world))
    assert document.number not in text_of(centre(world.officers[1], world))


def test_the_points_of_all_units_are_printed_for_those_to_whom_they_are_open(monkeypatch):
    stop_clock(monkeypatch, walk.PROVISIONAL)
    world = walk.approved_world()
    walk.publish_provisional(world, walk.make_run(world))
    make_files(walk.PROVISIONAL)
    table = Document.objects.get(code__paper=K.SCORE_TABLE)
    summary = Document.objects.get(code__paper=K.SUMMARY)
    member, above = world.officers[1], world.organiser_head

    def answers(document: Document) -> list[int]:
        people = (world.officers[0], world.organiser_acting, member, above)
        address = reverse("reports:document", args=[document.pk])
        return [client_of(person).get(address).status_code for person in people]

    assert answers(summary) == [200, 200, 200, 200]
    assert answers(table) == [200, 200, 404, 404]
    assert "Bảng điểm chi tiết" not in text_of(centre(member, world))
    ClusterYear.objects.filter(pk=world.year.pk).update(openness="ALL")
    assert answers(table) == [200, 200, 200, 200]
    ask(member, world, "ket-qua")
    job = the_set()
    pack(job)
    address = reverse("reports:file", args=[job.pk])
    assert client_of(member).get(address).status_code == 200
    # A rule that is drawn tighter holds for what was packed before, too.
    ClusterYear.objects.filter(pk=world.year.pk).update(openness="OWN")
    assert client_of(member).get(address).status_code == 404


def test_statements_do_not_grow_with_papers(monkeypatch):
    stop_clock(monkeypatch, walk.MIDYEAR_ENDS)
    world = walk.midyear_world()
    counts = []
    for index in (2, 1, 0):
        walk.submit_review(world, index, ReviewKind.MIDYEAR, walk.REPORTS)
        walk.accept_review(world, index, ReviewKind.MIDYEAR, walk.MIDYEAR_ENDS)
        make_files(walk.MIDYEAR_ENDS)
        client = client_of(world.organiser_acting)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("reports:print_centre", args=[world.year.pk]))
        counts.append(len(found))
    assert len(set(counts)) == 1


# The end of a ZIP ----------------------------------------------------------------------------


def test_an_expired_set_is_cleared_away_and_can_be_packed_again(
    reviewed, monkeypatch, django_capture_on_commit_callbacks
):
    ask(reviewed.officers[2], reviewed)
    job = the_set()
    data = pack(job)
    stored = job.result
    last = job.expires_on
    assert stored is not None
    assert last is not None
    assert jobs.clear_expired(last) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.clear_expired(last + timedelta(days=1)) == 1
    assert not StoredFile.objects.filter(pk=stored.pk).exists()
    assert not storage.path_of(stored.sha256).exists()
    assert Document.objects.filter(file__isnull=True).count() == 0
    later = walk.MIDYEAR_ENDS + timedelta(days=40)
    stop_clock(monkeypatch, later)
    address = reverse("reports:file", args=[job.pk])
    answer = client_of(reviewed.officers[2]).get(address, follow=True)
    assert "Tệp chỉ giữ đến ngày 01/08/2026" in text_of(answer)
    ask(reviewed.officers[2], reviewed)
    job.refresh_from_db()
    assert (job.status, job.expires_on) == (Job.Status.QUEUED, local_date(later) + KEPT)
    assert pack(job, later) == data


def test_a_file_that_something_names_is_never_forgotten(reviewed):
    stored = Document.objects.filter(file__isnull=False).first().file
    assert stored is not None
    assert storage.forget(stored) is False
    assert storage.path_of(stored.sha256).exists()
