"""Content of the papers after the pledge, in the form in which events freeze it (all invented)."""

from typing import Any

from core.canonical import sha256_of
from reports.tests.content import AREAS, CITIES

Content = dict[str, Any]
Units = list[tuple[str, str, str]]

#: The longest names of real units, as tables have to hold them.
LONG_NAMES: Units = [
    (
        "c10",
        "Cục Cảnh sát quản lý trại giam, cơ sở giáo dục bắt buộc, trường giáo dưỡng",
        "Cục Cảnh sát quản lý trại giam, cơ sở giáo dục bắt buộc, trường giáo dưỡng",
    ),
    (
        "dvvt",
        "Doanh nghiệp dịch vụ vận tải (minh họa) số 3",
        "Doanh nghiệp dịch vụ vận tải (minh họa) số 3",
    ),
    (
        "pc06",
        "Phòng Cảnh sát quản lý hành chính về trật tự xã hội, Công an tỉnh Quảng Bình",
        "PC06 Quản lý hành chính",
    ),
    ("quangninh", "Công an huyện Quảng Ninh, Công an tỉnh Quảng Bình", "Công an Quảng Ninh"),
    ("huong", "Công an huyện Hướng Hóa, Công an tỉnh Quảng Trị", "Công an Hướng Hóa"),
]
ORGANISER = "Bộ Công an"


def paper(kind: str, data: Content, *, stage: str = "ISSUED") -> Content:
    """Return the content of a document around its data."""
    return {
        "schema": 1,
        "paper": kind,
        "stage": stage,
        "code": "7M4C-2XKD-81RA",
        "verify_url": "http://127.0.0.1:8000/xac-minh/7M4C-2XKD-81RA/",
        "issued_at": "2024-07-05T03:15:00+00:00",
        "demonstration": True,
        "data_hash": sha256_of(data),
        "data": data,
    }


def head(title: str, subject: str, **more: Any) -> Content:
    """Return what stands around the text."""
    return {
        "title": title,
        "subject": subject,
        "superior": ORGANISER,
        "issuer": "Công an thành phố Hải Phòng",
        "number": "02/BC-C1",
        "place": "",
        "dated": "2024-07-05",
        "recipients": ["Cụm trưởng Cụm thi đua số 1", "Bộ Công an (để báo cáo)"],
        "signer": signer(),
        **more,
    }


def signer(**more: Any) -> Content:
    """Return the person who confirmed the paper on the system."""
    return {
        "place": "",
        "name": "Nguyễn Văn B",
        "rank": "Đại tá",
        "position": "Phó Giám đốc",
        "authority": "KT.",
        "unit_name": "Công an thành phố Hải Phòng",
        "act": "Đã xác nhận",
        "at": "2024-07-04T09:12:30+00:00",
        **more,
    }


# Reports -------------------------------------------------------------------------------------


def cell(
    judgement: str, result: str | None = None, share: str | None = None, **more: Any
) -> Content:
    """Return what a unit reached for a target."""
    level: Content = {"assigned": judgement != "NOT_ASSIGNED", "value": "80"}
    if judgement == "NO_TARGET":
        level["value"] = None
    base = {
        "level": level,
        "result": result,
        "text": "",
        "share": share,
        "judgement": judgement,
        "label": LABELS[judgement],
        "note": "",
    }
    return {**base, **more}


LABELS = {
    "EXCEEDED": "Vượt",
    "MET": "Đạt",
    "BEHIND": "Chậm nhịp",
    "NOT_MET": "Chưa đạt",
    "NOT_ENTERED": "Chưa nhập",
    "NO_TARGET": "Không đặt mức",
    "NOT_ASSIGNED": "Không giao",
    "IN_WORDS": "Bằng lời",
}


def target(key: str, text: str, cells: Content, **more: Any) -> Content:
    """Return a target with the cell of every unit."""
    base = {
        "key": key,
        "area": AREAS[0],
        "kind": "NUMERIC",
        "text": text,
        "unit_of_measure": "%",
        "direction": "UP",
        "is_change": False,
    }
    return {**base, "cells": cells, **more}


