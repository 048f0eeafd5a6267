"""The rules of the house, held by the syntax tree and not by a reviewer's memory."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ["accounts", "clusters", "config", "core", "pledges", "reports", "scoring"]
MODULES = sorted(
    path
    for app in APPS
    for path in (ROOT / app).rglob("*.py")
    if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
)
TEMPLATES = sorted(
    path for folder in ["templates", *APPS] for path in (ROOT / folder).rglob("*.html")
)
OWN_MODELS = [m for m in apps.get_models() if m._meta.app_label in APPS]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def each(items: list[Any]) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """Hold a rule against every file or model and name all that break it."""

    def over(check: Callable[[Any], None]) -> Callable[[], None]:
        def test() -> None:
            wrong = []
            for item in items:
                try:
                    check(item)
                except AssertionError as fault:
                    name = name_of(item) if isinstance(item, Path) else item.__name__
                    wrong.append(f"{name}: {str(fault).splitlines()[0]}")
            assert not wrong, "\n".join(wrong)

        return test

    return over


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_there_is_something_to_hold():
    assert len(MODULES) > 80
    assert len(TEMPLATES) > 60
    assert len(OWN_MODELS) > 25


# States --------------------------------------------------------------------------------------
#: Who may write a state, and why beside the workflows.
WRITE_STATES = {
    "pledges/workflow/pledge.py": "the pledge and its signatories",
    "clusters/workflow.py": "the cluster year",
    "pledges/workflow/progress.py": "a progress report",
    "pledges/workflow/review.py": "a review of a unit or of the cluster",
    "scoring/workflow/ballot.py": "a vote",
    "scoring/workflow/inspection.py": "a cross-inspection",
    "scoring/workflow/objection.py": "an objection",
    "scoring/workflow/run.py": "a publication, and the sheets that it makes final",
    "scoring/workflow/sheet.py": "a score sheet",
    "scoring/operations/table_desk.py": "a draft is put in use or replaced",
    "reports/jobs/worker.py": "a job is claimed and settled in one statement",
    "reports/jobs/orders.py": "a person cancels a job or asks again",
    "reports/jobs/bell.py": "orphans are queued again in one statement",
}


def states_written(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that write a `status`: assignment, `.update(status=)`, setattr, create."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            places = [part for target in targets for part in ast.walk(target)]
            stored = [p for p in places if isinstance(p, ast.Attribute) and p.attr == "status"]
            if any(isinstance(p.ctx, ast.Store) for p in stored):
                yield node.lineno
        if isinstance(node, ast.Call):
            function = node.func
            called = getattr(function, "attr", getattr(function, "id", ""))
            writes = called in {"update", "create", "update_or_create", "get_or_create"}
            if writes and any(k.arg == "status" for k in node.keywords):
                yield node.lineno
            named = len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
            if called == "setattr" and named and node.args[1].value == "status":  # type: ignore[attr-defined]
                yield node.lineno


@each(MODULES)
def test_only_workflows_write_a_state(path):
    if name_of(path) not in WRITE_STATES:
        assert not list(states_written(tree_of(path)))


def test_the_list_of_writers_is_no_longer_than_it_must_be():
    idle = [name for name in WRITE_STATES if not list(states_written(tree_of(ROOT / name)))]
    assert not idle


def test_the_search_for_writers_finds_every_way():
    ways = (
        "pledge.status = 1",
        "pledge.status, pledge.at = 1, 2",
        "Pledge.objects.filter().update(status=1)",
        "setattr(pledge, 'status', 1)",
        "Pledge.objects.create(status=1)",
    )
    for way in ways:
        assert list(states_written(ast.parse(way))), way
    assert not list(states_written(ast.parse("status = pledge.status\nf(status=status)")))


# Views ---------------------------------------------------------------------------------------
VIEWS = [p for p in MODULES if p.name == "views.py" or p.parent.name == "views"]
#: Queries of views that start elsewhere, each with what keeps them inside one's own.
STARTS_ELSEWHERE = {
    ("clusters/views/mine.py", "Appointment"): "filtered by the person who asks",
    ("clusters/views/people.py", "AuditEvent"): "the administrator's, about one person",
    ("clusters/views/people.py", "Appointment"): "the administrator keeps all appointments",
    ("clusters/views/units.py", "AuditEvent"): "the administrator's, about one unit",
    ("core/views.py", "AuditEvent"): "the health check reads one number",
    ("pledges/views/board.py", "AuditEvent"): "of a year already seen",
    ("pledges/views/desk.py", "AuditEvent"): "about a row of a pledge already seen",
    ("pledges/views/draft.py", "Criterion"): "of the table of a year already seen",
    ("pledges/views/exemplars.py", "AuditEvent"): "about a row already seen",
    ("pledges/views/judging.py", "ProgressReport"): "the revision of a report already seen",
    ("pledges/views/progress.py", "AuditEvent"): "about a report of the unit one acts for",
    ("pledges/views/progress.py", "ProgressEntry"): "of a sheet of the unit one acts for",
    ("pledges/views/progress.py", "ProgressReport"): "of the unit one acts for",
    ("pledges/views/progress.py", "Unit"): "the unit one acts for",
    ("pledges/views/whatif.py", "Unit"): "the unit one acts for",
    ("pledges/views/review.py", "AuditEvent"): "one's own acts on a report already seen",
    ("pledges/views/review_history.py", "AuditEvent"): "about a report already seen",
    ("pledges/views/steps.py", "Appointment"): "of the members of a year already seen",
    ("pledges/views/steps.py", "AuditEvent"): "one's own acts in a year already seen",
    ("pledges/views/steps.py", "NumberRegister"): "of a year already seen",
    ("pledges/views/versions.py", "Consent"): "of the versions already seen",
    ("reports/views/signing.py", "Signatory"): "of a year already seen",
    ("scoring/views/ballot.py", "Candidate"): "of a ballot already seen",
    ("scoring/views/quota.py", "AwardQuota"): "among those of a cycle or cluster already seen",
    ("scoring/views/objection.py", "AuditEvent"): "one's own acts on an objection already seen",
    ("scoring/views/publish.py", "AuditEvent"): "one's own acts in a year already seen",
    ("scoring/views/runs.py", "RunResult"): "of a run already seen, of a unit one may open",
    ("scoring/views/sheet.py", "AuditEvent"): "one's own acts on a sheet already seen",
}


def unseen_queries(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield (model, line) of every `.objects` that `.visible_to` does not follow at once."""
    followed = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "visible_to"
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"objects", "_default_manager"}
            and id(node) not in followed
            and isinstance(node.value, ast.Name)
        ):
            yield node.value.id, node.lineno


