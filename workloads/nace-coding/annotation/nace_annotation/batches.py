"""What people are asked, and what they said: one folder of objects for each batch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from .nomenclature import Codes, official, read_concordance
from .problems import Problems
from .store import Objects
from .table import json_of

FOLDER = "annotation/batches"


class Batch(BaseModel):
    """What a batch is: `batch.json`, written once, before its tasks can be pushed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)
    format: Literal[1] = 1
    name: str
    kind: Literal["sample", "revision"]
    nomenclature: str
    concordance: str | None = None
    #: Object that the answers go to.
    gold: str
    #: How it came about, for people.
    design: dict[str, Any]

    @property
    def folder(self) -> str:
        """Where its objects lie."""
        return f"{FOLDER}/{self.name}"


def codes_of(objects: Objects, batch: Batch, present: Codes) -> Codes:
    """
    What people may answer in a batch: codes of the nomenclature that it was made in, also when the model has another one by now.

    :param present: codes of the version in production
    :raises Problems: when nobody knows that nomenclature any more
    """
    if batch.concordance:
        return read_concordance(batch.concordance).codes
    found = present if batch.nomenclature == present.name else official(batch.nomenclature)
    if found is None:
        place, given = f"{objects.name(batch.folder)}/batch.json: nomenclature", f"given {batch.nomenclature}"
        remedy = "give the labels.json of the model that the batch was made with"
        raise Problems([f"{place}: {given}, expected {present.name} or an official one; {remedy}"])
    return found


def create(objects: Objects, batch: Batch, tasks: bytes) -> bool:
    """
    Writes a batch, its tasks first: a batch is there when its `batch.json` is.

    :return: whether it is new; of a batch that is there nothing changes
    """
    if objects.get(f"{batch.folder}/batch.json") is not None:
        return False
    objects.put(f"{batch.folder}/tasks.parquet", tasks)
    return objects.create(f"{batch.folder}/batch.json", json_of(batch.model_dump(by_alias=True)))


def read_all(objects: Objects) -> list[Batch]:
    """
    All batches, in the order of their names.

    :raises Problems: when one cannot be read
    """
    found, problems = [], []
    for key in objects.list(FOLDER):
        if not key.endswith("/batch.json"):
            continue
        try:
            found.append(Batch.model_validate_json(objects.get(key) or b""))
        except ValidationError as invalid:
            problems += [f"{objects.name(key)}: {each['loc']}: {each['msg']}" for each in invalid.errors(include_url=False)]
    if problems:
        raise Problems(problems)
    return found


@dataclass(frozen=True)
class Known:
    """Files of what was asked and answered already."""

    asked: list[Path]
    gold: Path | None


def fetch_known(objects: Objects, folder: Path, gold: str, but: str) -> Known:
    """Copies the tasks of all other batches for the same gold set to this machine, and the gold set."""
    keys = [f"{batch.folder}/tasks.parquet" for batch in read_all(objects) if batch.gold == gold and batch.name != but]
    asked = [file for key in keys if (file := objects.fetch(key, folder)) is not None]
    return Known(asked, objects.fetch(gold, folder))


def read_json(objects: Objects, key: str) -> Any:
    """A document, or None when there is none."""
    content = objects.get(key)
    return None if content is None else json.loads(content)
