"""The demonstration: what is replayed equals its sources, and who logs in finds work."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from clusters.models import Appointment, ClusterYear, YearStatus
from config.demo.registry import read
from core import audit
from pledges.models import (
    PledgeVersion,
    ProgressReport,
    ProgressStatus,
    Review,
    ReviewKind,
    ReviewStatus,
    UnmetTarget,
)
from pledges.queries.progress import signed_version
from scoring.models import Evidence, Objection, Publication, ScoreSheet, ScoringRun, SheetStatus

AGENCIES = "002-co-quan-doanh-nghiep-nha-truong-2016.json"
QUANG_BINH = "003-quang-binh-2020.json"
CITIES = "004-cum-1-2022.json"
#: What the data say of a unit in a result, and under which name the run keeps it.
RESULT = {
    "total": "total",
    "base": "base",
    "bonus": "bonus",
    "penalty": "penalty",
    "assigned_max": "assigned_max",
    "percent": "percent",
    "rank": "rank",
    "classification": "classification",
    "complete": "is_complete",
    "missing": "missing",
    "vetoes": "vetoes",
}
NUMBERS = ("total", "base", "bonus", "penalty", "assigned_max", "percent")

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]


@pytest.fixture(scope="module", autouse=True)
def _demonstration(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the demonstration once for all tests of this module, and take it back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", stdout=StringIO())
        yield
        transaction.set_rollback(True)


def year_of(number: int) -> ClusterYear:
    return ClusterYear.objects.get(cycle__year=number)


def results(run: ScoringRun) -> list[dict[str, Any]]:
    """Return the results of a run in the form of the data."""
    found = []
    for row in run.results.select_related("unit").order_by("order"):
        unit: dict[str, Any] = {"code": row.unit.code}
        for name, field in RESULT.items():
            value = getattr(row, field)
            unit[name] = f"{value:.2f}" if name in NUMBERS else value
        unit["classification"] = unit["classification"] or None
        found.append(unit)
    return found


@pytest.mark.parametrize(
    ("name", "run", "stored"), [(AGENCIES, 0, 1), (AGENCIES, 0, 2), (QUANG_BINH, 0, 1),
                                (QUANG_BINH, 1, 2)],
)  # fmt: skip
def test_runs_equal_the_data(name, run, stored):
    data = read(name)
    year = year_of(data["cycle"]["year"])
    expected = data["scoring_runs"][run]["results"]
    made = ScoringRun.objects.get(cluster_year=year, number=stored)
    assert results(made) == [
        {key: unit[key] for key in ("code", *RESULT)} for unit in expected["units"]
    ]


@pytest.mark.parametrize("name", [AGENCIES, QUANG_BINH])
def test_final_result_followed_the_days_for_objections(name):
    year = year_of(read(name)["cycle"]["year"])
    assert year.status == YearStatus.PUBLISHED
    first, last = Publication.objects.filter(cluster_year=year).order_by("pk")
    assert (first.status, last.status) == ("PROVISIONAL", "FINAL")
    assert first.objections_until is not None
    assert last.published_at.date() > first.objections_until


def test_objections_were_filed_and_decided_as_the_data_say():
    rows = read(QUANG_BINH)["objections"]
    found = Objection.objects.filter(cluster_year=year_of(2020)).order_by("number")
    told = [
        (o.unit.code, o.line.criterion.code, o.text, o.status, o.decision, str(o.sent_at.date()))
        for o in found.select_related("unit", "line__criterion")
    ]
    assert told == [
        (r["unit"], r["criterion"], r["text"], r["decision"], r["reason"], r["filed_on"])
        for r in rows
    ]
    assert [o.number for o in found] == [1, 2]
    accepted = found.get(status="ACCEPTED")
    assert accepted.line.final == accepted.figure_after == accepted.asked


@pytest.mark.parametrize("name", [QUANG_BINH, CITIES])
def test_unmet_targets_equal_the_data(name):
    data = read(name)
    year = year_of(data["cycle"]["year"])
    version = signed_version(year)
    assert isinstance(version, PledgeVersion)
    codes = dict(
        zip(
            version.targets.order_by("order").values_list("pk", flat=True),
            [target["code"] for target in data["targets"]],
            strict=True,
        )
    )
    rows = UnmetTarget.objects.filter(
        review__cluster_year=year, review__kind=ReviewKind.MIDYEAR, review__unit__isnull=False
    ).select_related("review__unit")
    found = {
        (row.review.unit.code, codes[row.target_id]): (
            row.cause, row.measure, str(row.due_on or "")
        )
        for row in rows
    }  # fmt: skip
    expected = {(row["unit"], row["target"]): row for row in data["midyear"]["unmet"]}
    assert set(found) == set(expected)
    told = {
        key: (row["cause"], row["measure"], row["due"])
        for key, row in expected.items()
        if row.get("cause")
    }
    assert {key: found[key] for key in told} == told


def test_midyear_of_the_five_cities():
    reviews = Review.objects.filter(cluster_year=year_of(2022)).select_related("unit")
    assert {review.status for review in reviews} == {ReviewStatus.ACCEPTED}
    late = {review.unit.code: review.days_late for review in reviews if review.unit}
    assert late == {"CA-HA-NOI": 0, "CA-TPHCM": 3, "CA-DA-NANG": 0, "CA-HAI-PHONG": 0,
                    "CA-CAN-THO": 0}  # fmt: skip
    assert UnmetTarget.objects.filter(review__in=reviews, review__unit__isnull=False).count() == 24
    returned = ProgressReport.objects.get(
        unit__code="CA-TPHCM", period__cluster_year=year_of(2022), period__name="Tháng 5"
    )
    assert returned.status == ProgressStatus.ACCEPTED
    assert returned.returned_at is not None


def test_register_of_models_of_the_agencies():
    exemplars = year_of(2016).exemplars
    assert exemplars.filter(kind="MODEL").count() == 13
    assert set(exemplars.values_list("standing", flat=True)) == {
        "FOLLOWED", "RECOMMENDED", "RECOGNISED", "COMMENDED",
    }  # fmt: skip


def test_a_deputy_signed_for_the_head_and_one_unit_signed_later():
    version = signed_version(year_of(2016))
    assert version is not None
    signed = {s.unit.code: s for s in version.signatories.select_related("unit", "signature")}
    assert signed["K2-CQ-03"].authority == "KT."
    assert signed["K2-DN-03"].signature.signed_at.day == 12
    ranks = {s.signature.printed_rank for s in signed.values()}
    assert ranks == {""}, "only the police have ranks"


def test_living_years_stand_in_every_state():
    living = ClusterYear.objects.exclude(cycle__year__in=[2016, 2017, 2020, 2022, 2024])
    midyear = living.get(status=YearStatus.MIDYEAR)
    appraised = living.get(status=YearStatus.APPRAISING)
    assert set(
        ProgressReport.objects.filter(cluster_year=midyear).values_list("status", flat=True)
    ) == set(ProgressStatus.values)
    assert set(Review.objects.filter(cluster_year=midyear).values_list("status", flat=True)) == set(
        ReviewStatus.values
    )
    sheets = ScoreSheet.objects.filter(cluster_year=appraised).select_related("unit", "appraiser")
    states = {sheet.unit.code: (sheet.status, sheet.appraiser.code) for sheet in sheets}
    lead, deputy = "MT-XA-01", "MT-XA-02"
    assert states == {
        lead: (SheetStatus.APPRAISING, deputy),
        deputy: (SheetStatus.EXPLAINING, lead),
        "MT-XA-03": (SheetStatus.SECOND_APPRAISAL, lead),
        "MT-XA-04": (SheetStatus.APPRAISING, lead),
        "MT-XA-05": (SheetStatus.SUBMITTED, lead),
        "MT-XA-06": (SheetStatus.SELF_SCORING, lead),
    }


def test_evidence_is_attached_to_figures_and_to_score_lines():
    files = Evidence.objects.prefetch_related("progress_entries", "score_lines")
    assert {file.mime for file in files} == {"application/pdf"}
    assert any(file.progress_entries.all() for file in files)
    assert any(file.score_lines.all() for file in files)


def test_all_of_it_is_marked_as_demonstration():
    assert not ClusterYear.objects.filter(is_demonstration=False).exists()
    assert not Appointment.objects.filter(decision="").exists()


def test_second_load_adds_nothing_and_the_trail_is_intact():
    before = counts()
    call_command("seed_demo", stdout=StringIO())
    assert counts() == before
    assert audit.first_fault() is None


def counts() -> dict[str, int]:
    """Count the rows of every table."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}
