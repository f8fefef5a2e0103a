import numpy as np
import pytest

from paper_figures.from_records.against_theory.noisy_networks import caption, draw
from simulations.records import Record

CONFIG = {
    "components": 600, "name": "mnist", "split": "test", "classes": "6,9", "turns": "0,2",
    "degrees": "", "epsilon": 0.1, "norm": "linf", "confidence": 0.999,
}  # fmt: skip
AT_MOST = {0.0: 0.9, 0.5: 0.8802, 1.0: 0.94}


def limits():
    rows = [
        {"kind": "limit", "sigma": sigma, "spatial_weight": share, "at_most": most}
        for sigma in (1.0, 1.5)
        for share, most in AT_MOST.items()
    ]
    rows += [
        {"kind": "reached", "sigma": sigma, "spatial_weight": share, "spatial": 700 + 100 * share,
         "adversarial": 800 - 100 * share, "trials": 1000}
        for sigma in (1.0, 1.5)
        for share in AT_MOST
    ]  # fmt: skip
    return Record("noisy_images", CONFIG, rows)


def networks(adversarial=760):
    found, tasks = [], {}
    for sigma in (1.0, 1.5):
        name = f"noisy-digits:6,9:{sigma:g}:0,2"
        for recipe, weight, pair in (
            ("natural", None, (600, 500)), ("mixture", 0.25, (800, adversarial)),
        ):  # fmt: skip
            for seed in range(3):
                own = {
                    "dataset": name, "network": "dense", "recipe": recipe, "weight": weight,
                    "degrees": None, "epsilon": 0.1, "seed": seed, "trials": 1000,
                }  # fmt: skip
                found += [
                    {**own, "measure": "clean", "level": 0.0, "successes": 900},
                    {**own, "measure": "spatial", "level": 0.0, "successes": pair[0]},
                    {**own, "measure": "adversarial", "level": 0.1, "successes": pair[1]},
                ]
        tasks[f"{name}-0"] = {
            "dataset": name, "train": 600, "held_out": 0, "schedule": {"epochs": 400}
        }  # fmt: skip
    return Record("noisy_digits", {"tasks": tasks}, found)


def test_limits_rules_and_networks_are_points_of_the_plane():
    panels = draw(limits(), networks()).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["σ = 1", "σ = 1.5"]
    for axes in panels:
        outer, rules = axes.lines[:2]
        # corners where the joint limit meets those of S and of A
        assert outer.get_xdata() == pytest.approx([0.46, 0.8204, 0.9, 0.9])
        assert outer.get_ydata() == pytest.approx([0.94, 0.94, 0.8604, 0.46])
        assert np.allclose(rules.get_xydata(), [(0.7, 0.8), (0.75, 0.75), (0.8, 0.7)])
        marks = [tuple(line.get_xydata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
        assert np.allclose(marks, [(0.5, 0.6), (0.76, 0.8)])
        assert not [line for line in axes.lines if line.get_gid() == "failed attack"]
        assert [text.get_text() for text in axes.texts] == ["0.25"]


def test_the_legend_shows_dashes_beside_the_mark():
    figure = draw(limits(), networks())
    (legend,) = figure.legends
    rules = legend.get_lines()[1]
    length = float(np.ptp(rules.get_xdata()))
    marker, dash, gap = rules.get_markersize() / 2, *(rules.get_linewidth() * k for k in (3.7, 1.6))
    # a whole dash and a whole gap on either side
    assert (length - marker) / 2 > dash + gap


def test_a_planted_network_above_a_limit_is_crossed_out():
    planted = networks(adversarial=1000)
    for axes in draw(limits(), planted).axes:
        crosses = [line for line in axes.lines if line.get_gid() == "failed attack"]
        assert crosses
        assert np.allclose([line.get_xydata()[0] for line in crosses], (1.0, 0.8))
    assert "above a limit by more than chance: 6 of 12." in caption(limits(), planted).see


def test_the_caption_has_the_numbers_of_the_records():
    words = caption(limits(), networks())
    assert "above a limit by more than chance: 0 of 12." in words.see
    assert (
        "at σ = 1.5 at most 88.1 %, the Bayes rule 75.0 %, the best network (mixture, λ = 0.25) "
        "78.0 %" in words.see
    )
    assert "600 images of MNIST, classes 6,9, quarter turns 0,2, ε = 0.1 (ℓ∞)" in words.settings
    assert "trained for 400 epochs on 600 training images" in words.settings
    assert words.settings.endswith(
        "Mixtures with λ = 0.25, beside their marks where there is room."
    )
    assert words.seeds == "3 seeds."
    assert "not what can be learnt" in words.shows
