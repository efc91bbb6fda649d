"""
Decides whether the grid of trainings starts.

Each decision is an object that is written once, `retraining/decisions/<number>.json`; the state is what these say, and of two programs
that decide at once one finds its number taken and decides again. A Workflow is named by its decision, and `<number>.submitted.json`
says that it was created, so a program that ends in between leaves nothing out and starts nothing twice.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from .cluster import Cluster, workflow_of
from .evidence import Drift, Estimate, read_drift, read_gold
from .problems import Failed, Problems
from .registry import ModelRegistry
from .settings import Confidence, Retraining
from .store import Objects
from .table import json_of

FOLDER = "retraining/decisions"
ATTEMPTS = 5
__all__ = ["Cluster", "Decided", "Decision", "Facts", "decide", "judge"]


class Decision(BaseModel):
    """A decision, as it is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal[1] = 1
    number: int
    at: datetime
    start: bool
    #: What speaks for a retraining.
    reasons: list[str]
    #: What speaks against it, or forbids it.
    brakes: list[str]
    facts: dict[str, Any]
    workflow: dict[str, Any] | None


@dataclass(frozen=True)
class Facts:
    """What a decision rests on."""

    model: str
    version: str
    drift: Drift
    accuracy: Estimate
    annotations: int

    @property
    def best_estimate(self) -> tuple[str, Estimate]:
        """Accuracy by what people said; without enough of that the one that confidences promise."""
        if self.accuracy.verdict == "too-few-rows" and self.drift.promised is not None:
            return "by confidence", self.drift.promised
        return "by annotations", self.accuracy


@dataclass(frozen=True)
class Decided:
    """What was done."""

    decision: dict[str, Any]
    is_dry_run: bool
    submitted: list[str]


def judge(facts: Facts, past: list[Decision], settings: Retraining, now: datetime) -> tuple[list[str], list[str]]:
    """
    What speaks for a retraining, and what against it: it starts when something does and nothing else.

    Sustained drift together with lost accuracy speaks for it, and so do enough new annotations. Drift alone may be a change that the
    model copes with; lost accuracy without new annotations to learn from or a change to learn about would train the same model again.
    """
    reasons, brakes = [], []
    source, accuracy = facts.best_estimate
    if facts.drift.sustained and accuracy.verdict == "lost":
        shown = f"{accuracy.accuracy:.3f}, at most {accuracy.upper:.3f}, {source}"
        required = settings.accuracy.required
        reasons.append(f"drift on {settings.sustained_days} days in a row, and an accuracy of {shown}, where {required:g} is required")
    if facts.annotations >= settings.minimum_annotations:
        reasons.append(f"{facts.annotations} annotations since version {facts.version} was made, at least {settings.minimum_annotations}")
    starts = [decision for decision in past if decision.start]
    if starts and now - starts[-1].at < timedelta(days=settings.cool_down_days):
        brakes.append(f"cool-down: the last retraining started on {starts[-1].at:%Y-%m-%d}, less than {settings.cool_down_days} days ago")
    this_month = [decision for decision in starts if (decision.at.year, decision.at.month) == (now.year, now.month)]
    if len(this_month) >= settings.runs_per_month:
        brakes.append(f"budget: {len(this_month)} retrainings started in {now:%Y-%m}, at most {settings.runs_per_month} may")
    return reasons, brakes


def _key(number: int) -> str:
    return f"{FOLDER}/{number:06d}.json"


def _submitted_key(number: int) -> str:
    return f"{FOLDER}/{number:06d}.submitted.json"


def _past(objects: Objects) -> tuple[list[Decision], set[int]]:
    """All decisions, and the numbers of those whose Workflow was created."""
    keys = objects.list(FOLDER)
    decisions = [Decision.model_validate_json(objects.get(key) or b"") for key in keys if not key.endswith(".submitted.json")]
    submitted = {decision.number for decision in decisions if _submitted_key(decision.number) in keys}
    return sorted(decisions, key=lambda decision: decision.number), submitted


def _facts(objects: Objects, settings: Retraining, confidence: Confidence, registry: ModelRegistry, now: datetime) -> Facts:
    champion = registry.by_alias("champion")
    if champion is None:
        raise Problems([f"registry: no version of {registry.model} has the alias champion; promote one first"])
    accuracy, annotations = read_gold(objects, now, champion.number, champion.created, settings.accuracy, confidence)
    drift = read_drift(objects, now.date(), settings.sustained_days, settings.accuracy)
    return Facts(registry.model, champion.number, drift, accuracy, annotations)


def _submit(objects: Objects, decision: Decision, cluster: Cluster, now: datetime) -> str:
    assert decision.workflow is not None
    name = str(decision.workflow["metadata"]["name"])
    is_new = cluster.submit(decision.workflow)
    objects.create(_submitted_key(decision.number), json_of({"workflow": name, "at": now.isoformat(), "wasThere": not is_new}))
    return name


def decide(
    objects: Objects, settings: Retraining, confidence: Confidence, registry: ModelRegistry, now: datetime, cluster: Cluster | None
) -> Decided:
    """
    Decides, keeps the decision, and starts what it says; first it starts what an earlier decision said and could not.

    :param cluster: None for a dry run, which changes nothing
    :raises Problems: when no version is in production, or a report cannot be read
    """
    now = now.astimezone(UTC)
    submitted = []
    for _ in range(ATTEMPTS):
        past, done = _past(objects)
        if cluster is not None:
            left = [decision for decision in past if decision.start and decision.number not in done]
            submitted += [_submit(objects, decision, cluster, now) for decision in left]
        facts = _facts(objects, settings, confidence, registry, now)
        reasons, brakes = judge(facts, past, settings, now)
        number = past[-1].number + 1 if past else 1
        start = bool(reasons) and not brakes
        workflow = workflow_of(settings.workflow, number, reasons) if start else None
        decision = Decision(number=number, at=now, start=start, reasons=reasons, brakes=brakes, facts=asdict(facts), workflow=workflow)
        document = decision.model_dump(mode="json")
        if cluster is None:
            return Decided(document, True, [])
        if objects.create(_key(number), json_of(document)):
            if start:
                submitted.append(_submit(objects, decision, cluster, now))
            return Decided(document, False, submitted)
    raise Failed(
        f"{objects.name(FOLDER)}: {ATTEMPTS} times another program took the number of this decision; run it by one CronWorkflow alone"
    )
