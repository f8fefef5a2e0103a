import pytest
from scipy.special import ndtri

from paper_figures.pooling import groups
from simulations.records import Record
from tests.paper_figures import sweeps, synthetic
from tradeoff.page.leaderboard import HEADER, leaderboard


@pytest.fixture
def folder(tmp_path):
    sweeps.recipes_mnist(2).save(tmp_path / "recipes_mnist-full.json")
    gaussian().save(tmp_path / "orientation_texture-smoke.json")
    return tmp_path


def gaussian(places=None):
    """Networks on Gaussian images, with clean accuracies."""
    record = synthetic.orientation_texture(places)
    spatial = [row for row in record.rows if row["measure"] == "spatial"]
    rows = record.rows + [{**row, "measure": "clean"} for row in spatial]
    return Record(record.experiment, record.config, rows)


def test_every_group_has_a_row_with_its_means(tmp_path):
    record = sweeps.recipes_mnist(2)
    record.save(tmp_path / "recipes_mnist-full.json")
    rows = leaderboard((tmp_path,))
    assert len(rows) == len(groups(record))
    assert {len(row) for row in rows} == {len(HEADER)}
    found = {(row[1][0], row[2][0]): row for row in rows}
    for group in groups(record):
        name = {"stdcnn": "small standard CNN"}.get(
            group.network, "small rotation-equivariant CNN (p4)"
        )
        row = found[name, group.label]
        turned, attacked = group.at("rotation", 180.0).mean, group.at("adversarial", 0.1).mean
        assert row[3] == ("2", 2)
        assert row[5] == (f"{100 * turned:.1f} %", turned)
        assert row[6] == (f"{100 * attacked:.1f} %", attacked)
        assert row[7] == ("ε = 0.1", 0.1)
        assert row[8] == ("", None)
        assert row[9][1] == pytest.approx(float(ndtri(turned) + ndtri(attacked)))


def test_the_best_come_first(folder):
    reaches = [row[-1][1] for row in leaderboard((folder,))]
    assert reaches == sorted(reaches, reverse=True)


def test_networks_without_errors_have_a_finite_reach(tmp_path):
    record = gaussian({"adversarial": (0.5, 1.0)})
    record.save(tmp_path / "orientation_texture-smoke.json")
    ((*_, (_, reach)),) = leaderboard((tmp_path,))
    assert reach < float(ndtri(1 - 0.5 / 1000)) + 1


def test_no_records_no_rows(tmp_path):
    assert leaderboard((tmp_path,)) == []
