"""Promotions in the history of the configuration, found by the trailers of their commits."""

from dataclasses import dataclass

from .git import Repository

#: Trailers of a commit.
MODEL, VERSION, PREVIOUS = "Promoted-Model", "Promoted-Version", "Previous-Version"


@dataclass(frozen=True)
class Promotion:
    """A commit that brought a version to production."""

    commit: str
    version: str
    previous: str


def promotions(repository: Repository, model: str, file: str) -> list[Promotion]:
    """The promotions of a model, the last one first."""
    trailers = "%x1f".join(f"%(trailers:key={key},valueonly,separator=%x2C)" for key in (MODEL, VERSION, PREVIOUS))
    printed = repository.run("log", f"--format=%H%x1f{trailers}", "--", file)
    rows = [line.split("\x1f") for line in printed.splitlines() if line]
    return [Promotion(row[0], row[2], row[3]) for row in rows if len(row) == 4 and row[1] == model and row[2] and row[3]]
