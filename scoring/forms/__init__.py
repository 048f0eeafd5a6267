"""Forms of scoring: tables, evidence, figures, score sheets."""

from scoring.forms.evidence import MOST_FILES, EvidenceChoice, EvidenceFilesField, EvidenceForm
from scoring.forms.table import TableForm

__all__ = ("MOST_FILES", "EvidenceChoice", "EvidenceFilesField", "EvidenceForm", "TableForm")
