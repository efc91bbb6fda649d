"""The steps of a specification. Each is made of its parameters and turns a text into another; README.md defines them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import snowballstemmer

Transform = Callable[[str], str]
WordFilter = Callable[[list[str]], list[str]]

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class _Table(dict[int, str]):
    """What `str.translate` asks for each character; one that is neither ASCII nor in the table becomes a space."""

    def __missing__(self, code: int) -> str:
        return chr(code) if 0x20 <= code < 0x7F else " "


def _transliterate(step: Mapping[str, Any]) -> Transform:
    table = _Table({ord(character): ascii_text for character, ascii_text in step["table"].items()})
    return lambda text: text.translate(table)


def _lowercase(_step: Mapping[str, Any]) -> Transform:
    return lambda text: text.translate(_LOWER)


def _keep(step: Mapping[str, Any]) -> Transform:
    kept = {code: chr(code) if chr(code) in step["characters"] else " " for code in range(0x20, 0x7F)}
    return lambda text: text.translate(kept)


def _on_words(change: WordFilter) -> Transform:
    return lambda text: " ".join(change(text.split(" ")))


def _remove_phrases(step: Mapping[str, Any]) -> Transform:
    phrases = {tuple(phrase.split(" ")) for phrase in step["phrases"]}
    lengths: dict[str, list[int]] = {}
    for phrase in phrases:
        lengths.setdefault(phrase[0], []).append(len(phrase))
    longest_first = {first: sorted(set(each), reverse=True) for first, each in lengths.items()}

    def change(words: list[str]) -> list[str]:
        left: list[str] = []
        at = 0
        while at < len(words):
            candidates = longest_first.get(words[at], ())
            taken = next((n for n in candidates if tuple(words[at : at + n]) in phrases), 0)
            if taken == 0:
                left.append(words[at])
            at += taken or 1
        return left

    return _on_words(change)


def _join_prefix(step: Mapping[str, Any]) -> Transform:
    prefixes: list[str] = step["prefixes"]

    def change(words: list[str]) -> list[str]:
        joined: list[str] = []
        at = 0
        while at < len(words):
            word = words[at]
            if word in prefixes and at + 1 < len(words):
                joined.append(word + words[at + 1])
                at += 2
                continue
            hyphened = next((p for p in prefixes if word.startswith(f"{p}-") and len(word) > len(p) + 1), None)
            joined.append(word if hyphened is None else hyphened + word[len(hyphened) + 1 :])
            at += 1
        return joined

    return _on_words(change)


def _remove_words(step: Mapping[str, Any]) -> Transform:
    words = frozenset(step["words"])
    return _on_words(lambda given: [word for word in given if word not in words])


def _minimum_length(step: Mapping[str, Any]) -> Transform:
    least: int = step["characters"]
    return _on_words(lambda given: [word for word in given if len(word) >= least])


def _unique_words(_step: Mapping[str, Any]) -> Transform:
    return _on_words(lambda given: list(dict.fromkeys(given)))


def _stem(step: Mapping[str, Any]) -> Transform:
    # A stemmer keeps the word that it works on, so each thread has its own; a pyfunc is asked by several at once.
    own = threading.local()

    @lru_cache(maxsize=200_000)
    def stem(word: str) -> str:
        if not hasattr(own, "stemmer"):
            own.stemmer = snowballstemmer.stemmer(step["algorithm"])
        return str(own.stemmer.stemWord(word))

    return _on_words(lambda given: [stem(word) for word in given])


STEPS: Mapping[str, Callable[[Mapping[str, Any]], Transform]] = {
    "transliterate": _transliterate,
    "lowercase": _lowercase,
    "removePhrases": _remove_phrases,
    "joinPrefix": _join_prefix,
    "keep": _keep,
    "removeWords": _remove_words,
    "minimumLength": _minimum_length,
    "uniqueWords": _unique_words,
    "stem": _stem,
}
"""The maker of each step by its `op`."""
