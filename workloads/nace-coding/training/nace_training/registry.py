"""Versions of a registered model: their aliases, tags and stages."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from .bundle import Bundle, read_bundle
from .errors import UserError

CHALLENGER = "challenger"
CHAMPION = "champion"
LIFECYCLE = "lifecycle"
ARCHIVED = "archived"

STAGES = {
    "Experimental": "no alias",
    "Staging": f"alias {CHALLENGER}",
    "Production": f"alias {CHAMPION}",
    "Archived": f"tag {LIFECYCLE}={ARCHIVED}",
}
"""The four stages of a model and what stands for them in a registry that has aliases and tags."""


def now() -> str:
    """This instant, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Registry:
    """The versions of one registered model."""

    client: mlflow.MlflowClient
    name: str

    def by_alias(self, alias: str) -> str | None:
        """The version that an alias stands for."""
        try:
            return str(self.client.get_model_version_by_alias(self.name, alias).version)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise

    def version(self, version: str) -> ModelVersion:
        """
        A version.

        :raises UserError: when there is none
        """
        try:
            return self.client.get_model_version(self.name, version)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise UserError(f"model {self.name!r} has no version {version!r}. `stages --model {self.name}` lists them.") from error

    def versions(self) -> list[ModelVersion]:
        """All versions, the oldest first, with their aliases."""
        found = self.client.search_model_versions(f"name='{self.name}'")
        return [self.version(str(each.version)) for each in sorted(found, key=lambda each: int(each.version))]

    def stage(self, version: ModelVersion) -> str:
        """One of STAGES. An alias says more than a tag."""
        aliases = self.aliases(version)
        if CHAMPION in aliases:
            return "Production"
        if CHALLENGER in aliases:
            return "Staging"
        return "Archived" if version.tags.get(LIFECYCLE) == ARCHIVED else "Experimental"

    def aliases(self, version: ModelVersion) -> list[str]:
        """Its aliases, sorted."""
        return sorted(version.aliases)

    def tag(self, version: str, tags: dict[str, str]) -> None:
        """Sets tags."""
        for key, value in tags.items():
            self.client.set_model_version_tag(self.name, version, key, value)

    def untag(self, version: str, *keys: str) -> None:
        """Takes tags away; one that is not there is none to take away."""
        tags = self.version(version).tags
        for key in keys:
            if key in tags:
                self.client.delete_model_version_tag(self.name, version, key)

    def record(self, what: str) -> None:
        """Adds a line to what the registered model tells of itself; none is overwritten, and none is told twice when a move is tried again."""
        lines = self.history()
        if not lines or lines[-1].split(" ", 1)[1] != what:
            self.client.set_registered_model_tag(self.name, f"history.{len(lines) + 1:04}", f"{now()} {what}")

    def history(self) -> list[str]:
        """What was promoted and rolled back, the oldest first."""
        tags = self.client.get_registered_model(self.name).tags
        return [tags[key] for key in sorted(tags) if key.startswith("history.")]

    def register(self, run_id: str, model_uri: str) -> str:
        """Makes a version of the model of a run, or finds the one that was made of it."""
        try:
            self.client.create_registered_model(self.name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        known = self.client.search_model_versions(f"name='{self.name}' and run_id='{run_id}'")
        if known:
            return str(known[0].version)
        return str(mlflow.register_model(model_uri, self.name).version)

    @contextmanager
    def downloaded(self, version: str) -> Iterator[Bundle]:
        """
        The bundle of a version, read from what the registry gives.

        :raises UserError: when it cannot be had, or is damaged
        """
        with tempfile.TemporaryDirectory() as folder:
            try:
                mlflow.artifacts.download_artifacts(f"models:/{self.name}/{version}", dst_path=folder)
            except MlflowException as error:
                raise UserError(f"version {version} of {self.name!r} cannot be downloaded: {error}") from error
            serving = Path(folder, "artifacts", "serving")
            yield read_bundle(serving)
