"""
Writes `conformance/`, by which another implementation of the steps is measured: python -m nace_training.preprocess.conformance .

`<name>.jsonl` holds what a specification makes of forms, `stems.json` the stem of every word of the nomenclatures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from ..nomenclatures import french_phrases
from .pipeline import Preprocessor
from .spec import Spec, checked_spec, read_spec, rendered, with_features
from .steps import STEPS

Query = dict[str, str | None]

TRICKY: tuple[str, ...] = (
    "",
    " ",
    "\n",
    "idem",
    "IDEM",
    "Idem, voir ci-dessus.",
    "voir ci-dessus",
    "siège social",
    "SIÈGE SOCIAL : sans changement !",
    "néant",
    "12345",
    "n° 12",
    "a b c d",
    "😀",
    "boulanger 😀 pâtissier",
    "boulanger\npâtissier\tglacier\r\nchocolatier",
    "boulanger\u0000pâtissier",
    "boulanger\u00a0pâtissier\u202fglacier\u3000traiteur",
    "p\u0061\u0302tissier",
    "pâ\u00adtis\u200bsier",
    "CŒUR, ŒUFS, Æquo, ﬁn, ﬂeurs, straße, Łódź, İstanbul, ǅ",
    "Ⅻ ½ ² № ™ © ® € £ ¥ § ° … – — ‐ ‑ ‒ • ′ ″ ‰",
    "« cours » “particuliers” ‘à domicile’ d’anglais",
    "ｃａｆé ＢＡＲ",
    "кафе ресторан",
    "中文 餐馆",
    "e-commerce",
    "e commerce",
    "l'e-commerce, l’E-learning et e - sport",
    "e",
    "e e commerce",
    "e-",
    "vente e-",
    "commerce e",
    "conseil conseils conseil en conseil",
    "commerce de gros non spécialisé, hors magasin, sans transformation, sauf tabac",
    "siège social social",
    "le siège social",
    "sièges sociaux",
    "voir voir ci-dessus ci-dessus",
    "voir ci-dessus idem voir ci-dessous sans changement boulangerie",
    "pas de changement de propriétaire",
    "activité principale : boulangerie ; activité secondaire : néant",
    "création d'entreprise code APE 1071C",
    "Boulangerie-pâtisserie (fabrication artisanale), terminal de cuisson",
    "boulangeries boulangère boulangers boulanger",
    "__label__0111Z culture",
    "TYP_X NAT_NaN culture",
    "toString constructor __proto__ hasOwnProperty",
    "\ud800 vente",
    "\U0001f468\u200d\U0001f33e agriculteur",
    "x" * 300,
    "vente de fleurs " * 320,
)
"""Texts at which implementations have been seen to differ."""

FORMS: tuple[Query, ...] = (
    {"text": "cours de musique", "type": "X", "nature": "12", "surface": "1", "event": "01P", "cj": "5499", "permanence": "P"},
    {"text": "cours de musique", "type": None, "nature": "12"},
    {"text": "cours de musique", "type": "", "event": "05M", "permanence": "S"},
    {"text": "idem", "type": "X", "nature": "12"},
    {"text": None, "type": "X"},
)

FEATURES = [
    {"token": "TYP", "field": "type"},
    {"token": "NAT", "field": "nature"},
    {"token": "SRF", "field": "surface"},
    {"token": "EVT", "field": "event"},
    {"token": "CJ", "field": "cj"},
    {"token": "CRT", "field": "permanence"},
]
"""Every field that a specification can name, under the tokens of the case's later generations."""


def variants(full: Spec) -> dict[str, Spec]:
    """The specification; the same without a stemmer and with all features; the five steps of the training course."""
    without_stem = [step for step in full["steps"] if step["op"] != "stem"]
    course = [step for step in full["steps"] if step["op"] in ("transliterate", "lowercase", "minimumLength", "stem")]
    letters = [step for step in full["steps"] if step["op"] == "keep"][-1]
    stop_words = [step for step in full["steps"] if step["op"] == "removeWords"][-1]
    made = {
        "full": full,
        "features": with_features({**full, "steps": without_stem}, FEATURES),  # type: ignore[arg-type]
        "course": {**full, "steps": [*course[:2], letters, course[2], stop_words, course[3]]},
    }
    return {name: checked_spec(spec, name) for name, spec in made.items()}


def lines(spec: Spec, queries: Iterable[Query]) -> str:
    """What a specification makes of forms, one JSON object a line."""
    read = Preprocessor(spec).read
    return "".join(json.dumps({"query": query, "text": read(query)}) + "\n" for query in queries)


def stems(full: Spec) -> dict[str, str]:
    """Stem of each word that the other steps leave of the nomenclatures."""
    words = Preprocessor({**full, "steps": [step for step in full["steps"] if step["op"] != "stem"]}).words
    stem = STEPS["stem"]({"algorithm": "french"})
    found = {word for phrase in french_phrases() for word in words(phrase).split(" ") if word}
    return {word: stem(word) for word in sorted(found)}


def files(full: Spec) -> dict[str, str]:
    """Content of each file of `conformance/`."""
    phrases = sorted(set(french_phrases()))
    texts: list[Query] = [{"text": text} for text in (*TRICKY, *phrases[::5])]
    queries = [*texts, *FORMS]
    made: dict[str, str] = {}
    for name, spec in variants(full).items():
        made[f"{name}.jsonl"] = lines(spec, queries)
        if name != "full":
            made[f"{name}.json"] = rendered(spec)
    made["stems.json"] = json.dumps(stems(full), indent=0) + "\n"
    return made


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for name, content in files(read_spec(root / "preprocess.json")).items():
        (root / "conformance" / name).write_text(content, encoding="utf-8")
