"""What a search finds of exemplars, and how the history names targets and headings."""

import pytest

from core.history import sentences_of
from core.models import AuditEvent
from pledges.models import Exemplar, ReviewKind
from pledges.queries.found import found_exemplars
from pledges.queries.history_names import figure_in_words
from pledges.tests import progress
from pledges.tests import year as walk
from pledges.tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def register(world, index, name):
    """Put something into the register of the cluster."""
    return Exemplar.objects.create(
        cluster_year=world.year, unit=world.units[index], kind=Exemplar.Kind.MODEL, name=name,
        registered_at=NOW,
    )  # fmt: skip


def test_exemplars_are_found_without_diacritics_by_everybody_in_the_cluster():
    world = progress.running_world()
    row = register(world, 1, "Tổ dân phố không ma túy")
    register(world, 2, "Dân vận khéo")
    for acting in (world.officers[2], world.organiser_acting):
        (found,) = found_exemplars(acting, "to dan pho")
        assert (found.title, found.kind) == ("Tổ dân phố không ma túy", "Mô hình")
        assert found.url.endswith(f"/dien-hinh/{row.pk}/")
    assert found_exemplars(world.administrator, "to dan pho") == []


def test_what_was_withdrawn_is_not_found():
    world = progress.running_world()
    row = register(world, 1, "Tổ dân phố không ma túy")
    Exemplar.objects.filter(pk=row.pk).update(withdrawn_at=NOW)
    assert found_exemplars(world.officers[2], "to dan pho") == []


def test_cells_of_progress_show_before_and_after_by_the_name_of_their_target():
    world = progress.running_world()
    progress.enter(world, 1, {0: "1234.5"})
    progress.enter(world, 1, {0: "20", 1: "2020"})
    target, words = progress.targets(world)[:2]
    saved = AuditEvent.objects.filter(action="pledges.progress_saved").order_by("-seq")
    deltas = {d.label: (d.before, d.after) for d in sentences_of(saved[:1])[0].deltas}
    assert deltas[target.text] == ("1.234,5", "20")
    # Words are never read as a number.
    assert deltas[words.text] == ("", "2020")


def test_returned_cells_show_their_reason():
    world = progress.running_world()
    report = progress.submit(world, 2, progress.enter(world, 2, {0: "20"}))
    progress.give_back(world, 2, report, {0: "Thiếu một vụ"})
    event = AuditEvent.objects.filter(action="pledges.progress_returned")
    labels = {d.label: d.after for d in sentences_of(event)[0].deltas}
    assert labels[f"Trả lại: {progress.targets(world)[0].text}"] == "Thiếu một vụ"


def test_a_report_shows_its_headings_and_what_is_done_about_unmet_targets():
    world = walk.midyear_world(("20", "20", "20"))
    walk.submit_review(world, 1, ReviewKind.MIDYEAR, walk.REPORTS)
    event = AuditEvent.objects.filter(action="pledges.review_saved")
    labels = {d.label: d.after for d in sentences_of(event)[0].deltas}
    written = [row["heading"] for row in walk.review(world, 1).outline if row["is_written"]]
    assert set(written) <= set(labels)
    target = progress.targets(world)[0]
    assert labels[f"{target.text}: nguyên nhân"] == "Địa bàn rộng"
    assert not [label for label in labels if label.startswith("Dòng")]


def test_a_page_of_history_asks_the_same_whatever_its_length(django_assert_num_queries):
    world = progress.running_world()
    for index in range(3):
        progress.enter(world, index, {0: "20"})
    events = list(AuditEvent.objects.filter(action="pledges.progress_saved"))
    for some in (events[:1], events):
        with django_assert_num_queries(1):
            sentences_of(some)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [(None, ""), ("0", "0"), ("1234.5", "1.234,5"), ("-3 (giảm)", "−3 (giảm)"), ("12 vụ", "12 vụ")],
)
def test_figures_read_as_offices_write_them(kept, shown):
    assert figure_in_words(kept) == shown
