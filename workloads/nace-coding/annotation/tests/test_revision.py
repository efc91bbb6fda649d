"""A revision of the nomenclature, before the model has followed it and afterwards; test_label_studio.py asks people."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import DAY, MARGIN, labels, parquet, record, rows_in, write_records
from memory import MemoryRegistry
from movement import verdict_file

from nace_annotation import batches
from nace_annotation.batches import Batch
from nace_annotation.figures import by_metrics, by_verdict, read_verdict
from nace_annotation.gate import compare
from nace_annotation.gold import write_gold
from nace_annotation.nomenclature import Codes, concordance_between, official, read_codes, read_concordance
from nace_annotation.problems import Problems
from nace_annotation.registry import Version
from nace_annotation.revision import Revised, revise
from nace_annotation.sample import sample
from nace_annotation.settings import Promotion, Revision, Sample, Shadow
from nace_annotation.store import Objects
from nace_annotation.table import GOLD
from nace_annotation.verdict import Verdict

ANSWER = {"code": "VARCHAR", "annotated_at": "TIMESTAMP", "inclusion_probability": "DOUBLE", "occurrences": "BIGINT"}
SETTINGS = Revision(concordance="nace2-nace21")
OLD, NEW = "NAF rev. 2", "NACE Rev. 2.1"
SHADOW = Shadow.model_validate({"days": 1, "minimumRows": 1, "minimumAnnotated": 1})


def codes_of(name: str) -> Codes:
    found = official(name)
    assert found is not None
    return found


def gold(folder: Path, *told: tuple[str, str | None], file: str = GOLD) -> None:
    """A gold set of records 0, 1 and so on, each with a code and its nomenclature."""
    known = {"annotated_at": "2026-01-30 00:00:00", "inclusion_probability": 0.5, "occurrences": 1}
    parquet(folder / file, [record(number, **known, code=code, nomenclature=name) for number, (code, name) in enumerate(told)], ANSWER)


def revised(folder: Path) -> dict[str, tuple[str, str, str | None]]:
    return {row["id"][-1]: (row["code"], row["nomenclature"], row["code_before"]) for row in rows_in(folder / SETTINGS.target)}


def test_the_package_knows_the_official_nomenclatures_as_the_models_do() -> None:
    model = read_codes(labels(), "labels.json", "naf2")
    assert codes_of(OLD).entries == model.entries
    assert codes_of(NEW).entries == read_concordance("nace2-nace21").codes.entries
    assert len(codes_of("NACE Rev. 2").entries) == 615 and official("NAF") is None
    assert concordance_between(OLD, NEW) == concordance_between("NACE Rev. 2", NEW) == read_concordance("nace2-nace21")
    assert concordance_between(NEW, OLD) is None


def test_titles_follow_the_version_in_production() -> None:
    document = {"nomenclature": NEW, "labels": {code: entry.model_dump() for code, entry in codes_of(NEW).entries.items()}}
    found = read_codes(json.dumps(document).encode(), "labels.json", "naf2")
    assert found.title("J") == codes_of(NEW).title("J") != codes_of(OLD).title("J")


def test_it_goes_on_when_the_model_codes_in_the_new_nomenclature(objects: Objects, folder: Path) -> None:
    gold(folder, ("0111Z", OLD), ("4711A", OLD), ("0112Z", None))
    assert revise(objects, SETTINGS, codes_of(OLD), "r1") == Revised(2, 1, 0, {}, "r1", True)
    assert revised(folder) == {"0": ("0111", NEW, "0111Z"), "2": ("0112", NEW, "0112Z")}
    before = (folder / SETTINGS.target).read_bytes()
    assert revise(objects, SETTINGS, codes_of(OLD), "r1").recoded == 0
    assert (folder / SETTINGS.target).read_bytes() == before
    # What people say in it comes in as it is, 4711 also: that code was split in the old one alone.
    gold(folder, ("0111Z", OLD), ("4711A", OLD), ("0112Z", None), ("4711", NEW), ("5610A", OLD))
    assert revise(objects, SETTINGS, codes_of(NEW), "r2") == Revised(1, 1, 0, {}, "r2", True)
    assert revised(folder)["3"] == ("4711", NEW, None)
    [task] = rows_in(folder / "annotation/batches/r2/tasks.parquet")
    assert (task["code_before"], task["title_before"], task["candidates"]) == ("5610A", "Restauration traditionnelle", ["5611", "5612"])
    assert "nomenclature" not in task


def test_a_code_of_no_known_nomenclature_is_told(objects: Objects, folder: Path) -> None:
    gold(folder, ("0111Z", "ISIC"), ("0111", "ISIC"), ("9999", NEW))
    assert revise(objects, SETTINGS, codes_of(OLD), "r1").unknown == {"0111Z": 1, "0111": 1, "9999": 1}


def test_a_gold_set_says_what_its_codes_are_of(objects: Objects, folder: Path, tmp_path: Path) -> None:
    said = Verdict("r000000", "decided", "0111", ("1",), "2026-01-31T08:00:00Z", 2, 1.0)
    batch = Batch(name="b1", kind="revision", nomenclature=NEW, concordance="nace2-nace21", gold=SETTINGS.target, design={})
    task = record(0, batch="b1", queue="revision", nomenclature=OLD, code_before="0111Z")
    parquet(folder / f"{batch.folder}/tasks.parquet", [task], {"batch": "VARCHAR", "queue": "VARCHAR", "code_before": "VARCHAR"})
    (tmp_path / "work").mkdir()
    (tmp_path / "gold.parquet").write_bytes(write_gold(objects, batch.gold, [(batch, {said.id: said})], tmp_path / "work")[batch.gold])
    [row] = rows_in(tmp_path / "gold.parquet")
    assert (row["code"], row["nomenclature"], row["code_before"]) == ("0111", NEW, "0111Z")


def test_a_batch_keeps_its_nomenclature_when_the_model_has_another(objects: Objects) -> None:
    asked = Batch(name="b1", kind="sample", nomenclature=OLD, gold=GOLD, design={})
    assert batches.codes_of(objects, asked, codes_of(NEW)) == codes_of(OLD)
    with pytest.raises(Problems, match=r"given ISIC, expected NACE Rev\. 2\.1 or an official one"):
        batches.codes_of(objects, asked.model_copy(update={"nomenclature": "ISIC"}), codes_of(NEW))


def test_people_are_asked_about_what_the_present_nomenclature_was_given(objects: Objects, folder: Path) -> None:
    before = [record(number, nomenclature=OLD) for number in range(10)]
    after = [record(number, code_1="4711", nomenclature=NEW, model_version="4") for number in range(10, 15)]
    write_records(folder, before + after)
    wanted = Sample.model_validate(
        {"budget": 15, "days": 1, "seed": 1, "shares": {"random": 1.0, "margin": 0.0, "coverage": 0.0, "disagreement": 0.0}}
    )
    assert sample(objects, wanted, MARGIN, NEW, DAY, "new").rows == 5
    assert {row["nomenclature"] for row in rows_in(folder / "annotation/batches/new/tasks.parquet")} == {NEW}


def test_a_successor_of_the_code_beside_it_is_no_disagreement(objects: Objects, folder: Path) -> None:
    beside = {"nomenclature": OLD, "shadow_version": "4", "shadow_nomenclature": NEW}
    rows = [record(number, code_1="4711A", shadow_code_1="4791", **beside) for number in range(20)]
    rows += [record(20, code_1="4711A", shadow_code_1="5611", **beside)]
    write_records(folder, rows)
    wanted = Sample.model_validate(
        {"budget": 4, "days": 1, "seed": 1, "shares": {"random": 0.1, "margin": 0.0, "coverage": 0.0, "disagreement": 0.9}}
    )
    sample(objects, wanted, MARGIN, OLD, DAY, "b1")
    reasons = {row["id"]: row["sample_reason"] for row in rows_in(folder / "annotation/batches/b1/tasks.parquet")}
    assert [number for number, reason in reasons.items() if reason == "disagreement"] == ["r000020"]


def pair(number: int, champion: str, challenger: str) -> dict[str, Any]:
    beside = {"shadow_version": "4", "shadow_code_1": challenger, "shadow_confidence": 0.9, "shadow_nomenclature": NEW}
    return record(number, code_1=champion, nomenclature=OLD, **beside)


def test_a_champion_of_the_old_nomenclature_is_compared_by_the_successors_of_its_codes(objects: Objects, folder: Path) -> None:
    said = [("0111Z", "0111"), ("4711A", "4711"), ("4711A", "5611"), ("5610A", "0112"), ("0112Z", "4711"), ("0111Z", "0112")]
    write_records(folder, [pair(number, *each) for number, each in enumerate(said)])
    truth = ["0111", "4791", "4791", "0112", "4711", "0111"]
    gold(folder, *[(code, NEW) for code in truth], file=SETTINGS.target)
    found = compare(objects, SHADOW, MARGIN, "3", "4", DAY)
    assert (found.records, found.recoded_from, found.agreeing) == (6, OLD, 2 / 6)
    # 4711A became 4711 or 4791: the second and the third, where one of them is right, speak for neither, whatever the challenger says.
    assert (found.annotated, found.better, found.worse) == (6, 2, 1)


def test_what_people_said_in_the_old_nomenclature_is_no_truth_for_the_new_one(objects: Objects, folder: Path) -> None:
    write_records(folder, [pair(0, "0111Z", "0111"), pair(1, "0112Z", "0112")])
    gold(folder, ("0111Z", OLD), ("0112Z", None))
    assert compare(objects, SHADOW, MARGIN, "3", "4", DAY).annotated == 0
    gold(folder, ("0111Z", OLD), ("0113", NEW))
    assert compare(objects, SHADOW, MARGIN, "3", "4", DAY).annotated == 1


def test_versions_without_a_concordance_are_not_compared(objects: Objects, folder: Path) -> None:
    write_records(folder, [pair(0, "0111", "0111Z") | {"nomenclature": NEW, "shadow_nomenclature": OLD}])
    with pytest.raises(Problems, match=r"the champion codes in NACE Rev\. 2\.1, the challenger in NAF rev\. 2, and no concordance leads"):
        compare(objects, SHADOW, MARGIN, "3", "4", DAY)


def test_a_verdict_tells_from_what_the_champion_was_recoded() -> None:
    told = read_verdict(verdict_file("revised"))
    assert told.recoded is not None and (told.recoded.before, told.recoded.after) == (OLD, NEW)
    registry = MemoryRegistry("coder", 2)
    figures = by_verdict(told, "coder", registry.by_number("1"), registry.by_number("2"))
    assert figures.recoded == told.recoded


def test_metrics_of_two_nomenclatures_are_not_compared(version: Version) -> None:
    settings = Promotion.model_validate(
        {
            "git": {"url": "https://git.example.org/office/config.git", "author": "Coding <coding@example.org>"},
            "file": "config.yaml", "version": ("version",), "metric": "gold_accuracy",
            "shadow": {"days": 7, "minimumRows": 1, "minimumAnnotated": 0},
        }
    )  # fmt: skip
    [objection] = by_metrics(settings, _with(version, "naf2"), _with(version, "nace21")).objections
    assert "codes in nace21, the champion in naf2, and metrics of two nomenclatures cannot be compared; give --verdict" in objection
    assert by_metrics(settings, _with(version, "naf2"), _with(version, "naf2")).objections == ()


@pytest.fixture
def version() -> Version:
    return MemoryRegistry("coder", 1).by_number("1")


def _with(version: Version, nomenclature: str) -> Version:
    parameters = {"nomenclature": nomenclature}
    return Version(version.number, "run", version.created, {}, {"gold_accuracy": 0.5}, parameters)
