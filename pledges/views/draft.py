"""Writing the draft: head, clauses, targets with levels, activities, papers, signatories.

Every form holds the row against what its author had read; who saves second sees both texts.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.forms import BaseForm
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.http import ActingRequest
from core import acts
from core.policy import ALLOWED, Verdict
from core.text import clip
from pledges import operations, policies, queries, tables
from pledges.content import plain
from pledges.forms import (
    SECTIONS,
    ActivityForm,
    BasesForm,
    ClauseForm,
    HeadForm,
    LevelForms,
    OutlineForm,
    PapersForm,
    RowForm,
    SignatoriesForm,
    SignatoryForm,
    StarterForm,
    TargetForm,
    signatory_lines,
)
from pledges.models import (
    Activity,
    Clause,
    PaperKind,
    Section,
    Target,
)
from pledges.views.desk import (
    Desk,
    conflict_of,
    last_saver,
    locked_page,
    open_desk,
    page_context,
    save_row,
    sent,
)
from scoring.models import Criterion
from scoring.queries.table import table_to_adopt

Row = Clause | Activity | Target
#: The words of addresses for the kinds of rows.
KINDS: dict[str, type[Row]] = {"dieu-khoan": Clause, "hoat-dong": Activity, "chi-tieu": Target}


# Head ----------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def head(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Edit title, place and slogan."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Tên giao ước, khẩu hiệu")
    version = desk.standing.version
    initial = {name: getattr(version, name) for name in operations.HEAD_FIELDS}
    form = HeadForm(sent(request), initial=initial | {"seen": _mark(version)})

    def act() -> str:
        values = {name: form.cleaned_data[name] for name in operations.HEAD_FIELDS}
        operations.save_head(values=values, **_saving(desk, form))
        return desk.url("pledge")

    done = save_row(request, form, act, mark=lambda: _mark(_fresh(version)))
    return done or _edit_page(desk, form, "Tên giao ước, khẩu hiệu", row=version)


# Clauses -------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def clause(request: ActingRequest, year_pk: int, key: str) -> HttpResponse:
    """Edit a clause."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Sửa điều khoản")
    row = _row(desk, Clause, key)
    initial = {"section": row.section, "unit": str(row.unit_id or 0), "heading": row.heading}
    initial |= {"text": row.text, "seen": _mark(row)}
    form = ClauseForm(sent(request), paper=row.paper, members=desk.members, initial=initial)

    def act() -> str:
        operations.save_clause(key=key, values=form.values, **_saving(desk, form))
        return _place(desk, key, row.paper)

    done = save_row(request, form, act, mark=lambda: _mark(_fresh(row)))
    return done or _edit_page(desk, form, "Sửa điều khoản", row=row)


@access(Audience.CLUSTER, "GET", "POST")
def clause_new(request: ActingRequest, year_pk: int, paper: str, section: str) -> HttpResponse:
    """Add a clause at the end of a part."""
    desk = open_desk(request, year_pk)
    if section not in SECTIONS.get(paper, ()):
        raise Http404
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Thêm điều khoản")
    form = ClauseForm(
        sent(request), paper=paper, members=desk.members, initial={"section": section}
    )

    def act() -> str:
        made = operations.save_clause(key=None, values=form.values, **_saving(desk, form))
        more = desk.url("clause_new", paper, made.section)
        return more if "more" in request.POST else _place(desk, made.key, paper)

    done = acts.submit(request, form, act, success="Đã thêm điều khoản.")
    title = "Thêm căn cứ" if section == Section.BASIS else "Thêm điều khoản"
    return done or _edit_page(desk, form, title, adds=True, offers=_offers(desk, paper, section))


def _offers(desk: Desk, paper: str, section: str) -> list[tuple[str, str]]:
    """Return (address, label) of what can be taken from a list instead of typed."""
    if paper == PaperKind.PLEDGE and section == Section.BASIS:
        return [(desk.url("bases"), "Chọn từ danh mục căn cứ pháp lý")]
    if paper == PaperKind.OUTLINE:
        return [(desk.url("outline"), "Lấy đề cương mẫu")]
    return []


