"""Reads and checks a `preprocess.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict, cast

from ..errors import UserError, problems


class Feature(TypedDict):
    """A further field of a form that the model reads."""

    token: str
    field: str


class Spec(TypedDict):
    """The content of a `preprocess.json`."""

    format: int
    version: str
    steps: list[dict[str, Any]]
    features: list[Feature]


SCHEMA = Path(__file__).parents[2] / "schemas" / "preprocess.schema.json"


def read_spec(path: Path) -> Spec:
    """
    The specification in a file.

    :raises UserError: with every way in which it does not follow the schema
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}. Give the path of a preprocess.json.") from error
    return checked_spec(content, str(path))


def checked_spec(content: object, source: str) -> Spec:
    """The same value, known to follow the schema."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    found = sorted(validator.iter_errors(content), key=lambda error: [str(part) for part in error.absolute_path])
    if found:
        lines = [f"/{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}" for error in found]
        raise problems(f"{source} is no specification of a preprocessing", lines, f"See {SCHEMA.name}.")
    return cast(Spec, content)


def rendered(spec: Spec) -> str:
    """The content of its file."""
    return json.dumps(spec, indent=1) + "\n"


def with_features(spec: Spec, features: list[Feature]) -> Spec:
    """The same steps with other features."""
    return {**spec, "features": features}
