"""Measured networks against the theory, one row per comparison."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from empirical.comparison.frontier_gaps import Gap, frontier_gaps
from empirical.comparison.probit import probit_law, probit_sum
from empirical.comparison.proxy import predict
from simulations.estimates import Estimate
from simulations.records import Record
from theory import catalogue
from theory.checks import InputError, one_of
from theory.setting.setting import Setting

__all__ = ["IDENTITY", "gap_rows", "pairs", "prediction_rows", "probit_rows", "reach_rows"]

Row = dict[str, Any]
_MEASURED = ("measure", "level", "successes", "trials")
_NUMBERS = _MEASURED[1:]
IDENTITY = ("dataset", "network", "recipe", "degrees", "pixels", "epsilon", "weight", "seed")
"""What tells networks apart."""


def pairs(
    record: Record, spatial: tuple[str, float], adversarial: tuple[str, float]
) -> list[tuple[Row, Estimate, Estimate]]:
    """Return each network of a record with its two accuracies, given as (measure, level).

    Raises
    ------
    ValueError
        If a network has one of the two measurements and not the other, or none has any.
    """
    first, second = (_measured(record, *which) for which in (spatial, adversarial))
    if not first or set(first) != set(second):
        raise InputError(
            f"record {record.experiment!r} must have {spatial[0]} at {spatial[1]:g} and "
            f"{adversarial[0]} at {adversarial[1]:g} for every network"
        )
    return [
        (dict(zip(IDENTITY, key, strict=True)), estimate, second[key])
        for key, estimate in first.items()
    ]


def gap_rows(record: Record, *, epsilon: float | None = None) -> list[Row]:
    """Return the gap of every network to the frontier of the default setting of its images.

    The radius of the attack is that of the setting, unless another is given.
    Where the accuracy under gradient attacks alone was kept too, ``pgd_possible`` says whether
    it would have been possible: if not, the frontier has exposed a failed attack.
    """
    settings = catalogue.defaults()
    rows = []
    for name in dict.fromkeys(_column(record, "dataset")):
        setting = settings[one_of(f"dataset of record {record.experiment!r}", name, list(settings))]
        if epsilon is not None:
            setting = setting.with_epsilon(epsilon)
        part = Record(record.experiment, {}, [r for r in record.rows if r["dataset"] == name])
        found = pairs(part, ("spatial", 0.0), ("adversarial", setting.epsilon))
        gaps = frontier_gaps(setting, [(s, a) for _, s, a in found])
        by_gradient = _by_gradient(part, setting)
        for (identity, spatial, adversarial), gap in zip(found, gaps, strict=True):
            alone = by_gradient.get(tuple(identity.values()))
            rows.append({
                "kind": "gap", **identity, **_counts(spatial, adversarial),
                "bound": gap.bound, "gap": gap.gap, "possible": gap.possible,
                "pgd_successes": alone.adversarial.successes if alone else None,
                "pgd_possible": alone.possible if alone else None,
            })  # fmt: skip
    return rows


def _by_gradient(record: Record, setting: Setting) -> dict[tuple[Any, ...], Gap]:
    """Gaps as gradient attacks alone would have them, by network, of those that kept them."""
    alone = _measured(record, "adversarial_pgd", setting.epsilon)
    if not alone:
        return {}
    spatial = _measured(record, "spatial", 0.0)
    gaps = frontier_gaps(setting, [(spatial[key], found) for key, found in alone.items()])
    return dict(zip(alone, gaps, strict=True))


def reach_rows(found: Iterable[tuple[Row, Estimate, Estimate]]) -> list[Row]:
    """Return Phi^{-1}(S) + Phi^{-1}(A) of every recipe: mean, standard deviation, seeds.

    The deviation is the estimate from n seeds, of n - 1 degrees of freedom; of one seed 0.
    """
    reaches: dict[tuple[Hashable, ...], list[float]] = {}
    for identity, spatial, adversarial in found:
        key = tuple(identity[name] for name in IDENTITY[:-1])
        reaches.setdefault(key, []).append(probit_sum(spatial, adversarial))
    return [
        {
            "kind": "reach",
            **dict(zip(IDENTITY[:-1], key, strict=True)),
            "mean": float(np.mean(values)),
            "std": float(np.std(values, ddof=1)) if len(values) > 1 else 0.0,
            "seeds": len(values),
        }
        for key, values in reaches.items()
    ]


def probit_rows(
    found: Iterable[tuple[Row, Estimate, Estimate]],
    *,
    recipe: str,
    rng: np.random.Generator,
) -> list[Row]:
    """Return the fitted probit law of each network's family trained by a recipe.

    A family is what one parameter of the recipe spans: the weight of mixtures, the range of
    augmentation by rotations; it needs three models.
    """
    families: dict[tuple[str, str], list[tuple[Estimate, Estimate]]] = {}
    for identity, spatial, adversarial in found:
        if identity["recipe"] == recipe and not identity["pixels"]:
            key = identity["dataset"], identity["network"]
            families.setdefault(key, []).append((spatial, adversarial))
    rows = []
    for (dataset, network), family in families.items():
        if len(family) < 3:
            continue
        law = probit_law(family, rng=rng)
        rows.append({
            "kind": "probit", "dataset": dataset, "network": network, "family": recipe,
            "models": law.models, "slope": law.slope, "lower": law.lower, "upper": law.upper,
            "reach": law.reach, "agrees": law.agrees,
        })  # fmt: skip
    return rows


def prediction_rows(proxy: Setting, found: Iterable[tuple[Row, Estimate, Estimate]]) -> list[Row]:
    """Return predicted against measured accuracies of every network, seeds pooled."""
    pooled: dict[tuple[Hashable, ...], tuple[Estimate, Estimate]] = {}
    for identity, spatial, adversarial in found:
        key = tuple(identity[name] for name in IDENTITY[:-1])
        before = pooled.get(key)
        pooled[key] = (
            (before[0] + spatial, before[1] + adversarial) if before else (spatial, adversarial)
        )
    rows = []
    for key, (spatial, adversarial) in pooled.items():
        prediction = predict(proxy, spatial, adversarial)
        rows.append({
            "kind": "prediction", **dict(zip(IDENTITY[:-1], key, strict=True)),
            **_counts(spatial, adversarial),
            "predicted_spatial": prediction.spatial,
            "predicted_adversarial": prediction.adversarial,
            "sigma": proxy.mixture.sigma,
        })  # fmt: skip
    return rows


def _measured(record: Record, measure: str, level: float) -> dict[tuple[Any, ...], Estimate]:
    columns = (_column(record, name) for name in (*IDENTITY, *_MEASURED))
    measured: dict[tuple[Any, ...], Estimate] = {}
    for *identity, found, at, successes, trials in zip(*columns, strict=True):
        if found == measure and abs(at - level) < 1e-9:
            if tuple(identity) in measured:
                told = dict(zip(IDENTITY, identity, strict=True))
                raise InputError(
                    f"record {record.experiment!r} must have {measure} at {level:g} once for each "
                    f"network, got it twice for {told['network']!r} on {told['dataset']!r}"
                )
            measured[tuple(identity)] = Estimate(successes, trials)
    return measured


def _column(record: Record, name: str) -> list[Any]:
    """Return a column of a record, refusing rows that lack it or hold something else in it."""
    numbers = name in _NUMBERS
    kinds = (int, float) if numbers else (str, int, float, type(None))
    missing = None if name == "pixels" else ()  # only rows of translations have them
    for number, row in enumerate(record.rows):
        if not isinstance(row.get(name, missing), kinds):
            raise InputError(
                f"rows of record {record.experiment!r} must have {name}, "
                f"{'a number' if numbers else 'text or a number'}, got none in row {number}"
            )
    return [row.get(name) for row in record.rows]


def _counts(spatial: Estimate, adversarial: Estimate) -> Row:
    return {
        "spatial_successes": spatial.successes,
        "spatial_trials": spatial.trials,
        "adversarial_successes": adversarial.successes,
        "adversarial_trials": adversarial.trials,
    }
