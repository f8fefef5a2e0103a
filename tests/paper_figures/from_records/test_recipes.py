import numpy as np
import pytest
from scipy.special import ndtri

from paper_figures.from_records.recipes import caption, draw, front
from paper_figures.measurements import Spread
from paper_figures.pooling import groups
from simulations.records import Record
from tests.paper_figures import sweeps


@pytest.fixture(scope="module")
def record():
    return sweeps.recipes_mnist()


def test_markers_are_the_means_of_the_widest_levels(record):
    axes, near = draw(record).axes
    assert len(near.containers) == 2 * 4  # mixtures of three weights and CuSP
    for group, container in zip(groups(record), axes.containers, strict=True):
        (place,) = container.lines[0].get_xydata()
        expected = (group.at("adversarial", 0.1).mean, group.at("rotation", 180.0).mean)
        assert tuple(place) == pytest.approx(expected)
        assert container.lines[0].get_markerfacecolor() == group.marker["mfc"]
    assert "±180°" in axes.get_ylabel()
    assert "0.1" in axes.get_xlabel()


def test_the_attack_is_that_of_training_where_it_was_tested(record):
    rows = [{**row, "epsilon": 0.05 if row["recipe"] == "mixture" else 0.0} for row in record.rows]
    trained = Record("recipes_mnist", {}, rows)
    axes = draw(trained).axes[0]
    assert "0.05" in axes.get_xlabel()
    for group, container in zip(groups(trained), axes.containers, strict=True):
        (place,) = container.lines[0].get_xydata()
        assert place[0] == pytest.approx(group.at("adversarial", 0.05).mean)
    assert "radius ε = 0.05;" in caption(trained).settings


def test_every_marker_is_inside_the_axes(record):
    for axes in draw(record).axes:
        for container in axes.containers:
            x, y = container.lines[0].get_xydata()[0]
            assert axes.get_xlim()[0] < x < axes.get_xlim()[1]
            assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_bars_end_inside_the_axes(record):
    rows = [
        {**row, "successes": (600, 990, 800)[row["seed"]]}
        if (row["recipe"], row["measure"]) == ("adversarial", "adversarial")
        else row
        for row in record.rows
    ]
    for axes in draw(Record("recipes_mnist", {}, rows)).axes:
        ends = [
            end
            for container in axes.containers
            for bars in container.lines[2]
            for segment in bars.get_segments()
            for end in segment
        ]
        for (low, high), places in zip(
            (axes.get_xlim(), axes.get_ylim()), np.array(ends).T, strict=True
        ):
            assert low < places.min() < places.max() < high


def test_the_caption_says_where_accuracies_of_nothing_are_drawn(record):
    edge = "Accuracies below 0.2 % are drawn at 0.2 %."
    assert "are drawn at" not in caption(record).bars
    rows = [
        {**row, "successes": 0}
        if (row["recipe"], row["measure"]) == ("natural", "adversarial")
        else row
        for row in record.rows
    ]
    assert caption(Record("recipes_mnist", {}, rows)).bars.endswith(edge)
    rows = [{**row, "successes": 1000} if row["measure"] == "rotation" else row for row in rows]
    words = caption(Record("recipes_mnist", {}, rows)).bars
    assert words.endswith(f"{edge} Accuracies above 99.8 % are drawn at 99.8 %.")


def test_mixtures_have_their_weights_beside_them_where_it_is_less_crowded(record):
    few = Record("recipes_mnist", {}, [r for r in record.rows if r["network"] == "stdcnn"])
    figure = draw(few)
    whole, near = figure.axes
    assert not [text for text in whole.texts if text.get_text() != "slope −1"]
    assert sorted(text.get_text() for text in near.texts) == ["0.25", "0.5", "0.75"]
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in near.texts]
    marks = [container.lines[0] for container in near.containers]
    places = near.transData.transform([mark.get_xydata()[0] for mark in marks])
    for text, box in zip(near.texts, boxes, strict=True):
        assert box.count_overlaps(boxes) == 1
        assert not box.count_contains(places)
        (own,) = near.transData.transform([text.xy])
        assert np.hypot(*(np.mean(box.get_points(), axis=0) - own)) < 16 / 72 * figure.dpi


def test_recipes_for_both_are_drawn_once_more_only_where_they_are_crowded(record):
    both = [row for row in record.rows if row["recipe"] in {"mixture", "cusp"}]
    others = [row for row in record.rows if row["recipe"] == "augmented"]
    assert len(draw(Record("recipes_mnist", {}, both)).axes) == 1
    assert len(draw(Record("recipes_mnist", {}, others)).axes) == 1
    assert len(draw(Record("recipes_mnist", {}, both + others)).axes) == 2


def test_the_front_has_slope_minus_one_and_no_network_beyond():
    places = [(Spread(a, a, a, (a,)), Spread(s, s, s, (s,))) for a, s in ((0.2, 0.9), (0.7, 0.8))]
    x, y = front(places)
    np.testing.assert_allclose(ndtri(x) + ndtri(y), ndtri(0.7) + ndtri(0.8))
    assert ndtri(0.2) + ndtri(0.9) < ndtri(0.7) + ndtri(0.8)


