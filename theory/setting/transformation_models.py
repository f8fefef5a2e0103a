"""Which linear transformations the theorems allow, and the model for the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, InputError, finite_array, integer, vectors
from theory.setting.transformations import Transformations, distribution

__all__ = ["RotatedMeans", "permutation_matrices"]


def permutation_matrices(
    matrices: ArrayLike, probabilities: ArrayLike | None = None
) -> Transformations:
    """Return the transformations given as permutation matrices, shape (G, d, d).

    Anything else is refused. The proofs need P_g X to have the covariance of X: if the noise
    shows that an input was transformed, a classifier may treat it accordingly, and Theorem 1
    is then false, not merely loose (THEORY.md, section 1; an example is in
    tests/theory/setting/test_transformation_models.py). Interpolated rotations of noisy images are
    such a case.

    Parameters
    ----------
    matrices : (G, d, d) floats
        Entries 0 and 1, exactly.
    probabilities : (G,) floats >= 0 of sum 1, optional
        Uniform by default.

    Raises
    ------
    ValueError
        If a matrix is not a permutation matrix, or the probabilities are not of sum 1.
    """
    stack = _square(matrices)
    for g, matrix in enumerate(stack):
        if not _is_permutation(matrix):
            wrong = matrix[(matrix != 0.0) & (matrix != 1.0)]
            found = f"entry {wrong[0]:g}" if wrong.size else "a row or column not of sum 1"
            raise InputError(
                f"matrices[{g}] must be a permutation matrix, got {found}; it would change the "
                "noise, by which a classifier could recognise it; RotatedMeans(matrices) "
                "rotates the mean and then adds the noise"
            )
    return Transformations(stack.argmax(axis=2), probabilities)


@dataclass(frozen=True, eq=False, init=False, repr=False)
class RotatedMeans:
    """The model "transform the mean, then add the noise", N(M_g mu_i, Sigma).

    It takes the place of :class:`Transformations` in a :class:`Setting`, for any matrices:
    Theorem 1, 3, 4 and 5 use the transformed input only through its law given (i, g), which is
    Gaussian with covariance Sigma by definition here, while attacks act on the input that is
    not transformed (THEORY.md, section 1). What does need the l_p ball to be mapped to itself is
    the symmetry r_g = r_{g^-1} of Theorem 2, so ``closed_under_inversion`` is False and its
    form without symmetry applies. If M_g Sigma M_g^T = Sigma, then M_g X itself has this law.

    The images of the means are those that `act` returns, rounded as double precision has it, and
    what is certified is certified of these; a setting refuses means for which `rounding` exceeds a
    millionth of the noise.

    Parameters
    ----------
    matrices : (G, d, d) floats
    probabilities : (G,) floats, optional
        Uniform by default.

    Raises
    ------
    ValueError
        If a shape is wrong, a number is not finite, or the probabilities are not of sum 1.
    """

    matrices: FloatArray
    probabilities: FloatArray

    def __init__(self, matrices: ArrayLike, probabilities: ArrayLike | None = None) -> None:
        stack = _square(matrices)
        weights = distribution(probabilities, len(stack))
        stack.setflags(write=False)
        weights.setflags(write=False)
        object.__setattr__(self, "matrices", stack)
        object.__setattr__(self, "probabilities", weights)

    def __repr__(self) -> str:
        return f"RotatedMeans({self.size} matrices in dimension {self.dimension})"

    @property
    def size(self) -> int:
        """Number G of transformations."""
        return len(self.matrices)

    @property
    def dimension(self) -> int:
        """Dimension d of the inputs."""
        return int(self.matrices.shape[2])

    @property
    def closed_under_inversion(self) -> bool:
        """Always False: residuals need not be symmetric under matrices that distort the ball."""
        return False

    def act(self, g: int, means: ArrayLike) -> FloatArray:
        """Return M_g mu for means of shape (..., d).

        Raises
        ------
        ValueError
            If there is no matrix ``g``, or a mean or its image is not finite or of another shape.
        """
        index = integer("g", g, minimum=0, maximum=self.size - 1)
        with np.errstate(over="ignore", invalid="ignore"):
            moved = vectors("means", means, self.dimension) @ self.matrices[index].T
        if not np.isfinite(moved).all():
            raise InputError(f"means must stay finite under matrices[{index}], got an overflow")
        return np.asarray(moved, dtype=np.float64)

    def rounding(self, means: ArrayLike) -> float:
        """Return what rounding may change in an entry of an image of means of shape (..., d).

        Raises
        ------
        ValueError
            If a mean is not finite or of another shape.
        """
        sizes = np.abs(vectors("means", means, self.dimension)) @ np.abs(self.matrices).swapaxes(
            1, 2
        )
        return float((self.dimension + 2) * 2.0**-52 * sizes.max())

    def apply(self, means: ArrayLike) -> FloatArray:
        """Return all M_g mu, shape (G, ..., d), for means of shape (..., d).

        Raises
        ------
        ValueError
            If a mean or its image is not finite or of another shape.
        """
        return np.stack([self.act(g, means) for g in range(self.size)])


def _square(matrices: ArrayLike) -> FloatArray:
    """Return finite square matrices of shape (G, d, d)."""
    stack = finite_array("matrices", matrices, ndim=3)
    if not stack.size or stack.shape[1] != stack.shape[2]:
        raise InputError(f"matrices must have shape (G, d, d), got shape {stack.shape}")
    return stack


def _is_permutation(matrix: FloatArray) -> bool:
    """Whether the entries are 0 and 1, with one 1 in each row and column."""
    binary = bool(((matrix == 0.0) | (matrix == 1.0)).all())
    return binary and bool((matrix.sum(axis=0) == 1.0).all() and (matrix.sum(axis=1) == 1.0).all())
