"""Forms of scoring: tables, evidence, figures, score sheets."""

from scoring.forms.evidence import MOST_FILES, EvidenceChoice, EvidenceFilesField, EvidenceForm
from scoring.forms.figure import (
    Control,
    FigureField,
    FigureForm,
    FigureInput,
    read_figure,
    trace_of,
)
from scoring.forms.table import TableForm

__all__ = (
    "MOST_FILES",
    "Control",
    "EvidenceChoice",
    "EvidenceFilesField",
    "EvidenceForm",
    "FigureField",
    "FigureForm",
    "FigureInput",
    "TableForm",
    "read_figure",
    "trace_of",
)
