import numpy as np
import pytest
from scipy.special import ndtr

from tests.theory.settings import random_setting
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.frontiers.template_search import improve_templates, templates_of_bound
from theory.frontiers.templates import TemplateClassifier, certified, reaches, template_successes
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations


def test_two_templates_are_a_halfspace():
    setting = random_setting(2)
    rng = np.random.default_rng(0)
    vectors, offsets = rng.normal(size=(2, 6)), rng.normal(size=2)
    classifier = TemplateClassifier(vectors, offsets, np.array([1, 0]))
    counts = template_successes(setting, classifier, rng=rng, samples=100_000)
    exact = halfspace_accuracies(setting, vectors[0] - vectors[1], offsets[0] - offsets[1])
    # seven standard deviations
    assert np.allclose(np.array(counts) / 100_000, exact, atol=0.0112)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_no_attack_breaks_a_certified_input(norm):
    rng = np.random.default_rng(3)
    epsilon = 0.3
    classifier = TemplateClassifier(
        rng.normal(size=(5, 4)), rng.normal(size=5), np.array([0, 0, 1, 1, 1])
    )
    margins = reaches(classifier.vectors, epsilon, norm)
    x = 2.0 * rng.normal(size=(400, 4))
    labels = classifier.predict(x)
    safe = certified(classifier.scores(x), labels, classifier.classes, margins)
    assert 0 < safe.sum() < len(x)
    order = {"linf": np.inf, "l2": 2, "l1": 1}[norm]
    for _ in range(300):
        delta = rng.normal(size=(400, 4))
        if norm == "linf":
            delta = np.sign(delta)
        delta *= epsilon / np.linalg.norm(delta, ord=order, axis=1, keepdims=True)
        assert (classifier.predict(x + delta) == labels)[safe].all()


@pytest.mark.parametrize("classes", [[0, 1, 2], [0, 1, 0, 2, 1, 0, 2], [2, 2, 0, 0]])
def test_certified_is_what_its_definition_says(classes):
    rng = np.random.default_rng(len(classes))
    classes = np.array(classes)
    # ties of scores, and of scores with margins, are frequent
    scores = rng.integers(0, 6, size=(2000, len(classes))) / 2.0
    margins = rng.integers(0, 4, size=(len(classes), len(classes))) / 2.0
    margins = np.triu(margins, 1) + np.triu(margins, 1).T
    labels = rng.choice(classes, size=len(scores))
    expected = [
        all(
            any(row[k] - row[rival] > margins[k, rival] for k in np.flatnonzero(classes == label))
            for rival in np.flatnonzero(classes != label)
        )
        for row, label in zip(scores, labels, strict=True)
    ]
    found = certified(scores, labels, classes, margins)
    assert found.tolist() == expected
    assert 0 < found.sum() < len(scores)


def test_covariance_of_the_noise():
    from theory.setting.setting import GaussianMixture

    spread = np.array([[2.0, 0.6], [0.6, 1.0]])
    mixture = GaussianMixture([[0.0, 0.0], [1.0, 1.0]], [0, 1], covariance=spread)
    noise = mixture.colour(np.random.default_rng(0).standard_normal((200_000, mixture.dimension)))
    assert np.allclose(np.cov(noise.T), spread, atol=0.05)


