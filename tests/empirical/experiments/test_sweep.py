"""Sweeps: every experiment runs, repeats, resumes, and leaves one record."""

import platform
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from empirical.attacks.pgd import AttackResult, pgd
from empirical.evaluation import evaluate as evaluate_module
from empirical.evaluation.measures import Measures, Outcomes
from empirical.experiments import sweep as sweep_module
from empirical.experiments.catalogue import EXPERIMENTS
from empirical.experiments.plans import Experiment, Plan
from empirical.experiments.runs import Run, evaluate_run, restore_run, train_run
from empirical.experiments.sweep import finished, run_task, sweep
from empirical.experiments.tuning import held_out_rows
from empirical.training.checkpoints import open_checkpoint, save_checkpoint
from empirical.training.loop import TrainingDivergedError
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from simulations.execution.identity import code_of
from simulations.records import Record
from tests.simulations.execution.loopback import loopback
from theory.checks import InputError
from tradeoff.application import app

OF_CIFAR10 = {  # which is not in the package
    name
    for name, experiment in EXPERIMENTS.items()
    if any(run.dataset == "cifar10" for run in experiment.plan("smoke").runs.values())
}


def pgd_of_one_step(*arguments: Any, **options: Any) -> AttackResult:
    """Stand in for AutoAttack, which takes long."""
    return pgd(*arguments, steps=1, **options)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("swept")
    sweep("orientation_texture", profile="smoke", seed=2, out=out)
    return out


def test_a_sweep_is_one_record(swept: Path) -> None:
    record = Record.load(swept / "orientation_texture-smoke.json")
    assert {row["seed"] for row in record.rows} == {2}
    assert {row["measure"] for row in record.rows} == {
        "clean",
        "spatial",
        "invariance",
        "adversarial",
        "adversarial_pgd",
        "pgd",
    }
    passes = {"natural": 1.0, "augmented": 1.0, "adversarial": 6.0, "mixture": 3.5}
    assert {row["recipe"] for row in record.rows} == set(passes)
    assert record.config["passes"] == {f"{name}-2": count for name, count in passes.items()}


def test_flags_of_every_image_are_kept(swept: Path) -> None:
    record = Record.load(swept / "orientation_texture-smoke.json")
    files = list((swept / "orientation_texture-smoke").glob("*-flags.npz"))
    counts = sorted(
        int(flags.sum()) for file in files for flags in Outcomes.load(file).outcomes.values()
    )
    assert counts == sorted(row["successes"] for row in record.rows)


def test_networks_are_kept_under_the_names_of_their_records(swept: Path) -> None:
    folder = swept / "orientation_texture-smoke"
    runs = EXPERIMENTS["orientation_texture"].plan("smoke").tasks(2)
    assert {path.stem for path in folder.glob("*.pt")} == set(runs)
    for name, run in runs.items():
        restored, model = restore_run(folder / f"{name}.pt")
        assert restored.digest == run.digest
        _, test = run.data()
        assert evaluate_run(run, model, test)[1] == Record.load(folder / f"{name}.json").rows


def test_a_sweep_on_a_cluster_brings_everything_home(
    swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "planner"
    own.mkdir()
    monkeypatch.chdir(own)
    with loopback(tmp_path / "cluster", workers=1) as cluster:
        kwargs: dict[str, Any] = {"profile": "smoke", "seed": 2, "cluster": cluster.address}
        record = sweep("orientation_texture", out=Path("far"), **kwargs)
        assert record.content == Record.load(swept / "orientation_texture-smoke.json").content
        for path in (swept / "orientation_texture-smoke").iterdir():
            home = own / "far" / "orientation_texture-smoke" / path.name
            if path.suffix == ".npz":
                assert home.read_bytes() == path.read_bytes()
            assert home.exists() == path.is_file()
        monkeypatch.setenv("TRADEOFF_DATA", str(own))  # here, and not where the worker is
        with pytest.raises(
            ValueError, match=r"worker on \S+ must be able to do it: folder must hold CIFAR"
        ):
            sweep("recipes_cifar10", out=Path("far"), **kwargs)


@pytest.mark.parametrize(
    ("device", "message"),
    [("cuda", "device must be cpu, got cuda"), ("cpu", "folder must hold CIFAR-10")],
)
def test_what_a_worker_lacks_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, message: str
) -> None:
    monkeypatch.setenv("TRADEOFF_DATA", str(tmp_path))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    run = EXPERIMENTS["recipes_cifar10"].plan("smoke").tasks(0)["p4resnet7-cusp-0"]
    for task in (run_task, held_out_rows):
        call = partial(task, run.to_json(), np.random.SeedSequence(0), device=device)
        with pytest.raises(InputError, match=f"^{message}"):
            call()
        with pytest.raises(InputError, match=f"^worker on {platform.node()} must .*: {message}"):
            call(remote=True)


