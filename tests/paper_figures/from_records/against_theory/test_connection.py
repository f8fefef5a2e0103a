import numpy as np
import pytest

from paper_figures.from_records.against_theory.connection import caption, draw, half_width
from simulations.records import Record


@pytest.fixture
def record():
    rows = [
        {"kind": "reach", "dataset": dataset, "network": network, "recipe": recipe}
        | {"weight": None, "mean": mean, "std": 0.1, "seeds": 3}
        for dataset in ("orientation-texture", "mnist")
        for network in ("stdcnn", "p4cnn")
        for recipe, mean in (("natural", 0.5), ("augmented", -0.5))
    ]
    return Record("connection", {}, rows)


def test_markers_are_the_means_of_the_record(record):
    panels = draw(record).axes
    assert [panel.get_title(loc="left") for panel in panels] == ["Gaussian images", "MNIST"]
    for panel in panels:
        drawn = [container.lines[0].get_xdata()[0] for container in panel.containers]
        assert drawn == [0.5, -0.5, 0.5, -0.5]
    names = [label.get_text() for label in panels[0].get_yticklabels()]
    assert names == ["natural", "augmented"]


def test_half_width_is_students():
    row = {"std": float(np.std([0.0, 1.0, 2.0], ddof=1)), "seeds": 3}
    assert half_width(row) == pytest.approx(4.30265 / np.sqrt(3), rel=1e-5)
    assert half_width({"std": 0.0, "seeds": 1}) == 0.0
    two = {"std": float(np.std([0.0, 1.0], ddof=1)), "seeds": 2}
    assert half_width(two) == pytest.approx(0.5)


def test_the_caption_says_of_how_many_seeds_there_are_bars(record):
    words = caption(record)
    assert words.seeds == "3 seeds."
    assert "none" not in words.bars
    alone = [{**row, "seeds": 1} for row in record.rows if row["dataset"] == "mnist"]
    others = [row for row in record.rows if row["dataset"] != "mnist"]
    words = caption(Record("connection", {}, others + alone))
    assert words.seeds == "1 to 3 seeds, by images and recipe."
    assert words.bars.endswith("the range of two; of one seed there are none.")
    assert caption(Record("connection", {}, alone)).seeds == "One seed."


def test_the_caption_says_which_accuracies_are_compared(record):
    assert "ε" not in caption(record).settings
    config = {"digits": {"rotation": 90.0, "epsilon": 0.2}, "gaussian": {"epsilon": 8 / 255}}
    words = "MNIST: random rotations up to ±90°, ε = 0.2; Gaussian images: quarter turns, ε = 8/255"
    assert caption(Record("connection", config, record.rows)).settings.endswith(f" {words}.")


def test_the_caption_says_where_the_number_of_images_limits_a_sum(record):
    def words(*counts):
        gaps = [
            {"kind": "gap", "dataset": "orientation-texture"}
            | {"adversarial_successes": count, "adversarial_trials": 10}
            for count in counts
        ]
        return caption(Record("connection", {}, [*record.rows, *gaps])).bars

    assert "limits probit A" not in words(1, 9)
    lower = "where no image falls to the attack sums are lower estimates, which grow with it"
    upper = "where every image falls sums are upper estimates, which fall with it"
    limits = " The number of images limits probit A: "
    assert words(10, 9).endswith(f"{limits}{lower}.")
    assert words(9, 0).endswith(f"{limits}{upper}.")
    assert words(10, 0).endswith(f"{limits}{lower}; {upper}.")


def test_refuses_a_record_without_reaches():
    with pytest.raises(ValueError, match="must have rows with kind='reach', got none"):
        draw(Record("connection", {}, [{"kind": "gap"}]))
