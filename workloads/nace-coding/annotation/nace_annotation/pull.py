"""Brings finished annotations back, and makes the gold set of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import batches
from .answers import Vote, votes_of
from .batches import Batch
from .gold import write_gold
from .label_studio import LabelStudioClient
from .nomenclature import Codes
from .push import key_of, tasks_of
from .settings import LabelStudio
from .store import Objects
from .table import json_of
from .verdict import Verdict, alpha, judge_all

QUARANTINE = "annotation/quarantine.json"
REPORT = "annotation/report.json"


@dataclass
class Pulled:
    """What was done."""

    changed: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Answers:
    batch: Batch
    votes: list[Vote]
    cancelled: dict[str, int]
    tasks: dict[str, int]


def _read_batch(objects: Objects, client: LabelStudioClient, batch: Batch, codes: Codes, present: dict[str, int]) -> _Answers:
    """
    The answers to a batch, which has these codes. What a project that is no longer there had said is known from the last time.
    """
    rows = tasks_of(objects, batch)
    before = batches.read_json(objects, f"{batch.folder}/answers.json") or {"votes": [], "cancelled": {}}
    known = set(codes.entries)
    legal = {row["id"]: set(row["candidates"]) if batch.concordance else known for row in rows}
    votes: list[Vote] = []
    cancelled: dict[str, int] = {}
    tasks: dict[str, int] = defaultdict(int)
    for row in rows:
        tasks[row["queue"]] += 1
    for queue in sorted(tasks):
        project = present.get(key_of(batch.name, queue))
        if project is None:
            votes += [Vote.model_validate(each) for each in before["votes"] if each["queue"] == queue]
            cancelled[queue] = before["cancelled"].get(queue, 0)
            continue
        cancelled[queue] = 0
        seen: set[str] = set()
        for task in client.tasks(project, with_annotations=True):
            number = str(task["data"].get("id"))
            if number not in legal or number in seen:
                continue
            seen.add(number)
            found, skipped = votes_of(task, queue, known, legal[number])
            votes += found
            cancelled[queue] += skipped
    votes.sort(key=lambda vote: (vote.id, vote.annotator))
    return _Answers(batch, votes, cancelled, dict(tasks))


def _summary(answers: _Answers, verdicts: dict[str, Verdict], codes: Codes) -> dict[str, Any]:
    """The figures of a batch."""
    outcomes = [verdict.outcome for verdict in verdicts.values()]
    depth = max(len(entry.levels) for entry in codes.entries.values())
    return {
        "kind": answers.batch.kind,
        "tasks": answers.tasks,
        "answered": len(verdicts),
        "annotations": len(answers.votes),
        "cancelled": answers.cancelled,
        "quarantined": sum(vote.problem is not None for vote in answers.votes),
        "outcomes": {name: outcomes.count(name) for name in ("decided", "unclassifiable", "disagreement", "pending")},
        "alpha": {
            "code": alpha(answers.votes, codes, None),
            "levels": [alpha(answers.votes, codes, level) for level in range(depth)],
        },
    }


def pull(objects: Objects, client: LabelStudioClient, settings: LabelStudio, codes: Codes) -> Pulled:
    """
    Reads the answers to all batches, and writes what follows from them: answers of each batch, gold sets, disagreements, quarantine and
    a report. The same answers give the same bytes.

    :param codes: of the version in production; a batch that was made before a revision keeps its own
    :raises Problems: when a batch is of a nomenclature that nobody knows
    """
    done = Pulled()
    by_gold: dict[str, list[tuple[Batch, dict[str, Verdict]]]] = defaultdict(list)
    quarantine = []

    def put(key: str, content: bytes) -> None:
        if objects.put(key, content):
            done.changed.append(key)

    present = client.projects_by_key()
    for batch in batches.read_all(objects):
        own_codes = batches.codes_of(objects, batch, codes)
        answers = _read_batch(objects, client, batch, own_codes, present)
        document = {"votes": [vote.model_dump() for vote in answers.votes], "cancelled": answers.cancelled}
        put(f"{batch.folder}/answers.json", json_of(document))
        verdicts = judge_all(answers.votes, settings.minimum_annotations, settings.annotators)
        by_gold[batch.gold].append((batch, verdicts))
        quarantine += [{"batch": batch.name, **vote.model_dump(exclude={"code"})} for vote in answers.votes if vote.problem]
        done.report[batch.name] = _summary(answers, verdicts, own_codes)
    with TemporaryDirectory() as temporary:
        for gold, judged in sorted(by_gold.items()):
            for key, content in write_gold(objects, gold, judged, Path(temporary)).items():
                put(key, content)
    put(QUARANTINE, json_of(quarantine))
    put(REPORT, json_of(done.report))
    return done
