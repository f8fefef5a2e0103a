import numpy as np
import pytest
import torch

from empirical.networks.bayes_rule import BayesRule
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations, quarter_turns


def setting():
    rng = np.random.default_rng(0)
    mixture = GaussianMixture(
        rng.random((6, 16)), [4, 2, 7, 4, 2, 7], rng.dirichlet(np.ones(6)), sigma=0.7
    )
    return Setting(mixture, quarter_turns(4, [0, 1]), 0.1)


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_logits_are_those_of_the_definition(weight):
    known, rng = setting(), np.random.default_rng(1)
    mixture, shifts = known.mixture, rng.uniform(-0.1, 0.1, (6, 16))
    images = rng.normal(size=(20, 16))
    totals = np.zeros((20, 3))
    for i, label in enumerate(np.searchsorted([2, 4, 7], mixture.labels)):
        parts = [(weight * 0.5, known.transformed_means[g, i]) for g in range(2)]
        parts.append((1.0 - weight, mixture.means[i] + shifts[i]))
        for share, centre in parts:
            distance = ((images - centre) ** 2).sum(axis=1) / 0.49
            totals[:, label] += mixture.weights[i] * share * np.exp(-0.5 * distance)
    rule = BayesRule(known, weight, shifts, temperature=2.0)
    found = rule(torch.from_numpy(images.astype(np.float32)).reshape(20, 1, 4, 4)).numpy()
    expected = np.log(totals) / 2.0
    differences = [np.diff(one, axis=1) for one in (found, expected)]
    assert differences[0] == pytest.approx(differences[1], abs=1e-4)


def test_bad_input():
    with pytest.raises(ValueError, match=r"shifts must have shape \(6, 16\), got shape \(2, 2\)"):
        BayesRule(setting(), 0.5, np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"weight must lie in \[0, 1\], got 2"):
        BayesRule(setting(), 2.0, np.zeros((6, 16)))
    mixture = GaussianMixture(np.eye(2), [0, 1], covariance=np.eye(2))
    general = Setting(mixture, Transformations([[0, 1]]), 0.1)
    with pytest.raises(ValueError, match="setting must have noise of one sigma, got a covariance"):
        BayesRule(general, 0.5, np.zeros((2, 2)))
