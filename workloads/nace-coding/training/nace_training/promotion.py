"""
From Staging to Production and back, for offices whose service follows an alias. Where a version comes by a commit, annotation/ takes the
verdict of here, and leaves the same in the registry: conformance/moves.json is what both are measured by.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from .data import Example
from .errors import UserError, problems
from .evaluation import Coder, Evaluation, evaluate
from .nomenclatures import Nomenclature, recoding, split
from .preprocess import Preprocessor
from .registry import ARCHIVED, CHALLENGER, CHAMPION, LIFECYCLE, Registry, now
from .revision import Recoded, learned, recode, unseen
from .selection import gold_of_run
from .tables import read_annotated

WAS_CHAMPION = {"promoted.at", "restored.at", "archived.at"}
"""Tags of which a version that has been champion has one, also when nobody but its alias said so."""


@dataclass(frozen=True)
class Rule:
    """When a challenger has beaten a champion, in accuracy at one level on the gold set."""

    level: int = 5
    minimum_gain: float = 0.0
    """The challenger must be better, and by at least this."""
    section_tolerance: float = 0.05
    """How much accuracy the challenger may lose in a section."""
    section_rows: int = 20
    """Sections with fewer rows are not compared: one row would decide."""
    split_rows: int = 20
    """After a revision: rows of codes that came of split ones alone, below which nothing is known of these."""


@dataclass(frozen=True)
class Recoding:
    """How a champion of the nomenclature before a revision was judged in the one after it."""

    before: str
    after: str
    ambiguous: int
    """Rows of which the champion's code has several successors; its accuracy is what drawing one of them would give."""
    champion_least: float
    """Accuracy of the champion if the wrong one of several successors were always chosen."""
    champion_most: float
    """The same if the right one were."""
    split: int
    """Rows of codes that came of split ones alone, which only people can have given."""


@dataclass(frozen=True)
class Verdict:
    """A comparison, and why the challenger has not won; `reasons` is empty when it has. schemas/verdict.schema.json is its form."""

    model: str
    challenger: str
    champion: str | None
    level: int
    rows: int
    challenger_accuracy: float
    champion_accuracy: float | None
    sections: dict[str, dict[str, float]]
    reasons: list[str]
    recoded: Recoding | None = None
    """Null when both code in the same nomenclature."""

    def rendered(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=2, sort_keys=True)


@dataclass(frozen=True)
class Candidate:
    """A version of a model that is asked about a gold set."""

    version: str
    coder: Coder
    nomenclature: Nomenclature


def _champion(challenger: Candidate, champion: Candidate, gold: Sequence[Example]) -> Evaluation:
    """What the champion says in the nomenclature of the challenger."""
    new, old = challenger.nomenclature, champion.nomenclature
    if new == old:
        return evaluate(champion.coder, new, gold)
    successors = recoding(old, new)
    if successors is None:
        raise UserError(
            f"version {challenger.version} codes in {new.name}, the champion {champion.version} in {old.name}, and no concordance leads from that "
            "one to this: they cannot be compared. Register the other nomenclature under a name of its own (--model)."
        )
    return recode(champion.coder, successors, new, gold)


def _recoding(evaluation: Evaluation, champion: Candidate, level: int) -> Recoding | None:
    if not isinstance(evaluation, Recoded):
        return None
    before, after = champion.nomenclature.name, evaluation.nomenclature.name
    rows = sum(truth in split() for truth in evaluation.truths)
    return Recoding(before, after, evaluation.ambiguous, evaluation.least(level), evaluation.most(level), rows)


def compare(model: str, challenger: Candidate, champion: Candidate | None, gold: Sequence[Example], rule: Rule) -> Verdict:
    """
    Asks both about the same rows, in the nomenclature of the challenger. Where there is no champion, there is nothing to lose against.

    :raises UserError: when the nomenclature of the champion was not revised into that of the challenger
    """
    nomenclature = challenger.nomenclature
    level = min(rule.level, nomenclature.depth)
    new = evaluate(challenger.coder, nomenclature, gold)
    if champion is None:
        return Verdict(model, challenger.version, None, level, len(gold), new.accuracy(level), None, {}, [])
    old = _champion(challenger, champion, gold)
    recoded = _recoding(old, champion, level)
    gain = new.accuracy(level) - old.accuracy(level)
    reasons = []
    if gain <= 0 or gain < rule.minimum_gain:
        by = f" by at least {rule.minimum_gain:g}" if rule.minimum_gain else ""
        reasons.append(
            f"accuracy at level {level} on {len(gold)} rows: {new.accuracy(level):.4f} against the champion's {old.accuracy(level):.4f}"
            f"{_how(recoded)}, better{by} expected"
        )
    if recoded is not None and recoded.split < rule.split_rows:
        reasons.append(
            f"{recoded.split} rows of the gold set have a code that came of split ones alone, at least {rule.split_rows} expected: without what "
            "people said nothing is known of these"
        )
    sections = {}
    of_champion = old.by_section(level)
    for section, (rows, ours) in new.by_section(level).items():
        theirs = of_champion[section][1]
        sections[section] = {"rows": rows, "challenger": ours, "champion": theirs}
        if rows >= rule.section_rows and theirs - ours > rule.section_tolerance:
            reasons.append(f"section {section} ({rows} rows): {ours:.4f} against {theirs:.4f}, at most {rule.section_tolerance} worse expected")
    return Verdict(
        model, challenger.version, champion.version, level, len(gold), new.accuracy(level), old.accuracy(level), sections, reasons, recoded
    )  # fmt: skip


