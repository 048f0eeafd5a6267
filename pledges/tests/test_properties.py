"""What holds for any text and any order: the comparison loses no word, the content no meaning."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters.tests.factories import World, make_world
from core.canonical import sha256_of
from pledges import operations
from pledges.content import content_of, plain
from pledges.models import (
    Activity,
    Clause,
    Paper,
    PaperKind,
    Pledge,
    PledgeVersion,
    Signatory,
    Target,
    TargetValue,
)
from pledges.redline import compare, words
from pledges.tests import factories as f

WORD = st.sampled_from(
    ["thi đua", "80 %", "an ninh", "Tổ quốc,", "≥", "và", "\n", "  ", "“kỷ cương”"]
)
TEXT = st.one_of(st.lists(WORD, max_size=12).map(" ".join), st.text(max_size=60))


def side(pieces: Any, *kinds: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


# The comparison --------------------------------------------------------------------------------
@given(TEXT, TEXT)
def test_the_pieces_give_both_texts_back(old, new):
    pieces = words(old, new)
    assert side(pieces, "same", "removed") == old
    assert side(pieces, "same", "added") == new


@given(TEXT)
def test_equal_texts_have_no_difference(text):
    assert {piece.kind for piece in words(text, text)} <= {"same"}


@given(TEXT, TEXT)
def test_the_way_back_is_the_mirror(old, new):
    back = words(new, old)
    assert side(back, "same", "removed") == new
    assert side(back, "same", "added") == old


@given(TEXT, TEXT)
def test_no_piece_is_empty(old, new):
    assert all(piece.text for piece in words(old, new))


def content(clauses: dict[str, str], title: str) -> dict[str, Any]:
    """Return the content of a version with these clauses, nothing else."""
    rows = [{"key": k, "unit": None, "heading": "", "text": t} for k, t in clauses.items()]
    empty: dict[str, Any] = {"targets": [], "activities": [], "signatories": [], "papers": []}
    return {"title": title, "slogan": "", "place": "", "clauses": rows, "criteria": None, **empty}


CLAUSES = st.dictionaries(st.sampled_from("abcdef"), TEXT.filter(str.strip), max_size=6)


@given(CLAUSES, CLAUSES, TEXT, TEXT)
def test_every_changed_clause_is_named_and_no_other(old, new, old_title, new_title):
    found = compare(content(old, old_title), content(new, new_title))
    said = {d.key: d.change for d in found if not d.key.endswith("-order")}
    expected = dict.fromkeys(new.keys() - old.keys(), "added")
    expected |= dict.fromkeys(old.keys() - new.keys(), "removed")
    expected |= {k: "changed" for k in old.keys() & new.keys() if old[k] != new[k]}
    if old_title != new_title:
        expected["title"] = "changed"
    assert said == expected


@given(st.decimals(0, 10**12, places=4, allow_nan=False, allow_infinity=False))
def test_a_number_is_written_exactly_and_without_idle_zeros(value):
    text = plain(value)
    assert text is not None
    assert type(value)(text) == value
    assert "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


# The content -----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def world(kept: None) -> World:
    return make_world()


@pytest.fixture(scope="module")
def pledge(world: World) -> Pledge:
    return f.start(world)


QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def rows_of(draw: st.DrawFn, world: World) -> list[Any]:
    """Draw unsaved rows of a version, each with a place of its own."""
    section = st.sampled_from(["BASIS", "CONTENT", "EXECUTION"])
    unit = st.sampled_from([None, *world.units])
    rows: list[Any] = [
        Clause(
            section=draw(section),
            key=f"c{i}",
            order=i,
            unit=draw(unit),
            text=draw(WORD).strip() or "x",
        )
        for i in range(draw(st.integers(1, 4)))
    ]
    rows += [
        Activity(key=f"a{i}", order=i, when="Quý I", what=f"Việc {i}", responsible="Khối trưởng")
        for i in range(draw(st.integers(0, 3)))
    ]
    rows += [
        Target(
            key=f"t{i}", order=i, kind="NUMERIC", text=f"Chỉ tiêu {i}", unit_of_measure="%",
            direction="UP", aggregation="LAST",
        )
        for i in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    rows += [
        Paper(kind=kind, title=str(kind.label), signing="ALL")
        for kind in draw(st.sets(st.sampled_from(list(PaperKind))))
    ]
    rows += [Signatory(unit=unit, order=i, position="Trưởng") for i, unit in enumerate(world.units)]
    return rows


def written(pledge: Pledge, rows: list[Any], units: list[Any], number: int) -> PledgeVersion:
    """Store the rows in this order as a version, the levels of targets in the order of units."""
    version = PledgeVersion.objects.create(
        pledge=pledge, number=number, title="Giao ước", place="Ba Đồn", created_at=f.NOW
    )
    for row in rows:
        row.pk, row.version = None, version
        row._state.adding = True
        row.save()
        if isinstance(row, Target):
            for unit in units:
                TargetValue.objects.create(target=row, unit=unit, value=row.order)
    return PledgeVersion.objects.get(pk=version.pk)


@pytest.mark.django_db
@QUICK
@given(data=st.data())
def test_the_content_does_not_depend_on_the_order_of_writing(world, pledge, data):
    rows = data.draw(st.composite(rows_of)(world))
    with transaction.atomic():
        one = content_of(written(pledge, rows, world.units, 50))
        shuffled, units = data.draw(st.permutations(rows)), data.draw(st.permutations(world.units))
        two = content_of(written(pledge, shuffled, units, 51))
        transaction.set_rollback(True)
    assert sha256_of(one) == sha256_of(two)


@pytest.mark.django_db
@QUICK
@given(data=st.data())
def test_a_copied_version_says_the_same(world, pledge, data):
    rows = data.draw(st.composite(rows_of)(world))
    with transaction.atomic():
        old = written(pledge, rows, world.units, 60)
        fresh = operations.copy_version(old, note="Sửa", now=f.NOW)
        assert (fresh.number, fresh.note) == (61, "Sửa")
        assert content_of(fresh) == content_of(old)
        assert compare(content_of(old), content_of(fresh)) == []
        assert fresh.circulated_at is None
        transaction.set_rollback(True)