@access(Audience.CLUSTER, "GET", "POST")
def bases(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Cite legal bases in force in the year, several at once."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Chọn căn cứ pháp lý")
    version = desk.standing.version
    cited = set(version.clauses.filter(section=Section.BASIS).values_list("text", flat=True))
    offered = [b for b in tables.legal_bases(desk.year.cycle.year) if b.clause not in cited]
    form = BasesForm(sent(request), offered=offered)

    def act() -> str:
        operations.add_rows(model=Clause, rows=form.rows, **_acting(desk))
        return _place(desk)

    done = acts.submit(request, form, act, success="Đã thêm căn cứ.")
    return done or _edit_page(desk, form, "Chọn căn cứ pháp lý", save="Thêm các căn cứ đã chọn")


@access(Audience.CLUSTER, "GET", "POST")
def outline(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Take a report outline over as clauses of the outline paper."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Lấy đề cương mẫu")
    form = OutlineForm(sent(request), offered=tables.outlines())

    def act() -> str:
        operations.add_rows(model=Clause, rows=form.rows, **_acting(desk))
        return _place(desk, paper=PaperKind.OUTLINE)

    done = acts.submit(request, form, act, success="Đã thêm đề cương.")
    return done or _edit_page(desk, form, "Lấy đề cương mẫu", save="Thêm đề cương này")


# Activities ----------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def activity(request: ActingRequest, year_pk: int, key: str) -> HttpResponse:
    """Edit a row of the activity programme."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Sửa hoạt động")
    row = _row(desk, Activity, key)
    initial = {name: getattr(row, name) for name in operations.ACTIVITY_FIELDS}
    form = ActivityForm(sent(request), initial=initial | {"seen": _mark(row)})

    def act() -> str:
        operations.save_activity(key=key, values=_activity_values(form), **_saving(desk, form))
        return _place(desk, key, PaperKind.PROGRAMME)

    done = save_row(request, form, act, mark=lambda: _mark(_fresh(row)))
    return done or _edit_page(desk, form, "Sửa hoạt động", row=row)


@access(Audience.CLUSTER, "GET", "POST")
def activity_new(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Add a row to the activity programme."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Thêm hoạt động")
    form = ActivityForm(sent(request))

    def act() -> str:
        values = _activity_values(form)
        made = operations.save_activity(key=None, values=values, **_saving(desk, form))
        more = desk.url("activity_new")
        return more if "more" in request.POST else _place(desk, made.key, PaperKind.PROGRAMME)

    done = acts.submit(request, form, act, success="Đã thêm hoạt động.")
    return done or _edit_page(desk, form, "Thêm hoạt động", adds=True)


@access(Audience.CLUSTER, "GET", "POST")
def starter(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Take the usual activities of a year over, to be mended afterwards."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Lấy chương trình mẫu")
    form, offered = StarterForm(sent(request)), tables.starter_activities()

    def act() -> str:
        rows = [{n: getattr(one, n) for n in operations.ACTIVITY_FIELDS} for one in offered]
        operations.add_rows(model=Activity, rows=rows, **_acting(desk))
        return _place(desk, paper=PaperKind.PROGRAMME)

    done = acts.submit(request, form, act, success="Đã thêm các hoạt động mẫu.")
    context = page_context(desk, form=form, offered=offered)
    return done or render(request, "pledges/starter.html", context)


def _activity_values(form: ActivityForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in operations.ACTIVITY_FIELDS}


# Targets -------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def target(request: ActingRequest, year_pk: int, key: str) -> HttpResponse:
    """Edit a target with the level of each unit."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Sửa chỉ tiêu")
    row = _row(desk, Target, key)
    stored = {value.unit_id: value for value in row.values.all()} if row.pk else {}
    form = TargetForm(sent(request), criteria=_criteria(desk), initial=_target_initial(desk, row))
    grid = LevelForms(sent(request), desk.members, stored)
    return _save_target(desk, form, grid, key, row)


@access(Audience.CLUSTER, "GET", "POST")
def target_new(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Add a target."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Thêm chỉ tiêu")
    form = TargetForm(sent(request), criteria=_criteria(desk))
    return _save_target(desk, form, LevelForms(sent(request), desk.members, {}), None, None)


def _save_target(
    desk: Desk, form: TargetForm, grid: LevelForms, key: str | None, row: Target | None
) -> HttpResponse:
    """Save a target, or fill its grid with one level when that was asked for."""
    request = desk.request
    if "fill" in request.POST:
        typed = request.POST.dict()
        grid.fill(typed.get("common_state", ""), typed.get("common_value", ""))
        unsaved = TargetForm(criteria=_criteria(desk), initial=typed | {"is_common": ""})
        return _target_page(desk, unsaved, grid, row)
    grid.read_with(form)

    def act() -> str:
        made = operations.save_target(
            key=key, values=form.values, levels=grid.levels(form.common), **_saving(desk, form)
        )
        return desk.url("target_new") if "more" in request.POST else _place(desk, made.key)

    done = save_row(request, form, act, grid, mark=lambda: _target_mark(row))
    return done or _target_page(desk, form, grid, row)


