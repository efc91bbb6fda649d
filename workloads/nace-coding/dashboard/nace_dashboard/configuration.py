"""The configuration file that the platform writes (etl/schemas/monitoring.schema.json)."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEYS = {"confidence", "nomenclature", "windows", "drift", "language"}
NOMENCLATURES = ("naf2", "nace2", "nace21")
LANGUAGES = ("fr", "en")
INDICES = ("margin",)
WINDOWS = {"currentDays": 7, "referenceDays": 28}
"""Defaults, as in the schema."""


class BadInput(Exception):
    """What was given cannot be used; every problem of it at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Configuration:
    """What the pages are told."""

    index: str
    threshold: float
    nomenclature: str
    current_days: int
    reference_days: int
    reference: tuple[str, str] | None
    language: str


def configuration_of(environment: Mapping[str, str] = os.environ) -> Configuration:
    """Reads the file that `NACE_CONFIG` names.

    :raises BadInput: with every problem of it
    """
    file = environment.get("NACE_CONFIG")
    if not file:
        raise BadInput(["environment variable NACE_CONFIG is missing: expected the path of the configuration file"])
    try:
        told: Any = json.loads(Path(file).read_text("utf8"))
    except (OSError, ValueError) as error:
        raise BadInput([f"{file}: {error}: expected a JSON file (etl/schemas/monitoring.schema.json)"]) from error
    if not isinstance(told, dict):
        raise BadInput([f"{file}: expected an object with confidence and nomenclature"])
    problems = [f"{file}: {key}: unknown; known are {', '.join(sorted(KEYS))}" for key in sorted(set(told) - KEYS)]
    confidence = told.get("confidence")
    if not isinstance(confidence, dict) or confidence.get("index") not in INDICES:
        problems.append(
            f"{file}: confidence.index: expected {' or '.join(INDICES)}; it is the value that the service decides by and has no default"
        )
    threshold = confidence.get("threshold") if isinstance(confidence, dict) else None
    if not isinstance(threshold, int | float) or isinstance(threshold, bool) or not 0 <= threshold <= 1:
        problems.append(f"{file}: confidence.threshold: {json.dumps(threshold)}: expected a number from 0 to 1; it has no default")
    if told.get("nomenclature") not in NOMENCLATURES:
        problems.append(f"{file}: nomenclature: {json.dumps(told.get('nomenclature'))}: expected {', '.join(NOMENCLATURES)}")
    if told.get("language", "fr") not in LANGUAGES:
        problems.append(f"{file}: language: {json.dumps(told.get('language'))}: expected {' or '.join(LANGUAGES)}")
    windows = {**WINDOWS, **(told.get("windows") or {})}
    for name in WINDOWS:
        if not isinstance(windows[name], int) or windows[name] < 1:
            problems.append(f"{file}: windows.{name}: {json.dumps(windows[name])}: expected a whole number of days, at least 1")
    if problems:
        raise BadInput(problems)
    reference = windows.get("reference")
    return Configuration(
        told["confidence"]["index"],
        float(threshold),  # type: ignore[arg-type]
        told["nomenclature"],
        windows["currentDays"],
        windows["referenceDays"],
        (reference["from"], reference["to"]) if reference else None,
        told.get("language", "fr"),
    )
