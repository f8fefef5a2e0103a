"""Gaussian mixtures and settings: what a bound is about."""

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from theory.canonical import span_coordinates
from theory.checks import (
    LARGEST_ARRAY,
    FloatArray,
    InputError,
    IntArray,
    covariance_matrix,
    finite_array,
    generator,
    instance,
    integer,
    integer_array,
    items,
    nonnegative,
    one_of,
    positive,
    probabilities as check_probabilities,
    text,
    vectors,
)
from theory.norms import NORMS
from theory.setting.transformation_models import RotatedMeans
from theory.setting.transformations import Transformations

__all__ = ["GaussianMixture", "Setting", "images", "linear_in_inputs", "transform"]

# Largest total variation between the noise before and after a transformation, so small that
# subtracting it from a bound does no harm.
_WORST_DEFECT = 1e-6
# Most that rounding may move the image of a mean under a matrix, in deviations of the noise.
_WORST_ROUNDING = 1e-6
# Exponents of units in which normals of classifiers are doubles.
_LEAST_UNIT, _GREATEST_UNIT = -980, 1000
# Largest size of a mean in deviations of the noise, and a radius beyond all their differences;
# products of squares with what is left of the range stay doubles.
_FARTHEST, _ENDLESS = 1e120, 1e130
_LARGEST = float(np.finfo(np.float64).max)

T = TypeVar("T", "GaussianMixture", "Setting")


