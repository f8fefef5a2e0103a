import pytest
from matplotlib.figure import Figure

from paper_figures.catalogue import FIGURES, figure
from paper_figures.records import COMMANDS, MissingRecordError


def test_every_experiment_has_a_command_that_makes_it():
    needed = {name for exhibit in FIGURES.values() for name in exhibit.experiments}
    assert needed <= set(COMMANDS)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"figure must be one of frontier, .*, got 'front'"):
        figure("front", ())


@pytest.mark.parametrize("name", [name for name, item in FIGURES.items() if item.experiments])
def test_no_figure_is_drawn_without_its_records(name, tmp_path):
    with pytest.raises(MissingRecordError, match="make it with: tradeoff "):
        figure(name, (tmp_path,))


def test_a_figure_of_theory_needs_no_folder():
    assert isinstance(figure("probit", ()), Figure)
