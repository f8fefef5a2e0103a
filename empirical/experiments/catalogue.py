"""The experiments by name, and what each trains and measures in a profile.

Some vary one number of the training: the range of rotations or of translations, or the radius of
the attack.  The others cross every recipe with a standard and an equivariant network, on real and
on Gaussian images.

Nothing was tuned on test images.  Peak learning rates were chosen on images held out of the
training set (`empirical.experiments.tuning`); the length of the runs and the form of the schedules
were fixed beforehand.  The last weights are measured, in the ``quick`` profile those of the best
epoch of the last stage on held-out images.  ``full`` trains on whole data sets and fits on two
cores in hours; ``paper`` has the paper's networks and schedules and is for a GPU.

A p4 network is compared with a standard one of equal multiplications and, with the ending
``half``, with one of equal weights.  CuSP runs as in the paper, by SGD with steps: under a rate
that falls to nothing its last stage, the only one with the whole radius, would starve.
"""

from collections.abc import Mapping
from dataclasses import replace

from empirical.evaluation.measures import Measures
from empirical.experiments.plans import Experiment, Plan
from empirical.experiments.runs import Run
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle, SgdLinear, SgdSteps
from theory import catalogue
from theory.checks import one_of

__all__ = ["EXPERIMENTS", "experiment"]

_WARMUP = 0.3
"""Share of a run, or of its adversarial half, during which the radius grows."""

_WEIGHTS = (0.5, 0.25, 0.75, 0.1, 0.9)
"""Of the spatial part of mixtures, in order of what they teach."""

_LATER = ("mixture-0.1", "mixture-0.9", "mixture_trades", "trades", "adversarial_then_augmented",
          "augmented_then_adversarial", "cusp_trades")  # fmt: skip
"""Runs that a sweep on whole data sets makes last."""

_RATES: dict[str, dict[str, dict[str, float]]] = {
    "recipes_gaussian": {"cnn5": {}, "p4cnn5": {}},
    "noisy_digits": {},
    "recipes_mnist": {"cnn5": {"cusp": 0.4}, "p4cnn5": {"cusp": 0.4}},
    "recipes_cifar10": {
        network: {"mixture": 0.4, "composed": 0.4, "adversarial": 0.4, "cusp": 0.2}
        for network in ("resnet7", "p4resnet7")
    },
}
"""Peak learning rates by network and recipe, where another one than `_PEAKS` was chosen.

Those of CIFAR-10 are the best of .05 to .8, of .2 and .4 for adversarial training, on 5,000
held-out images after four epochs with the narrow network (``recipes_cifar10-full-rates.json``), and
hold for whole data sets.  On digits twice the common rate lowers no held-out loss of the whole
length by more than a thirtieth (``recipes_mnist-full-rates.json``).
"""

_TURNED = {"natural": Recipe("natural")} | {
    f"augmented-{degrees:g}": Recipe("augmented", degrees=degrees)
    for degrees in (30.0, 60.0, 90.0, 120.0, 150.0, 180.0)
}
_MOVED = {"natural": Recipe("natural")} | {
    f"augmented-{pixels:g}": Recipe("augmented", pixels=pixels) for pixels in (1.0, 2.0, 3.0, 4.0)
}
"""Training on ever wider ranges, of degrees and of pixels."""

_PEAKS = {AdamOneCycle: 0.02, SgdSteps: 0.1, SgdLinear: 0.2}


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
            joint_degrees=0.0,
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


def _mnist_ranges(profile: str, chosen: Mapping[str, Recipe]) -> Plan:
    """Training ranges on MNIST; the equivariant network in the longer profiles alone."""
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
            epsilons=(0.05, 0.1) if profile == "full" else (0.1, 0.3),
            joint_degrees=0.0,
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
    networks = ("cnn5",) if profile in {"smoke", "quick"} else ("cnn5", "p4cnn5")
    return Plan(_ranges(base, networks, chosen), seeds)


def _ranges(base: Run, networks: tuple[str, ...], chosen: Mapping[str, Recipe]) -> dict[str, Run]:
    """Train networks on ever wider ranges; the first of them is not in the names of the runs."""
    runs = _crossed(base, networks, chosen, {})
    return {name.removeprefix(f"{networks[0]}-"): run for name, run in runs.items()}