@dataclass(frozen=True, eq=False, init=False, repr=False)
class GaussianMixture:
    """Components N(mu_i, Sigma) with weights w_i and labels y_i (THEORY.md, section 1).

    Parameters
    ----------
    means : (J, d) floats
    labels : (J,) integers, of at least two distinct values
    weights : (J,) floats > 0 of sum 1, optional
        Uniform by default.
    sigma : float > 0
        Standard deviation of each coordinate, when ``covariance`` is None.
    covariance : (d, d) symmetric positive definite, optional
        Replaces ``sigma``, which then stays 1.

    Raises
    ------
    ValueError
        If a shape, label, weight or the covariance breaks a rule above.
    """

    means: FloatArray
    labels: IntArray
    weights: FloatArray
    sigma: float
    covariance: FloatArray | None

    def __init__(
        self,
        means: ArrayLike,
        labels: ArrayLike,
        weights: ArrayLike | None = None,
        sigma: float = 1.0,
        covariance: ArrayLike | None = None,
    ) -> None:
        centres = finite_array("means", means, ndim=2)
        if 0 in centres.shape:
            raise InputError(f"means must not be empty, got shape {centres.shape}")
        _subtractable("means", centres)
        names = _labels(labels, len(centres))
        if weights is None:
            shares = np.full(len(centres), 1.0 / len(centres))
        else:
            shares = check_probabilities("weights", weights, len(centres))
            if not (shares > 0.0).all():
                raise InputError("weights must be > 0, got 0; leave the component out")
        scale = positive("sigma", sigma)
        if covariance is not None and scale != 1.0:
            raise InputError(f"sigma must be left out when covariance is given, got {scale:g}")
        spread = (
            None
            if covariance is None
            else covariance_matrix("covariance", covariance, centres.shape[1])
        )
        for array in (centres, names, shares, spread):
            if array is not None:
                array.setflags(write=False)
        object.__setattr__(self, "means", centres)
        object.__setattr__(self, "labels", names)
        object.__setattr__(self, "weights", shares)
        object.__setattr__(self, "sigma", scale)
        object.__setattr__(self, "covariance", spread)

    def __repr__(self) -> str:
        spread = f"sigma={self.sigma:g}" if self.covariance is None else "general covariance"
        return (
            f"GaussianMixture({self.components} components of {len(self.classes)} classes "
            f"in dimension {self.dimension}, {spread})"
        )

    @property
    def components(self) -> int:
        """Number J of components."""
        return len(self.means)

    @property
    def dimension(self) -> int:
        """Dimension d of the inputs."""
        return int(self.means.shape[1])

    @property
    def classes(self) -> IntArray:
        """The distinct labels, in increasing order."""
        return np.unique(self.labels)

    @property
    def class_numbers(self) -> IntArray:
        """Number of the class of each component among `classes`: small, whatever the labels."""
        return np.unique(self.labels, return_inverse=True)[1].astype(np.int64)

    @property
    def deviation(self) -> float:
        """Largest standard deviation of a coordinate."""
        if self.covariance is None:
            return self.sigma
        return float(np.sqrt(np.diagonal(self.covariance).max()))

    @property
    def spread(self) -> dict[str, Any]:
        """The noise as the arguments of `attack_residual` and `residuals` name it."""
        if self.covariance is None:
            return {"sigma": self.sigma}
        return {"covariance": self.covariance}

    def scaled(self, factor: float) -> Self:
        """Return the mixture with every standard deviation multiplied by a factor."""
        if self.covariance is None:
            return type(self)(self.means, self.labels, self.weights, factor * self.sigma)
        return type(self)(
            self.means, self.labels, self.weights, covariance=factor**2 * self.covariance
        )

    @cached_property
    def _root(self) -> FloatArray:
        """Lower Cholesky factor L of the covariance."""
        if self.covariance is None:
            return self.sigma * np.eye(self.dimension)
        unit = _exponent(self.deviation)
        root = np.linalg.cholesky(np.ldexp(self.covariance, -2 * unit))
        return np.asarray(np.ldexp(root, unit), dtype=np.float64)

    @cached_property
    def whitening_error(self) -> float:
        """Bound on the relative rounding error of `whiten`, in the Mahalanobis norm.

        The factor is that of a matrix within (d + 2) units in the last place of |L| |L^T|, and
        substitution errs by as many of |L| |w| (Higham 2002, 8.5 and 10.3); with
        K = |L^{-1}| |L| they move a whitened vector by at most |K|^2 + |K| of them.
        """
        unit = (self.dimension + 2) * 2.0**-52
        if self.covariance is None:
            return unit
        from scipy.linalg import solve_triangular

        inverse = solve_triangular(self._root, np.eye(self.dimension), lower=True)
        growth = float(np.linalg.norm(np.abs(inverse) @ np.abs(self._root), 2))
        return unit * (growth * growth + growth)

    def whiten(self, x: ArrayLike) -> FloatArray:
        """Return L^{-1} x with L L^T = Sigma, for x of shape (..., d).

        Euclidean norms of whitened vectors are Mahalanobis norms, and a whitened sample of a
        component has identity covariance.

        Raises
        ------
        ValueError
            If ``x`` or the answer is not finite, or ``x`` has another shape.
        """
        points = vectors("x", x, self.dimension)
        with np.errstate(over="ignore"):
            whitened = self._whitened(points)
        if not np.isfinite(whitened).all():
            raise InputError(
                f"x must be finite in units of the noise, got {np.abs(points).max():g}"
            )
        return whitened

    def _whitened(self, x: FloatArray) -> FloatArray:
        if self.covariance is None:
            return x / self.sigma
        from scipy.linalg import solve_triangular

        flat = x.reshape(-1, self.dimension)
        return solve_triangular(self._root, flat.T, lower=True).T.reshape(x.shape)

    def colour(self, z: FloatArray) -> FloatArray:
        """Return L z for z of shape (..., d): noise of the mixture, of standard normals."""
        if self.covariance is None:
            return self.sigma * z
        return np.asarray(z @ self._root.T, dtype=np.float64)

    def precision_times(self, x: FloatArray) -> FloatArray:
        """Return Sigma^{-1} x for x of shape (..., d)."""
        if self.covariance is None:
            # the square of a deviation may be no double
            unit = 0 if 1e-140 < self.sigma < 1e140 else _exponent(self.sigma)
            return np.asarray(np.ldexp(x / float(np.ldexp(self.sigma, -unit)) ** 2, -2 * unit))
        flat = x.reshape(-1, self.dimension)
        solved = np.linalg.solve(self.covariance, flat.T).T.reshape(x.shape)
        return np.asarray(solved, dtype=np.float64)

    def score_root(self, vectors: FloatArray) -> FloatArray:
        """Return A of shape (k, rank) with A A^T = V Sigma V^T, for V of shape (k, d).

        The scores V x have the noise A z with standard normals z. Of the many such matrices it
        is the one that `span_coordinates` makes, the same on every machine.
        """
        return span_coordinates(self.seen_noise(vectors))

    def seen_noise(self, vectors: FloatArray) -> FloatArray:
        """Return V L of shape (k, d), for V of shape (k, d): scores V x have the noise (V L) z."""
        if self.covariance is None:
            return self.sigma * vectors
        return np.asarray(vectors @ self._root, dtype=np.float64)


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Setting:
    """A mixture, a random transformation and an adversary (THEORY.md, section 1).

    Parameters
    ----------
    mixture : GaussianMixture
    transformations : Transformations or RotatedMeans
        Of the mixture's dimension. Permutations must leave the covariance unchanged; rotated
        means (theory/setting/transformation_models.py) do so by definition.
    epsilon : float >= 0
        Radius of the attack, in units of the inputs.
    norm : {"linf", "l2", "l1"}
        Norm of the attack.
    name : str
    image_shape : tuple of int, optional
        Shape that makes an image of an input, where there is one.

    Raises
    ------
    ValueError
        If the dimensions differ, a transformation changes the covariance, epsilon < 0, the
        norm is unknown, or the image shape has another number of pixels.
    """

    mixture: GaussianMixture
    transformation_model: Transformations | RotatedMeans
    epsilon: float
    norm: str
    name: str
    image_shape: tuple[int, ...] | None
    invariance_defects: FloatArray

    def __init__(
        self,
        mixture: GaussianMixture,
        transformations: Transformations | RotatedMeans,
        epsilon: float,
        norm: str = "linf",
        *,
        name: str = "custom",
        image_shape: tuple[int, ...] | None = None,
    ) -> None:
        instance("mixture", mixture, GaussianMixture)
        instance("transformations", transformations, Transformations, RotatedMeans)
        d = mixture.dimension
        if transformations.dimension != d:
            raise InputError(
                f"transformations must act on dimension {d}, that of the means, "
                f"got {transformations.dimension}"
            )
        if image_shape is not None:
            sides = items("image_shape", image_shape, "integers")
            image_shape = tuple(integer("image_shape", side, minimum=1) for side in sides)
            if math.prod(image_shape) != d:
                raise InputError(f"image_shape must have {d} pixels, got {image_shape}")
        if isinstance(transformations, RotatedMeans):
            moved = transformations.apply(mixture.means)
            _subtractable("transformed means", np.concatenate([mixture.means[None], moved]))
            doubt = transformations.rounding(mixture.means) / _least_deviation(mixture)
            if not doubt <= _WORST_ROUNDING:
                raise InputError(
                    "means must keep their digits under the matrices, got a rounding error of "
                    f"{doubt:.2g} deviations of the noise; subtract what all means share"
                )
        defects = _invariance_defects(mixture, transformations)
        defects.setflags(write=False)
        object.__setattr__(self, "invariance_defects", defects)
        object.__setattr__(self, "mixture", mixture)
        object.__setattr__(self, "transformation_model", transformations)
        object.__setattr__(self, "epsilon", nonnegative("epsilon", epsilon))
        object.__setattr__(self, "norm", one_of("norm", norm, NORMS))
        object.__setattr__(self, "name", text("name", name))
        object.__setattr__(self, "image_shape", image_shape)

    def __repr__(self) -> str:
        return (
            f"Setting({self.name!r}, {self.mixture!r}, {self.transformation_model!r}, "
            f"epsilon={self.epsilon:g} in {self.norm})"
        )

    @property
    def transformations(self) -> Transformations:
        """The permutations that act on inputs; refused where only means are rotated."""
        if isinstance(self.transformation_model, RotatedMeans):
            raise InputError(
                "transformations must be permutations to act on inputs, got rotated means; "
                "in that model only the means are transformed"
            )
        return self.transformation_model

    @property
    def probabilities(self) -> FloatArray:
        """Probabilities nu_g of the transformations, shape (G,)."""
        return self.transformation_model.probabilities

    @property
    def invariance_defect(self) -> float:
        """What rounding in the covariance may cost a bound on the spatial error.

        The mean over the transformations of `invariance_defects`, bounds on the total variation
        between the noise before and after; 0 where (1.1) holds to the last bit.
        """
        return float(self.probabilities @ self.invariance_defects)

    @property
    def closed_under_inversion(self) -> bool:
        """Whether each transformation is a permutation as likely as its inverse."""
        return self.transformation_model.closed_under_inversion

    @cached_property
    def transformed_means(self) -> FloatArray:
        """The means P_g mu_i of the transformed components, shape (G, J, d)."""
        means = self.transformation_model.apply(self.mixture.means)
        means.setflags(write=False)
        return means

    def with_epsilon(self, epsilon: float) -> "Setting":
        """Return the same setting with another radius of attack.

        Raises
        ------
        ValueError
            If the radius is negative.
        """
        return _altered(self, epsilon=nonnegative("epsilon", epsilon))

    def symmetrised(self) -> "Setting":
        """Return the setting whose frontier is that of invariant classifiers.

        A classifier with f(P_g x) = f(x) for all g, such as an equivariant network, has the same
        spatial and adversarial accuracy here as there, and more bounds it: every component mu_i is
        split among all P_g mu_i in equal parts (THEORY.md, section 7.2).

        Raises
        ------
        ValueError
            If the setting rotates means only, or a transformation changes the covariance, by
            however little.
        """
        permutations = self.transformations.permutations
        worst = float(self.invariance_defects.max())
        if worst > 0.0:
            raise InputError(
                "transformations must leave the covariance unchanged to the last bit, got a change "
                f"of {worst:.3g} in the units of the noise"
            )
        distinct = np.unique(permutations, axis=0)
        mixture = self.mixture
        means = mixture.means[:, distinct].reshape(-1, mixture.dimension)
        orbit = len(distinct)
        split = GaussianMixture(
            means,
            np.repeat(mixture.labels, orbit),
            np.repeat(mixture.weights / orbit, orbit),
            mixture.sigma,
            mixture.covariance,
        )
        return _altered(self, mixture=split, name=f"{self.name}-invariant")

    @cached_property
    def in_noise_units(self) -> tuple["Setting", int]:
        """The same setting in units of 2^k, just above the largest deviation of the noise, and k.

        Accuracies are the same, and sums of squares stay far from the ends of double precision.
        A radius is cut where the ball covers every difference of means.

        Raises
        ------
        ValueError
            If a mean is farther from zero than 1e120 deviations.
        """
        unit = _exponent(self.mixture.deviation)
        largest = float(np.abs(self.mixture.means).max())
        if largest / _FARTHEST > self.mixture.deviation:
            raise InputError(
                f"means must be at most {_FARTHEST:g} deviations of the noise in size, "
                f"got {largest:.3g} with deviation {self.mixture.deviation:.3g}"
            )
        spread = self.mixture.covariance
        mixture = _altered(
            self.mixture,
            means=_frozen(np.ldexp(self.mixture.means, -unit)),
            sigma=float(np.ldexp(self.mixture.sigma, -unit)) if spread is None else 1.0,
            covariance=None if spread is None else _frozen(np.ldexp(spread, -2 * unit)),
        )
        with np.errstate(over="ignore"):
            radius = min(float(np.ldexp(self.epsilon, -unit)), _ENDLESS)
        if unit == 0 and radius == self.epsilon:
            return self, 0
        return _altered(self, mixture=mixture, epsilon=radius), unit


