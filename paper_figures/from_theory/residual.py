"""Theory alone: what a turn and an attack leave of the difference between two classes."""

import numpy as np
from matplotlib.figure import Figure

from paper_figures.style import PAGE, new_figure, styled
from paper_figures.tables import Caption
from theory import catalogue
from theory.checks import FloatArray
from theory.residual.attack import attack_residual, residuals
from theory.setting.setting import Setting

__all__ = ["caption", "draw", "panels", "setting"]

ALPHA, ETA, SIGMA, EPSILON = 0.4, 0.1, 0.4, 0.12


@styled
def draw() -> Figure:
    """Draw the mean of a class, its turn, and what of it an attack removes and leaves.

    One scale of colours for all images.  Below each, its norm in deviations of the noise and
    the largest absolute value of a pixel; the norm of what is left is the residual (THEORY.md,
    section 3).
    """
    images = panels(setting())
    figure, axes = new_figure(PAGE, 1.85, columns=len(images))
    largest = max(float(np.abs(image).max()) for image in images.values())
    for place, (name, image) in zip(axes, images.items(), strict=True):
        drawn = place.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
        place.set(xticks=[], yticks=[], title=name)
        place.spines[["right", "top"]].set_visible(True)
        norms = f"$\\ell_2$ = {_norm(image):.2f} $\\sigma$"
        place.set_xlabel(f"{norms}\n$\\ell_\\infty$ = {np.abs(image).max():.2f}")
    figure.colorbar(drawn, ax=axes, shrink=0.75, aspect=14, pad=0.015)
    return figure


def caption() -> Caption:
    """Say how much of the difference is left without the turn and with it."""
    shown = setting()
    mixture = shown.mixture
    unturned = mixture.means[1] - mixture.means[0]
    kept = attack_residual(unturned, EPSILON, sigma=SIGMA).value
    _, _, difference, _, left = panels(shown).values()
    rows, columns = difference.shape
    return Caption.of_theory(
        "What a turn and an attack leave of two classes",
        shows="From left to right: the mean of one class; its turn; the difference of the turn "
        "from the mean of the other class; what the best attack removes of it; what is left. "
        "Below each its Euclidean norm in deviations of the noise σ and the largest absolute value "
        "of a pixel, rounded.",
        settings=f"Images of {rows} × {columns} pixels (setting orientation-texture, "
        f"α = {ALPHA:g}, η = {ETA:g}, σ = {SIGMA:g}), the quarter turn that leaves "
        f"least, ℓ∞ attack with ε = {EPSILON:g}.",
        see="The turn hides the pattern and only the texture tells the classes apart; the attack "
        f"removes ε of it in every pixel, and {_norm(left):.2f} of {_norm(difference):.2f} "
        f"deviations are left. Without the turn the same attack leaves {kept:.2f} of "
        f"{_norm(unturned):.2f}. What is left is the residual of Theorem 1.",
        paper="Not among the paper's experiments.",
    )


def setting() -> Setting:
    """Return the setting drawn, with more texture than the attack can remove."""
    return catalogue.block_texture(alpha=ALPHA, eta=ETA, sigma=SIGMA, epsilon=EPSILON)


def panels(shown: Setting) -> dict[str, FloatArray]:
    """Return the images by their titles, for the turn that leaves the least residual."""
    other, pattern = shown.mixture.means
    differences = shown.transformed_means[:, 1] - other
    best = int(np.argmin(residuals(differences, shown.epsilon, **shown.mixture.spread)))
    removed = attack_residual(differences[best], shown.epsilon, **shown.mixture.spread)
    images = {
        "mean of a class": pattern,
        "its turn": shown.transformed_means[best, 1],
        "turn − other mean": differences[best],
        "attack removes": removed.perturbation,
        "left": differences[best] - removed.perturbation,
    }
    return {name: image.reshape(shown.image_shape) for name, image in images.items()}


def _norm(image: FloatArray) -> float:
    """Return the Euclidean norm in deviations of the noise."""
    return float(np.linalg.norm(image)) / SIGMA
