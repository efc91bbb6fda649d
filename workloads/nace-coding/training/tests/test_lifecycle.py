"""The whole life of a model against a real MLflow server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from nace_training.bundle import FILES, SUMS
from nace_training.cli import main
from nace_training.data import Dataset

from .conftest import ROOT

EXPERIMENT = "lifecycle"
MODEL = "coder"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def run(mlflow_url: str) -> Any:
    """Runs a command of the program against the server."""
    settings = {"MLFLOW_TRACKING_URI": mlflow_url, "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    mlflow.set_tracking_uri(mlflow_url)

    def invoke(*arguments: str, fails: bool = False) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert (result.exit_code != 0) == fails, f"{arguments}: {result.output} {result.exception!r}"
        return result

    yield invoke
    for name, value in before.items():
        if value is None:
            os.environ.pop(name)
        else:
            os.environ[name] = value


def last_json(result: Result) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    return answer


def stages(run: Run) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(run("stages", "--model", MODEL, "--json").stdout)
    return shown


def stage_of(run: Run) -> dict[str, str]:
    return {each["version"]: each["stage"] for each in stages(run)["versions"]}


WEAK = ("--dim", "8", "--epoch", "8", "--bucket", "20000")
SELECT = ("select", "--experiment", EXPERIMENT, "--model", MODEL, "--minimum-canonical", "0.05")


@pytest.fixture(scope="module")
def weak(run: Run) -> dict[str, Any]:
    return last_json(run("train", "--experiment", EXPERIMENT, "--grid", "first", *WEAK))


@pytest.fixture(scope="module")
def strong(run: Run, weak: dict[str, Any], mlflow_url: str) -> dict[str, Any]:
    """Trained as a workflow does it: by the file MLproject."""
    command = [sys.executable, "-m", "mlflow", "run", str(ROOT), "--env-manager", "local", "--experiment-name", EXPERIMENT]
    for parameter in ("dim=16", "epoch=30", "bucket=20000", "lr=1", "grid=second"):
        command += ["-P", parameter]
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_EXPERIMENT_ID"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith('{"run_id"'))
    answer: dict[str, Any] = json.loads(line)
    return answer


def test_a_run_says_what_was_trained_on_what_and_how_well(weak: dict[str, Any], naf2: Dataset, tmp_path: Path) -> None:
    logged = mlflow.MlflowClient().get_run(weak["run_id"])
    assert logged.info.status == "FINISHED"
    assert logged.data.params["dim"] == "8" and logged.data.params["loss"] == "softmax"
    levels = [logged.data.metrics[f"accuracy_level_{level}"] for level in range(1, 6)]
    assert levels == sorted(levels, reverse=True) and 0.5 < levels[0] < 1 and 0.02 < levels[4] < 0.9
    assert all(logged.data.metrics[f"top5_accuracy_level_{level}"] >= levels[level - 1] for level in range(1, 6))
    assert 0 <= logged.data.metrics["bakery - IC"] <= 1
    assert logged.data.tags["data_digest"] == naf2.digest
    assert {each.dataset.name for each in logged.inputs.dataset_inputs} == {"naf2-train", "naf2-test", "naf2-gold"}
    curve = mlflow.MlflowClient().get_metric_history(weak["run_id"], "accuracy_automatic_by_percent")
    assert [point.step for point in sorted(curve, key=lambda point: point.step)] == list(range(5, 101, 5))
    path = mlflow.artifacts.download_artifacts(run_id=weak["run_id"], artifact_path="evaluation", dst_path=str(tmp_path))
    histogram = pd.read_csv(Path(path) / "confidence-histogram.csv")
    assert histogram[["right", "wrong"]].sum().sum() == len(naf2.of("test"))


def test_mlflow_run_trains_with_the_given_parameters(strong: dict[str, Any], weak: dict[str, Any]) -> None:
    logged = mlflow.MlflowClient().get_run(strong["run_id"])
    assert logged.data.params["epoch"] == "30" and logged.data.tags["grid"] == "second"
    assert strong["metrics"]["gold_accuracy"] > weak["metrics"]["gold_accuracy"]


def test_the_life_of_a_model(run: Run, weak: dict[str, Any], strong: dict[str, Any], tmp_path: Path) -> None:
    # What cannot be selected.
    assert "experiment 'nothing' does not exist" in run("select", "--experiment", "nothing", fails=True).output
    assert "has the metric 'beauty'" in run(*SELECT, "--metric", "beauty", fails=True).output
    refused = run(*SELECT, "--grid", "first", "--minimum-accuracy", "0.99", "--minimum-canonical", "1", fails=True).output
    assert "stays Experimental" in refused and "at least 0.99 expected" in refused and "canonical cases" in refused
    assert stage_of(run) == {"1": "Experimental"}
    assert "its gate failed" in run("promote", "--model", MODEL, "--version", "1", fails=True).output
    assert "has no challenger" in run("promote", "--model", MODEL, fails=True).output

    # The first champion.
    assert last_json(run(*SELECT, "--grid", "first", "--minimum-accuracy", "0.02"))["version"] == "1"
    assert stage_of(run) == {"1": "Staging"}
    run("promote", "--model", MODEL, "--reason", "there was none", "--by", "a test")
    assert stage_of(run) == {"1": "Production"}
    assert "is the champion already" in run("promote", "--model", MODEL, "--version", "1", fails=True).output

    # The best of all runs challenges, wins and replaces.
    assert last_json(run(*SELECT, "--minimum-accuracy", "0.02"))["run_id"] == strong["run_id"]
    assert stage_of(run) == {"1": "Production", "2": "Staging"}
    verdict = json.loads(run("promote", "--model", MODEL, "--section-tolerance", "1", "--dry-run").stdout)
    assert verdict["challenger_accuracy"] > verdict["champion_accuracy"]
    assert sum(each["rows"] for each in verdict["sections"].values()) == verdict["rows"]
    assert stage_of(run) == {"1": "Production", "2": "Staging"}
    run("promote", "--model", MODEL, "--section-tolerance", "1", "--reason", "better")
    assert stage_of(run) == {"1": "Archived", "2": "Production"}

    # A worse one does not win.
    lost = run("promote", "--model", MODEL, "--version", "1", fails=True).output
    assert "is not promoted" in lost and "against the champion's" in lost
    assert stage_of(run) == {"1": "Archived", "2": "Production"}

    # And back.
    assert last_json(run("rollback", "--model", MODEL, "--reason", "complaints")) == {"model": MODEL, "was": "2", "champion": "1"}
    assert stage_of(run) == {"1": "Production", "2": "Archived"}
    assert last_json(run("rollback", "--model", MODEL, "--to", "2", "--reason", "they were wrong"))["champion"] == "2"
    shown = stages(run)
    assert [line.split(" ", 1)[1].split(" by ")[0] for line in shown["history"]] == [
        "version 1 promoted", "version 2 promoted", "version 1 restored", "version 2 restored",
    ]  # fmt: skip
    assert {each["version"]: each["why"] for each in shown["versions"]} == {"1": "replaced by 2", "2": "restored: they were wrong"}
    assert "Staging: alias challenger" in run("stages", "--model", MODEL).stdout


def test_the_registered_model_answers_and_can_be_read_without_python(run: Run, strong: dict[str, Any], tmp_path: Path) -> None:
    version = last_json(run(*SELECT, "--minimum-accuracy", "0.02"))["version"]
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL}/{version}", dst_path=str(tmp_path)))
    assert {each.name for each in (folder / "artifacts" / "serving").iterdir()} == {*FILES, SUMS}
    golden = [json.loads(line) for line in (folder / "artifacts/serving/golden.jsonl").read_text().splitlines()]
    chosen = [each for each in golden if each["text"]][:3]
    asked = pd.DataFrame({"text": [*(each["query"]["text"] for each in chosen), "voir ci-dessus"]})
    # In a process of its own, away from this package: the code comes from the registry.
    script = (
        "import sys, mlflow, pandas as pd\n"
        "model = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "print(model.predict(pd.read_json(sys.argv[2])).to_json(orient='records'))"
    )
    asked.to_json(tmp_path / "asked.json")
    command = [sys.executable, "-c", script, f"models:/{MODEL}/{version}", str(tmp_path / "asked.json")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    answers = json.loads(done.stdout.strip().splitlines()[-1])
    for each, answer in zip(chosen, answers, strict=False):
        assert answer["code_1"] == each["predictions"][0][0]
        assert answer["probability_5"] == pytest.approx(each["predictions"][4][1], abs=1e-9)
    assert answers[-1]["code_1"] is None and answers[-1]["confidence"] == 0


def test_a_damaged_model_never_challenges(run: Run, weak: dict[str, Any], mlflow_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    name = "damaged"
    asked = ("--minimum-accuracy", "0.02", "--minimum-canonical", "0.05")
    select = ("select", "--experiment", EXPERIMENT, "--model", name, "--grid", "first", *asked)
    run(*select)
    client = mlflow.MlflowClient()
    client.delete_registered_model_alias(name, "challenger")
    # pytest has a link beside each folder: a file that is found twice would be mended by the second change.
    stored = {each.resolve() for each in tmp_path_factory.getbasetemp().glob("mlflow*/artifacts/**/serving/model.bin")}
    assert stored
    for each in stored:
        content = bytearray(each.read_bytes())
        content[1000] ^= 1
        each.write_bytes(content)
    assert "model.bin: sha256" in run(*select, fails=True).output
    version = client.get_model_version(name, "1")
    assert version.tags["gate"] == "failed" and version.aliases == []