def targets(codes: list[str]) -> list[Content]:
    """Return targets in which every state occurs."""
    return [
        target(
            "t1",
            "Tỷ lệ điều tra, khám phá án chung",
            {code: cell("EXCEEDED", "92.5", "115.625") for code in codes},
        ),
        target(
            "t2",
            "Số vụ phạm tội về trật tự xã hội được phát hiện, xử lý tại cơ sở",
            {code: cell("NOT_MET", "0", "0", note="Chưa phát sinh vụ việc.") for code in codes},
            unit_of_measure="vụ",
        ),
        target("t3", "Tỷ lệ giải quyết tin báo", {code: cell("NOT_ENTERED") for code in codes}),
        target(
            "t4",
            "Số mô hình phòng, chống tội phạm được nhân rộng",
            {code: cell("NOT_ASSIGNED") for code in codes},
            area=AREAS[1],
            unit_of_measure="mô hình",
        ),
        target(
            "t5",
            "Số lượt tuyên truyền, vận động quần chúng",
            {code: cell("NO_TARGET", "1234567.5") for code in codes},
            area=AREAS[1],
            unit_of_measure="lượt",
        ),
        target(
            "t6",
            "Không để xảy ra khủng bố, bạo loạn, hoạt động phá hoại",
            {code: cell("IN_WORDS", text="Không để xảy ra vụ việc nào.") for code in codes},
            area=AREAS[1],
            kind="TEXT",
            unit_of_measure="",
        ),
    ]


def sections() -> list[Content]:
    """Return an outline with its texts, a parent, and a part left without text."""
    rows = [
        ("Phần mở đầu", 0, "Sáu tháng đầu năm 2024."),
        ("I. CÔNG TÁC LÃNH ĐẠO, CHỈ ĐẠO", 0, None),
        (
            "I.1. Quán triệt, cụ thể hóa giao ước",
            1,
            "Ban hành Kế hoạch số 15/KH-CAHP ngày 10/4/2024.\nGiao chỉ tiêu đến từng đội.",
        ),
        ("I.2. Các đợt thi đua đã tổ chức", 1, ""),
        ("II. PHƯƠNG HƯỚNG, NHIỆM VỤ", 0, "Tập trung khắc phục các chỉ tiêu chưa đạt. " * 12),
    ]
    return [
        {"heading": heading, "depth": depth, "is_written": text is not None, "text": text or ""}
        for heading, depth, text in rows
    ]


def unmet(code: str) -> list[Content]:
    """Return the targets that a unit has not met."""
    return [
        {
            "unit": code,
            "key": key,
            "cause": "Địa bàn rộng, lực lượng mỏng; chưa chủ động nắm tình hình từ cơ sở.",
            "measure": "Tăng cường hai tổ công tác; giao ban hằng tuần; kiểm tra đột xuất.",
            "responsible": "Phòng Cảnh sát hình sự",
            "due_on": "2024-09-30",
        }
        for key in ("t2", "t3")
    ]


def exemplars() -> list[Content]:
    """Return a register of models and collectives."""
    return [
        {
            "kind_label": "Mô hình",
            "name": "Tổ liên gia an toàn phòng cháy, chữa cháy",
            "unit": "Hải Phòng",
            "description": "Mỗi tổ 5 đến 10 hộ.\nĐã dập tắt 12 đám cháy ngay khi phát sinh.",
            "since": "tháng 3/2022",
            "spread_to": "14 quận, huyện",
            "standing_label": "Đề nghị nhân rộng",
        }
    ]


