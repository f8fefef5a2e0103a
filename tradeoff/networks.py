"""Commands on trained networks: data, train, evaluate, sweep, tune, connect."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulations.execution.progress import bar
from simulations.records import Record, provenance
from theory.checks import InputError
from theory.setting.catalogue import SETTINGS
from tradeoff.answers.repetition import command_line, file_digests
from tradeoff.answers.reports import setting_digest
from tradeoff.answers.tables import counts_table, render
from tradeoff.answers.verdicts import record_verdicts
from tradeoff.options import (
    ClusterOption,
    Device,
    DeviceOption,
    KeepOption,
    OutOption,
    PrecisionOption,
    Profile,
    ProfileOption,
    SeedOption,
    WorkersOption,
    known_name,
    name_argument,
    radius_option,
)

if TYPE_CHECKING:
    from empirical.evaluation.measures import Measures
    from empirical.experiments.runs import Run
    from empirical.training.loop import Report

__all__ = [
    "connect_command",
    "data_command",
    "evaluate_command",
    "sweep_command",
    "train_command",
    "tune_command",
]


# That no sound measurement is called impossible.
_CONFIDENCE = 0.999


# Options whose values depend on the network, by what they set.
_WRITTEN = {
    "steps": "steps",
    "restarts": "restarts",
    "apgd_steps": "apgd",
    "queries": "queries",
    "auto_attack": "auto_attack",
}


# Told in the help, which loads no experiments.
_SWEEPS = (
    "orientation-texture, attack-strength, mnist-rotation, mnist-translation, mnist-turns, "
    "mnist-epsilon, cifar10-rotation, cifar10-translation, cifar10-turns, cifar10-epsilon, "
    "cifar10-equal-compute, recipes-gaussian, recipes-mnist, recipes-mnist-small-epsilon, "
    "recipes-cifar10, recipes-cifar10-small-epsilon, paper-networks, noisy-digits, noisy-digits-all"
)


class Source(StrEnum):
    """Data that can be fetched; MNIST is shipped."""

    cifar10 = "cifar10"


def data_command(
    _name: Annotated[
        Source, typer.Argument(metavar="NAME", help="cifar10; MNIST comes with the package.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", help="Where the images go; TRADEOFF_DATA, or else cifar10 of this folder."
        ),
    ] = None,
) -> None:
    """Fetch a data set and verify it against the published digests.

    Every command finds it where the option --data-folder before the command's name, or the
    environment variable TRADEOFF_DATA, says that it is.
    """
    from empirical.data.cifar10 import VARIABLE, data_folder
    from empirical.data.cifar10_download import fetch_cifar10

    file = fetch_cifar10(folder)
    typer.echo(f"images: {file}")
    if file.parent.resolve() != data_folder().resolve():
        typer.echo(f"for other commands to find them: export {VARIABLE}={file.parent.resolve()}")


def train_command(
    *,
    name: Annotated[
        str, typer.Argument(help=f"EXPERIMENT/RUN, as mnist-rotation/augmented-60, of: {_SWEEPS}.")
    ],
    profile: ProfileOption = Profile.quick,
    seed: SeedOption = 0,
    precision: PrecisionOption = None,
    keep: KeepOption = False,
    out: OutOption = Path("results"),
    device: DeviceOption = Device.auto,
) -> None:
    """Train one network of an experiment, measure it, and keep its checkpoint.

    Killed at any time and started again, it ends with the same network. A checkpoint that other
    code made is refused, unless --keep says otherwise.
    """
    from empirical.checks import resolve_device
    from empirical.experiments.runs import evaluate_run, train_run

    run, stem = _run(name, profile, seed)
    if precision is not None:
        run = replace(run, precision=precision.value)
    place = resolve_device(device)
    checkpoint = out / f"{stem}-{profile}-{seed}.pt"
    images, test = run.data()
    with bar(name, run.schedule.epochs) as advance:

        def report(epoch: "Report") -> None:
            advance()
            held = "" if epoch.held_out_loss is None else f", held out {epoch.held_out_loss:.4f}"
            typer.echo(
                f"epoch {epoch.epoch + 1}/{run.schedule.epochs}: loss {epoch.loss:.4f}{held}, "
                f"{epoch.seconds:.1f} s",
                err=True,
            )

        model = train_run(run, images.to(place), checkpoint=checkpoint, report=report, keep=keep)
    _, rows = evaluate_run(run, model, test.to(place))
    _echo(counts_table(rows))
    typer.echo(f"checkpoint: {checkpoint}")


def evaluate_command(
    context: typer.Context,
    *,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="NETWORK",
            help="Checkpoint of train or sweep, or your own: module:factory, file.py:factory.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", hidden=True, help="The same as NETWORK.")
    ] = None,
    shipped: Annotated[
        str | None,
        typer.Option(
            "--pretrained",
            help="A trained network of the package, as mnist/cnn5-mixture-0.5; list: all of them. "
            "What is not asked for is that of its own counts.",
        ),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", help="State dict of your model.")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--data", "--dataset", help="Images for your model: a name, FILE.npz or a folder."
        ),
    ] = None,
    mean: Annotated[
        str | None,
        typer.Option(
            "--mean",
            help="What your model wants subtracted, per channel: 0.5,0.5,0.5 in units of pixels "
            "from 0 to 1, or the values of mnist, cifar10 or imagenet by name.",
        ),
    ] = None,
    std: Annotated[
        str | None, typer.Option("--std", help="What it is then divided by, written likewise.")
    ] = None,
    logits: Annotated[
        str | None,
        typer.Option("--logits", help="Number or key of the logits, if your model returns more."),
    ] = None,
    rotation: Annotated[
        list[float] | None, typer.Option("--rotation", help="Test range, +- degrees; repeatable.")
    ] = None,
    quarter_turns: Annotated[
        bool,
        typer.Option(
            "--quarter-turns",
            help="Turn by 90, 180 or 270 degrees too, exactly, without a trace, and a little more.",
        ),
    ] = False,
    translation: Annotated[
        list[float] | None, typer.Option("--translation", help="Test range, +- pixels; repeatable.")
    ] = None,
    worst_rotation: Annotated[
        list[float] | None,
        typer.Option("--worst-rotation", help="Worst case on +- degrees; repeatable."),
    ] = None,
    joint: Annotated[
        list[float] | None,
        radius_option("--joint", "Radius after the worst rotation; repeatable."),
    ] = None,
    joint_degrees: Annotated[
        float, typer.Option("--joint-degrees", help="Range of rotations of --joint.")
    ] = 180.0,
    boundary: Annotated[
        float, radius_option("--boundary", "Largest distance to the boundary searched; 0: no.")
    ] = 0.0,
    apgd: Annotated[
        int | None,
        typer.Option(
            "--apgd",
            min=0,
            help="Steps of Auto-PGD on what PGD leaves; 0: none.",
            show_default="40",
        ),
    ] = None,
    queries: Annotated[
        int | None,
        typer.Option(
            "--queries",
            min=0,
            show_default="0",
            help="Then queries of Square, which needs no gradients, of each image.",
        ),
    ] = None,
    auto_attack: Annotated[
        bool | None,
        typer.Option(
            "--auto-attack/--no-auto-attack",
            show_default="no",
            help="Attack by AutoAttack what is left then.",
        ),
    ] = None,
    shifts: Annotated[
        bool, typer.Option("--shifts", help="Attack Gaussian images by the theorem's shifts too.")
    ] = False,
    epsilon: Annotated[
        list[float] | None,
        radius_option("--epsilon", "Attack radius, 0.1 or 8/255; repeatable."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", min=1, help="Steps of PGD.", show_default="20")
    ] = None,
    restarts: Annotated[
        int | None, typer.Option("--restarts", min=1, help="Starts of PGD.", show_default="1")
    ] = None,
    test: Annotated[
        int | None,
        typer.Option(
            "--test",
            min=0,
            help="Test images; 0: all. Your own, and with --pretrained: all; others: 1000.",
        ),
    ] = None,
    seed: SeedOption = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="New NAME.json for the record; the flags go to NAME-flags.npz beside it."
        ),
    ] = None,
    device: DeviceOption = Device.auto,
) -> None:
    """Measure a trained network, of this program or your own, on test images.

    A model of your own is what a factory without arguments returns: a torch module that maps
    images (N, C, H, W) of values from 0 to 1 to logits (N, K). mymodel:build is looked for where
    Python looks and in this folder, ./mymodel.py:build is a file. The module names theory,
    simulations, empirical, paper_figures and tradeoff are this program's own.

    Images of your own are an .npz file with x_test, uint8 or from 0 to 1, (N, H, W),
    (N, H, W, C) or (N, C, H, W), and y_test, integers from 0; or a folder of images, CLASS/FILE,
    all of one size, numbered by the names of the classes if these are numbers, else in alphabetic
    order. There may be fewer classes than the model has.

    Warnings say what speaks against the accuracies under attack, such as gradients that vanish;
    the record holds them too. On images of a setting the point is held against the certified curve;
    exit code 1 if no classifier can be there.
    """
    from empirical.checks import resolve_device
    from empirical.evaluation.doubts import doubts
    from empirical.evaluation.evaluate import check_measures, evaluate
    from empirical.experiments.pretrained import pretrained_index
    from empirical.experiments.subjects import open_subject

    if shipped == "list":
        _echo(_told(pretrained_index()))
        return
    started = time.perf_counter()
    levels = {
        "rotations": tuple(rotation or ()),
        "quarter_turns": quarter_turns,
        "translations": tuple(translation or ()),
        "epsilons": tuple(epsilon or ()),
        "worst_rotations": tuple(worst_rotation or ()),
        "joint_epsilons": tuple(joint or ()),
        "boundary": boundary,
        "shifts": shifts,
    }
    strength = {
        "steps": steps, "restarts": restarts, "apgd_steps": apgd, "queries": queries,
        "auto_attack": auto_attack,
    }  # fmt: skip
    measures, notes = _measures(shipped, levels, strength, joint_degrees)
    if shipped is not None and test is None:
        test = 0
    written = {name: getattr(measures, field) for field, name in _WRITTEN.items()}
    context.params.update(written, test=test)  # the command that repeats this one has them all
    place = resolve_device(device)
    checkpoint, named = _network(subject, model)
    if dataset is not None and dataset.replace("_", "-") in SETTINGS:
        dataset = dataset.replace("_", "-")
    with _reserved(out) as files:
        opened = open_subject(
            checkpoint, named, weights, dataset, test=test, seed=seed, device=place,
            mean=mean, std=std, logits=logits, shipped=shipped,
        )  # fmt: skip
        check_measures(measures, opened.test)
        flags = evaluate(opened.model, opened.test, measures, seed=seed)
        rows = flags.rows(opened.labels)
        _echo(counts_table(rows))
        _echo(notes)
        with bar("warnings", None):
            warnings = doubts(opened.model, opened.test, measures, flags, seed=seed)
        _echo(f"warning: {text}" for text in warnings)
        if files:
            own = {"weights": weights, "data": dataset, "mean": mean, "std": std, "logits": logits}
            config = {
                **opened.labels,
                **{name: str(value) for name, value in own.items() if value is not None},
                **({"pretrained": pretrained_index()[shipped]["sha256"]} if shipped else {}),
                "measures": asdict(measures),
                "test": len(opened.test),
                "seed": seed,
                "command": command_line(context),
                "files": file_digests(context),
            }
            if opened.test.setting is not None:
                config["setting_sha256"] = setting_digest(opened.test.setting)
            origin = provenance(seed=seed, seconds=time.perf_counter() - started, device=place)
            Record("evaluate", config, rows, origin, warnings=warnings).save(files[0])
            flags.save(files[1])
    if measures.epsilons and opened.test.setting is not None:
        _against_curve(rows)


def _measures(
    shipped: str | None,
    levels: dict[str, Any],
    strength: dict[str, Any],
    joint_degrees: float,
) -> tuple["Measures", list[str]]:
    """Return what to measure, and what to say of it to those who know the network's own counts.

    What is not given is usual, or that of these counts. Square and AutoAttack are left out where
    their library is not there and nobody asked for them.
    """
    from empirical.evaluation.measures import Measures

    given = {name: value for name, value in strength.items() if value is not None}
    if any(levels.values()) or shipped is None:
        attacked = levels["epsilons"] or levels["joint_epsilons"] or levels["boundary"]
        idle = [name for name, value in given.items() if value and not attacked]
        if idle:
            raise InputError(f"{_WRITTEN[idle[0]]} must have an epsilon, got none")
    if shipped is None:
        return Measures(joint_degrees=joint_degrees, **levels, **given), []
    from empirical.experiments.pretrained import pretrained_index, pretrained_measures

    own = replace(pretrained_measures(shipped), joint_degrees=joint_degrees)
    chosen = levels if any(levels.values()) else {}
    if not chosen.get("epsilons", own.epsilons):
        own = replace(own, queries=0, auto_attack=False)
    measures = replace(own, **given, **chosen)
    if find_spec("pyautoattack") is None:
        absent: dict[str, Any] = {"queries": 0, "auto_attack": False}
        measures = replace(measures, **{k: v for k, v in absent.items() if k not in given})
    weaker = [
        f"{_WRITTEN[name].replace('_', '-')} {getattr(measures, name)} for {getattr(own, name)}"
        for name in strength
        if getattr(measures, name) < getattr(own, name)
    ]
    notes = list(_told({shipped: pretrained_index()[shipped]}))
    if measures.epsilons and weaker:
        notes.append(f"attacked more weakly than for these counts: {', '.join(weaker)}")
    return measures, notes


def _told(index: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Say of every trained network of the package what was counted before weights were rounded."""
    for name, entry in index.items():
        counts = ", ".join(
            " ".join([row["measure"], *([f"{row['level']:g}"] if row["level"] else [])])
            + f": {row['successes']}/{row['trials']}"
            for row in entry["rows"]
        )
        short = entry["precision"] != "float32"
        yield f"{name}  {counts}{' (before rounding to float16)' if short else ''}"


