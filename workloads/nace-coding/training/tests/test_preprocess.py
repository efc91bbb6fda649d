from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nace_training.errors import UserError
from nace_training.preprocess import Preprocessor, read_spec
from nace_training.preprocess.build import full
from nace_training.preprocess.conformance import files
from nace_training.preprocess.spec import checked_spec, rendered
from nace_training.preprocess.steps import STEPS

ROOT = Path(__file__).parents[1]
FULL = Preprocessor(read_spec(ROOT / "preprocess.json"))


def test_the_file_is_what_the_program_writes() -> None:
    assert (ROOT / "preprocess.json").read_text(encoding="utf-8") == rendered(full())


def test_the_conformance_files_are_what_the_program_writes() -> None:
    for name, content in files(FULL.spec).items():
        assert (ROOT / "conformance" / name).read_text(encoding="utf-8") == content, name


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        ({"op": "transliterate", "table": {"œ": "oe", "\u200b": ""}}, "Œuf bœ\u200buf\t€\x7f", " uf boeuf   "),
        ({"op": "lowercase"}, "ABZ[`", "abz[`"),
        ({"op": "keep", "characters": "ab"}, "a-b c", "a b  "),
        ({"op": "removePhrases", "phrases": ["a b", "a b c", "c d"]}, "a b c d a b x", "d x"),
        ({"op": "removePhrases", "phrases": ["b", "a c"]}, "a b c", "a c"),
        ({"op": "removePhrases", "phrases": ["idem"]}, "idempotent idem.", "idempotent idem."),
        ({"op": "joinPrefix", "prefixes": ["e"]}, "e-commerce e sport e- the e", "ecommerce esport e- the e"),
        ({"op": "joinPrefix", "prefixes": ["e"]}, "e e commerce", "ee commerce"),
        ({"op": "removeWords", "words": ["de"]}, "de dedans de", "dedans"),
        ({"op": "minimumLength", "characters": 2}, "a bb c", "bb"),
        ({"op": "uniqueWords"}, "b a b a", "b a"),
        ({"op": "stem", "algorithm": "french"}, "boulangeries boulangers", "boulanger boulanger"),
    ],
)
def test_each_step(step: dict[str, Any], text: str, expected: str) -> None:
    assert STEPS[step["op"]](step)(text) == expected


def test_threads_that_stem_at_once_do_not_disturb_each_other() -> None:
    stems: dict[str, str] = json.loads((ROOT / "conformance" / "stems.json").read_text(encoding="utf-8"))
    words = [each for each in stems if " " not in each]
    start = threading.Barrier(4)

    def wrong(first: int) -> list[str]:
        start.wait()
        return [word for word in words[first:] + words[:first] if stem(word) != stems[word]]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(3):
                stem = STEPS["stem"]({"op": "stem", "algorithm": "french"})
                assert list(pool.map(wrong, range(0, 4000, 1000))) == [[]] * 4
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("text", ["", " ", "idem", "Voir ci-dessus !", "siège social", "12345", "\n", "n° 12", "😀"])
def test_descriptions_without_a_word(text: str) -> None:
    assert FULL.words(text) == ""


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_whatever_is_written_becomes_separate_lower_case_words(text: str) -> None:
    words = FULL.words(text)
    assert set(words) <= set("abcdefghijklmnopqrstuvwxyz ")
    assert words == " ".join(words.split())


def test_features_follow_the_words_and_never_stand_alone() -> None:
    spec = read_spec(ROOT / "conformance" / "features.json")
    read = Preprocessor(spec).read
    assert read({"text": "Cours de musique", "type": "X"}) == "cours musique TYP_X NAT_NaN SRF_NaN EVT_NaN CJ_NaN CRT_NaN"
    assert read({"text": "idem", "type": "X"}) == ""
    with pytest.raises(UserError, match="field 'type': 'X Y' given"):
        read({"text": "musique", "type": "X Y"})


def test_all_problems_of_a_specification_are_told_at_once(tmp_path: Path) -> None:
    wrong = json.loads((ROOT / "preprocess.json").read_text(encoding="utf-8"))
    wrong["steps"][1]["op"] = "uppercase"
    wrong["steps"][7]["characters"] = 0
    wrong["features"] = [{"token": "TYP", "field": "typ"}]
    (tmp_path / "wrong.json").write_text(json.dumps(wrong), encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_spec(tmp_path / "wrong.json")
    for expected in ("wrong.json", "/steps/1/op", "uppercase", "/steps/7/characters", "/features/0/field"):
        assert expected in str(error.value)


def test_the_first_step_is_the_transliteration() -> None:
    with pytest.raises(UserError, match="transliterate"):
        checked_spec({**FULL.spec, "steps": FULL.spec["steps"][1:]}, "it")