def _target_page(
    desk: Desk, form: TargetForm, grid: LevelForms, row: Target | None
) -> HttpResponse:
    title = "Sửa chỉ tiêu" if row else "Thêm chỉ tiêu"
    wrong = [line for line in grid.rows if line.is_bound and line.errors]
    return _edit_page(
        desk, form, title, template="pledges/target.html", row=row, adds=row is None,
        grid=grid, wrong_rows=wrong, filled="fill" in desk.request.POST,
        names={m.unit.code: m.unit.short_name for m in desk.members},
    )  # fmt: skip


def _target_initial(desk: Desk, row: Target) -> dict[str, Any]:
    initial: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("kind", "text", "area", "unit_of_measure", "direction", "aggregation")
    }
    values = list(row.values.all()) if row.pk else []
    common = values[0].value if row.is_common and values else None
    return initial | {
        "is_change": row.is_change,
        "is_common": "True" if row.is_common else "",
        "criterion": _leaf_now(desk, row),
        "common_value": common,
        "common_state": "chua" if values and row.is_common and common is None else "so",
        "seen": _target_mark(row),
    }


def _target_mark(row: Target | None) -> str:
    return operations.target_mark(_fresh(row)) if row and row.pk else ""


def _leaf_now(desk: Desk, row: Target) -> int | str:
    """Return the leaf of today's table with the code that a target names.

    The row it points at may belong to a version of the table that was replaced since.
    """
    if row.criterion is None:
        return ""
    leaves = Criterion.objects.filter(table=table_to_adopt(desk.year), code=row.criterion.code)
    return leaves.values_list("pk", flat=True).first() or ""


def _criteria(desk: Desk) -> list[tuple[str, str]]:
    """Return the leaves of the criteria table that the pledge adopts."""
    leaves = Criterion.objects.filter(table=table_to_adopt(desk.year), rule__isnull=False)
    rows = leaves.order_by("order")
    return [(str(row.pk), clip(str(row), 90)) for row in rows]


# Removing and moving -------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def remove(request: ActingRequest, year_pk: int, kind: str, key: str) -> HttpResponse:
    """Ask before a row is taken out, and take it out."""
    desk, model = open_desk(request, year_pk), _model(kind)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Bỏ khỏi bản nháp")
    row = model._default_manager.filter(version=desk.standing.version, key=key).first()  # noqa: SLF001
    form, paper = StarterForm(sent(request)), _paper_of(row)

    def act() -> str:
        operations.remove_row(model=model, key=key, **_acting(desk))
        return _place(desk, paper=paper)

    done = acts.submit(request, form, act, success="Đã bỏ khỏi bản nháp.")
    if done is None and row is None:
        raise Http404
    return done or render(request, "pledges/remove.html", page_context(desk, form=form, row=row))


@access(Audience.CLUSTER, "POST")
def move(request: ActingRequest, year_pk: int, kind: str, key: str) -> HttpResponse:
    """Move a row one place up or down."""
    desk, model = open_desk(request, year_pk), _model(kind)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Xếp lại thứ tự")
    row = model._default_manager.filter(version=desk.standing.version, key=key).first()  # noqa: SLF001
    place, up = _place(desk, key, _paper_of(row)), request.POST.get("way") == "up"
    own = _own_token(request.POST, f"{kind}/{key}/{up}")
    request.POST = own  # type: ignore[assignment] # a copy may be written to

    def act() -> str:
        operations.move_row(model=model, key=key, up=up, **_acting(desk))
        return place

    return acts.press(request, act, otherwise=place)


def _own_token(data: QueryDict, button: str) -> QueryDict:
    """Give each button of the page its own token: the page sends one for all of them."""
    own = data.copy()
    try:
        own["token"] = str(uuid.uuid5(uuid.UUID(data.get("token", "")), button))
    except ValueError:
        own["token"] = ""
    return own


def _model(kind: str) -> type[Row]:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


def _paper_of(row: Row | None) -> str:
    if isinstance(row, Activity):
        return PaperKind.PROGRAMME
    return row.paper if isinstance(row, Clause) else PaperKind.PLEDGE