def test_bad_input():
    vectors, offsets = np.ones((2, 6)), np.zeros(2)
    with pytest.raises(ValueError, match="classes must name at least two classes"):
        TemplateClassifier(vectors, offsets, np.array([1, 1]))
    with pytest.raises(ValueError, match=r"offsets must have shape \(2,\)"):
        TemplateClassifier(vectors, np.zeros(3), np.array([0, 1]))
    rng = np.random.default_rng(0)
    foreign = TemplateClassifier(vectors, offsets, np.array([1, 2]))
    with pytest.raises(ValueError, match="classifier must have a template of every class, lacks 0"):
        template_successes(random_setting(0), foreign, rng=rng)
    short = TemplateClassifier(np.ones((2, 5)), offsets, np.array([0, 1]))
    with pytest.raises(ValueError, match="classifier must act on dimension 6, got 5"):
        template_successes(random_setting(0), short, rng=rng)
    good = TemplateClassifier(vectors, offsets, np.array([0, 1]))
    for wrong in (np.ones(5), 0.5):
        with pytest.raises(ValueError, match=r"^x must have shape \(\.\.\., 6\), got shape "):
            good.predict(wrong)
    with pytest.raises(ValueError, match=r"^x must have finite scores, got \|x\| up to 1e\+308$"):
        good.scores(np.full(6, 1e308))
    for arguments, message in (
        ({"weight": 2.0}, r"^weight must lie in \[0, 1\], got 2$"),
        ({"steps": 0}, r"^steps must be >= 1, got 0$"),
        ({"batch": 10**9}, r"^batch must be <= 1048576, got 1000000000$"),
        ({"classifier": foreign}, r"^classifier must have a template of every class, lacks 0$"),
    ):
        valid = {"classifier": good, "weight": 0.5, "rng": rng}
        with pytest.raises(ValueError, match=message):
            improve_templates(random_setting(0), **{**valid, **arguments})
    with pytest.raises(ValueError, match=r"^bound must be a JointBound, got a TemplateClassifier"):
        templates_of_bound(random_setting(0), good)


def test_copies_of_templates_change_no_count():
    """Their scores tie exactly: two rows of a matrix product differ in their last bits."""
    setting = random_setting(2)
    rng = np.random.default_rng(4)
    vectors, offsets = rng.normal(size=(3, 6)), rng.normal(size=3)
    classes = np.array([1, 0, 0])
    expected = template_successes(
        setting, TemplateClassifier(vectors, offsets, classes), rng=5, samples=20_000
    )
    for copies in (2, 5, 11):
        repeated = TemplateClassifier(
            np.repeat(vectors, copies, axis=0), np.repeat(offsets, copies), classes.repeat(copies)
        )
        found = template_successes(setting, repeated, rng=5, samples=20_000)
        assert found == expected
        # a copy that speaks for the other class wins nothing from the first
        torn = TemplateClassifier(
            np.concatenate([vectors, vectors]),
            np.tile(offsets, 2),
            np.concatenate([classes, 1 - classes]),
        )
        assert template_successes(setting, torn, rng=5, samples=20_000) == (expected[0], 0)


@pytest.mark.parametrize("offset", [1e8, 1e13])
def test_leads_that_rounding_may_make_do_not_count(offset):
    """Scores of means far from zero cancel; what is left of them must not name the component."""
    setting = random_setting(2)
    mixture = setting.mixture
    vectors, classes = np.random.default_rng(8).normal(size=(3, 6)), np.array([1, 0, 0])
    plain = TemplateClassifier(vectors, np.zeros(3), classes)
    before = template_successes(setting, plain, rng=5, samples=20_000)
    far = Setting(
        GaussianMixture(mixture.means + offset, mixture.labels, mixture.weights, mixture.sigma),
        setting.transformations,
        setting.epsilon,
    )
    moved = TemplateClassifier(vectors, -offset * vectors.sum(axis=1), classes)
    after = template_successes(far, moved, rng=5, samples=20_000)
    # seven deviations of the counts
    assert all(new <= old + 500 for new, old in zip(after, before, strict=True))


@pytest.mark.parametrize("apart", [1e-6, 1e-11, 3e-13])
def test_templates_whose_noise_is_nearly_the_same_win_nothing(apart):
    """The span of their noise leaves 1e-12 of it out, beside which the means are far apart."""
    setting = Setting(
        GaussianMixture([[0.0, 0.1], [0.0, -0.1]], [1, 0]), Transformations([[0, 1]]), 0.0
    )
    vectors = np.array([[1.0, apart], [1.0, -apart]])
    classifier = TemplateClassifier(vectors, np.zeros(2), np.array([1, 0]))
    counts = template_successes(setting, classifier, rng=0, samples=100_000)
    # seven deviations above the accuracy of the best classifier
    assert max(counts) <= 100_000 * ndtr(0.1) + 1100
    assert apart < 1e-6 or min(counts) > 50_000