def test_a_worker_without_a_library_is_told_before_it_trains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyautoattack", None)
    run = EXPERIMENTS["recipes_mnist"].plan("smoke").tasks(0)["p4cnn5-cusp-0"]
    run = replace(run, measures=replace(run.measures, queries=5))
    monkeypatch.setattr(sweep_module, "train_run", None)
    with pytest.raises(InputError, match=r"worker on .*: pyautoattack must be installed"):
        run_task(run.to_json(), np.random.SeedSequence(0), remote=True)


def test_finished_networks_are_kept_and_broken_records_redone(swept: Path, tmp_path: Path) -> None:
    before = Record.load(swept / "orientation_texture-smoke.json")
    out = tmp_path / "copy"
    shutil.copytree(swept, out)
    folder = out / "orientation_texture-smoke"
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    broken = folder / "mixture-2.json"
    broken.write_text(broken.read_text()[:-40])
    again = sweep("orientation_texture", profile="smoke", seed=2, out=out)
    assert again.content == before.content
    changed = {path for path, time in kept.items() if path.stat().st_mtime_ns != time}
    assert changed == {broken}


@pytest.mark.parametrize("damage", ["code", "bytes"])
def test_checkpoints_of_other_code_and_damaged_ones_are_begun_anew(
    swept: Path, tmp_path: Path, damage: str
) -> None:
    run = EXPERIMENTS["orientation_texture"].plan("smoke").tasks(2)["natural-2"]
    source = swept / "orientation_texture-smoke" / "checkpoints" / f"{run.digest}.pt"
    path = tmp_path / source.name
    configuration, state = open_checkpoint(source)
    assert state["code"] == [code_of(train_run)]
    wrong = {name: value + 1 for name, value in state["trained"].items()}
    other = [{**state["code"][0], "torch": "0.1"}]
    save_checkpoint(
        path, state | {"model": wrong, "trained": wrong, "code": other}, configuration=configuration
    )
    if damage == "bytes":
        path.write_bytes(source.read_bytes()[:-1])
    rows = run_task(run.to_json(), np.random.SeedSequence(0), checkpoints=tmp_path)
    record = Record.load(swept / "orientation_texture-smoke.json")
    assert rows == [row for row in record.rows if row["recipe"] == "natural"]
    again = open_checkpoint(path)[1]
    assert again["code"] == state["code"]
    assert all(torch.equal(again["trained"][name], state["trained"][name]) for name in wrong)