def _recipes(
    epsilon: float, degrees: float, steps: int, *, reach: float = 2.5, warmup: float = _WARMUP
) -> dict[str, Recipe]:
    """Return every recipe by name, the mixture at five weights of its spatial part.

    The radius warms up everywhere but in CuSP, whose stages are a warm-up of their own.
    """
    attack = Recipe("adversarial", epsilon=epsilon, steps=steps, reach=reach, warmup=warmup)
    both = replace(attack, name="composed", degrees=degrees)
    found = {f"mixture-{w:g}": replace(both, name="mixture", weight=w) for w in _WEIGHTS[:3]}
    found |= {
        "cusp": replace(both, name="cusp", warmup=0.0),
        "composed": both,
        "adversarial": attack,
        "natural": Recipe("natural"),
        "augmented": Recipe("augmented", degrees=degrees),
    }
    found |= {f"mixture-{w:g}": replace(both, name="mixture", weight=w) for w in _WEIGHTS[3:]}
    return found | {
        "mixture_trades": replace(both, name="mixture_trades"),
        "trades": replace(attack, name="trades"),
        "adversarial_then_augmented": replace(both, name="adversarial_then_augmented"),
        "augmented_then_adversarial": replace(both, name="augmented_then_adversarial"),
        "cusp_trades": replace(both, name="cusp_trades", warmup=0.0),
    }


def _crossed(
    base: Run,
    networks: tuple[str, ...],
    chosen: Mapping[str, Recipe],
    rates: Mapping[str, Mapping[str, float]],
) -> dict[str, Run]:
    """Cross the recipes with the networks, each with its own peak learning rate."""
    runs = {}
    for name, recipe in chosen.items():
        for network in networks:
            schedule = base.schedule
            if recipe.name in {"cusp", "cusp_trades"}:
                schedule = SgdSteps(epochs=schedule.epochs)
            own = rates.get(network.removesuffix("half"), {})
            peak = own.get(recipe.name, _PEAKS[type(schedule)])
            runs[f"{network}-{name}"] = replace(
                base, network=network, recipe=recipe, schedule=replace(schedule, peak=peak)
            )
    return runs


def _on_whole_data(
    base: Run,
    networks: tuple[str, str],
    half: str,
    chosen: Mapping[str, Recipe],
    rates: Mapping[str, Mapping[str, float]],
    *,
    seeds: int,
    checked: int = 0,
) -> Plan:
    """Return the plan on a whole data set: main recipes first, the narrow network after them."""
    main = {name: recipe for name, recipe in chosen.items() if name not in _LATER}
    runs = _crossed(base, networks, chosen, rates) | _crossed(base, (half,), main, rates)
    later = {f"{network}-{name}" for network in networks for name in _LATER}
    later |= {f"{half}-{name}" for name in main}
    return Plan(runs, seeds, frozenset(later), checked)


def _recipes_gaussian(profile: str) -> Plan:
    """All recipes on images of the default orientation-texture setting."""
    epsilon = catalogue.defaults()["orientation-texture"].epsilon
    train, epochs, test, steps, seeds = {
        "smoke": (88, 2, 20, 2, 1),
        "quick": (6600, 3, 2000, 20, 3),
        "full": (55_000, 8, 10_000, 20, 3),
        "paper": (55_000, 10, 10_000, 50, 5),
    }[profile]
    base = Run(
        "orientation-texture",
        "cnn5",
        Recipe("natural"),
        schedule=AdamOneCycle(epochs=epochs, batch_size=256 if profile == "full" else 64),
        measures=Measures(
            epsilons=(epsilon,),
            worst_rotations=(180.0,),
            joint_epsilons=(epsilon,),
            joint_degrees=0.0,
            steps=steps,
            restarts=2 if profile == "paper" else 1,
            apgd_steps=5 if profile == "smoke" else 40,
            shifts=True,
            few=test // 5,
        ),
        train=train,
        held_out=0 if profile == "full" else train // 11,
        test=test,
        precision="bfloat16" if profile == "full" else "float32",
    )
    chosen = _recipes(epsilon, 180.0, {"full": 5, "paper": 10}.get(profile, 4))
    if profile == "full":
        networks = ("cnn5", "p4cnn5")
        return _on_whole_data(
            base, networks, "cnn5half", chosen, _RATES["recipes_gaussian"], seeds=seeds
        )
    return Plan(_crossed(base, ("cnn5half", "p4cnn5"), chosen, _RATES["recipes_gaussian"]), seeds)


