"""How accepted reports are put together for the cluster, and how frozen figures are written."""

from typing import Any

import pytest

from clusters.models import Membership, Unit
from pledges.models import Exemplar, Review, ReviewKind
from pledges.queries.review import outline_for
from pledges.views import review_parts as parts

ROW: dict[str, Any] = {
    "key": "k1", "row": 1, "area": "", "text": "Số lượt tuyên truyền", "unit_of_measure": "lượt",
    "kind": "NUMERIC", "direction": "UP", "aggregation": "SUM", "is_change": False,
    "criterion": None, "assigned": True, "level": "200", "baseline": None, "limit": "200",
    "expected": "100", "actual": "0", "entered": 1, "share": "0", "judgement": "BEHIND",
    "words": "",
}  # fmt: skip


def unit(name: str, pk: int | None = None) -> Unit:
    return Unit(pk=pk, short_name=name, name=name)


def report(name: str, kind: ReviewKind, **row: Any) -> Review:
    """A report in which every heading says where it stands."""
    outline = [heading.as_json() for heading in outline_for(None, kind, cluster=False)]
    return Review(
        pk=1, kind=kind, unit=unit(name), outline=outline, status="ACCEPTED",
        sections={h["key"]: f"Nói ở {h['key']}" for h in outline if h["is_written"]},
        figures={"targets": [{**ROW, **row}]},
    )  # fmt: skip


def texts(kind: ReviewKind, *reviews: Review, **more: Any) -> dict[str, str]:
    outline = [heading.as_json() for heading in outline_for(None, kind, cluster=True)]
    members = [Membership(unit=review.unit) for review in reviews]
    filing = parts.filing_of(members, reviews)
    return parts.proposals(outline, parts.Material(members, filing, reviews, **more))


def test_each_heading_of_the_clusters_midyear_report_takes_what_belongs_there():
    found = texts(ReviewKind.MIDYEAR, report("Trường A", ReviewKind.MIDYEAR))
    assert "Trường A: Nói ở I.1\nNói ở I.2\nNói ở I.3" in found["I"]
    assert "1 đơn vị gửi báo cáo" in found["I"]
    assert "Trong số liệu đã chốt: 1 chậm nhịp." in found["II"]
    assert "Nói ở II.1" in found["II"]
    assert found["IV"] == "Trường A: Nói ở IV"
    assert found["V"] == "Trường A: Nói ở V"


def test_the_year_end_leaves_points_and_votes_to_their_own_pages():
    found = texts(ReviewKind.YEAREND, report("Trường A", ReviewKind.YEAREND))
    assert "III" not in found
    assert "IV" not in found
    assert found["V"].startswith("Trường A: ")


def test_nothing_is_proposed_before_a_report_is_accepted_and_no_word_for_nothing():
    assert texts(ReviewKind.MIDYEAR) == {}
    silent = report("Trường A", ReviewKind.MIDYEAR)
    silent.sections["V"] = " Không. "
    assert "V" not in texts(ReviewKind.MIDYEAR, silent)


def test_unmet_targets_are_told_with_cause_measure_and_day_by_unit():
    review = report("Công ty B", ReviewKind.MIDYEAR)
    row = parts.UnmetRow(
        1,
        parts.figure_row(ROW),
        "Thiếu người.",
        "Bổ sung\nhai người",
        "Phòng Tổ chức",
        "30/09/2026",
    )
    text = texts(ReviewKind.MIDYEAR, review, unmet={1: [row]})["III"]
    assert text == (
        "Công ty B:\n- Số lượt tuyên truyền: 0 lượt, mức ≥ 200 lượt (chậm nhịp); nguyên nhân: "
        "Thiếu người; biện pháp: Bổ sung hai người; chịu trách nhiệm: Phòng Tổ chức; thời hạn: "
        "30/09/2026."
    )


def test_exemplars_go_into_the_results():
    row = Exemplar(kind="MODEL", name="Cổng trường an toàn", unit=unit("Trường A"))
    review = report("Trường A", ReviewKind.MIDYEAR)
    text = texts(ReviewKind.MIDYEAR, review, exemplars=[row])["II"]
    assert "- Mô hình “Cổng trường an toàn” (Trường A), đang theo dõi" in text


@pytest.mark.parametrize(
    ("change", "actual", "label", "entered"),
    [
        ({}, "0", "Chậm nhịp", True),
        ({"actual": None, "share": None, "judgement": "NOT_ENTERED"}, "", "Chưa nhập", False),
        ({"assigned": False, "actual": None, "judgement": "NOT_ASSIGNED"}, "", "Không giao", False),
    ],
)
def test_zero_not_entered_and_not_assigned_are_three_things(change, actual, label, entered):
    row = parts.figure_row({**ROW, **change})
    assert (row.actual, row.tag.label, row.is_entered) == (actual, label, entered)


def test_units_without_an_accepted_report_stand_empty_beside_the_others():
    review = report("Trường A", ReviewKind.MIDYEAR)
    review.unit = unit("Trường A", 1)
    members = [Membership(unit=review.unit), Membership(unit=unit("Trường B", 2))]
    row = parts.cross_of(members, [review])[0].rows[0]
    assert [cell.figure is None for cell in row.cells] == [False, True]
    assert (row.reached, row.judged) == (0, 1)
