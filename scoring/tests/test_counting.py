"""The count of a vote as truth tables: quorum, threshold, equal votes, sums that cannot be."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.counting import Rules, Tally, faults, least, outcome, rule_in_words

HALF, TWO_THIRDS, WHOLE = Fraction(1, 2), Fraction(2, 3), Fraction(1)


def rules(seats=1, quorum=TWO_THIRDS, threshold=HALF, *, strict=True, of_all=False) -> Rules:
    return Rules(seats, quorum, threshold, strict, of_all)


def tally(votes, *, members=8, present=8, cast=None, blank=0) -> Tally:
    cast = present if cast is None else cast
    return Tally(members, present, cast, blank, dict(enumerate(votes)))


@pytest.mark.parametrize(
    ("part", "whole", "strict", "wanted"),
    [
        (TWO_THIRDS, 8, False, 6), (TWO_THIRDS, 9, False, 6), (TWO_THIRDS, 9, True, 7),
        (HALF, 8, True, 5), (HALF, 8, False, 4), (HALF, 7, True, 4), (HALF, 7, False, 4),
        (WHOLE, 13, False, 13), (Fraction(1, 3), 3, False, 1), (Fraction(4, 5), 5, False, 4),
        (Fraction(9, 10), 11, False, 10), (TWO_THIRDS, 0, False, 0),
    ],
)  # fmt: skip
def test_the_least_number_of_a_part(part, whole, strict, wanted):
    assert least(part, whole, strict=strict) == wanted


@pytest.mark.parametrize(
    ("said", "rule", "count", "chosen", "equal"),
    [
        ("one over half", rules(), tally([5, 3]), {0}, set()),
        ("half is not more than half", rules(), tally([4, 4]), set(), set()),
        ("half is at least half", rules(strict=False), tally([4, 3]), {0}, set()),
        ("equal at the only seat", rules(strict=False), tally([4, 4]), set(), {0, 1}),
        ("equal, room for both", rules(2), tally([7, 7, 1]), {0, 1}, set()),
        ("equal at the second seat", rules(2), tally([8, 6, 6]), {0}, {1, 2}),
        ("equal below the threshold", rules(2), tally([8, 3, 3]), {0}, set()),
        ("of those present", rules(), tally([4, 2], present=6), {0}, set()),
        ("of all members", rules(of_all=True), tally([4, 2], present=6), set(), set()),
        ("seats left empty", rules(3), tally([8, 7, 2]), {0, 1}, set()),
        ("no quorum", rules(), tally([5], present=5), set(), set()),
        ("quorum to the unit", rules(), tally([6], present=6), {0}, set()),
        ("nobody was voted for", rules(strict=False), tally([0, 0], blank=8), set(), set()),
        ("two thirds of those present", rules(threshold=TWO_THIRDS, strict=False),
         tally([6, 5], present=8), {0}, set()),
    ],
)  # fmt: skip
def test_who_is_chosen(said, rule, count, chosen, equal):
    found = outcome(rule, count)
    assert (found.chosen, found.equal) == (chosen, equal), said


def test_without_quorum_the_count_says_so():
    found = outcome(rules(), tally([5], present=5))
    assert (found.is_quorate, found.needed_present, found.chosen) == (False, 6, frozenset())


@pytest.mark.parametrize(
    ("said", "count", "seats", "field"),
    [
        ("all right", tally([5, 2], blank=1), 1, None),
        ("two marks a vote", tally([8, 7], blank=0), 2, None),
        ("more present than members", tally([8], members=7), 1, "present"),
        ("more votes than present", tally([7], present=7, cast=8), 1, "cast"),
        ("more blank than cast", tally([0], present=5, blank=6), 1, "blank"),
        ("a candidate above the votes", tally([9, 0]), 1, 0),
        ("a candidate above the valid votes", tally([8, 0], blank=1), 1, 0),
        ("more marks than seats allow", tally([5, 4]), 1, "cast"),
        ("fewer marks than valid votes", tally([3, 3]), 1, "cast"),
    ],
)
def test_sums_that_cannot_be_right(said, count, seats, field):
    found = faults(count, seats)
    assert [fault.field for fault in found] == ([] if field is None else [field]), (said, found)


@given(
    seats=st.integers(1, 4), present=st.integers(0, 12), members=st.integers(1, 12),
    votes=st.lists(st.integers(0, 12), min_size=1, max_size=6),
    parts=st.tuples(st.integers(1, 5), st.integers(1, 5)), strict=st.booleans(),
    of_all=st.booleans(),
)  # fmt: skip
def test_nobody_below_the_threshold_no_seat_too_many_and_order_does_not_matter(
    seats, present, members, votes, parts, strict, of_all
):
    threshold = Fraction(min(parts), max(parts))
    rule = rules(seats, threshold=threshold, strict=strict, of_all=of_all)
    found = outcome(rule, tally(votes, members=members, present=min(present, members)))
    assert len(found.chosen) <= seats
    assert all(votes[key] >= found.needed_votes > 0 for key in found.chosen | found.equal)
    assert not found.chosen & found.equal
    if found.equal:
        assert len({votes[key] for key in found.equal}) == 1
        assert len(found.chosen) + len(found.equal) > seats
    mirrored = list(reversed(votes))
    back = outcome(rule, tally(mirrored, members=members, present=min(present, members)))
    assert {len(votes) - 1 - key for key in back.chosen} == set(found.chosen)


def test_the_rules_in_words_say_the_numbers_they_come_to():
    assert rule_in_words(rules(), 8) == (
        "Cần ít nhất 2/3 số đơn vị thành viên có mặt (6/8); trúng khi được quá 1/2 số đơn vị có "
        "mặt. Mỗi phiếu chọn không quá 1 đơn vị."
    )
    assert "trúng khi được quá 1/2 số đơn vị có mặt (4/7 phiếu)" in rule_in_words(rules(), 8, 7)
    said = rule_in_words(rules(2, strict=False, of_all=True), 8)
    assert "trúng khi được từ 1/2 tổng số đơn vị thành viên trở lên (4/8 phiếu)" in said
