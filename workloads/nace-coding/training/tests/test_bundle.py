from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nace_training.bundle import FILES, SUMS, check_golden, read_bundle, write_bundle
from nace_training.classifier import Classifier
from nace_training.data import Dataset
from nace_training.errors import UserError
from nace_training.evaluation import evaluate
from nace_training.preprocess import Preprocessor

from .conftest import ROOT, SMALL


def test_the_same_training_gives_the_same_bytes(tmp_path: Path, bundle_folder: Path, naf2: Dataset, preprocessor: Preprocessor) -> None:
    again = Classifier.train(naf2.of("train"), preprocessor, SMALL)
    write_bundle(tmp_path, again, naf2, SMALL, evaluate(again, naf2.nomenclature, naf2.of("test")).calibration())
    for name in (*FILES, SUMS):
        assert (tmp_path / name).read_bytes() == (bundle_folder / name).read_bytes(), name


def test_a_bundle_holds_what_a_server_needs(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    assert bundle.nomenclature.name == "NAF rev. 2"
    assert bundle.meta["parameters"]["dim"] == SMALL.dim
    assert (bundle_folder / "preprocess.json").read_bytes() == (ROOT / "preprocess.json").read_bytes()
    lines = [json.loads(line) for line in (bundle_folder / "golden.jsonl").read_text().splitlines()]
    assert len(lines) >= 1000
    assert all(len(each["predictions"]) == 5 for each in lines if each["text"])
    empty = [each for each in lines if not each["text"]]
    assert len(empty) > 10 and not any(each["predictions"] for each in empty)
    assert check_golden(bundle) == []


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named(tmp_path: Path, bundle_folder: Path, name: str) -> None:
    folder = shutil.copytree(bundle_folder, tmp_path / "serving")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    (folder / "labels.json" if name != "labels.json" else folder / "model.json").unlink()
    with pytest.raises(UserError) as error:
        read_bundle(folder)
    assert f"{name}: sha256" in str(error.value) and ": missing" in str(error.value)


def test_golden_lines_that_the_model_answers_otherwise_are_told(tmp_path: Path, bundle_folder: Path) -> None:
    folder = shutil.copytree(bundle_folder, tmp_path / "serving")
    lines = [json.loads(line) for line in (folder / "golden.jsonl").read_text().splitlines()]
    read = [at for at, line in enumerate(lines) if line["text"]]
    lines[read[0]]["text"] += " autre"
    lines[read[1]]["predictions"][0][1] += 1e-5
    lines[read[2]]["predictions"][0][1] += 1e-6
    lines[read[3]]["predictions"].pop()
    (folder / "golden.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    bundle = read_bundle(bundle_folder)
    told = check_golden(type(bundle)(folder, bundle.classifier, bundle.nomenclature, bundle.meta))
    assert [line.split(":")[0] for line in told] == [f"line {read[at] + 1}" for at in (0, 1, 3)]
