import pytest
from matplotlib.figure import Figure

from paper_figures.catalogue import FIGURES, TABLES, draw_named
from paper_figures.records import COMMANDS, MissingRecordError
from paper_figures.style import save
from tests.paper_figures import sweeps, synthetic


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


def test_a_figure_of_theory_needs_no_folder():
    assert isinstance(draw_named("probit", ()), Figure)


CHEAP = ["mnist_rotation", "distance", "recipes", "profiles", "boundary", "validation"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    for record in (
        synthetic.mnist_rotation(),
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
