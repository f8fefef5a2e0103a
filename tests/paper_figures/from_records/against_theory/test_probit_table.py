from paper_figures.from_records.against_theory.probit_table import caption, draw
from simulations.records import Record


def test_a_row_for_each_family():
    law = {"kind": "probit", "dataset": "mnist", "family": "mixture", "models": 9, "slope": -1.04}
    law |= {"lower": -1.3, "upper": -0.8, "agrees": True}
    flat = {**law, "slope": -0.03, "lower": -0.2, "upper": 0.4, "agrees": False}
    flat["family"] = "augmented"
    rows = [{**law, "network": "stdcnn"}, {**flat, "network": "p4cnn"}]
    table = draw(Record("connection", {}, rows))
    assert table.rows == (
        ("MNIST, small standard CNN", "weights of mixtures", "9", "-1.04", "[-1.30, -0.80]", "no"),
        (
            "MNIST, small rotation-equivariant CNN (p4)", "ranges of augmentation", "9", "-0.03",
            "[-0.20, 0.40]", "yes",
        ),
    )  # fmt: skip


def test_the_caption_says_at_which_radii():
    law = {"kind": "probit", "dataset": "mnist", "network": "stdcnn", "models": 9, "agrees": True}
    config = {"digits": {"rotation": 180.0, "epsilon": 0.1}, "ranges_epsilon": 0.05}
    words = caption(Record("connection", config, [law])).settings
    assert words.endswith("these attacked with ε = 0.05. MNIST: random rotations up to ±180°, "
                          "ε = 0.1.")  # fmt: skip
