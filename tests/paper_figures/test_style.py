import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from paper_figures.style import (
    NETWORKS,
    RECIPES,
    SETTINGS,
    dataset_label,
    network_style,
    new_figure,
    save,
    sequential_colours,
    style_of,
    styled,
)
from theory import catalogue


@styled
def example() -> Figure:
    figure, (axes,) = new_figure(2.0, 1.5)
    axes.plot([0, 1], [0, 1], label="$\\epsilon$")
    axes.legend()
    return figure


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_an_unchanged_figure_is_an_unchanged_file(tmp_path, kind):
    first, second = (save(example(), tmp_path / f"{name}.{kind}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {first.name, second.name}


def test_the_users_settings_change_nothing(tmp_path):
    first = save(example(), tmp_path / "a.png")
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9, "savefig.bbox": "tight"}):
        second = save(example(), tmp_path / "b.png")
        assert mpl.rcParams["font.size"] == 20
    assert first.read_bytes() == second.read_bytes()


def test_save_refuses_other_formats(tmp_path):
    with pytest.raises(ValueError, match=r"must end in .png, .pdf or .svg, got 'a.gif'"):
        save(example(), tmp_path / "a.gif")


def test_save_leaves_nothing_half_written(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(OSError, match=r"a\.png"):
        save(example(), tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_recipes_differ_in_marker_and_in_colour():
    assert len({item.marker for item in RECIPES.values()}) == len(RECIPES)
    for one, other in itertools.combinations(RECIPES.values(), 2):
        distance = np.sum(np.subtract(to_rgb(one.colour), to_rgb(other.colour)) ** 2)
        assert distance > 0.03, (one.label, other.label)


def test_look_refuses_an_unknown_recipe():
    with pytest.raises(ValueError, match=r"recipe must be one of natural, .*, got 'magic'"):
        style_of("magic")


def test_networks_of_one_sweep_differ_and_every_marker_is_its_own():
    assert len({item.marker for item in NETWORKS.values()}) == len(NETWORKS)
    assert len({item.label for item in NETWORKS.values()}) == len(NETWORKS)
    names = list(NETWORKS)
    for start in range(0, len(names), 3):
        together = names[start : start + 3]
        assert len({NETWORKS[name].fill for name in together}) == len(together)
    with pytest.raises(ValueError, match=r"network must be one of cnn5, .*, got 'alexnet'"):
        network_style("alexnet")


def test_data_sets_have_names_for_reading():
    assert dataset_label("cifar10") == "CIFAR-10"
    for other in ("imagenet", None, ["mnist"]):
        with pytest.raises(ValueError, match=r"dataset must be one of mnist, .*, got "):
            dataset_label(other)


def test_every_setting_of_the_catalogue_has_a_look():
    assert set(SETTINGS) == set(catalogue.SETTINGS)


def test_every_network_recipe_and_data_set_that_can_be_trained_on_has_a_look():
    load = pytest.importorskip("empirical.data.load")
    architectures = pytest.importorskip("empirical.networks.architectures")
    recipes = pytest.importorskip("empirical.training.recipes")
    assert set(architectures.NETWORKS) == set(NETWORKS)
    assert set(recipes.RECIPES) == set(RECIPES)
    assert all(dataset_label(name) for name in load.DATASETS)


def test_shades_darken_in_order():
    luminance = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in sequential_colours(5)]
    assert luminance == sorted(luminance, reverse=True)
