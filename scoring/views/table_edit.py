"""The editor of a criteria table: the tree with its maxima, one page for each row, the head."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import Audience, access
from clusters.forms import MORE_ROWS, Rows
from clusters.http import ActingRequest
from core import acts
from core.forms import whole_number
from scoring import operations
from scoring.forms.table_edit import (
    GroupForm,
    HeadForm,
    LeafForm,
    PointsForm,
    grades_of,
    start_of_head,
    start_of_row,
    ties_of,
)
from scoring.forms.table_rules import KIND_FORMS, RulePart
from scoring.models import CriteriaTable, Criterion
from scoring.policies.table import (
    TableStanding,
    may_drop_draft,
    may_edit_table,
    may_switch_coded,
    may_write_table,
)
from scoring.queries.table import as_interchange
from scoring.queries.table_editor import EditRow, editor_of
from scoring.queries.table_examples import LONE, Example, examples_of, table_around
from scoring.queries.table_faults import RowFault, faults_in
from scoring.queries.table_uses import targets_by_code, uses_of_criteria
from scoring.views.table_desk import base_of, editor_url, locked, standing_for, turn

#: Names of the buttons of a page that do not save it.
MOVE, KIND, TRY = "chuyen", "doi-cach-tinh", "xem-thu"
UP: Final = "len"
_SAVED: Final = "Đã lưu vào bản nháp."


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the editor with its box: what stands in it, what is wrong with it."""

    row: EditRow
    name: str
    value: str
    #: What was read there; it travels hidden with the box.
    read_name: str
    read: str
    faults: tuple[str, ...]
    #: What is stored now, where somebody else saved something else meanwhile.
    stored: str


