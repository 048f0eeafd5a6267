"""A workbook into a table: the tree by the codes, every cell read, every fault told at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from core.canonical import plain
from core.text import format_number
from scoring.engine import Faults, read_table
from scoring.tablebook import names
from scoring.tablebook.cells import Sheet
from scoring.tablebook.criterion import read_criterion, read_group, refuse_empty_group
from scoring.tablebook.findings import Fault, Reading, Row
from scoring.tablebook.head import read_head
from scoring.tablebook.layout import Layout, lay_out
from scoring.tablebook.lines import known_parts, parent_of, parts_of
from scoring.tablebook.opening import opened
from scoring.tablebook.original import taken
from scoring.tablebook.phrases import BROKEN, Misread, key_of, quote
from scoring.tablebook.rules import read_kind
from scoring.tablebook.spoken import Places, spoken

#: Settings of the head that a file without the sheet of conventions leaves as they are.
_SETTINGS: Final = ("name", "rounding", "ranking", "classification")


@dataclass(slots=True)
class Node:
    """A row in its place in the tree; without a row it holds criteria that have no group."""

    row: Row | None
    kind: str = ""
    children: list["Node"] = field(default_factory=list)
    #: What the engine is given.
    data: dict[str, Any] = field(default_factory=dict)


def read(data: bytes, *, present: Mapping[str, Any] | None = None) -> Reading:
    """Read an Excel file; `core.uploads.Unfit` where it cannot be opened at all.

    ``present`` is the table that stands now: a file without the sheet of conventions keeps its.
    """
    return read_sheets(opened(data), present=present)


def read_sheets(sheets: Iterable[Sheet], *, present: Mapping[str, Any] | None = None) -> Reading:
    """Read the sheets of an opened workbook."""
    layout = lay_out(sheets)
    rows = [row for row in layout.rows if not row.is_skipped]
    if not rows and not layout.faults:
        wrong = "Trang này chưa có dòng tiêu chí nào."
        instead = "Ghi các nhóm và tiêu chí bên dưới hàng tiêu đề."
        layout.faults.append(Fault(names.CRITERIA, None, "", wrong, instead))
    nodes = _tree(rows)
    for node in nodes:
        _fill(node, takes_away=False, depth=0)
    table = _head(layout, nodes, present) | {"groups": [node.data for node in nodes]}
    if rows:
        _ask_engine(table, layout, nodes)
    faults = _all_faults(layout)
    whole = _original(layout, rows)
    if whole is not None:
        return Reading(tuple(layout.rows), layout.head, (), tuple(layout.notes), whole)
    sound = None if faults else table
    return Reading(tuple(layout.rows), layout.head, faults, tuple(layout.notes), sound)


# The tree -----------------------------------------------------------------------------------


def _tree(rows: list[Row]) -> list[Node]:
    """Put every row below its group; return the rows at the top."""
    nodes = [Node(row) for row in rows]
    _refuse_repeated(rows)
    by_code: dict[str, Node] = {}
    for node in nodes:
        if node.row and node.row.code:
            by_code.setdefault(node.row.code, node)
    above = _parents(nodes, by_code)
    top: list[Node] = []
    for node in nodes:
        parent = above[id(node)]
        (top if parent is None else parent.children).append(node)
    return _with_groups(top)


def _parents(nodes: list[Node], by_code: Mapping[str, Node]) -> dict[int, Node | None]:
    known = known_parts(by_code)
    above: dict[int, Node | None] = {}
    before: Node | None = None
    for node in nodes:
        row = node.row
        if row is None or not row.code:
            # Without a code it stands where the row before it stands.
            above[id(node)] = above[id(before)] if before else None
        else:
            above[id(node)] = _stated_parent(row, by_code, known)
        before = node
    for node in nodes:
        _break_circle(node, above)
    return above


def _stated_parent(
    row: Row, by_code: Mapping[str, Node], known: Mapping[tuple[str, ...], str]
) -> Node | None:
    """Find the group of a row: as its own column says, else as its code shows."""
    stated = row.cells.get(names.PARENT, "")
    if key_of(stated) == key_of(names.TOP_LEVEL):
        return None
    if not stated:
        code = parent_of(row.code, known)
        return by_code[code] if code else None
    found = by_code.get(stated) or by_code.get(known.get(parts_of(stated), ""))
    if found is None:
        wrong = f"Không có dòng nào mang mã {quote(stated)}."
        row.fault(names.PARENT, wrong, "Ghi mã của nhóm chứa dòng này, hoặc để trống.")
    return found


def _break_circle(node: Node, above: dict[int, Node | None]) -> None:
    seen = {id(node)}
    at = above[id(node)]
    while at is not None:
        if id(at) in seen:
            if node.row:
                wrong = "Dòng này và nhóm của nó chứa lẫn nhau."
                node.row.fault(names.PARENT, wrong, "Ghi lại mã của nhóm chứa dòng này.")
            above[id(node)] = None
            return
        seen.add(id(at))
        at = above[id(at)]


def _refuse_repeated(rows: Iterable[Row]) -> None:
    first: dict[str, Row] = {}
    group = ""
    for row in rows:
        if names.KIND not in row.cells and row.code not in first:
            group = row.code
        if row.code in first:
            wrong = f"Mã {row.code} đã dùng ở dòng {first[row.code].number}."
            better = f", ví dụ {group}.{row.code}" if group and "." not in row.code else ""
            instead = f"Mỗi dòng một mã riêng{better}."
            row.fault(names.CODE, wrong, f"{instead}{_lost_zero(row.code)}")
        elif row.code:
            first[row.code] = row


def _lost_zero(code: str) -> str:
    """Remind of what Excel does to a code such as 1.10 in a cell of numbers."""
    if not code.replace(".", "", 1).isdigit() or "." not in code:
        return ""
    return f" Nếu là {code}0, định dạng ô là Văn bản (Text) rồi gõ lại."


def _with_groups(top: list[Node]) -> list[Node]:
    """Put rows that stand outside every group into one of their own, so that they are read."""
    loose = [node for node in top if not node.children and _kind_of(node) not in names.GROUP_KINDS]
    for node in loose:
        is_criterion = _kind_of(node) in names.RULE_KINDS
        if is_criterion and node.row and node.row.code and not node.row.is_faulty(names.PARENT):
            wrong = f"Không thấy nhóm của tiêu chí {node.row.code}."
            instead = "Thêm dòng của nhóm phía trên; ví dụ tiêu chí I.1 thuộc nhóm có mã I."
            node.row.fault(names.CODE, wrong, instead)
    kept = [node for node in top if node not in loose]
    return [*kept, Node(None, children=loose)] if loose else kept


def _kind_of(node: Node) -> str:
    """Return the key of the kind of a row; empty where it has none or an unknown one."""
    typed = node.row.cells.get(names.KIND, "") if node.row else ""
    if not typed or key_of(typed) == "nhom":
        return ""
    try:
        return read_kind(typed)
    except Misread:
        return ""


# Cells --------------------------------------------------------------------------------------


def _fill(node: Node, *, takes_away: bool, depth: int) -> None:
    """Read the cells of a row and of all below it into what the engine is given."""
    row = node.row
    if row is None:
        node.data = {"code": BROKEN, "max": BROKEN}
    else:
        row.depth, row.is_group = depth, bool(node.children)
        node.kind = _read_kind(node, row, depth)
        takes_away = takes_away or node.kind == "penalty"
        if node.children or node.kind in names.GROUP_KINDS:
            row.is_group = True
            node.data = read_group(row, node.kind)
            if not node.children:
                refuse_empty_group(row, node.data)
        else:
            node.data = read_criterion(row, node.kind, takes_away=takes_away)
    for child in node.children:
        _fill(child, takes_away=takes_away, depth=depth + (row is not None))
    if node.children:
        node.data["children"] = [child.data for child in node.children]


def _read_kind(node: Node, row: Row, depth: int) -> str:
    """Read the kind and say where it does not fit; return it where it does."""
    typed = row.cells.get(names.KIND, "")
    if row.is_faulty(names.KIND) or not typed or key_of(typed) == "nhom":
        return ""
    try:
        kind = read_kind(typed)
    except Misread as fault:
        row.fault(names.KIND, fault.wrong, fault.instead)
        return ""
    if node.children and kind in names.RULE_KINDS:
        wrong = "Dòng có các dòng con nên là nhóm, không có loại tiêu chí."
        row.fault(names.KIND, wrong, f"Để trống cột {names.KIND} hoặc sửa mã của các dòng con.")
        return ""
    if kind in names.GROUP_KINDS and depth:
        wrong = f"“{names.GROUP_KINDS[kind]}” chỉ dùng cho nhóm ở cấp cao nhất."
        row.fault(names.KIND, wrong, "Để trống; dòng bên dưới nhóm thưởng, trừ tự theo nhóm.")
        return ""
    return kind


# Conventions --------------------------------------------------------------------------------


def _head(
    layout: Layout, nodes: Iterable[Node], present: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Read the conventions; what the file does not say comes from what it shows."""
    head: dict[str, Any] = {}
    for name, found in read_head(layout.head).items():
        for fault in found.faults:
            layout.faults.append(
                Fault(names.HEAD, layout.head_rows.get(name), name, fault.wrong, fault.instead)
            )
        head |= {key: value for key, value in found.values.items() if key not in _RANKING}
        ranking = {key: value for key, value in found.values.items() if key in _RANKING}
        if ranking:
            head["ranking"] = head.get("ranking", {}) | ranking
    if not layout.has_head and present is not None:
        layout.notes.append(f"Tệp không có trang “{names.HEAD}”: giữ quy ước của bảng hiện có.")
        head |= {key: present[key] for key in _SETTINGS if key in present}
    _complete(head, layout, nodes)
    return head


