"""Words and phrases that say nothing about an activity, as they stand after transliteration, in lower case, without punctuation."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).with_name("lists")
_SEE = ("voir", "cf", "confer", "se reporter a", "se referer a")


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="ascii")


def phrases() -> list[str]:
    """What people write in place of an activity, or around one; one a line, and every way to say that it is written elsewhere."""
    elsewhere = [f"{see} {where}" for see in _SEE for where in _read("references.txt").splitlines()]
    return sorted({*_read("phrases.txt").splitlines(), *elsewhere})


def noise() -> list[str]:
    """Words of forms and registers."""
    return sorted(set(_read("noise.txt").split()))


def stop_words() -> list[str]:
    """French words without a meaning of their own. Not `non`, `sans`, `hors` and `sauf`: nomenclatures tell classes apart by them."""
    return sorted(set(_read("stop-words.txt").split()))