@access(Audience.CLUSTER, "GET", "POST")
def edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the draft as a tree; save its maxima, and move a row where that was asked for."""
    standing, draft = _draft(request, pk)
    verdict = may_edit_table(standing)
    if draft is None or not verdict:
        return locked(request, standing, "Soạn bảng tiêu chí", verdict)
    criteria = list(draft.criteria.order_by("order"))
    form = PointsForm(
        acts.sent(request), rows=_boxes(criteria), initial={"seen": str(draft.revision)}
    )
    moved, way = _move_asked(request, criteria)

    def act() -> str:
        by, now, points, seen = request.acting, request.now, form.changed_points, form.revision
        if points or moved is None:
            seen = operations.save_points(
                cluster_year_id=pk, points=points, seen=seen, by=by, now=now
            ).revision
        if moved is not None:
            operations.move_row(
                cluster_year_id=pk, code=moved.code, up=way == UP, seen=seen, by=by, now=now
            )
        return editor_url(pk, moved.pk if moved else None)

    if done := acts.submit(request, form, act, success="" if moved else _SAVED):
        return done
    return _edit_page(request, standing, draft, form)


def _edit_page(
    request: ActingRequest, standing: TableStanding, draft: CriteriaTable, form: PointsForm
) -> HttpResponse:
    editor = editor_of(draft, targets_by_code(uses_of_criteria(standing.year)))
    if getattr(form, "conflict", None):
        form.renew(draft.revision)
    context = base_of(
        standing,
        form=form,
        editor=editor,
        lines=[_line(row, form) for row in editor.rows],
        turn=turn(standing, draft, len(editor.faults)),
        may_write=may_write_table(standing),
        may_drop=may_drop_draft(standing),
        may_code=may_switch_coded(standing),
    )
    return render(request, "scoring/table_edit.html", context)


def _boxes(criteria: Iterable[Criterion]) -> list[tuple[int, str, Any, bool]]:
    """Return what the form asks of each row; groups of bonus and penalty points need no maximum."""
    role, boxes = "", []
    for row in criteria:
        role = row.kind if row.parent_id is None else role
        boxes.append((row.pk, row.code, row.max_points, row.rule is not None or not role))
    return boxes


def _move_asked(
    request: ActingRequest, criteria: Iterable[Criterion]
) -> tuple[Criterion | None, str]:
    """Return the row whose arrow was pressed, and which way."""
    key, _, way = request.POST.get(MOVE, "").partition(":")
    return next((row for row in criteria if str(row.pk) == key), None), way


def _line(row: EditRow, form: PointsForm) -> Line:
    name, is_overtaken = form.name_of(row.pk), hasattr(form, "conflict")
    read_name = form.name_of_read(name)
    typed = read = row.points
    if form.is_bound and not (is_overtaken and name not in form.changed_data):
        typed = str(form.data.get(name, row.points))
    if form.is_bound and not is_overtaken:
        read = str(form.data.get(read_name, row.points))
    stored = row.points if is_overtaken and typed != row.points else ""
    faults = tuple(map(str, form.errors.get(name, ())))
    return Line(row, name, typed, read_name, read, faults, stored)


# Rows -------------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def row(request: ActingRequest, pk: int, row_pk: int) -> HttpResponse:
    """Edit a group or a leaf."""
    standing, draft = _draft(request, pk)
    verdict = may_edit_table(standing)
    if draft is None or not verdict:
        return locked(request, standing, "Sửa dòng của bảng tiêu chí", verdict)
    found = get_object_or_404(draft.criteria.select_related("parent"), pk=row_pk)
    above = found.parent.code if found.parent else ""
    page = _RowPage(request, standing, draft, found, above)
    return page.group() if found.rule is None else page.leaf()


@access(Audience.CLUSTER, "GET", "POST")
def new_group(request: ActingRequest, pk: int) -> HttpResponse:
    """Add a group, inside the group that the address names."""
    return _new(request, pk, "Thêm nhóm", is_leaf=False)


@access(Audience.CLUSTER, "GET", "POST")
def new_leaf(request: ActingRequest, pk: int) -> HttpResponse:
    """Add a leaf, inside the group that the address names."""
    return _new(request, pk, "Thêm tiêu chí", is_leaf=True)


def _new(request: ActingRequest, pk: int, title: str, *, is_leaf: bool) -> HttpResponse:
    standing, draft = _draft(request, pk)
    verdict = may_edit_table(standing)
    if draft is None or not verdict:
        return locked(request, standing, title, verdict)
    inside = draft.criteria.filter(pk=whole_number(request.GET.get("trong", ""))).first()
    page = _RowPage(request, standing, draft, None, inside.code if inside else "")
    return page.leaf() if is_leaf else page.group()


class _RowPage:
    """The page of one row: its form, for a leaf also its rule, both checked by the engine."""

    def __init__(
        self,
        request: ActingRequest,
        standing: TableStanding,
        draft: CriteriaTable,
        found: Criterion | None,
        above: str,
    ) -> None:
        self.request, self.standing, self.draft = request, standing, draft
        self.found, self.above = found, above
        self.table = as_interchange(draft)
        self.groups = list(_groups(self.table["groups"]))
        self.node = _node(self.table["groups"], found.code) if found else {}

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Offer the groups; one's own and what is below it are refused when it is saved."""
        own = self.found.code if self.found else None
        return [(code, words) for code, words, _ in self.groups if code != own]

    def group(self) -> HttpResponse:
        form = GroupForm(
            acts.sent(self.request),
            groups=[("", "Cấp cao nhất"), *self.choices],
            is_coded=self.draft.is_coded,
            initial=start_of_row(self.node, self.above) | self._seen(),
        )
        if done := self._submit(form, lambda: form.node):
            return done
        return self._page("scoring/table_group.html", form)

    def leaf(self) -> HttpResponse:
        data = acts.sent(self.request)
        reshown = data is not None and (MORE_ROWS in data or KIND in data)
        start = start_of_row(self.node, self.above) | self._seen()
        typed: dict[str, Any] = {}
        if data is not None:
            typed = {name: data[name] for name in LeafForm.base_fields if name in data}
            typed["evidence_required"] = "evidence_required" in data
        form = LeafForm(
            None if reshown else data,
            groups=[("", "Chọn nhóm"), *self.choices],
            is_coded=self.draft.is_coded,
            initial=start | typed,
        )
        kind = typed.get("kind") or start["kind"] or "direct"
        rule = RulePart(
            kind if kind in KIND_FORMS else "direct", data, self.node.get("rule", {}), more=reshown
        )
        check = LeafCheck(form, rule, self._role, self._places)
        if data is None or not (reshown or TRY in data):
            done = self._submit(form, lambda: form.node(rule.rule), check)
            if done:
                return done
        elif not reshown:
            check.is_valid()
        return self._page(
            "scoring/table_leaf.html", form, rule=rule, about=rule.form.about,
            examples=self._examples(check), errors=list(check.told()),
        )  # fmt: skip

    def _submit(self, form: Any, node: Any, *others: Any) -> HttpResponse | None:  # noqa: ANN401
        def act() -> str:
            wanted = node()
            table = operations.save_row(
                cluster_year_id=self.standing.year.pk,
                code=self.found.code if self.found else None,
                node=wanted,
                above=form.cleaned_data["above"],
                seen=form.revision,
                by=self.request.acting,
                now=self.request.now,
            )
            saved = table.criteria.filter(code=wanted["code"]).first()
            return editor_url(self.standing.year.pk, saved.pk if saved else None)

        return acts.submit(self.request, form, act, *others, success=_SAVED)

    def _page(self, template: str, form: Any, **more: Any) -> HttpResponse:  # noqa: ANN401
        if getattr(form, "conflict", None):
            now = self.standing.draft
            form.renew(now.revision if now else 0)
            more["stored"] = self.node
        context = base_of(self.standing, form=form, found=self.found, **more)
        return render(self.request, template, context)

    def _seen(self) -> dict[str, str]:
        return {"seen": str(self.draft.revision)}

    @property
    def _places(self) -> int:
        places: int = self.table.get("rounding", {}).get("places", 2)
        return places

    def _role(self, above: str) -> str:
        """Return the kind of the top-level group around a group."""
        return next((role for code, _, role in self.groups if code == above), "")

    def _examples(self, check: "LeafCheck") -> list[Example]:
        if check.node is not None:
            return examples_of(check.node, self._role(check.above), self._places)
        if not check.form.is_bound and "rule" in self.node:
            return examples_of(self.node, self._role(self.above), self._places)
        return []


