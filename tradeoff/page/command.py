"""The commands ``report`` and ``leaderboard``."""

import math
import sys
from collections.abc import Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulations.records import Record
from tradeoff.answers.tables import render, table_lines
from tradeoff.options import TableFormat, TableOption, radius_option, radius_text

if TYPE_CHECKING:
    from tradeoff.page.leaderboard import Measured, Standing

__all__ = ["leaderboard_command", "report_command"]


def report_command(
    records: Annotated[
        Path | None, typer.Option(help="Folder of records; those shipped by default.")
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("results/report.html"),
) -> None:
    """Write one HTML file that needs no network: explorer, figures, networks, proofs, records."""
    from paper_figures.records import folders
    from simulations.execution.progress import bar
    from simulations.files import write_atomically

    places = folders(records)
    from tradeoff.page.report import report_html, steps

    with bar("report", steps()) as advance:
        page = report_html(places, advance)
    sys.stdout.write(f"{write_atomically(out, page.encode())}\n")


def leaderboard_command(
    *,
    add: Annotated[
        list[Path] | None,
        typer.Option("--add", help="Record of evaluate or sweep to put beside them; repeatable."),
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="Data set: mnist, cifar10, ...; all by default.")
    ] = None,
    epsilon: Annotated[
        float | None, radius_option("--epsilon", "Of the attack; the largest measured by default.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option("--records", help="Folder of records; those shipped by default.")
    ] = None,
    form: TableOption = TableFormat.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Rank trained networks by what they keep of both: the mean of spatial S and adversarial A.

    S is under random turns of the widest range, A under the attacks that are named; both are means
    over seeds, and intervals are of 95 % for each mean. Weaker attacks leave a higher A: compare
    networks that were attacked alike. Joint is the accuracy when turned and attacked at once.
    Ranked are the sweeps of recipes, not those of ranges, radii and noisy digits.
    """
    from paper_figures.records import folders
    from tradeoff.page.leaderboard import boards

    found = boards(folders(records), add or [], dataset=data, epsilon=epsilon)
    doubts = [f"{path}: {text}" for path in add or [] for text in Record.load(path).warnings]
    rows = [
        _standing(one, place, level, added={str(path) for path in add or []})
        for (_, level), ones in found.items()
        for place, one in enumerate(ones, 1)
    ]
    if as_json or form is not TableFormat.text:
        report = {"leaderboard": rows, "warnings": doubts}
        kind = "json" if as_json else form.value
        sys.stdout.write(render(report, "leaderboard", kind))
        return
    for dataset, level in found:
        own = [row for row in rows if (row["dataset"], row["epsilon"]) == (dataset, level)]
        typer.echo(
            f"{dataset}, turned at random ({own[0]['turns']}), epsilon {radius_text(level)}:"
        )
        for line in table_lines(list(map(_shown, own))):
            typer.echo(line)
        typer.echo()
    for text in doubts:
        typer.echo(f"warning: {text}")


def _standing(one: "Standing", place: int, level: float, *, added: Set[str]) -> dict[str, Any]:
    """Return a network of the ranking as JSON values."""
    lower, upper = one.interval or (0.0, 1.0)
    turned = one.spatial
    turns = "the setting's group" if turned and turned.measure == "spatial" else ""
    return {
        "rank": place,
        "dataset": one.dataset,
        "epsilon": level,
        "turns": turns or (f"{turned.level:g} degrees" if turned else "none"),
        "network": one.network,
        "recipe": _recipe(one),
        "seeds": len(one.clean.rows),
        "mean": one.kept,
        "lower": lower,
        "upper": upper,
        **_counted("S", one.spatial),
        **_counted("A", one.adversarial),
        **_counted("joint", one.joint),
        **_counted("clean", one.clean),
        "attacks": one.attack,
        "record": one.source,
        "added": one.source in added,
    }


def _counted(name: str, found: "Measured | None") -> dict[str, Any]:
    return {
        name: None if found is None else found.mean,
        f"{name}_images": None if found is None else found.images,
    }


def _recipe(one: "Standing") -> str:
    words = one.recipe if one.weight is None else f"{one.recipe} {one.weight:g}"
    words += "" if one.trained is None else f", trained at {radius_text(one.trained)}"
    return words if one.epochs is None else f"{words}, {one.epochs} epochs"


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of the table: three digits, intervals rounded outwards."""
    low, high = math.floor(1000 * row["lower"]) / 1000, math.ceil(1000 * row["upper"]) / 1000
    return {
        "": ">" if row["added"] else "",
        **{name: row[name] for name in ("rank", "network", "recipe", "seeds")},
        "mean": f"{row['mean']:.3f}",
        "95 % interval": f"[{low:.3f}, {high:.3f}]",
        **{
            name: "-" if row[name] is None else f"{row[name]:.3f}"
            for name in ("S", "A", "joint", "clean")
        },
        "images attacked": row["A_images"],
        "attacks": row["attacks"],
    }
