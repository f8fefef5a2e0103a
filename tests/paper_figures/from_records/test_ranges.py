import matplotlib.pyplot as plt
import numpy as np
import pytest

from paper_figures.from_records.ranges import Curve, caption, draw
from paper_figures.measurements import rows, spread
from simulations.records import Record
from tests.paper_figures import synthetic

TURNED = ("rotation", "invariance_rotation", "translation", "adversarial", "boundary_distance")


def named(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def moved(record):
    """The record of networks that learnt to bear translations instead, to a tenth of the range."""
    names = {
        "rotation": "translation",
        "translation": "rotation",
        "invariance_rotation": "invariance_translation",
    }
    found = []
    for row in record.rows:
        pixels = {"pixels": row["degrees"] / 60} if row["degrees"] else {}
        measure = names.get(row["measure"], row["measure"])
        found.append({**row, "degrees": 0.0, "measure": measure, **pixels})
    return Record("mnist_translation", {}, found)


def of_both(record, network="p4cnn5"):
    return Record(
        record.experiment, {}, record.rows + [{**row, "network": network} for row in record.rows]
    )


def by_trades(record):
    """The record with networks trained by TRADES besides, of which none is at radius 0."""
    also = [{**row, "recipe": "trades"} for row in record.rows if row["epsilon"]]
    return Record(record.experiment, {}, record.rows + also)


def test_ranges_come_in_order_whatever_the_rows():
    record = synthetic.mnist_rotation()
    measured = rows(record, measure="adversarial")
    curve = Curve.of(measured[::-1], spread)
    assert curve.ranges == (0.0, 30.0, 60.0, 180.0)
    assert curve.spreads == tuple(
        spread([row for row in measured[::-1] if row["degrees"] == degrees])
        for degrees in curve.ranges
    )


def test_the_name_goes_into_the_legend_once():
    figure, axes = plt.subplots()
    curve = Curve.of(rows(synthetic.mnist_rotation(1), measure="adversarial"), spread)
    curve.draw(axes, "attacked", colour="#123456")
    ((line, *_),), (name,) = axes.get_legend_handles_labels()
    plt.close(figure)
    assert name == "attacked"
    assert line.get_color() == "#123456"
    assert list(line.get_ydata()) == [item.mean for item in curve.spreads]


def test_curves_are_the_means_of_the_record():
    record = synthetic.mnist_rotation()
    for axes, measure in zip(draw(record).axes, TURNED, strict=True):
        (container,) = axes.containers
        drawn = container.lines[0]
        for degrees, mean in drawn.get_xydata():
            measured = rows(record, measure=measure, degrees=degrees)
            values = [row.get("mean", row["successes"] / 1000) for row in measured]
            assert mean == pytest.approx(np.mean(values))
        assert list(drawn.get_xdata()) == [0.0, 30.0, 60.0, 180.0]


def test_labels_name_units_and_levels():
    figure = draw(synthetic.mnist_rotation(1))
    spatial, _, shifted, attacked, near = figure.axes
    assert figure.get_supxlabel() == "largest rotation in training (degrees)"
    assert list(near.get_xticks()) == [0.0, 30.0, 60.0, 180.0]
    assert named(spatial) == ["±60°"]
    assert named(shifted) == ["±4 px"]
    assert named(attacked) == ["$\\epsilon$ = 0.1"]
    assert "ell_\\infty" in near.get_ylabel()
    assert near.get_ylim()[0] == attacked.get_ylim()[0] == 0
    assert spatial.get_title("left") == "MNIST, small standard CNN"


def test_every_test_range_is_a_curve_of_its_own_colour():
    record = synthetic.mnist_rotation(3, (180.0, 60.0, 90.0))
    spatial = draw(record).axes[0]
    curves = [container.lines[0] for container in spatial.containers]
    assert len({curve.get_color() for curve in curves}) == 3
    counts = [r["successes"] for r in rows(record, measure="rotation", level=180.0, degrees=30.0)]
    assert curves[2].get_ydata()[1] == pytest.approx(np.mean(counts) / 1000)


def test_no_curve_leaves_a_scale_that_others_share():
    record = synthetic.mnist_rotation()
    better = [
        {**row, "network": "p4cnn5", "successes": min(3 * row["successes"], 1000)}
        for row in record.rows
        if row["measure"] == "adversarial"
    ]
    for axes in draw(Record("mnist_rotation", {}, record.rows + better)).axes:
        low, high = axes.get_ylim()
        for container in axes.containers:
            heights = container.lines[0].get_ydata()
            assert low <= min(heights)
            assert max(heights) <= high


def test_each_network_has_its_own_column():
    record = of_both(synthetic.mnist_rotation())
    panels = draw(record).axes
    assert len(panels) == 2 * len(TURNED)
    assert [panel.get_title("left") for panel in panels[:2]] == [
        "MNIST, small standard CNN",
        "MNIST, rotation-equivariant CNN (p4)",
    ]
    for one, other in zip(panels[::2], panels[1::2], strict=True):
        lines = [panel.containers[0].lines[0] for panel in (one, other)]
        assert list(lines[0].get_ydata()) == list(lines[1].get_ydata())
        assert len({line.get_marker() for line in lines}) == 2


def test_translations_in_training_are_those_of_the_rows_and_0_without():
    record = moved(synthetic.mnist_rotation())
    figure = draw(record)
    assert figure.get_supxlabel() == "largest translation in training (pixels)"
    first = figure.axes[0]
    assert first.get_ylabel() == "accuracy\nunder translations"
    assert list(first.containers[0].lines[0].get_xdata()) == [0.0, 0.5, 1.0, 3.0]
    words = caption(record)
    assert "from training without translations to ±3 pixels, accuracy under t" in words.see
    assert "under translations up to ±60 px rises from" in words.see
    assert words.paper.endswith("the boundary comes closer: our measurement agrees.")


def test_radii_have_a_column_for_each_recipe_which_share_the_natural_networks():
    record = by_trades(synthetic.mnist_epsilon())
    figure = draw(record)
    assert figure.get_supxlabel() == "radius $\\epsilon$ of the attack in training"
    turned, by_trades_too, *_ = figure.axes
    assert by_trades_too.get_title("left").endswith("TRADES training")
    for axes in (turned, by_trades_too):
        (container,) = axes.containers
        line = container.lines[0]
        assert list(line.get_xdata()) == [0.0, 0.1, 0.3]
        for epsilon, mean in line.get_xydata():
            counted = rows(
                record, measure="rotation", level=180.0, epsilon=epsilon, recipe="adversarial"
            )
            assert mean == pytest.approx(np.mean([row["successes"] for row in counted]) / 1000)


@pytest.mark.parametrize(
    ("record", "column", "ends", "levels"),
    [
        (
            synthetic.mnist_rotation(), "degrees", (0.0, 180.0),
            {"rotation": 60.0, "translation": 4.0, "adversarial": 0.1},
        ),
        (
            synthetic.mnist_epsilon(), "epsilon", (0.0, 0.3),
            {"rotation": 180.0, "adversarial": 0.1},
        ),
    ],
)  # fmt: skip
def test_the_caption_tells_each_move_and_whether_the_paper_finds_it(record, column, ends, levels):
    words = caption(record)
    for measure, level in levels.items():
        for end in ends:
            counted = rows(record, measure=measure, level=level, **{column: end})
            assert f"{np.mean([row['successes'] for row in counted]) / 10:.1f} %" in words.see
    assert "our measurement agrees" in words.paper


def test_the_caption_tells_the_distance():
    words = caption(synthetic.mnist_rotation())
    assert "mean distance to the boundary falls from 0.12 to 0.04" in words.see


def test_the_caption_says_where_the_measurement_disagrees():
    record = synthetic.mnist_rotation()
    turned = [
        {**row, "degrees": 180.0 - row["degrees"]} if row["measure"] == "adversarial" else row
        for row in record.rows
    ]
    words = caption(Record("mnist_rotation", {}, turned))
    assert words.paper.endswith(
        "our measurement disagrees on the adversarial accuracy of the small standard CNN; agrees "
        "otherwise."
    )


def test_refuses_networks_without_a_distance_and_those_that_do_not_differ():
    record = synthetic.mnist_rotation()
    bare = [{k: v for k, v in row.items() if k != "mean"} for row in record.rows]
    with pytest.raises(ValueError, match="rows of natural must have a mean distance"):
        draw(Record("mnist_rotation", {}, bare))
    same = [row for row in record.rows if row["degrees"] == 0.0]
    with pytest.raises(
        ValueError, match=r"record 'mnist_rotation' must have networks of several degrees, pixels"
    ):
        draw(Record("mnist_rotation", {}, same))
