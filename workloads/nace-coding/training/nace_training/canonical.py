"""Descriptions that every model must know: plain ones, of which nobody doubts the code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .confidence import margin
from .evaluation import Coder
from .nomenclatures import Nomenclature

FILE = Path(__file__).with_name("canonical.json")


@dataclass(frozen=True)
class Case:
    """A description and its code in a nomenclature."""

    title: str
    text: str
    code: str


@dataclass(frozen=True)
class Outcome:
    """What a model said of a case."""

    case: Case
    answer: str
    right: bool
    confidence: float


def cases(nomenclature: Nomenclature) -> list[Case]:
    """The cases that have a code in a nomenclature."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    return [Case(each["title"], each["text"], each[nomenclature.id]) for each in content if nomenclature.id in each]


def run(coder: Coder, nomenclature: Nomenclature) -> list[Outcome]:
    """Asks a model about every case."""
    asked: Sequence[Case] = cases(nomenclature)
    answers = coder.code([{"text": each.text} for each in asked])
    return [
        Outcome(case, answer[0][0] if answer else "", bool(answer) and answer[0][0] == case.code, margin(answer))
        for case, answer in zip(asked, answers, strict=True)
    ]


def share_right(outcomes: Sequence[Outcome]) -> float:
    """Share of the cases that were coded right."""
    return sum(each.right for each in outcomes) / len(outcomes)
