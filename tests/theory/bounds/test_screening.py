"""Lower ends of residuals, and bounds that compute the residuals of few pairs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.special import ndtri

from theory.bounds import cutting_planes
from theory.bounds.constraints import pairwise_constraints, setting_residuals
from theory.bounds.pairwise import solve
from theory.bounds.screening import residual_floors
from theory.bounds.worst_transformation import worst_transformation_bound
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.norms import NORMS
from theory.residual.attack import attack_residual
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

NOISES = ("isotropic", "diagonal", "general")


def covariance_of(noise, dimension, rng):
    """A covariance that cyclic shifts leave unchanged, or for "diagonal" only half turns do."""
    if noise == "diagonal":
        return np.diag(np.tile(rng.uniform(0.2, 4.0, dimension // 2), 2))
    lags = np.minimum(np.arange(dimension), dimension - np.arange(dimension))
    row = 0.6**lags + 0.3 * (lags == 0)
    return row[(np.arange(dimension)[:, None] - np.arange(dimension)) % dimension]


def varied_setting(seed, noise, norm, *, components=6, dimension=6, separation=None):
    """Components of three classes and of weights and separations of any size."""
    rng = np.random.default_rng(seed)
    apart = rng.choice([0.3, 1.0, 3.0]) if separation is None else separation
    means = apart * rng.normal(size=(components, dimension))
    labels = np.arange(components) % 3
    weights = rng.dirichlet(np.full(components, rng.choice([0.5, 5.0]))) + 1e-6
    weights /= weights.sum()
    if noise == "isotropic":
        mixture = GaussianMixture(means, labels, weights, sigma=rng.choice([0.3, 1.0, 2.0]))
        moves = np.array([rng.permutation(dimension) for _ in range(3)])
    else:
        covariance = covariance_of(noise, dimension, rng)
        mixture = GaussianMixture(means, labels, weights, covariance=covariance)
        turns = (0, dimension // 2) if noise == "diagonal" else (0, 1, 4)
        moves = np.array([np.roll(np.arange(dimension), k) for k in turns])
    return Setting(mixture, Transformations(moves), float(rng.choice([0.05, 0.2, 0.6])), norm)


def all_known(network):
    """The network with the residual of every pair, none left out before."""
    floors = np.where(np.isfinite(network.floors), 0.0, np.inf)
    whole = replace(network, floors=floors, known=np.zeros_like(network.known))
    assert np.isfinite(whole.residual).all()
    assert whole.known[whole.left, whole.right].all()
    return whole


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("noise", NOISES)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1e-3, 0.1, 0.7, 30.0]), st.integers(-30, 30))
def test_floors_are_never_above_the_residual(noise, norm, seed, epsilon, power):
    """Whatever the scale, and far from the origin, where subtraction loses digits."""
    setting = varied_setting(seed, noise, norm, components=3)
    mixture, unit = setting.mixture, 2.0**power
    offset = 0.0 if seed % 2 else 1e6 * unit
    covariance = None if mixture.covariance is None else mixture.covariance * unit**2
    sigma = mixture.sigma * unit if covariance is None else 1.0
    means = mixture.means * unit + offset
    scaled = Setting(
        GaussianMixture(means, mixture.labels, mixture.weights, sigma, covariance=covariance),
        setting.transformations,
        epsilon * unit,
        norm,
    )
    radius = epsilon * unit
    floors = residual_floors(scaled, means, means[::-1], radius)
    upper = setting_residuals(scaled, means[:, None], means[::-1], radius)
    assert (floors >= 0.0).all()
    assert (floors <= upper).all()
    if offset:
        return
    for (i, k), floor in np.ndenumerate(floors):
        lower = attack_residual(
            means[i] - means[::-1][k],
            radius,
            sigma=sigma if covariance is None else None,
            covariance=covariance,
            norm=norm,
        ).lower
        # of the residual's own lower end only what rounding of a difference may cost is exceeded
        assert floor <= lower + 1e-12 * (1.0 + upper[i, k])
        # and the floors serve: they are sharp for the noises that are common
        if (noise == "isotropic" and norm != "l1") or epsilon == 0.0:
            assert floor >= lower - 1e-6


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e300])
@pytest.mark.parametrize("noise", NOISES)
def test_floors_of_extreme_distances_are_sound(noise, scale):
    setting = varied_setting(3, noise, "linf")
    means = setting.mixture.means * scale
    for epsilon in (0.0, 0.3 * scale, 3.0 * scale):
        floors = residual_floors(setting, means, -means, epsilon)
        with np.errstate(over="ignore"):
            exact = setting_residuals(setting, means[:, None], -means[None], epsilon)
        assert (floors >= 0.0).all()
        assert (floors <= exact).all()


def agree(setting, levels):
    """Both are certified: the value lies between each bound and its gap above."""
    network = pairwise_constraints(setting)
    screened = solve(network, levels, tolerance=1e-6)
    whole = solve(all_known(network), levels, tolerance=1e-6)
    assert (screened.attainable == whole.attainable).all()
    assert (screened.gap <= 1e-6).all()
    assert (screened.spatial_error <= whole.spatial_error + whole.gap + 1e-12).all()
    assert (whole.spatial_error <= screened.spatial_error + screened.gap + 1e-12).all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("noise", NOISES)
def test_screening_does_not_change_the_bound(noise, norm):
    agree(varied_setting(2, noise, norm), np.array([0.35, 0.1]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 40))
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("noise", NOISES)
def test_screening_never_changes_the_bound(noise, norm, seed):
    levels = np.random.default_rng(seed).uniform(0.0, 0.6, 4)
    agree(varied_setting(seed, noise, norm, components=3 + seed % 6), levels)


def test_few_residuals_are_computed():
    means = 0.5 * np.random.default_rng(0).normal(size=(60, 16))
    moves = Transformations([np.roll(np.arange(16), k) for k in range(4)])
    network = pairwise_constraints(Setting(GaussianMixture(means, np.arange(60) % 5), moves, 0.1))
    bound = solve(network, 0.2, tolerance=1e-6)
    assert bound.gap <= 1e-6
    computed = np.triu(network.known).sum()
    assert 0 < computed < 0.1 * np.triu(np.isfinite(network.floors)).sum()


@pytest.mark.parametrize("passes", [1, 40])
def test_useless_floors_cost_time_and_no_truth(passes, monkeypatch):
    """Floors of zero screen out nothing, and few passes leave constraints unseen."""
    monkeypatch.setattr(cutting_planes, "_PASSES", passes)
    network = pairwise_constraints(varied_setting(1, "isotropic", "linf"))
    truth = solve(all_known(network), 0.2, tolerance=1e-8)
    blind = replace(
        network,
        floors=np.where(np.isfinite(network.floors), 0.0, np.inf),
        known=np.zeros_like(network.known),
    )
    bound = solve(blind, 0.2, tolerance=1e-6)
    assert bound.spatial_error <= truth.spatial_error + truth.gap + 1e-12
    assert truth.spatial_error <= bound.spatial_error + bound.gap + 1e-12
    if passes == 40:
        assert bound.gap <= 1e-6


@pytest.mark.parametrize("number", [1, 2])
def test_constraints_left_out_weaken_the_bound_only(number):
    """Half of the network knows less, never more."""
    network = pairwise_constraints(varied_setting(number, "isotropic", "l2"))
    fewer = np.triu(np.random.default_rng(number).random(network.floors.shape) < 0.5)
    floors = np.where(fewer | fewer.T, np.inf, network.floors)
    part = replace(network, floors=floors, known=np.zeros_like(network.known))
    levels = np.array([0.5, 0.2])
    less, all_ = (solve(one, levels, tolerance=1e-6) for one in (part, network))
    assert (less.spatial_error <= all_.spatial_error + all_.gap + 1e-12).all()


def by_every_tangent(network, level):
    """The programme over many tangents of every constraint: a second, exhaustive road."""
    errors = np.geomspace(1e-6, 0.999, 150)
    pairs = len(network.left)
    r = np.tile(network.residual, 2)[:, None]
    one = np.concatenate([network.left, network.right])[:, None]
    other = np.concatenate([network.right, network.left])[:, None]
    slope = np.exp(-r * ndtri(errors) - r * r / 2)
    right = (gaussian_tradeoff(errors, r) + slope * errors).ravel()
    rows = np.zeros((2 * pairs, len(errors), len(network.cost)))
    np.put_along_axis(rows, np.broadcast_to(one[..., None], (*slope.shape, 1)), 1.0, 2)
    np.put_along_axis(
        rows, np.broadcast_to(other[..., None], (*slope.shape, 1)), slope[..., None], 2
    )
    best = linprog(
        network.cost,
        A_ub=csr_array(np.vstack([-rows.reshape(len(right), -1), network.budget])),
        b_ub=np.append(-right, level),
        bounds=(0, 1),
    )
    return best.fun


@pytest.mark.parametrize("noise", NOISES)
def test_an_exhaustive_programme_gives_the_same_value(noise):
    network = pairwise_constraints(varied_setting(4, noise, "linf", components=3, separation=0.5))
    assert len(network.left) > 10
    for level in (0.6, 0.45):
        bound = solve(network, level, tolerance=1e-7)
        assert bound.attainable
        assert bound.spatial_error > 0.01
        exhaustive = by_every_tangent(network, level)
        # tangents lie below the curve: theirs is at most the value of the network
        assert exhaustive <= bound.spatial_error + bound.gap + 1e-8
        assert bound.spatial_error <= exhaustive + 1e-4


def test_the_worst_transformation_is_screened_soundly():
    setting = varied_setting(2, "general", "l1")
    bound = worst_transformation_bound(setting, [0.3, 0.1])
    assert (bound.gap <= 1e-6).all()