def _recipes_mnist(profile: str, epsilon: float = 0.3) -> Plan:
    """All recipes on MNIST, turned by any angle and attacked."""
    train, epochs, test, steps, seeds = {
        "smoke": (88, 2, 14, 2, 1),
        "quick": (8800, 3, 500, 20, 3),
        "full": (0, 8, 0, 20, 5),
        "paper": (0, 10, 0, 50, 3),
    }[profile]
    measures = Measures(
        rotations=(0.0, 30.0, 60.0, 90.0, 120.0, 150.0, 180.0),
        translations=(1.0, 2.0, 3.0, 4.0),
        epsilons=(0.1, 0.3),
        worst_rotations=(180.0,),
        joint_epsilons=(epsilon,),
        joint_degrees=180.0,
        boundary=0.5,
        steps=steps,
        apgd_steps=5 if profile == "smoke" else 40,
        few=test // 5,
    )
    base = Run(
        "mnist",
        "cnn5",
        Recipe("natural"),
        schedule=AdamOneCycle(epochs=epochs, batch_size=64),
        measures=measures,
        train=train,
        held_out=train // 11,
        test=test,
    )
    rates = _RATES["recipes_mnist"]
    networks = ("cnn5", "p4cnn5")
    if profile == "full":
        base = replace(
            base,
            schedule=replace(base.schedule, batch_size=256),
            measures=replace(measures, attacked=1000, few=500, queries=1500),
            precision="bfloat16",
        )
        chosen = _recipes(epsilon, 180.0, 5)
        return _on_whole_data(base, networks, "cnn5half", chosen, rates, seeds=seeds, checked=200)
    if profile == "paper":
        strong = replace(
            measures, epsilons=(0.05, 0.1, 0.2, 0.3), boundary=1.0, restarts=2, auto_attack=True,
            few=2000,
        )  # fmt: skip
        base = replace(base, measures=strong)
        return Plan(_crossed(base, networks, _recipes(epsilon, 180.0, 10), rates), seeds)
    chosen = _recipes(epsilon, 180.0, 4)
    return Plan(_crossed(base, ("cnn5half", "p4cnn5"), chosen, rates), seeds)


def _recipes_cifar10(profile: str, epsilon: float = 8 / 255) -> Plan:
    """CIFAR-10: all recipes at the scale two cores allow; in the paper profile the paper's own."""
    measures = Measures(
        rotations=(0.0, 30.0, 60.0, 90.0, 120.0, 150.0, 180.0),
        translations=(1.0, 2.0, 3.0, 4.0),
        epsilons=(4 / 255, 8 / 255),
        worst_rotations=(180.0,),
        joint_epsilons=(epsilon,),
        joint_degrees=180.0,
        steps=20,
        apgd_steps=40,
        few=100,
    )
    base = Run("cifar10", "resnet7", Recipe("natural"), measures=measures, crop=4)
    rates = _RATES["recipes_cifar10"] if profile == "full" else {}
    if profile == "paper":
        full = replace(measures, steps=50, restarts=2, auto_attack=True, few=1000)
        base = replace(base, schedule=SgdSteps(epochs=120), measures=full, held_out=2000)
        wide = ("vgg16", "resnet18", "p4mresnet18")
        return Plan(_crossed(base, wide, _recipes(epsilon, 180.0, 10, warmup=0.0), {}), 1)
    chosen = _recipes(epsilon, 180.0, 2, reach=1.5)
    if profile == "full":
        base = replace(
            base,
            schedule=SgdLinear(epochs=16),
            measures=replace(measures, attacked=2000, few=500),
            precision="bfloat16",
        )
        networks = ("resnet7", "p4resnet7")
        return _on_whole_data(base, networks, "resnet7half", chosen, rates, seeds=3, checked=200)
    train, epochs, test, seeds = {"smoke": (88, 2, 14, 1), "quick": (5500, 4, 400, 1)}[profile]
    base = replace(
        base,
        schedule=SgdLinear(epochs=epochs, batch_size=64),
        train=train,
        held_out=train // 11,
        test=test,
    )
    if profile == "smoke":
        base = replace(base, measures=replace(measures, steps=2, apgd_steps=5, few=16))
    return Plan(_crossed(base, ("resnet7half", "p4resnet7"), chosen, rates), seeds)


