from typing import Any

import pytest

from nace_annotation.answers import Vote, read_code, votes_of
from nace_annotation.nomenclature import Codes, Entry
from nace_annotation.verdict import alpha, judge

KNOWN = {"0111Z", "0112Z", "4711A", "0111"}


def tree(*paths: list[str]) -> dict[str, Any]:
    return {"from_name": "code", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": list(paths)}}


def said(text: str | list[str]) -> dict[str, Any]:
    return {"from_name": "remarks", "to_name": "text", "type": "textarea", "value": {"text": text}}


@pytest.mark.parametrize(
    ("result", "code", "problem"),
    [
        ([tree(["A", "01 Culture", "01.11Z Culture de céréales"])], "0111Z", None),
        ([tree(["XXXXX Inclassable"]), said("47.11A ?")], "XXXXX", None),
        ([said(["je dirais 01.11z."])], "0111Z", None),
        ([said("xxxxx")], "XXXXX", None),
        ([said("0111Z ou 0112Z")], None, "several codes in the remarks"),
        ([said("rien de connu 1234Z")], None, "no code"),
        ([], None, "no code"),
        ([tree(["A", "0111Z a"], ["A", "0112Z b"])], None, "several codes"),
        ([tree(["A", "9999Z a"])], None, "unknown code"),
        ([tree(["A", "4711A a"])], None, "not a legal successor"),
    ],
)
def test_a_code_is_read(result: list[dict[str, Any]], code: str | None, problem: str | None) -> None:
    assert read_code(result, KNOWN, {"0111Z", "0112Z"})[:2] == (code, problem)


def annotation(number: int, person: int | dict[str, int], code: str, at: str, *, cancelled: bool = False) -> dict[str, Any]:
    result = [tree(["A", f"{code} x"])]
    return {"id": number, "completed_by": person, "updated_at": at, "was_cancelled": cancelled, "result": result}


def test_the_last_word_of_each_person_counts() -> None:
    task = {
        "data": {"id": "r1"},
        "annotations": [
            annotation(1, 7, "0112Z", "2026-01-31T10:00:00+01:00"),
            annotation(2, {"id": 7}, "0111Z", "2026-01-31T09:30:00.5Z"),
            annotation(3, 8, "0112Z", "2026-01-31T11:00:00Z", cancelled=True),
        ],
    }
    votes, cancelled = votes_of(task, "general", KNOWN, KNOWN)
    assert [(vote.annotator, vote.code, vote.at) for vote in votes] == [("7", "0111Z", "2026-01-31T09:30:00.500Z")]
    assert cancelled == 1


def votes(*codes: str | None, form: str = "r1") -> list[Vote]:
    return [
        Vote(
            id=form,
            queue="general",
            annotator=str(at),
            at="2026-01-31T00:00:00.000Z",
            code=code,
            problem=None if code else "no code",
            given="",
        )
        for at, code in enumerate(codes)
    ]


@pytest.mark.parametrize(
    ("codes", "outcome", "code"),
    [
        (["a", "a", "b"], "decided", "a"),
        (["a", "a"], "decided", "a"),
        (["a"], "pending", None),
        (["a", "b"], "pending", None),
        (["a", "b", "c"], "disagreement", None),
        (["a", "a", "b", "b"], "disagreement", None),
        (["a", None, None], "pending", None),
        (["XXXXX", "XXXXX"], "unclassifiable", None),
    ],
)
def test_more_than_half_decide(codes: list[str | None], outcome: str, code: str | None) -> None:
    verdict = judge(votes(*codes), minimum=2, expected=3)
    assert (verdict.outcome, verdict.code) == (outcome, code)


def test_alpha_is_what_the_literature_computes() -> None:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example C: nominal data, four observers, missing values: 0.743."""
    table = ["11 1", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", " 555", "  11", " 3  "]
    codes = Codes("x", {}, {})
    found = [vote for at, row in enumerate(table) for vote in votes(*(value if value != " " else None for value in row), form=f"r{at}")]
    assert alpha(found, codes, None) == pytest.approx(0.743, abs=0.0005)


def test_alpha_at_a_higher_level_forgives_what_is_the_same_there() -> None:
    entries = {code: Entry(label=code, levels=[code[0], code]) for code in ("a1", "a2", "b1")}
    codes = Codes("x", entries, {})
    found = [*votes("a1", "a2", form="r1"), *votes("b1", "b1", form="r2")]
    assert alpha(found, codes, 0) == 1.0
    assert (alpha(found, codes, None) or 0) < 0.7
    assert alpha(votes("a1"), codes, None) is None
    assert alpha(votes("a1", "a1"), codes, None) is None
