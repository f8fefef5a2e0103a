"""The experiments of the first figures: the frontier, the attack, the range of rotations."""

from dataclasses import replace

from empirical.evaluation.measures import Measures
from empirical.experiments.plans import Experiment, Plan
from empirical.experiments.runs import Run
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from theory import catalogue

__all__ = ["FIRST"]


def _orientation_texture(profile: str) -> Plan:
    """Four recipes on images of the default orientation-texture setting."""
    epsilon = catalogue.defaults()["orientation-texture"].epsilon
    train, epochs, test, steps, seeds = {
        "smoke": (256, 1, 128, 3, 1),
        "quick": (6000, 3, 4000, 20, 3),
        "full": (55_000, 8, 20_000, 20, 3),
        "paper": (50_000, 10, 20_000, 50, 5),
    }[profile]
    recipes = {
        "natural": Recipe("natural"),
        "augmented": Recipe("augmented", degrees=180.0),
        "adversarial": Recipe("adversarial", epsilon=epsilon, steps=5),
        "mixture": Recipe("mixture", degrees=180.0, epsilon=epsilon, steps=5),
    }
    base = Run(
        "orientation-texture",
        "cnn5",
        recipes["natural"],
        schedule=AdamOneCycle(epochs=epochs, peak=0.02),
        measures=Measures(
            epsilons=(epsilon,),
            steps=steps,
            apgd_steps=5 if profile == "smoke" else 40,
            shifts=True,
        ),
        train=train,
        test=test,
    )
    return Plan({name: replace(base, recipe=recipe) for name, recipe in recipes.items()}, seeds)


def _attack_strength(profile: str) -> Plan:
    """One network that mostly learns turned images, under ever stronger attacks."""
    base = _orientation_texture(profile).runs["mixture"]
    run = replace(
        base,
        network="stdcnn",
        recipe=replace(base.recipe, weight=0.9),
        measures=replace(base.measures, fewer_steps=(1, 2, 5)),
    )
    return Plan({"mixture-0.9": run}, {"smoke": 1, "quick": 3, "full": 5, "paper": 5}[profile])


def _mnist_rotation(profile: str) -> Plan:
    """Training ranges from 0 to 180 degrees on MNIST."""
    train, epochs, test, few, steps, seeds = {
        "smoke": (256, 1, 64, 16, 3, 1),
        "quick": (0, 2, 2000, 200, 20, 3),
        "full": (0, 8, 0, 2000, 20, 5),
        "paper": (0, 10, 0, 2000, 50, 5),
    }[profile]
    base = Run(
        "mnist",
        "cnn5",
        Recipe("natural"),
        schedule=AdamOneCycle(
            epochs=epochs, batch_size=64 if profile == "smoke" else 256, peak=0.02
        ),
        measures=Measures(
            rotations=(30.0, 60.0, 90.0, 120.0, 150.0, 180.0),
            translations=(1.0, 2.0, 3.0, 4.0),
            epsilons=(0.1, 0.3),
            boundary=0.5,
            steps=steps,
            apgd_steps=5 if profile == "smoke" else 40,
            few=few,
            attacked=few,
        ),
        train=train,
        test=test,
        precision="bfloat16" if profile in {"quick", "full"} else "float32",
    )
    runs = {"natural": base}
    for degrees in (30.0, 60.0, 90.0, 120.0, 150.0, 180.0):
        recipe = Recipe("augmented", degrees=degrees)
        runs[f"augmented-{degrees:g}"] = replace(base, recipe=recipe)
    return Plan(runs, seeds)


FIRST = (
    Experiment(
        "orientation_texture",
        "Where do trained networks lie below the frontier of their own setting?",
        _orientation_texture,
    ),
    Experiment(
        "attack_strength",
        "From which strength on does an attack leave no network where none can be?",
        _attack_strength,
    ),
    Experiment(
        "mnist_rotation",
        "What does a wider training range of rotations cost in adversarial accuracy?",
        _mnist_rotation,
    ),
)
