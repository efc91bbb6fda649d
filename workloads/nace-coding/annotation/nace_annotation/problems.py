"""Errors that a person can mend: each names what was given, what was expected and the remedy."""

from collections.abc import Iterable


class Problems(Exception):
    """What is wrong with the input, all of it at once; the program ends with code 2."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Refused(Exception):
    """The input is good, and the answer is no; the program ends with code 3."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class Failed(Exception):
    """Something outside did not do what it was asked, after all tries; the program ends with code 1."""