def _how(recoded: Recoding | None) -> str:
    if recoded is None:
        return ""
    return f", recoded from {recoded.before} ({recoded.champion_least:.4f} to {recoded.champion_most:.4f}, as its split codes are resolved)"


def judge(registry: Registry, version: str, gold: str | None, rule: Rule) -> Verdict:
    """
    What the gold set says of a version and the champion.

    :param gold: where the gold set is; the one held out when the version was trained when None
    """
    given = registry.version(version)
    champion = registry.by_alias(CHAMPION)
    if champion == version:
        raise UserError(f"version {version} of {registry.name!r} is the champion already. Nothing is to be promoted.")
    if given.tags.get("gate") != "passed":
        state = given.tags.get("gate", "was never checked")
        raise UserError(f"version {version} of {registry.name!r}: its gate {state}. Run `select`, which checks it.")
    with registry.downloaded(version) as bundle:
        rows = read_annotated(gold, bundle.nomenclature) if gold else gold_of_run(str(given.run_id), bundle)
        if not rows:
            raise UserError("the gold set is empty: nothing says which model is better. Give --gold.")
        challenger = Candidate(version, bundle.classifier, bundle.nomenclature)
        if champion is None:
            return compare(registry.name, challenger, None, rows, rule)
        with registry.downloaded(champion) as other:
            if other.nomenclature != bundle.nomenclature:
                rows = _unseen_by_both(registry, (version, champion), rows, bundle.classifier.preprocessor)
            return compare(registry.name, challenger, Candidate(champion, other.classifier, other.nomenclature), rows, rule)


def _unseen_by_both(registry: Registry, versions: Sequence[str], rows: Sequence[Example], preprocessor: Preprocessor) -> list[Example]:
    """The rows that neither version has learned: what is held out of one nomenclature may be a label of the other."""
    known = {group for version in versions for group in learned(str(registry.version(version).run_id), preprocessor)}
    left = unseen(rows, known, preprocessor)
    if not left:
        raise UserError(f"each of the {len(rows)} rows of the gold set was learned by one of the versions {' and '.join(versions)}. Give --gold.")
    return left


def challenger_of(registry: Registry) -> str:
    """
    The version with the alias.

    :raises UserError: when none has it
    """
    version = registry.by_alias(CHALLENGER)
    if version is None:
        raise UserError(f"model {registry.name!r} has no challenger. Run `select`, or give --version.")
    return version


def promote(registry: Registry, verdict: Verdict, by: str, reason: str) -> None:
    """
    Makes the challenger of a verdict the champion.

    :raises UserError: with every reason why the challenger has not won
    """
    if verdict.reasons:
        raise problems(f"version {verdict.challenger} of {registry.name!r} is not promoted", verdict.reasons, "The champion stays.")
    figures = {"promoted.accuracy": f"{verdict.challenger_accuracy:.6f}", "promoted.gold_rows": str(verdict.rows)}
    if verdict.champion_accuracy is not None:
        figures["promoted.champion_accuracy"] = f"{verdict.champion_accuracy:.6f}"
    _move(registry, verdict.champion, verdict.challenger, Move("promoted", by, reason, figures))


@dataclass(frozen=True)
class Move:
    """How a version comes to be champion: `promoted` or `restored`, and what is told of it besides."""

    verb: str
    by: str
    reason: str
    figures: Mapping[str, str] = field(default_factory=dict)


def _move(registry: Registry, old: str | None, new: str, move: Move) -> None:
    """Every tag that says what happens comes first and the alias last, so it never moves unexplained."""
    at, verb = now(), move.verb
    replaces = {} if old is None else {f"{verb}.replaces": old}
    told = {f"{verb}.at": at, f"{verb}.by": move.by, f"{verb}.reason": move.reason, **replaces, **move.figures}
    before = [key for key in registry.version(new).tags if key.startswith(f"{verb}.")]
    registry.tag(new, told)
    registry.untag(new, *(key for key in before if key not in told), LIFECYCLE, "archived.at", "archived.by_version")
    if old is not None:
        registry.tag(old, {LIFECYCLE: ARCHIVED, "archived.at": at, "archived.by_version": new})
    registry.record(f"version {new} {verb} by {move.by}, replaces {old or 'none'}: {move.reason}")
    registry.client.set_registered_model_alias(registry.name, CHAMPION, new)
    if registry.by_alias(CHALLENGER) == new:
        registry.client.delete_registered_model_alias(registry.name, CHALLENGER)


def rollback(registry: Registry, to: str | None, by: str, reason: str) -> tuple[str, str]:
    """
    Gives production back to the version that the champion replaced, or to another that has been champion.

    :returns: the version that was champion and the one that is
    :raises UserError: when there is no champion, or nothing to go back to
    """
    champion = registry.by_alias(CHAMPION)
    if champion is None:
        raise UserError(f"model {registry.name!r} has no champion, so there is nothing to roll back. Run `promote`.")
    target = to or registry.version(champion).tags.get("promoted.replaces")
    if target is None:
        raise UserError(f"champion {champion} of {registry.name!r} replaced no version. Give --to.")
    if target == champion:
        raise UserError(f"version {champion} of {registry.name!r} is the champion. Give another with --to.")
    if not WAS_CHAMPION & registry.version(target).tags.keys():
        raise UserError(f"version {target} of {registry.name!r} has never been champion. Give one that was: `stages` lists them.")
    with registry.downloaded(target):  # what cannot be served must not be gone back to
        _move(registry, champion, target, Move("restored", by, reason))
    return champion, target
