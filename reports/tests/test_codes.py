"""Verification codes: drawn at random, read back as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.codes import ALPHABET, new_code, parse_code


def test_a_code_is_three_groups_of_four_signs_without_lookalikes():
    for _ in range(200):
        code = new_code()
        assert [len(group) for group in code.split("-")] == [4, 4, 4]
        assert set(code) - {"-"} <= set(ALPHABET)
        assert not set(code) & set("ILOU")


def test_codes_do_not_repeat():
    assert len({new_code() for _ in range(2000)}) == 2000


@pytest.mark.parametrize(
    "typed",
    [
        "3F7K-Q2MD-91XA",
        "3f7k-q2md-91xa",
        "3F7KQ2MD91XA",
        " 3f7k q2md  9ixa ",
        "3F7K–Q2MD—9lXA",
        "3f7k.q2md.9LxA",
        "3F7K\u00a0Q2MD\u00a091XA",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert parse_code(typed) == "3F7K-Q2MD-91XA"


def test_the_letter_o_is_read_as_zero():
    assert parse_code("OOOO-oooo-0000") == "0000-0000-0000"


@pytest.mark.parametrize(
    "typed",
    ["", "3F7K", "3F7K-Q2MD-91XAA", "3F7K-Q2MD-91XU", "đ" * 12, "1" * 500, "٣F7K-Q2MD-91XA"],
)
def test_what_is_no_code_is_not_read(typed):
    assert parse_code(typed) is None


@given(st.text(max_size=80))
def test_whatever_is_typed_gives_a_code_or_nothing(typed):
    code = parse_code(typed)
    assert code is None or parse_code(code) == code
