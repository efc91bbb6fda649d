"""
How a version comes to be champion, as `training/` does it without a commit: `training/conformance/moves.json` says what is left in the
registry step by step, and both are measured by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from .registry import ModelRegistry

CHAMPION, CHALLENGER = "champion", "challenger"
LIFECYCLE, ARCHIVED_AT, ARCHIVED_BY = "lifecycle", "archived.at", "archived.by_version"
#: Tags of which a version that has been champion has one, also when nobody but its alias said so.
WAS_CHAMPION = {"promoted.at", "restored.at", ARCHIVED_AT}
NO_REASON = "no reason given"


@dataclass(frozen=True)
class Move:
    """Who moved it and why, and what is told of it besides."""

    verb: Literal["promoted", "restored"]
    by: str
    reason: str
    figures: Mapping[str, str] = field(default_factory=dict)


def move(registry: ModelRegistry, old: str | None, new: str, told: Move) -> None:
    """Every tag that says what happens comes first and the alias last, so it never moves unexplained. It may be done again."""
    at, verb = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), told.verb
    replaces = {} if old is None else {f"{verb}.replaces": old}
    tags = {f"{verb}.at": at, f"{verb}.by": told.by, f"{verb}.reason": told.reason, **replaces, **told.figures}
    before = registry.by_number(new).tags
    for key, value in tags.items():
        registry.tag(new, key, value)
    outdated = [key for key in before if key.startswith(f"{verb}.") and key not in tags]
    for key in (*outdated, LIFECYCLE, ARCHIVED_AT, ARCHIVED_BY):
        if key in before:
            registry.untag(new, key)
    if old is not None:
        for key, value in {LIFECYCLE: "archived", ARCHIVED_AT: at, ARCHIVED_BY: new}.items():
            registry.tag(old, key, value)
    registry.record(at, f"version {new} {verb} by {told.by}, replaces {old or 'none'}: {told.reason}")
    registry.move_alias(CHAMPION, new)
    challenger = registry.by_alias(CHALLENGER)
    if challenger is not None and challenger.number == new:
        registry.remove_alias(CHALLENGER)
