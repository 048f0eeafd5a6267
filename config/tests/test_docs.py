"""What the documents say is what the code has: labels, fields, accounts, variables, links."""

import json
import re
import shlex
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from clusters.calendar import DAYS_TO_REPORT
from config.demo import posts, registry
from pledges import operations
from pledges.models import PaperKind, PledgeStatus
from pledges.tests import factories as f
from reports.jobs.orders import KEPT
from reports.models import ACT_KINDS, RESULT_KINDS, Document
from reports.queries.due import DAYS_BEFORE
from reports.queries.printing import COLUMNS

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text(encoding="utf-8")
HANDBOOK = (ROOT / "docs" / "huong-dan.md").read_text(encoding="utf-8")
CONTENT = (ROOT / "docs" / "noi-dung-giao-uoc.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
APPS = ("accounts", "clusters", "config", "core", "pledges", "reports", "scoring")
#: Bold words of the handbook that are no labels.
PLAIN = {"đậm"}


def squeeze(text: str) -> str:
    """Put any run of spaces and line ends into one space."""
    return re.sub(r"\s+", " ", text)


# The handbook --------------------------------------------------------------------------------
def modules() -> list[Path]:
    """Return the modules of all apps without their tests."""
    found = (path for app in APPS for path in (ROOT / app).rglob("*.py"))
    return [path for path in found if "tests" not in path.parts]


@pytest.fixture(scope="module")
def screen() -> str:
    """Return every template, script and module that can put words on the screen."""
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").glob("*.js")]
    files += modules()
    return squeeze("\n".join(p.read_text(encoding="utf-8") for p in files))


def labels() -> list[str]:
    return sorted({squeeze(label) for label in re.findall(r"\*\*([^*]+)\*\*", HANDBOOK)} - PLAIN)


def test_labels_of_the_handbook_are_on_the_screen(screen):
    pieces = {label: [p.strip() for p in label.split("…") if p.strip()] for label in labels()}
    assert pieces
    missing = [label for label, parts in pieces.items() if any(p not in screen for p in parts)]
    assert missing == []


def test_sentences_of_the_handbook_are_said_by_the_application(screen):
    """The first column of the last two tables quotes the application."""
    quoted = HANDBOOK[HANDBOOK.index("| Trang trả lời") :]
    rows = re.findall(r"^\| ([^|]+) \|", quoted, re.MULTILINE)
    said = [row for row in rows if row not in ("Trang trả lời", "Câu báo") and "---" not in row]
    missing = [
        row
        for row in said
        if any(
            part.strip(" .") not in screen
            for part in re.split(
                r"…|0\.125|0,125|\b125\b|30/06/2024|\. (?=[A-ZĐ])|: (?=[a-zđc])", row
            )
        )
    ]
    assert said
    assert missing == []


def section(heading: str) -> str:
    """Return a part of the handbook by the words of its heading."""
    found = re.search(rf"^##+ (?:\d+\. )?{heading}.*?(?=^## )", HANDBOOK, re.MULTILINE | re.DOTALL)
    assert found, heading
    return squeeze(found[0])


def test_tables_at_the_head_lead_to_sections_that_are_there():
    there = re.findall(r"^## (\d+)\. ", HANDBOOK, re.MULTILINE)
    assert there == [str(number) for number in range(1, len(there) + 1)]
    head = HANDBOOK[: HANDBOOK.index("## 1. ")]
    told = [row.rsplit("|", 2)[1] for row in head.splitlines() if row.startswith("| ")]
    named = {number for cell in told for number in re.findall(r"\b\d+\b", cell)}
    assert named
    assert named <= set(there)


def test_papers_of_the_handbook_are_those_that_are_issued():
    issued = {label for _, _, label in COLUMNS} | {kind.label for kind in RESULT_KINDS}
    issued |= {kind.label for kind in ACT_KINDS}
    issued |= {Document.Stage.TO_SIGN.label, Document.Stage.SIGNED.label}
    rows = re.findall(r"\| (\*\*[^|]+) \|", section("In$"))
    named = {label for row in rows for label in re.findall(r"\*\*([^*]+)\*\*", row)}
    assert named == issued


def test_limits_of_the_handbook_are_those_of_the_code():
    words = {3: "ba", 5: "năm"}
    assert f"không quá {settings.EVIDENCE_MAX_BYTES // 1024**2} MB" in section("Tiến độ")
    assert f"{words[DAYS_TO_REPORT]} ngày sau ngày cuối kỳ" in section("Kỳ báo cáo")
    assert f"{words[DAYS_TO_REPORT]} ngày sau ngày chốt" in section("Kỳ báo cáo")
    assert f"{words[DAYS_BEFORE].capitalize()} ngày trước hạn" in section("Dùng chung")
    assert f"giữ {KEPT.days} ngày" in section("In$")


# The glossary --------------------------------------------------------------------------------
def test_names_of_the_glossary_are_in_the_code():
    files = [p for p in modules() if "migrations" not in p.parts]
    code = "\n".join(p.read_text(encoding="utf-8") for p in files)
    known = set(re.findall(r"\w+", code)) | {part for p in files for part in p.parts}
    known |= {p.stem for p in files}
    rows = [r for r in GLOSSARY.splitlines() if r.startswith("| ") and "*later*" not in r]
    cells = [row.rsplit("|", 2)[1] for row in rows]
    named = {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
    assert named
    unknown = [name for name in named if not set(re.findall(r"\w+", name)) <= known]
    assert unknown == []


# What is hashed ------------------------------------------------------------------------------
def documented(heading: str) -> set[str]:
    """Return the fields that the table under a heading names, as paths."""
    section = CONTENT[CONTENT.index(f"## {heading}") :].split("\n## ")[0]
    parents: list[str] = []
    fields: set[str] = set()
    for cell in re.findall(r"^\| ([–]* ?`[^|]*) \|", section, re.MULTILINE):
        depth = len(cell) - len(cell.lstrip("–"))
        above = parents[:depth]
        for name in re.findall(r"`([^`]+)`", cell):
            parents = [*above, name.removesuffix("[]").removesuffix("{}")]
            fields.add(".".join(parents))
    return fields


#: Maps by code or kind: their keys are data, not fields.
KEYED = {"values", "numbers"}
#: Described elsewhere, as a whole.
WHOLE = {"settings", "rule", "details", "frozen", "content"}


def fields_of(value: Any, path: str = "") -> set[str]:
    """Return the paths of all fields of plain data."""
    name = path.rsplit(".", 1)[-1]
    if name in WHOLE:
        return set()
    if isinstance(value, list):
        return set().union(*(fields_of(item, path) for item in value))
    if not isinstance(value, dict):
        return set()
    rows = value.values() if name in KEYED else [value]
    found: set[str] = set()
    for key, item in (pair for row in rows if isinstance(row, dict) for pair in row.items()):
        inner = f"{path}.{key}" if path else key
        found |= {inner} | fields_of(item, inner)
    return found


@pytest.mark.django_db
def test_fields_of_the_content_are_described():
    world = f.make_world()
    pledge = f.start(world)
    f.add_papers(world, pledge)
    f.add_witness(world, pledge)
    activity = {"when": "Tháng 6", "what": "Sơ kết", "responsible": "Trưởng", "output": "Báo cáo"}
    operations.save_activity(
        pledge_id=pledge.pk, key=None, values=activity, seen="", by=world.lead_officer, now=f.NOW
    )
    pledge = f.open_signing(
        world, f.freeze(world, f.consent_all(world, f.circulate(world, pledge)))
    )
    pledge = f.sign_all(world, pledge)
    assert pledge.status == PledgeStatus.SIGNED
    version = pledge.current
    assert documented("Content (") == fields_of(version.content)
    assert documented("Frozen content (") == fields_of(version.frozen)
    signed = Document.objects.get(stage=Document.Stage.SIGNED, code__paper=PaperKind.PLEDGE)
    optional = {"demonstration"}
    assert documented("Document content (") - optional == fields_of(signed.content) - optional


# The README ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_accounts_of_the_readme_exist_and_open_with_its_password():
    registered = registry.load(timezone.now())
    found = posts.posts(registered, date(2026, 1, 15))
    registry.staff(registered, found, date(2016, 1, 1), timezone.now())
    known = set(User.objects.values_list("username", flat=True))
    named = set(re.findall(r"`((?:canbo2?|lanhdao|thuongtruc)(?:\.[a-z0-9]+)+|quantri)`", README))
    assert named
    assert named <= known
    assert f"`{registry.PASSWORD}`" in README
    assert User.objects.get(username="quantri").check_password(registry.PASSWORD)


def test_variables_of_the_environment_are_in_the_readme():
    sources = ("config/settings.py", "config/gunicorn.py", "reports/seal.py")
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in sources)
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", text))
    read |= set(re.findall(r"environ\.get\(\"([A-Z_]+)\"", text))
    assert "DATABASE_URL" in read
    assert sorted(name for name in read if f"`{name}`" not in README) == []


def test_the_scoring_command_of_the_readme_works(tmp_path):
    found = re.findall(r"^\S*python manage\.py score (.+)$", README, re.MULTILINE)
    assert found
    for words in found:
        result = tmp_path / "result.json"
        call_command("score", *(ROOT / name for name in shlex.split(words)), output=str(result))
        assert json.loads(result.read_text(encoding="utf-8"))["units"]


def test_files_that_the_readme_names_are_there():
    named = set(re.findall(r"`((?:script|docs|scoring|core|\.ci)/[\w./-]+)", README))
    assert {"script/server", "script/long_run", "scoring/engine"} <= named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


# All of them ---------------------------------------------------------------------------------
@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_files(page):
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    local = [t for t in targets if not t.startswith(("http://", "https://"))]
    assert [t for t in local if not (page.parent / t).exists()] == []


def test_decisions_are_numbered_once_and_listed():
    folder = ROOT / "docs" / "adr"
    names = sorted(p.name for p in folder.glob("[0-9]*.md"))
    assert len({name[:4] for name in names}) == len(names)
    for name in names:
        head = (folder / name).read_text(encoding="utf-8").split("\n", 1)[0]
        assert re.match(rf"# {name[:4]}\.? \w", head), name
    listed = re.findall(r"\]\(([^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == names, "docs/adr/README.md lists every decision once"
