"""The diagrams in the documentation are those of the code."""

import pytest
from django.core.management import CommandError, call_command

from clusters.workflow import TRANSITIONS as YEAR_TRANSITIONS
from config.management.commands.workflow_diagrams import WORKFLOWS, document, reachable
from pledges.workflow.pledge import TRANSITIONS


def test_the_document_in_the_repository_is_fresh(capsys):
    call_command("workflow_diagrams", "--check")
    assert "khớp" in capsys.readouterr().out


@pytest.fixture
def elsewhere(tmp_path, settings):
    """A repository of its own, so that the real document stays as it is."""
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs" / "workflows.md"


def test_a_stale_document_fails_with_what_to_do(elsewhere):
    with pytest.raises(CommandError, match="workflow_diagrams"):
        call_command("workflow_diagrams", "--check")
    call_command("workflow_diagrams")
    call_command("workflow_diagrams", "--check")
    elsewhere.write_text(elsewhere.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("workflow_diagrams", "--check")
    assert caught.value.returncode == 1


@pytest.mark.parametrize("table", [TRANSITIONS, YEAR_TRANSITIONS])
def test_every_transition_is_drawn(table):
    text = document()
    for state, targets in table.items():
        for to in targets:
            assert f"    {state.value} --> {to.value}\n" in text


def test_what_no_transition_reaches_is_said_so():
    pledge = next(flow for flow in WORKFLOWS if flow.transitions is TRANSITIONS)
    assert reachable(pledge) == set(pledge.states)
    assert "Declared, not reached yet" in document()
