"""What is asked of MLflow's registry, by its REST interface."""

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from .problems import Failed, Problems
from .settings import Registry
from .web import Unsuccessful, ask, open_session

#: Where a version has the files that are served.
BUNDLE = "artifacts/serving"
BUNDLE_FILES = ("model.bin", "preprocess.json", "labels.json", "golden.jsonl", "model.json")


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _credentials() -> AuthBase | None:
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        return _Bearer(token)
    if bool(user) != bool(password):
        raise Problems(["environment: MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD go together; set both or none"])
    return HTTPBasicAuth(user, password) if user and password else None


@dataclass(frozen=True)
class Version:
    """A version of the model."""

    number: str
    run: str
    created: datetime
    tags: dict[str, str]
    metrics: dict[str, float]
    parameters: dict[str, str]


class ModelRegistry:
    """The model of the settings in the registry."""

    def __init__(self, settings: Registry, certificate_authority: str | None) -> None:
        self._session = open_session(certificate_authority, _credentials())
        self._url = settings.url
        self.model = settings.model

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        return ask(self._session, method, f"{self._url}/api/2.0/mlflow/{path}", what="the registry", **sent)

    def by_alias(self, alias: str) -> Version | None:
        """The version that an alias points at, or None when it points at none."""
        try:
            found = self._ask("GET", "registered-models/alias", params={"name": self.model, "alias": alias})
        except Unsuccessful as error:
            # MLflow answers 400 (INVALID_PARAMETER_VALUE) for an alias that is not set, and 404 for a model that is not there.
            if error.status == 404 or (error.status == 400 and "alias" in str(error)):
                return None
            raise
        return self._complete(found["model_version"])

    def by_number(self, number: str) -> Version:
        """A version by its number."""
        found = self._ask("GET", "model-versions/get", params={"name": self.model, "version": number})
        return self._complete(found["model_version"])

    def find(self, number: str) -> Version | None:
        """A version by its number, or None when there is none."""
        try:
            return self.by_number(number)
        except Unsuccessful as error:
            # 400 for what is no number.
            if error.status in (400, 404):
                return None
            raise

    def _complete(self, version: dict[str, Any]) -> Version:
        run = str(version.get("run_id") or "")
        data = self._ask("GET", "runs/get", params={"run_id": run})["run"]["data"] if run else {}
        return Version(
            number=str(version["version"]),
            run=run,
            created=datetime.fromtimestamp(int(version["creation_timestamp"]) / 1000, UTC),
            tags={each["key"]: each.get("value", "") for each in version.get("tags", [])},
            metrics={each["key"]: float(each["value"]) for each in data.get("metrics", [])},
            parameters={each["key"]: each["value"] for each in data.get("params", [])},
        )

    def move_alias(self, alias: str, number: str) -> None:
        """Makes an alias point at a version."""
        self._ask("POST", "registered-models/alias", json={"name": self.model, "alias": alias, "version": number})

    def remove_alias(self, alias: str) -> None:
        """Makes an alias point at nothing."""
        self._ask("DELETE", "registered-models/alias", json={"name": self.model, "alias": alias})

    def tag(self, number: str, key: str, value: str) -> None:
        """Sets a tag of a version."""
        self._ask("POST", "model-versions/set-tag", json={"name": self.model, "version": number, "key": key, "value": value})

    def untag(self, number: str, key: str) -> None:
        """Takes a tag of a version away; one that is not there is none to take away."""
        try:
            self._ask("DELETE", "model-versions/delete-tag", json={"name": self.model, "version": number, "key": key})
        except Unsuccessful as error:
            if error.status != 404:
                raise

    def history(self) -> list[str]:
        """What was promoted and rolled back, the oldest first."""
        tags = self._ask("GET", "registered-models/get", params={"name": self.model})["registered_model"].get("tags", [])
        return [value for key, value in sorted((each["key"], each.get("value", "")) for each in tags) if key.startswith("history.")]

    def record(self, at: str, what: str) -> None:
        """Adds a line to what the model tells of itself; none is overwritten, and none is told twice when a move is done again."""
        lines = self.history()
        if not lines or lines[-1].split(" ", 1)[1] != what:
            line = {"key": f"history.{len(lines) + 1:04}", "value": f"{at} {what}"}
            self._ask("POST", "registered-models/set-tag", json={"name": self.model, **line})

    def damage(self, number: str) -> list[str]:
        """What is missing of the bundle of a version or other than its SHA256SUMS say; empty when it is whole."""
        try:
            told = self.file(number, f"{BUNDLE}/SHA256SUMS").decode()
        except Failed as error:
            return [str(error)]
        sums = {name: digest for digest, _, name in (line.partition("  ") for line in told.splitlines())}
        found = [f"{name}: no sum" for name in BUNDLE_FILES if name not in sums]
        for name, digest in sorted(sums.items()):
            try:
                sha256 = hashlib.sha256()
                for part in self._artifact(number, f"{BUNDLE}/{name}").iter_content(1 << 20):
                    sha256.update(part)
            except (Failed, requests.RequestException) as error:
                found.append(f"{name}: {error}")
                continue
            if sha256.hexdigest() != digest:
                found.append(f"{name}: sha256 {sha256.hexdigest()}, {digest} expected")
        return found

    def file(self, number: str, path: str) -> bytes:
        """A file of a version."""
        return bytes(self._artifact(number, path).content)

    def _artifact(self, number: str, path: str) -> requests.Response:
        url = f"{self._url}/model-versions/get-artifact"
        query = {"name": self.model, "version": number, "path": path}
        try:
            answer = self._session.get(url, params=query, timeout=(10, 120), allow_redirects=False, stream=True)
        except requests.RequestException as error:
            raise Failed(f"the registry: no answer from {url}: {error}") from error
        if answer.status_code != 200:
            raise Failed(f"the registry: {path} of version {number} of {self.model}: {answer.status_code}: {answer.text[:300]}")
        return answer
