"""After a revision: a champion of the old nomenclature and a challenger of the new one, asked about the same rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema
import mlflow
import pandas as pd
import pytest
from click.testing import CliRunner

from nace_training.bundle import write_bundle
from nace_training.classifier import Classifier
from nace_training.cli import main
from nace_training.confidence import Predictions
from nace_training.data import Dataset, Example, build
from nace_training.errors import UserError
from nace_training.evaluation import evaluate
from nace_training.nomenclatures import nomenclature, recoding, split, successors
from nace_training.preprocess import Preprocessor
from nace_training.promotion import Candidate, Rule, Verdict, compare, judge
from nace_training.registry import CHALLENGER, CHAMPION, Registry
from nace_training.tables import read_annotated, write_dataset

from .conftest import ROOT, SMALL

NEW = nomenclature("nace21")
OLD = nomenclature("naf2")
RULE = Rule(split_rows=0)


class Says:
    """Answers each text with the code that it is told, and other texts with none."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers

    def code(self, queries: Sequence[dict[str, str | None]]) -> list[Predictions]:
        return [[(self.answers[str(each["text"])], 0.9)] if each["text"] in self.answers else [] for each in queries]


def gold(**codes: str) -> list[Example]:
    return [Example(text, code, "annotation", "gold") for text, code in codes.items()]


def verdict(said: dict[str, str], old: dict[str, str], rows: list[Example], rule: Rule = RULE) -> Verdict:
    return compare("coder", Candidate("2", Says(said), NEW), Candidate("1", Says(old), OLD), rows, rule)


def test_the_concordance_of_both_programs_is_one() -> None:
    told = json.loads((ROOT.parent / "annotation/nace_annotation/data/nace2-nace21.json").read_text(encoding="utf-8"))
    assert told["successors"] == {code: list(each) for code, each in successors().items()}
    assert (told["from"], told["nomenclature"]) == (nomenclature("nace2").name, NEW.name)


def test_a_code_that_was_split_counts_by_the_share_of_its_successors_that_is_right() -> None:
    became = recoding(OLD, NEW)
    assert became is not None and set(became) == set(OLD.labels)
    assert became["0111Z"] == ("0111",) and became["4711A"] == ("4711", "4791") and became["5610A"] == ("5611", "5612")
    rows = gold(maize="0111", shop="4711", mail="4791", meal="5611", stew="5612", nothing="0111")
    old = {"maize": "0111Z", "shop": "4711A", "mail": "0111Z", "meal": "5610A", "stew": "4711A"}
    told = verdict({each.text: each.code for each in rows}, old, rows)
    # One is right, two are right by half, and what it has no words for is wrong.
    assert told.champion_accuracy == pytest.approx(2 / 6) and told.challenger_accuracy == 1
    assert told.recoded is not None
    assert (told.recoded.before, told.recoded.after, told.recoded.ambiguous) == ("NAF rev. 2", "NACE Rev. 2.1", 3)
    assert (told.recoded.champion_least, told.recoded.champion_most) == pytest.approx((1 / 6, 3 / 6))
    assert told.level == 4 and told.reasons == []
    # At the level of the section, where successors stand together, nothing was split.
    sections = verdict({}, old, rows, Rule(level=1, split_rows=0))
    assert sections.champion_accuracy == pytest.approx(3 / 6) and sections.recoded is not None
    assert sections.recoded.champion_least == sections.recoded.champion_most == pytest.approx(3 / 6)


def test_a_challenger_must_beat_the_recoded_champion() -> None:
    rows = gold(shop="4711", meal="5611", maize="0111", rice="0112")
    old = {"shop": "4711A", "meal": "5610A", "maize": "0111Z"}
    lost = verdict({"shop": "4711", "meal": "5611"}, old, rows)
    assert lost.reasons == [
        "accuracy at level 4 on 4 rows: 0.5000 against the champion's 0.5000, recoded from NAF rev. 2 (0.2500 to 0.7500, as its split codes "
        "are resolved), better expected"
    ]
    assert verdict({"shop": "4711", "meal": "5611", "rice": "0112"}, old, rows).reasons == []


def test_without_what_people_said_of_split_codes_nothing_is_promoted() -> None:
    assert "4711" in split() and "0111" not in split()
    rows = gold(maize="0111", shop="4711")
    right = {each.text: each.code for each in rows}
    assert verdict(right, {}, rows, Rule(split_rows=1)).reasons == []
    [reason] = verdict(right, {}, rows, Rule(split_rows=2)).reasons
    assert reason.startswith("1 rows of the gold set have a code that came of split ones alone, at least 2 expected")


