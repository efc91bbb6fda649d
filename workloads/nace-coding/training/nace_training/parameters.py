"""The parameters of fastText."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from .errors import UserError, problems

Loss = Literal["ova", "softmax", "ns", "hs"]


@dataclass(frozen=True)
class Parameters:
    """One combination. The names of fields are flags; the names in parentheses are fastText's own."""

    dim: int = 50
    """Size of the vectors."""
    ws: int = 5
    """Size of the context window."""
    lr: float = 1.0
    """Learning rate."""
    epoch: int = 60
    """Times that every example is read."""
    word_ngrams: int = 2
    """Longest sequence of words that is a feature (wordNgrams)."""
    minn: int = 3
    """Shortest sequence of letters that is a feature."""
    maxn: int = 5
    """Longest sequence of letters that is a feature."""
    min_count: int = 1
    """Least number of times that a word must occur (minCount)."""
    bucket: int = 100_000
    """Number of rows that sequences share."""
    loss: Loss = "softmax"
    """`softmax`: probabilities sum to 1; `ova`: one classifier for each code."""
    label_prefix: str = "__label__"
    """How codes are marked in the file that is learned from (label)."""
    thread: int = 1
    """Threads; with more than one, no two trainings are alike."""
    seed: int = 0
    """Where chance starts."""

    def __post_init__(self) -> None:
        found = [
            f"{name}: {getattr(self, name)} given, at least {least} expected"
            for name, least in (("dim", 1), ("ws", 1), ("epoch", 1), ("word_ngrams", 1), ("min_count", 1), ("bucket", 1), ("thread", 1))
            if getattr(self, name) < least
        ]
        if not 0 < self.lr <= 10:
            found.append(f"lr: {self.lr} given, more than 0 and at most 10 expected")
        if not 0 <= self.minn <= self.maxn:
            found.append(f"minn and maxn: {self.minn} and {self.maxn} given, 0 <= minn <= maxn expected")
        if self.loss not in get_args(Loss):
            found.append(f"loss: {self.loss!r} given, one of {', '.join(get_args(Loss))} expected")
        if not self.label_prefix or " " in self.label_prefix:
            found.append(f"label_prefix: {self.label_prefix!r} given, a text without spaces expected")
        if found:
            raise problems("parameters of fastText", found, "Correct the flags of `train`.")

    def described(self) -> dict[str, Any]:
        """By name, in their order."""
        return asdict(self)

    def for_fasttext(self) -> dict[str, Any]:
        """Under fastText's own names."""
        own = {"word_ngrams": "wordNgrams", "min_count": "minCount", "label_prefix": "label"}
        return {own.get(name, name): value for name, value in self.described().items()}


def from_strings(given: dict[str, str]) -> Parameters:
    """
    The parameters that a run was logged with.

    :raises UserError: when one is missing
    """
    missing = [field.name for field in fields(Parameters) if field.name not in given]
    if missing:
        raise UserError(f"parameters {', '.join(missing)} are missing")
    defaults = Parameters()
    return Parameters(**{name: type(getattr(defaults, name))(given[name]) for name in defaults.described()})
