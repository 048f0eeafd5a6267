"""Charts: every mark inside the picture, one's own named, values that coincide drawn once."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from scoring.charts import Line, Mark, dots

VALUES = st.decimals(min_value=-20, max_value=150, places=2)
MARKS = st.lists(VALUES, min_size=1, max_size=60)


def line(values, own: int | None = None) -> Line:
    marks = tuple(Mark(f"Đơn vị {n}", Decimal(v), n == own) for n, v in enumerate(values))
    return Line("I. Nhiệm vụ", "tối đa 700 điểm", marks)


@given(st.lists(MARKS, min_size=1, max_size=6), st.sampled_from([(930, 230), (340, 0)]))
def test_whatever_the_values_every_mark_stands_inside_the_picture(groups, size):
    width, left = size
    chart = dots([line(values, own=0) for values in groups], width=width, left=left)
    assert chart is not None
    assert len(chart.tracks) == len(groups)
    for track in chart.tracks:
        assert all(left < Decimal(dot.x) < width for dot in track.dots)
        assert 0 < Decimal(track.y) < chart.height
        assert sum(dot.is_own for dot in track.dots) == 1
        assert track.dots[-1].is_own, "drawn last, so that no other lies over it"
    assert 2 <= len(chart.ticks) <= 9
    assert chart.ticks == tuple(sorted(chart.ticks, key=lambda tick: Decimal(tick.x)))


def test_no_marks_make_no_chart():
    assert dots([Line("I", "", ())], width=900, left=200) is None
    assert dots([], width=900, left=200) is None


def test_equal_values_are_one_dot_and_one_label_that_counts_them():
    chart = dots([line(["80", "80", "80"])], width=900, left=200)
    assert len(chart.tracks[0].dots) == 1
    assert [label.text for label in chart.tracks[0].labels] == ["3 đơn vị 80,0"]


def test_own_stands_above_the_first_and_the_last_below():
    chart = dots([line(["91.25", "96.9", "88"], own=1)], width=930, left=230)
    labels = chart.tracks[0].labels
    assert [(one.text, one.is_own) for one in labels] == [
        ("Đơn vị 1 96,9", True), ("Đơn vị 2 88,0", False),
    ]  # fmt: skip
    assert Decimal(labels[0].y) < Decimal(chart.tracks[0].y) < Decimal(labels[1].y)