class LeafCheck:
    """Holds a leaf against the engine and puts every fault beside the field it belongs to."""

    def __init__(self, form: LeafForm, rule: RulePart, role: Any, places: int) -> None:  # noqa: ANN401
        self.form, self.rule = form, rule
        self._role, self._places = role, places
        #: The leaf as typed, when it is sound.
        self.node: dict[str, Any] | None = None

    @property
    def above(self) -> str:
        """Return the group that was chosen."""
        return str(self.form.cleaned_data.get("above", ""))

    def is_valid(self) -> bool:
        """Whether the engine takes the leaf by itself; what is above it is not asked."""
        if not all([self.form.is_valid(), self.rule.is_valid()]):
            return False
        node = self.form.node(self.rule.rule)
        table = table_around(node, self._role(self.above), self._places)
        # What a leaf has wrong its group has wrong too; it is said once.
        faults = [fault for fault in faults_in(table) if fault.code == LONE]
        for fault in faults:
            self._put(fault)
        self.node = None if faults else node
        return not faults

    def _put(self, fault: RowFault) -> None:
        key, _, rest = fault.path.partition(".")
        if key in self.form.fields and not rest:
            self.form.add_error(key, fault.sentence)
        else:
            self.rule.add_fault(rest, fault.sentence)

    def told(self) -> Iterable[tuple[str, str]]:
        """Yield (id of the field or nothing, sentence) of both forms and the grid."""
        rows = self.rule.grid.forms if self.rule.grid is not None else []
        for form in (self.form, self.rule.form, *rows):
            yield from errors_of(form)


def errors_of(form: BaseForm) -> Iterable[tuple[str, str]]:
    """Yield (id of the field or nothing, sentence) of one form."""
    if not form.is_bound:
        return
    for sentence in form.non_field_errors():
        yield "", str(sentence)
    for bound in form:
        target = f"div_{bound.auto_id}" if bound.use_fieldset else bound.id_for_label
        for sentence in bound.errors:
            yield "" if bound.is_hidden else target, str(sentence)


