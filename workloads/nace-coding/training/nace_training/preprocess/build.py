"""Writes `preprocess.json`: python -m nace_training.preprocess.build preprocess.json"""

from __future__ import annotations

import string
import sys
from pathlib import Path
from typing import Any

from .lists import noise, phrases, stop_words
from .spec import Spec, checked_spec, rendered
from .table import table

VERSION = "1.0.0"
"""Raise it whenever the file changes: the major part when the same text may give other words."""


def full() -> Spec:
    """The specification that models are trained with."""
    steps: list[dict[str, Any]] = [
        {"op": "transliterate", "description": "ASCII only", "table": table()},
        {"op": "lowercase"},
        {"op": "keep", "description": "no punctuation", "characters": string.ascii_lowercase + string.digits},
        {"op": "removePhrases", "description": "in place of an activity, or around one", "phrases": phrases()},
        {"op": "joinPrefix", "description": "e-commerce, e-learning", "prefixes": ["e"]},
        {"op": "removeWords", "description": "words of forms and registers", "words": noise()},
        {"op": "keep", "description": "no digits", "characters": string.ascii_lowercase},
        {"op": "minimumLength", "characters": 2},
        {"op": "uniqueWords"},
        {"op": "removeWords", "description": "French stop words", "words": stop_words()},
        {"op": "stem", "algorithm": "french"},
    ]
    return checked_spec({"format": 1, "version": VERSION, "steps": steps, "features": []}, "the specification")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(rendered(full()), encoding="utf-8")