def review_data(units: Units | None = None, *, of_cluster: bool = False) -> Content:
    """Return the data of a report of one unit, or of the cluster."""
    units = units or (CITIES if of_cluster else CITIES[1:2])
    codes = [code for code, _, _ in units]
    name = "báo cáo sơ kết 6 tháng đầu năm 2024"
    whose = "Cụm thi đua số 1" if of_cluster else units[0][1]
    return {
        "kind": "MIDYEAR",
        "head": head(
            f"Báo cáo sơ kết 6 tháng đầu năm 2024 của {whose}",
            "Sơ kết phong trào thi đua 6 tháng đầu năm 2024",
            issuer=whose,
            place="Đà Nẵng" if of_cluster else "",
            signer=signer(place="Cụm trưởng") if of_cluster else signer(unit_name=whose),
        ),
        "name_in_text": name,
        "reported_to": "Bộ Công an" if of_cluster else "Cụm thi đua số 1",
        "issuer_name": whose,
        "pledge": {
            "title": "Giao ước thi đua năm 2024",
            "number": "01/GƯTĐ-C1",
            "dated": "2024-04-04",
        },
        "figures_until": "2024-06-30",
        "figures_hash": "ab" * 32,
        "units": [{"code": c, "name": n, "short_name": s} for c, n, s in units],
        "sections": sections(),
        "targets": targets(codes),
        "unmet": [row for code in codes for row in unmet(code)],
        "exemplars": exemplars(),
    }


