"""The data that a model is made of: built alike on every machine, split by phrase, known by a digest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import pandas as pd

from .errors import problems
from .nomenclatures import Nomenclature, Phrase, phrases, successors
from .preprocess import Preprocessor

FIELDS = ("type", "nature", "surface", "event", "cj", "permanence")
"""Further fields of a form."""

SPLITS = ("train", "test", "gold")
SHARES = {"test": 0.1, "gold": 0.1}
"""Share of the phrases held out: `test` for the figures of a run and its calibration, `gold` for the choice between models."""

LABEL_SOURCE = "label"
"""Source of the synthetic example that a code gets from its official label."""


@dataclass(frozen=True, order=True)
class Example:
    """A form and its code."""

    text: str
    code: str
    source: str
    split: str
    type: str | None = None
    nature: str | None = None
    surface: str | None = None
    event: str | None = None
    cj: str | None = None
    permanence: str | None = None

    def query(self) -> dict[str, str | None]:
        """The form, as a preprocessor takes it; fields that were not given are left out."""
        fields = {name: getattr(self, name) for name in FIELDS}
        return {"text": self.text, **{name: value for name, value in fields.items() if value is not None}}


@dataclass(frozen=True)
class Dataset:
    """Examples in their order, which is the same on every machine."""

    nomenclature: Nomenclature
    examples: tuple[Example, ...]

    @property
    def digest(self) -> str:
        """Of the content, whatever file it came from."""
        hashed = hashlib.sha256(self.nomenclature.id.encode())
        for each in self.examples:
            hashed.update(b"\n" + json.dumps(asdict(each), sort_keys=True).encode())
        return f"sha256:{hashed.hexdigest()}"

    def of(self, split: str) -> list[Example]:
        """The examples of a split."""
        return [each for each in self.examples if each.split == split]

    def frame(self, split: str) -> pd.DataFrame:
        """The same as a table."""
        columns = ["text", "code", "source", *FIELDS]
        return pd.DataFrame([asdict(each) for each in self.of(split)], columns=columns, dtype="string")


def group_of(words: str) -> str:
    """What two phrases have in common that must not be told apart: the same words in whatever order."""
    return " ".join(sorted(set(words.split(" "))))


def share_of(group: str) -> float:
    """A number from 0 to 1 that depends on nothing but the group, so a phrase stays on its side when data are added."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64


def codes_of(phrase: Phrase, nomenclature: Nomenclature) -> frozenset[str]:
    """The codes of a nomenclature that a phrase may stand for."""
    if nomenclature.id == "naf2":
        return phrase.naf2
    if nomenclature.id == "nace2":
        return phrase.nace2
    return frozenset(new for old in phrase.nace2 for new in successors()[old])


def _split(group: str, shares: dict[str, float], always_trained: set[str]) -> str:
    if group in always_trained:
        return "train"
    position = share_of(group)
    for split, share in shares.items():
        if position < share:
            return split
        position -= share
    return "train"


def build(nomenclature: Nomenclature, preprocessor: Preprocessor, annotated: Iterable[Example] = ()) -> Dataset:
    """
    The phrases that stand for one code only, and what people annotated, split by the words that they have in common.

    Every code has its official label among what is trained, so none is unknown to the model; what says the same as a label is trained as
    well. Of what people annotated, half is trained and half goes to the gold set.

    :raises UserError: when annotations have codes that the nomenclature has not
    """
    groups: dict[str, str] = {}

    def group(text: str) -> str:
        if text not in groups:
            groups[text] = group_of(preprocessor.words(text))
        return groups[text]

    annotated = list(annotated)
    unknown = Counter(each.code for each in annotated if each.code not in nomenclature.labels)
    if unknown:
        found = [f"{code} ({count} times)" for code, count in sorted(unknown.items())]
        raise problems(f"annotations with codes that {nomenclature.name} has not", found, "Correct them, or leave them out.")

    labels = {code: entry["label"] for code, entry in nomenclature.labels.items()}
    known = [(each.text, codes_of(each, nomenclature), each.source) for each in phrases()]
    candidates = [(text, next(iter(codes)), source) for text, codes, source in known if len(codes) == 1]
    meanings: dict[str, set[str]] = {}
    for text, code, _ in candidates:
        meanings.setdefault(group(text), set()).add(code)
    always_trained = {group(text) for text in labels.values()}

    rows: dict[tuple[str, str], Example] = {}
    for text, code, source in candidates:
        if group(text) and len(meanings[group(text)]) == 1:
            rows.setdefault((text, code), Example(text, code, source, _split(group(text), SHARES, always_trained)))
    seen = {each.code for each in rows.values() if each.split == "train"}
    for code, text in labels.items():
        if code not in seen:
            rows[(text, code)] = Example(text, code, LABEL_SOURCE, "train")
    for each in annotated:
        if group(each.text):
            split = _split(group(each.text), {"gold": 0.5}, always_trained)
            rows[(each.text, each.code)] = replace(each, split=split)
    ordered = sorted(rows.values(), key=lambda each: (share_of(each.text), each))
    return Dataset(nomenclature, tuple(ordered))
