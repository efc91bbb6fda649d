"""Errors that people read: each names what was given, what was expected, and the remedy."""


class BadInput(Exception):
    """What was given cannot be used; every problem of it at once. The program ends with 2."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Refused(Exception):
    """Something that would lose or falsify records was not done. The program ends with 1."""
