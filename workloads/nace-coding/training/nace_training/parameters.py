"""The parameters of fastText."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from .errors import problems

Loss = Literal["ova", "softmax", "ns", "hs"]


@dataclass(frozen=True)
class Parameters:
    """One combination. The names of its fields are flags."""

    dim: int = field(default=50, metadata={"help": "Size of the vectors."})
    ws: int = field(default=5, metadata={"help": "Size of the context window."})
    lr: float = field(default=1.0, metadata={"help": "Learning rate."})
    epoch: int = field(default=60, metadata={"help": "Times that every example is read."})
    word_ngrams: int = field(default=2, metadata={"help": "Longest sequence of words that is a feature (wordNgrams)."})
    minn: int = field(default=3, metadata={"help": "Shortest sequence of letters that is a feature."})
    maxn: int = field(default=5, metadata={"help": "Longest sequence of letters that is a feature."})
    min_count: int = field(default=1, metadata={"help": "Least number of times that a word must occur (minCount)."})
    bucket: int = field(default=100_000, metadata={"help": "Number of rows that sequences share."})
    loss: Loss = field(default="softmax", metadata={"help": "softmax: probabilities sum to 1; ova: one classifier for each code."})
    label_prefix: str = field(default="__label__", metadata={"help": "How codes are marked in the file that is learned from (label)."})
    thread: int = field(default=1, metadata={"help": "Threads; with more than one, no two trainings are alike."})
    seed: int = field(default=0, metadata={"help": "Where chance starts."})

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
