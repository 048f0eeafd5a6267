"""A run over sheets that are still open: what is missing is told before and after."""

from datetime import timedelta

import pytest
from django.urls import reverse

from pledges.tests import year as walk
from pledges.tests.pages import client_of, fill, stop_clock, words
from scoring.models import ScoringRun

pytestmark = pytest.mark.django_db


def url(world, name: str, *args: object) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args])


def test_before_a_run_is_made_the_page_says_what_is_missing(monkeypatch):
    stop_clock(monkeypatch, walk.SCORING + timedelta(hours=1))
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "SUBMITTED")
    page = words(client_of(world.lead_officer).get(url(world, "make_run")))
    assert f"{world.units[2].short_name} Đã nộp" in page
    answer = fill(client_of(world.lead_officer), url(world, "make_run"), kind="FINAL")
    run = ScoringRun.objects.get()
    assert answer.status_code == 302
    assert len(run.gaps) == 3
    shown = words(client_of(world.lead_officer).get(url(world, "run", 1)))
    assert f"Phiếu của {world.units[2].short_name} chưa duyệt (đã nộp)" in shown
