import numpy as np
import pytest

from simulations.classifiers.attacks import attack, worst_direction
from simulations.classifiers.halfspace import Halfspace
from simulations.classifiers.templates import LikelihoodRatio, Templates
from tests.simulations.templates import (
    EPSILON,
    LABELS,
    NORMALS,
    OFFSETS,
    sample,
    truly_robust,
)

RNG = np.random.default_rng(8)


def test_the_attack_on_templates_finds_nearly_every_adversarial_example():
    templates, scores = Templates(NORMALS, OFFSETS, LABELS), sample(100)
    survives = attack(templates, EPSILON, "linf", steps=50)(scores, 0)
    truth = np.array([truly_robust(score, 0) for score in scores.T])
    assert not (truth & ~survives).any()
    assert (survives & ~truth).sum() <= 2
    weak = attack(templates, EPSILON / 4, "linf")(scores, 0)
    assert (weak & ~truth).sum() > 5


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("kind", [Templates, LikelihoodRatio])
def test_certificate_attack_and_accuracy_are_ordered(kind, norm):
    rule, scores = kind(NORMALS, OFFSETS, LABELS), sample(1000)
    for label in (0, 1, 2):
        certified = rule.certificate(EPSILON, norm)(scores, label)
        survives = attack(rule, EPSILON, norm)(scores, label)
        correct = rule.correct(scores, label)
        assert not (certified & ~survives).any()
        assert not (survives & ~correct).any()
        assert survives.sum() < correct.sum()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_attack_on_a_halfspace_is_the_worst_case(norm):
    halfspace, scores = Halfspace(NORMALS[0], 0.3), RNG.normal(size=(1, 2000))
    survives = attack(halfspace, EPSILON, norm)(scores, 1)
    assert (survives == halfspace.certificate(EPSILON, norm)(scores, 1)).all()


def test_the_attack_does_not_change_the_scores():
    scores = sample(50)
    before = scores.copy()
    attack(LikelihoodRatio(NORMALS, OFFSETS, LABELS), EPSILON, "linf")(scores, 0)
    assert (scores == before).all()


def test_epsilon_zero_attacks_nothing():
    rule, scores = LikelihoodRatio(NORMALS, OFFSETS, LABELS), sample(300)
    survives = attack(rule, 0.0, "linf")(scores, 0)
    assert (survives == rule.correct(scores, 0)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epsilon": -0.1}, "epsilon must be >= 0, got -0.1"),
        ({"norm": "l0"}, "norm must be one of linf, l2, l1, got 'l0'"),
        ({"steps": 0}, "steps must be >= 1, got 0"),
        ({"rivals": -1}, "rivals must be >= 0, got -1"),
    ],
)
def test_bad_input_is_refused(options, message):
    arguments = {"epsilon": 0.1, "norm": "linf", **options}
    with pytest.raises(ValueError, match=message):
        attack(Halfspace(NORMALS[0], 0.0), **arguments)


def test_slopes_that_are_rounding_move_nothing():
    gradients = np.array([[2.0, -1e-16], [1e-16, -3.0], [-1.0, 0.0]])
    assert worst_direction(gradients, "linf").tolist() == [[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("last", [1.0 - 1e-15, 1.0, 1.0 + 1e-15])
def test_of_slopes_that_are_equal_up_to_rounding_the_first_is_taken(last):
    gradients = np.array([[-1.0], [0.5], [last]])
    assert worst_direction(gradients, "l1").tolist() == [[1.0], [0.0], [0.0]]
