"""Parameters as people write them, and what is said about those that cannot be read."""

import pytest

from scoring.tablebook.phrases import Misread, read_number, split_items, split_pair
from scoring.tablebook.rules import read_kind, read_rule, rule_words


def read(kind, typed, *, takes_away=False):
    found = read_rule(kind, typed, takes_away=takes_away)
    assert not found.faults, [fault.wrong for fault in found.faults]
    del found.values["kind"]
    return found.values


def refused(kind, typed, *, takes_away=False):
    found = read_rule(kind, typed, takes_away=takes_away)
    return " ".join(f"{fault.wrong} {fault.instead}".strip() for fault in found.faults)


@pytest.mark.parametrize(
    ("kind", "typed", "values"),
    [
        ("direct", "", {}),
        ("levels", "Tốt: 10; Khá 7,5 điểm", [("Tốt", "10"), ("Khá", "7.5")]),
        ("levels", 'Tốt: 10\n"Khá; trung bình": 5.', [("Tốt", "10"), ("Khá; trung bình", "5")]),
        ("percent_of_target", "TINH TOI DA 120%", {"cap_percent": "120"}),
        ("percent_of_target", "dưới 50 % thì được 0 điểm", {"floor_percent": "50"}),
        (
            "percent_of_target",
            "không giới hạn mức tối đa; càng ít càng tốt; so với năm trước",
            {"cap_percent": None, "direction": "down", "baseline": True},
        ),
        ("cluster_relative", "đạt đủ chỉ tiêu được 50 % điểm tối đa", {"lead_share": "0.5"}),
        ("cluster_relative", "Không có chỉ tiêu thì không tính", {"no_target": "skip"}),
        ("deduct_short", "mỗi % thiếu trừ 0,5 điểm", {"per_percent": "0.5"}),
        ("deduct_per_event", "mỗi vụ trừ 2", {"points_each": "2"}),
        ("deduct_per_event", "cứ 1 lần trừ 1,5 điểm", {"points_each": "1.5"}),
        ("zero_tolerance", "vi phạm thì không xếp hạng", {"veto": True}),
        ("rank_points", "hạng 1: 60; hạng 2: 45; hạng 3 trở đi: 0", {"points": ["60", "45", "0"]}),
        ("rank_points", "60; 45; 0", {"points": ["60", "45", "0"]}),
    ],
)
def test_parameters_are_read_as_people_write_them(kind, typed, values):
    found = read(kind, typed)
    if kind == "levels":
        found = [(level["label"], level["points"]) for level in found["levels"]]
    assert found == values


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("từ 95 đến dưới 100: 1", ("95", True, "100", False)),
        ("Trên 95 đến 100: 1", ("95", False, "100", True)),
        ("75-95: 1", ("75", True, "95", True)),
        ("75 - <95 %: 1", ("75", True, "95", False)),
        ("≥ 95 → 1", ("95", True, None, None)),
        (">95: 1", ("95", False, None, None)),
        ("95 trở lên: 1", ("95", True, None, None)),
        ("60 trở xuống: 1", (None, None, "60", True)),
        ("< 60: 1", (None, None, "60", False)),
        ("không quá 60: 1", (None, None, "60", True)),
        ("đúng 5: 1", ("5", True, "5", True)),
        ("đúng hạn: 1", (None, None, "0", True)),
        ("chậm 1–2 ngày: 1", ("1", True, "2", True)),
        ("từ −5 đến dưới −1,5: 1", ("-5", True, "-1.5", False)),
        ("mọi giá trị: 1", (None, None, None, None)),
    ],
)
def test_bands_are_read_in_both_styles_of_real_tables(typed, ends):
    band = read("bands", typed)["bands"][0]
    keys = ("from", "from_inclusive", "to", "to_inclusive")
    assert tuple(band.get(key) for key in keys) == ends


def test_bands_of_days_are_known_by_their_words():
    assert read("bands", "đúng hạn: 2; chậm trên 0 ngày: 0")["on"] == "days_late"
    assert read("bands", "từ 0 trở lên: 1")["on"] == "actual"
    assert read("bands", "theo tỷ lệ hoàn thành; từ 0 trở lên: 1")["on"] == "attainment_percent"


