"""What captions say of records: numbers from the rows and the configuration, never typed."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from paper_figures.measurements import Row, Spread, distinct, identity
from paper_figures.style import network_style
from simulations.records import Record

__all__ = [
    "bars",
    "both",
    "images",
    "judged",
    "listed",
    "moved",
    "seeds",
    "sentence",
    "share",
    "training",
    "verdict",
]


def share(value: float) -> str:
    """Return a share in percent with one decimal."""
    return f"{100 * value:.1f} %"


def sentence(words: str) -> str:
    """Return words as they are at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def listed(names: Iterable[str]) -> str:
    """Join names as in a sentence: a, b and c."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def images(measured: Sequence[Row]) -> str:
    """Return on how many images each network was measured; a range where measures differ."""
    trials = sorted({int(row["trials"]) for row in measured})
    if len(trials) == 1:
        return f"{trials[0]:,} test images for each network."
    return f"{trials[0]:,} to {trials[-1]:,} test images for each network, fewest where it is slow."


def seeds(measured: Sequence[Row]) -> str:
    """Return how many seeds each network was trained with."""
    fewest, most = _fewest_and_most(measured)
    if most == 1:
        return "One seed."
    return f"{most} seeds." if fewest == most else f"{fewest} to {most} seeds, by recipe."


def bars(measured: Sequence[Row]) -> str:
    """Return what the intervals of `measurements.spread` cover."""
    fewest, most = _fewest_and_most(measured)
    if most == 1:
        return (
            "Bars are exact 95 % intervals over the images; they do not cover the draw of the seed."
        )
    alone = ", of one seed over the images alone" if fewest == 1 else ""
    return f"Bars are 95 % intervals over seeds and images{alone}."


def _fewest_and_most(measured: Sequence[Row]) -> tuple[int, int]:
    """Return the smallest and the largest number of seeds of a network and recipe."""
    found: dict[tuple[object, ...], set[object]] = {}
    for row in measured:
        found.setdefault(identity(row), set()).add(row.get("seed"))
    counts = [len(one) for one in found.values()]
    return min(counts), max(counts)


def training(record: Record) -> str:
    """Return which networks were trained, how long and on how much, as the record has it."""
    tasks = list(record.config.get("tasks", {}).values())
    names = [name for name in distinct(record.rows, "network") if name]
    text = listed(network_style(name).label for name in names)
    if not tasks:
        return f"Networks: {text}."
    sizes = sorted({task["train"] and task["train"] - task["held_out"] for task in tasks})
    epochs = sorted({task["schedule"]["epochs"] for task in tasks})
    size = listed(f"{size:,}" if size else "all" for size in sizes)
    length = listed(map(str, epochs))
    crops = sorted({task.get("crop", 0) for task in tasks})
    cropped = (
        f", which are cropped at random, by up to {crops[-1]} pixels, and mirrored half the time"
        if crops[-1]
        else ""
    )
    return f"Networks: {text}, trained for {length} epochs on {size} training images{cropped}."


def moved(first: Spread, last: Spread) -> int:
    """Return 1 or -1 if the last lies above or below the first, intervals and all, else 0."""
    return int(last.lower > first.upper) - int(last.upper < first.lower)


def both(first: Spread, last: Spread, told: Callable[[float], str] = share) -> str:
    """Return how a share, or another number, moves, with both numbers."""
    verb = {1: "rises", -1: "falls", 0: "moves, within the intervals,"}[moved(first, last)]
    return f"{verb} from {told(first.mean)} to {told(last.mean)}"


def judged(outcomes: Mapping[str, bool | None]) -> str:
    """Return on which of several measurements, by name, ours agrees with a finding."""
    against = [name for name, outcome in outcomes.items() if outcome is False]
    undecided = [name for name, outcome in outcomes.items() if outcome is None]
    parts = []
    if against:
        parts.append(f"disagrees on {listed(against)}")
    if undecided:
        parts.append(f"does not decide {listed(undecided)}")
    if len(against) + len(undecided) < len(outcomes):
        parts.append("agrees otherwise" if parts else "agrees")
    return f"our measurement {'; '.join(parts)}"


def verdict(found: Iterable[bool | None]) -> str:
    """Return whether measurements agree with a finding; None stands for one that is undecided."""
    outcomes = list(found)
    if outcomes and all(outcomes):
        return "our measurement agrees"
    if any(outcome is False for outcome in outcomes):
        return "our measurement disagrees"
    return "our measurement does not decide it"
