"""The table of the step `transliterate`, taken from PyPI `unidecode`, which only the developer who makes it anew needs."""

from __future__ import annotations

RANGES: tuple[tuple[int, int], ...] = (
    (0x00A0, 0x024F),  # Latin-1, Latin Extended A and B
    (0x02B0, 0x036F),  # modifier letters, combining accents
    (0x1E00, 0x1EFF),  # Latin Extended Additional
    (0x2000, 0x206F),  # punctuation, kinds of spaces
    (0x2070, 0x209F),  # superscripts, subscripts
    (0x20A0, 0x20C0),  # currencies
    (0x2100, 0x218F),  # letter-like symbols, numbers
    (0x2C60, 0x2C7F),  # Latin Extended C
    (0xFB00, 0xFB06),  # ligatures
    (0xFF01, 0xFF5E),  # full-width forms of ASCII
)
JOINERS = (0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
"""Characters without a width: a word that holds one is one word."""


def table() -> dict[str, str]:
    """ASCII text of each character of RANGES for which there is one; what would be a space anyway is left out."""
    from unidecode import unidecode_expect_nonascii

    entries: dict[str, str] = {chr(code): "" for code in JOINERS}
    for first, last in RANGES:
        for code in range(first, last + 1):
            if code in JOINERS:
                continue
            combining = 0x0300 <= code <= 0x036F
            text = unidecode_expect_nonascii(chr(code), errors="replace", replace_str=" ")
            text = "".join(character if " " <= character <= "~" else " " for character in text)
            if text.strip() or combining:
                entries[chr(code)] = text.strip() and text
    return dict(sorted(entries.items()))
