"""Rows of windows out of real phrases, fast."""

from functools import cache

import numpy as np
from corpus import clean, levels, phrases
from numpy.typing import NDArray

from nace_monitoring.features import Rows


@cache
def _corpus(language: str) -> tuple[list[str], list[str], NDArray[np.float64], NDArray[np.float64]]:
    found = phrases(language)
    codes = [phrase.code for phrase in found]
    texts = [clean(phrase.text) + " TYP_X" for phrase in found]
    words = np.array([float(len(phrase.text.split())) for phrase in found])
    # A few activities are much more frequent than the others, as in a real register.
    weights = 1 / (1 + np.random.default_rng(5).permutation(len(found)))
    return codes, texts, words, weights / weights.sum()


def rows(count: int, seed: int, language: str = "fr", section: str = "", mixed: float = 0.0, shift: float = 0.0) -> Rows:
    """Rows of a window.

    :param section: a share `mixed` of the rows is of this section
    :param shift: what the confidence loses
    """
    random = np.random.default_rng(seed)
    codes, texts, words, weights = _corpus(language)
    drawn = random.choice(len(codes), count, p=weights)
    if section:
        of_section = np.array([place for place, code in enumerate(codes) if levels()[code][0] == section])
        drawn = np.where(random.random(count) < mixed, random.choice(of_section, count), drawn)
    confidence = np.clip(np.where(random.random(count) < 0.7, random.beta(5, 1.2, count), random.beta(1.5, 3, count)) - shift, 0, 1)
    nothing = random.random(count) < 0.01
    return Rows(
        [None if empty else codes[place] for place, empty in zip(drawn, nothing, strict=True)],
        np.where(nothing, np.nan, confidence),
        words[drawn],
        [texts[place] for place in drawn],
    )
