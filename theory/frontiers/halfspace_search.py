"""The smooth problem behind the halfspace frontier, and where to start on it."""

from itertools import islice

import numpy as np
from scipy.special import ndtr

from theory.checks import FloatArray, InputError
from theory.error_free import residual_of_system, sum_of_products
from theory.norms import dual_gradient, dual_norm
from theory.residual.attack import attack_residual
from theory.setting.setting import Setting

__all__ = ["HalfspaceProblem", "starting_points"]

_LARGEST_COUNT = 96
# An offset that decides by itself, whatever the means.
_FAR = 1e300
# Rounding of a probit from which on it is computed in twice the precision.
_VISIBLE = 1e-10


class HalfspaceProblem:
    """Accuracies of halfspaces in one setting, their gradients and a local search.

    Everything is in units of the noise (`Setting.in_noise_units`), normals in their inverse.
    """

    def __init__(self, setting: Setting) -> None:
        if len(setting.mixture.classes) != 2:
            raise InputError(
                f"setting must have two classes for a halfspace, got {len(setting.mixture.classes)}"
            )
        setting, self.unit = setting.in_noise_units
        mixture = setting.mixture
        self.signs = np.where(mixture.labels == mixture.classes[1], 1.0, -1.0)
        self.spatial_weights = np.outer(setting.probabilities, mixture.weights)
        self._weights = mixture.weights
        self.setting = setting
        group, components, d = setting.transformed_means.shape
        self._means = np.concatenate([setting.transformed_means.reshape(-1, d), mixture.means])
        self._signs = np.tile(self.signs, group + 1)
        self._attacked = np.repeat([0.0, setting.epsilon], [group * components, components])

    def arguments(self, w: FloatArray, b: float) -> tuple[FloatArray, FloatArray]:
        """Probits of the accuracies: (G, J) spatial and (J,) adversarial."""
        return self._probits(self._margins(w, b), self._length(w)[0])

    def exact_arguments(self, w: FloatArray, b: float) -> tuple[FloatArray, FloatArray]:
        """Probits of the accuracies, those that rounding may move summed in twice the precision.

        Offset and attack may cancel what the means share, and that in all its digits.
        """
        norm = _norm_in_parts(w, self.setting.norm)
        margins, length = self._margins(w, b), self._length(w)[0]
        sizes = np.abs(self._means) @ np.abs(w) + abs(b) + self._attacked * norm.sum()
        doubt = (2 * len(w) + 6) * 2.0**-52 * sizes
        moved = np.flatnonzero(doubt > _VISIBLE * length)
        if len(moved):
            signs, means, attacked = self._signs[moved], self._means[moved], self._attacked[moved]
            margins[moved] = residual_of_system(
                np.column_stack([-signs[:, None] * means, np.outer(attacked, np.ones(len(norm)))]),
                np.concatenate([w, norm]),
                signs * b,
                np.zeros(len(moved)),
            )
        return self._probits(margins, length)

    def _margins(self, w: FloatArray, b: float) -> FloatArray:
        norm = float(dual_norm(w, self.setting.norm))
        return np.asarray(self._signs * (self._means @ w + b) - self._attacked * norm)

    def _probits(self, margins: FloatArray, length: float) -> tuple[FloatArray, FloatArray]:
        values = margins / length
        shape = self.spatial_weights.shape
        return values[: -shape[1]].reshape(shape), values[-shape[1] :]

    def value(self, level: float, w: FloatArray, b: float) -> float:
        """Return lambda S + (1 - lambda) A."""
        spatial, adversarial = self.arguments(w, b)
        return float(
            level * np.sum(self.spatial_weights * ndtr(spatial))
            + (1.0 - level) * np.sum(self._weights * ndtr(adversarial))
        )

    def accuracies(self, w: FloatArray, b: float) -> tuple[float, float]:
        """Spatial and adversarial accuracy; exact up to the setting's ``invariance_defect``."""
        if not w.any():
            share = float(self._weights[self.signs == np.sign(b)].sum())
            return share, share
        size = int(np.frexp(np.abs(w).max())[1])
        with np.errstate(over="ignore"):
            offset = float(np.clip(np.ldexp(b, -size), -_FAR, _FAR))
        spatial, adversarial = self.exact_arguments(np.ldexp(w, -size), offset)
        sure = float(np.sum(self.spatial_weights * ndtr(spatial))) - self.setting.invariance_defect
        return max(0.0, sure), float(np.sum(self._weights * ndtr(adversarial)))

    def improve(self, level: float, w: FloatArray, b: float) -> tuple[FloatArray, float]:
        """Climb from one halfspace to a local maximum; the answer has unit length."""
        from scipy.optimize import minimize

        length, _ = self._length(w)
        w, b = w / length, b / length
        d = len(w)
        weights = np.concatenate(
            [level * self.spatial_weights.ravel(), (1.0 - level) * self._weights]
        )

        def negative(parameters: FloatArray) -> tuple[float, FloatArray]:
            normal = parameters[:d] - parameters[d:-1]
            size, size_slope = self._length(normal)
            if size < 1e-9:
                return 0.0, np.zeros_like(parameters)
            margins = self._signs * (self._means @ normal + parameters[-1])
            if self.setting.norm == "linf":
                # on split coordinates the l_1 norm is linear
                norm, slope = float(parameters[:-1].sum()), np.ones(d)
                opposite = slope
            else:
                norm = float(dual_norm(normal, self.setting.norm))
                slope = dual_gradient(normal, self.setting.norm)
                opposite = -slope
            argument = (margins - self._attacked * norm) / size
            density = weights * np.exp(-0.5 * argument * argument) / np.sqrt(2.0 * np.pi) / size
            inner = (density * self._signs) @ self._means
            inner -= (density @ argument) * size_slope
            attack = density @ self._attacked
            gradient = np.concatenate(
                [
                    inner - attack * slope,
                    -inner - attack * opposite,
                    [density @ self._signs],
                ]
            )
            return -float(weights @ ndtr(argument)), -gradient

        start = np.concatenate([np.maximum(w, 0.0), np.maximum(-w, 0.0), [b]])
        bounds = [(0.0, None)] * (2 * d) + [(None, None)]
        found = minimize(
            negative,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-9},
        )
        normal = found.x[:d] - found.x[d:-1]
        size, _ = self._length(normal)
        if not size > 1e-9:
            return w, b
        return normal / size, float(found.x[-1] / size)

    def _length(self, w: FloatArray) -> tuple[float, FloatArray]:
        """Mahalanobis dual norm ||w||_Sigma and its gradient."""
        mixture = self.setting.mixture
        spread = mixture.covariance
        image = mixture.sigma**2 * w if spread is None else spread @ w
        length = float(np.sqrt(w @ image))
        return length, image / max(length, 1e-300)