def _network(subject: str | None, model: str | None) -> tuple[Path | None, str | None]:
    """Return the checkpoint and the user's model that are named; there should be one of them."""
    if subject is None:
        return None, model
    reference = subject.endswith(".py") or (":" in subject and not Path(subject).exists())
    if reference and model is None:
        return None, subject
    return Path(subject), model


@contextmanager
def _reserved(out: Path | None) -> Iterator[tuple[Path, ...]]:
    """Take the names of the record and of the flags, so that no other run writes there.

    Empty files hold them; these go if the block fails.
    """
    if out is None:
        yield ()
        return
    if out.suffix != ".json":
        raise InputError(f"out must end in .json, got {out}")
    files = out, out.with_name(f"{out.stem}-flags.npz")
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as undone:
        for file in files:
            try:
                file.touch(exist_ok=False)
            except FileExistsError:
                raise InputError(f"out must be a new file, got {file}, which exists") from None
            undone.callback(file.unlink, missing_ok=True)
        yield files
        undone.pop_all()


def _against_curve(rows: list[dict[str, Any]]) -> None:
    """Print where the network lies against the certified curve; exit code 1 if above it."""
    verdicts = record_verdicts(rows, confidence=_CONFIDENCE)
    about = {"confidence": _CONFIDENCE, "points": len(verdicts)}
    typer.echo()
    typer.echo(render({"verdicts": verdicts, "about": about}, "verdicts", "text"), nl=False)
    if any(row["verdict"] == "impossible" for row in verdicts):
        raise typer.Exit(1)


