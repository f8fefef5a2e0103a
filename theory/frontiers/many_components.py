"""Joint bounds of few or thousands of components, with one optimised shift for each (7.9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.bounds.integration import sample_batches
from theory.bounds.joint import JointBound
from theory.canonical import on_grid, ridged_root, span_in_deviations
from theory.checks import (
    MOST_DRAWS,
    MOST_STEPS,
    FloatArray,
    InputError,
    IntArray,
    confidence_level,
    finite_array,
    function,
    generator,
    instance,
    integer,
    items,
    probability,
)
from theory.confidence import betting_limit
from theory.residual.diagonal import nearest_in_ball
from theory.setting.perturbations import halfway_perturbations
from theory.setting.progress import Progress, shares
from theory.setting.setting import Setting

__all__ = ["joint_bound_of_shifts", "optimised_joint_bounds", "optimised_shifts"]

SingleArray = NDArray[np.float32]
Real = TypeVar("Real", np.float32, np.float64)

# Densities of a fresh sample in all, and its least and greatest size.
_WORK, _FEWEST, _MOST = 1 << 29, 1 << 14, 1 << 18
# Densities of a search in all, over two; the least and greatest number of its steps.
_SEARCH, _SHORTEST, _LONGEST = 900_000_000, 24, 150
# Densities held at a time, and so many that they stay in the cache.
_BLOCK, _CACHED = 1 << 23, 1 << 17
# First step of a coordinate, as a share of the radius; then shorter and shorter.
_STEP = 0.2
# Of the running means of slopes and of their squares (Adam).
_INERTIA, _MEMORY = 0.8, 0.95
# Log likelihood ratio over which a decision is smoothed.
_SOFTNESS = 4.0
# Share of the steepest slope below which one is left out.
_FLAT = 1e-3
# Centres farther apart, in deviations, are beyond single precision: they are not moved.
_FARTHEST = 1e6
# What a shift may exceed the radius by, for the rounding of its norm.
_ROUNDED = 1e-9
# Pairs of points of all components in a step, and steps, of few; of many a pair for each.
_PAIRS, _STEPS = 256, 60
# Bits of shifts found in double precision, fewer than those in which the machines agree.
_BITS = 20


def optimised_joint_bounds(
    setting: Setting,
    weights: Sequence[float] | FloatArray,
    *,
    rng: np.random.Generator | int,
    steps: int | None = None,
    samples: int | None = None,
    confidence: float = 1.0 - 1e-6,
    start: ArrayLike | Mapping[float, ArrayLike] | None = None,
    found: Callable[[float, FloatArray], None] | None = None,
    progress: Progress | None = None,
) -> list[JointBound]:
    """Joint bounds at several weights, for as many components as a data set has images.

    From the least weight to the greatest each search starts at the shifts found before, then
    every bound is taken on fresh noise (THEORY.md, section 7.1).

    Parameters
    ----------
    setting : Setting
        Noise of one ``sigma``; any number of components, classes, transformations; any norm.
    weights : sequence of floats
        ``lambda`` in [0, 1].
    rng : numpy.random.Generator or int seed
        Source of the noise.
    steps : int, optional
        Of each search; by default as many as the number of components allows, 24 to 150.
    samples : int, optional
        Size of each fresh sample, at least 1024; by default as many as centres allow, 2^14 to 2^18.
    confidence : float in (0, 1)
        Of all upper limits together.
    start : (J, d) floats, or mapping of float to (J, d) floats, optional
        Shifts to begin with, such as ``shifts`` of an earlier bound, or such shifts by weight.
    found : callable, optional
        Called with a weight and its shifts as soon as they are found, before their bound is.
    progress : callable, optional
        Called with the number of finished steps and blocks and that of all.

    Raises
    ------
    ValueError
        As `optimised_shifts` and `joint_bound_of_shifts`.
    """
    _isotropic(setting)
    levels = [probability("weights", weight) for weight in items("weights", weights, "numbers")]
    source = generator("rng", rng)
    single = 1.0 - (1.0 - confidence_level("confidence", confidence)) / len(levels)
    starts: dict[float, FloatArray] = {}
    shifts = None
    if isinstance(start, Mapping):
        starts = {
            probability("weights of start", weight): _admissible(setting, "start", one)
            for weight, one in start.items()
        }
    elif start is not None:
        shifts = _admissible(setting, "start", start)
    if found is not None:
        function("found", found)
    report = shares(progress, 2 * len(levels))
    bounds: dict[int, JointBound] = {}
    for done, k in enumerate(np.argsort(levels, kind="stable")):
        level = levels[k]
        if level < 1.0:
            shifts = optimised_shifts(
                setting, level, rng=source, steps=steps, start=starts.get(level, shifts),
                progress=report(2 * done, 1),
            )  # fmt: skip
            if found is not None:
                found(level, shifts)
        elif shifts is None:
            shifts = np.zeros_like(setting.mixture.means)
        bounds[int(k)] = joint_bound_of_shifts(
            setting, level, shifts, rng=source, samples=samples, confidence=single,
            progress=report(2 * done + 1, 1),
        )  # fmt: skip
    return [bounds[k] for k in range(len(levels))]


def optimised_shifts(
    setting: Setting,
    weight: float,
    *,
    rng: np.random.Generator | int,
    steps: int | None = None,
    start: ArrayLike | None = None,
    progress: Progress | None = None,
) -> FloatArray:
    """Shifts of all components that make the bound of `joint_bound_of_shifts` small.

    Each is moved down the chance that the Bayes rule of the attacked mixture recognises its
    component, smoothed, by Adam's method, and projected to the ball. The chance is estimated from
    one antithetic pair a step, in single precision; of few components in many dimensions from
    more, drawn in the span of the centres. Nothing about the result is promised but that it lies
    in the ball: that is enough for the bound.

    Parameters
    ----------
    setting, weight, rng, steps, progress
        As `optimised_joint_bounds`.
    start : (J, d) floats, optional
        Shifts to begin with; by default half-way to the nearest mean of another class,
        as far as the ball allows.

    Returns
    -------
    (J, d) floats
        In units of the inputs.

    Raises
    ------
    ValueError
        If the noise has a covariance, ``weight`` leaves [0, 1], ``steps`` is not in 0..10^6, or
        ``start`` has another shape or leaves the ball.
    """
    _isotropic(setting)
    level = probability("weight", weight)
    source = generator("rng", rng)
    first = None if start is None else _admissible(setting, "start", start)
    count = None if steps is None else integer("steps", steps, minimum=0, maximum=MOST_STEPS)
    setting, unit = setting.in_noise_units
    shifts = halfway_perturbations(setting) if first is None else np.ldexp(first, -unit)
    if level < 1.0 and count != 0:
        mixture = _attacked_mixture(setting, level, np.zeros_like(shifts))
        if np.abs(mixture.centres).max() < _FARTHEST:
            shifts = _descended(
                mixture, setting, shifts, rng=source, steps=count, progress=progress
            )
    return np.asarray(np.ldexp(_projected(shifts, setting), unit), dtype=np.float64)


def joint_bound_of_shifts(
    setting: Setting,
    weight: float,
    shifts: ArrayLike,
    *,
    rng: np.random.Generator | int,
    samples: int | None = None,
    confidence: float = 1.0 - 1e-6,
    progress: Progress | None = None,
) -> JointBound:
    """Bound ``weight * S + (1 - weight) * A`` by one shift for each component (Theorem 4).

    The mean over a fresh sample of antithetic pairs over stratified components, with a limit by
    betting; what rounding may hide is added to it. In double precision.

    Parameters
    ----------
    setting, weight, rng, samples, confidence, progress
        As `optimised_joint_bounds`.
    shifts : (J, d) floats
        Each in the ball.

    Raises
    ------
    ValueError
        If the noise has a covariance, ``weight`` leaves [0, 1], ``samples`` < 1024,
        ``confidence`` is not in (0, 1), or ``shifts`` has another shape or leaves the ball.
    """
    _isotropic(setting)
    level = probability("weight", weight)
    source = generator("rng", rng)
    confidence_level("confidence", confidence)
    used = _admissible(setting, "shifts", shifts)
    own, unit = setting.in_noise_units
    mixture = _attacked_mixture(own, level, np.ldexp(used, -unit))
    centres, mass, doubt, block = mixture.centres, mixture.mass, mixture.doubt, _BLOCK
    if _in_span(centres):
        reduced, lost = span_in_deviations(centres)
        centres = reduced if reduced.shape[1] else np.zeros((len(centres), 1))
        doubt, block = doubt + float(lost.max()), _CACHED
    if samples is None:
        samples = int(np.clip(_WORK // len(mass), _FEWEST, _MOST))
    batches = integer("samples", samples, minimum=1024, maximum=MOST_DRAWS) // 8
    offsets = mixture.offsets(centres)
    chunk = max(1, block // (8 * len(mass)))
    means, farthest = [], 0.0
    # of a stream of its own: shifts found with the same seed must not have seen this noise
    fresh = source.spawn(1)[0]
    for points in sample_batches(centres, mass, batches, fresh, chunk):
        density = points @ centres.T
        density += offsets
        density -= density.max(axis=1, keepdims=True)
        np.exp(density, out=density)
        totals = np.add.reduceat(density, mixture.starts, axis=1)
        best = totals.max(axis=1) / totals.sum(axis=1)
        means.append(best.reshape(-1, 8).mean(axis=1))
        farthest = max(farthest, _longest(points))
        if progress is not None:
            progress(sum(map(len, means)), batches)
    values = np.concatenate(means)
    floor = 1.0 / len(np.unique(setting.mixture.labels))
    upper = floor + (1.0 - floor) * betting_limit((values - floor) / (1.0 - floor), confidence)
    # each score errs by this much at most, hence a posterior by a factor of its exponential
    reach = float(np.linalg.norm(centres, axis=1).max())
    wrong = 2.0**-53 * ((centres.shape[1] + 8) * reach * (farthest + reach) + len(mass) + 1e3)
    upper += float(np.expm1(2.0 * min(wrong, 1.0)))
    # the mass of a unit normal differs by at most t / sqrt(2 pi) from that of one moved by t
    upper = min(1.0, upper + doubt / np.sqrt(2.0 * np.pi) + level * setting.invariance_defect)
    return JointBound(
        level, float(values.mean()), upper, confidence, 8 * batches, np.ones(len(used)), used,
        np.arange(len(used)), centres.shape[1],
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _AttackedMixture:
    """Transformed and attacked components of positive mass, in the order of their classes.

    Attributes
    ----------
    centres, mass
        (M, d) in deviations of the noise, about their mean, and (M,).
    starts
        (C,) where each class begins.
    attacked, labels
        (J,) places of the attacked components, and class indices of all.
    doubt
        What rounding may have moved a centre by.
    """

    centres: FloatArray
    mass: FloatArray
    starts: IntArray
    attacked: IntArray
    labels: IntArray
    doubt: float

    def offsets(self, centres: NDArray[Real]) -> FloatArray:
        """Scores of the centres at the origin: logarithms of mass times density, but for one."""
        squares = np.einsum("kj,kj->k", centres, centres, dtype=np.float64)
        return np.asarray(np.log(self.mass) - 0.5 * squares, dtype=np.float64)


def _attacked_mixture(setting: Setting, weight: float, shifts: FloatArray) -> _AttackedMixture:
    """Collect the centres of a setting in units near its noise."""
    mixture = setting.mixture
    labels = mixture.class_numbers
    turned = np.repeat(np.arange(len(setting.probabilities)), mixture.components)
    spatial = weight * np.outer(setting.probabilities, mixture.weights).ravel()
    turned, copies = turned[spatial > 0.0], np.arange(len(spatial))[spatial > 0.0]
    count = mixture.components if weight < 1.0 else 0
    mass = np.concatenate([spatial[copies], (1.0 - weight) * mixture.weights[:count]])
    classes = np.concatenate([labels[copies % mixture.components], labels[:count]])
    order = np.argsort(classes, kind="stable")
    place = np.argsort(order)
    # differences first: a common offset costs no digits
    centres = np.empty((len(mass), mixture.dimension))
    origin = mixture.means[0]
    centres[place[: len(copies)]] = (
        setting.transformed_means.reshape(-1, mixture.dimension)[copies] - origin
    )
    attacked = place[len(copies) :]
    centres[attacked] = (mixture.means[:count] - origin) + shifts[:count]
    longest = _longest(centres) + _longest(shifts)
    centres -= centres.mean(axis=0)
    centres /= mixture.sigma
    return _AttackedMixture(
        centres, mass[order], np.flatnonzero(np.diff(classes[order], prepend=-1)), attacked,
        labels, 2.0**-50 * longest / mixture.sigma,
    )  # fmt: skip


def _longest(rows: NDArray[Real]) -> float:
    """Return the greatest length of a row."""
    return float(np.sqrt(np.einsum("kj,kj->k", rows, rows).max()))


def _descended(
    mixture: _AttackedMixture,
    setting: Setting,
    first: FloatArray,
    *,
    rng: np.random.Generator,
    steps: int | None,
    progress: Progress | None,
) -> FloatArray:
    """Shifts after so many steps of Adam's method from ``first``, in units of the setting."""
    norm, sigma = setting.norm, setting.mixture.sigma
    pairs = _PAIRS // len(first)
    few = pairs > 1 and _in_span(mixture.centres)
    real: Any = np.float64 if few else np.float32
    centres = mixture.centres.astype(real)
    means, shifts = centres[mixture.attacked], (first / sigma).astype(real)
    if steps is None:
        many = int(np.clip(_SEARCH // (len(means) * len(centres)), _SHORTEST, _LONGEST))
        steps = _STEPS if few else many
    # a ball that joins all centres offers nothing more if it is larger
    radius = min(setting.epsilon / sigma, 2.0 * float(_norms(centres, norm).max()))
    ball, round_metric = np.array([radius]), np.ones(shifts.shape[1])
    mean, square = np.zeros_like(shifts), np.zeros_like(shifts)
    for step in range(steps):
        centres[mixture.attacked] = means + shifts
        slope = (
            _slopes_in_span(mixture, centres, pairs, rng)
            if few
            else _slopes_in_blocks(mixture, centres, rng)
        )
        power = slope * slope
        if norm != "linf":
            # the balls are round, or nearly: one rate for all coordinates
            power[:] = power.sum(axis=1, keepdims=True)
        mean += (1.0 - _INERTIA) * (slope - mean)
        square += (1.0 - _MEMORY) * (power - square)
        rate = _STEP * radius * (1.0 - step / steps) / (1.0 - _INERTIA ** (step + 1))
        scale = np.sqrt(square / (1.0 - _MEMORY ** (step + 1))) + real(1e-30)
        moved = shifts - real(rate) * mean / scale
        shifts = nearest_in_ball(moved, ball, round_metric, norm).astype(real)
        if progress is not None:
            progress(step + 1, steps)
    found = on_grid(shifts, _BITS) if few else shifts.astype(np.float64)
    return found * sigma


def _in_span(centres: NDArray[Real]) -> bool:
    """Whether centres are so few that noise is drawn in their span."""
    return bool(2 * len(centres) <= centres.shape[1])


def _slopes_in_blocks(
    mixture: _AttackedMixture, centres: SingleArray, rng: np.random.Generator
) -> SingleArray:
    """Add up the gradients (J, d) at one antithetic pair of points of each component."""
    offsets = mixture.offsets(centres).astype(np.float32)
    slope = np.empty((len(mixture.attacked), centres.shape[1]), dtype=np.float32)
    chunk = max(1, _BLOCK // (2 * len(centres)))
    for begin in range(0, len(slope), chunk):
        part = slice(begin, begin + chunk)
        noise = rng.standard_normal(slope[part].shape, dtype=np.float32)
        middle = centres[mixture.attacked[part]]
        density = np.concatenate([middle + noise, middle - noise]) @ centres.T
        density += offsets
        near, pull = _pulls(density, np.tile(mixture.labels[part], 2), mixture.starts)
        both = np.zeros((2 * len(middle), centres.shape[1]), dtype=np.float32)
        both[near] = pull @ centres
        slope[part] = both[: len(middle)] + both[len(middle) :]
    return slope


def _slopes_in_span(
    mixture: _AttackedMixture, centres: FloatArray, pairs: int, rng: np.random.Generator
) -> FloatArray:
    """Add up the gradients (J, d) at so many antithetic pairs of points of each component.

    Scores are linear in the noise: it is drawn in as many dimensions as there are centres.
    """
    products = centres @ centres.T
    scores = (products + mixture.offsets(centres))[mixture.attacked]
    rise = rng.standard_normal((len(scores) * pairs, len(centres)))
    rise = rise @ ridged_root(products).T
    middle = np.repeat(scores, pairs, axis=0)
    density = np.concatenate([middle + rise, middle - rise])
    owner = np.tile(np.repeat(np.arange(len(scores)), pairs), 2)
    near, pull = _pulls(density, mixture.labels[owner], mixture.starts)
    total = np.zeros_like(scores)
    np.add.at(total, owner[near], pull)
    return np.asarray(total @ centres)


def _pulls(
    density: NDArray[Real], labels: IntArray, starts: IntArray
) -> tuple[IntArray, NDArray[Real]]:
    """Rows near a decision, and weights of centres whose sum is the gradient at these points.

    That of the smoothed chance that the label of a point is the likeliest: a sigmoid of the log
    likelihood ratio of the label and its strongest rival; the gradient of the ratio is the
    difference of the means of the two posterior distributions. From scores, which are lost.
    """
    rows, tiny = np.arange(len(density)), density.dtype.type(1e-37)
    density -= density.max(axis=1, keepdims=True)
    np.exp(density, out=density)
    totals = np.add.reduceat(density, starts, axis=1) + tiny
    own = totals[rows, labels]
    totals[rows, labels] = -1.0
    rivals = totals.argmax(axis=1)
    other = totals[rows, rivals]
    half = np.tanh(np.log(own / other) / (2.0 * _SOFTNESS))
    steepness = 1.0 - half * half
    near = np.flatnonzero(steepness > _FLAT)
    factor = np.zeros((len(near), len(starts)), dtype=density.dtype)
    factor[np.arange(len(near)), labels[near]] = (steepness / own)[near]
    factor[np.arange(len(near)), rivals[near]] = -(steepness / other)[near]
    kept = density[near]
    for k, begin in enumerate(starts):
        kept[:, begin : starts[k + 1] if k + 1 < len(starts) else None] *= factor[:, k, None]
    return near, kept


def _admissible(setting: Setting, name: str, value: ArrayLike) -> FloatArray:
    """Return shifts inside the ball; refuse what leaves it by more than rounding."""
    shifts = finite_array(name, value, shape=setting.mixture.means.shape)
    greatest = float(_norms(shifts, setting.norm).max())
    if greatest > setting.epsilon * (1.0 + _ROUNDED):
        raise InputError(
            f"{name} must have {setting.norm} norms <= epsilon = {setting.epsilon:g}, "
            f"got {greatest:.6g}"
        )
    return _projected(shifts, setting)


def _norms(rows: NDArray[Real], norm: str) -> FloatArray:
    """Norms (J,) of rows, that of the attack."""
    order = {"linf": np.inf, "l2": 2, "l1": 1}[norm]
    return np.asarray(np.linalg.norm(rows, ord=order, axis=1), dtype=np.float64)


def _projected(shifts: FloatArray, setting: Setting) -> FloatArray:
    """Nearest points of the ball in the metric of round noise."""
    return nearest_in_ball(
        shifts, np.array([setting.epsilon]), np.ones(shifts.shape[1]), setting.norm
    )


def _isotropic(setting: Setting) -> None:
    """Refuse what is no setting, and noise that is not alike in all directions."""
    instance("setting", setting, Setting)
    if setting.mixture.covariance is not None:
        raise InputError("setting must have noise of one sigma, got a covariance")
