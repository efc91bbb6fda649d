"""A promotion is a commit: who, why and with what figures stands in the history of the configuration."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from .configuration import change_value, read_value
from .figures import Figures, Verdict, by_metrics, by_verdict
from .gate import Comparison, compare, objections
from .git import Repository
from .problems import Problems, Refused
from .registry import ModelRegistry, Version
from .settings import Confidence, Promotion
from .store import Objects

#: Trailers of a commit, by which a rollback finds it.
MODEL, VERSION, PREVIOUS = "Promoted-Model", "Promoted-Version", "Previous-Version"
CHAMPION, CHALLENGER, LIFECYCLE = "champion", "challenger", "lifecycle"


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    by: str
    digest: str | None
    last: date
    dry_run: bool
    verdict: Verdict | None = None


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


def message_of(
    figures: Figures, model: str, challenger: Version, champion: Version | None, comparison: Comparison | None, by: str, previous: str
) -> str:
    """The message of the commit."""
    against = f" against {figures.theirs:.4f} of version {champion.number}" if champion else ""
    lines = [f"Promote version {challenger.number} of {model}", "", f"Gold set: {figures.name} {figures.own:.4f}{against}."]
    if comparison is not None:
        lines += [
            f"Shadow: {comparison.records} records, same code for {comparison.agreeing:.1%}; "
            f"automatic {comparison.challenger_automatic:.1%} against {comparison.automatic:.1%}.",
            f"Annotated among them: {comparison.annotated} forms, {comparison.better} better and {comparison.worse} worse "
            f"(sign test {comparison.chance:.3f}).",
        ]
    trailers = {MODEL: model, VERSION: challenger.number, PREVIOUS: previous, "Run": challenger.run, "Promoted-By": by}
    return "\n".join([*lines, "", *(f"{key}: {value}" for key, value in trailers.items() if value)])


def _follow(registry: ModelRegistry, version: str, champion: Version | None, commit: str | None) -> bool:
    """Makes the registry say what the configuration says; returns whether an alias moved."""
    if commit is not None:
        registry.tag(version, "promotion.commit", commit)
    if champion is not None and champion.number == version:
        return False
    registry.move_alias(CHAMPION, version)
    registry.remove_alias(CHALLENGER)
    if champion is not None:
        registry.tag(champion.number, LIFECYCLE, "archived")
    return True


def promote(
    objects: Objects, settings: Promotion, confidence: Confidence, registry: ModelRegistry, certificate_authority: str | None, order: Order
) -> Promoted:
    """
    Brings the challenger to production: the commit first, then the alias. Run again after it ended in between, it does what is left.

    :raises Refused: when the challenger does not beat the champion, or there is none
    """
    by = one_line(order.by, "--by")
    challenger, champion = registry.by_alias(CHALLENGER), registry.by_alias(CHAMPION)
    if challenger is None:
        raise Refused([f"no version of {registry.model} has the alias {CHALLENGER}; register one"])
    if champion is not None and champion.number == challenger.number:
        raise Refused([f"version {challenger.number} of {registry.model} is the champion already; remove its alias {CHALLENGER}"])
    with TemporaryDirectory() as temporary:
        repository = Repository(settings.git, Path(temporary), certificate_authority)
        before = read_value(repository.read(settings.file), settings.version, settings.file)
        if before == challenger.number and not order.dry_run and order.digest is None:
            return Promoted(challenger.number, before, None, _follow(registry, challenger.number, champion, None), "")
        comparison = None
        if champion is not None:
            comparison = compare(objects, settings.shadow, confidence, champion.number, challenger.number, order.last)
        figures = by_verdict(order.verdict, champion, challenger) if order.verdict else by_metrics(settings, champion, challenger)
        against = objections(settings, figures, comparison)
        if against:
            raise Refused(against)
        message = message_of(figures, registry.model, challenger, champion, comparison, by, before)
        if order.dry_run:
            return Promoted(challenger.number, before, None, False, message)

        def change() -> str | None:
            text = repository.read(settings.file)
            present = read_value(text, settings.version, settings.file)
            if present not in (before, challenger.number):
                expected = f"expected {before} or {challenger.number}"
                raise Refused([f"{settings.file}: version: somebody has made it {present}, {expected}; look who, then run this again"])
            changed = change_value(text, settings.version, challenger.number, settings.file)
            if order.digest is not None:
                if settings.digest is None:
                    raise Problems(["--digest: given, but promotion.digest does not say where it goes; add it"])
                changed = change_value(changed, settings.digest, order.digest, settings.file)
            if changed == text:
                return None
            repository.write(settings.file, changed)
            return message

        commit = repository.publish(change)
        return Promoted(challenger.number, before, commit, _follow(registry, challenger.number, champion, commit), message)
