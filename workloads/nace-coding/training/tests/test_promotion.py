"""What promotion prints and what it leaves in a registry: files of `conformance/` say it, and annotation/ is measured by the same."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import mlflow
import pytest
from click.testing import CliRunner

from nace_training import promotion
from nace_training.cli import main
from nace_training.confidence import Predictions
from nace_training.data import Dataset
from nace_training.errors import UserError
from nace_training.promotion import Candidate, Rule, Verdict, compare
from nace_training.registry import CHALLENGER, CHAMPION, Registry
from nace_training.stages import table

from .conftest import ROOT

CONFORMANCE = ROOT / "conformance"
MODEL = "nace-coding"
MOVES = json.loads((CONFORMANCE / "moves.json").read_text(encoding="utf-8"))


class Table:
    """Knows the code of each form, and gives a neighbour's for those whose place is a multiple of a number."""

    def __init__(self, dataset: Dataset, wrong: int) -> None:
        gold = dataset.of("gold")
        self.answers = {each.text: gold[place - (place % wrong == 0)].code for place, each in enumerate(gold)}

    def code(self, queries: Sequence[dict[str, str | None]]) -> list[Predictions]:
        return [[(self.answers[each["text"] or ""], 0.9)] for each in queries]


def verdict(naf2: Dataset, challenger: int, champion: int | None) -> Verdict:
    def asked(version: str, wrong: int) -> Candidate:
        return Candidate(version, Table(naf2, wrong), naf2.nomenclature)

    old = None if champion is None else asked("1", champion)
    return compare(MODEL, asked("2" if old else "1", challenger), old, naf2.of("gold"), Rule())


CASES = {"first": (4, None), "won": (5, 4), "lost": (4, 5)}


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_is_printed_as_the_file_that_others_read_says(naf2: Dataset, name: str) -> None:
    told = verdict(naf2, *CASES[name])
    assert (CONFORMANCE / f"verdict-{name}.json").read_text(encoding="utf-8") == told.rendered() + "\n"
    schema = json.loads((ROOT / "schemas/verdict.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(told.rendered()))
    assert (told.reasons == []) == (name != "lost")


def test_equal_is_not_better_and_the_gain_that_is_asked_for_is_enough(naf2: Dataset) -> None:
    assert ", better expected" in verdict(naf2, 4, 4).reasons[0]
    told = verdict(naf2, 5, 4)
    gain = told.challenger_accuracy - (told.champion_accuracy or 0)
    better, champion = (Candidate(each, Table(naf2, wrong), naf2.nomenclature) for each, wrong in (("2", 5), ("1", 4)))
    gold = naf2.of("gold")
    assert compare(MODEL, better, champion, gold, Rule(minimum_gain=gain)).reasons == []
    assert len(compare(MODEL, better, champion, gold, Rule(minimum_gain=gain + 1e-9)).reasons) == 1


@pytest.fixture
def registry(tmp_path: Path, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry in a file, with three versions that passed the gate and can be downloaded."""
    before = mlflow.get_tracking_uri()
    url = f"sqlite:///{tmp_path}/mlflow.db"
    mlflow.set_tracking_uri(url)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    client = mlflow.MlflowClient()
    client.create_registered_model(MODEL)
    for number in ("1", "2", "3"):
        model = tmp_path / number
        shutil.copytree(bundle_folder, model / "artifacts/serving")
        assert str(client.create_model_version(MODEL, str(model)).version) == number
        client.set_model_version_tag(MODEL, number, "gate", "passed")
    yield Registry(client, MODEL)
    mlflow.set_tracking_uri(before)


def state(registry: Registry) -> dict[str, Any]:
    """What a registry tells, with `<instant>` for each instant."""
    text = json.dumps(
        {
            "aliases": {alias: number for alias in (CHAMPION, CHALLENGER) if (number := registry.by_alias(alias))},
            "tags": {str(each.version): dict(sorted(each.tags.items())) for each in registry.versions()},
            "history": registry.history(),
        }
    )
    found: dict[str, Any] = json.loads(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<instant>", text))
    return found


def move(registry: Registry, each: dict[str, Any]) -> None:
    if each["do"] == "promote":
        registry.client.set_registered_model_alias(MODEL, CHALLENGER, each["version"])
        told = Verdict(**json.loads((CONFORMANCE / f"verdict-{each['verdict']}.json").read_text(encoding="utf-8")))
        assert told.challenger == each["version"]
        promotion.promote(registry, told, each["by"], each["reason"])
    else:
        promotion.rollback(registry, None, each["by"], each["reason"])


def test_promotion_and_rollback_leave_what_the_file_says(registry: Registry) -> None:
    for each in MOVES:
        move(registry, each["move"])
        after = state(registry)
        assert {**after, "tags": {number: after["tags"][number] for number in ("1", "2")}} == each["after"], each["move"]


def fail(*_: str) -> None:
    raise RuntimeError("the registry is away")


def test_a_move_that_ended_in_between_is_done_again_and_told_once(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (each["move"] for each in MOVES[:2])
    move(registry, first)
    with monkeypatch.context() as away:
        away.setattr(registry.client, "set_registered_model_alias", fail, raising=True)
        told = Verdict(**json.loads((CONFORMANCE / "verdict-won.json").read_text(encoding="utf-8")))
        with pytest.raises(RuntimeError):
            promotion.promote(registry, told, second["by"], second["reason"])
    assert state(registry)["aliases"] == {CHAMPION: "1"}
    assert registry.stage(registry.version("1")) == "Production"
    move(registry, second)
    after = state(registry)
    assert {**after, "tags": {number: after["tags"][number] for number in ("1", "2")}} == MOVES[1]["after"]


def test_a_champion_that_was_set_by_hand_can_be_gone_back_to(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.client.set_registered_model_alias(MODEL, CHAMPION, "1")
    move(registry, MOVES[1]["move"])
    with pytest.raises(UserError, match=r"version 3 of .* has never been champion"):
        promotion.rollback(registry, "3", "office", "wrong codes")
    with monkeypatch.context() as away:
        away.setattr(registry.client, "set_registered_model_alias", fail)
        with pytest.raises(RuntimeError):
            promotion.rollback(registry, None, "office", "wrong codes")
    assert state(registry)["aliases"] == {CHAMPION: "2"}
    assert promotion.rollback(registry, None, "office", "wrong codes") == ("2", "1")
    assert len(registry.history()) == 2


def test_the_last_move_is_told_also_of_several_within_one_second(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion, "now", lambda: "2026-01-31T08:00:00Z")
    told = []
    for each in MOVES:
        move(registry, each["move"])
        told.append([row["why"] for row in json.loads(table(registry, as_json=True))["versions"]][:2])
    assert told[2] == ["restored: wrong codes for restaurants", "replaced by 1"]
    assert told[3] == ["replaced by 2", "promoted: it was the data"]


def test_a_dry_run_prints_the_verdict_and_nothing_else(registry: Registry, naf2: Dataset, tmp_path: Path) -> None:
    registry.client.set_registered_model_alias(MODEL, CHALLENGER, "1")
    gold = tmp_path / "gold.parquet"
    naf2.frame("gold").to_parquet(gold)
    done = CliRunner().invoke(main, ["promote", "--model", MODEL, "--gold", str(gold), "--dry-run"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["challenger"], told["champion"], told["rows"]) == ("1", None, len(naf2.of("gold")))
    assert state(registry)["aliases"] == {CHALLENGER: "1"}
