"""The probit law along each family of networks: slope, interval, verdict."""

from paper_figures.measurements import rows
from paper_figures.tables import Table
from simulations.records import Record

__all__ = ["draw"]

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
                f"{row['dataset']}, {row['network']}",
                FAMILIES[row["family"]],
                str(row["models"]),
                f"{row['slope']:.2f}",
                f"[{row['lower']:.2f}, {row['upper']:.2f}]",
                "no" if row["agrees"] else "yes",
            )
            for row in rows(record, kind="probit")
        ),
    )
