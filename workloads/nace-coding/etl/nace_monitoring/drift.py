"""`python -m nace_monitoring drift`: has anything changed between the reference and the current window?"""

import json
import math
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import scipy.stats

from .accuracy import LEAST_ANNOTATED, estimate, observed
from .classes import changes
from .configuration import Configuration, configuration_of
from .features import aspects
from .permutation import Compared, compare
from .problems import BadInput
from .prometheus import lines
from .settings import store_from
from .store import Objects, connect
from .windows import Annotated, Window, read_annotated, read_calibration, read_windows

EXIT = {"stable": 0, "drift": 3, "too-few-rows": 4}
MOST_CHANGES = 50
"""Classes and words of a level that the report names."""


def report_of(configuration: Configuration, reference: Window, current: Window) -> dict[str, Any]:
    """What has changed; `decision` is `drift`, `stable` or `too-few-rows`."""
    report: dict[str, Any] = {
        "format": 1,
        "date": str(current.end),
        "confidence": {"index": configuration.index, "threshold": configuration.threshold},
        "settings": {
            "alpha": configuration.alpha,
            "minimumRows": configuration.minimum_rows,
            "minimumDistance": configuration.minimum_distance,
            "permutations": configuration.permutations,
            "seed": configuration.seed,
        },
        "nomenclature": current.nomenclature or configuration.nomenclature_name,
        "windows": {"reference": _told(reference), "current": _told(current)},
    }
    fewest = min(len(reference.rows), len(current.rows))
    if fewest < configuration.minimum_rows:
        return report | {"decision": "too-few-rows", "reason": _too_few(fewest, reference, current, configuration)}
    overall, compared = compare(
        aspects(reference.rows, current.rows, configuration.section_of(report["nomenclature"])),
        len(reference.rows),
        configuration.alpha,
        configuration.permutations,
        configuration.seed,
    )
    sure = [one for one in compared if one.p_value <= configuration.alpha]
    great = [one for one in sure if one.excess >= configuration.minimum_distance]
    drift = overall <= configuration.alpha and bool(great)
    return report | {
        "decision": "drift" if drift else "stable",
        "reason": _reason(drift, overall, sure, great, configuration),
        "p_value": overall,
        "aspects": [_aspect(one, reference, current, configuration) for one in compared],
    }


def _too_few(fewest: int, reference: Window, current: Window, configuration: Configuration) -> str:
    others = sorted({*reference.others, *current.others})
    if not others:
        return f"a window has {fewest} rows, and {configuration.minimum_rows} are needed"
    return (
        f"the nomenclature changed from {' and '.join(others)} to {current.nomenclature}, and codes of different ones are not compared: "
        f"a window has {fewest} rows of {current.nomenclature}, and {configuration.minimum_rows} are needed"
    )


def _reason(drift: bool, overall: float, sure: list[Compared], great: list[Compared], configuration: Configuration) -> str:
    if drift:
        return "changed: " + ", ".join(one.aspect.name for one in great)
    if overall <= configuration.alpha and sure:
        return f"changed for sure, but by less than {configuration.minimum_distance}: " + ", ".join(one.aspect.name for one in sure)
    return "no more than chance makes"


def _told(window: Window) -> dict[str, Any]:
    return {
        "from": str(window.start),
        "to": str(window.end),
        "rows": window.total,
        "compared": len(window.rows),
        "otherIndex": window.foreign,
        "otherNomenclature": sum(window.others.values()),
        "automaticShare": None if math.isnan(window.automatic) else window.automatic,
    }


