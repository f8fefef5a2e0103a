"""Measurements in full float32, on processors that would shorten it unasked."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["full_precision"]


@contextmanager
def full_precision() -> Iterator[None]:
    """Compute convolutions and matrix products of float32 in float32, not in TF32.

    On recent GPUs PyTorch shortens the factors of convolutions to 10 bits by default.  That
    serves training; gradients of a reported attack should not be rounded so.  Serves as a
    decorator too.
    """
    convolutions, products = torch.backends.cudnn, torch.backends.cuda.matmul
    before = convolutions.allow_tf32, products.allow_tf32
    try:
        convolutions.allow_tf32 = products.allow_tf32 = False
        yield
    finally:
        convolutions.allow_tf32, products.allow_tf32 = before