def many_targets(codes: list[str], count: int) -> list[Content]:
    """Return so many targets of real length for all units."""
    return [
        target(
            f"t{i}",
            f"Chỉ tiêu thứ {i + 1}: tỷ lệ giải quyết tin báo, tố giác về tội phạm và kiến nghị "
            "khởi tố đúng thời hạn luật định",
            {code: cell("EXCEEDED", f"{81 + i % 19}.25", "104.5") for code in codes},
            area=AREAS[i * len(AREAS) // count],
        )
        for i in range(count)
    ]


# Score sheets --------------------------------------------------------------------------------


def table() -> Content:
    """Return what a paper says of the criteria table."""
    return {
        "name": "Bảng tiêu chí chấm điểm thi đua năm 2024",
        "version": 1,
        "scale_total": "180",
        "places": 2,
        "ranking": {"by": "percent", "tie_breakers": ["group:I", "bonus", "penalty"]},
        "classification": [
            {"label": "Xuất sắc", "from": "95"},
            {"label": "Tốt", "from": "85"},
            {"label": "Khá", "from": "0"},
        ],
    }


def criteria_rows(groups: int = 3, leaves: int = 6) -> list[Content]:
    """Return groups with their leaves, then a bonus and a penalty group."""
    rows = []
    for g in range(1, groups + 1):
        code = "I" * g
        rows.append(group_row(code, f"Nhóm tiêu chí về công tác thứ {g}", str(10 * leaves)))
        rows += [leaf_row(f"{code}.{i}", _TITLE.format(i)) for i in range(1, leaves + 1)]
    rows.append(group_row("T", "Điểm thưởng", None, kind="bonus", cap="5"))
    rows.append(leaf_row("T.1", "Được tặng Cờ thi đua của Bộ"))
    rows.append(group_row("P", "Điểm trừ", None, kind="penalty"))
    rows.append(leaf_row("P.1", "Báo cáo chậm"))
    return rows


_TITLE = "Tiêu chí thứ {}, về kết quả điều tra, khám phá các loại án và xử lý tin báo"


def group_row(code: str, title: str, most: str | None, **more: Any) -> Content:
    base = {"code": code, "title": title, "depth": 0, "max": most, "is_group": True, "kind": ""}
    return {**base, "cap": None, "unit_of_measure": "", **more}


def leaf_row(code: str, title: str) -> Content:
    base = {"code": code, "title": title, "depth": 1, "max": "10", "is_group": False, "kind": ""}
    return {**base, "cap": None, "unit_of_measure": "%"}


def stage_points(points: str | None, state: str = "") -> Content:
    return {"points": points, "state": state}


def line(claimed: str | None = "9.5", final: str | None = "9.25", state: str = "") -> Content:
    """Return a leaf of a sheet: claimed and final, or one state in every column."""
    second = stage_points(None, state or "undecided")
    return {
        "points": {
            "claimed": stage_points(claimed, state),
            "first": stage_points(final, state),
            "second": second,
            "final": stage_points(final, state),
        },
        "figure": {"actual": "92.5"} if not state else None,
        "basis": {"target": "80"},
        "note": "",
        "evidence": [],
        "reasons": {},
        "explanation": "",
        "why": f"Đạt 92,5 % trên mức 80 %: điểm tối đa 10 → {final}"
        if final
        else "Chưa có số liệu",
    }


def sheet_data() -> Content:
    """Return the data of a score sheet in which every state of a cell occurs."""
    rows = criteria_rows()
    lines = {row["code"]: line() for row in rows if not row["is_group"]}
    lines["I.2"] = line("0", "0")
    lines["I.3"] = line(None, None, "not_assigned")
    lines["I.4"] = line(None, None, "not_entered")
    lines["T.1"] = line("10", "10")
    lines["P.1"] = line("1", "2")
    lines["I.1"] |= {
        "note": "Số liệu theo Báo cáo số 12/BC-PC02.",
        "evidence": ["bao-cao-6-thang.pdf (số 12/BC-PC02 ngày 20/06/2024)"],
        "reasons": {"first": "Minh chứng thiếu ba vụ.", "final": "Theo kết luận thẩm định."},
        "explanation": "Ba vụ do đơn vị bạn thụ lý.",
    }
    return {
        "head": head(
            "Phiếu tự chấm điểm năm 2024 của Công an thành phố Hải Phòng",
            "Năm 2024",
            number="03/PCĐ-C1",
        ),
        "unit": {"code": "haiphong", "name": CITIES[1][1], "short_name": CITIES[1][2]},
        "table": table(),
        "rows": rows,
        "lines": lines,
        "submitted_at": "2024-11-20T08:05:00+00:00",
        "days_late": 2,
        "appraiser": "Công an thành phố Đà Nẵng",
        "approved_at": "2024-12-02T03:00:00+00:00",
        "relative": ["I.1", "II.1"],
        "open_units": 3,
    }


# Results -------------------------------------------------------------------------------------


def result_data(units: Units | None = None, *, leaves: int = 6) -> Content:
    """Return the data of a run: a tie, a vetoed unit, an incomplete one, not assigned leaves."""
    units = units or CITIES
    rows = criteria_rows(leaves=leaves)
    groups = [
        {"code": r["code"], "title": r["title"], "kind": r["kind"]} for r in rows if r["is_group"]
    ]
    placed = [placed_unit(i, unit, rows, last=len(units)) for i, unit in enumerate(units, 1)]
    return {
        "head": head(
            "Bảng tổng hợp điểm, xếp hạng năm 2024 của Cụm thi đua số 1",
            "Cụm thi đua số 1, năm 2024",
            issuer="Cụm thi đua số 1",
            number="05/BTH-C1",
            place="Đà Nẵng",
            signer=signer(unit_name="Bộ Công an", act="Đã công bố"),
        ),
        "run": {
            "number": 4,
            "kind_label": "Theo kết quả duyệt",
            "made_at": "2024-12-03T02:00:00+00:00",
            "engine": "1",
            "inputs_sha256": "cd" * 32,
            "reason": "",
        },
        "table": table(),
        "objections_until": "2024-12-10",
        "groups": groups,
        "rows": rows,
        "gaps": [],
        "units": placed,
    }


def placed_unit(i: int, unit: tuple[str, str, str], rows: list[Content], *, last: int) -> Content:
    """Return a unit's result; the second and third are tied, the last one is vetoed."""
    code, name, short = unit
    leaves = [row["code"] for row in rows if not row["is_group"]]
    lines: Content = dict.fromkeys(leaves, f"{10 - i % 9}.25")
    lines["I.1"] = "0.00"
    lines["I.2"] = None
    vetoed = i == last
    return {
        "code": code,
        "name": name,
        "short_name": short,
        "groups": {row["code"]: f"{60 - i}.50" for row in rows if row["is_group"]},
        "base": "160.00",
        "bonus": "5.00",
        "penalty": "2.00",
        "total": f"{1163 - i}.50",
        "assigned_max": "170.00",
        "percent": "95.88",
        "rank": None if vetoed else (2 if i == 3 else i),
        "tied": i in (2, 3),
        "classification": "Xuất sắc",
        "complete": i != 4,
        "missing": ["II.3"] if i == 4 else [],
        "is_vetoed": vetoed,
        "lines": lines,
    }
