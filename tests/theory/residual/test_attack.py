"""Residuals: reference values, the enclosure, two roads, identities, bad input."""

import json

import mpmath
import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.special import ndtr

from tests import REFERENCE
from theory.checks import FloatArray
from theory.norms import NORMS
from theory.residual.attack import attack_residual, residuals

REFERENCE = json.loads((REFERENCE / "residuals.json").read_text())
CASES = {case["name"]: case for case in REFERENCE["cases"]}
ORDERS = {"linf": np.inf, "l2": 2, "l1": 1}
seeds = st.integers(0, 2**32 - 1)
norms = st.sampled_from(NORMS)


def arrays(case: dict[str, object]) -> tuple[FloatArray, FloatArray]:
    """Difference and covariance of a reference case."""
    mu, matrix = case["mu"], case["Sigma"]
    if isinstance(matrix, dict):
        d = int(matrix["d"])
        mean = np.array([0.02 * (1 + ((37 * i) % 101) / 101) for i in range(d)])
        return mean, float(matrix["sigma"]) ** 2 * np.eye(d)
    return np.array(mu, dtype=float), np.array(matrix, dtype=float)


def problem(seed: int, *, condition: float = 1e8) -> tuple[FloatArray, FloatArray, float]:
    """A difference, a covariance of up to that condition number, a radius as a fraction."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 8))
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0]
    variances = np.geomspace(1.0, 10 ** rng.uniform(0, np.log10(condition)), d)
    matrix = (basis * variances) @ basis.T
    x = np.ones(d) if rng.random() < 0.2 else rng.normal(size=d) * 10 ** rng.uniform(-3, 3)
    fraction = [rng.uniform(0, 1.1), 1 - 10 ** rng.uniform(-9, -1), 10 ** rng.uniform(-9, -1), 0.0]
    return x, (matrix + matrix.T) / 2, float(fraction[int(rng.integers(4))])


@pytest.mark.parametrize("name", list(CASES))
def test_reference(name: str) -> None:
    case = CASES[name]
    mu, covariance = arrays(case)
    result = attack_residual(mu, float(case["eps"]), covariance=covariance, norm=case["norm"])
    expected = float(case["alpha_star"])
    assert abs(result.value - expected) <= 1e-12 * max(1.0, expected)
    assert result.lower <= expected * (1 + 1e-15)
    assert result.value >= expected * (1 - 1e-15)
    assert result.value - result.lower <= 1e-12 * max(1.0, expected)
    if case["z_star"] is not None and expected > 0:
        assert np.allclose(result.perturbation, np.array(case["z_star"], float), atol=1e-9)
    if case["pi"] == "0.5" and expected < 30:
        assert ndtr(-result.value) == pytest.approx(float(case["optimal_adv_01_loss"]), rel=1e-11)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["z_star"]])
def test_reference_certifies_itself(name: str) -> None:
    """In 40 digits: z_star attains alpha_star, and the dual vector proves that none is less."""
    case = CASES[name]
    with mpmath.workdps(40):
        mu, z = mpmath.matrix(case["mu"]), mpmath.matrix(case["z_star"])
        sigma = mpmath.matrix([[mpmath.mpf(v) for v in row] for row in case["Sigma"]])
        eps, expected = mpmath.mpf(case["eps"]), mpmath.mpf(case["alpha_star"])
        primal, dual_norm = ORDERS[case["norm"]], {"linf": 1, "l2": 2, "l1": mpmath.inf}
        assert mpmath.norm(z, primal) <= eps * (1 + mpmath.mpf("1e-20"))
        w = mpmath.lu_solve(sigma, mu - z)
        attained = mpmath.sqrt(((mu - z).T * w)[0])
        assert abs(attained - expected) <= 1e-18
        if expected > 0:
            gain = (w.T * mu)[0] - eps * mpmath.norm(w, dual_norm[case["norm"]])
            assert abs(gain / attained - expected) <= 1e-18


def test_soft_thresholding_is_wrong_for_correlated_noise() -> None:
    mu, covariance = np.array([1.0, 0.2]), np.array([[1.0, 0.95], [0.95, 1.0]])
    soft = np.array([0.8, 0.0])
    claimed = np.sqrt(soft @ np.linalg.solve(covariance, soft))
    result = attack_residual(mu, 0.2, covariance=covariance)
    assert ndtr(-claimed) == pytest.approx(0.0052, abs=1e-4)
    assert ndtr(-result.value) == pytest.approx(0.080265, abs=1e-6)


@given(seed=seeds, norm=norms)
def test_enclosure(seed: int, norm: str) -> None:
    x, covariance, fraction = problem(seed)
    epsilon = fraction * float(np.linalg.norm(x, ORDERS[norm]))
    result = attack_residual(x, epsilon, covariance=covariance, norm=norm)
    root = np.linalg.cholesky(covariance)
    whole = float(np.linalg.norm(np.linalg.solve(root, x)))
    assert np.linalg.norm(result.perturbation, ORDERS[norm]) <= epsilon
    assert 0.0 <= result.lower <= result.value
    assert result.value - result.lower <= 1e-12 * whole
    attained = np.linalg.norm(np.linalg.solve(root, x - result.perturbation))
    assert attained == pytest.approx(result.value, rel=1e-5, abs=1e-6 * whole)
    if fraction > 1.0:
        assert result.value == result.lower == 0.0
    if fraction == 0.0:
        assert result.value == pytest.approx(whole, rel=1e-6)


@given(seed=seeds, norm=norms)
def test_no_random_shift_does_better(seed: int, norm: str) -> None:
    x, covariance, fraction = problem(seed, condition=1e3)
    epsilon = fraction * float(np.linalg.norm(x, ORDERS[norm]))
    result = attack_residual(x, epsilon, covariance=covariance, norm=norm)
    rng = np.random.default_rng(seed)
    shifts = result.perturbation + rng.normal(size=(200, len(x))) * epsilon * 0.1
    sizes = np.linalg.norm(shifts, ORDERS[norm], axis=1)
    shifts *= np.minimum(1.0, epsilon / np.maximum(sizes, 1e-300))[:, None]
    left = np.linalg.solve(np.linalg.cholesky(covariance), (x - shifts).T)
    assert np.linalg.norm(left, axis=0).min() >= result.lower * (1 - 1e-9)


@given(seed=seeds, norm=norms)
def test_diagonal_agrees_with_general(seed: int, norm: str) -> None:
    """Two roads: closed forms against the active set, through a covariance that is rotated."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(2, 7))
    x, deviations = rng.normal(size=d), 10 ** rng.uniform(-2, 2, size=d)
    epsilon = rng.uniform(0, 1) * float(np.linalg.norm(x, ORDERS[norm]))
    closed = attack_residual(x, epsilon, covariance=deviations**2, norm=norm)
    nearly = np.diag(deviations**2)
    nearly[0, 1] = nearly[1, 0] = 1e-14 * deviations[0] * deviations[1]
    general = attack_residual(x, epsilon, covariance=nearly, norm=norm)
    assert general.value == pytest.approx(closed.value, rel=1e-11)
    assert closed.value - closed.lower <= 1e-12 * float(np.linalg.norm(x / deviations))
    full = attack_residual(x, epsilon, covariance=np.diag(deviations**2), norm=norm)
    assert full.value == closed.value


