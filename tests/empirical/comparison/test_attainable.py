import numpy as np
import pytest
from scipy.special import ndtr

from empirical.comparison.attainable import attacked_bayes_rule
from theory.confidence import clopper_pearson, lower_limit
from theory.frontiers.many_components import optimised_joint_bounds
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations, quarter_turns

LEVEL = 1.0 - 1e-6


def test_one_pair_keeps_exactly_what_is_known():
    """For two components the rule of the shifted means is a halfspace, the best one: Phi(1)."""
    mixture = GaussianMixture([[1.5, 0.0, 0.0, 0.0], [-1.5, 0.0, 0.0, 0.0]], [1, 0])
    setting = Setting(mixture, Transformations([range(4)]), 0.5)
    shifts = np.zeros((2, 4))
    shifts[:, 0] = [-0.5, 0.5]
    found = attacked_bayes_rule(setting, 0.0, shifts, shape=(1, 2, 2), count=4000, rng=0)
    low, high = clopper_pearson(found["adversarial"], 4000, LEVEL)
    assert low <= ndtr(1.0) <= high
    low, high = clopper_pearson(found["spatial"], 4000, LEVEL)
    assert low <= ndtr(1.5) <= high


def test_the_best_share_of_the_shifts_is_chosen():
    """Shifts to one side mislead: without them the rule is the best halfspace again."""
    mixture = GaussianMixture([[1.5, 0.0, 0.0, 0.0], [-1.5, 0.0, 0.0, 0.0]], [1, 0])
    setting = Setting(mixture, Transformations([range(4)]), 0.5)
    found = {
        shares: attacked_bayes_rule(
            setting, 0.0, np.full((2, 4), -0.5), shape=(1, 2, 2), count=2000, shares=shares, rng=0
        )
        for shares in ((1.0,), (1.0, 0.0))
    }
    assert [one["share"] for one in found.values()] == [1.0, 0.0]
    first, chosen = (clopper_pearson(one["adversarial"], 2000, LEVEL) for one in found.values())
    # the threshold moves by 0.5, a third of the way
    assert first[0] <= 0.5 * (ndtr(1.5) + ndtr(0.5)) <= first[1]
    assert chosen[0] <= ndtr(1.0) <= chosen[1]


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_no_rule_lies_above_the_ceiling(weight):
    rng = np.random.default_rng(3)
    labels = np.arange(20) % 2
    pixels = rng.random((20, 4, 4)) + 0.8 * (labels[:, None, None] * (np.arange(4) < 2)[:, None])
    setting = Setting(
        GaussianMixture(pixels.reshape(20, 16), labels, sigma=0.6), quarter_turns(4, [0, 2]), 0.15
    )
    bound = optimised_joint_bounds(setting, [weight], rng=0, samples=1 << 15)[0]
    found = attacked_bayes_rule(setting, weight, bound.shifts, shape=(1, 4, 4), count=1500, rng=1)
    spatial, adversarial = (
        lower_limit(found[name], 1500, LEVEL) for name in ("spatial", "adversarial")
    )
    assert weight * spatial + (1.0 - weight) * adversarial <= bound.upper
    assert found["adversarial"] <= found["adversarial_first"] <= found["trials"] == 1500
    if weight == 1.0:
        low, high = clopper_pearson(found["spatial"], 1500, LEVEL)
        assert low <= bound.upper
        assert high >= bound.estimate


def test_bad_input():
    mixture = GaussianMixture(np.eye(4)[:2], [0, 1])
    setting = Setting(mixture, Transformations([range(4)]), 0.1, "l2")
    with pytest.raises(ValueError, match="norm must be linf to be attacked by gradients, got l2"):
        attacked_bayes_rule(setting, 0.5, np.zeros((2, 4)), shape=(1, 2, 2), count=5, rng=0)
    flat = Setting(mixture, Transformations([range(4)]), 0.1)
    with pytest.raises(ValueError, match="count must be >= 1, got 0"):
        attacked_bayes_rule(flat, 0.5, np.zeros((2, 4)), shape=(1, 2, 2), count=0, rng=0)
    for shares, message in (((), "shares must"), ((2.0,), r"shares must lie in \[0, 1\], got 2")):
        with pytest.raises(ValueError, match=message):
            attacked_bayes_rule(
                flat, 0.5, np.zeros((2, 4)), shape=(1, 2, 2), count=5, shares=shares, rng=0
            )
