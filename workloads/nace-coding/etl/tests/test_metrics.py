"""Each metric against scipy, or against a value that was computed by hand."""

import math

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats

from nace_monitoring import metrics

A = np.array([10.0, 20.0, 30.0, 40.0])
B = np.array([50.0, 30.0, 15.0, 5.0])


def test_by_hand_on_two_bins() -> None:
    a, b = np.array([1.0, 1.0]), np.array([4.0, 0.0])
    # Shares (1/2, 1/2) and (1, 0): the coefficient is sqrt(1/2).
    assert metrics.bhattacharyya(a, b) == pytest.approx(math.log(2) / 2)
    assert metrics.hellinger(a, b) == pytest.approx(math.sqrt(1 - math.sqrt(0.5)))
    assert metrics.greatest_difference(a, b) == 0.5
    assert metrics.kolmogorov_smirnov(a, b) == 0.5
    # Smoothed: (1.5, 1.5) / 3 and (4.5, 0.5) / 5.
    assert metrics.kullback_leibler(a, b) == pytest.approx(0.9 * math.log(1.8) + 0.1 * math.log(0.2))
    assert metrics.population_stability(a, b) == pytest.approx(0.4 * math.log(1.8) - 0.4 * math.log(0.2))


def test_chi_squared_is_that_of_the_table() -> None:
    table = scipy.stats.chi2_contingency(np.array([A, 3 * B]), correction=False)
    assert metrics.chi_squared(A, 3 * B) == pytest.approx(table.statistic)
    # A bin that nobody fills says nothing.
    assert metrics.chi_squared(np.append(A, 0), np.append(3 * B, 0)) == pytest.approx(table.statistic)


def test_others_are_those_of_scipy() -> None:
    assert metrics.jensen_shannon(A, B) == pytest.approx(scipy.spatial.distance.jensenshannon(A, B))
    assert metrics.kullback_leibler(A, B) == pytest.approx(scipy.stats.entropy(B + 0.5, A + 0.5))
    values = [np.repeat(np.arange(4), counts.astype(int)) for counts in (A, B)]
    assert metrics.kolmogorov_smirnov(A, B) == pytest.approx(scipy.stats.ks_2samp(*values).statistic)


def test_the_same_is_at_no_distance_and_all_at_once_is_as_one_by_one() -> None:
    pairs = [(A, A), (A, B), (B, A), (A, np.array([0.0, 0.0, 0.0, 3.0]))]
    for name, metric in metrics.METRICS.items():
        assert metric(A, 1.0 * A) == pytest.approx(0, abs=1e-7), name
        one_by_one = [float(metric(a, b)) for a, b in pairs]
        at_once = metric(np.column_stack([a for a, _ in pairs]), np.column_stack([b for _, b in pairs]))
        assert at_once == pytest.approx(one_by_one), name
        assert one_by_one[1] > 0.01, name


@pytest.mark.parametrize("name", sorted(metrics.METRICS))
def test_an_empty_window_gives_a_number(name: str) -> None:
    assert np.isfinite(metrics.METRICS[name](A, np.zeros(4)))
