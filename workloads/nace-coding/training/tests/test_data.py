from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from nace_training.data import Dataset, Example, build, group_of
from nace_training.errors import UserError
from nace_training.nomenclatures import nomenclature, successors
from nace_training.preprocess import Preprocessor
from nace_training.tables import read_annotated, read_table, write_dataset

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("name", "codes", "sections"), [("naf2", 732, 21), ("nace2", 615, 21), ("nace21", 651, 22)])
def test_the_nomenclatures_are_whole(name: str, codes: int, sections: int) -> None:
    labels = nomenclature(name).labels
    assert len(labels) == codes
    assert len({each["levels"][0] for each in labels.values()}) == sections
    assert all(each["levels"][-1] == code and each["label"] for code, each in labels.items())


def test_a_label_and_its_levels() -> None:
    assert nomenclature("naf2").labels["4711F"] == {"label": "Hypermarchés", "levels": ["G", "47", "471", "4711", "4711F"]}


def test_successors_in_the_next_revision() -> None:
    counts = Counter(min(len(each), 2) for each in successors().values())
    assert counts == {1: 456, 2: 159}
    assert successors()["9602"] == ("9621", "9622")


def test_phrases_with_the_same_words_stand_on_one_side(naf2: Dataset, preprocessor: Preprocessor) -> None:
    sides: dict[str, set[str]] = {}
    for each in naf2.examples:
        sides.setdefault(group_of(preprocessor.words(each.text)), set()).add(each.split)
    assert all(len(each) == 1 for each in sides.values())
    assert len(naf2.of("gold")) > 250 and len(naf2.of("test")) > 250


def test_every_code_is_learned(naf2: Dataset) -> None:
    assert {each.code for each in naf2.of("train")} == set(naf2.nomenclature.labels)


def test_a_phrase_means_one_code(naf2: Dataset, preprocessor: Preprocessor) -> None:
    held_out: dict[str, set[str]] = {}
    for each in naf2.of("test") + naf2.of("gold"):
        held_out.setdefault(group_of(preprocessor.words(each.text)), set()).add(each.code)
    assert all(len(codes) == 1 for codes in held_out.values())


def test_codes_without_a_phrase_get_their_label(preprocessor: Preprocessor) -> None:
    dataset = build(nomenclature("nace21"), preprocessor)
    labels = [each for each in dataset.examples if each.source == "label"]
    assert len(labels) > 100
    assert all(each.text == dataset.nomenclature.labels[each.code]["label"] for each in labels)
    others = {each.code for each in dataset.of("train") if each.source != "label"}
    assert not others & {each.code for each in labels}


def test_the_data_are_the_same_in_every_process(tmp_path: Path, naf2: Dataset) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "nace_training", "data", "--output", str(tmp_path / seed)]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        assert json.loads((tmp_path / seed / "dataset.json").read_text())["digest"] == naf2.digest
    for name in ("train.parquet", "test.parquet", "gold.parquet"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_annotations_are_trained_and_judged_by_and_move_nothing_else(naf2: Dataset, preprocessor: Preprocessor) -> None:
    annotated = [
        Example(f"atelier {word} réparation", "9529Z", "annotation", "gold", type="X")
        for word in ("vélo", "montre", "horloge", "jouet", "piano", "guitare", "violon", "trottinette", "poussette", "valise")
    ]
    more = build(naf2.nomenclature, preprocessor, annotated)
    added = [each for each in more.examples if each.source == "annotation"]
    assert {each.split for each in added} == {"train", "gold"}
    assert [each.type for each in added] == ["X"] * len(annotated)
    assert [each for each in more.examples if each.source != "annotation"] == list(naf2.examples)
    assert more.digest != naf2.digest


def test_annotations_with_unknown_codes_are_refused(naf2: Dataset, preprocessor: Preprocessor) -> None:
    annotated = [Example("x", "9999X", "annotation", "gold"), Example("y", "0000A", "annotation", "gold")]
    with pytest.raises(UserError, match=r"(?s)0000A \(1 times\).*9999X"):
        build(naf2.nomenclature, preprocessor, annotated)


def test_tables_are_read_back(tmp_path: Path, naf2: Dataset) -> None:
    write_dataset(naf2, tmp_path)
    back = read_annotated(str(tmp_path / "gold.parquet"), naf2.nomenclature)
    assert [(each.text, each.code, each.type) for each in back] == [(each.text, each.code, None) for each in naf2.of("gold")]


def test_a_csv_keeps_its_leading_zeros_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    pd.DataFrame({"text": ['du "bon" pain, frais'], "code": ["01.11Z"], "nature": ["01"], "event": [None]}).to_csv(path, index=False)
    assert read_table(str(path))["nature"].tolist() == ["01"]
    (row,) = read_annotated(str(path), nomenclature("naf2"))
    assert (row.text, row.code, row.nature, row.event) == ('du "bon" pain, frais', "0111Z", "01", None)


def test_what_people_found_unclassifiable_teaches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("text,code\npain,0111Z\nbonjour,XXXXX\n")
    assert [each.text for each in read_annotated(str(path), nomenclature("naf2"))] == ["pain"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("texte,code\na,0111Z\n", "column 'text' is missing"),
        ("text,code\na,\n", "row 1: text or code is missing"),
        ("text,code\na,0111X\n", "0111X"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "gold.csv").write_text(content)
    with pytest.raises(UserError, match=told):
        read_annotated(str(tmp_path / "gold.csv"), nomenclature("naf2"))
    with pytest.raises(UserError, match=r"nothing\.parquet cannot be read"):
        read_table(str(tmp_path / "nothing.parquet"))
