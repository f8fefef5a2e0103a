"""MNIST: as the training range of rotations grows, spatial accuracy rises, adversarial falls."""

from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.from_records.ranges import accuracies, measured, says
from paper_figures.style import dataset_label, styled
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw accuracies against the training range: mean over seeds, 95 % interval, each seed.

    Under random rotations, with the rate of invariance, and under random translations, one curve
    for each test range; under attack, one for each radius.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_rotation``, with the training range in degrees.
    """
    return accuracies(record, "degrees")


def caption(record: Record) -> Caption:
    """Say how the accuracies move from the narrowest to the widest training range."""
    see, agreed = says(record, "degrees", "from training without rotations to ±{}°", spatial=1)
    both = measured(record)
    return Caption(
        "Rotations in training against adversarial accuracy",
        "Accuracy and rate of invariance under random rotations, accuracy under random "
        "translations and under ℓ∞ attack, as the largest rotation in training grows. Nothing is "
        "translated in training.",
        f"{dataset_label(both[0]['dataset'])}. {wording.training(record)}",
        wording.images(both),
        wording.seeds(both),
        wording.bars(both) + " Dots are single seeds.",
        see,
        "The paper finds that accuracy under rotations rises and adversarial accuracy falls: "
        f"{wording.verdict(agreed)}.",
    )