def linear_in_inputs(
    normals: FloatArray, offsets: FloatArray | float, unit: int
) -> tuple[FloatArray, FloatArray]:
    """Turn scores <w, x> + b of inputs in units of 2^unit into scores of the inputs themselves.

    In units beyond 2^1000 or 2^-980 both are multiplied by one power of two more, so that they
    stay doubles.
    """
    kept = int(np.clip(unit, _LEAST_UNIT, _GREATEST_UNIT))
    return np.ldexp(normals, -kept), np.asarray(np.ldexp(offsets, unit - kept))


def images(
    setting: Setting, count: int, *, rng: np.random.Generator | int
) -> tuple[FloatArray, IntArray]:
    """Draw independent inputs of a setting in full dimension, untransformed.

    Parameters
    ----------
    setting : Setting
    count : int >= 1
    rng : numpy.random.Generator or int seed
        Source of the components and of the noise, or a seed.

    Returns
    -------
    inputs : (count, d) floats
    labels : (count,) integers

    Raises
    ------
    ValueError
        If ``count`` is not in 1..2^29/d.
    """
    mixture = instance("setting", setting, Setting).mixture
    most = LARGEST_ARRAY // mixture.dimension
    size, source = integer("count", count, minimum=1, maximum=most), generator("rng", rng)
    components = source.choice(mixture.components, size=size, p=mixture.weights)
    noise = mixture.colour(source.standard_normal((size, mixture.dimension)))
    return mixture.means[components] + noise, mixture.labels[components]


