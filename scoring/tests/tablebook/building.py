"""Sound tables of every shape for hypothesis, and workbooks as officials make them."""

import io
import itertools
from decimal import Decimal
from typing import Any

import openpyxl
from hypothesis import strategies as st

from scoring.tablebook.cells import TEXT, Cell, Sheet, grid_of
from scoring.tablebook.findings import Reading
from scoring.tablebook.lines import head_of, lines_of
from scoring.tablebook.names import COLUMNS, CRITERIA, HEAD_LINES, ORIGINAL, PARENT
from scoring.tablebook.original import pieces_of
from scoring.tablebook.reading import read_sheets

HEAD = [["Tên bảng", "Bảng thử"], ["Thang điểm", "20"]]


def sheets_of(table, *, original=True) -> list[Sheet]:
    """What stands in a workbook of ours, without the detour through a file."""
    columns = [*COLUMNS, PARENT]
    lines = [[line.cells[column] for column in columns] for line in lines_of(table)]
    head = head_of(table)
    rows = {
        CRITERIA: [columns, *lines],
        "Quy ước": [["Mục", "Giá trị"], *([name, head[name]] for name in HEAD_LINES)],
        ORIGINAL: [[piece] for piece in pieces_of(table)] if original else [],
    }
    return [Sheet(name, name == ORIGINAL, _cells(texts)) for name, texts in rows.items()]


def _cells(rows):
    filled = ({at: Cell(TEXT, text) for at, text in enumerate(row, 1) if text} for row in rows)
    return {at: row for at, row in enumerate(filled, 1) if row}


def book(rows, head=HEAD, columns=COLUMNS, above=(), sheet="Tiêu chí"):
    """A workbook with these rows under the header."""
    made = openpyxl.Workbook()
    page = made.active
    page.title = sheet
    for row in above:
        page.append(row)
    page.append(list(columns))
    for row in rows:
        page.append(list(row))
    if head is not None:
        page = made.create_sheet("Quy ước")
        for row in head:
            page.append(row)
    return made


def bytes_of(made) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def reading(made, present=None) -> Reading:
    """Read a workbook in this process."""
    data = made if isinstance(made, bytes) else bytes_of(made)
    return read_sheets(grid_of(data), present=present)


def visible(data: bytes) -> Reading:
    """Read only what people see of a workbook of ours."""
    return read_sheets([sheet for sheet in grid_of(data) if sheet.name != ORIGINAL])


def table_of(found: Reading) -> dict[str, Any]:
    """The table that was read; with faults the test ends here."""
    assert found.table is not None, told(found)
    return found.table


def told(found: Reading) -> list[str]:
    return [f"{fault.place}: {fault.words}" for fault in found.faults]


# Tables for hypothesis ---------------------------------------------------------------------------

words = st.text("aăbcđeghơSŨ 1,", min_size=1, max_size=8).filter(
    lambda text: text == " ".join(text.split()) and text
)
odd = st.text('a;:"“.\n,%-+ 1ệ', min_size=1, max_size=8).filter(str.strip)


def number(low: int, high: int, places: int = 2) -> Any:
    """A number as typed, sometimes with idle zeros."""
    plain = st.integers(low * 10**places, high * 10**places).map(
        lambda units: f"{Decimal(units).scaleb(-places):f}"
    )
    return st.one_of(plain, st.integers(low, high).map(str))


def maybe(**keys: Any) -> Any:
    return st.fixed_dictionaries({}, optional=keys)


attainment = maybe(direction=st.sampled_from(["up", "down"]), baseline=st.booleans())
percents = number(0, 200)
cap_floor = maybe(cap_percent=st.none() | percents, floor_percent=st.none() | percents)


def together(kind: str, *parts: Any) -> Any:
    return st.tuples(*parts).map(
        lambda found: {"kind": kind} | {key: value for part in found for key, value in part.items()}
    )


@st.composite
def bands(draw, on):
    """Bands without gaps over a few cuts, in any order, defaults said or left out."""
    # Between two days in succession there is no whole day: the engine refuses such a band.
    cuts = sorted(2 * cut for cut in draw(st.sets(st.integers(1, 50), max_size=4)))
    ends = [None, *cuts, None]
    inclusive = [draw(st.booleans()) for _ in cuts]
    rows = []
    for at, (low, high) in enumerate(itertools.pairwise(ends)):
        row = {"points": draw(number(0, 1))}
        if low is not None:
            row["from"] = str(low)
            if not inclusive[at - 1] or draw(st.booleans()):
                row["from_inclusive"] = inclusive[at - 1]
        if high is not None:
            row["to"] = str(high)
            if not inclusive[at] or draw(st.booleans()):
                row["to_inclusive"] = not inclusive[at]
            if inclusive[at] and not draw(st.booleans()):
                row.pop("to_inclusive", None)
        rows.append(row)
    return {"on": on, "bands": draw(st.permutations(rows))}


