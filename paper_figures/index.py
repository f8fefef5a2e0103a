"""The index of all figures and tables with their captions, as Markdown and as LaTeX."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paper_figures import records
from paper_figures.catalogue import FIGURES, TABLES, caption_named, draw_named
from paper_figures.records import MissingRecordError
from paper_figures.tables import Table
from simulations.records import Record
from theory.checks import text

__all__ = ["PAPER", "PaperExperiment", "index_latex", "index_markdown", "sources"]

EXPERIMENTS = FIGURES | TABLES

RANGES = ("mnist_rotation", "cifar10_rotation", "mnist_translation", "cifar10_translation")


@dataclass(frozen=True)
class PaperExperiment:
    """An experiment of Kamath et al. (2021), and the figures that repeat it."""

    name: str
    question: str
    figures: tuple[str, ...]

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments whose records answer the question."""
        drawn = (one for name in self.figures for one in EXPERIMENTS[name].experiments)
        return tuple(dict.fromkeys(drawn))


PAPER = (
    PaperExperiment(
        "E1",
        "Adversarial accuracy of standard and equivariant networks as the range of rotations, or "
        "of translations, in training grows",
        RANGES,
    ),
    PaperExperiment(
        "E2",
        "Spatial accuracy and rate of invariance over that range",
        (*RANGES, "profiles", "profiles_cifar10"),
    ),
    PaperExperiment(
        "E3",
        "Spatial accuracy of networks trained by PGD and by TRADES as ε in training grows",
        ("training_radius", "training_radius_cifar10"),
    ),
    PaperExperiment(
        "E4",
        "Distance to the decision boundary as the range in training grows",
        (*RANGES, "boundary"),
    ),
    PaperExperiment(
        "E5",
        "Natural, augmented, adversarial, one after the other, and CuSP: both accuracies of each",
        (
            "recipes_table",
            "recipes_small_epsilon_table",
            "recipes_cifar10_table",
            "paper_networks_table",
            "recipes",
            "recipes_small_epsilon",
            "recipes_cifar10",
            "recipes_equal_passes",
            "recipes_paper_networks",
            "turns",
            "turns_cifar10",
        ),
    ),
)
"""What the paper measures, in its order, and what here repeats it."""


def sources(name: str, folders: tuple[Path, ...]) -> list[tuple[Path, Record]]:
    """Return the records that a figure or a table is drawn from, and their files.

    Raises
    ------
    MissingRecordError
        If one is not in the folders.
    """
    paths = [records.locate(experiment, folders) for experiment in EXPERIMENTS[name].experiments]
    return [(path, Record.load(path)) for path in paths]


def index_markdown(folders: tuple[Path, ...], images: str = "figures") -> str:
    """Return the index: the paper's experiments and ours, then every figure and table.

    Parameters
    ----------
    folders : tuple of Path
        Where the records lie (`records.folders`).
    images : str
        Folder of the drawn files, relative to the index.

    Raises
    ------
    ValueError
        If the folders are no tuple of paths, or ``images`` is no string.
    """
    folders = records.checked_folders(folders)
    text("images", images)
    lines = [
        "# Figures and tables",
        "",
        "Written by `tradeoff figures --index FILE`; every number is computed from the records.",
        "",
        "## The paper's experiments, and ours",
        "",
        "| | in the paper | here | record | to remake the record, then the figures |",
        "|---|---|---|---|---|",
        *(_paper_line(experiment, folders) for experiment in PAPER),
    ]
    for title, names in (("Figures", FIGURES), ("Tables", TABLES)):
        lines += ["", f"## {title}"]
        for name in names:
            lines += ["", f"### {name}", "", *_section(name, folders, images)]
    return "\n".join(lines) + "\n"


def index_latex(names: list[str], folders: tuple[Path, ...]) -> str:
    r"""Return a file to ``\input``: each figure and table as a float with caption and label.

    It needs the packages graphicx and booktabs and lies beside the drawn files.
    """
    floats = []
    for name in names:
        kind, body = (
            ("table", rf"\input{{{name}.tex}}")
            if name in TABLES
            else ("figure", rf"\includegraphics[width=\linewidth]{{{name}}}")
        )
        floats.append(
            "\n".join(
                (
                    rf"\begin{{{kind}}}",
                    r"\centering",
                    body,
                    rf"\caption{{{caption_named(name, folders).latex}}}",
                    rf"\label{{{kind}:{name}}}",
                    rf"\end{{{kind}}}",
                    "",
                )
            )
        )
    return "\n".join(floats)


def _paper_line(experiment: PaperExperiment, folders: tuple[Path, ...]) -> str:
    ours = ", ".join(f"[{name}](#{name})" for name in experiment.figures)
    files, commands = [], []
    for source in experiment.experiments:
        command = records.COMMANDS[source]
        try:
            path = records.locate(source, folders)
        except MissingRecordError:
            files.append(f"{source}: not made yet")
        else:
            files.append(f"`{path.name}`")
            command = records.command(Record.load(path))
        commands.append(f"`{command}`")
    commands.append(f"`tradeoff figures {' '.join(experiment.figures)} --records DIR`")
    cells = (experiment.name, experiment.question, ours, ", ".join(files), "; ".join(commands))
    return f"| {' | '.join(cells)} |"


def _section(name: str, folders: tuple[Path, ...], images: str) -> Iterator[str]:
    try:
        caption = caption_named(name, folders)
    except MissingRecordError:
        needed = EXPERIMENTS[name].experiments
        made_by = (f"`{one}`, made by `{records.COMMANDS[one]}`" for one in needed)
        yield f"Not drawn: it lacks the record {', and '.join(made_by)}."
        return
    if name in TABLES:
        table = draw_named(name, folders)
        if isinstance(table, Table):
            yield table.markdown
    else:
        yield f"![{caption.title}]({images}/{name}.png)"
        yield ""
    yield caption.markdown
    yield ""
    for path, record in sources(name, folders):
        yield (
            f"Record `{path.name}`, digest {record.digest[:12]}; made by "
            f"`{records.command(record)}`, drawn by `tradeoff figures {name} --records DIR`."
        )
    if not EXPERIMENTS[name].experiments:
        yield f"Needs no record; made by `tradeoff figures {name}`."