@each(VIEWS)
def test_queries_of_views_start_from_what_one_may_see(path):
    for model, line in unseen_queries(tree_of(path)):
        known = (name_of(path), model) in STARTS_ELSEWHERE or model in {"model", "rows"}
        assert known, f"{name_of(path)}:{line}: {model}.objects without .visible_to(…)"


def test_the_exceptions_of_views_are_still_there():
    found = {(name_of(p), model) for p in VIEWS for model, _ in unseen_queries(tree_of(p))}
    assert set(STARTS_ELSEWHERE) <= found, set(STARTS_ELSEWHERE) - found


# Clock, signals, saves -----------------------------------------------------------------------
def reads_the_clock(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    at_the_edge = path.name in {"views.py", "tasks.py", "http.py"} or {"views", "management"} & set(
        parts
    )
    return bool(at_the_edge)


CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "timezone.localdate"}


@each(MODULES)
def test_only_the_edge_reads_the_clock(path):
    if reads_the_clock(path):
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            read = f"{node.value.id}.{node.attr}"
            assert read not in CLOCKS, f"{name_of(path)}:{node.lineno}: {read}; take `now` instead"


@each(MODULES)
def test_no_signals_and_no_rules_in_save(path):
    """What happens must be read where it happens."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.module not in {"django.db.models.signals", "django.dispatch"}
        if isinstance(node, ast.ClassDef):
            bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
            own = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            if bases & {"Model"}:
                assert not own & {"save", "delete", "full_clean"}, name_of(path)


@each(MODULES)
def test_no_drawer_for_everything(path):
    assert path.stem not in {"utils", "util", "helpers", "common", "misc"}


@each(OWN_MODELS)
def test_every_model_says_what_it_is(model):
    assert any("__str__" in vars(c) for c in model.__mro__ if c.__module__.split(".")[0] in APPS)
    assert str(model._meta.verbose_name) != model.__name__.lower()
    assert (model.__doc__ or "").strip().endswith((".", "?"))


# Templates -----------------------------------------------------------------------------------
#: mark_safe: our own drawings, never a word anybody typed.
SAFE_MODULES = {"core/templatetags/gu.py", "reports/render/document.py"}
#: |safe: crispy's own templates, whose parts are rendered and escaped before they get there.
SAFE_TEMPLATES = "templates/bootstrap5/layout/"


@each(MODULES)
def test_nothing_typed_is_called_safe(path):
    names = {n.id for n in ast.walk(tree_of(path)) if isinstance(n, ast.Name)}
    attributes = {n.attr for n in ast.walk(tree_of(path)) if isinstance(n, ast.Attribute)}
    if "mark_safe" in names | attributes:
        assert name_of(path) in SAFE_MODULES


@each(TEMPLATES)
def test_templates_escape_everything(path):
    text = path.read_text(encoding="utf-8")
    if not name_of(path).startswith(SAFE_TEMPLATES):
        assert "|safe" not in text
    assert "autoescape off" not in text


@each(TEMPLATES)
def test_templates_obey_the_content_security_policy(path):
    """No script and no style inside the page, nothing from another machine."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "a script inside the page"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "an event handler in an attribute"
    if "/pdf/" not in name_of(path):
        assert not re.search(r"\sstyle\s*=", text), "style= is refused by the browser"
    assert not foreign_addresses(text)


NAMESPACES = ("http://www.w3.org/",)


def foreign_addresses(text: str) -> list[str]:
    return [
        found
        for found in re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s\"'<>)]*", text)
        if not found.startswith(NAMESPACES)
    ]


STATIC = sorted(
    path
    for path in (ROOT / "static").rglob("*")
    if path.suffix in {".css", ".js", ".svg"} and "vendor" not in path.relative_to(ROOT).parts
)


@each(STATIC)
def test_static_files_call_nobody(path):
    assert not foreign_addresses(path.read_text(encoding="utf-8"))


def test_the_search_for_addresses_finds_them():
    assert foreign_addresses('<link href="https://fonts.example.com/a.css">')
    assert foreign_addresses('<script src="//cdn.example.com/a.js">')
    assert not foreign_addresses('<svg xmlns="http://www.w3.org/2000/svg"> a // b')


# Words about the machine it was made on --------------------------------------------------------
def test_nothing_names_a_place_of_one_machine():
    """Paths of a developer's machine have no business in the product."""
    for path in [*MODULES, *TEMPLATES, *sorted((ROOT / "docs").rglob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(home|Users)/\w+/", text), name_of(path)