def _cifar10_equal_compute(profile: str) -> Plan:
    """Mixtures of the main weights, in as many passes through the network as `composed` takes."""
    plan, runs = _recipes_cifar10(profile), {}
    for name, run in plan.runs.items():
        recipe, schedule = run.recipe, run.schedule
        if recipe.name == "mixture" and 0.25 <= recipe.weight <= 0.75 and name not in plan.later:
            longer = replace(recipe, name="composed").passes / recipe.passes
            epochs = round(schedule.epochs * longer)
            runs[name] = replace(run, schedule=replace(schedule, epochs=epochs))
    return replace(plan, runs=runs, later=frozenset())


def _paper_networks(profile: str) -> Plan:
    """Train the paper's networks on the schedule of the compact ones; for a GPU.

    The p4m network has the multiplications of the plain ResNet-18, an eighth of its weights.
    """
    base = next(iter(_recipes_cifar10(profile).runs.values()))
    if profile == "full":
        base = replace(base, measures=replace(base.measures, attacked=1000, few=200))
    names = ("mixture-0.5", "cusp", "composed", "adversarial", "natural", "augmented")
    every = _recipes(8 / 255, 180.0, base.recipe.steps, reach=base.recipe.reach)
    chosen = {name: every[name] for name in names}
    widths = {"resnet18": None, "vgg16": None, "p4mresnet18": 8}
    if profile in {"smoke", "quick"}:
        widths = {"resnet18": 4, "vgg16": 4, "p4mresnet18": 2}
    runs: dict[str, Run] = {}
    for network, width in widths.items():
        runs |= _crossed(replace(base, width=width), (network,), chosen, {})
    main = {f"{network}-{name}" for network in ("resnet18", "vgg16") for name in names[:4]}
    return Plan(runs, 1, frozenset(runs) - main, checked=0 if profile == "smoke" else 200)


def _cifar10_ranges(profile: str, chosen: Mapping[str, Recipe], *, crop: int | None = None) -> Plan:
    """Training ranges on CIFAR-10, with the usual crops and flips unless `crop` says otherwise."""
    standard, equivariant = {
        "full": ("resnet7", "p4resnet7"),
        "paper": ("resnet18", "p4mresnet18"),
    }.get(profile, ("resnet7half", "p4resnet7"))
    plan = _recipes_cifar10(profile)
    base = _without_searches(plan.runs[f"{standard}-natural"], profile)
    measures = replace(base.measures, boundary=32 / 255)
    base = replace(base, measures=measures, crop=base.crop if crop is None else crop)
    return Plan(_ranges(base, (standard, equivariant), chosen), plan.seeds)


def _without_searches(run: Run, profile: str) -> Run:
    """Measure at 2/255 too, where natural training has a say, and search no rotations."""
    measures = replace(
        run.measures, epsilons=(2 / 255, 4 / 255, 8 / 255), worst_rotations=(), joint_epsilons=()
    )
    if profile == "full":
        measures = replace(measures, attacked=1000)
    return replace(run, measures=measures)


def _turns(plan: Plan, network: str) -> Plan:
    """Train on rotations by any angle, or on exact quarter turns, and measure under both.

    The networks of rotations by any angle are those of the plan, which has every recipe.
    """
    weights, runs = ("mixture-0.25", "mixture-0.75"), {}
    for name in ("mixture-0.5", "composed", "augmented", *weights, "cusp"):
        run = plan.runs[f"{network}-{name}"]
        measures = replace(
            run.measures,
            rotations=(180.0,),
            quarter_turns=True,
            translations=(),
            epsilons=run.measures.epsilons[-1:],
            worst_rotations=(),
            joint_epsilons=(),
            boundary=0.0,
            attacked=1000 if run.measures.attacked else 0,
        )
        runs[name] = replace(run, measures=measures)
        runs[f"exact-{name}"] = replace(runs[name], recipe=replace(run.recipe, exact=True))
    later = {f"exact-{name}" for name in (*weights, "cusp")}
    return Plan(runs, plan.seeds, frozenset(later))


