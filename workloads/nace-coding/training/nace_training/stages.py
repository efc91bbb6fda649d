"""The versions of a model as a table."""

from __future__ import annotations

import json

from mlflow.entities.model_registry import ModelVersion

from .registry import STAGES, Registry

COLUMNS = ("version", "stage", "aliases", "gate", "accuracy", "since", "why")


def _row(registry: Registry, version: ModelVersion) -> dict[str, str]:
    tags = version.tags
    moves = [(tags[f"{verb}.at"], f"{verb}: {tags[f'{verb}.reason']}") for verb in ("promoted", "restored") if f"{verb}.at" in tags]
    if "archived.at" in tags:
        # A version that comes back loses this tag, so it tells the last of all moves, even of several within one second.
        moves = [(tags["archived.at"], f"replaced by {tags['archived.by_version']}")]
    since, why = max(moves, default=("", tags.get("gate.reason", "")))
    return {
        "version": str(version.version),
        "stage": registry.stage(version),
        "aliases": " ".join(registry.aliases(version)),
        "gate": tags.get("gate", ""),
        "accuracy": tags.get("gate.accuracy", ""),
        "since": since,
        "why": why,
    }


def table(registry: Registry, as_json: bool = False) -> str:
    """What each version is, what stands for each stage, and what happened."""
    rows = [_row(registry, version) for version in registry.versions()]
    history = registry.history()
    if as_json:
        return json.dumps({"model": registry.name, "stages": STAGES, "versions": rows, "history": history}, indent=2)
    shown = [dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]
    widths = {column: max(len(row[column]) for row in shown) for column in COLUMNS}
    lines = ["  ".join(row[column].ljust(widths[column]) for column in COLUMNS).rstrip() for row in shown]
    legend = [f"{stage}: {stands_for}" for stage, stands_for in STAGES.items()]
    return "\n".join([*lines, "", *legend, *(["", *history] if history else [])])