_RANKING: Final = frozenset({"by", "tie_breakers"})


def _complete(head: dict[str, Any], layout: Layout, nodes: Iterable[Node]) -> None:
    """Take the name from the heading and the scale from the sum, where nothing else is said."""
    if not head.get("name") and layout.title:
        head["name"] = layout.title
        layout.notes.append(f"Tên bảng lấy theo dòng tiêu đề: {quote(layout.title)}.")
    name = head.get("name", "")
    row = layout.head_rows.get(names.NAME)
    if not name:
        instead = f"Ghi tên bảng ở trang “{names.HEAD}”."
        layout.faults.append(Fault(names.HEAD, row, names.NAME, "Chưa có tên bảng.", instead))
    longest = names.LONGEST["name"]
    if len(name) > longest:
        wrong = f"Tên bảng dài {format_number(len(name))} ký tự."
        instead = f"Rút ngắn còn tối đa {format_number(longest)} ký tự."
        layout.faults.append(Fault(names.HEAD, row, names.NAME, wrong, instead))
    if "scale_total" in head:
        return
    scale = _sum_of(nodes)
    head["scale_total"] = scale or BROKEN
    if scale:
        words = f"Thang điểm tính theo tổng các nhóm: {scale.replace('.', ',')} điểm."
        layout.notes.append(words)


