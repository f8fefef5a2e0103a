"""The finite symmetry groups of the square: p4 (quarter turns) and p4m (with mirrors)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["P4", "P4M", "Symmetry"]


@dataclass(frozen=True)
class Symmetry:
    """Quarter turns, with or without mirrors.

    Element g = (m, r), numbered 4 m + r, acts as the turn by r quarters counter-clockwise of
    the image mirrored m times left and right.

    Parameters
    ----------
    mirrors
        1 for turns alone, 2 with mirrors.
    """

    mirrors: int

    @property
    def order(self) -> int:
        """Number of elements."""
        return 4 * self.mirrors

    def act(self, g: int, grid: Tensor) -> Tensor:
        """Return the last two dimensions of ``grid`` transformed by element ``g``."""
        mirror, turns = divmod(g, 4)
        return torch.rot90(grid.flip(-1) if mirror else grid, turns, (-2, -1))

    def product(self, g: int, h: int) -> int:
        """Return the number of g h, the element that acts as h first and g after."""
        (m, r), (n, s) = divmod(g, 4), divmod(h, 4)
        # a mirror turns the other way: turn(r) mirror turn(s) = turn(r - s) mirror
        return 4 * ((m + n) % 2) + (r - s if m else r + s) % 4

    def inverse(self, g: int) -> int:
        """Return the number of the inverse of ``g``."""
        return next(h for h in range(self.order) if self.product(g, h) == 0)

    def lifting_index(self, size: int) -> Tensor:
        """Return, for a bank (.., size, size) of filters, where each copy reads it.

        Shape (order, 1, size, size): copy g is the filter acted on by g.
        """
        grid = torch.arange(size * size).view(size, size)
        return torch.stack([self.act(g, grid) for g in range(self.order)])[:, None]

    def regular_index(self, size: int) -> Tensor:
        """Return, for a bank (.., order, size, size), where each copy reads it.

        Shape (order, order, size, size): copy g at input element h is the filter of element
        g^-1 h acted on by g, the group convolution of Cohen and Welling (ICML 2016).
        """
        grid = torch.arange(size * size).view(size, size)
        rows: Sequence[Tensor] = [
            torch.stack(
                [
                    self.act(g, grid) + self.product(self.inverse(g), h) * size * size
                    for h in range(self.order)
                ]
            )
            for g in range(self.order)
        ]
        return torch.stack(list(rows))


P4 = Symmetry(mirrors=1)
P4M = Symmetry(mirrors=2)
