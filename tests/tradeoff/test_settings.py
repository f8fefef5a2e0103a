import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from tradeoff.settings import SETTINGS, build_setting


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "file"])
def test_without_options_a_setting_is_the_catalogues(name):
    built, default = build_setting(name), catalogue.defaults()[name]
    assert np.array_equal(built.rotated_means, default.rotated_means)
    assert np.array_equal(built.mixture.labels, default.mixture.labels)
    assert built.mixture.sigma == default.mixture.sigma
    assert built.epsilon == default.epsilon


def test_options_reach_the_setting():
    assert build_setting("rotating-bump", epsilon=0.3).epsilon == 0.3
    assert build_setting("orientation-texture", side=8).mixture.dimension == 64
    assert build_setting("cyclic-code", generator="1", length=4).mixture.components == 16


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
    built = build_setting("file", file=path, epsilon=0.2, norm="l2")
    assert np.array_equal(built.rotated_means, setting.rotated_means)
    assert np.array_equal(built.mixture.weights, setting.mixture.weights)
    assert (built.epsilon, built.norm, built.name) == (0.2, "l2", "mine")


def test_a_file_without_a_part(tmp_path):
    _, path = saved(tmp_path, labels=None)
    with pytest.raises(ValueError, match="file must contain means, labels, permutations; lacks l"):
        build_setting("file", file=path, epsilon=0.2)


def test_a_file_that_is_not_one(tmp_path):
    path = tmp_path / "text.npz"
    path.write_text("no archive", encoding="utf-8")
    with pytest.raises(ValueError, match="file must be a readable npz file"):
        build_setting("file", file=path, epsilon=0.2)
    with pytest.raises(OSError, match="No such file"):
        build_setting("file", file=tmp_path / "absent.npz", epsilon=0.2)
    with pytest.raises(ValueError, match="setting file needs --file and --epsilon, got no --file"):
        build_setting("file")
    with pytest.raises(ValueError, match="--file and --epsilon, got no --epsilon"):
        build_setting("file", file=path)


def test_bad_names_and_options():
    with pytest.raises(ValueError, match=r"setting must be one of cyclic-code, .*, got 'code'"):
        build_setting("code")
    with pytest.raises(ValueError, match="--side does not apply to cyclic-code; it takes --gen"):
        build_setting("cyclic-code", side=8)
    with pytest.raises(ValueError, match="seed must be >= 0, got -1"):
        build_setting("orientation-texture", seed=-1)
    with pytest.raises(ValueError, match=r"epsilon must be >= 0, got -0\.1"):
        build_setting("rotating-bump", epsilon=-0.1)
