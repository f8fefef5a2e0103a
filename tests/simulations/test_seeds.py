"""Every function that draws takes a generator or, as in NumPy, an integer seed."""

import numpy as np
import pytest

from simulations.classifiers.families import families
from simulations.classifiers.halfspace import Halfspace
from simulations.classifiers.logistic import logistic_regression
from simulations.sampling.accuracy import (
    accuracy,
    adversarial_accuracy,
    spatial_accuracy,
    spatial_sampler,
)
from simulations.sampling.importance_sampling import rare_error
from simulations.sampling.quasi_monte_carlo import quasi_accuracy
from simulations.sampling.scores import InputSampler
from tests.simulations.settings import D, small_setting
from theory.bounds.joint import joint_bound
from theory.frontiers.template_search import improve_templates, templates_of_bound
from theory.frontiers.templates import template_successes
from theory.setting.setting import images, transform

SETTING = small_setting()
RULE = Halfspace(np.arange(1.0, D + 1.0), 0.1)
LAW = spatial_sampler(SETTING, RULE)
TEMPLATES = templates_of_bound(
    SETTING, joint_bound(SETTING, 0.5, rng=np.random.default_rng(1), samples=1024)
)

CALLS = {
    "accuracy": lambda rng: accuracy(LAW, RULE.correct, 100, rng=rng),
    "spatial_accuracy": lambda rng: spatial_accuracy(SETTING, RULE, 100, rng=rng),
    "adversarial_accuracy": lambda rng: adversarial_accuracy(SETTING, RULE, 100, rng=rng),
    "FullLaw": lambda rng: accuracy(InputSampler(LAW.observation), RULE.correct, 100, rng=rng),
    "cells": lambda rng: list(LAW.observation.cells(100, rng=rng)),
    "images": lambda rng: images(SETTING, 5, rng=rng)[0].tolist(),
    "transform": lambda rng: transform(SETTING, np.eye(D), rng=rng).tolist(),
    "quasi_accuracy": lambda rng: quasi_accuracy(LAW, RULE.correct, 32, 4, rng=rng).value,
    "rare_error": lambda rng: rare_error(LAW, RULE, 100, epsilon=0.0, norm="linf", rng=rng),
    "logistic_regression": lambda rng: logistic_regression(
        SETTING, 100, weight=0.5, epsilon=0.1, rng=rng
    ).normal.tolist(),
    "families": lambda rng: families(SETTING, training=50, rng=rng)[
        "logistic regression, mixed"
    ].offsets.tolist(),
    "template_successes": lambda rng: template_successes(SETTING, TEMPLATES, rng=rng, samples=99),
    "improve_templates": lambda rng: improve_templates(
        SETTING, TEMPLATES, 0.5, rng=rng, steps=2, batch=8
    ).offsets.tolist(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_integer_is_the_seed_of_the_default_generator(call):
    expected = call(np.random.default_rng(3))
    assert call(3) == call(np.int64(3)) == expected
    assert call(4) != expected


@pytest.mark.parametrize("wrong", [None, -1, True, 1.5, "0", np.random.RandomState(0)])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_is_no_source_of_chance_is_refused(call, wrong):
    with pytest.raises(
        ValueError, match=r"rng must be a numpy\.random\.Generator or an integer seed >= 0, got "
    ):
        call(wrong)
