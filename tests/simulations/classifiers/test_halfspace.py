import numpy as np
import pytest

from simulations.classifiers.attacks import worst_direction
from simulations.classifiers.halfspace import Halfspace
from tests.simulations.settings import D
from theory.norms import dual_norm

RNG = np.random.default_rng(3)
NORMAL = RNG.normal(size=D)
BALL = {"linf": np.inf, "l2": 2, "l1": 1}


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_worst_direction_takes_the_dual_norm(norm):
    vectors = RNG.normal(size=(D, 50))
    direction = worst_direction(vectors, norm)
    assert np.linalg.norm(direction, ord=BALL[norm], axis=0) == pytest.approx(1.0)
    assert -(vectors * direction).sum(axis=0) == pytest.approx(dual_norm(vectors.T, norm))


def test_worst_direction_at_zero_gradient_stays_in_the_ball():
    for norm, order in BALL.items():
        step = worst_direction(np.zeros((D, 2)), norm)
        assert np.isfinite(step).all()
        assert (np.linalg.norm(step, ord=order, axis=0) <= 1.0).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_certificate_of_a_halfspace_is_exact(norm):
    halfspace = Halfspace(NORMAL, 0.2, positive=5, negative=2)
    x = RNG.normal(size=(D, 2000))
    scores = halfspace.normals @ x + halfspace.offsets[:, None]
    for label, sign in ((5, 1.0), (2, -1.0)):
        worst = x + 0.1 * worst_direction(np.repeat(sign * NORMAL[:, None], 2000, axis=1), norm)
        survives = halfspace.correct(halfspace.normals @ worst + 0.2, label)
        assert (halfspace.certificate(0.1, norm)(scores, label) == survives).all()
        assert (sign * (scores[0]) > 0).tolist() == halfspace.correct(scores, label).tolist()
    assert halfspace.exact


def test_epsilon_zero_certifies_what_is_correct():
    halfspace = Halfspace(NORMAL, 0.0)
    scores = RNG.normal(size=(1, 100))
    certified = halfspace.certificate(0.0, "linf")(scores, 1)
    assert (certified == halfspace.correct(scores, 1)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Halfspace(NORMAL[None], 0.0), "normal must have 1 dimensions"),
        (lambda: Halfspace(NORMAL, np.nan), "offset must be finite, got nan"),
        (lambda: Halfspace(NORMAL, 0.0, 1, 1), "positive and negative must differ, got 1 twice"),
        (
            lambda: Halfspace(NORMAL, 0.0).correct(np.zeros((1, 2)), 7),
            "label must be 0 or 1, got 7",
        ),
        (
            lambda: Halfspace(NORMAL, 0.0).certificate(-0.1, "linf"),
            "epsilon must be >= 0, got -0.1",
        ),
        (lambda: Halfspace(NORMAL, 0.0).certificate(0.1, "l3"), "norm must be one of linf, l2, l1"),
        (
            lambda: Halfspace(NORMAL, 0.0).slopes(np.zeros((1, 2)), 1, np.array([0, 0])),
            "rival must be None for a halfspace",
        ),
        (lambda: worst_direction(np.zeros((2, 2)), "l3"), "norm must be one of linf, l2, l1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("label", [float("nan"), 0.5, "a", None, True])
def test_labels_are_integers(label):
    with pytest.raises(ValueError, match="negative must be an integer label, got"):
        Halfspace(np.ones(2), 0.0, negative=label)
