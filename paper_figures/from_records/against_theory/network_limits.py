"""Networks on noisy images, against the limits of every classifier of the same images."""

from collections.abc import Mapping
from typing import Any

from simulations.records import Record
from theory.checks import InputError
from theory.frontiers.measurements import measured_limits

__all__ = ["limits_of_networks"]

Row = dict[str, Any]
_COUNTED = {"measure", "level", "successes", "trials", "mean", "std", "shared"}
_ALL = ",".join(map(str, range(10)))


def limits_of_networks(limits: Record, networks: Record, *, confidence: float = 0.999) -> list[Row]:
    """Compare every network of a record with every limit of its noise.

    A network is compared where its accuracy on turned images and under the limits' radius were
    both measured on the images of the limits. One above a limit was attacked too weakly, or the
    data or the code is wrong (THEORY.md, section 7.1).

    Parameters
    ----------
    limits
        Of ``tradeoff frontier images`` on digits.
    networks
        Of a sweep on ``noisy-digits``.
    confidence
        In (0, 1), of the accuracies of all networks together; the limits have their own.

    Returns
    -------
    list of dict
        What tells the network, ``sigma``, ``spatial_weight``, the accuracies measured,
        ``spatial``, ``adversarial`` and their weighted mean ``measured``, a lower limit of this,
        ``at_least``, the limit of every classifier, ``at_most``, and ``possible``.

    Raises
    ------
    ValueError
        If a record is of another kind or of other images, or no network can be compared.
    """
    names = _names(limits)
    epsilon = limits.config["epsilon"]
    found: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in networks.rows:
        wanted = {"spatial": 0.0, "adversarial": epsilon}.get(row.get("measure", ""))
        if row.get("dataset") in names and wanted == row["level"]:
            identity = tuple((name, row[name]) for name in sorted(row) if name not in _COUNTED)
            found.setdefault(identity, {})[row["measure"]] = row
    both = {key: rows for key, rows in found.items() if len(rows) == 2}
    if not both:
        raise InputError(
            f"networks must have spatial and adversarial accuracy at {epsilon:g} on one of "
            f"{', '.join(names)}, got none"
        )
    _same_images(limits, networks, names)
    counts = [
        tuple(
            (rows[name]["successes"], rows[name]["trials"]) for name in ("spatial", "adversarial")
        )
        for rows in both.values()
    ]
    least = measured_limits(counts, confidence=confidence)  # type: ignore[arg-type]
    compared = []
    for k, (identity, pair) in enumerate(zip(both, counts, strict=True)):
        told = dict(identity)
        sigma = names[told["dataset"]]
        spatial, adversarial = (right / trials for right, trials in pair)
        for limit in limits.rows:
            if limit["kind"] != "limit" or limit["sigma"] != sigma:
                continue
            share = limit["spatial_weight"]
            at_least = float(least.least_sums([share])[k, 0])
            compared.append({
                **told, "sigma": sigma, "spatial_weight": share,
                "spatial": spatial, "adversarial": adversarial,
                "measured": share * spatial + (1.0 - share) * adversarial, "at_least": at_least,
                "at_most": limit["at_most"], "possible": at_least <= limit["at_most"],
            })  # fmt: skip
    return compared


def _names(limits: Record) -> Mapping[str, float]:
    """Return the data sets of the images of the limits, and the noise of each."""
    if limits.experiment not in {"noisy_images", "noisy_images_all"}:
        raise InputError(f"limits must be a record of noisy_images, got {limits.experiment!r}")
    config = limits.config
    digits = {"name": "mnist", "split": "test", "norm": "linf", "degrees": ""}
    for name, value in digits.items():
        if config.get(name) != value:
            raise InputError(f"limits must be of {name} {value!r}, got {config.get(name)!r}")
    images = f"noisy-digits:{config['classes'] or _ALL}"
    sigmas = [row["sigma"] for row in limits.rows if row["kind"] == "limit"]
    return {f"{images}:{sigma:g}:{config['turns']}": sigma for sigma in sigmas}


def _same_images(limits: Record, networks: Record, names: Mapping[str, float]) -> None:
    """Refuse networks whose noisy images are of other numbers of images than the limits."""
    components = limits.config["components"]
    if "tasks" not in networks.config:
        raise InputError(f"networks must be a record of a sweep, got {networks.experiment!r}")
    for task, run in networks.config["tasks"].items():
        if run["dataset"] in names and run["train"] != components:
            raise InputError(
                f"networks must be of the {components} images of the limits, got {run['train']} "
                f"for {task}"
            )