def sweep_command(
    *,
    name: Annotated[str, name_argument("One of:", _SWEEPS)],
    profile: ProfileOption = Profile.quick,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="Number of seeds; the profile's own.")
    ] = None,
    seed: SeedOption = 0,
    only: Annotated[
        list[str] | None, typer.Option("--run", help="Run to make, as cnn5-cusp; repeatable.")
    ] = None,
    workers: WorkersOption = 1,
    cluster: ClusterOption = None,
    only_finished: Annotated[
        bool, typer.Option("--finished", help="Only make the record of what is finished.")
    ] = False,
    precision: PrecisionOption = None,
    keep: KeepOption = False,
    out: OutOption = Path("results"),
    device: DeviceOption = Device.auto,
) -> None:
    """Train and measure every network of an experiment, with several seeds.

    Finished networks are kept: repeat the command after an interruption. Those that other code
    made are made anew, unless --keep says otherwise.
    """
    from empirical.checks import resolve_device
    from empirical.experiments.catalogue import EXPERIMENTS
    from empirical.experiments.sweep import finished, sweep

    name = known_name("experiment", name, EXPERIMENTS)
    place = resolve_device(device)
    chosen = None if precision is None else precision.value
    if only_finished:
        record = finished(name, profile=profile, seed=seed, seeds=seeds, out=out, precision=chosen)
    else:
        record = sweep(
            name, profile=profile, seed=seed, seeds=seeds, workers=workers, cluster=cluster,
            out=out, device=place, precision=chosen, only=only, keep=keep,
        )  # fmt: skip
    _echo(counts_table(record.rows))
    typer.echo(f"record: {out / f'{name}-{profile}.json'}")


