"""The configuration file that the platform writes: schemas/monitoring.schema.json."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from .problems import BadInput

NAMES = {"naf2": "NAF rev. 2", "nace2": "NACE Rev. 2", "nace21": "NACE Rev. 2.1"}
"""What records call the nomenclatures."""

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"


@dataclass(frozen=True)
class Configuration:
    """What a check is told."""

    index: str
    threshold: float
    nomenclature: str
    current_days: int
    reference_days: int
    reference: tuple[str, str] | None
    alpha: float
    minimum_rows: int
    minimum_distance: float
    maximum_rows: int
    permutations: int
    seed: int

    @property
    def nomenclature_name(self) -> str:
        """What records call the nomenclature."""
        return NAMES[self.nomenclature]

    def section_of(self, name: str) -> dict[str, str]:
        """Section of each division of a nomenclature.

        :param name: as records call it; one that nobody knows has the sections of the configured one
        """
        told: dict[str, dict[str, str]] = json.loads((SCHEMAS / "sections.json").read_text("utf8"))
        return told[next((key for key, known in NAMES.items() if known == name), self.nomenclature)]


def configuration_of(file: str | None) -> Configuration:
    """Reads the file.

    :raises BadInput: with every problem of it
    """
    if not file:
        raise BadInput(
            ["environment variable NACE_CONFIG is missing: expected the path of the configuration file (schemas/monitoring.schema.json)"]
        )
    try:
        told: Any = json.loads(Path(file).read_text("utf8"))
    except (OSError, ValueError) as error:
        raise BadInput([f"{file}: {error}: expected a JSON file (schemas/monitoring.schema.json)"]) from error
    schema = json.loads((SCHEMAS / "monitoring.schema.json").read_text("utf8"))
    problems = [
        f"{file}: {'.'.join(str(part) for part in error.absolute_path) or 'the file'}: {error.message}; see schemas/monitoring.schema.json"
        for error in sorted(
            jsonschema.Draft202012Validator(schema).iter_errors(told), key=lambda error: [str(part) for part in error.absolute_path]
        )
    ]
    if problems:
        raise BadInput(problems)
    windows, drift = (_with_defaults(schema, name, told.get(name, {})) for name in ("windows", "drift"))
    reference = windows.get("reference")
    return Configuration(
        told["confidence"]["index"],
        float(told["confidence"]["threshold"]),
        told["nomenclature"],
        windows["currentDays"],
        windows["referenceDays"],
        (reference["from"], reference["to"]) if reference else None,
        drift["alpha"],
        drift["minimumRows"],
        drift["minimumDistance"],
        drift["maximumRows"],
        drift["permutations"],
        drift["seed"],
    )


def _with_defaults(schema: Any, name: str, told: dict[str, Any]) -> dict[str, Any]:
    properties = schema["properties"][name]["properties"]
    return {key: entry["default"] for key, entry in properties.items() if "default" in entry} | told