def transform(setting: Setting, x: ArrayLike, *, rng: np.random.Generator | int) -> FloatArray:
    """Apply an independent random transformation of the setting to each of (n, d) inputs.

    Parameters
    ----------
    setting : Setting
    x : (n, d) floats
    rng : numpy.random.Generator or int seed
        Source of the transformations, or a seed.

    Returns
    -------
    (n, d) floats

    Raises
    ------
    ValueError
        If an input is not finite or of another shape, or the setting rotates means only.
    """
    transformations = instance("setting", setting, Setting).transformations
    points, source = finite_array("x", x, ndim=2), generator("rng", rng)
    points = vectors("x", points, transformations.dimension)
    chosen = source.choice(transformations.size, size=len(points), p=transformations.probabilities)
    return np.take_along_axis(points, transformations.permutations[chosen], axis=1)


def _exponent(length: float) -> int:
    """Return k such that 2^k is just above a length."""
    return int(np.frexp(length)[1])


def _frozen(array: FloatArray) -> FloatArray:
    array.setflags(write=False)
    return array


def _altered(instance: T, **changes: object) -> T:
    """Return a copy with some fields exchanged, which are known to be right."""
    copy = object.__new__(type(instance))
    for field in fields(instance):
        value = changes.get(field.name, getattr(instance, field.name))
        object.__setattr__(copy, field.name, value)
    return copy


