"""Takes the last promotion back: its commit is reverted, and the alias moves to the version before."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .configuration import change_value, read_value
from .git import Repository
from .problems import Failed, Refused
from .promote import CHAMPION, LIFECYCLE, MODEL, PREVIOUS, VERSION, one_line
from .registry import ModelRegistry
from .settings import Promotion


@dataclass(frozen=True)
class RolledBack:
    """What was done."""

    from_version: str
    version: str
    commit: str | None
    reverts: str | None


@dataclass(frozen=True)
class _Promotion:
    commit: str
    version: str
    previous: str


def _promotions(repository: Repository, model: str, file: str) -> list[_Promotion]:
    """The promotions of a model in the history, the last one first."""
    trailers = "%x1f".join(f"%(trailers:key={key},valueonly,separator=%x2C)" for key in (MODEL, VERSION, PREVIOUS))
    printed = repository.run("log", f"--format=%H%x1f{trailers}", "--", file)
    rows = [line.split("\x1f") for line in printed.splitlines() if line]
    return [_Promotion(row[0], row[2], row[3]) for row in rows if len(row) == 4 and row[1] == model and row[2] and row[3]]


def _revert(repository: Repository, settings: Promotion, promotion: _Promotion) -> None:
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


def roll_back(settings: Promotion, registry: ModelRegistry, certificate_authority: str | None, *, by: str, reason: str) -> RolledBack:
    """
    Rolls back. When the configuration was rolled back already and the alias was not, only the alias is moved.

    :raises Refused: when the version in the configuration did not come by a promotion
    """
    by, reason = one_line(by, "--by"), one_line(reason, "--reason")
    with TemporaryDirectory() as temporary:
        repository = Repository(settings.git, Path(temporary), certificate_authority)
        present = read_value(repository.read(settings.file), settings.version, settings.file)
        champion = registry.by_alias(CHAMPION)
        promotions = _promotions(repository, registry.model, settings.file)
        unfinished = next((each for each in promotions if each.previous == present), None)
        if champion is not None and unfinished is not None and champion.number == unfinished.version != present:
            return _follow(registry, RolledBack(champion.number, present, None, unfinished.commit), reason)
        promotion = next((each for each in promotions if each.version == present), None)
        if promotion is None:
            raise Refused(
                [f"{settings.file}: version {present} of {registry.model} did not come by a promotion; change it by a commit of your own"]
            )

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
        return _follow(registry, RolledBack(present, promotion.previous, commit, promotion.commit), reason)


def _follow(registry: ModelRegistry, done: RolledBack, reason: str) -> RolledBack:
    """Makes the registry say what the configuration says."""
    registry.move_alias(CHAMPION, done.version)
    registry.tag(done.version, LIFECYCLE, "production")
    registry.tag(done.from_version, LIFECYCLE, "archived")
    registry.tag(done.from_version, "rollback.reason", reason)
    return done
