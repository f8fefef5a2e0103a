"""The probit law along each family of networks: slope, interval, verdict."""

from paper_figures.from_records import wording
from paper_figures.from_records.against_theory.connection import compared
from paper_figures.measurements import distinct, radius, rows
from paper_figures.style import dataset_label, network_style
from paper_figures.tables import Caption, Table
from simulations.records import Record

__all__ = ["caption", "draw"]

FAMILIES = {"mixture": "weights of mixtures", "augmented": "ranges of augmentation"}


def draw(record: Record) -> Table:
    """Tabulate the fitted slope of probit(S) against probit(A), which the law says is -1.

    Parameters
    ----------
    record : Record
        Of the comparison ``connection``, whose rows of kind ``probit`` hold 95 % intervals.
    """
    return Table(
        ("images, network", "family", "networks", "slope", "95 % interval", "−1 excluded"),
        tuple(
            (
                f"{dataset_label(row['dataset'])}, {network_style(row['network']).label}",
                FAMILIES[row["family"]],
                str(row["models"]),
                f"{row['slope']:.2f}",
                f"[{row['lower']:.2f}, {row['upper']:.2f}]",
                "no" if row["agrees"] else "yes",
            )
            for row in rows(record, kind="probit")
        ),
    )


def caption(record: Record) -> Caption:
    """Say in how many families of networks the slope −1 is excluded."""
    found = rows(record, kind="probit")
    excluded = sum(not row["agrees"] for row in found)
    names = wording.listed(dataset_label(name) for name in distinct(found, "dataset"))
    return Caption(
        "The slope of the trade-off on probit axes",
        "Slope fitted to probit S against probit A along each family of networks; for one pair of "
        "images the law says −1.",
        f"{names}; mixtures of several weights and augmentation of several ranges{_least(record)}."
        f"{compared(record)}",
        "The images of the sweeps.",
        f"{wording.listed(str(n) for n in sorted(set(distinct(found, 'models'))))} networks in a "
        "family, seeds counted apart.",
        "Brackets are 95 % intervals of the slope.",
        f"−1 is excluded in {excluded} of {len(found)} families; where it is not, wide intervals "
        "do not establish it.",
        "Not among the paper's experiments.",
    )


def _least(record: Record) -> str:
    """Say where the networks that were not attacked in training are compared."""
    epsilon = record.config.get("ranges_epsilon")
    return "" if epsilon is None else f", these attacked with ε = {radius(epsilon)}"
