"""What is compared of each row: one sparse matrix with a column for each bin, class and word."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

WORD = re.compile(r"[a-z0-9]+")
CONFIDENCE_BINS = 20
MOST_WORDS_PER_LABEL = 16
"""Labels of more words stand in the last bin."""
VOCABULARY = 200
"""The most frequent words of both windows together; all others are one."""


@dataclass(frozen=True)
class Rows:
    """Rows of a window, as the table has them."""

    code: list[str | None]
    """The best code; None where no model was asked."""
    confidence: NDArray[np.float64]
    """NaN where there is none."""
    words: NDArray[np.float64]
    """Words per label; NaN where there is no text."""
    text: list[str | None]
    """What the model read."""

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True)
class Aspect:
    """One distribution that is compared."""

    name: str
    names: list[str]
    """Of the bins, in the order of the columns."""
    primary: str
    """The metric that decides."""
    ordered: bool
    matrix: sparse.csr_matrix
    """A row for each row, a column for each bin."""


def aspects(reference: Rows, current: Rows, section_of: dict[str, str]) -> list[Aspect]:
    """What is compared; nothing in it depends on which window a row is of, so that permutations of the rows are valid.

    :param section_of: section of each division
    """
    codes = reference.code + current.code
    text = reference.text + current.text
    found = [
        _binned("confidence", np.concatenate([reference.confidence, current.confidence]) * CONFIDENCE_BINS, CONFIDENCE_BINS),
        *(_classes(f"level_{level}", [level_of(code, level, section_of) for code in codes]) for level in range(1, 6)),
    ]
    if any(one is not None for one in text):
        found.append(_binned("words_per_label", np.concatenate([reference.words, current.words]) - 1, MOST_WORDS_PER_LABEL))
        found.append(_words(text))
    return found


def level_of(code: str | None, level: int, section_of: dict[str, str]) -> str | None:
    """What a code belongs to at a level: 1 is the section, 2 the division, 5 the code itself."""
    if code is None:
        return None
    return section_of.get(code[:2], "?") if level == 1 else code[:level]


def _matrix(rows: list[int] | NDArray[Any], places: list[int] | NDArray[Any], shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, places)), shape=shape)


def _binned(name: str, values: NDArray[np.float64], bins: int) -> Aspect:
    """Bins of width 1 from 0; one more at the end for what has no value."""
    places = np.where(np.isnan(values), bins, np.clip(np.floor(np.nan_to_num(values)), 0, bins - 1)).astype(int)
    names = [str(number) for number in range(bins)] + ["none"]
    return Aspect(name, names, "kolmogorov_smirnov", True, _matrix(np.arange(len(places)), places, (len(places), bins + 1)))


def _classes(name: str, values: list[str | None]) -> Aspect:
    names = sorted({"none" if value is None else value for value in values})
    place = {value: number for number, value in enumerate(names)}
    places = [place["none" if value is None else value] for value in values]
    return Aspect(name, names, "jensen_shannon", False, _matrix(np.arange(len(values)), places, (len(values), len(names))))


def _words(texts: list[str | None]) -> Aspect:
    """Which of the most frequent words a description holds."""
    held = [_words_of(text or "") for text in texts]
    counted = Counter(word for words in held for word in words)
    vocabulary = sorted(sorted(counted, key=lambda word: (-counted[word], word))[:VOCABULARY])
    place = {word: number for number, word in enumerate(vocabulary)}
    rows, places = [], []
    for row, words in enumerate(held):
        for number in {place.get(word, len(vocabulary)) for word in words}:
            rows.append(row)
            places.append(number)
    return Aspect("words", [*vocabulary, "other"], "jensen_shannon", False, _matrix(rows, places, (len(texts), len(vocabulary) + 1)))


@lru_cache(maxsize=200_000)
def _words_of(text: str) -> frozenset[str]:
    """Features such as `TYP_X` and stand-ins of the masking are no words."""
    return frozenset(word for word in text.split(" ") if WORD.fullmatch(word))
