import numpy as np
import pytest

from simulations.classifiers.templates import LikelihoodRatio, Templates
from tests.simulations.settings import D
from tests.simulations.templates import (
    EPSILON,
    LABELS,
    NORMALS,
    OFFSETS,
    sample,
    truly_robust,
)

RNG = np.random.default_rng(4)


def scored(kind):
    return kind(NORMALS, OFFSETS, LABELS)


def test_templates_predict_the_label_of_the_largest_score():
    scores = sample(500)
    winners = LABELS[scores.argmax(axis=0)]
    for label in (0, 1, 2):
        assert (scored(Templates).correct(scores, label) == (winners == label)).all()


def test_likelihood_ratio_predicts_the_label_of_the_largest_sum():
    scores = sample(500)
    sums = np.stack([np.exp(scores[label == LABELS]).sum(axis=0) for label in (0, 1, 2)])
    for label in (0, 1, 2):
        correct = scored(LikelihoodRatio).correct(scores, label)
        assert (correct == (sums.argmax(axis=0) == label)).all()


def test_the_certificate_of_templates_is_sound_and_often_exact():
    scores = sample(150)
    templates = scored(Templates)
    certified = templates.certificate(EPSILON, "linf")(scores, 0)
    truth = np.array([truly_robust(score, 0) for score in scores.T])
    assert not (certified & ~truth).any()
    assert certified.sum() >= 0.8 * truth.sum() > 0


def test_one_score_per_label_makes_the_certificate_exact():
    linear = Templates(NORMALS[[0, 2, 4]], OFFSETS[[0, 2, 4]], [0, 1, 2])
    assert linear.exact
    assert not scored(Templates).exact
    x = RNG.normal(size=(D, 400))
    scores = linear.normals @ x + linear.offsets[:, None]
    certified = linear.certificate(EPSILON, "linf")(scores, 0)
    survives = linear.correct(scores, 0).copy()
    for rival in (1, 2):
        shift = EPSILON * np.sign(linear.normals[rival] - linear.normals[0])[:, None]
        survives &= linear.correct(linear.normals @ (x + shift) + linear.offsets[:, None], 0)
    assert (certified == survives).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_certified_likelihood_ratios_survive_random_perturbations(norm):
    rule = scored(LikelihoodRatio)
    x = RNG.normal(size=(D, 400))
    scores = NORMALS @ x + OFFSETS[:, None]
    certified = rule.certificate(EPSILON, norm)(scores, 1)
    assert certified.any()
    assert not (certified & ~rule.correct(scores, 1)).any()
    order = {"linf": np.inf, "l2": 2, "l1": 1}[norm]
    for _ in range(50):
        shift = RNG.normal(size=(D, 400))
        shift *= EPSILON / np.linalg.norm(shift, ord=order, axis=0)
        moved = rule.correct(NORMALS @ (x + shift) + OFFSETS[:, None], 1)
        assert not (certified & ~moved).any()


def test_slopes_are_the_derivative_of_the_margin():
    scores = sample(20)
    rule, step = scored(LikelihoodRatio), 1e-6

    def margin(values):
        own, rest = values[LABELS == 1], values[LABELS != 1]
        return np.logaddexp.reduce(own, axis=0) - np.logaddexp.reduce(rest, axis=0)

    slopes = rule.slopes(scores, 1, None)
    for row in range(5):
        moved = scores.copy()
        moved[row] += step
        assert (margin(moved) - margin(scores)) / step == pytest.approx(slopes[row], abs=1e-5)


@pytest.mark.parametrize("kind", [Templates, LikelihoodRatio])
def test_slopes_against_one_rival(kind):
    slopes = scored(kind).slopes(sample(3), 0, np.array([2, 4, 3]))
    assert slopes[[2, 4, 3], range(3)].tolist() == [-1.0, -1.0, -1.0]
    assert slopes[:2].sum(axis=0) == pytest.approx(1.0)
    assert (slopes[2:] != 0).sum() == 3


@pytest.mark.parametrize("kind", [Templates, LikelihoodRatio])
@pytest.mark.parametrize(
    ("normals", "offsets", "labels", "message"),
    [
        (NORMALS, OFFSETS, [0, 1], r"labels must have shape \(5,\), got shape \(2,\)"),
        (NORMALS, OFFSETS, [0.0, 1, 1, 1, 1], "labels must be an array of integers, got dtype"),
        (NORMALS, OFFSETS, [1] * 5, "labels must name at least two classes, got"),
        (NORMALS, OFFSETS[:3], LABELS, r"offsets must have shape \(5,\)"),
        (NORMALS * np.inf, OFFSETS, LABELS, "normals must be finite"),
    ],
)
def test_bad_classifiers_are_refused(kind, normals, offsets, labels, message):
    with pytest.raises(ValueError, match=message):
        kind(normals, offsets, labels)


@pytest.mark.parametrize("kind", [Templates, LikelihoodRatio])
def test_unknown_labels_are_refused(kind):
    with pytest.raises(ValueError, match="label must be one of"):
        scored(kind).correct(sample(2), 9)
