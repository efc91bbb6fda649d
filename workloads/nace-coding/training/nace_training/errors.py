"""The errors that a person who runs a command is meant to read."""

from __future__ import annotations

from collections.abc import Iterable


class UserError(Exception):
    """What was given, what was expected, and what to do; shown without a traceback."""


def problems(subject: str, found: Iterable[str], remedy: str) -> UserError:
    """All problems of one subject in one error."""
    lines = "\n".join(f"  - {each}" for each in found)
    return UserError(f"{subject}:\n{lines}\n{remedy}")
