"""Trained networks: data, transforms, architectures, attacks, training and evaluation.

Images are tensors (N, C, H, W) in pixel units, [0, 1] unless drawn from a Gaussian setting;
``epsilon`` is in the same units, angles are in degrees, translations in pixels. Device and
dtype follow the data. Randomness comes from a generator that the caller passes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