@pytest.fixture
def weaker(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The run of a sweep that asks for other measures of a network of `swept`."""
    run = EXPERIMENTS["orientation_texture"].plan("smoke").runs["mixture"]
    run = replace(run, seed=2, measures=replace(run.measures, epsilons=(0.01,)))
    other = Experiment("orientation_texture", "?", lambda _: Plan({"mixture": run}, 1))
    monkeypatch.setitem(EXPERIMENTS, "orientation_texture", other)
    return run


def test_other_measures_train_nothing(swept: Path, tmp_path: Path, weaker: Run) -> None:
    """A finished network, from wherever it came, is measured by what a sweep asks for now."""
    folder = tmp_path / "orientation_texture-smoke"
    folder.mkdir()
    configuration, state = open_checkpoint(swept / folder.name / "mixture-2.pt")
    other = {name: value + 1 for name, value in state["trained"].items()}  # training gives another
    network = folder / "mixture-2.pt"
    save_checkpoint(network, state | {"trained": other}, configuration=configuration)
    record = sweep("orientation_texture", profile="smoke", seed=2, out=tmp_path)
    assert {row["level"] for row in record.rows if row["measure"] == "pgd"} == {0.01}
    again = open_checkpoint(network)[1]
    assert all(torch.equal(again["trained"][name], other[name]) for name in other)
    place = folder / "checkpoints" / f"{weaker.digest}.pt"
    place.unlink()
    assert sweep("orientation_texture", profile="smoke", seed=2, out=tmp_path).rows == record.rows
    assert not place.exists()  # nothing was left to measure


@pytest.mark.parametrize("found", ["damaged", "of other code", "half trained", "finished"])
def test_a_finished_network_takes_the_place_of_what_is_less(
    swept: Path, tmp_path: Path, weaker: Run, found: str
) -> None:
    folder = swept / "orientation_texture-smoke"
    network, place = folder / "mixture-2.pt", tmp_path / f"{weaker.digest}.pt"
    configuration, state = open_checkpoint(folder / "checkpoints" / place.name)
    other = [{**state["code"][0], "torch": "0.1"}]
    change = {"half trained": {"epoch": 0}, "of other code": {"code": other}}.get(found, {})
    save_checkpoint(place, state | change, configuration=configuration)
    if found == "damaged":
        place.write_bytes(place.read_bytes()[:-1])
    sweep_module._offer(network, weaker, tmp_path, keep=False)
    assert (place.read_bytes() == network.read_bytes()) is (found != "finished")


def test_a_network_that_diverges_is_told_after_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = EXPERIMENTS["orientation_texture"].plan("smoke")
    runs = {name: plan.runs[name] for name in ("natural", "augmented", "adversarial")}
    runs["natural"] = replace(runs["natural"], schedule=AdamOneCycle(1, peak=1e30))
    other = Experiment("orientation_texture", "?", lambda _: Plan(runs, 1))
    monkeypatch.setitem(EXPERIMENTS, "orientation_texture", other)
    with pytest.raises(TrainingDivergedError, match="loss must be finite, got ") as caught:
        sweep("orientation_texture", profile="smoke", seed=2, out=tmp_path)
    assert caught.value.__notes__ == ["raised by task 'natural-2'"]
    done = finished("orientation_texture", profile="smoke", seed=2, out=tmp_path)
    assert {row["recipe"] for row in done.rows} == {"augmented", "adversarial"}


def test_a_run_is_the_same_alone_and_in_a_sweep(swept: Path) -> None:
    record = Record.load(swept / "orientation_texture-smoke.json")
    plan = EXPERIMENTS["orientation_texture"].plan("smoke")
    run = plan.tasks(2)["augmented-2"].to_json()
    alone = run_task(run, np.random.SeedSequence(99))
    assert [row for row in record.rows if row["recipe"] == "augmented"] == alone
    other = plan.tasks(3)["augmented-3"].to_json()
    assert [row["successes"] for row in run_task(other, np.random.SeedSequence(99))] != [
        row["successes"] for row in alone
    ]


def test_reduced_precision_is_another_network(swept: Path, tmp_path: Path) -> None:
    """In bfloat16 weights differ, rows are labelled alike, and the run says what it was."""
    record = Record.load(swept / "orientation_texture-smoke.json")
    other = sweep(
        "orientation_texture", profile="smoke", seed=2, out=tmp_path, precision="bfloat16"
    )
    tasks = other.config["tasks"].values()
    assert {task["precision"] for task in tasks} == {"bfloat16"}
    assert len(other.rows) == len(record.rows)
    assert other.config != record.config
    names = [{p.name for p in out.glob("*/checkpoints/*.pt")} for out in (swept, tmp_path)]
    assert len(names[0]) == len(names[1]) == len(tasks)
    assert not names[0] & names[1]


def test_the_command_prints_a_finished_sweep(swept: Path) -> None:
    arguments = ["sweep", "orientation_texture", "--profile", "smoke", "--seed", "2"]
    result = CliRunner().invoke(app, [*arguments, "--out", str(swept)])
    assert result.exit_code == 0, result.output
    assert f"record: {swept / 'orientation_texture-smoke.json'}" in result.stdout
    assert "mixture epsilon=0.12 weight=0.5" in result.stdout


@pytest.mark.parametrize("run", ["cnn5half-natural", "p4cnn5-mixture-0.5", "cnn5half-cusp_trades"])
def test_runs_of_the_sweep_of_recipes(run: str) -> None:
    task = EXPERIMENTS["recipes_mnist"].plan("smoke").runs[run]
    rows = run_task(task.to_json(), np.random.SeedSequence(0))
    measures = {row["measure"] for row in rows}
    assert measures >= {
        "clean", "rotation", "invariance_rotation", "translation", "adversarial",
        "worst_rotation", "joint", "boundary_distance", "pgd",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(EXPERIMENTS) - OF_CIFAR10))
def test_every_experiment_runs(name: str, tmp_path: Path) -> None:
    plan = EXPERIMENTS[name].plan("smoke")
    record = sweep(name, profile="smoke", seed=0, out=tmp_path)
    labels = ("network", "recipe", "degrees", "pixels", "epsilon", "weight")
    assert len({tuple(row.get(label) for label in labels) for row in record.rows}) == len(plan.runs)


def test_rows_of_several_seeds_say_what_they_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(
        "mnist", "stdcnn", Recipe("natural"), schedule=AdamOneCycle(1, peak=0.02), width=2,
        train=640, test=40,
        measures=Measures(
            rotations=(90.0,), epsilons=(0.02, 0.05), steps=1, apgd_steps=0, attacked=7
        ),
    )  # fmt: skip
    other = replace(run, recipe=Recipe("augmented", degrees=90.0))
    plan = Plan({"one": run, "two": other}, 2, checked=3)
    monkeypatch.setattr(
        sweep_module, "experiment", lambda name: Experiment(name, "?", lambda _p: plan)
    )
    monkeypatch.setattr(evaluate_module, "auto_attack", pgd_of_one_step)
    kwargs: dict[str, Any] = {"profile": "smoke", "seed": 4, "out": tmp_path}
    with pytest.raises(ValueError, match="sweep must have finished a network, got none in"):
        finished("small", **kwargs)
    whole = sweep("small", **kwargs)
    folder = tmp_path / "small-smoke"
    first, second = (
        Outcomes.load(folder / f"{name}-flags.npz").outcomes for name in ("one-4", "one-5")
    )
    rows = [row for row in whole.rows if row["recipe"] == "natural"]
    crossed = [row for row in rows if (row["measure"], row["level"]) in second]
    assert len(crossed) == 2 * 7
    for row in crossed:
        both = first[row["measure"], row["level"]] & second[row["measure"], row["level"]]
        assert row["shared"] == int(both.sum()) + row["successes"]
    assert any(0 < row["shared"] - row["successes"] < row["successes"] for row in crossed)
    # what is measured of the first seed alone is shared with none
    single = [row for row in rows if row not in crossed]
    assert {(row["measure"], row["level"]) for row in single} == {
        ("adversarial_checked", 0.05),
        ("auto_attack", 0.05),
    }
    assert all("shared" not in row for row in single)
    # chosen runs alone are made, and the record keeps the others
    (folder / "two-5.json").unlink()
    kept = (folder / "two-4.json").read_bytes()
    assert sweep("small", **kwargs, only=["two"]).rows == whole.rows
    assert (folder / "two-4.json").read_bytes() == kept
    with pytest.raises(ValueError, match="run must be one of one, two, got 'three'"):
        sweep("small", **kwargs, only=["three"])
    # the record of a part is that of the whole without the missing networks
    (folder / "one-5.json").unlink()
    part = finished("small", **kwargs)
    assert set(part.config["tasks"]) == {"one-4", "two-4", "two-5"}
    assert all("shared" not in row for row in part.rows if row["recipe"] == "natural")
    assert [row for row in part.rows if row["recipe"] == "augmented"] == [
        row for row in whole.rows if row["recipe"] == "augmented"
    ]


def test_seeds_that_drew_their_own_images_share_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(
        "noisy-digits:6,9:1:0,2", "stdcnn", Recipe("natural"), schedule=AdamOneCycle(1), width=2,
        train=20, test=10,
    )  # fmt: skip
    plan = Plan({"one": run}, 2)
    monkeypatch.setattr(
        sweep_module, "experiment", lambda name: Experiment(name, "?", lambda _p: plan)
    )
    record = sweep("small", profile="smoke", seed=4, out=tmp_path)
    assert {row["seed"] for row in record.rows} == {4, 5}
    assert all("shared" not in row for row in record.rows)


@pytest.mark.parametrize(
    ("damage", "before"), [(b"", False), (b"PK no flags", False), ("other", False), ("other", True)]
)
def test_damaged_flags_are_measured_anew(
    swept: Path, tmp_path: Path, damage: bytes | str, before: bool
) -> None:
    out = tmp_path / "copy"
    shutil.copytree(swept, out)
    record = Record.load(out / "orientation_texture-smoke.json")
    folder = out / "orientation_texture-smoke"
    flags, others = (folder / f"{name}-flags.npz" for name in ("natural-2", "mixture-2"))
    whole = flags.read_bytes()
    if before:  # they were kept so once
        run = EXPERIMENTS["orientation_texture"].plan("smoke").tasks(2)["natural-2"]
        flags = flags.rename(folder / "checkpoints" / f"{run.digest}.npz")
    flags.write_bytes(others.read_bytes() if isinstance(damage, str) else damage)
    kwargs: dict[str, Any] = {"profile": "smoke", "seed": 2, "out": out}
    assert "natural-2" not in finished("orientation_texture", **kwargs).config["tasks"]
    assert sweep("orientation_texture", **kwargs).content == record.content
    beside = folder / "natural-2-flags.npz"
    assert {key: flag.tolist() for key, flag in Outcomes.load(beside).outcomes.items()} == {
        key: flag.tolist() for key, flag in _loaded(tmp_path / "f.npz", whole).items()
    }


def _loaded(path: Path, content: bytes) -> dict[Any, torch.Tensor]:
    path.write_bytes(content)
    return Outcomes.load(path).outcomes


def test_images_that_each_seed_draws_are_not_shared(swept: Path) -> None:
    record = Record.load(swept / "orientation_texture-smoke.json")
    assert all("shared" not in row for row in record.rows)


def test_bad_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"experiment must be one of .*, got 'nothing'"):
        sweep("nothing", profile="smoke", seed=0, out=tmp_path)
    with pytest.raises(ValueError, match=r"profile must be one of .*, got 'huge'"):
        sweep("mnist_rotation", profile="huge", seed=0, out=tmp_path)
