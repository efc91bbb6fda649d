"""How good champion and challenger are on the gold set: by the verdict of `training/`, or by the metrics of their runs."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from .problems import Problems
from .registry import Version
from .settings import Promotion


class Section(BaseModel):
    """Accuracy in a section of the nomenclature."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rows: int
    challenger: float
    champion: float


class Recoding(BaseModel):
    """How a champion of the nomenclature before a revision was judged in the one after it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    before: str
    after: str
    ambiguous: int
    champion_least: float
    champion_most: float
    split: int


class Verdict(BaseModel):
    """
    What `python -m nace_training promote --dry-run` prints: both were asked about the same rows. Its form is
    `training/schemas/verdict.schema.json`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    model: str
    challenger: str
    champion: str | None
    level: int
    rows: int
    challenger_accuracy: float
    champion_accuracy: float | None
    sections: dict[str, Section]
    reasons: list[str]
    recoded: Recoding | None


@dataclass(frozen=True)
class Figures:
    """Figures on the gold set, where they come from, and what speaks against the challenger in them."""

    name: str
    own: float | None
    theirs: float | None
    objections: tuple[str, ...]
    rows: int | None = None
    recoded: Recoding | None = None

    @property
    def tags(self) -> dict[str, str]:
        """What is kept of them with the version that is promoted."""
        shares = {"promoted.accuracy": self.own, "promoted.champion_accuracy": self.theirs}
        kept = {key: f"{value:.6f}" for key, value in shares.items() if value is not None}
        return kept if self.rows is None else {**kept, "promoted.gold_rows": str(self.rows)}


def read_verdict(file: Path) -> Verdict:
    """
    Reads a verdict.

    :raises Problems: when it is none
    """
    try:
        return Verdict.model_validate_json(file.read_bytes())
    except OSError as error:
        raise Problems([f"--verdict: {file} cannot be read: {error}; give what `nace_training promote --dry-run` prints"]) from error
    except ValidationError as invalid:
        found = invalid.errors(include_url=False)
        raise Problems(f"--verdict: {file}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found) from invalid


def by_verdict(verdict: Verdict, model: str, champion: Version | None, challenger: Version) -> Figures:
    """
    The figures of a verdict.

    :raises Problems: when it is about other versions
    """
    told = (verdict.challenger, verdict.champion, verdict.model)
    expected = (challenger.number, champion.number if champion else None, model)
    if told != expected:
        given, wanted = ("version {} against {} of {}".format(*each) for each in (told, expected))
        raise Problems([f"--verdict: given {given}, expected {wanted}; compare these"])
    name = f"accuracy at level {verdict.level} on {verdict.rows} rows"
    return Figures(name, verdict.challenger_accuracy, verdict.champion_accuracy, tuple(verdict.reasons), verdict.rows, verdict.recoded)


def by_metrics(settings: Promotion, champion: Version | None, challenger: Version) -> Figures:
    """
    The metric of both runs, which says little when they were evaluated on different gold sets. Where there is no champion it is told, and
    not needed.
    """
    metric, found = settings.metric, []
    own, theirs = challenger.metrics.get(metric), champion.metrics.get(metric) if champion else None
    if champion is not None and own is None:
        found.append(f"version {challenger.number} has no metric {metric} on its run; evaluate it on the gold set")
    if champion is not None and theirs is None:
        found.append(f"version {champion.number}, the champion, has no metric {metric} on its run; evaluate it on the gold set")
    names = [each.parameters.get("nomenclature") for each in (champion, challenger) if each is not None]
    if None not in names and len(set(names)) > 1:
        found.append(
            f"nomenclature: version {challenger.number} codes in {names[1]}, the champion in {names[0]}, and metrics of two nomenclatures "
            "cannot be compared; give --verdict, which recodes"
        )
    if champion is not None and settings.gold_digest is not None:
        digests = [{**each.parameters, **each.tags}.get(settings.gold_digest) for each in (champion, challenger)]
        if digests[0] is None or digests[0] != digests[1]:
            found.append(f"{settings.gold_digest} differs: {digests[0]} and {digests[1]}; evaluate both on the same gold set")
    return Figures(metric, own, theirs, tuple(found))
