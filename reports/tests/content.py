"""Document content built by hand, in the form in which documents freeze it (all of it invented)."""

from copy import deepcopy
from typing import Any

from core.canonical import sha256_of

Content = dict[str, Any]

CITIES = [
    ("danang", "Công an thành phố Đà Nẵng", "Đà Nẵng"),
    ("haiphong", "Công an thành phố Hải Phòng", "Hải Phòng"),
    ("hanoi", "Công an thành phố Hà Nội", "Hà Nội"),
    ("cantho", "Công an thành phố Cần Thơ", "Cần Thơ"),
    ("tphcm", "Công an Thành phố Hồ Chí Minh", "TP. Hồ Chí Minh"),
]
LONG = [
    (
        f"phong{i}",
        f"Phòng Cảnh sát quản lý hành chính về trật tự xã hội, phòng cháy và cứu hộ số {i}",
        f"PC{i:02d} Phòng cháy",
    )
    for i in range(1, 20)
]
PAPERS = [
    {"kind": "PLEDGE", "title": "Giao ước thi đua năm 2024", "signing": "ALL"},
    {
        "kind": "PROGRAMME",
        "title": "Chương trình hoạt động của Cụm thi đua số 1 năm 2024",
        "signing": "ALL",
    },
    {
        "kind": "REGULATION",
        "title": "Quy định tiêu chí chấm điểm thi đua năm 2024",
        "signing": "LEAD",
    },
    {
        "kind": "OUTLINE",
        "title": "Đề cương báo cáo sơ kết, tổng kết phong trào thi đua năm 2024",
        "signing": "LEAD",
    },
]
AREAS = ["Công tác bảo đảm an ninh, trật tự", "Công tác xây dựng lực lượng", "Công tác hậu cần"]


def clause(section: str, heading: str = "", text: str = "", **more: Any) -> Content:
    """Return a clause; `paper` and `unit` may be given."""
    base = {"key": "k", "paper": "PLEDGE", "section": section, "unit": None}
    return {**base, "heading": heading, "text": text, **more}


def target(text: str, values: dict[str, Any], **more: Any) -> Content:
    """Return a target; values are a figure, None for "no level set" or "-" for "not assigned"."""
    base = {
        "key": "t",
        "area": "",
        "kind": "NUMERIC",
        "text": text,
        "unit_of_measure": "%",
        "direction": "UP",
        "aggregation": "LAST",
        "is_change": False,
        "is_common": True,
        "criterion": None,
    }
    cells = {
        code: {
            "assigned": value != "-",
            "value": None if value == "-" else value,
            "baseline": None,
        }
        for code, value in values.items()
    }
    return {**base, "values": cells, **more}


def criteria(groups: int = 3, leaves: int = 6) -> Content:
    """Return a criteria table with the given number of groups and leaves in each."""
    rules: list[Content] = [
        {"kind": "cluster_relative"},
        {"kind": "percent_of_target", "cap_percent": "120"},
        {
            "kind": "bands",
            "on": "attainment_percent",
            "bands": [
                {"from": "95", "points": "10"},
                {"from": "80", "to": "95", "points": "7.5"},
                {"to": "80", "points": "0"},
            ],
        },
        {"kind": "deduct_per_event", "points_each": "2"},
        {"kind": "zero_tolerance", "veto": True},
        {
            "kind": "levels",
            "levels": [{"label": "Tốt", "points": "10"}, {"label": "Khá", "points": "7"}],
        },
    ]
    rows: list[Content] = []
    for g in range(1, groups + 1):
        rows.append(
            {
                "code": f"{'I' * g}",
                "title": f"Nhóm tiêu chí về công tác thứ {g}",
                "depth": 0,
                "max": str(10 * leaves),
                "kind": "",
                "unit_of_measure": "",
                "rule": None,
            }
        )
        rows += [
            {
                "code": f"{'I' * g}.{i}",
                "title": f"Tiêu chí thứ {i} của nhóm, về kết quả điều tra, khám phá các loại án",
                "depth": 1,
                "max": "10",
                "kind": "",
                "unit_of_measure": "%",
                "rule": rules[i % len(rules)],
            }
            for i in range(1, leaves + 1)
        ]
    return {
        "name": "Bảng tiêu chí chấm điểm thi đua năm 2024",
        "version": 1,
        "scale_total": str(10 * groups * leaves),
        "settings": {},
        "rows": rows,
    }