def _groups(
    nodes: list[dict[str, Any]], role: str = "", depth: int = 0
) -> Iterable[tuple[str, str, str]]:
    """Yield (code, words, role) of every group, parents first."""
    for node in nodes:
        if "children" not in node:
            continue
        own = node.get("kind", "") if depth == 0 else role
        words = " ".join(filter(None, (node["code"], node.get("title", "")[:80])))
        yield node["code"], f"{'– ' * depth}{words}", own
        yield from _groups(node["children"], own, depth + 1)


def _node(nodes: list[dict[str, Any]], code: str) -> dict[str, Any]:
    for node in nodes:
        if node["code"] == code:
            return node
        if found := _node(node.get("children", []), code):
            return found
    return {}


@access(Audience.CLUSTER, "GET", "POST")
def remove(request: ActingRequest, pk: int, row_pk: int) -> HttpResponse:
    """Ask before a row is taken out with everything below it, and take it out."""
    standing, draft = _draft(request, pk)
    verdict = may_edit_table(standing)
    if draft is None or not verdict:
        return locked(request, standing, "Bỏ khỏi bảng tiêu chí", verdict)
    found = draft.criteria.filter(pk=row_pk).first()
    form = PointsForm(acts.sent(request), rows=[], initial={"seen": str(draft.revision)})

    def act() -> str:
        operations.remove_row(
            cluster_year_id=pk, code=found.code if found else "", seen=form.revision,
            by=request.acting, now=request.now,
        )  # fmt: skip
        return editor_url(pk)

    done = acts.submit(request, form, act, success="Đã bỏ khỏi bản nháp.")
    if done is None and found is None:
        raise Http404
    below = _below(as_interchange(draft), found.code) if found else []
    if getattr(form, "conflict", None):
        form.renew(draft.revision)
    context = base_of(standing, form=form, found=found, below=below)
    return done or render(request, "scoring/table_remove.html", context)


def _below(table: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """Return every row below a row."""
    rows, stack = [], list(_node(table["groups"], code).get("children", []))
    while stack:
        node = stack.pop(0)
        rows.append(node)
        stack = [*node.get("children", []), *stack]
    return rows


# Head -------------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def head(request: ActingRequest, pk: int) -> HttpResponse:
    """Edit name, scale, rounding, ranking and classification."""
    standing, draft = _draft(request, pk)
    verdict = may_edit_table(standing)
    if draft is None or not verdict:
        return locked(request, standing, "Quy ước chung của bảng", verdict)
    data, table = acts.sent(request), as_interchange(draft)
    more = data is not None and MORE_ROWS in data
    start = start_of_head(table) | {"seen": str(draft.revision)}
    if data is not None and more:
        start |= data.dict()
    groups = [(code, words) for code, words, _ in _groups(table["groups"])]
    form = HeadForm(None if more else data, groups=groups, named=ties_of(table), initial=start)
    grades = grades_of(data, table, more=more)

    def act() -> str:
        operations.save_head(
            cluster_year_id=pk, head=form.head(grades), seen=form.revision, by=request.acting,
            now=request.now,
        )  # fmt: skip
        return editor_url(pk)

    done = None if more else acts.submit(request, form, act, grades, success=_SAVED)
    return done or _head_page(request, standing, draft, form, grades)


def _head_page(
    request: ActingRequest,
    standing: TableStanding,
    draft: CriteriaTable,
    form: HeadForm,
    grades: Rows,
) -> HttpResponse:
    if getattr(form, "conflict", None):
        form.renew(draft.revision)
    errors = [fault for part in (form, *grades.forms) for fault in errors_of(part)]
    faults = [fault for fault in faults_in(as_interchange(draft)) if not fault.code]
    context = base_of(standing, form=form, grades=grades, errors=errors, faults=faults)
    return render(request, "scoring/table_head.html", context)


def _draft(request: ActingRequest, pk: int) -> tuple[TableStanding, CriteriaTable | None]:
    standing = standing_for(request, pk)
    return standing, standing.draft