def _norm_in_parts(w: FloatArray, norm: str) -> FloatArray:
    """Return numbers whose sum is the dual norm in twice the precision."""
    if norm == "linf":
        return np.abs(w)
    largest = np.array([float(dual_norm(w, norm))])
    if norm == "l1":
        return largest
    rest = sum_of_products((w, w), (-largest, largest))
    return np.append(largest, 0.5 * rest / largest[0] if largest[0] else 0.0)


def starting_points(problem: HalfspaceProblem) -> list[tuple[FloatArray, float]]:
    """Halfspaces that separate single pairs best, and those that separate averages."""
    setting = problem.setting
    mixture = setting.mixture
    plus, minus = (np.flatnonzero(problem.signs == sign) for sign in (1.0, -1.0))
    transformed, means = setting.transformed_means, mixture.means
    average = np.tensordot(setting.probabilities, transformed, axes=1)
    sources = [*((one, 1.0) for one in transformed), (means, 2.0), (average, 1.0)]
    every = (
        (source[i], means[k], multiple)
        for source, multiple in sources
        for side, other in ((plus, minus), (minus, plus))
        for i in side
        for k in other
    )
    # an even choice keeps every kind of pair when there are many
    count = 2 * len(plus) * len(minus) * len(sources)
    pairs = list(islice(every, 0, None, -(-count // _LARGEST_COUNT)))
    weighted = (problem.signs * mixture.weights) @ means
    pairs += [(weighted, -weighted, 1.0)]
    weighted = (problem.signs * mixture.weights) @ average
    pairs += [(weighted, -weighted, 1.0)]
    starts: list[tuple[FloatArray, float]] = []
    for first, second, multiple in pairs:
        difference = first - second
        shift = attack_residual(
            difference,
            min(multiple * setting.epsilon, _FAR),
            norm=setting.norm,
            **mixture.spread,
        ).perturbation
        for vector in (difference - shift, difference):
            largest = np.abs(vector).max()
            if largest <= 1e-9 * np.abs(difference).max():
                continue
            toward = np.ldexp(vector, -int(np.frexp(largest)[1]))
            normal = mixture.precision_times(toward)
            length = np.sqrt(normal @ toward)
            outwards = np.sign(np.sum(problem.signs * (means @ normal))) or 1.0
            normal = outwards * normal / length
            starts.append((normal, -float(normal @ (first + second)) / 2.0))
    return starts
