import pytest

from paper_figures.from_records.turns import caption, draw
from simulations.records import Record
from tests.paper_figures.synthetic import row

PLACES = {  # a little beyond, exactly, attacked
    ("mixture", 0.5): (612, 426, 300),
    ("composed", None): (460, 459, 223),
    ("mixture", 0.75): (480, 470, 240),
    ("mixture_exact", 0.5): (410, 540, 250),
}


def record(*recipes: str) -> Record:
    rows = []
    for (recipe, weight), (beyond, exactly, attacked) in PLACES.items():
        found = [
            row(recipe, "clean", 0.0, 650),
            row(recipe, "quarter_turn", 0.0, exactly),
            row(recipe, "quarter_turn", 10.0, beyond),
            row(recipe, "adversarial", 0.1, attacked),
        ]
        if not recipes or recipe in recipes:
            rows += [{**one, "weight": weight, "network": "resnet7"} for one in found]
    return Record("cifar10_turns", {"profile": "smoke"}, rows)


def test_one_panel_with_traces_and_one_without():
    panels = draw(record()).axes
    for number, panel in enumerate(panels):
        places = [container.lines[0].get_data() for container in panel.containers]
        trials = row("natural", "clean", 0.0, 1)["trials"]
        assert [(x[0] * trials, y[0] * trials) for x, y in places] == [
            pytest.approx((one[2], one[number])) for one in PLACES.values()
        ]
    titles = ["turned by a quarter and up to 10° more", "exactly"]
    assert [panel.get_title(loc="left") for panel in panels] == titles


def test_networks_trained_on_exact_turns_are_hollow():
    *filled, hollow = [one.lines[0] for one in draw(record()).axes[0].containers]
    assert hollow.get_markerfacecolor() == "white"
    assert all(one.get_markerfacecolor() != "white" for one in filled)


@pytest.mark.parametrize(
    ("recipes", "told"),
    [((), True), (("mixture", "composed"), False), (("mixture_exact",), True)],
)
def test_the_legend_tells_of_exact_training_where_there_is_some(recipes, told):
    (legend,) = draw(record(*recipes)).legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert ("trained on exact turns" in texts) is told


def test_weights_are_beside_their_marks():
    """Named once both panels, which share their axes, are drawn."""
    figure = draw(record())
    figure.draw_without_rendering()
    for panel in figure.axes:
        marks = [one.lines[0].get_xydata()[0] for one in panel.containers]
        for text in panel.texts:
            place = panel.transData.transform(text.xy)
            assert any(abs(panel.transData.transform(mark) - place).max() < 1 for mark in marks)
            assert panel.bbox.contains(*text.get_window_extent().get_points().mean(0))


def test_the_caption_counts_who_is_ahead_under_which_turns():
    said = caption(record()).see
    assert "mixture, λ = 0.5: 61.2 % and 42.6 %; composed: 46.0 % and 45.9 %" in said
    assert "mixture, exact turns, λ = 0.5: 41.0 % and 54.0 %" in said
    assert said.endswith("1 of 2 trained by any angle, with traces; 0 of 2 trained by any angle, "
                         "without.")  # fmt: skip
    assert "ahead" not in caption(record("mixture")).see
    assert "hollow" in caption(record()).shows
    assert "hollow" not in caption(record("mixture")).shows