def named(key: str, value: Any, labels: Any) -> Any:
    rows = st.lists(labels, min_size=1, max_size=4, unique_by=str.strip)
    return rows.flatmap(
        lambda found: st.tuples(
            *(st.fixed_dictionaries({"label": st.just(name), key: value}) for name in found)
        ).map(list)
    )


def rules(labels: Any) -> Any:
    """Every rule kind with every parameter."""
    levels = named("points", number(0, 1), labels).map(lambda rows: {"levels": rows})
    items = named("points_each", number(-3, 3), labels).map(lambda rows: {"items": rows})
    direction = maybe(direction=st.sampled_from(["up", "down"]))
    return st.one_of(
        together("direct"),
        together("pass_fail"),
        together("levels", levels),
        together("percent_of_target", attainment, cap_floor),
        together(
            "cluster_relative",
            attainment,
            maybe(lead_share=number(0, 1), no_target=st.sampled_from(["own_group", "skip"])),
        ),
        together("ratio_to_best", direction),
        together("bands", st.sampled_from(["actual", "days_late"]).flatmap(bands)),
        together("bands", bands("attainment_percent"), attainment),
        together(
            "deduct_short",
            attainment,
            st.fixed_dictionaries({"per_percent": number(0, 3)}),
            maybe(floor_percent=st.none() | percents),
        ),
        together("deduct_per_event", st.fixed_dictionaries({"points_each": number(0, 5)})),
        together("per_occurrence", items, maybe(min=number(0, 1), max=number(2, 9))),
        together("zero_tolerance", maybe(veto=st.booleans())),
        together(
            "rank_points",
            st.lists(number(0, 1), min_size=1, max_size=4).map(lambda found: {"points": found}),
        ),
    )


def leaf(labels: Any) -> Any:
    return st.builds(
        lambda rule, top, more: {"max": top, "rule": rule, **more},
        rules(labels),
        number(1, 50),
        maybe(
            title=labels,
            unit_of_measure=labels,
            legal_basis=labels,
            evidence_required=st.booleans(),
            target=st.none() | number(1, 500),
        ),
    )


@st.composite
def tables(draw, labels=words, separators=(".",)):
    """A sound table with nested groups, and groups of bonus and penalty points."""
    separator = draw(st.sampled_from(separators))

    def group(code, depth):
        children = []
        for at in range(draw(st.integers(1, 3))):
            own = f"{code}{separator}{'abc'[at] if depth else at + 1}"
            deeper = depth < 2 and draw(st.integers(0, 3)) == 0
            found = group(own, depth + 1) if deeper else draw(leaf(labels))
            children.append({"code": own, **found})
        total = sum((Decimal(child["max"]) for child in children), Decimal(0))
        node = {"max": f"{total:f}", "children": children}
        return node | draw(maybe(title=labels))

    groups = [{"code": code, **group(code, 0)} for code in ["I", "II"][: draw(st.integers(1, 2))]]
    scale = sum((Decimal(found["max"]) for found in groups), Decimal(0))
    ties = ["bonus", "penalty", *(f"group:{found['code']}" for found in groups)]
    for code, kind in (("T", "bonus"), ("P", "penalty")):
        found = group(code, 0)
        if draw(st.booleans()):
            del found["max"]
        more = draw(maybe(cap=number(0, 60)))
        groups.append({"code": code, "kind": kind, **found, **more})
    grades = [{"label": "Tốt", "from": "80"}, {"label": "Khá", "from": "65.50"}]
    head = draw(
        st.fixed_dictionaries(
            {"name": words},
            optional={
                "rounding": st.integers(2, 6).map(lambda places: {"places": places}),
                "ranking": maybe(
                    by=st.sampled_from(["percent", "total"]),
                    tie_breakers=st.lists(st.sampled_from(ties), unique=True),
                ),
                "classification": st.sampled_from([[], grades]),
            },
        )
    )
    return {"scale_total": f"{scale:f}", **head, "groups": groups}
