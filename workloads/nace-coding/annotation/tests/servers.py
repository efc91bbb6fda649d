"""Label Studio as a test has it: with three people."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from programs import IMAGES, cache, free_port, python_with, running

OWNER = "owner@example.org"
PASSWORD = "password-of-people"
LEGACY_TOKEN = "0123456789abcdef0123456789abcdef01234567"
START = "from label_studio.server import main; main()"


@dataclass
class LocalLabelStudio:
    """A Label Studio that runs, and the legacy tokens of its people."""

    url: str
    tokens: list[str]

    def ask(self, method: str, path: str, person: int = 0, **sent: Any) -> Any:
        """Asks as one of the people, by their legacy token."""
        headers = {"Authorization": f"Token {self.tokens[person]}"}
        answer = requests.request(method, f"{self.url}/api/{path}", headers=headers, timeout=120, **sent)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def project(self, key: str) -> dict[str, Any]:
        """The project of a batch and queue."""
        [found] = [each for each in self.ask("GET", "projects/?page_size=1000")["results"] if each["description"].endswith(f"[{key}]")]
        return dict(found)

    def tasks(self, key: str) -> dict[str, dict[str, Any]]:
        """The tasks of a project by the identifier of their records."""
        answer = self.ask("GET", f"tasks?project={self.project(key)['id']}&page_size=1000&fields=all")
        return {task["data"]["id"]: task for task in answer["tasks"]}

    def annotate(self, task: int, person: int, result: list[dict[str, Any]], *, cancelled: bool = False) -> dict[str, Any]:
        """Submits an annotation."""
        body = {"result": result, "was_cancelled": cancelled}
        return dict(self.ask("POST", f"tasks/{task}/annotations/", person, json=body))


def _sign_up(url: str, email: str) -> str:
    """Makes a person as the form does, and returns the legacy token."""
    session = requests.Session()
    page = session.get(f"{url}/user/signup/", timeout=60).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    form = {"email": email, "password": PASSWORD, "allow_newsletters": "false", "csrfmiddlewaretoken": token[1] if token else ""}
    session.post(f"{url}/user/signup/", data=form, headers={"Referer": url}, timeout=60).raise_for_status()
    answer = session.get(f"{url}/api/current-user/token", timeout=60)
    answer.raise_for_status()
    return str(answer.json()["token"])


def _is_up(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=5).status_code == 200
    except requests.RequestException:
        return False


@contextmanager
def label_studio(folder: Path) -> Iterator[LocalLabelStudio]:
    """A Label Studio with the packages of the image, on SQLite; the empty database is kept, for its migrations take minutes."""
    python = python_with(IMAGES / "label-studio/requirements.txt", IMAGES / "label-studio/sources.txt")
    kept = cache() / "label-studio" / f"{python.parents[1].name}.sqlite3"
    data = folder / "data"
    data.mkdir(parents=True)
    database = data / "label_studio.sqlite3"
    if kept.exists():
        shutil.copy(kept, database)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [python, "-c", START, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    account = ["--username", OWNER, "--password", PASSWORD, "--user-token", LEGACY_TOKEN]
    env = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "JSON_LOG": "0",
    }
    with running([*command, *account], env, folder / "label-studio.log", lambda: _is_up(url), seconds=900):
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            making = kept.with_suffix(".making")
            making.unlink(missing_ok=True)
            with sqlite3.connect(database) as source, sqlite3.connect(making) as target:
                source.backup(target)
            making.rename(kept)
        people = [_sign_up(url, f"{name}@example.org") for name in ("beta", "gamma")]
        yield LocalLabelStudio(url, [LEGACY_TOKEN, *people])


@dataclass
class LocalMlflow:
    """An MLflow server that runs."""

    url: str

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call of its REST interface."""
        answer = requests.post(f"{self.url}/api/2.0/mlflow/{path}", json=body, timeout=60)
        assert answer.ok, f"{path}: {answer.text}"
        return dict(answer.json())

    def make_model(self, name: str, metrics: list[dict[str, float]], parameters: dict[str, str]) -> list[str]:
        """A model with a version for each set of metrics, numbered from 1; returns the runs."""
        self.ask("registered-models/create", {"name": name})
        runs = []
        for each in metrics:
            run = str(self.ask("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"])
            logged = [{"key": key, "value": value, "timestamp": 0, "step": 0} for key, value in each.items()]
            listed = [{"key": key, "value": value} for key, value in parameters.items()]
            self.ask("runs/log-batch", {"run_id": run, "metrics": logged, "params": listed})
            self.ask("model-versions/create", {"name": name, "source": f"mlflow-artifacts:/0/{run}/artifacts", "run_id": run})
            runs.append(run)
        return runs

    def put_artifact(self, run: str, path: str, content: bytes) -> None:
        """A file of a run, where its version finds it."""
        requests.put(f"{self.url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/{path}", data=content, timeout=60).raise_for_status()


@contextmanager
def mlflow(folder: Path) -> Iterator[LocalMlflow]:
    """An MLflow with the packages of the image, on SQLite."""
    python = python_with(IMAGES / "mlflow/requirements.txt")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", *stores]
    with running(
        command,
        {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        folder / "mlflow.log",
        lambda: _is_up(url),
        seconds=300,
    ):
        yield LocalMlflow(url)
