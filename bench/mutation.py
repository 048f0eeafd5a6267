"""Mutation testing of the scoring engine: `script/mutation [MODULE …]`; see docs/adr/0045.

Every function of the engine is changed in small ways, one at a time, and the engine's tests have to
notice each of them. Prints how many were noticed and which were not; those that cannot be noticed
stand with the reason in docs/mutation.md. Exit status 1: fewer than 95 % were noticed, one that was
not has no reason there, or a reason is left of one that is gone.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
#: The copy that is changed and tested; nothing is ever changed in the project itself.
WORK: Final = ROOT / "var" / "mutation"
REASONS: Final = ROOT / "docs" / "mutation.md"
ENGINE: Final = "scoring.engine."
#: What the engine's tests need; those of the command need Django and are left out.
_NEEDED: Final = ("engine", "starters", "__init__.py")
_TESTS: Final = ("engine", "golden", "__init__.py")
_WITH_DJANGO: Final = "test_command.py"
_GOAL: Final = 95

_CONFTEST: Final = '''"""The same examples in every run, generated ones only when asked for."""

import os

import hypothesis

hypothesis.settings.register_profile("same", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("same")


def pytest_collection_modifyitems(items):
    if not os.environ.get("WITH_PROPERTIES"):
        items[:] = [item for item in items if not hasattr(item.obj, "hypothesis")]
'''

_LISTED: Final = r"^### (\S+)\n\n```diff\n(.*?)\n```\n\n(.+?)(?=\n\n|\Z)"

#: A mutant as it is listed: function, then the changed lines with - and +.
Mutant = tuple[str, str]


def main(modules: list[str]) -> int:
    """Run everything or some modules (`compute`, `rules.bands`); return the exit status."""
    _copy()
    os.environ.update(PYTHONHASHSEED="0", PYTHONUTF8="1")
    _mutmut("run", "--max-children", "1", *(f"{ENGINE}{module}.*" for module in modules))
    # What passed may be of a run before there was a test for it. Property tests take seconds
    # each; only what passes all the others is shown to them.
    for properties in ("", "1"):
        os.environ["WITH_PROPERTIES"] = properties
        if passed := _survivors(modules):
            _mutmut("run", "--max-children", "1", *passed)
    statuses = dict(_statuses(modules))
    survivors = {_shown(name) for name in _survivors(modules)}
    reasons = {
        mutant: reason
        for mutant, reason in read_reasons(REASONS.read_text(encoding="utf-8")).items()
        if not modules or mutant[0].rpartition(".")[0].startswith(tuple(modules))
    }
    return _report(Counter(statuses.values()), survivors, reasons)


def _report(counts: Counter[str], survivors: set[Mutant], reasons: dict[Mutant, str]) -> int:
    unexplained = sorted(survivors - reasons.keys())
    gone = sorted(reasons.keys() - survivors)
    for title, mutants in (("Not noticed", unexplained), ("In the list, but noticed", gone)):
        for function, change in mutants:
            _say(f"\n{title}: {function}\n{change}")
    total = counts.total()
    noticed = counts["killed"] + counts["timeout"]
    percent = 100 * noticed / total if total else 0.0
    _say("")
    for status, count in sorted(counts.items()):
        _say(f"{status:>12} {count:6}")
    _say(f"{'all':>12} {total:6}   noticed: {percent:.1f} %")
    _say(f"{len(survivors & reasons.keys())} survive for a reason, {len(unexplained)} without.")
    return int(percent < _GOAL or bool(unexplained) or bool(gone))


def _copy() -> None:
    """Copy engine and tests; results of what did not change since are kept by mutmut.

    Of its own copies mutmut renews the code alone, and which test reaches what it asks new tests
    alone: both are taken away.
    """
    mutants = WORK / "mutants"
    for kept in ("starters", "tests"):
        shutil.rmtree(mutants / "scoring" / kept, ignore_errors=True)
    for name in ("conftest.py", "mutmut-stats.json"):
        (mutants / name).unlink(missing_ok=True)
    for parent, names in ((Path("scoring"), _NEEDED), (Path("scoring/tests"), _TESTS)):
        for name in names:
            target = WORK / parent / name
            if target.is_dir():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            source = ROOT / parent / name
            ignored = shutil.ignore_patterns("__pycache__", _WITH_DJANGO)
            if source.is_dir():
                shutil.copytree(source, target, ignore=ignored)
            else:
                shutil.copy(source, target)
    for path in (WORK / "scoring" / "engine").rglob("*.py"):
        path.write_text(without_property(path.read_text(encoding="utf-8")), encoding="utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (WORK / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    (WORK / "pyproject.toml").write_text(_toml(settings["mutmut"]), encoding="utf-8")


def _toml(table: dict[str, list[str]]) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join(["[tool.mutmut]", *lines, "[tool.pytest.ini_options]", 'markers = ["slow"]'])


def without_property(source: str) -> str:
    """Write ``@property`` as an assignment: mutmut leaves functions with a decorator alone."""
    lines = source.splitlines()
    for node in reversed(list(ast.walk(ast.parse(source)))):
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Name) and decorator.id == "property":
                indent = " " * node.col_offset
                lines.insert(node.end_lineno or 0, f"{indent}{node.name} = property({node.name})")
                del lines[decorator.lineno - 1]
    return "\n".join(lines) + "\n"


def _mutmut(*arguments: str) -> str:
    """Run mutmut on the copy and return what it prints; its progress goes to the terminal."""
    program = Path(sys.executable).parent / "mutmut"
    done = subprocess.run(  # noqa: S603 - our own command
        ["nice", "-n", "5", str(program), *arguments],  # noqa: S607
        cwd=WORK,
        stdout=None if arguments[0] == "run" else subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout or ""


def _statuses(modules: list[str]) -> Iterator[tuple[str, str]]:
    for line in _mutmut("results", "--all", "true").splitlines():
        name, colon, status = line.strip().partition(": ")
        if colon and (not modules or name.startswith(tuple(f"{ENGINE}{m}." for m in modules))):
            yield name, status


def _survivors(modules: list[str]) -> list[str]:
    return [name for name, status in _statuses(modules) if status == "survived"]


def _shown(name: str) -> Mutant:
    """Return a mutant as it is listed: numbers of mutants move with every change."""
    changed = [
        line[0] + " " + line[1:].strip()
        for line in _mutmut("show", name).splitlines()
        if re.match(r"[-+](?![-+])", line)
    ]
    function = name.removeprefix(ENGINE).partition("__mutmut_")[0]
    function = re.sub(r"\.x_", ".", function.replace("xǁ", "").replace("ǁ", "."))
    return function, "\n".join(changed)


def read_reasons(text: str) -> dict[Mutant, str]:
    """Read docs/mutation.md: a heading with the function, the change as ``diff``, the reason."""
    found = re.finditer(_LISTED, text, re.MULTILINE | re.DOTALL)
    return {(match[1], match[2]): match[3].strip() for match in found}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
