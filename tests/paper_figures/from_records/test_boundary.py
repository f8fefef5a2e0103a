import numpy as np
import pytest

from paper_figures.from_records.boundary import distance, draw, mean_distance
from paper_figures.pooling import groups
from simulations.records import Record
from tests.paper_figures import sweeps


@pytest.fixture(scope="module")
def record():
    return sweeps.recipes_mnist()


def test_markers_are_mean_distances(record):
    (axes,) = draw(record).axes
    for group, container in zip(groups(record), axes.containers, strict=True):
        rows = group.rows("boundary_distance")
        assert container.lines[0].get_xdata()[0] == pytest.approx(
            np.mean([r["mean"] for r in rows])
        )
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == list(dict.fromkeys(group.label for group in groups(record)))
    assert "pixel units" in axes.get_xlabel()


def test_one_seed_has_the_interval_of_its_images():
    group = groups(sweeps.recipes_mnist(1))[0]
    (row,) = group.rows("boundary_distance")
    found = distance(group)
    assert found.mean == row["mean"]
    assert found.upper - found.mean == pytest.approx(1.96 * row["std"] / np.sqrt(1000))


def test_two_seeds_have_an_interval_over_seeds_and_images():
    rows = [{"mean": mean, "std": 0.01, "successes": 10_000} for mean in (0.2, 0.21)]
    found = mean_distance(rows)
    # 12.7062 is the 97.5 % quantile of Student's law with one degree of freedom
    half = np.hypot(12.7062 * 0.01 / 2, 1.96e-4)
    assert (found.lower, found.upper) == pytest.approx((0.205 - half, 0.205 + half))


def test_refuses_rows_without_a_distance(record):
    rows = [{name: value for name, value in row.items() if name != "mean"} for row in record.rows]
    with pytest.raises(ValueError, match="rows of natural must have a mean distance, got none"):
        draw(Record("recipes_mnist", {}, rows))