def _subtractable(name: str, points: FloatArray) -> None:
    """Refuse points whose differences are no doubles."""
    least, greatest = float(points.min()), float(points.max())
    if not greatest / 2.0 - least / 2.0 <= _LARGEST / 2.0:
        raise InputError(
            f"{name} must differ by at most {_LARGEST:.3g}, got {least:.3g} and {greatest:.3g}"
        )


def _least_deviation(mixture: GaussianMixture) -> float:
    """Smallest standard deviation in any direction."""
    if mixture.covariance is None:
        return mixture.sigma
    return float(np.sqrt(np.linalg.eigvalsh(mixture.covariance)[0]))


def _labels(value: ArrayLike, size: int) -> IntArray:
    """Return ``size`` integer labels of at least two distinct values."""
    labels = integer_array("labels", value, shape=(size,))
    if len(np.unique(labels)) < 2:
        raise InputError(f"labels must name at least two classes, got only {labels[0]}")
    return labels


def _invariance_defects(
    mixture: GaussianMixture, model: Transformations | RotatedMeans
) -> FloatArray:
    """Bounds on the total variation between N(0, P_g Sigma P_g^T) and N(0, Sigma), for each g.

    With E = L^{-1} (P_g Sigma P_g^T - Sigma) L^{-T}, Sigma = L L^T, of eigenvalues t_j >= -1/2,
    Pinsker's inequality gives (sum_j (t_j - ln(1 + t_j)))^{1/2} / 2 <= |E|_F / 2 (THEORY.md,
    section 1). Refuses a transformation where that exceeds `_WORST_DEFECT`. The factor and both
    substitutions move |E|_F by at most four times the error of whitening, in relative terms.
    """
    defects = np.zeros(model.size)
    if mixture.covariance is None or isinstance(model, RotatedMeans):
        return defects
    for g, row in enumerate(model.permutations):
        change = mixture.covariance[np.ix_(row, row)] - mixture.covariance
        if change.any():
            half = mixture._whitened(change)
            defects[g] = 0.5 * float(np.linalg.norm(mixture._whitened(half.T)))
            doubt = 4.0 * mixture.whitening_error
            if not defects[g] <= _WORST_DEFECT:
                raise InputError(
                    f"transformations[{g}] must leave the covariance unchanged, got a change of "
                    f"{defects[g]:.3g} in the units of the noise; a classifier could see the "
                    "transformation in the noise"
                )
            if not doubt <= 0.5:
                raise InputError(
                    f"transformations[{g}] must leave the covariance unchanged to the last bit "
                    f"where its condition is so bad, got a change of {defects[g]:.3g} in the units "
                    f"of the noise, known to {doubt:.0%} only"
                )
            defects[g] *= (1.0 + 2.0**-50) / (1.0 - doubt)
    return defects