def on_cifar10(record, *recipes):
    rows = [
        {**row, "dataset": "cifar10", "recipe": "adversarial_then_augmented"}
        if row["recipe"] == "trades"
        else {**row, "dataset": "cifar10"}
        for row in record.rows
    ]
    return Record("recipes_cifar10", {}, [row for row in rows if row["recipe"] in recipes])


def test_the_caption_puts_cusp_beside_its_rivals_and_the_paper_s_figures(record):
    lacks = (
        "The paper compares CuSP with training for one robustness after the other; missing here: "
    )
    assert caption(record).paper == f"{lacks}the sequential orders."
    rivals = on_cifar10(record, "cusp", "adversarial", "adversarial_then_augmented")
    words = caption(rivals).paper
    assert "it is ahead in 2 of 2 comparisons. On CIFAR-10 the paper reports about 45 %" in words
    for group in groups(rivals):
        attacked, spatial = group.at("adversarial", 0.1).mean, group.at("rotation", 180.0).mean
        told = f", {group.label}: {100 * attacked:.1f} % and {100 * spatial:.1f} %"
        assert (told in words) is (group.recipe in {"cusp", "adversarial"})
    # without the sequential orders, and without all that the paper has
    neither = f"{lacks}CuSP and the sequential orders."
    assert "the figure turns_cifar10" in caption(on_cifar10(record, "adversarial")).see
    assert "turns" not in caption(record).see
    words = caption(on_cifar10(record, "adversarial")).paper
    assert words.startswith(f"{neither} On CIFAR-10 the ")
    assert caption(on_cifar10(record, "natural")).paper == neither
    order = on_cifar10(record, "natural", "adversarial_then_augmented")
    assert caption(order).paper == f"{lacks}CuSP."
    apart = [
        row
        for row in on_cifar10(record, "cusp", "adversarial_then_augmented").rows
        if (row["recipe"] == "cusp") is (row["network"] == "stdcnn")
    ]
    words = caption(Record("recipes_cifar10", {}, apart)).paper
    assert words.startswith(f"{lacks}a network trained both ways. On CIFAR-10 the ")


def counted(record, name, passes):
    """Return the record with tasks that take the passes of their recipe."""
    columns = ("network", "recipe", "weight", "seed")
    networks = {
        "-".join(map(str, own)): own
        for own in (tuple(row[c] for c in columns) for row in record.rows)
        if own[1] in passes
    }
    tasks = {
        task: {
            "network": network, "recipe": {"name": recipe, "weight": weight or 0.5},
            "train": 0, "held_out": 0, "schedule": {"epochs": 16},
        }
        for task, (network, recipe, weight, _) in networks.items()
    }  # fmt: skip
    config = {"tasks": tasks, "passes": {task: passes[own[1]] for task, own in networks.items()}}
    return Record(name, config, [row for row in record.rows if row["recipe"] in passes])


def test_longer_mixtures_take_the_place_of_the_record_s_beside_what_costs_as_much(record):
    cost = {"natural": 16.0, "adversarial": 48.0, "cusp": 48.0, "trades": 64.0, "mixture": 32.0}
    recipes = counted(record, "recipes_mnist", cost)
    longer = counted(sweeps.recipes_mnist(1, ("stdcnn",)), "longer", {"mixture": 47.5})
    axes = draw(recipes, longer).axes[0]
    assert len(axes.containers) == 3 + 2 * 3  # weights of one network; three recipes of two
    words = caption(recipes, longer)
    assert "47.5 to 64 passes" in words.settings
    assert words.title == "Mixtures and recipes of as many passes on MNIST, ε = 0.1"
    assert words.settings.endswith(" Left out, of fewer passes: natural.")
    assert "Left out" not in caption(recipes).settings
    assert "16 to 64 passes" in caption(recipes).settings
    assert "passes" not in caption(record).settings


def test_mixtures_are_ahead_where_both_intervals_are_apart(record):
    def shifted(spatial, attacked):
        moved = {"rotation": spatial, "adversarial": attacked}
        rows = [
            {**row, "successes": row["successes"] + moved.get(row["measure"], 0)}
            if row["recipe"] == "cusp"
            else row
            for row in record.rows
        ]
        return caption(Record("recipes_mnist", {}, rows)).see

    assert "intervals apart, of CuSP in 0 of 6 comparisons." in shifted(0, 0)
    assert "of CuSP in 0 of 6" in shifted(-400, 100)
    assert "of CuSP in 0 of 6" in shifted(100, -400)
    assert "of CuSP in 6 of 6" in shifted(-400, -400)


def test_records_without_passes_are_refused(record):
    counts = counted(record, "recipes_mnist", {"mixture": 32.0, "cusp": 48.0})
    for first, second in ((record, counts), (counts, record)):
        with pytest.raises(ValueError, match=r"must say how many passes each of its tasks takes"):
            draw(first, second)
