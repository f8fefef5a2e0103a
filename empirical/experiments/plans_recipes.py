"""Every recipe with a standard and an equivariant network, on real and on Gaussian images.

Nothing was tuned on test images.  The learning rate of each network was chosen among three or four
on images held out of the training set (`empirical.experiments.tuning`, records
``recipes_*-quick-rates.json``) and is the same for every recipe; the length of the runs and the
cycle of the rate were fixed beforehand; the best epoch of the last stage is chosen on held-out
images.  The ``quick`` profile fits on two cores, and so measures recipes against each other, not
what any of them reaches when trained to the end; ``paper`` is for that.
"""

from dataclasses import replace

from empirical.evaluation.measures import Measures
from empirical.experiments.plans import Experiment, Plan
from empirical.experiments.runs import Run
from empirical.training.recipes import Recipe
from empirical.training.schedules import Adam, Momentum
from theory import catalogue

__all__ = ["RECIPE_SWEEPS", "recipes"]

# widths with which both networks have the same number of weights, to 1 %
SMALL = {"stdcnn": 8, "p4cnn": 4}
LARGE = {"stdcnn": 32, "p4cnn": 16}
CIFAR_SMALL = {"stdcnn": 16, "p4cnn": 8}

# peak learning rates, as `tradeoff tune` chose them in the quick profile
RATES = {
    "recipes_gaussian": {"stdcnn": 0.1, "p4cnn": 0.03},
    "recipes_mnist": {"stdcnn": 0.03, "p4cnn": 0.03},
    "recipes_cifar10": {"stdcnn": 0.01, "p4cnn": 0.03},
}


def recipes(epsilon: float, degrees: float, steps: int) -> dict[str, Recipe]:
    """Return every recipe by name, the mixture at three weights of its spatial part."""
    found = {
        "natural": Recipe("natural"),
        "augmented": Recipe("augmented", degrees=degrees),
        "adversarial": Recipe("adversarial", epsilon=epsilon, steps=steps),
        "trades": Recipe("trades", epsilon=epsilon, steps=steps),
    }
    for weight in (0.25, 0.5, 0.75):
        found[f"mixture-{weight:g}"] = Recipe(
            "mixture", degrees=degrees, epsilon=epsilon, weight=weight, steps=steps
        )
    for name in (
        "composed",
        "adversarial_then_augmented",
        "augmented_then_adversarial",
        "cusp",
        "cusp_trades",
    ):
        found[name] = Recipe(name, degrees=degrees, epsilon=epsilon, steps=steps)
    return found


def _family(
    base: Run,
    widths: dict[str, int],
    chosen: dict[str, Recipe],
    seeds: int,
    rates: dict[str, float] | None = None,
) -> Plan:
    """Cross the recipes with the networks, each with its own peak learning rate."""
    peaks = rates or dict.fromkeys(widths, base.schedule.peak)
    return Plan(
        {
            f"{network}-{name}": replace(
                base,
                network=network,
                width=width,
                recipe=recipe,
                schedule=replace(base.schedule, peak=peaks[network]),
            )
            for name, recipe in chosen.items()
            for network, width in widths.items()
        },
        seeds,
    )


def _gaussian(profile: str) -> Plan:
    """All recipes on images of the default orientation-texture setting."""
    epsilon = catalogue.defaults()["orientation-texture"].epsilon
    train, epochs, test, steps, seeds = {
        "smoke": (88, 2, 20, 2, 1),
        "quick": (6600, 3, 2000, 20, 3),
        "paper": (55_000, 10, 10_000, 50, 5),
    }[profile]
    base = Run(
        "orientation-texture",
        "stdcnn",
        Recipe("natural"),
        schedule=Adam(epochs=epochs, batch_size=64),
        measures=Measures(
            epsilons=(epsilon,),
            worst_rotations=(180.0,),
            joint_epsilons=(epsilon,),
            steps=steps,
            restarts=2 if profile == "paper" else 1,
            apgd_steps=5 if profile == "smoke" else 40,
            shifts=True,
            few=test // 5,
        ),
        train=train,
        held_out=train // 11,
        test=test,
    )
    widths, inner = (LARGE, 10) if profile == "paper" else (SMALL, 4)
    rates = RATES["recipes_gaussian"]
    return _family(base, widths, recipes(epsilon, 180.0, inner), seeds, rates)


