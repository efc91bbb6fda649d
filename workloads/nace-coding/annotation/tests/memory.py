"""A registry in memory that answers as MLflow's REST interface does; test_promotion.py has a real one."""

from typing import Any

from nace_annotation.registry import ModelRegistry
from nace_annotation.settings import Registry
from nace_annotation.web import Unsuccessful

Tags = dict[str, str]


def _listed(tags: Tags) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


class MemoryRegistry(ModelRegistry):
    """Versions from 1 on that have passed the gate."""

    def __init__(self, model: str, versions: int) -> None:
        super().__init__(Registry(url="http://127.0.0.1:9", model=model), None)
        self.versions: dict[str, Tags] = {str(number): {"gate": "passed"} for number in range(1, versions + 1)}
        self.aliases: Tags = {}
        self.told: Tags = {}

    def _version(self, number: str | None, what: str) -> dict[str, Any]:
        if number not in self.versions:
            raise Unsuccessful(f"{what} not found", 400 if "alias" in what else 404)
        return {"model_version": {"version": number, "creation_timestamp": "0", "tags": _listed(self.versions[number])}}

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        given: dict[str, str] = sent.get("params") or sent["json"]
        assert given["name"] == self.model
        match (method, path):
            case ("GET", "registered-models/alias"):
                return self._version(self.aliases.get(given["alias"]), f"alias {given['alias']}")
            case ("POST", "registered-models/alias"):
                self._version(given["version"], "version")
                self.aliases[given["alias"]] = given["version"]
            case ("DELETE", "registered-models/alias"):
                self.aliases.pop(given["alias"], None)
            case ("GET", "model-versions/get"):
                return self._version(given["version"], "version")
            case ("POST", "model-versions/set-tag"):
                self.versions[given["version"]][given["key"]] = given["value"]
            case ("DELETE", "model-versions/delete-tag"):
                if self.versions[given["version"]].pop(given["key"], None) is None:
                    raise Unsuccessful(f"no tag {given['key']}", 404)
            case ("GET", "registered-models/get"):
                return {"registered_model": {"name": self.model, "tags": _listed(self.told)}}
            case ("POST", "registered-models/set-tag"):
                self.told[given["key"]] = given["value"]
            case _:
                raise AssertionError(f"{method} {path} is not asked of a registry here")
        return {}
