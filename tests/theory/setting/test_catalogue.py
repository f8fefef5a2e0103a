"""The named settings are those of THEORY.md, section 9."""

import numpy as np
import pytest

from theory import catalogue
from theory.setting.codes import cyclic_code_words
from theory.setting.setting import Setting

COMMON = {"alpha": 0.4, "eta": 0.06, "sigma": 0.4, "epsilon": 0.12}


def test_defaults_are_named_and_reproducible() -> None:
    first, second = catalogue.defaults(), catalogue.defaults()
    assert list(first) == ["cyclic-code", "orientation-texture", "rotating-bump", "robust-feature"]
    for name, setting in first.items():
        assert isinstance(setting, Setting)
        assert setting.name == name
        assert (setting.mixture.means == second[name].mixture.means).all()
        assert setting.transformations.closed_under_inversion
        assert setting.mixture.classes.tolist() == [0, 1]


def test_cyclic_code() -> None:
    setting = catalogue.cyclic_code("x^5+x^4+x+1", 8, **COMMON)
    words = 1.0 - 2.0 * cyclic_code_words("x^5+x^4+x+1", 8)
    means, labels = setting.mixture.means, setting.mixture.labels
    for word, mean, label in zip(words, means, labels, strict=True):
        assert np.allclose(mean, 0.4 * word + 0.06 * word[0])
        assert label == (word[0] == 1.0)
    assert (setting.transformed_means[3] == np.roll(means, 6, axis=1)).all()
    # the texture does not turn, the word does, and a turned word is a word of the code
    turned = setting.transformed_means[1] - 0.06 * words[:, :1]
    assert {tuple(row) for row in np.round(turned / 0.4)} == {tuple(row) for row in words}


def test_default_cyclic_code_has_only_free_shifts() -> None:
    setting = catalogue.defaults()["cyclic-code"]
    labels = np.sign(setting.transformed_means[:, :, 0] - 0.0)
    for g in (1, 2, 3):
        pairs = {(a, b) for a, b in zip(labels[0], labels[g], strict=True)}
        assert len(pairs) == 4


def test_orientation_texture() -> None:
    pattern = np.random.default_rng(0).normal(size=(6, 6))
    setting = catalogue.orientation_texture(pattern, **COMMON)
    minus, plus = setting.mixture.means.reshape(2, 6, 6)
    assert np.allclose(plus, 0.4 * pattern + 0.06)
    assert np.allclose(minus, 0.4 * np.rot90(pattern) - 0.06)
    assert setting.image_shape == (6, 6)
    # the turn that carries c to rot90(c) leaves only the texture between the classes
    difference = setting.transformed_means[1, 1] - setting.mixture.means[0]
    assert np.allclose(difference, 0.12)


def test_rotating_bump() -> None:
    setting = catalogue.rotating_bump(8, 2, width=0.6, max_degrees=90.0, **COMMON)
    minus, plus = setting.mixture.means.reshape(2, 2, 8)
    assert plus[0, 0] == pytest.approx(0.46)
    assert plus[1, 2] == pytest.approx(0.06 + 0.4 * np.exp(-0.5 * (np.pi / 2 / 0.6) ** 2))
    assert np.allclose(minus[0], np.roll(plus[0] - 0.06, 4) - 0.06)
    assert (plus[0] == plus[1]).all()
    assert setting.transformations.size == 5  # -90, -45, 0, 45, 90 degrees
    shifts = [int(row[0]) for row in setting.transformations.permutations]
    assert sorted(shifts) == [0, 1, 2, 6, 7]
    image = np.arange(16.0)
    assert setting.transformations.act(shifts.index(7), image)[:8].tolist() == [7, *range(7)]


@pytest.mark.parametrize(
    ("max_degrees", "size"), [(0.0, 1), (44.9, 1), (45.0, 3), (135.0, 7), (180.0, 8)]
)
def test_rotating_bump_range(max_degrees: float, size: int) -> None:
    setting = catalogue.rotating_bump(8, 1, width=0.6, max_degrees=max_degrees, **COMMON)
    assert setting.transformations.size == size


def test_robust_feature() -> None:
    setting = catalogue.robust_feature(3, reliability=0.9, positions=3, **COMMON)
    mixture = setting.mixture
    assert mixture.labels.tolist() == [0, 1, 0, 1]
    assert mixture.weights == pytest.approx([0.45, 0.45, 0.05, 0.05])
    assert np.allclose(mixture.means[:, 0], [-0.4, 0.4, 0.4, -0.4])
    assert np.allclose(mixture.means[:, 1:], 0.06 * np.array([[-1], [1], [-1], [1]]))
    x = np.arange(4.0)
    turned = setting.transformations.apply(x).tolist()
    assert turned == [[0, 1, 2, 3], [1, 0, 2, 3], [2, 1, 0, 3]]
    certain = catalogue.robust_feature(3, reliability=1.0, positions=1, **COMMON)
    assert certain.mixture.components == 2


def test_block_pattern() -> None:
    pattern = catalogue.block_pattern(6, 3, rng=np.random.default_rng(5))
    assert pattern.shape == (6, 6)
    assert set(np.unique(pattern)) == {-1.0, 1.0}
    assert (pattern[::2, ::2] == pattern[1::2, 1::2]).all()
    again = catalogue.block_pattern(6, 3, rng=np.random.default_rng(5))
    assert (again == pattern).all()


def test_refused() -> None:
    with pytest.raises(ValueError, match=r"^length must be a multiple of 4, got 7$"):
        catalogue.cyclic_code("x^3+x+1", 7, **COMMON)
    with pytest.raises(ValueError, match=r"^generator must divide x\^8\+1 over GF\(2\), got"):
        catalogue.cyclic_code("x^3+x+1", 8, **COMMON)
    with pytest.raises(ValueError, match=r"^alpha must be >= 0, got -1$"):
        catalogue.cyclic_code("x+1", 8, **{**COMMON, "alpha": -1})
    for shape in ((3, 3), (2, 4)):
        with pytest.raises(ValueError, match=r"^pattern must be n x n with n even, got shape"):
            catalogue.orientation_texture(np.ones(shape), **COMMON)
    bump = {"width": 0.6, "max_degrees": 90.0, **COMMON}
    with pytest.raises(ValueError, match=r"^angles must be even, .*, got 7$"):
        catalogue.rotating_bump(7, 1, **bump)
    with pytest.raises(ValueError, match=r"^max_degrees must lie in \[0, 180\], got 181$"):
        catalogue.rotating_bump(8, 1, **{**bump, "max_degrees": 181})
    with pytest.raises(ValueError, match=r"^width must be finite and > 0, got 0$"):
        catalogue.rotating_bump(8, 1, **{**bump, "width": 0})
    with pytest.raises(ValueError, match=r"^positions must be <= weak \+ 1 = 4, got 5$"):
        catalogue.robust_feature(3, reliability=0.9, positions=5, **COMMON)
    with pytest.raises(ValueError, match=r"^reliability must lie in \[0, 1\], got 1.1$"):
        catalogue.robust_feature(3, reliability=1.1, positions=1, **COMMON)
    with pytest.raises(ValueError, match=r"^blocks must divide side = 6, got 4$"):
        catalogue.block_pattern(6, 4, rng=np.random.default_rng(0))