@pytest.mark.parametrize(
    ("typed", "takes_away", "each"),
    [
        ("mỗi lần: Giấy khen +2; Nhắc nhở −1", False, ["2", "-1"]),
        ("Giấy khen: cộng 2 điểm; Nhắc nhở: trừ 1", False, ["2", "-1"]),
        ("Giấy khen: 2", False, ["2"]),
        ("Nhắc nhở: trừ 1; Khắc phục: cộng 0,5", True, ["1", "-0.5"]),
        ("Nhắc nhở: 1", True, ["1"]),
    ],
)
def test_points_for_occurrences_are_given_or_taken(typed, takes_away, each):
    items = read("per_occurrence", typed, takes_away=takes_away)["items"]
    assert [item["points_each"] for item in items] == each
    rule = {"kind": "per_occurrence", "items": items}
    again = rule_words(rule, takes_away=takes_away)
    assert read("per_occurrence", again, takes_away=takes_away)["items"] == items


def test_the_ends_of_a_sum_are_read_apart_from_its_items():
    found = read("per_occurrence", "Khen: +2; tổng từ 0 đến 10")
    assert (found["min"], found["max"]) == ("0", "10")
    assert read("per_occurrence", "Khen: +2; từ −5")["min"] == "-5"


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("direct", "tùy", "không có tham số"),
        ("levels", "", "cần có tham số"),
        ("levels", "Tốt: 10, Khá: 7", "dấu chấm phẩy"),
        ("levels", "Tốt 10, Khá 7", "dấu chấm phẩy"),
        ("levels", "Tốt", "Không thấy số điểm"),
        ("levels", ": 5", "Không thấy tên"),
        ("levels", "Tốt: mười", "Trong mục “Tốt: mười”"),
        ("percent_of_target", "tối đa 120", "Ô này nhận: “tính tối đa 120 %”"),
        ("percent_of_target", "tính tối đa 1.125 %; tính tối đa 3 %", "hai lần"),
        ("percent_of_target", "tính tối đa 0.125 %", "hai cách hiểu"),
        ("bands", "95: 1", "không nói rõ từ hay đến"),
        ("bands", "tốt: 1", "Không hiểu bậc"),
        ("bands", "từ 95", "Không thấy số điểm của bậc"),
        ("bands", "từ 0: 1; càng ít càng tốt", "chỉ dùng cho bậc theo tỷ lệ hoàn thành"),
        ("rank_points", "hạng 1: 5; hạng 3: 2", "Hạng 3 đứng ở chỗ của hạng 2"),
        ("deduct_per_event", "", "mỗi lần trừ 2 điểm"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(kind, typed, said):
    assert said in refused(kind, typed)


def test_a_bare_sign_among_penalties_is_not_guessed():
    assert "trừ 2” để trừ thêm" in refused("per_occurrence", "Chê: −2", takes_away=True)
    assert "trừ 2” để trừ thêm" in refused("per_occurrence", "Chê: +2", takes_away=True)
    assert "cộng hay trừ" in refused("per_occurrence", "Chê: trừ −2")


def test_kinds_are_known_in_any_case_with_or_without_marks():
    assert read_kind(" THEO MUC XEP LOAI. ") == "levels"
    assert read_kind("Trừ theo số vụ việc") == "deduct_per_event"
    assert read_kind("chấm thẳng") == "direct"
    with pytest.raises(Misread) as fault:
        read_kind("Theo bậc thang")
    assert fault.value.instead.startswith("Có phải “Theo bậc”?")


def test_numbers_have_the_digits_that_the_format_takes():
    assert read_number("1.234,50") == "1234.50"
    with pytest.raises(Misread, match="quá dài"):
        read_number("1234567890123456")


def test_items_stand_apart_by_semicolons_and_lines():
    assert split_items('a: 1;\n\n b: 2; "c;\nd": 3.') == ["a: 1", "b: 2", '"c;\nd": 3']
    assert split_pair('"a ""b"": c": 1') == ('a "b": c', "1")