def _mnist_turns(profile: str) -> Plan:
    """Turn digits, whose background is empty, by any angle or exactly."""
    network = "cnn5" if profile in {"full", "paper"} else "cnn5half"
    return _turns(_recipes_mnist(profile), network)


def _cifar10_turns(profile: str) -> Plan:
    """Turn natural images, in which a turn by any angle leaves traces, likewise."""
    network = {"full": "resnet7", "paper": "resnet18"}.get(profile, "resnet7half")
    return _turns(_recipes_cifar10(profile), network)


def _mnist_epsilon(profile: str) -> Plan:
    """Training radii from 0 to 0.3 on MNIST; TRADES and p4 in the longer profiles alone."""
    plan = _recipes_mnist(profile)
    families = {"adversarial-": "cnn5half-adversarial"}
    if profile in {"full", "paper"}:
        families = {
            "adversarial-": "cnn5-adversarial",
            "trades-": "cnn5-trades",
            "p4cnn5-adversarial-": "p4cnn5-adversarial",
        }
    runs: dict[str, Run] = {}
    for prefix, name in families.items():
        base = plan.runs[name]
        measures = replace(base.measures, worst_rotations=(), joint_epsilons=())
        base = replace(base, measures=measures)
        runs |= _radii(base, prefix, {f"{e:g}": e for e in (0.0, 0.05, 0.1, 0.2, 0.3)})
    return Plan(runs, {"smoke": 1, "quick": 3, "full": 3, "paper": 5}[profile])


def _cifar10_epsilon(profile: str) -> Plan:
    """Training radii from 0 to 8/255 on CIFAR-10, by PGD and by TRADES."""
    network = {"full": "resnet7", "paper": "resnet18"}.get(profile, "resnet7half")
    plan = _recipes_cifar10(profile)
    runs: dict[str, Run] = {}
    for recipe in ("adversarial", "trades"):
        base = _without_searches(plan.runs[f"{network}-{recipe}"], profile)
        runs |= _radii(base, f"{recipe}-", {str(e): e / 255 for e in (0, 2, 4, 8)})
    return Plan(runs, plan.seeds)


def _radii(base: Run, prefix: str, radii: Mapping[str, float]) -> dict[str, Run]:
    """Train at ever larger radii; TRADES at 0 is natural training, as is PGD, and left to it."""
    return {
        f"{prefix}{name}": replace(base, recipe=replace(base.recipe, epsilon=epsilon))
        for name, epsilon in radii.items()
        if epsilon or base.recipe.name != "trades"
    }


def _noisy_digits(profile: str) -> Plan:
    """Return the main recipes on noisy digits, where the limits of every classifier are known.

    The 600 images, the half turns and the radius are those of ``noisy_images.json``. Length and
    batches were chosen on other noise than that of the tests: of six trials of PGD training at
    σ = 1.5 the convolutions needed the fewest noisy images. In the full profile networks of
    templates, and the greatest noise, come last.
    """
    thorough = profile in {"full", "paper"}
    sigmas = (1.5, 1.0, 2.0) if thorough else (1.5,)
    plan = _on_noisy_digits(profile, "6,9:{}:0,2", 600, sigmas, ("cnn5", "dense"))
    later = {name for name in plan.runs if thorough and ("dense" in name or "sigma-2" in name)}
    return replace(plan, later=frozenset(later))


def _noisy_digits_all(profile: str) -> Plan:
    """Return the main recipes on the images of ``noisy_images_all.json``, in as many steps."""
    sigmas = (1.5, 1.0) if profile in {"full", "paper"} else (1.5,)
    return _on_noisy_digits(profile, "0,1,2,3,4,5,6,7,8,9:{}:0,1,2,3", 1000, sigmas, ("cnn5",))