def _sum_of(nodes: Iterable[Node]) -> str:
    """Add up the groups inside the scale; empty where one of them is not known."""
    total = Decimal(0)
    for node in nodes:
        if node.kind in names.GROUP_KINDS:
            continue
        most = node.data.get("max")
        if not isinstance(most, str):
            return ""
        total += Decimal(most)
    return plain(total)


# Faults -------------------------------------------------------------------------------------


def _ask_engine(table: dict[str, Any], layout: Layout, nodes: list[Node]) -> None:
    """Have the table read as the engine reads any table; tell its faults by row and column."""
    if any(node.row is None for node in nodes):
        # Criteria without a group: nobody knows yet what the groups add up to.
        table = table | {"scale_total": BROKEN}
    try:
        read_table(table)
    except Faults as faults:
        places = Places(table, dict(_paths(nodes, "$.groups")), layout.head_rows)
        for fault in faults.faults:
            spoken(fault, places, layout.faults)


def _paths(nodes: Iterable[Node], path: str) -> Iterator[tuple[str, Row]]:
    for at, node in enumerate(nodes):
        own = f"{path}[{at}]"
        if node.row is not None:
            yield own, node.row
        yield from _paths(node.children, f"{own}.children")


def _all_faults(layout: Layout) -> tuple[Fault, ...]:
    """Return the faults of the sheet of criteria, then those of the conventions."""
    by_row = [fault for row in layout.rows for fault in row.faults]
    faults = [*layout.faults, *by_row]
    return tuple(sorted(faults, key=lambda f: (f.sheet != names.CRITERIA, f.row or 0)))


def _original(layout: Layout, rows: Iterable[Row]) -> dict[str, Any] | None:
    if not layout.original:
        return None
    return taken(layout.original, [row.cells for row in rows], layout.head)
