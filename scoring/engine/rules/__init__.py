"""The one table of rule kinds; a kind is added here and nowhere else."""

from typing import Final

from scoring.engine.rules.attainment import DeductShort, PercentOfTarget
from scoring.engine.rules.bands import Bands
from scoring.engine.rules.base import Place, Role, Rule
from scoring.engine.rules.counted import DeductPerEvent, PerOccurrence, ZeroTolerance
from scoring.engine.rules.given import Direct, Levels, PassFail, RankPoints
from scoring.engine.rules.relative import ClusterRelative, RatioToBest

KINDS: Final[dict[str, type[Rule]]] = {
    "direct": Direct,
    "pass_fail": PassFail,
    "levels": Levels,
    "percent_of_target": PercentOfTarget,
    "cluster_relative": ClusterRelative,
    "ratio_to_best": RatioToBest,
    "bands": Bands,
    "deduct_short": DeductShort,
    "deduct_per_event": DeductPerEvent,
    "per_occurrence": PerOccurrence,
    "zero_tolerance": ZeroTolerance,
    "rank_points": RankPoints,
}

__all__ = ["KINDS", "Place", "Role", "Rule"]
