"""How often a check speaks of drift when both windows are of one population, and whether it sees what has changed."""

import os

import numpy as np
import pytest
import scipy.stats
from corpus import levels
from population import rows

from nace_monitoring.classes import changes
from nace_monitoring.features import Aspect, aspects
from nace_monitoring.permutation import compare

SECTION_OF = {code[:2]: found[0] for code, found in levels().items()}
ALPHA = 0.05
DRAWS = int(os.environ.get("NACE_NULL_DRAWS", "250"))
"""Draws for each size; 1,000 for the figures of the documentation."""


def check(a: int, b: int, seed: int, **changed: object) -> tuple[float, list[Aspect], object]:
    reference, current = rows(a, 2 * seed), rows(b, 2 * seed + 1, **changed)  # type: ignore[arg-type]
    found = aspects(reference, current, SECTION_OF)
    p_value, compared = compare(found, a, ALPHA, 199, seed, all_metrics=False)
    return p_value, found, compared


@pytest.mark.parametrize(("reference", "current"), [(50, 50), (500, 500), (5000, 5000), (2000, 50)])
def test_false_alarms_are_as_frequent_as_they_may_be(reference: int, current: int) -> None:
    """A binomial band of 99.9 %: a check that alarms at 0.05 is outside of it when its true rate is 0.1 or 0.01."""
    alarms = np.zeros(DRAWS, bool)
    classes = np.zeros(DRAWS, bool)
    for draw in range(DRAWS):
        p_value, _, compared = check(reference, current, 1000 * current + draw)
        alarms[draw] = p_value <= ALPHA
        level = next(one for one in compared if one.aspect.name == "level_5")  # type: ignore[attr-defined]
        classes[draw] = bool(changes(level.aspect, level.reference, level.current, reference, current, ALPHA)[0])
    low, high = scipy.stats.binom.interval(0.999, DRAWS, ALPHA)
    print(
        f"\nn = {reference}, m = {current}: {alarms.sum()} alarms in {DRAWS} draws, classes {classes.sum()}; band {low:.0f} to {high:.0f}"
    )
    assert low <= alarms.sum() <= high
    # The test of a class is exact and discrete: it alarms at most as often.
    assert classes.sum() <= high


@pytest.mark.parametrize(
    ("changed", "aspect", "size", "least"),
    [
        ({"language": "en"}, "words", 100, 0.95),
        ({"section": "G", "mixed": 0.3}, "level_1", 500, 0.95),
        ({"section": "A", "mixed": 0.1}, "level_1", 2000, 0.9),
        ({"shift": 0.15}, "confidence", 500, 0.95),
    ],
)
def test_what_has_changed_is_found(changed: dict[str, object], aspect: str, size: int, least: float) -> None:
    found = 0
    for draw in range(20):
        p_value, _, compared = check(2000, size, draw, **changed)
        adjusted = {one.aspect.name: one.p_value for one in compared}  # type: ignore[attr-defined]
        found += p_value <= ALPHA and adjusted[aspect] <= ALPHA
    assert found >= 20 * least


def test_a_class_that_has_grown_is_named() -> None:
    reference, current = rows(3000, 1), rows(3000, 2, section="A", mixed=0.2)
    found = aspects(reference, current, SECTION_OF)
    _, compared = compare(found, 3000, ALPHA, 199, 0, all_metrics=False)
    level = next(one for one in compared if one.aspect.name == "level_1")
    changed, tested, _ = changes(level.aspect, level.reference, level.current, 3000, 3000, ALPHA)
    assert changed[0].name == "A"
    assert changed[0].current_share > changed[0].reference_share + 0.1
    assert tested > 10


def test_the_false_discovery_rate_is_held_over_the_classes() -> None:
    """One class grows, hundreds do not: of what is named, few are false."""
    random = np.random.default_rng(3)
    named_false, named = 0, 0
    shares = np.append(np.full(400, 0.9 / 400), 0.1)
    grown = np.append(np.full(400, 0.85 / 400), 0.15)
    aspect = aspects(rows(10, 1), rows(10, 2), SECTION_OF)[5]
    names = Aspect("classes", [str(number) for number in range(401)], aspect.primary, False, aspect.matrix)
    for _ in range(200):
        a, b = random.multinomial(8000, shares).astype(float), random.multinomial(8000, grown).astype(float)
        found = [change.name for change in changes(names, a, b, 8000, 8000, 0.1)[0]]
        assert "400" in found
        named += 1
        named_false += len(found) > 1
    # With one true change among two named at least every second would be false: at most a tenth on average, so at most a fifth of the draws.
    assert named_false / named <= 0.2
    # Without the correction, every draw would name a false one.
    assert scipy.stats.binom.sf(0, 400, 0.05) > 0.99


def test_the_threshold_is_what_chance_exceeds_with_alpha() -> None:
    """The threshold of chi-squared over bins with many rows is that of its distribution."""
    random = np.random.default_rng(4)
    values = random.integers(0, 10, 8000)
    import scipy.sparse

    matrix = scipy.sparse.csr_matrix((np.ones(8000, np.float32), (np.arange(8000), values)), shape=(8000, 10))
    _, [compared] = compare([Aspect("digits", [str(n) for n in range(10)], "chi_squared", True, matrix)], 5000, ALPHA, 999, 1)
    assert compared.metrics["chi_squared"].threshold == pytest.approx(scipy.stats.chi2.isf(ALPHA, 9), rel=0.1)
    # PSI of nothing is (1/n + 1/m) chi-squared of bins - 1, so a rule such as 0.1 is no constant.
    expected = (1 / 5000 + 1 / 3000) * scipy.stats.chi2.isf(ALPHA, 9)
    assert compared.metrics["population_stability"].threshold == pytest.approx(expected, rel=0.12)
