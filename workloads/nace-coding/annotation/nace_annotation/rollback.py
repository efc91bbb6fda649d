"""Takes the last promotion back: its commit is reverted, and the alias moves to the version before."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .configuration import change_value, read_value
from .git import Repository
from .history import Promotion as Commit
from .history import promotions
from .moves import CHAMPION, WAS_CHAMPION, Move, move
from .problems import Failed, Refused
from .promote import one_line
from .registry import ModelRegistry, Version
from .settings import Promotion


@dataclass(frozen=True)
class RolledBack:
    """What was done."""

    from_version: str
    version: str
    commit: str | None
    reverts: str | None


def _revert(repository: Repository, settings: Promotion, promotion: Commit) -> None:
    """Undoes a commit; where its surroundings have changed since, the values that it had changed."""
    try:
        repository.run("revert", "--no-commit", promotion.commit)
    except Failed:
        repository.run("reset", "--quiet", "--hard", "HEAD")
        old = repository.run("show", f"{promotion.commit}^:{settings.file}")
        text = repository.read(settings.file)
        for path in (settings.version, settings.digest):
            if path is not None:
                text = change_value(text, path, read_value(old, path, settings.file), settings.file)
        repository.write(settings.file, text)


def _check(registry: ModelRegistry, number: str, champion: Version | None) -> None:
    """
    As `nace_training rollback` asks: it goes back to what has been champion and can be served.

    :raises Refused: when the version was never champion, or what the registry has of it is damaged
    """
    version = registry.find(number)
    is_known = version is not None and (version.tags.keys() & WAS_CHAMPION or (champion is not None and champion.number == number))
    if not is_known:
        remedy = "change the configuration by a commit of your own"
        raise Refused([f"version {number} of {registry.model} has never been champion, so there is nothing to go back to; {remedy}"])
    damage = registry.damage(number)
    if damage:
        raise Refused(f"version {number} of {registry.model}: {each}; go forward to another version instead" for each in damage)


def roll_back(settings: Promotion, registry: ModelRegistry, certificate_authority: str | None, *, by: str, reason: str) -> RolledBack:
    """
    Rolls back. When the configuration was rolled back already and the alias was not, only the alias is moved.

    :raises Refused: when the version in the configuration did not come by a promotion, or the one before cannot be gone back to
    """
    by, reason = one_line(by, "--by"), one_line(reason, "--reason")
    with TemporaryDirectory() as temporary:
        repository = Repository(settings.git, Path(temporary), certificate_authority)
        present = read_value(repository.read(settings.file), settings.version, settings.file)
        champion = registry.by_alias(CHAMPION)
        made = promotions(repository, registry.model, settings.file)
        unfinished = next((each for each in made if each.previous == present), None)
        if champion is not None and unfinished is not None and champion.number == unfinished.version != present:
            _check(registry, present, champion)
            return _follow(registry, RolledBack(champion.number, present, None, unfinished.commit), by, reason)
        promotion = next((each for each in made if each.version == present), None)
        if promotion is None:
            raise Refused(
                [f"{settings.file}: version {present} of {registry.model} did not come by a promotion; change it by a commit of your own"]
            )
        _check(registry, promotion.previous, champion)

        def change() -> str | None:
            now = read_value(repository.read(settings.file), settings.version, settings.file)
            if now != present:
                raise Refused([f"{settings.file}: version: somebody has made it {now}, expected {present}; look who, then run this again"])
            _revert(repository, settings, promotion)
            return (
                f"Roll back {registry.model} from version {present} to {promotion.previous}\n\n{reason}\n\n"
                f"This reverts commit {promotion.commit}.\n\nRolled-Back-Version: {present}\nRolled-Back-By: {by}"
            )

        commit = repository.publish(change)
        return _follow(registry, RolledBack(present, promotion.previous, commit, promotion.commit), by, reason)


def _follow(registry: ModelRegistry, done: RolledBack, by: str, reason: str) -> RolledBack:
    """Makes the registry say what the configuration says."""
    figures = {} if done.commit is None else {"restored.commit": done.commit}
    move(registry, done.from_version, done.version, Move("restored", by, reason, figures))
    return done
