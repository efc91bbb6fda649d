"""A promotion is a commit: who, why and with what figures stands in the history of the configuration."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from .configuration import change_value, read_value
from .figures import Figures, Verdict, by_metrics, by_verdict
from .gate import Comparison, compare, objections, unfit
from .git import Repository
from .history import MODEL, PREVIOUS, VERSION, promotions
from .moves import CHALLENGER, CHAMPION, NO_REASON, Move, move
from .problems import Problems, Refused
from .registry import ModelRegistry, Version
from .settings import Confidence, Promotion
from .store import Objects


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    by: str
    digest: str | None
    last: date
    dry_run: bool
    verdict: Verdict | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Promoted:
    """What was done."""

    version: str
    previous: str
    commit: str | None
    alias_moved: bool
    message: str


def one_line(text: str, option: str) -> str:
    """
    A text that stands on one line of a commit message.

    :raises Problems: when it has several, with which somebody could write trailers
    """
    if not text.strip() or any(each in text for each in "\r\n"):
        raise Problems([f"{option}: given {text!r}, expected a text of one line; write it so"])
    return text.strip()


@dataclass(frozen=True)
class _Case:
    """What is promoted, over what, and why."""

    model: str
    challenger: Version
    champion: Version | None
    figures: Figures
    comparison: Comparison | None
    by: str
    reason: str | None

    def message(self, previous: str) -> str:
        """
        The message of the commit.

        :param previous: version in the configuration
        """
        figures, comparison, number = self.figures, self.comparison, self.challenger.number
        against = f" against {figures.theirs:.4f} of version {self.champion.number}" if self.champion else ""
        if told := figures.recoded:
            against += f", recoded from {told.before} ({told.champion_least:.4f} to {told.champion_most:.4f})"
        gold = "not measured" if figures.own is None else f"{figures.name} {figures.own:.4f}{against}"
        lines = [f"Promote version {number} of {self.model}", "", *([self.reason, ""] if self.reason else []), f"Gold set: {gold}."]
        if comparison is None:
            lines.append("There was no champion; the gate was passed.")
        else:
            through = "" if comparison.recoded_from is None else f" or a successor of that in {comparison.recoded_from}"
            lines += [
                f"Shadow: {comparison.records} records, same code{through} for {comparison.agreeing:.1%}; "
                f"automatic {comparison.challenger_automatic:.1%} against {comparison.automatic:.1%}.",
                f"Annotated among them: {comparison.annotated} forms, {comparison.better} better and {comparison.worse} worse "
                f"(sign test {comparison.chance:.3f}).",
            ]
        trailers = {MODEL: self.model, VERSION: number, PREVIOUS: previous, "Run": self.challenger.run, "Promoted-By": self.by}
        return "\n".join([*lines, "", *(f"{key}: {value}" for key, value in trailers.items() if value)])

    def follow(self, registry: ModelRegistry, commit: str | None) -> None:
        """Makes the registry say what the configuration says."""
        figures = self.figures.tags if commit is None else {**self.figures.tags, "promoted.commit": commit}
        old = None if self.champion is None else self.champion.number
        move(registry, old, self.challenger.number, Move("promoted", self.by, self.reason or NO_REASON, figures))


def promote(
    objects: Objects, settings: Promotion, confidence: Confidence, registry: ModelRegistry, certificate_authority: str | None, order: Order
) -> Promoted:
    """
    Brings the challenger to production: the commit first, then the alias. Run again after it ended in between, it does what is left; a
    configuration that says this version already has decided, and only the gate is asked. Where there is no champion, there is nothing to
    compare with, and the gate is enough.

    :raises Refused: when the challenger does not beat the champion, has not passed the gate, or there is none
    """
    by, reason = one_line(order.by, "--by"), None if order.reason is None else one_line(order.reason, "--reason")
    challenger, champion = registry.by_alias(CHALLENGER), registry.by_alias(CHAMPION)
    if challenger is None:
        raise Refused([f"no version of {registry.model} has the alias {CHALLENGER}; register one"])
    number = challenger.number
    with TemporaryDirectory() as temporary:
        repository = Repository(settings.git, Path(temporary), certificate_authority)
        before = read_value(repository.read(settings.file), settings.version, settings.file)
        is_decided = before == number and order.digest is None
        if champion is not None and champion.number == number:
            if not is_decided or order.dry_run:
                raise Refused([f"version {number} of {registry.model} is the champion already; remove its alias {CHALLENGER}"])
            registry.remove_alias(CHALLENGER)
            return Promoted(number, before, None, False, "")
        figures = (
            by_verdict(order.verdict, registry.model, champion, challenger) if order.verdict else by_metrics(settings, champion, challenger)
        )
        if is_decided:
            if against := unfit(challenger):
                raise Refused(against)
            case = _Case(registry.model, challenger, champion, figures, None, by, reason)
            made = (each.commit for each in promotions(repository, registry.model, settings.file) if each.version == number)
            if not order.dry_run:
                case.follow(registry, next(made, None))
            return Promoted(number, before, None, not order.dry_run, "")
        comparison = None
        if champion is not None:
            comparison = compare(objects, settings.shadow, confidence, champion.number, number, order.last)
        if against := objections(settings, challenger, figures, comparison):
            raise Refused(against)
        case = _Case(registry.model, challenger, champion, figures, comparison, by, reason)
        message = case.message(before)
        if order.dry_run:
            return Promoted(number, before, None, False, message)

        def change() -> str | None:
            text = repository.read(settings.file)
            present = read_value(text, settings.version, settings.file)
            if present not in (before, number):
                expected = f"expected {before} or {number}"
                raise Refused([f"{settings.file}: version: somebody has made it {present}, {expected}; look who, then run this again"])
            changed = change_value(text, settings.version, number, settings.file)
            if order.digest is not None:
                if settings.digest is None:
                    raise Problems(["--digest: given, but promotion.digest does not say where it goes; add it"])
                changed = change_value(changed, settings.digest, order.digest, settings.file)
            if changed == text:
                return None
            repository.write(settings.file, changed)
            return message

        commit = repository.publish(change)
        case.follow(registry, commit)
        return Promoted(number, before, commit, True, message)
