"""What several tests share: data and a model that is small enough to be made in a second."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from nace_training.bundle import write_bundle
from nace_training.classifier import Classifier
from nace_training.data import Dataset, build
from nace_training.evaluation import evaluate
from nace_training.nomenclatures import nomenclature
from nace_training.parameters import Parameters
from nace_training.preprocess import Preprocessor, read_spec

ROOT = Path(__file__).parents[1]
SMALL = Parameters(dim=8, epoch=8, bucket=20_000)


@pytest.fixture(scope="session")
def preprocessor() -> Preprocessor:
    return Preprocessor(read_spec(ROOT / "preprocess.json"))


@pytest.fixture(scope="session")
def naf2(preprocessor: Preprocessor) -> Dataset:
    return build(nomenclature("naf2"), preprocessor)


@pytest.fixture(scope="session")
def small(naf2: Dataset, preprocessor: Preprocessor) -> Classifier:
    return Classifier.train(naf2.of("train"), preprocessor, SMALL)


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory, naf2: Dataset, small: Classifier) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "serving"
    calibration = evaluate(small, naf2.nomenclature, naf2.of("test")).calibration()
    write_bundle(folder, small, naf2, SMALL, calibration)
    return folder


def _free_port() -> int:
    for port in random.sample(range(23000, 24000), 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no free port from 23000 to 23999")


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def mlflow_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server, with SQLite and artifacts that pass through it."""
    folder = tmp_path_factory.mktemp("mlflow")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    with (folder / "log").open("w") as log:
        # In the group of the tests, so it ends with them when they are stopped; jobs would start eight more processes.
        environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        until = time.monotonic() + 240
        while not _healthy(url):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"MLflow did not start: {(folder / 'log').read_text()[-3000:]}")
            time.sleep(1)
        yield url
    finally:
        server.terminate()
        server.wait(60)
