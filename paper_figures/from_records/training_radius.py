"""MNIST: as the radius of the attack in training grows, what becomes of spatial accuracy."""

from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.from_records.ranges import accuracies, measured, says
from paper_figures.style import dataset_label, styled
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw accuracies against the training radius: mean over seeds, 95 % interval, each seed.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_epsilon``, with the training radius as ``epsilon``.
    """
    return accuracies(record, "epsilon")


def caption(record: Record) -> Caption:
    """Say how the accuracies move from the smallest to the largest training radius."""
    see, agreed = says(record, "epsilon", "from ε = 0 in training to ε = {}", spatial=-1)
    both = measured(record)
    return Caption(
        "Attacks in training against spatial accuracy",
        "Accuracy and rate of invariance under random rotations, accuracy under random "
        "translations and under ℓ∞ attack, as the radius ε of the attack in training grows. "
        "Nothing is rotated or translated in training.",
        f"{dataset_label(both[0]['dataset'])}. {wording.training(record)}",
        wording.images(both),
        wording.seeds(both),
        wording.bars(both) + " Dots are single seeds.",
        see,
        "The paper finds that accuracy under rotations falls and adversarial accuracy rises: "
        f"{wording.verdict(agreed)}.",
    )
