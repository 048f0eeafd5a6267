"""The rows of this app: criteria tables, evidence, score sheets, runs and publications."""

from scoring.models.evidence import (
    Evidence,
    EvidenceQuerySet,
)
from scoring.models.run import (
    Publication,
    PublicationQuerySet,
    PublicationStatus,
    RunKind,
    RunLine,
    RunResult,
    ScoringRun,
    ScoringRunQuerySet,
)
from scoring.models.sheet import (
    ScoreLine,
    ScoreSheet,
    ScoreSheetQuerySet,
    SheetStatus,
    Veto,
    VetoQuerySet,
)
from scoring.models.table import (
    CriteriaTable,
    CriteriaTableQuerySet,
    Criterion,
)

__all__ = (
    "CriteriaTable",
    "CriteriaTableQuerySet",
    "Criterion",
    "Evidence",
    "EvidenceQuerySet",
    "Publication",
    "PublicationQuerySet",
    "PublicationStatus",
    "RunKind",
    "RunLine",
    "RunResult",
    "ScoreLine",
    "ScoreSheet",
    "ScoreSheetQuerySet",
    "ScoringRun",
    "ScoringRunQuerySet",
    "SheetStatus",
    "Veto",
    "VetoQuerySet",
)
