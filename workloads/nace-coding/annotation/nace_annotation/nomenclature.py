"""Codes that people may give, their titles, and what becomes of them when the nomenclature is revised."""

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .problems import Problems

#: What somebody gives to an activity that no code fits.
UNCLASSIFIABLE = "XXXXX"


class Entry(BaseModel):
    """A code's title, and what it belongs to, from the section down."""

    model_config = ConfigDict(strict=True, frozen=True)
    label: str
    levels: list[str] = Field(min_length=1)


class _Labels(BaseModel):
    model_config = ConfigDict(strict=True)
    nomenclature: str = Field(min_length=1)
    labels: dict[str, Entry] = Field(min_length=1)


class _Concordance(_Labels):
    source: str = Field(alias="from")
    successors: dict[str, list[str]] = Field(min_length=1)


@dataclass(frozen=True)
class Codes:
    """A nomenclature's codes, without dots."""

    name: str
    entries: dict[str, Entry]
    titles: dict[str, str]

    def title(self, code: str) -> str:
        """The title of a code at any level, or an empty text when nobody knows it."""
        entry = self.entries.get(code)
        return entry.label if entry else self.titles.get(code, "")

    def shown(self, code: str) -> str:
        """What people read: the code, then its title."""
        return f"{code} {self.title(code)}".strip()


@dataclass(frozen=True)
class Concordance:
    """What the codes of one nomenclature become in the next."""

    source: str
    codes: Codes
    successors: dict[str, tuple[str, ...]]

    def of(self, code: str) -> tuple[str, ...]:
        """The legal successors of a code; of a national sub-class those of the class that it belongs to."""
        bare = plain(code)
        return self.successors.get(bare) or self.successors.get(bare[:4], ())


def plain(code: str) -> str:
    """A code without dots and in capitals."""
    return code.replace(".", "").strip().upper()


def _data(name: str) -> Any:
    return json.loads(resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8"))


def read_codes(content: bytes, origin: str, titles: str | None) -> Codes:
    """
    Reads a `labels.json`.

    :param origin: where it comes from, for the message
    :param titles: official nomenclature whose titles name what lies above the codes
    :raises Problems: with everything that is wrong in it
    """
    try:
        document = _Labels.model_validate_json(content)
    except ValidationError as invalid:
        found = invalid.errors(include_url=False)
        raise Problems(f"{origin}: {'.'.join(map(str, each['loc']))}: {each['msg']}; mend the file" for each in found) from invalid
    wrong = [code for code, entry in document.labels.items() if entry.levels[-1] != code or plain(code) != code]
    if wrong:
        raise Problems(f"{origin}: labels.{code}: expected levels that end with the code, without dots; mend the file" for code in wrong)
    return Codes(document.nomenclature, document.labels, _data("titles.json")[titles] if titles else {})


def read_codes_file(file: Path, titles: str | None) -> Codes:
    """Reads a `labels.json` of this machine."""
    try:
        return read_codes(file.read_bytes(), str(file), titles)
    except OSError as error:
        raise Problems([f"{file}: cannot be read: {error}; give the path of a labels.json"]) from error


def read_concordance(name: str) -> Concordance:
    """Reads a concordance that the package holds; a successor that the new nomenclature has not is an error of the package."""
    document = _Concordance.model_validate(_data(f"{name}.json"))
    codes = Codes(document.nomenclature, document.labels, _data("titles.json")[name.rpartition("-")[2]])
    return Concordance(document.source, codes, {code: tuple(each) for code, each in document.successors.items()})
