"""The moves by which `training/` measures what promotion and rollback leave in a registry."""

import json
import re
from pathlib import Path
from typing import Any

from nace_annotation.figures import Verdict, read_verdict
from nace_annotation.moves import CHALLENGER, CHAMPION
from nace_annotation.registry import ModelRegistry

TRAINING = Path(__file__).parents[2] / "training"
#: Tags that only a promotion by a commit has.
COMMITS = {"promoted.commit", "restored.commit"}


def moves() -> list[dict[str, Any]]:
    """Each move, and what the registry says after it."""
    found: list[dict[str, Any]] = json.loads((TRAINING / "conformance/moves.json").read_text())
    return found


def verdict_file(name: str) -> Path:
    """A verdict as `nace_training promote --dry-run` prints it."""
    return TRAINING / f"conformance/verdict-{name}.json"


def verdict_of(move: dict[str, Any], model: str) -> Verdict:
    """The verdict of a move, as if it were about this model."""
    return read_verdict(verdict_file(move["verdict"])).model_copy(update={"model": model})


def state(registry: ModelRegistry) -> dict[str, Any]:
    """What a registry says, with `<instant>` for each instant."""
    aliases = {alias: version.number for alias in (CHAMPION, CHALLENGER) if (version := registry.by_alias(alias))}
    tags = {number: registry.by_number(number).tags for number in ("1", "2")}
    without = {number: {key: value for key, value in each.items() if key not in COMMITS} for number, each in tags.items()}
    text = json.dumps({"aliases": aliases, "tags": without, "history": registry.history()})
    found: dict[str, Any] = json.loads(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<instant>", text))
    return found