def frozen_content(
    units: list[tuple[str, str, str]] | None = None,
    *,
    targets: list[Content] | None = None,
    witness: bool = True,
    table: Content | None = None,
) -> Content:
    """Return what a version freezes: five cities, or the units given."""
    units = units or CITIES
    codes = [code for code, _, _ in units]
    roles = ["LEAD", "DEPUTY"] + ["MEMBER"] * len(units)
    signatories = [
        {
            "unit": code,
            "name": name,
            "short_name": short,
            "role": "SIGNER",
            "member_role": role,
            "order": order,
            "position": "Phó Giám đốc" if order == 3 else "Giám đốc",
            "authority": "KT." if order == 3 else "",
        }
        for order, ((code, name, short), role) in enumerate(zip(units, roles, strict=False), 1)
    ]
    if witness:
        signatories.append(
            {
                "unit": "bca",
                "name": "Bộ Công an",
                "short_name": "Bộ Công an",
                "role": "WITNESS",
                "member_role": "",
                "order": len(units) + 1,
                "position": "Cục trưởng Cục Công tác chính trị",
                "authority": "TL.",
            }
        )
    if targets is None:
        targets = three_states(codes)
    content = {
        "schema": 1,
        "title": "Giao ước thi đua năm 2024",
        "place": "Đà Nẵng",
        "slogan": "Chủ động, đoàn kết, kỷ cương, sáng tạo, hiệu quả",
        "members": [
            {"code": code, "name": name, "short_name": short, "role": role}
            for (code, name, short), role in zip(units, roles, strict=False)
        ],
        "papers": deepcopy(PAPERS),
        "clauses": clauses(codes),
        "activities": activities(),
        "targets": targets,
        "signatories": signatories,
        "criteria": table or criteria(),
    }
    return {
        "schema": 1,
        "version": 2,
        "dated": "2024-04-04",
        "content_hash": sha256_of(content),
        "cluster": {
            "name": "Cụm thi đua số 1",
            "kind": "CUM",
            "code": "C1",
            "noun": "Cụm",
            "lead_title": "Cụm trưởng",
            "deputy_title": "Cụm phó",
            "organiser": "Bộ Công an",
            "year": 2024,
            "period": "năm 2024",
            "theme": "Phong trào thi đua “Vì an ninh Tổ quốc” năm 2024",
            "decision": "Số 123/QĐ-BCA ngày 15/01/2024",
        },
        "numbers": {
            "PLEDGE": "01/GƯTĐ-C1",
            "PROGRAMME": "01/CTr-C1",
            "REGULATION": "01/QĐCĐ-C1",
            "OUTLINE": "01/ĐC-C1",
        },
        "signing_order": "SEQUENTIAL",
        "content": content,
    }


def three_states(codes: list[str]) -> list[Content]:
    """Return targets in which a figure, zero, no level and not assigned all occur."""
    first, second, third, *rest = codes
    return [
        target(
            "Kéo giảm số vụ phạm tội về trật tự xã hội so với năm 2023",
            dict.fromkeys(codes, "5"),
            area=AREAS[0],
            direction="DOWN",
            is_change=True,
        ),
        target(
            "Tỷ lệ điều tra, khám phá án chung",
            {**dict.fromkeys(codes, "80"), second: "77.5", third: None},
            area=AREAS[0],
        ),
        target(
            "Tiếp nhận, thụ lý tin báo, tố giác tội phạm",
            dict.fromkeys(codes, "100"),
            area=AREAS[0],
        ),
        target(
            "Không để xảy ra khủng bố, bạo loạn, hoạt động phá hoại; không để bị động, bất ngờ",
            {},
            area=AREAS[0],
            kind="TEXT",
            unit_of_measure="",
            direction="",
            aggregation="",
        ),
        target(
            "Số mô hình phòng, chống tội phạm được nhân rộng",
            {**dict.fromkeys(rest, "12"), first: "1250", second: None, third: "-"},
            area=AREAS[1],
            unit_of_measure="mô hình",
            is_common=False,
        ),
        target(
            "Số cán bộ, chiến sĩ vi phạm bị xử lý kỷ luật",
            dict.fromkeys(codes, "0"),
            area=AREAS[1],
            unit_of_measure="người",
            direction="DOWN",
            is_common=False,
        ),
    ]