@given(seed=seeds, norm=norms, sigma=st.floats(1e-3, 1e3))
def test_vectorised_agrees_with_one_by_one(seed: int, norm: str, sigma: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, 2, 5)) * 10 ** rng.uniform(-6, 6, size=(3, 2, 1))
    x[0, 0] = 0.0
    many = residuals(x, 0.7, sigma=sigma, norm=norm)
    assert many.shape == (3, 2)
    for index in np.ndindex(3, 2):
        one = attack_residual(x[index], 0.7, sigma=sigma, norm=norm)
        assert many[index] == one.value
        assert one.lower <= one.value
    covariance = np.eye(5) + 0.5
    many = residuals(x, 0.7, covariance=covariance, norm=norm)
    for index in np.ndindex(3, 2):
        one = attack_residual(x[index], 0.7, covariance=covariance, norm=norm)
        assert many[index] == one.value


@given(seed=seeds, norm=norms, power=st.integers(-480, 480))
def test_scaling(seed: int, norm: str, power: int) -> None:
    """A unit that is a power of two changes no bit, from 1e-289 to 1e289."""
    x, covariance, fraction = problem(seed, condition=1e3)
    epsilon = fraction * float(np.linalg.norm(x, ORDERS[norm]))
    unit = 2.0 ** (2 * power)
    base = attack_residual(x, epsilon, sigma=2.0, norm=norm)
    scaled = attack_residual(x * unit, epsilon * unit, sigma=2.0 * unit, norm=norm)
    assert (scaled.value, scaled.lower) == (base.value, base.lower)
    assert np.array_equal(scaled.perturbation, base.perturbation * unit)
    unit = 2.0**power
    base = attack_residual(x, epsilon, covariance=covariance, norm=norm)
    scaled = attack_residual(x * unit, epsilon * unit, covariance=covariance * unit**2, norm=norm)
    assert (scaled.value, scaled.lower) == (base.value, base.lower)
    only = attack_residual(x * unit, epsilon * unit, covariance=covariance, norm=norm)
    assert (only.value, only.lower) == (base.value * unit, base.lower * unit)


