import numpy as np
import pytest

import simulations.validation.rare_errors as module
from simulations.validation.rare_errors import rare_errors, with_noise
from tests.simulations.settings import circulant, small_setting
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.setting.catalogue import defaults

SETTING = defaults()["robust-feature"]


def test_errors_down_to_1e_12_are_measured():
    rows = rare_errors(SETTING, 1000, np.random.SeedSequence(8))
    assert all(row["passed"] for row in rows)
    assert [row["expected"] for row in rows] == pytest.approx([1e-3, 1e-6, 1e-12], rel=1e-6)


def test_a_wrong_closed_form_is_found(monkeypatch):
    right = module._error
    monkeypatch.setattr(module, "_error", lambda *arguments: 1.1 * right(*arguments))
    # the noise is fitted to the same wrong form, and the samples do not follow it
    rows = rare_errors(SETTING, 1000, np.random.SeedSequence(8))
    assert not any(row["passed"] for row in rows)


@pytest.mark.parametrize("covariance", [None, circulant()])
def test_less_noise_is_as_good_as_larger_means(covariance):
    setting = small_setting(covariance=covariance, epsilon=0.0)
    normal = np.random.default_rng(1).normal(size=8)
    quiet = halfspace_accuracies(with_noise(setting, 0.5), normal, 0.2)
    loud = halfspace_accuracies(setting, normal, 0.2)
    assert quiet[0] > loud[0] > 0.5
    assert halfspace_accuracies(with_noise(setting, 1.0), normal, 0.2) == pytest.approx(loud)


def test_settings_that_no_halfspace_separates_are_refused():
    with pytest.raises(ValueError, match="setting must be separable by a halfspace, got custom"):
        rare_errors(small_setting(), 1000, np.random.SeedSequence(8))