def _on_noisy_digits(
    profile: str, digits: str, images: int, sigmas: tuple[float, ...], networks: tuple[str, ...]
) -> Plan:
    """Cross the main recipes with networks and noise; an epoch has ten batches."""
    epochs, test, few, steps, seeds = {
        "smoke": (2, 20, 16, 2, 1),
        "quick": (60, 4000, 500, 20, 1),
        "full": (400, 10_000, 1000, 20, 3),
        "paper": (2000, 20_000, 5000, 50, 5),
    }[profile]
    if profile == "smoke":
        images //= 15
    epsilon = 0.1
    base = Run(
        "",
        "cnn5",
        Recipe("natural"),
        schedule=AdamOneCycle(epochs=epochs, batch_size=max(images // 10, 20)),
        measures=Measures(
            epsilons=(epsilon,),
            steps=steps,
            apgd_steps=5 if profile == "smoke" else 40,
            attacked=few,
        ),
        train=images,
        test=test,
        precision="bfloat16" if profile == "full" else "float32",
    )
    every = _recipes(epsilon, 180.0, 4)
    chosen = {name: recipe for name, recipe in every.items() if name not in _LATER}
    runs = {
        f"sigma-{sigma:g}-{name}": run
        for sigma in sigmas
        for name, run in _crossed(
            replace(base, dataset="noisy-digits:" + digits.format(f"{sigma:g}")),
            networks, chosen, _RATES["noisy_digits"],
        ).items()
    }  # fmt: skip
    return Plan(runs, seeds)


EXPERIMENTS = {
    chosen.name: chosen
    for chosen in (
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
            lambda profile: _mnist_ranges(profile, _TURNED),
        ),
        Experiment(
            "mnist_translation",
            "What does a wider training range of translations cost in adversarial accuracy?",
            lambda profile: _mnist_ranges(profile, _MOVED),
        ),
        Experiment(
            "cifar10_rotation",
            "What does a wider training range of rotations cost on natural images?",
            lambda profile: _cifar10_ranges(profile, _TURNED),
        ),
        Experiment(
            "cifar10_translation",
            "What does a wider training range of translations cost on natural images?",
            lambda profile: _cifar10_ranges(profile, _MOVED, crop=0),  # crops are translations
        ),
        Experiment(
            "mnist_turns",
            "What is left of each recipe under turns that leave no trace in digits?",
            _mnist_turns,
        ),
        Experiment(
            "cifar10_turns",
            "What is left of each recipe under turns that leave no trace in natural images?",
            _cifar10_turns,
        ),
        Experiment(
            "recipes_gaussian",
            "How far below the frontier does each recipe and architecture land?",
            _recipes_gaussian,
        ),
        Experiment(
            "recipes_mnist",
            "What does each recipe and architecture reach on real digits?",
            _recipes_mnist,
        ),
        Experiment(
            "recipes_mnist_small_epsilon",
            "What does each recipe reach on real digits when trained at a third of that radius?",
            lambda profile: _recipes_mnist(profile, epsilon=0.1),
        ),
        Experiment(
            "mnist_epsilon",
            "What does a larger training radius cost in spatial accuracy?",
            _mnist_epsilon,
        ),
        Experiment(
            "cifar10_epsilon",
            "What does a larger training radius cost in spatial accuracy on natural images?",
            _cifar10_epsilon,
        ),
        Experiment(
            "recipes_cifar10",
            "What does each recipe and architecture reach on natural images?",
            _recipes_cifar10,
        ),
        Experiment(
            "cifar10_equal_compute",
            "What do mixtures reach on natural images with the compute of attacks on every image?",
            _cifar10_equal_compute,
        ),
        Experiment(
            "paper_networks",
            "What do the paper's networks reach on natural images?",
            _paper_networks,
        ),
        Experiment(
            "noisy_digits",
            "How far below the limits of every classifier on noisy digits does each recipe land?",
            _noisy_digits,
        ),
        Experiment(
            "noisy_digits_all",
            "How far below these limits does each recipe land on all ten digits?",
            _noisy_digits_all,
        ),
        Experiment(
            "recipes_cifar10_small_epsilon",
            "What does each recipe reach on natural images when trained at half that radius?",
            lambda profile: _recipes_cifar10(profile, epsilon=4 / 255),
        ),
    )
}


def experiment(name: str) -> Experiment:
    """Return an experiment by name.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    return EXPERIMENTS[one_of("experiment", name, sorted(EXPERIMENTS))]
