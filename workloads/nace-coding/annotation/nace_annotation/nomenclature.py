"""Codes that people may give, their titles, and what becomes of them when the nomenclature is revised."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .problems import Problems

#: What somebody gives to an activity that no code fits.
UNCLASSIFIABLE = "XXXXX"
#: Official nomenclatures by their names in a `labels.json`: key of their titles, and characters of a code.
_OFFICIAL = {"NAF rev. 2": ("naf2", 5), "NACE Rev. 2": ("nace2", 4), "NACE Rev. 2.1": ("nace21", 4)}
_CONCORDANCES = ("nace2-nace21",)


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

    @property
    def sources(self) -> tuple[str, ...]:
        """Nomenclatures whose codes it knows: the one that was revised, and the national one that refines it."""
        return (self.source, "NAF rev. 2")

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
    if not titles:
        return Codes(document.nomenclature, document.labels, {})
    # After a revision the version in production has another nomenclature than the settings name.
    key, _ = _OFFICIAL.get(document.nomenclature, (titles, 0))
    return Codes(document.nomenclature, document.labels, _data("titles.json")[key])


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


@cache
def official(name: str) -> Codes | None:
    """The codes of an official nomenclature by its name in a `labels.json`, or None when the package does not hold it."""
    if name not in _OFFICIAL:
        return None
    key, length = _OFFICIAL[name]
    titles: dict[str, str] = _data("titles.json")[key]
    entries, section = {}, ""
    for code, title in titles.items():
        section = code if code.isalpha() else section
        if len(code) == length:
            entries[code] = Entry(label=title, levels=[section, *(code[:size] for size in range(2, length + 1))])
    return Codes(name, entries, titles)


@cache
def concordance_between(before: str, after: str) -> Concordance | None:
    """The concordance that leads from one nomenclature to another, by their names, or None when the package holds none."""
    for name in _CONCORDANCES:
        found = read_concordance(name)
        if after == found.codes.name and before in found.sources:
            return found
    return None
