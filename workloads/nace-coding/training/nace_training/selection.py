"""From an experiment to a version that may challenge: the best run, registered, and checked as it will be served."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import mlflow
from mlflow.entities import Run

from . import canonical
from .bundle import Bundle, check_golden
from .data import Example
from .errors import UserError, problems
from .evaluation import evaluate
from .registry import CHALLENGER, Registry
from .tables import read_annotated
from .tracking import TAG_DIGEST, TAG_GRID


@dataclass(frozen=True)
class Gate:
    """What a version must reach before it may challenge."""

    minimum_accuracy: float
    minimum_canonical: float
    level: int


def best_run(experiment: str, metric: str, grid: str | None = None) -> Run:
    """
    The finished run with the highest value of a metric; of equal ones the one that began first.

    :raises UserError: when there is none, or when the runs were measured on different data
    """
    found = mlflow.get_experiment_by_name(experiment)
    if found is None:
        raise UserError(f"experiment {experiment!r} does not exist at {mlflow.get_tracking_uri()}. Run `train` first, or correct --experiment.")
    chosen = f" and tags.{TAG_GRID} = '{grid}'" if grid else ""
    runs = list(mlflow.search_runs([found.experiment_id], f"attributes.status = 'FINISHED'{chosen}", output_format="list"))
    measured = [run for run in runs if metric in run.data.metrics]
    if not measured:
        names = sorted({name for run in runs for name in run.data.metrics if "accuracy" in name})
        raise UserError(
            f"experiment {experiment!r}: none of its {len(runs)} finished runs has the metric {metric!r}. There are: {', '.join(names) or 'none'}."
        )
    digests = sorted({run.data.tags.get(TAG_DIGEST, "none") for run in measured})
    if len(digests) > 1:
        subject = f"experiment {experiment!r}: its runs were measured on different data"
        raise problems(subject, digests, "Give --grid, so runs of one grid are compared.")
    return max(measured, key=lambda run: (run.data.metrics[metric], -run.info.start_time))


def model_uri(run: Run) -> str:
    """Where the model of a run is."""
    outputs = run.outputs.model_outputs if run.outputs else []
    if not outputs:
        raise UserError(f"run {run.info.run_id} has logged no model. Train it anew.")
    return f"models:/{outputs[0].model_id}"


def gold_of_run(run_id: str, bundle: Bundle) -> list[Example]:
    """The gold set that was held out when a run was trained."""
    path = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="data/gold.parquet")
    return read_annotated(path, bundle.nomenclature)


def checked(bundle: Bundle, gold: Sequence[Example], gate: Gate) -> tuple[dict[str, str], list[str]]:
    """What a bundle reached, as tags, and what it failed."""
    if not gold:
        raise UserError("the gold set is empty: nothing says how good the model is. Give --gold.")
    level = min(gate.level, bundle.nomenclature.depth)
    accuracy = evaluate(bundle.classifier, bundle.nomenclature, gold).accuracy(level)
    outcomes = canonical.run(bundle.classifier, bundle.nomenclature)
    right = canonical.share_right(outcomes)
    golden = check_golden(bundle)
    failed = []
    if golden:
        failed.append(f"golden lines: {len(golden)} answered in another way, such as {golden[0]}")
    if accuracy < gate.minimum_accuracy:
        failed.append(f"accuracy at level {level} on {len(gold)} rows of the gold set: {accuracy:.4f}, at least {gate.minimum_accuracy} expected")
    if right < gate.minimum_canonical:
        wrong = ", ".join(each.case.title for each in outcomes if not each.right)
        failed.append(f"canonical cases: {right:.2f} right, at least {gate.minimum_canonical} expected; wrong are {wrong}")
    reached = {
        "gate.accuracy": f"{accuracy:.6f}",
        "gate.level": str(level),
        "gate.gold_rows": str(len(gold)),
        "gate.canonical_right": f"{right:.4f}",
        "gate.golden_lines": "failed" if golden else "passed",
    }
    return reached, failed


def select(registry: Registry, run: Run, metric: str, gold: str | None, gate: Gate) -> str:
    """
    Registers a run, checks the version as it was downloaded again, and gives it the alias of a challenger.

    :param gold: where the gold set is; the one held out at the training when None
    :returns: the version
    :raises UserError: with everything that the version failed; its tags say it too
    """
    version = registry.register(run.info.run_id, model_uri(run))
    origin = {
        "selected.run": run.info.run_id,
        "selected.metric": f"{metric}={run.data.metrics[metric]:.6f}",
        TAG_DIGEST: run.data.tags.get(TAG_DIGEST, ""),
        "parameters": json.dumps(dict(sorted(run.data.params.items()))),
    }
    registry.tag(version, origin)
    try:
        with registry.downloaded(version) as bundle:
            rows = read_annotated(gold, bundle.nomenclature) if gold else gold_of_run(run.info.run_id, bundle)
            reached, failed = checked(bundle, rows, gate)
    except UserError as error:
        registry.tag(version, {"gate": "failed", "gate.reason": str(error)[:4000]})
        raise
    registry.tag(version, {**reached, "gate": "failed" if failed else "passed", "gate.reason": "; ".join(failed)[:4000]})
    if failed:
        remedy = "Train with other parameters or data, or lower what is asked."
        raise problems(f"version {version} of {registry.name!r} stays Experimental", failed, remedy)
    registry.client.set_registered_model_alias(registry.name, CHALLENGER, version)
    return version
