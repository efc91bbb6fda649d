"""The command line: `python -m nace_annotation COMMAND --settings FILE`."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from . import decide, promote, rollback
from .figures import read_verdict
from .label_studio import LabelStudioClient
from .nomenclature import Codes, read_codes, read_codes_file
from .problems import Failed, Problems, Refused
from .pull import pull
from .push import push
from .registry import ModelRegistry
from .revision import revise
from .sample import sample
from .settings import Settings, read_settings
from .store import Objects, open_store

Arguments = argparse.Namespace


def _objects(settings: Settings) -> Objects:
    return open_store(settings.store, settings.certificate_authority)


def _registry(settings: Settings) -> ModelRegistry:
    if settings.registry is None:
        raise Problems(["registry: is missing, and this command needs it; add it"])
    return ModelRegistry(settings.registry, settings.certificate_authority)


def _codes(settings: Settings) -> Codes:
    nomenclature = settings.nomenclature
    if nomenclature is None:
        raise Problems(["nomenclature: is missing, and this command needs it; add it"])
    if nomenclature.labels is not None:
        return read_codes_file(Path(nomenclature.labels), nomenclature.titles)
    registry = _registry(settings)
    version = registry.by_alias(str(nomenclature.alias))
    if version is None:
        raise Problems(
            [f"nomenclature.alias: given {nomenclature.alias}, but no version of {registry.model} has it; set it, or give labels"]
        )
    path = "artifacts/serving/labels.json"
    return read_codes(registry.file(version.number, path), f"{path} of version {version.number} of {registry.model}", nomenclature.titles)


def _sample(settings: Settings, arguments: Arguments) -> Any:
    assert settings.sample is not None
    last = arguments.date or datetime.now(UTC).date()
    name = arguments.batch or f"sample-{last.isoformat()}"
    return sample(_objects(settings), settings.sample, settings.confidence, _codes(settings).name, last, name)


def _push(settings: Settings, arguments: Arguments) -> Any:
    assert settings.label_studio is not None
    client = LabelStudioClient(settings.label_studio, settings.certificate_authority)
    return push(_objects(settings), client, settings.label_studio, _codes(settings), arguments.batch)


def _pull(settings: Settings, _: Arguments) -> Any:
    assert settings.label_studio is not None
    client = LabelStudioClient(settings.label_studio, settings.certificate_authority)
    return pull(_objects(settings), client, settings.label_studio, _codes(settings))


def _revision(settings: Settings, arguments: Arguments) -> Any:
    assert settings.revision is not None
    name = arguments.batch or f"revision-{datetime.now(UTC).date().isoformat()}"
    return revise(_objects(settings), settings.revision, _codes(settings), name)


def _decide(settings: Settings, arguments: Arguments) -> Any:
    assert settings.retraining is not None
    now = arguments.at or datetime.now(UTC)
    cluster = None if arguments.dry_run else decide.Cluster.of_pod()
    return decide.decide(_objects(settings), settings.retraining, settings.confidence, _registry(settings), now, cluster)


def _promote(settings: Settings, arguments: Arguments) -> Any:
    assert settings.promotion is not None
    verdict = read_verdict(arguments.verdict) if arguments.verdict else None
    last = arguments.date or datetime.now(UTC).date()
    order = promote.Order(
        by=arguments.by, digest=arguments.digest, last=last, dry_run=arguments.dry_run, verdict=verdict, reason=arguments.reason
    )
    return promote.promote(
        _objects(settings), settings.promotion, settings.confidence, _registry(settings), settings.certificate_authority, order
    )


def _rollback(settings: Settings, arguments: Arguments) -> Any:
    assert settings.promotion is not None
    return rollback.roll_back(
        settings.promotion, _registry(settings), settings.certificate_authority, by=arguments.by, reason=arguments.reason
    )


Command = Callable[[Settings, Arguments], Any]
COMMANDS: dict[str, tuple[str, tuple[str, ...], Command]] = {
    "sample": ("chooses what people annotate", ("nomenclature", "sample"), _sample),
    "push": ("brings batches to Label Studio", ("nomenclature", "label_studio"), _push),
    "pull": ("brings annotations back as the gold set", ("nomenclature", "label_studio"), _pull),
    "revision": ("recodes the gold set after a revision of the nomenclature", ("nomenclature", "revision"), _revision),
    "decide": ("decides about retraining, and starts it", ("registry", "retraining"), _decide),
    "promote-commit": ("brings the challenger to production by a commit", ("registry", "promotion"), _promote),
    "rollback": ("takes the last promotion back", ("registry", "promotion"), _rollback),
}


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"given {text}, expected an instant with its zone, as 2026-01-31T08:00:00Z")
    return at.astimezone(UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nace_annotation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    parsers = {name: commands.add_parser(name, help=about) for name, (about, _, _) in COMMANDS.items()}
    for name, each in parsers.items():
        each.add_argument("--settings", type=Path, required=True, help="file of the settings (JSON)")
        if name in ("sample", "promote-commit"):
            each.add_argument("--date", type=date.fromisoformat, help="last day of the records, as 2026-01-31; today without it")
        if name in ("sample", "push", "revision"):
            each.add_argument("--batch", help="name of the batch")
        if name in ("decide", "promote-commit"):
            each.add_argument("--dry-run", action="store_true", help="decides and changes nothing")
        if name in ("promote-commit", "rollback"):
            each.add_argument("--by", required=True, help="who does it")
    parsers["decide"].add_argument("--at", type=_instant, help="instant of the decision, as 2026-01-31T08:00:00Z; now without it")
    parsers["promote-commit"].add_argument("--digest", help="digest of the image, as sha256:...; unchanged without it")
    parsers["promote-commit"].add_argument(
        "--verdict", type=Path, help="what nace_training promote --dry-run prints; metrics of the runs without it"
    )
    parsers["promote-commit"].add_argument("--reason", help="why, on one line")
    parsers["rollback"].add_argument("--reason", required=True, help="why, on one line")
    return parser


def _document(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_document(each) for each in answer]
    return asdict(cast(Any, answer)) if is_dataclass(answer) else answer


def main(argv: list[str]) -> int:
    """
    Runs a command and prints what it did as JSON.

    :return: 0; 1 when something outside failed, 2 when the input is wrong, 3 when the answer is no
    """
    arguments = _parser().parse_args(argv)
    _, needed, command = COMMANDS[arguments.command]
    try:
        answer = command(read_settings(arguments.settings, needed), arguments)
    except Problems as wrong:
        for problem in wrong.problems:
            print(problem, file=sys.stderr)
        return 2
    except Refused as refused:
        for reason in refused.reasons:
            print(f"refused: {reason}", file=sys.stderr)
        return 3
    except Failed as failed:
        print(f"failed: {failed}", file=sys.stderr)
        return 1
    print(json.dumps(_document(answer), ensure_ascii=False, indent=2, sort_keys=True, default=str))
    return 0
