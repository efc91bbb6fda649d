from __future__ import annotations

import pytest

from nace_training.confidence import isotonic, margin
from nace_training.errors import UserError
from nace_training.evaluation import Evaluation
from nace_training.nomenclatures import nomenclature
from nace_training.parameters import Parameters

NAF2 = nomenclature("naf2")


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [([], 0.0), ([("a", 0.9)], 0.9), ([("a", 0.7), ("b", 0.2), ("c", 0.1)], 0.5), ([("a", 1.00001), ("b", -1e-5)], 1.0)],
)
def test_margin(predictions: list[tuple[str, float]], expected: float) -> None:
    assert margin(predictions) == pytest.approx(expected)


def test_isotonic_is_the_nearest_sequence_that_never_falls() -> None:
    assert isotonic([0.1, 0.5, 0.3, 0.2, 0.9], [1, 1, 1, 2, 1]) == pytest.approx([0.1, 0.3, 0.3, 0.3, 0.9])


def test_levels_by_hand() -> None:
    truths = ("4711F", "4711F", "4711F", "0111Z", "0111Z")
    answers = (
        [("4711F", 0.9), ("4711D", 0.05)],
        [("4711D", 0.6), ("4711F", 0.3)],
        [("4721Z", 0.5), ("4711A", 0.2)],
        [("0112Z", 0.4), ("4711F", 0.3)],
        [],
    )
    evaluation = Evaluation(NAF2, truths, answers)
    metrics = evaluation.metrics("gold_")
    assert [metrics[f"gold_accuracy_level_{level}"] for level in range(1, 6)] == [0.8, 0.8, 0.6, 0.4, 0.2]
    assert [metrics[f"gold_top5_accuracy_level_{level}"] for level in range(1, 6)] == [0.8, 0.8, 0.8, 0.6, 0.4]
    assert metrics["gold_accuracy"] == 0.2
    assert evaluation.by_section(4) == {"A": (2, 0.0), "G": (3, pytest.approx(2 / 3))}


def graded(rows: int) -> Evaluation:
    """Answers of which more are right the surer they are."""
    truths, answers = [], []
    for at in range(rows):
        sure = at / rows
        truths.append("4711F" if (at * 7919) % rows < at else "0111Z")
        answers.append([("4711F", 0.5 + sure / 2), ("4711D", 0.5 - sure / 2)])
    return Evaluation(NAF2, tuple(truths), tuple(answers))


def test_calibration_tells_how_often_such_answers_are_right() -> None:
    calibration = graded(1000).calibration()
    points = calibration["points"]
    assert sum(point["rows"] for point in points) == calibration["rows"] == 1000
    probabilities = [point["probability"] for point in points]
    confidences = [point["confidence"] for point in points]
    assert confidences == sorted(confidences) and probabilities == sorted(probabilities)
    assert max(abs(each["probability"] - each["confidence"]) for each in points) < 0.1


def test_histogram_and_curve_count_every_row() -> None:
    evaluation = graded(1000)
    assert sum(each["right"] + each["wrong"] for each in evaluation.histogram()) == 1000
    curve = evaluation.curve()
    assert curve[-1]["accuracy_automatic"] == curve[-1]["accuracy_with_people"] == evaluation.accuracy(5)
    assert curve[0]["accuracy_automatic"] > 0.9 > curve[-1]["accuracy_automatic"]
    assert curve[0]["accuracy_with_people"] > 0.99


def test_all_wrong_parameters_are_told_at_once() -> None:
    with pytest.raises(UserError) as error:
        Parameters(dim=0, lr=0, minn=4, maxn=3)
    for told in ("dim: 0 given", "lr: 0 given", "minn and maxn: 4 and 3 given"):
        assert told in str(error.value)
