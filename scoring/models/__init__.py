"""The rows of this app: criteria tables, evidence, sheets, runs, objections, votes, inspections."""

from scoring.models.ballot import (
    AwardQuota,
    Ballot,
    BallotQuerySet,
    BallotStatus,
    BallotSubject,
    Candidate,
    Nomination,
    NominationQuerySet,
    OpenVote,
    Voter,
)
from scoring.models.evidence import (
    Evidence,
    EvidenceQuerySet,
)
from scoring.models.inspection import (
    Draw,
    Finding,
    Inspection,
    InspectionQuerySet,
    InspectionStatus,
    TeamPlace,
)
from scoring.models.objection import (
    Objection,
    ObjectionQuerySet,
    ObjectionStatus,
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
    coded_title,
)

__all__ = (
    "AwardQuota",
    "Ballot",
    "BallotQuerySet",
    "BallotStatus",
    "BallotSubject",
    "Candidate",
    "CriteriaTable",
    "CriteriaTableQuerySet",
    "Criterion",
    "Draw",
    "Evidence",
    "EvidenceQuerySet",
    "Finding",
    "Inspection",
    "InspectionQuerySet",
    "InspectionStatus",
    "Nomination",
    "NominationQuerySet",
    "Objection",
    "ObjectionQuerySet",
    "ObjectionStatus",
    "OpenVote",
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
    "TeamPlace",
    "Veto",
    "VetoQuerySet",
    "Voter",
    "coded_title",
)
