import pytest

from simulations.records import Record
from simulations.validation.experiments import EXPERIMENTS, PROFILES, Experiment, experiment, run


def test_every_check_and_every_setting_is_an_experiment():
    whole = EXPERIMENTS["validation"]
    assert len(whole.tasks) == len(whole.checks) * len(whole.settings) == 24
    for name in (*whole.checks, *whole.settings):
        assert experiment(name, "smoke").samples == PROFILES["smoke"]
        assert set(experiment(name, "smoke").tasks) < set(whole.tasks)


def test_a_run_resumes_and_repeats_itself(tmp_path, monkeypatch):
    settings = ("cyclic-code", "robust-feature")
    tiny = Experiment("tiny", checks=("closed-forms",), settings=settings)
    monkeypatch.setitem(EXPERIMENTS, "tiny", tiny)
    first = run("tiny", "smoke", 3, folder=tmp_path)
    assert first.experiment == "tiny"
    assert {row["setting"] for row in first.rows} == set(settings)
    assert first.config["seed"] == 3
    tasks = sorted((tmp_path / "tiny-smoke").glob("*.json"))
    assert len(tasks) == 2
    stamps = [task.stat().st_mtime_ns for task in tasks]
    tasks[0].write_text("{", encoding="utf-8")
    assert run("tiny", "smoke", 3, folder=tmp_path).content == first.content
    assert tasks[0].stat().st_mtime_ns != stamps[0]
    assert tasks[1].stat().st_mtime_ns == stamps[1]
    assert Record.load(tasks[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: run("nothing", "smoke", 0), "experiment must be one of validation, closed-forms"),
        (lambda: run("validation", "huge", 0), "profile must be one of smoke, quick, paper"),
        (lambda: run("closed-forms", "smoke", -1), "seed must be >= 0, got -1"),
        (lambda: run("closed-forms", "smoke", 0, workers=0), "workers must be >= 1, got 0"),
        (lambda: Experiment("x", checks=("guess",)), "check must be one of closed-forms"),
        (lambda: Experiment("x", settings=("moon",)), "setting must be one of cyclic-code"),
        (lambda: Experiment("x", samples=10), "samples must be >= 1000, got 10"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