def _aspect(one: Compared, reference: Window, current: Window, configuration: Configuration) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": one.aspect.name,
        "primary": one.aspect.primary,
        "p_value": one.p_value,
        "drift": one.p_value <= configuration.alpha and one.excess >= configuration.minimum_distance,
        "distanceBeyondChance": one.excess,
        "metrics": {name: asdict(measured) for name, measured in one.metrics.items()},
    }
    filled = one.reference + one.current > 0
    if one.aspect.ordered:
        told["bins"] = {"names": one.aspect.names, "reference": one.reference.tolist(), "current": one.current.tolist()}
    else:
        found, tested, rare = changes(one.aspect, one.reference, one.current, len(reference.rows), len(current.rows), configuration.alpha)
        told |= {
            "tested": tested,
            "tooFewRows": rare,
            "changed": len(found),
            "changes": [asdict(change) for change in found[:MOST_CHANGES]],
        }
    if filled.sum() > 1 and one.reference.sum() > 0 and one.current.sum() > 0 and one.aspect.name != "words":
        told["metrics"]["chi_squared"]["asymptotic_p_value"] = float(
            scipy.stats.chi2.sf(one.metrics["chi_squared"].value, filled.sum() - 1)
        )
    return told


def accuracy_of(
    environment: Mapping[str, str], objects: Objects, configuration: Configuration, annotated: Annotated, current: Window
) -> dict[str, Any]:
    """Accuracy that the confidences of the current window promise, and what annotations of it say."""
    confidence = current.rows.confidence
    confidence = confidence[~(confidence != confidence)]
    calibration = read_calibration(environment, objects, annotated, current.start, configuration)
    if calibration is None:
        return {
            "status": "no-calibration",
            "reason": f"no model.json with a calibration, and fewer than {LEAST_ANNOTATED} rows were annotated before the window",
        }
    if len(confidence) < configuration.minimum_rows:
        return {"status": "too-few-rows"}
    automatic = confidence[confidence >= configuration.threshold]
    told: dict[str, Any] = {
        "status": "estimated",
        "calibration": calibration.source,
        "estimated": asdict(estimate(calibration, confidence, configuration.seed)),
        "estimatedAutomatic": asdict(estimate(calibration, automatic, configuration.seed))
        if len(automatic) >= configuration.minimum_rows
        else None,
    }
    inside = annotated.between(current.start, current.end)
    if len(inside.correct) < LEAST_ANNOTATED:
        return told | {"annotated": len(inside.correct)}
    # On the annotated rows themselves: they may have been chosen for their low confidence.
    promised, seen = estimate(calibration, inside.confidence, configuration.seed), observed(inside.correct)
    agrees = promised.low <= seen.high and seen.low <= promised.high
    return told | {
        "status": "confirmed" if agrees else "contradicted",
        "annotated": len(inside.correct),
        "promised": asdict(promised),
        "observed": asdict(seen),
    }


def run(date: str | None = None, metrics: str | None = None, decision_file: str | None = None) -> int:
    """Checks, prints the report and stores it below `drift/`.

    :param date: the last day of the current window; None is the last of the table
    :param metrics: file that gets the figures for Prometheus
    :param decision_file: file that gets the decision alone, for a workflow's output parameter
    :returns: 0 stable, 3 drift, 4 too few rows
    """
    problems: list[str] = []
    if date is not None and re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", date) is None:
        problems.append(f"--date is {date!r}: expected a date such as 2026-01-31")
    store = configuration = None
    try:
        store = store_from()
    except BadInput as error:
        problems += error.problems
    try:
        configuration = configuration_of(os.environ.get("NACE_CONFIG"))
    except BadInput as error:
        problems += error.problems
    if problems or store is None or configuration is None:
        raise BadInput(problems)
    objects, connection = Objects(store), connect(store)
    reference, current = read_windows(connection, objects, configuration, date)
    report = report_of(configuration, reference, current)
    annotated = read_annotated(connection, objects, configuration, report["nomenclature"])
    report["accuracy"] = accuracy_of(os.environ, objects, configuration, annotated, current)
    text = json.dumps(report, indent=2, allow_nan=False) + "\n"
    objects.write(f"drift/{report['date']}.json", text.encode(), "application/json")
    if metrics:
        # The collector reads whole files only.
        part = Path(metrics).with_suffix(".part")
        part.write_text(lines(report), "utf8")
        part.replace(metrics)
    if decision_file:
        Path(decision_file).write_text(report["decision"], "utf8")
    print(text, end="")
    print(f"drift: {report['decision']}: {report['reason']}", file=sys.stderr)
    return EXIT[report["decision"]]
