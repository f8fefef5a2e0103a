from paper_figures.from_theory import bounds_table
from paper_figures.from_theory.bounds_table import ERRORS
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound


def test_cells_are_reached_and_bound_in_order(monkeypatch):
    monkeypatch.setattr(bounds_table, "SETTINGS", ("robust-feature",))
    table = bounds_table.draw()
    assert "impossible" in table.rows[0]
    for line in table.rows:
        setting = catalogue.defaults()[line[0]]
        for error, cell in zip(ERRORS, line[3:], strict=True):
            bound = pairwise_bound(setting, error)
            if not bound.attainable:
                assert cell == "impossible"
                continue
            reached, limit = map(float, cell.split(" – "))
            assert 0 <= limit - 100 * float(bound.spatial_accuracy) < 0.01
            assert reached <= limit