def _mnist(profile: str) -> Plan:
    """All recipes on MNIST, turned by any angle and attacked at epsilon 0.1."""
    train, epochs, test, steps, seeds = {
        "smoke": (88, 2, 14, 2, 1),
        "quick": (8800, 3, 500, 20, 3),
        "paper": (60_000, 10, 10_000, 50, 3),
    }[profile]
    base = Run(
        "mnist",
        "stdcnn",
        Recipe("natural"),
        schedule=Adam(epochs=epochs, batch_size=64),
        measures=Measures(
            rotations=(0.0, 30.0, 60.0, 90.0, 120.0, 150.0, 180.0),
            translations=(1.0, 2.0, 3.0, 4.0),
            epsilons=(0.05, 0.1) if profile != "paper" else (0.05, 0.1, 0.2, 0.3),
            worst_rotations=(180.0,),
            joint_epsilons=(0.1,),
            joint_degrees=180.0,
            boundary=1.0 if profile == "paper" else 0.5,
            steps=steps,
            restarts=2 if profile == "paper" else 1,
            apgd_steps=5 if profile == "smoke" else 40,
            auto_attack=profile == "paper",
            angles=31 if profile == "paper" else 9,
            few=test // 5,
        ),
        train=train,
        held_out=train // 11,
        test=test,
    )
    widths, inner = (LARGE, 10) if profile == "paper" else (SMALL, 4)
    return _family(base, widths, recipes(0.1, 180.0, inner), seeds, RATES["recipes_mnist"])


def _cifar10(profile: str) -> Plan:
    """CIFAR-10: all recipes at the scale two cores allow; in the paper profile the paper's own."""
    epsilon = 8 / 255
    measures = Measures(
        rotations=(0.0, 30.0, 60.0, 90.0, 120.0, 150.0, 180.0),
        epsilons=(2 / 255, 4 / 255, epsilon),
        worst_rotations=(180.0,),
        joint_epsilons=(epsilon,),
        joint_degrees=180.0,
        steps=20,
        apgd_steps=40,
        angles=13,
        few=100,
    )
    base = Run("cifar10", "stdcnn", Recipe("natural"), measures=measures, crop=4)
    if profile == "paper":
        full = replace(measures, steps=50, restarts=2, auto_attack=True, angles=31, few=1000)
        base = replace(
            base, schedule=Momentum(epochs=120), measures=full, held_out=2000, network="vgg16"
        )
        widths = {"vgg16": 64, "resnet18": 64, "p4mresnet18": 23}
        return _family(base, widths, recipes(epsilon, 180.0, 10), 1)
    train, epochs, test, seeds = {"smoke": (88, 2, 14, 1), "quick": (5500, 4, 400, 1)}[profile]
    base = replace(
        base,
        schedule=Adam(epochs=epochs, batch_size=64),
        train=train,
        held_out=train // 11,
        test=test,
    )
    if profile == "smoke":
        base = replace(base, measures=replace(measures, steps=2, apgd_steps=5, few=16))
    rates = RATES["recipes_cifar10"]
    return _family(base, CIFAR_SMALL, recipes(epsilon, 180.0, 4), seeds, rates)


RECIPE_SWEEPS = (
    Experiment(
        "recipes_gaussian",
        "How far below the frontier does each recipe and architecture land?",
        _gaussian,
    ),
    Experiment(
        "recipes_mnist",
        "What does each recipe and architecture reach on real digits?",
        _mnist,
    ),
    Experiment(
        "recipes_cifar10",
        "What does each recipe and architecture reach on natural images?",
        _cifar10,
    ),
)