def test_the_phrases_of_the_source_tell_nothing_of_split_codes(preprocessor: Preprocessor) -> None:
    held_out = [each for each in build(NEW, preprocessor).examples if each.split != "train"]
    assert len(held_out) > 600 and not [each for each in held_out if each.code in split()]


def test_a_verdict_across_a_revision_is_what_the_schema_says() -> None:
    rows = gold(shop="4711", meal="5611")
    schema = json.loads((ROOT / "schemas/verdict.schema.json").read_text(encoding="utf-8"))
    told = verdict({"shop": "4711", "meal": "5611"}, {"shop": "4711A"}, rows)
    jsonschema.Draft202012Validator(schema).validate(json.loads(told.rendered()))
    assert (ROOT / "conformance/verdict-revised.json").read_text(encoding="utf-8") == told.rendered() + "\n"
    assert asdict(told)["recoded"]["split"] == 2


def test_what_people_said_in_another_nomenclature_is_left_out(tmp_path: Path) -> None:
    table = {"text": ["a", "b", "c"], "code": ["0111", "0111Z", "0112"], "nomenclature": ["NACE Rev. 2.1", "NAF rev. 2", None]}
    pd.DataFrame(table).to_parquet(tmp_path / "gold.parquet")
    assert [each.text for each in read_annotated(str(tmp_path / "gold.parquet"), NEW)] == ["a", "c"]
    with pytest.raises(UserError, match=r"no row is of NACE Rev\. 2\b[\s\S]*NACE Rev\. 2\.1"):
        pd.DataFrame({name: each[:1] for name, each in table.items()}).to_parquet(tmp_path / "new.parquet")
        read_annotated(str(tmp_path / "new.parquet"), nomenclature("nace2"))


def test_no_way_leads_back() -> None:
    rows = gold(maize="0111Z")
    with pytest.raises(UserError, match=r"version 2 codes in NAF rev. 2, the champion 1 in NACE Rev. 2.1, and no concordance leads"):
        compare("coder", Candidate("2", Says({}), OLD), Candidate("1", Says({}), NEW), rows, RULE)


@pytest.fixture(scope="module")
def new_dataset(preprocessor: Preprocessor) -> Dataset:
    return build(NEW, preprocessor)


@pytest.fixture
def registry(tmp_path: Path, bundle_folder: Path, naf2: Dataset, new_dataset: Dataset, preprocessor: Preprocessor) -> Iterator[Registry]:
    """A champion of the old nomenclature and a challenger of the new one, with the data of their runs."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("revision", artifact_location=f"file://{tmp_path}/artifacts"))
    client = mlflow.MlflowClient()
    client.create_registered_model("coder")
    trained = Classifier.train(new_dataset.of("train"), preprocessor, SMALL)
    folder = tmp_path / "new"
    calibration = evaluate(trained, NEW, new_dataset.of("test")).calibration()
    write_bundle(folder / "artifacts/serving", trained, new_dataset, SMALL, calibration)
    shutil.copytree(bundle_folder, tmp_path / "old/artifacts/serving")
    for dataset, model, alias in ((naf2, tmp_path / "old", CHAMPION), (new_dataset, folder, CHALLENGER)):
        write_dataset(dataset, tmp_path / dataset.nomenclature.id)
        with mlflow.start_run() as run:
            mlflow.log_artifacts(str(tmp_path / dataset.nomenclature.id), "data")
        version = str(client.create_model_version("coder", str(model), run_id=run.info.run_id).version)
        client.set_model_version_tag("coder", version, "gate", "passed")
        client.set_registered_model_alias("coder", alias, version)
    yield Registry(client, "coder")
    mlflow.set_tracking_uri(before)


def test_neither_is_asked_about_what_it_has_learned(registry: Registry, naf2: Dataset, new_dataset: Dataset) -> None:
    told = judge(registry, "2", None, RULE)
    # What the new nomenclature holds out is a label of the old one for one row of five, which every model of that has learned.
    known = {each.text for each in naf2.of("train")}
    assert {each.text for each in new_dataset.of("gold")} & known
    assert 250 < told.rows < len(new_dataset.of("gold"))
    assert told.recoded is not None and told.recoded.champion_most < 0.9


def test_the_command_tells_how_the_champion_was_recoded(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.get_tracking_uri())
    asked = CliRunner().invoke(main, ["promote", "--model", "coder", "--dry-run", "--section-tolerance", "1"])
    told: dict[str, Any] = json.loads(asked.stdout)
    assert asked.exit_code == 1 and told["recoded"]["before"] == "NAF rev. 2" and told["recoded"]["split"] == 0
    assert any("came of split ones alone, at least 20 expected" in reason for reason in told["reasons"])
