import inspect

import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory.setting.catalogue import SETTINGS
from tradeoff.settings import read_setting


@pytest.mark.parametrize("build", SETTINGS.values(), ids=list(SETTINGS))
def test_every_parameter_is_explained(build):
    text = inspect.getdoc(build)
    for name in inspect.signature(build).parameters:
        assert f"\n{name} : " in text


def saved(folder, **changes):
    setting = random_setting(0)
    arrays = {
        "means": setting.mixture.means,
        "labels": setting.mixture.labels,
        "weights": setting.mixture.weights,
        "sigma": setting.mixture.sigma,
        "permutations": setting.transformations.permutations,
        "probabilities": setting.probabilities,
    }
    path = folder / "mine.npz"
    np.savez(path, **{key: value for key, value in (arrays | changes).items() if value is not None})
    return setting, path


def test_a_file_gives_its_setting(tmp_path):
    setting, path = saved(tmp_path)
    built = read_setting(path, epsilon=0.2, norm="l2")
    assert np.array_equal(built.transformed_means, setting.transformed_means)
    assert np.array_equal(built.mixture.weights, setting.mixture.weights)
    assert (built.epsilon, built.norm, built.name) == (0.2, "l2", "mine")


def test_a_file_without_a_part(tmp_path):
    _, path = saved(tmp_path, labels=None)
    with pytest.raises(ValueError, match="file must contain means, labels, permutations; lacks l"):
        read_setting(path, epsilon=0.2)


def test_a_file_that_is_not_one(tmp_path):
    path = tmp_path / "text.npz"
    path.write_text("no archive", encoding="utf-8")
    with pytest.raises(ValueError, match=r"text\.npz must be a readable \.npz file"):
        read_setting(path, epsilon=0.2)
    with pytest.raises(ValueError, match=r"absent\.npz must exist, got no such file"):
        read_setting(tmp_path / "absent.npz", epsilon=0.2)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Sigma", "sigma"), ("cov", "covariance"), ("std", "sigma"), ("prior", "weights"),
     ("epsilon", None)],
)  # fmt: skip
def test_arrays_that_would_be_ignored_are_refused(tmp_path, name, meant):
    _, path = saved(tmp_path, **{name: np.ones(3)})
    with pytest.raises(ValueError, match=f"^file must hold means, .* only, got {name}") as refused:
        read_setting(path, epsilon=0.2)
    assert str(refused.value).endswith(f"; is it {meant}?" if meant else f"got {name}")
