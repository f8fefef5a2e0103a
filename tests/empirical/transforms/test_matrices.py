import numpy as np
import pytest
import torch

from empirical.transforms.interpolated import rotate
from empirical.transforms.matrices import rotated_means


@pytest.mark.parametrize("channels", [1, 3])
def test_matrices_turn_images(channels):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, channels, 6, 6, dtype=torch.float64, generator=generator)
    angles = [0.0, 90.0, -17.5]
    found = rotated_means((channels, 6, 6), angles)
    for angle, turned in zip(angles, found.apply(images.flatten(1).numpy()), strict=True):
        expected = rotate(images, angle).flatten(1).numpy()
        assert turned == pytest.approx(expected, abs=1e-6)
    assert np.allclose(found.matrices[0], np.eye(36 * channels), atol=1e-6)


def test_bad_input():
    with pytest.raises(ValueError, match="degrees must name at least one angle, got none"):
        rotated_means((1, 4, 4), [])
