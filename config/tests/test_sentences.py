"""Every action that the code records has a sentence for the history, and no sentence is idle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from clusters.models import YearStatus
from core.history import sentences

APPS = ("accounts", "clusters", "scoring", "pledges", "reports")
ACTION = re.compile(rf"(?:{'|'.join(APPS)})\.[a-z_]+")
#: What the model names in an f-string like ``f"pledges.{model._meta.model_name}_saved"`` may be.
MODELS = ("clause", "activity", "target")
#: Calls that take an action: as the keyword `action`, or as one of the first arguments.
RECORDERS = {"record", "_record", "saved", "save_row", "_new_version", "finish"}


def sources() -> Iterator[Path]:
    for folder in (*APPS, "core", "config"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            if not {"tests", "migrations"} & set(path.parts):
                yield path


def actions_of(call: ast.Call) -> Iterator[str]:
    """Yield the actions that a call may record."""
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "action")]
    for argument in given:
        for node in ast.walk(argument):
            if isinstance(node, ast.JoinedStr):
                yield from _spelt_out(node)
            elif isinstance(node, ast.Constant) and ACTION.fullmatch(str(node.value)):
                yield str(node.value)


def _spelt_out(text: ast.JoinedStr) -> Iterator[str]:
    parts = [str(p.value) if isinstance(p, ast.Constant) else "{}" for p in text.values]
    pattern = "".join(parts)
    if pattern.count("{}") == 1 and ACTION.fullmatch(pattern.replace("{}", "x")):
        yield from (pattern.replace("{}", model) for model in MODELS)


def recorded() -> set[str]:
    found = {f"clusters.year_{state.value.lower()}" for state in YearStatus}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in RECORDERS:
                    found |= set(actions_of(node))
    return found


def test_the_search_for_actions_finds_them():
    assert {"clusters.year_opened", "pledges.clause_moved", "pledges.refused",
            "scoring.table_chosen",
            "pledges.revised", "accounts.person_deactivated"} <= recorded()  # fmt: skip


def test_every_recorded_action_has_a_sentence():
    assert not recorded() - set(sentences()), "add them to <app>/sentences.py"


def test_no_sentence_is_idle():
    assert not set(sentences()) - recorded()


def test_every_action_is_recorded_by_a_name_that_can_be_read_here():
    """A recorder called with a variable would slip through the search."""
    unread = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "attr", "")
            if isinstance(node, ast.Call) and name == "record" and not set(actions_of(node)):
                action = node.args[0] if node.args else None
                known = isinstance(action, ast.Name) or "ACTIONS" in ast.dump(node)
                unread += [] if known else [f"{path}:{node.lineno}"]
    assert not unread


def test_sentences_are_vietnamese_and_begin_after_the_name():
    for action, sentence in sentences().items():
        assert sentence.split()[0] in ("đã", "chưa"), action
        assert not sentence.endswith("."), action
        assert set(re.findall(r"{(\w+)}", sentence)) <= {
            "object", "version", "removed", "text", "target", "answer", "invited", "stage", "unit",
            "until", "number", "corrects", "kind", "standing", "sheets", "run",
            "members", "what", "due_on", "about", "decision", "seed", "title", "source",
        }, action  # fmt: skip