# Papers and signatories ----------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def papers(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Choose the papers adopted together and who signs each."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Văn bản kèm theo giao ước")
    version = desk.standing.version
    stored = {paper.kind: paper for paper in version.papers.all()}
    form = PapersForm(
        sent(request), papers=stored, titles=_titles(desk), initial={"seen": _papers_mark(desk)}
    )

    def act() -> str:
        operations.set_papers(papers=form.papers(version.title), **_saving(desk, form))
        return desk.url("pledge")

    done = save_row(request, form, act, mark=lambda: _papers_mark(desk))
    return done or _edit_page(
        desk, form, "Văn bản kèm theo giao ước", template="pledges/papers.html", row=version
    )


@access(Audience.CLUSTER, "GET", "POST")
def signatories(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Set the order of signatures, positions, authority, and the witness."""
    desk = open_desk(request, year_pk)
    if not (verdict := may_write(desk)):
        return locked_page(desk, verdict, "Bên ký")
    form = SignatoriesForm(sent(request), initial={"seen": _signatories_mark(desk)})
    lines = _lines(desk)

    def act() -> str:
        operations.set_signatories(places=_places(lines), **_saving(desk, form))
        return desk.url("pledge")

    done = save_row(request, form, act, _Lines(form, lines), mark=lambda: _signatories_mark(desk))
    return done or _edit_page(
        desk, form, "Bên ký", template="pledges/signatories.html", row=desk.standing.version,
        lines=lines, wrong_rows=[line for line in lines if line.is_bound and line.errors],
    )  # fmt: skip


class _Lines:
    """The lines of the signing order, checked as one."""

    def __init__(self, form: SignatoriesForm, lines: list[SignatoryForm]) -> None:
        self.form, self.lines = form, lines

    def is_valid(self) -> bool:
        if [line for line in self.lines if not line.is_valid()]:
            return False
        self.form.check_order(self.lines)
        return not any(line.errors for line in self.lines)


def _lines(desk: Desk) -> list[SignatoryForm]:
    rows = desk.standing.version.signatories.all()
    stored = {(row.unit_id, row.role): row for row in rows}
    witnesses = queries.may_witness(desk.standing.version, desk.members, desk.request.today)
    return signatory_lines(sent(desk.request), desk.members, witnesses, stored)


def _places(lines: Iterable[SignatoryForm]) -> list[tuple[int, str, str, str]]:
    chosen = [x for x in lines if not x.is_witness or x.cleaned_data["included"]]
    chosen.sort(key=lambda line: (line.is_witness, line.cleaned_data["order"] or 0))
    return [line.place for line in chosen]


def _papers_mark(desk: Desk) -> str:
    return operations.set_mark(operations.papers_now(desk.standing.version))


def _signatories_mark(desk: Desk) -> str:
    return operations.set_mark(operations.signatories_now(desk.standing.version))


def _titles(desk: Desk) -> dict[str, str]:
    """Return the usual titles of the papers beside the pledge."""
    noun, cycle = desk.year.cluster.noun, desk.year.cycle
    return {
        PaperKind.PROGRAMME: f"Chương trình hoạt động của {desk.year.cluster.name} {cycle}",
        PaperKind.REGULATION: f"Quy định tiêu chí và cách chấm điểm thi đua {cycle}",
        PaperKind.OUTLINE: f"Đề cương báo cáo sơ kết, tổng kết của {noun} {cycle}",
    }


# Shared --------------------------------------------------------------------------------------
def may_write(desk: Desk) -> Verdict:
    """Say whether the editing page opens.

    Sending a form that was opened while the draft was open always reaches the operation, which
    refuses with the text kept; but only for the authors of the draft.
    """
    verdict = policies.may_edit(desk.standing)
    comes_late = desk.is_writer and desk.request.method == "POST"
    return ALLOWED if comes_late else verdict


def _acting(desk: Desk) -> dict[str, Any]:
    request = desk.request
    return {"pledge_id": desk.pledge.pk, "by": request.acting, "now": request.now}


def _saving(desk: Desk, form: BaseForm) -> dict[str, Any]:
    return _acting(desk) | {"seen": form.cleaned_data["seen"]}


def _fields(row: models.Model) -> tuple[str, ...]:
    if isinstance(row, Clause):
        return operations.CLAUSE_FIELDS
    return operations.ACTIVITY_FIELDS if isinstance(row, Activity) else operations.HEAD_FIELDS


def _mark(row: models.Model) -> str:
    return operations.mark_of(row, _fields(row))


def _fresh(row: Any) -> Any:  # noqa: ANN401 - any row, the same kind comes back
    """Read a row again; one that was removed stays as it was read."""
    return type(row)._default_manager.filter(pk=row.pk).first() or row  # noqa: SLF001


def _row(desk: Desk, model: type[Any], key: str) -> Any:  # noqa: ANN401 - a row of the model
    """Return the row of the draft.

    A form that comes late still finds something to show itself on: the row of an older version, or
    a stand-in for a row that somebody else has taken out; the operation then says what happened.
    """
    rows = model._default_manager.filter(version__pledge=desk.pledge, key=key)  # noqa: SLF001
    found = rows.order_by("-version__number").first()
    if found is not None and found.version_id == desk.standing.version.pk:
        return found
    if desk.request.method != "POST":
        raise Http404
    return found or _stand_in(desk, model, key)


def _stand_in(desk: Desk, model: type[Any], key: str) -> Any:  # noqa: ANN401 - a row of the model
    """Return an unsaved row in the place of one that is gone."""
    row = model(version=desk.standing.version, key=key)
    if isinstance(row, Clause):
        sent_paper = desk.request.POST.get("paper", "")
        row.paper = sent_paper if sent_paper in SECTIONS else PaperKind.PLEDGE
        row.section = SECTIONS[row.paper][-1]
    return row


def _place(desk: Desk, key: str = "", paper: str = PaperKind.PLEDGE) -> str:
    """Return the address of the room at a row."""
    query = "" if paper == PaperKind.PLEDGE else f"?giay={paper}"
    return desk.url("pledge") + query + (f"#r-{key}" if key else "")


def _edit_page(
    desk: Desk, form: RowForm | BaseForm, title: str, *, template: str = "pledges/edit.html",
    row: models.Model | None = None, **more: Any
) -> HttpResponse:  # fmt: skip
    """Show a form of the draft, after a conflict with what stands now beside it."""
    conflict = conflict_of(form)
    stored: list[tuple[str, str]] = []
    if conflict is not None and isinstance(form, RowForm):
        other = {n: v for n, v in conflict.current.items() if v != _typed(form, n, more)}
        stored = _named_levels(form.stored(other), more.get("names", {}))
    context = page_context(
        desk, form=form, title=title, row=row, stored=stored, conflict=conflict,
        saver=last_saver(row) if conflict is not None and row is not None else "",
        kind_word=_kind_word(row), new_url=_new_url(desk, row) if conflict else "", **more,
    )  # fmt: skip
    return render(desk.request, template, context)


def _typed(form: RowForm, name: str, more: dict[str, Any]) -> str:
    """Return what was typed where the stored row has this name, written the same way."""
    grid: LevelForms | None = more.get("grid")
    if grid is not None and name.startswith("level_") and isinstance(form, TargetForm):
        return _level_words(form, grid, name.removeprefix("level_"))
    typed = form.cleaned_data.get(form.stored_names.get(name, name))
    return "" if typed in (None, "0", False) else str(typed)


def _level_words(form: TargetForm, grid: LevelForms, code: str) -> str:
    line = next((row for row in grid.rows if row.unit.code == code), None)
    if line is None:
        return ""
    level = line.level(form.common)
    return (plain(level.value) or "chưa giao mức") if level.is_assigned else "không giao"


def _named_levels(rows: list[tuple[str, str]], names: dict[str, str]) -> list[tuple[str, str]]:
    """Write `level_CA-01` as people say it."""
    return [
        (f"Mức của {names.get(label[6:], label[6:])}" if label[:6] == "level_" else label, value)
        for label, value in rows
    ]


def _kind_word(row: object) -> str:
    return next((word for word, model in KINDS.items() if isinstance(row, model)), "")


def _new_url(desk: Desk, row: object) -> str:
    """Return where the typed text can be saved as a new row when the old one was removed."""
    if (
        not isinstance(row, Clause | Activity | Target)
        or type(row).objects.filter(pk=row.pk).exists()
    ):
        return ""
    if isinstance(row, Clause):
        wanted = desk.request.POST.get("section", "")
        section = wanted if wanted in SECTIONS[row.paper] else row.section
        return desk.url("clause_new", row.paper, section)
    return desk.url("activity_new" if isinstance(row, Activity) else "target_new")