def tune_command(
    *,
    name: Annotated[str, typer.Argument(help="An experiment that holds images out: recipes-*.")],
    profile: ProfileOption = Profile.quick,
    rates: Annotated[
        list[float] | None, typer.Option("--rate", help="Peak learning rate; repeatable.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, help="Of every trial; the profile's own.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--run", help="Run to try, as cnn5-cusp; repeatable.")
    ] = None,
    workers: WorkersOption = 1,
    cluster: ClusterOption = None,
    keep: KeepOption = False,
    out: OutOption = Path("results"),
    device: DeviceOption = Device.auto,
) -> None:
    """Compare learning rates on images held out of the training set; no test image is used."""
    from empirical.checks import resolve_device
    from empirical.experiments.catalogue import EXPERIMENTS
    from empirical.experiments.tuning import best_rates, trial_name, tune

    name = known_name("experiment", name, EXPERIMENTS)
    record = tune(
        name, profile=profile, out=out, rates=rates, epochs=epochs, only=only, workers=workers,
        cluster=cluster, device=resolve_device(device), keep=keep,
    )  # fmt: skip
    for row in record.rows:
        loss = "diverged" if row["held_out_loss"] is None else f"{row['held_out_loss']:.4f}"
        typer.echo(f"{trial_name(row)}, rate {row['rate']:g}: held out {loss}")
    for run, rate in best_rates(record.rows).items():
        typer.echo(f"chosen for {run}: {rate:g}")


def connect_command(
    records: Annotated[
        Path, typer.Option("--records", help="Folder of recipes_*-PROFILE.json.")
    ] = Path("results"),
    profile: ProfileOption = Profile.quick,
    seed: SeedOption = 0,
    record: Annotated[
        list[Path] | None,
        typer.Option("--record", help="Record of sweep or evaluate, in place of all; repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Record to write; beside the others, with --record none."),
    ] = None,
) -> None:
    """Compare trained networks with the theory: gaps to the frontier, probit law, proxy.

    A network above the frontier is a failed attack and ends the command with exit code 1.
    """
    from empirical.comparison.record import connect, connect_records, summary

    if record:
        found = connect_records([Record.load(path) for path in record], seed=seed)
        path = None if out is None else found.save(out)
    else:
        found = connect(records, profile=profile, seed=seed)
        path = found.save(out or records / f"connection-{profile}.json")
    _echo(summary(found.rows))
    if path is not None:
        typer.echo(f"record: {path}")
    if any(row.get("possible") is False for row in found.rows):
        raise typer.Exit(1)


def _run(name: str, profile: Profile, seed: int) -> "tuple[Run, str]":
    """Return the run called EXPERIMENT/RUN, and its name as files have it."""
    from empirical.experiments.catalogue import EXPERIMENTS, experiment

    text, _, run = name.partition("/")
    chosen = known_name("experiment", text, EXPERIMENTS)
    runs = experiment(chosen).plan(profile).runs
    run = known_name(f"run of {text}", run, runs)
    return replace(runs[run], seed=seed), f"{chosen}-{run}"


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
