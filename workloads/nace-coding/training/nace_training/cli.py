"""The commands."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import click

from .data import Dataset, build
from .errors import UserError
from .nomenclatures import nomenclature
from .parameters import Loss, Parameters
from .preprocess import Preprocessor, read_spec
from .preprocess.spec import Feature, with_features
from .tables import read_annotated, write_dataset

SPEC = Path(__file__).parents[1] / "preprocess.json"


class Shown(click.Group):
    """Shows an error that is meant for people without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Shown, context_settings={"show_default": True, "max_content_width": 120})
def main() -> None:
    """Trains, registers and promotes the model that codes descriptions of activities. MLFLOW_TRACKING_URI says where MLflow is."""


def _features(given: str) -> list[Feature]:
    found: list[Feature] = []
    for each in given.split(","):
        token, _, field = each.partition("=")
        if each and each != "none":
            found.append({"token": token, "field": field})
    return found


def _data_options(command: Callable[..., None]) -> Callable[..., None]:
    options = [
        click.option("--nomenclature", "name", type=click.Choice(["naf2", "nace2", "nace21"]), default="naf2", help="What is coded."),
        click.option("--annotations", default="", help="Annotated forms that are trained and judged by as well: a path or s3:// URL."),
        click.option("--preprocess", type=click.Path(path_type=Path), default=SPEC, help="How a description is read."),
        click.option("--features", default="none", help="Further fields, such as TYP=type,NAT=nature."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _dataset(name: str, annotations: str, preprocess: Path, features: str) -> tuple[Dataset, Preprocessor]:
    from .preprocess.spec import checked_spec

    spec = checked_spec(with_features(read_spec(preprocess), _features(features)), f"{preprocess} with --features {features}")
    # Phrases are grouped alike whatever a model reads, so runs with different specifications have the same gold set.
    grouping = Preprocessor(read_spec(SPEC))
    coded = nomenclature(name)
    annotated = read_annotated(annotations, coded) if annotations and annotations != "none" else []
    return build(coded, grouping, annotated), Preprocessor(spec)


@main.command()
@_data_options
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
def data(name: str, annotations: str, preprocess: Path, features: str, output: Path) -> None:
    """Writes the data that a training would use: Parquet files and their digest."""
    dataset, _ = _dataset(name, annotations, preprocess, features)
    write_dataset(dataset, output)
    rows = {split: len(dataset.of(split)) for split in ("train", "test", "gold")}
    summary = {"nomenclature": dataset.nomenclature.name, "digest": dataset.digest, "rows": rows}
    (output / "dataset.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    click.echo(json.dumps(summary))


def _parameter_options(command: Callable[..., None]) -> Callable[..., None]:
    defaults = Parameters()
    for field in reversed(fields(Parameters)):
        default = getattr(defaults, field.name)
        kind = click.Choice(get_args(Loss)) if field.name == "loss" else type(default)
        command = click.option(f"--{field.name.replace('_', '-')}", field.name, type=kind, default=default, help=field.metadata["help"])(command)
    return command


def _experiment(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--experiment", envvar="MLFLOW_EXPERIMENT_NAME", default="nace-coding")(command)


@main.command()
@_data_options
@_parameter_options
@_experiment
@click.option("--grid", default="", help="What the runs of one grid have in common, by which `select` finds them.")
def train(name: str, annotations: str, preprocess: Path, features: str, experiment: str, grid: str, **parameters: Any) -> None:
    """Trains one combination of parameters of fastText, in one run of MLflow."""
    import mlflow

    from .tracking import TAG_GRID, train_and_log

    chosen = Parameters(**parameters)
    dataset, preprocessor = _dataset(name, annotations, preprocess, features)
    if "MLFLOW_RUN_ID" not in os.environ:
        mlflow.set_experiment(experiment)
    trained = train_and_log(dataset, preprocessor, chosen, {TAG_GRID: grid} if grid and grid != "none" else None)
    click.echo(json.dumps({"run_id": trained.run_id, "digest": dataset.digest, "metrics": trained.metrics}))


def _model(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--model", envvar="MLFLOW_MODEL_NAME", default="nace-coding", help="Name in the registry.")(command)


def _gold(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--gold", default="", help="Gold set: a path or s3:// URL. Default: what the training held out.")(command)


def _registry(model: str) -> Any:
    import mlflow

    from .registry import Registry

    return Registry(mlflow.MlflowClient(), model)


@main.command()
@_model
@_experiment
@_gold
@click.option("--grid", default="", help="Only runs of this grid.")
@click.option("--metric", default="gold_accuracy", help="The best run has the highest.")
@click.option("--level", default=5, help="Level of the nomenclature at which the gate measures accuracy; the finest at most.")
@click.option("--minimum-accuracy", default=0.3, help="On the gold set.")
@click.option("--minimum-canonical", default=0.5, help="Share of the canonical cases that must be right.")
def select(model: str, experiment: str, gold: str, grid: str, metric: str, level: int, minimum_accuracy: float, minimum_canonical: float) -> None:
    """Registers the best run, checks what was registered, and makes it the challenger."""
    from .selection import Gate, best_run
    from .selection import select as select_run

    run = best_run(experiment, metric, grid or None)
    version = select_run(_registry(model), run, metric, gold or None, Gate(minimum_accuracy, minimum_canonical, level))
    click.echo(json.dumps({"model": model, "version": version, "run_id": run.info.run_id, metric: run.data.metrics[metric]}))


def _who(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--reason", default="no reason given", help="Why; kept in the registry.")(command)
    return click.option("--by", envvar="NACE_PROMOTED_BY", default="nace_training", help="Who or what asks; kept in the registry.")(command)


@main.command()
@_model
@_gold
@_who
@click.option("--version", default="", help="Default: the challenger.")
@click.option("--level", default=5, help="Level of the nomenclature at which accuracy is compared; the finest at most.")
@click.option("--minimum-gain", default=0.0, help="The challenger must be better, and by at least this.")
@click.option("--section-tolerance", default=0.05, help="How much accuracy may be lost in a section.")
@click.option("--section-rows", default=20, help="Sections with fewer rows of the gold set are not compared.")
@click.option("--split-rows", default=20, help="After a revision: rows of codes that came of split ones, below which it is not promoted.")
@click.option("--dry-run", is_flag=True, help="Compares only; ends with 1 when the challenger has not won.")
def promote(
    model: str, gold: str, by: str, reason: str, version: str, level: int, minimum_gain: float, section_tolerance: float,
    section_rows: int, split_rows: int, dry_run: bool,
) -> None:  # fmt: skip
    """Makes the challenger the champion if it has beaten it on the gold set."""
    from . import promotion

    registry = _registry(model)
    rule = promotion.Rule(level, minimum_gain, section_tolerance, section_rows, split_rows)
    verdict = promotion.judge(registry, version or promotion.challenger_of(registry), gold or None, rule)
    click.echo(verdict.rendered())
    if not dry_run:
        promotion.promote(registry, verdict, by, reason)
    elif verdict.reasons:
        raise SystemExit(1)


@main.command()
@_model
@_who
@click.option("--to", default="", help="A version that has been champion. Default: the one that the champion replaced.")
def rollback(model: str, by: str, reason: str, to: str) -> None:
    """Gives production back to the version before."""
    from . import promotion

    was, is_now = promotion.rollback(_registry(model), to or None, by, reason)
    click.echo(json.dumps({"model": model, "was": was, "champion": is_now}))


@main.command()
@_model
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def stages(model: str, as_json: bool) -> None:
    """Shows every version, its stage, and what was promoted when and why."""
    from .stages import table

    click.echo(table(_registry(model), as_json))
