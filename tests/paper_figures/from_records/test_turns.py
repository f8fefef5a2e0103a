import pytest

from paper_figures.from_records.turns import caption, draw
from simulations.records import Record
from tests.paper_figures.synthetic import row

PLACES = {  # any angle, exact turns, attacked; the last trained on exact turns
    ("mixture", 0.5, False): (612, 426, 300),
    ("composed", None, False): (460, 459, 223),
    ("mixture", 0.75, False): (480, 470, 240),
    ("mixture", 0.5, True): (410, 540, 250),
}


def record(exact: bool = True) -> Record:
    rows = []
    for (recipe, weight, own), (rotated, turned, attacked) in PLACES.items():
        if own and not exact:
            continue
        found = [
            row(recipe, "clean", 0.0, 650),
            row(recipe, "rotation", 180.0, rotated),
            row(recipe, "quarter_turn", 0.0, turned),
            row(recipe, "adversarial", 0.1, attacked),
        ]
        trained = {"weight": weight, "network": "resnet7", **({"exact": True} if own else {})}
        rows += [{**one, **trained} for one in found]
    return Record("cifar10_turns", {"profile": "smoke"}, rows)


def test_one_panel_for_any_angle_and_one_for_exact_turns():
    panels = draw(record()).axes
    for number, panel in enumerate(panels):
        places = [container.lines[0].get_data() for container in panel.containers]
        trials = row("natural", "clean", 0.0, 1)["trials"]
        assert [(x[0] * trials, y[0] * trials) for x, y in places] == [
            pytest.approx((one[2], one[number])) for one in PLACES.values()
        ]
    assert [panel.get_title(loc="left") for panel in panels] == [
        "random rotations up to ±180°",
        "exact quarter turns",
    ]


def test_networks_trained_on_exact_turns_are_hollow():
    *filled, hollow = [one.lines[0] for one in draw(record()).axes[0].containers]
    assert hollow.get_markerfacecolor() == "white"
    assert all(one.get_markerfacecolor() != "white" for one in filled)
    for exact, told in ((True, True), (False, False)):
        (legend,) = draw(record(exact)).legends
        texts = [text.get_text() for text in legend.get_texts()]
        assert ("trained on exact quarter turns" in texts) is told


def test_the_caption_counts_who_is_ahead_under_which_turns():
    said = caption(record()).see
    assert "mixture, λ = 0.5: 61.2 % and 42.6 %; composed: 46.0 % and 45.9 %" in said
    assert "are 1 of 2 mixtures under any angle, 0 under exact turns." in said
    assert said.endswith("Trained on exact turns: mixture, λ = 0.5: 41.0 % and 54.0 %.")
    assert "Trained on exact turns" not in caption(record(exact=False)).see
