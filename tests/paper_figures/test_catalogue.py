from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from paper_figures import records
from paper_figures.catalogue import FIGURES, TABLES, FigureSpec, caption_named, draw_named
from paper_figures.records import COMMANDS, MissingRecordError
from paper_figures.style import new_figure, save
from tests.paper_figures import sweeps, synthetic


def drawn(names: Iterable[str]) -> list[str]:
    """Return the names of which no record is missing; the index says which the others are."""
    shipped = records.folders()
    return [
        name
        for name in names
        if all(_found(experiment, shipped) for experiment in (FIGURES | TABLES)[name].experiments)
    ]


def _found(experiment: str, folders: tuple[Path, ...]) -> bool:
    try:
        records.locate(experiment, folders)
    except MissingRecordError:
        return False
    return True


SLACK = 0.5
"""Points by which boxes may touch: boxes include the room of letters that are not there."""


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of visible texts whose boxes overlap, and texts that leave the figure."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    slack = SLACK * figure.dpi / 72
    unused = _unused(figure)
    boxes = [
        (text, text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_visible() and text not in unused
    ]
    found = [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(boxes, 2)
        if not (one.get_rotation() % 90 or other.get_rotation() % 90) and _meet(a, b, slack)
    ]
    page = figure.bbox
    outside = [
        (text.get_text(), "edge of the figure")
        for text, box in boxes
        if box.x0 < page.x0 - 1 or box.y0 < page.y0 - 1
        or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1
    ]  # fmt: skip
    return found + outside


def _unused(figure: Figure) -> set[Text]:
    """Labels of ticks that lie outside their axis, which Matplotlib keeps and does not draw."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            margin = 1e-9 * (high - low)
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low - margin <= tick.get_loc() <= high + margin:
                    found |= {tick.label1, tick.label2}
    return found


def _meet(a: Bbox, b: Bbox, slack: float) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack


def test_every_experiment_has_a_command_that_makes_it():
    needed = {name for item in (FIGURES | TABLES).values() for name in item.experiments}
    assert needed <= set(COMMANDS)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"figure must be one of frontier, .*, got 'front'"):
        draw_named("front", ())


@pytest.mark.parametrize(
    "name", [name for name, item in (FIGURES | TABLES).items() if item.experiments]
)
def test_no_figure_is_drawn_without_its_records(name, tmp_path):
    with pytest.raises(MissingRecordError, match="make it with: "):
        draw_named(name, (tmp_path,))


@pytest.mark.parametrize("name", drawn(name for name, item in FIGURES.items() if item.experiments))
def test_no_text_lies_on_another(name):
    assert overlaps(draw_named(name, records.folders())) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, item in FIGURES.items() if not item.experiments])
def test_no_text_of_theory_lies_on_another(name):
    assert overlaps(draw_named(name, ())) == []


def test_texts_that_overlap_or_leave_the_page_are_found():
    figure, (axes,) = new_figure(3.0, 2.0)
    axes.text(0.5, 0.5, "one")
    axes.text(0.51, 0.5, "other")
    axes.text(1.5, 0.5, "far away").set_in_layout(False)
    assert overlaps(figure) == [("one", "other"), ("far away", "edge of the figure")]


@pytest.mark.parametrize("name", drawn(FIGURES | TABLES))
def test_every_caption_has_all_its_parts(name):
    caption = caption_named(name, records.folders())
    required = (caption.title, caption.shows, caption.settings, caption.images, caption.bars)
    for part in (*required, caption.see, caption.paper):
        assert part
        assert part == part.strip()
    assert all(part.endswith(".") for part in (*required[1:], caption.see, caption.paper))
    assert not caption.title.endswith(".")
    assert caption.latex.isascii()
    if (FIGURES | TABLES)[name].experiments:
        assert "seed" in caption.seeds or "networks" in caption.seeds


def test_a_figure_of_theory_needs_no_folder():
    assert isinstance(draw_named("probit", ()), Figure)


def test_what_is_of_theory_alone_is_computed_once(monkeypatch):
    made = []
    of_theory = FigureSpec(
        lambda: made.append("table"), caption=lambda: made.append("caption") or "words"
    )
    monkeypatch.setitem(TABLES, "bounds_table", of_theory)
    for _ in range(2):
        draw_named("bounds_table", ())
        assert caption_named("bounds_table", ()) == "words"
    assert made == ["table", "caption"]


CHEAP = [
    "mnist_rotation", "training_radius", "recipes", "profiles", "boundary",
    "validation",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    for record in (
        synthetic.mnist_rotation(),
        synthetic.mnist_epsilon(),
        sweeps.recipes_mnist(2),
        sweeps.validation(),
    ):
        record.save(folder / f"{record.experiment}-smoke.json")
    return folder


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "png") for name in CHEAP), ("boundary", "pdf")]
)
def test_an_unchanged_figure_is_an_unchanged_file(name, kind, folder, tmp_path):
    files = [
        save(draw_named(name, (folder,)), tmp_path / f"{copy}.{kind}").read_bytes() for copy in "ab"
    ]
    assert files[0] == files[1]
