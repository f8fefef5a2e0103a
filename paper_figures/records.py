"""Where the records of experiments lie, and what to run when one is missing."""

from importlib.util import find_spec
from pathlib import Path

from simulations.files import checked_path
from simulations.records import Record
from theory.checks import InputError, shown

__all__ = [
    "COMMANDS",
    "MissingRecordError",
    "checked_folders",
    "command",
    "find",
    "folders",
    "locate",
]

PROFILES = ("paper", "full", "quick", "smoke")
"""Of several records of one experiment the most thorough is drawn: leftmost first."""

_SWEEPS = (
    "orientation_texture",
    "mnist_rotation",
    "cifar10_rotation",
    "mnist_translation",
    "cifar10_translation",
    "recipes_mnist",
    "recipes_mnist_small_epsilon",
    "recipes_gaussian",
    "recipes_cifar10",
    "cifar10_equal_compute",
    "mnist_turns",
    "cifar10_turns",
    "mnist_epsilon",
    "cifar10_epsilon",
    "attack_strength",
    "noisy_digits",
    "noisy_digits_all",
    "paper_networks",
)

COMMANDS = {
    **{
        name: f"tradeoff sweep {name.replace('_', '-')} --profile quick --out DIR"
        for name in _SWEEPS
    },
    "validation": "tradeoff simulate validation --profile quick --out DIR",
    "random-settings": "tradeoff simulate random-settings --profile quick --out DIR",
    "noisy_images": (
        "tradeoff frontier images --classes 6,9 --images 600 --turns 0,2 --sigma .75 --sigma 1 "
        "--sigma 1.5 --sigma 2 --samples 65536 --attacked 1000 --out DIR/noisy_images.json"
    ),
    "noisy_images_all": (
        "tradeoff frontier images --images 1000 --sigma .5 --sigma 1 --sigma 1.5 --sigma 2 "
        "--steps 40 --samples 32768 --attacked 500 --out DIR/noisy_images_all.json"
    ),
    "connection": "tradeoff connect --profile quick --records DIR",
}
"""The command that makes the record of an experiment in the folder DIR."""


class MissingRecordError(InputError):
    """No record of an experiment in the folders searched."""


def folders(chosen: Path | None = None) -> tuple[Path, ...]:
    """Return the folder chosen, or those of the records that come with the packages.

    The packages are located, not imported, so that no figure needs torch.

    Raises
    ------
    ValueError
        If the folder chosen does not exist.
    """
    if chosen is not None:
        if not chosen.is_dir():
            raise InputError(f"records must be a folder, got {chosen}, which does not exist")
        return (chosen,)
    specs = [find_spec(package) for package in ("simulations", "empirical")]
    places = [spec.submodule_search_locations or [] for spec in specs if spec is not None]
    return tuple(Path(place) / "results" for found in places for place in found)


def checked_folders(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return folders to look in, maybe none; refuse what is no tuple of paths."""
    if not isinstance(folders, (tuple, list)):
        raise InputError(f"folders must be a tuple of paths, got {shown(folders)}")
    return tuple(checked_path("folders", folder) for folder in folders)


def find(experiment: str, folders: tuple[Path, ...]) -> Record:
    """Load the record of an experiment, of the most thorough profile found in `folders`.

    Raises
    ------
    MissingRecordError
        If there is none; the message names the command that makes it.
    simulations.records.RecordError
        If the file is damaged.
    ValueError
        If the file holds the record of another experiment.
    """
    path = locate(experiment, folders)
    record = Record.load(path)
    if record.experiment != experiment:
        raise InputError(
            f"record {path} must be of experiment {experiment!r}, got {record.experiment!r}"
        )
    return record


def locate(experiment: str, folders: tuple[Path, ...]) -> Path:
    """Return the file of the record that `find` loads.

    Records are files ``<experiment>-<profile>.json`` or ``<experiment>.json``.

    Raises
    ------
    MissingRecordError
        If there is none; the message names the command that makes it.
    """
    for ending in [*(f"-{profile}" for profile in PROFILES), ""]:
        for folder in folders:
            path = folder / f"{experiment}{ending}.json"
            if path.is_file():
                return path
    places = ", ".join(str(folder) for folder in folders)
    made_by = COMMANDS[experiment].replace(
        "DIR", str(folders[0]) if len(folders) == 1 else "results"
    )
    raise MissingRecordError(
        f"record {experiment!r} not found in {places}; make it with: {made_by}"
    )


def command(record: Record) -> str:
    """Return the command that made a record, of its own profile and seeds, in the folder DIR."""
    told = f"--profile {record.config.get('profile', 'quick')}"
    if record.experiment in _SWEEPS and record.config.get("seed"):  # not the first seeds
        count = len({row["seed"] for row in record.rows})
        told += f" --seed {record.config['seed']} --seeds {count}"
    return COMMANDS[record.experiment].replace("--profile quick", told)