@given(seed=seeds, norm=norms, power=st.integers(-980, 950))
def test_the_enclosure_is_valid_in_any_unit(seed: int, norm: str, power: int) -> None:
    """In 80 digits: the shift is admissible and leaves at most the upper end."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 5))
    x = np.ldexp(rng.normal(size=d), power)
    fractions = [
        rng.uniform(0, 1),
        1.0,
        1.0 - 10 ** rng.uniform(-16, -1),
        10 ** rng.uniform(-300, 0),
    ]
    epsilon = float(fractions[seed % 4] * np.linalg.norm(x / 2.0**power, ORDERS[norm]) * 2.0**power)
    sigma = float(np.ldexp(rng.uniform(1, 2), power))
    result = attack_residual(x, epsilon, sigma=sigma, norm=norm)
    with mpmath.workdps(80):
        shift = mpmath.matrix(result.perturbation.tolist())
        primal = mpmath.inf if norm == "linf" else ORDERS[norm]
        assert mpmath.norm(shift, primal) <= epsilon
        left = mpmath.norm(mpmath.matrix(x.tolist()) - shift, 2) / mpmath.mpf(sigma)
        assert result.lower <= left <= result.value
        covered = mpmath.norm(mpmath.matrix(x.tolist()), primal) <= epsilon
        assert covered == (result.value == 0.0)
    whole = attack_residual(x, 0.0, sigma=sigma).value
    assert result.value - result.lower <= 1e-12 * whole


@pytest.mark.parametrize("covariance", [np.eye(2), np.array([[2.0, 1.0], [1.0, 2.0]])])
def test_zero_where_the_ball_just_covers_and_only_there(covariance: FloatArray) -> None:
    for x, norm, radius in (
        ([3.0, -4.0], "l2", 5.0),
        ([3.0, -4.0], "l1", 7.0),
        ([3.0, -4.0], "linf", 4.0),
        # a tenth and two tenths, as doubles, have another sum than the double of three tenths
        ([0.1, 0.2], "l1", 0.30000000000000004),
    ):
        less = float(np.nextafter(radius, 0.0))
        assert attack_residual(x, radius, covariance=covariance, norm=norm).value == 0.0
        assert attack_residual(x, less, covariance=covariance, norm=norm).value > 0.0
        assert residuals([x], radius, covariance=covariance, norm=norm) == 0.0


@given(seed=seeds, norm=norms)
def test_falls_with_epsilon_and_is_convex_in_it(seed: int, norm: str) -> None:
    x, covariance, _ = problem(seed, condition=1e4)
    top = 1.1 * float(np.linalg.norm(x, ORDERS[norm]))
    grid = [attack_residual(x, e, covariance=covariance, norm=norm) for e in np.linspace(0, top, 9)]
    values = np.array([result.value for result in grid])
    assert (np.diff(values) <= 1e-12 * values[0]).all()
    assert (np.diff(values, 2) >= -1e-12 * values[0]).all()


@given(seed=seeds, norm=norms)
def test_unchanged_by_permutation_sign_and_padding(seed: int, norm: str) -> None:
    x, covariance, fraction = problem(seed, condition=1e3)
    epsilon = fraction * float(np.linalg.norm(x, ORDERS[norm]))
    base = attack_residual(x, epsilon, covariance=covariance, norm=norm)
    order = np.random.default_rng(seed).permutation(len(x))
    turned = attack_residual(
        -x[order], epsilon, covariance=covariance[np.ix_(order, order)], norm=norm
    )
    assert turned.value == pytest.approx(base.value, rel=1e-11, abs=1e-13)
    wide = np.eye(len(x) + 2)
    wide[: len(x), : len(x)] = covariance
    padded = attack_residual(np.append(x, [0, 0]), epsilon, covariance=wide, norm=norm)
    assert padded.value == pytest.approx(base.value, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"difference": [[1.0]]}, r"^difference must have 1 dimensions, got shape \(1, 1\)$"),
        ({"difference": []}, r"^difference must not be empty, got shape \(0,\)$"),
        ({"difference": [np.nan]}, r"^difference must be finite, got nan$"),
        ({"epsilon": -0.1}, r"^epsilon must be >= 0, got -0.1$"),
        ({"epsilon": float("inf")}, r"^epsilon must be finite, got inf$"),
        ({"norm": "l3"}, r"^norm must be one of linf, l2, l1, got 'l3'$"),
        ({"sigma": 0.0}, r"^sigma must be finite and > 0, got 0$"),
        ({"sigma": 1.0, "covariance": np.eye(2)}, r"^sigma must be left out when covariance is"),
        ({"covariance": [1.0, 0.0]}, r"^covariance must have variances > 0, got 0$"),
        (
            {"covariance": [1e-7, 1e6]},
            r"^covariance must have a condition number <= 1e\+12, got 1.0e\+13; add noise to every",
        ),
        (
            {"covariance": [1e-300, 1e300]},
            r"^covariance must have a condition number <= 1e\+12, got 10\^600; add noise to every",
        ),
        ({"covariance": [1.0]}, r"^covariance must have shape \(2,\), got shape \(1,\)$"),
        ({"covariance": np.eye(3)}, r"^covariance must have shape \(2, 2\), got shape \(3, 3\)$"),
        ({"covariance": [[1, 2], [2, 1]]}, r"^covariance must be positive definite, got least"),
        ({"covariance": [[1, 0.5], [0, 1]]}, r"^covariance must be symmetric, got entries that"),
    ],
)
def test_refused(arguments: dict[str, object], message: str) -> None:
    good: dict[str, object] = {"difference": [1.0, 2.0], "epsilon": 0.1}
    with pytest.raises(ValueError, match=message):
        attack_residual(**{**good, **arguments})  # type: ignore[arg-type]


def test_refused_many() -> None:
    with pytest.raises(ValueError, match=r"^differences must have shape \(\.\.\., d\), got shape"):
        residuals(1.0, 0.1)
    with pytest.raises(ValueError, match=r"^epsilon must be >= 0, got -1$"):
        residuals([[1.0]], -1)


def rotated(rng: np.random.Generator, d: int, power: float) -> FloatArray:
    """A covariance of that size whose condition number is ten to that power."""
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0]
    matrix = (basis * np.geomspace(1.0, 10.0**power, d)) @ basis.T
    return np.asarray((matrix + matrix.T) / 2)


@pytest.mark.parametrize(
    ("seed", "norm", "power"),
    [
        (894, "linf", 6),
        (1170, "linf", 6),
        (1317, "linf", 6),
        (2101, "l1", 6),
        (168, "linf", 7),
        (645, "l1", 7),
        (214, "l1", 8),
        (2436, "linf", 8),
    ],
)
def test_enclosure_where_clipped_steps_point_uphill(seed: int, norm: str, power: int) -> None:
    rng = np.random.default_rng([seed, 10 * power])
    covariance = rotated(rng, (d := int(rng.integers(2, 8))), power)
    x = rng.normal(size=d)
    fraction = [rng.uniform(0, 1), 1 - 10 ** rng.uniform(-9, -1), 10 ** rng.uniform(-9, -1)]
    epsilon = fraction[seed % 3] * float(np.linalg.norm(x, ORDERS[norm]))
    result = attack_residual(x, epsilon, covariance=covariance, norm=norm)
    whole = attack_residual(x, 0.0, covariance=covariance).value
    assert 0.0 <= result.value - result.lower <= 1e-12 * whole


@pytest.mark.parametrize("norm", NORMS)
def test_nearly_singular_covariance_is_refused(norm: str) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=5)
    for power in (11.9, 12.1, 17.0):
        covariance = rotated(rng, 5, power)
        if power < 12.0:
            result = attack_residual(x, 0.3, covariance=covariance, norm=norm)
            whole = attack_residual(x, 0.0, covariance=covariance).value
            assert 0.0 <= result.value - result.lower <= 1e-4 * whole
        else:
            with pytest.raises(ValueError, match=r"^covariance must (be pos|have a cond)"):
                attack_residual(x, 0.3, covariance=covariance, norm=norm)
