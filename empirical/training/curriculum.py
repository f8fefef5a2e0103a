"""Curricula as values: which objective is trained until when."""

from dataclasses import dataclass, replace
from itertools import pairwise

from empirical.checks import check_degrees
from empirical.training.objectives import Adversarial, Mixture, Natural, Objective, Trades
from empirical.training.schedules import Attack
from empirical.transforms.random import Rotations, Spatial
from theory.checks import (
    InputError,
    function,
    instance,
    items,
    nonnegative,
    positive,
    probability,
)

__all__ = [
    "Curriculum",
    "Stage",
    "adversarial",
    "augmented",
    "composed",
    "cusp",
    "cusp_trades",
    "mixture",
    "natural",
    "sequential",
    "trades",
]

PAPER_STAGES = (75.0, 90.0, 120.0)
PAPER_DEGREES = (120.0, 150.0, 180.0)
PAPER_SHARES = (0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Stage:
    """One objective, in force until a point of the run.

    Parameters
    ----------
    until : float
        End of the stage, in any unit: only the ratio to the end of the last stage counts, so
        a curriculum written in the paper's epochs serves a run of any length.
    objective : Objective
    warmup : float
        Share of the stage during which the radius of the attack grows, linearly from 0.

    Raises
    ------
    ValueError
        If ``until`` is not positive, or ``warmup`` leaves [0, 1].
    """

    until: float
    objective: Objective
    warmup: float = 0.0

    def __post_init__(self) -> None:
        positive("until", self.until)
        function("objective", self.objective)
        probability("warmup", self.warmup)


@dataclass(frozen=True)
class Curriculum:
    """Stages one after another.

    Raises
    ------
    ValueError
        If there is no stage, or their ends do not increase.
    """

    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        stages = items("stages", self.stages, "stages")
        ends = [instance("stages", stage, Stage).until for stage in stages]
        object.__setattr__(self, "stages", tuple(stages))
        if any(b <= a for a, b in pairwise(ends)):
            raise InputError(f"stages must be given with increasing ends, got {ends}")

    def stage(self, fraction: float) -> int:
        """Index of the stage in force after a `fraction` of the run.

        Raises
        ------
        ValueError
            Unless 0 <= fraction < 1.
        """
        fraction = nonnegative("fraction", fraction)
        if fraction >= 1:
            raise InputError(f"fraction must be in [0, 1), got {fraction:g}")
        # the tolerance lets a step that falls on the end of a stage begin the next one
        here = (fraction + 1e-12) * self.stages[-1].until
        return min(sum(here >= stage.until for stage in self.stages), len(self.stages) - 1)

    def objective(self, fraction: float) -> Objective:
        """Return what a step after a `fraction` of the run minimises, 0 <= fraction < 1."""
        index = self.stage(fraction)
        stage = self.stages[index]
        begin = self.stages[index - 1].until if index else 0.0
        within = max((fraction * self.stages[-1].until - begin) / (stage.until - begin), 0.0)
        if within >= stage.warmup:
            return stage.objective
        return stage.objective.scaled(within / stage.warmup)

    def warmed(self, warmup: float) -> "Curriculum":
        """Return the same stages, the radius growing over the first share of each."""
        return Curriculum(tuple(replace(stage, warmup=warmup) for stage in self.stages))


def natural() -> Curriculum:
    """Return plain training on the images as they are."""
    return _always(Natural())


def augmented(spatial: Spatial | float) -> Curriculum:
    """Return training on transformed images; a number means rotation by +- that many degrees."""
    return _always(Natural(_spatial(spatial)))


def adversarial(epsilon: float | Attack) -> Curriculum:
    """Return PGD training; a number is the radius of the default attack."""
    return _always(Adversarial(_attack(epsilon)))


def trades(beta: float, epsilon: float | Attack) -> Curriculum:
    """Return TRADES with the weight beta of the divergence.

    Parameters
    ----------
    beta : float > 0
    epsilon : float or Attack
        A number is the radius of the default attack.
    """
    return _always(Trades(beta, _attack(epsilon)))


def mixture(
    weight: float,
    spatial: Spatial | float,
    epsilon: float | Attack,
    *,
    beta: float | None = None,
) -> Curriculum:
    """Return training of lambda S + (1 - lambda) A itself, lambda = weight.

    Parameters
    ----------
    weight : float in [0, 1]
        Share of every batch that is transformed; the rest is attacked.
    spatial : Spatial or float
        A number means rotation by +- that many degrees.
    epsilon : float or Attack
        A number is the radius of the default attack.
    beta : float > 0, optional
        Weight of the divergence of TRADES, which then takes the place of PGD training.
    """
    return _always(Mixture(weight, _attack(epsilon), _spatial(spatial), beta))


def composed(spatial: Spatial | float, epsilon: float | Attack) -> Curriculum:
    """Return PGD training on transformed images: the loss at A(T(x)).

    Parameters
    ----------
    spatial, epsilon
        As for `mixture`.
    """
    return _always(Adversarial(_attack(epsilon), _spatial(spatial)))


def sequential(*parts: Curriculum) -> Curriculum:
    """Return the parts one after another, an equal share of the run each (fine-tuning)."""
    stages: list[Stage] = []
    for index, part in enumerate(parts):
        instance("parts", part, Curriculum)
        end = part.stages[-1].until
        stages += [replace(stage, until=index + stage.until / end) for stage in part.stages]
    return Curriculum(tuple(stages))


def cusp(
    epsilon: float | Attack, spatials: tuple[Spatial | float, ...] = PAPER_DEGREES
) -> Curriculum:
    """Return CuSP with PGD: range and radius grow together (Kamath et al. 2021, section 5).

    In the paper: 120, 150, 180 degrees with a quarter, half and all of epsilon = 8/255, until
    epochs 75, 90 and 120.

    Parameters
    ----------
    epsilon : float or Attack
        Of the last stage.
    spatials : tuple of Spatial or float
        Of the three stages, in their order.
    """
    parts = _growing(_attack(epsilon), spatials)
    return _paper_stages(tuple(Adversarial(attack, spatial) for attack, spatial in parts))


def cusp_trades(
    beta: float, epsilon: float | Attack, spatials: tuple[Spatial | float, ...] = PAPER_DEGREES
) -> Curriculum:
    """Return CuSP with TRADES in place of PGD training; see `cusp`.

    Parameters
    ----------
    beta : float > 0
        Weight of the divergence.
    epsilon, spatials
        As for `cusp`.
    """
    parts = _growing(_attack(epsilon), spatials)
    return _paper_stages(tuple(Trades(beta, attack, spatial) for attack, spatial in parts))


def _always(objective: Objective) -> Curriculum:
    return Curriculum((Stage(1.0, objective),))


def _paper_stages(objectives: tuple[Objective, ...]) -> Curriculum:
    stages = zip(PAPER_STAGES, objectives, strict=True)
    return Curriculum(tuple(Stage(until, objective) for until, objective in stages))


def _growing(
    attack: Attack, spatials: tuple[Spatial | float, ...]
) -> tuple[tuple[Attack, Spatial], ...]:
    """Pair each range with its share of the radius."""
    ranges = items("spatials", spatials, "ranges")
    if len(ranges) != len(PAPER_SHARES):
        raise InputError(f"spatials must be {len(PAPER_SHARES)} ranges, got {len(ranges)}")
    return tuple(
        (attack.scaled(share), _spatial(spatial, "spatials"))
        for share, spatial in zip(PAPER_SHARES, ranges, strict=True)
    )


def _spatial(value: Spatial | float, name: str = "spatial") -> Spatial:
    if isinstance(value, Spatial):
        return value
    return Rotations(check_degrees(name, value))


def _attack(value: float | Attack) -> Attack:
    return value if isinstance(value, Attack) else Attack(value)
