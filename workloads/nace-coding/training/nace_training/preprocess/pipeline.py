"""Carries out a specification."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import UserError
from .spec import Spec
from .steps import STEPS

_VALUE = re.compile(r"[A-Za-z0-9]+\Z")
MISSING = "NaN"
"""What a field of a form is to the model when it was not given."""


def squeeze(text: str) -> str:
    """Words separated by one space, none at either end. Only U+0020 separates words."""
    return " ".join(word for word in text.split(" ") if word)


class Preprocessor:
    """What a `preprocess.json` says, as functions."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._transforms = [STEPS[step["op"]](step) for step in spec["steps"]]

    def words(self, text: str) -> str:
        """The words of a description after all steps; empty when none is left."""
        for transform in self._transforms:
            text = squeeze(transform(text))
        return text

    def read(self, query: Mapping[str, str | None]) -> str:
        """
        What the model reads of a form: the words, then one token for each feature. Empty when no word is left, whatever the other
        fields say: such a form goes to a person.

        :raises UserError: when a field of the form is not made of letters and digits
        """
        words = self.words(query.get("text") or "")
        return words if words == "" else " ".join([words, *self.tokens(query)])

    def tokens(self, query: Mapping[str, str | None]) -> list[str]:
        """The tokens of the further fields of a form."""
        tokens = []
        for feature in self.spec["features"]:
            value = query.get(feature["field"]) or MISSING
            if not _VALUE.match(value):
                raise UserError(f"field {feature['field']!r}: {value!r} given, letters and digits expected")
            tokens.append(f"{feature['token']}_{value}")
        return tokens