def many_targets(codes: list[str], count: int) -> list[Content]:
    """Return `count` targets with a level for each unit, some not set, some not assigned."""

    def value(i: int, j: int) -> str | None:
        if (i + j) % 11 == 0:
            return "-"
        return None if (i + 2 * j) % 13 == 0 else f"{70 + (i * 7 + j * 3) % 30}.5"

    return [
        target(
            f"Chỉ tiêu thứ {i + 1}: tỷ lệ giải quyết tin báo, tố giác về tội phạm và kiến nghị "
            "khởi tố đúng thời hạn luật định",
            {code: value(i, j) for j, code in enumerate(codes)},
            area=AREAS[i * len(AREAS) // count],
            is_common=False,
        )
        for i in range(count)
    ]


def clauses(codes: list[str]) -> list[Content]:
    """Return clauses of all papers."""
    own = [
        clause(
            "CONTENT",
            "",
            f"Xây dựng {i} mô hình điểm về bảo vệ an ninh, trật tự tại cơ sở",
            unit=code,
        )
        for i, code in enumerate(codes[:3], 2)
    ]
    return [
        clause("BASIS", "", "Căn cứ Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022;"),
        clause("BASIS", "", "Quy chế hoạt động của Cụm thi đua số 1"),
        clause(
            "CONTENT",
            "Thực hiện nhiệm vụ chính trị",
            "Quán triệt, thực hiện nghiêm túc các chủ trương, chỉ đạo của Đảng, Nhà nước, Bộ Công "
            "an về công tác thi đua, khen thưởng; đổi mới đánh giá, chấm điểm, bình xét, tổng kết "
            "phong trào thi đua hằng năm.",
        ),
        clause(
            "CONTENT",
            "",
            "Phấn đấu hoàn thành vượt mức các chỉ tiêu công tác năm 2024 Bộ Công an giao; chủ động "
            "nắm chắc tình hình, không để bị động, bất ngờ trong mọi tình huống.",
        ),
        *own,
        clause(
            "MEASURES",
            "",
            "Tổ chức 04 đợt thi đua trong năm, mỗi đợt gắn với ngày lễ lớn của đất nước.\n"
            "- Đợt 1: từ ngày 01 tháng 01 đến ngày 30 tháng 4.\n"
            "- Đợt 2: từ ngày 01 tháng 5 đến ngày 02 tháng 9.",
        ),
        clause(
            "EXECUTION",
            "",
            "Các đơn vị báo cáo kết quả trước ngày 15 tháng 6 và ngày 15 tháng 11 năm 2024.",
        ),
        clause("EXECUTION", "", "Cụm trưởng, Cụm phó chủ trì kiểm tra chéo vào tháng 10."),
        clause("BASIS", "", "Căn cứ Giao ước thi đua năm 2024", paper="PROGRAMME"),
        clause("EXECUTION", "", "Cụm trưởng đôn đốc việc thực hiện.", paper="PROGRAMME"),
        clause("BASIS", "", "Căn cứ Quy chế hoạt động của Cụm", paper="REGULATION"),
        clause(
            "BODY",
            "Nguyên tắc chấm điểm",
            "Chấm điểm công khai, dân chủ, đúng thực chất; mỗi điểm chấm đều có căn cứ.",
            paper="REGULATION",
        ),
        clause(
            "BODY",
            "Quy trình chấm điểm",
            "Đơn vị tự chấm; Cụm thẩm định lần một; đơn vị giải trình; thẩm định lần hai.",
            paper="REGULATION",
        ),
        clause(
            "BODY",
            "Đặc điểm tình hình",
            "Nêu khái quát thuận lợi, khó khăn.",
            paper="OUTLINE",
        ),
        clause(
            "BODY",
            "Kết quả thực hiện",
            "1. Kết quả thực hiện các chỉ tiêu.\n2. Mô hình, điển hình tiên tiến.",
            paper="OUTLINE",
        ),
        clause("BODY", "Phương hướng, nhiệm vụ", paper="OUTLINE"),
    ]


def activities() -> list[Content]:
    """Return the rows of an activity programme."""
    rows = [
        ("Tháng 4/2024", "Phát động phong trào, ký kết giao ước thi đua", "Cụm trưởng", "Hội nghị"),
        (
            "Tháng 7/2024",
            "Sơ kết sáu tháng đầu năm, thông báo chỉ tiêu chưa đạt",
            "Công an Cần Thơ",
            "",
        ),
        ("Tháng 10/2024", "Kiểm tra chéo giữa các đơn vị", "Các tổ kiểm tra", "Biên bản"),
        ("Tháng 11/2024", "Tổng kết, bình xét, bàn giao Cụm trưởng", "Cụm trưởng", "Tờ trình"),
    ]
    return [
        {"key": f"a{i}", "when": when, "what": what, "responsible": who, "output": output}
        for i, (when, what, who, output) in enumerate(rows)
    ]


def signatures(frozen: Content) -> list[Content]:
    """Return a signature of every signatory."""
    return [
        {
            "order": s["order"],
            "unit": s["unit"],
            "role": s["role"],
            "kind_label": "Xác nhận trên hệ thống",
            "name": f"Nguyễn Văn {chr(64 + s['order'])}",
            "rank": "Đại tá",
            "position": s["position"],
            "authority": s["authority"],
            "signed_at": f"2024-04-04T02:{40 + s['order'] % 20:02d}:07+00:00",
            "ip": "10.0.3.17",
            "acting_as": f"{s['position']} {s['name']}",
            "days_late": 3 if s["order"] == 2 else 0,
            "frozen_hash": sha256_of(frozen),
        }
        for s in frozen["content"]["signatories"]
    ]


def document_content(
    paper: str = "PLEDGE", *, signed: bool = False, frozen: Content | None = None
) -> Content:
    """Return the content of a document: the paper to be signed, or the signed one."""
    frozen = frozen or frozen_content()
    content: Content = {
        "schema": 1,
        "paper": paper,
        "stage": "SIGNED" if signed else "TO_SIGN",
        "code": "3F7K-Q2MD-9TXA",
        "verify_url": "http://127.0.0.1:8000/xac-minh/3F7K-Q2MD-9TXA/",
        "frozen_hash": sha256_of(frozen),
        "frozen": frozen,
        "issued_at": "2024-04-04T03:15:00+00:00",
        "demonstration": True,
    }
    if signed:
        content["signatures"] = signatures(frozen)
        content["consents"] = [
            {
                "unit_name": m["name"],
                "at": "2024-03-28T07:12:00+00:00",
                "by": "Đại tá Nguyễn Văn A",
            }
            for m in frozen["content"]["members"]
        ]
    return content
