"""The perturbations of the theorem: in the ball, and as near to the rivals as it allows."""

import numpy as np
import pytest

from theory.residual.attack import attack_residual
from theory.setting.catalogue import defaults
from theory.setting.perturbations import (
    halfway_perturbations,
    natural_perturbations,
    theorem_perturbations,
    transforming_perturbations,
)
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts

ORDER = {"linf": np.inf, "l2": 2, "l1": 1}


def three_classes(norm: str, correlated: bool) -> Setting:
    means = np.random.default_rng(1).normal(size=(4, 5))
    noise = {"sigma": 0.7}
    if correlated:
        noise = {"covariance": np.eye(5) + 0.4 * (np.eye(5, k=1) + np.eye(5, k=-1))}
        noise["covariance"][0, 4] = noise["covariance"][4, 0] = 0.4
    mixture = GaussianMixture(means, [0, 1, 1, 2], **noise)
    return Setting(mixture, cyclic_shifts(5, [0, 1, 2, 3, 4]), 0.3, norm)


SETTINGS = [*defaults().values()]
SETTINGS += [three_classes(norm, False) for norm in ORDER]
SETTINGS += [three_classes("l2", True)]


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_theorem_uses_one_perturbation_for_each_residual(setting: Setting) -> None:
    mixture, found = setting.mixture, list(theorem_perturbations(setting))
    expected = []
    for mean, label in zip(mixture.means, mixture.labels, strict=True):
        for k in np.flatnonzero(mixture.labels != label):
            pairs = [(moved - mean, 1) for moved in setting.transformed_means[:, k]]
            for difference, times in [*pairs, (mixture.means[k] - mean, 2)]:
                one = attack_residual(
                    difference, times * setting.epsilon, norm=setting.norm, **mixture.spread
                )
                expected.append((int(label), one.perturbation / times))
    assert [label for label, _ in found] == [label for label, _ in expected]
    largest = np.abs(mixture.means).max()
    for (_, one), (_, other) in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-11 * largest)
        assert np.linalg.norm(one, ORDER[setting.norm]) <= setting.epsilon


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_lists_of_a_component_are_distinct_and_from_the_theorem(setting: Setting) -> None:
    label = int(setting.mixture.labels[0])
    every = np.array([one for owner, one in theorem_perturbations(setting) if owner == label])
    natural = natural_perturbations(setting, 0, 1000)
    assert not natural[0].any()
    for rows in (natural[1:], transforming_perturbations(setting, 0)):
        assert len(rows) == len(np.unique(np.round(rows, 12), axis=0)) >= 1
        for row in rows:
            assert np.abs(every - row).max(axis=1).min() <= 1e-12
    few = natural_perturbations(setting, 0, 1)
    assert len(few) == 2
    assert not few[0].any()
    assert np.abs(natural - few[1]).max(axis=1).min() <= 1e-12


@pytest.mark.parametrize("norm", ORDER)
def test_halfway_to_the_nearest_rival_as_far_as_the_ball(norm: str) -> None:
    setting = three_classes(norm, correlated=False)
    means, labels = setting.mixture.means, setting.mixture.labels
    found = halfway_perturbations(setting)
    assert (np.linalg.norm(found, ORDER[norm], axis=1) <= setting.epsilon).all()
    for i, one in enumerate(found):
        rivals = np.flatnonzero(labels != labels[i])
        nearest = rivals[np.linalg.norm(means[rivals] - means[i], axis=1).argmin()]
        best = attack_residual((means[nearest] - means[i]) / 2.0, setting.epsilon, norm=norm)
        assert one == pytest.approx(best.perturbation, abs=1e-12)
    wide = setting.with_epsilon(100.0)
    apart = halfway_perturbations(wide)
    middle = means + apart
    assert (np.linalg.norm(apart, axis=1) > 0.0).all()
    for i, point in enumerate(middle):
        to_rivals = np.linalg.norm(means[labels != labels[i]] - point, axis=1).min()
        assert to_rivals == pytest.approx(np.linalg.norm(apart[i]))
