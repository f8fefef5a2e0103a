import pytest
from scipy.special import ndtri

from paper_figures.measurements import spread
from paper_figures.pooling import groups
from simulations.records import Record
from tests.paper_figures import sweeps, synthetic
from theory.checks import InputError
from tradeoff.page.leaderboard import HEADER, boards, leaderboard, ranked, standings


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
    rows = [{**row, "dataset": "orientation-texture"} for row in rows]
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
        assert row[10][1] == pytest.approx((turned + attacked) / 2)


def test_the_best_come_first(folder):
    kept = [row[-1][1] for row in leaderboard((folder,))]
    assert kept == sorted(kept, reverse=True)
    assert len(set(kept)) > 5


def test_networks_without_errors_have_a_finite_reach(tmp_path):
    record = gaussian({"adversarial": (0.5, 1.0)})
    record.save(tmp_path / "orientation_texture-smoke.json")
    ((*_, (_, reach), _),) = leaderboard((tmp_path,))
    assert reach < float(ndtri(1 - 0.5 / 1000)) + 1


def own(path, dataset="mnist", measures=None, **levels):
    """A record of evaluate, right on 900 of 1000 images whatever is asked."""
    levels = {"clean": (0.0,), "rotation": (180.0,), "adversarial": (0.1,)} | levels
    labels = {"dataset": dataset, "network": "./mine.py:build", "recipe": "foreign", "seed": 0}
    counts = {"successes": 900, "trials": 1000}
    rows = [
        {**labels, "measure": measure, "level": level, **counts}
        for measure, those in levels.items()
        for level in those
    ]
    config = {} if measures is None else {"measures": measures}
    return Record("evaluate", config, rows).save(path)


def test_a_place_is_the_mean_of_both_with_an_interval_that_covers_it(folder):
    found = boards((folder,))
    assert found.keys() == {("mnist", 0.1), ("orientation-texture", 0.12)}
    for ones in found.values():
        assert ones == ranked(ones)
        for one in ones:
            s, a = (
                sum(row["successes"] / row["trials"] for row in part.rows) / len(part.rows)
                for part in (one.spatial, one.adversarial)
            )
            assert one.kept == pytest.approx((s + a) / 2)
            lower, upper = one.interval
            assert lower < one.kept < upper
            # wider than the mean of intervals of 95 % each
            narrow = [spread(part.rows) for part in (one.spatial, one.adversarial)]
            assert lower < sum(one.lower for one in narrow) / 2
            assert upper > sum(one.upper for one in narrow) / 2
    assert boards((folder,), epsilon=0.05).keys() == {("mnist", 0.05)}
    assert boards((folder,), dataset="mnist").keys() == {("mnist", 0.1)}


def test_what_was_not_measured_comes_last(tmp_path):
    own(tmp_path / "own.json", adversarial=())
    (without,) = standings(Record.load(tmp_path / "own.json"), "own")
    assert without.kept is None
    assert without.interval is None
    (whole,) = standings(Record.load(own(tmp_path / "whole.json")), "whole")
    assert ranked([without, whole]) == [whole, without]


def test_networks_that_differ_in_their_training_radius_are_apart(tmp_path):
    record = sweeps.recipes_mnist(2, networks=("stdcnn",))
    rows = [row for row in record.rows if row["recipe"] == "adversarial"]
    rows += [{**row, "epsilon": 0.2, "successes": 0} for row in rows]
    first, second = standings(Record("recipes_mnist", {}, rows), "one")
    assert (first.trained, second.trained) == (0.0, 0.2)
    assert len(first.clean.rows) == 2
    assert second.kept == 0.0
    Record("recipes_mnist", {}, rows).save(tmp_path / "recipes_mnist-smoke.json")
    assert [row[2][0] for row in leaderboard((tmp_path,))] == [
        "adversarial, trained at ε = 0",
        "adversarial, trained at ε = 0.2",
    ]


def test_networks_that_were_trained_longer_are_apart_and_repeated_ones_left_out(tmp_path):
    def swept(name, epochs, recipes):
        rows = [
            {**row, "epsilon": 0.1}
            for row in sweeps.recipes_mnist(1, networks=("stdcnn",)).rows
            if row["recipe"] in recipes and row["weight"] in {None, 0.5}
        ]
        tasks = {
            recipe: {
                "network": "stdcnn", "recipe": {"name": recipe, "weight": 0.5},
                "schedule": {"epochs": epochs if recipe == "mixture" else 8},
                "measures": {"steps": 20, "restarts": 1},
            }
            for recipe in recipes
        }  # fmt: skip
        Record(name, {"tasks": tasks}, rows).save(tmp_path / f"{name}-smoke.json")

    swept("recipes_mnist", 8, ("mixture", "natural"))
    swept("recipes_mnist_small_epsilon", 12, ("mixture", "natural"))
    assert sorted(row[2][0] for row in leaderboard((tmp_path,))) == [
        "mixture, λ = 0.5, 12 epochs",
        "mixture, λ = 0.5, 8 epochs",
        "natural",
    ]
    (ones,) = boards((tmp_path,)).values()
    assert {one.source for one in ones if one.recipe == "natural"} == {"recipes_mnist"}


def test_ones_own_network_takes_its_place(folder, tmp_path):
    before = boards((folder,))["mnist", 0.1]
    after = boards((folder,), [own(tmp_path / "own.json")])
    assert after.keys() == {("mnist", 0.1)}
    ((place, mine),) = [
        (place, one) for place, one in enumerate(after["mnist", 0.1]) if one not in before
    ]
    assert mine.kept == 0.9
    assert [one for one in after["mnist", 0.1] if one != mine] == before
    assert place == sum(one.kept > 0.9 for one in before)
    assert mine.attack == "not said"
    strong = {
        "steps": 20, "restarts": 2, "apgd_steps": 40, "queries": 9, "auto_attack": True,
        "joint_degrees": 90.0,
    }  # fmt: skip
    path = own(tmp_path / "strong.json", measures=strong, joint=(0.1,))
    (one,) = standings(Record.load(path), "strong")
    assert one.attack == "PGD 20 x 2, APGD 40, Square 9, AutoAttack"
    assert one.joint is None  # after turns of another range
    path = own(tmp_path / "same.json", measures={**strong, "joint_degrees": 180.0}, joint=(0.1,))
    assert standings(Record.load(path), "same")[0].joint.mean == 0.9


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ({"dataset": "cifar10"}, "must measure mnist or orientation-texture, got cifar10"),
        ({"adversarial": (0.3, 0.05)}, "must measure mnist at epsilon 0.1, got 0.05, 0.3"),
        ({"adversarial": ()}, "must measure mnist at epsilon 0.1, got none"),
        ({"rotation": (30.0,)}, "must measure rotation 180, got rotation 30"),
        ({"rotation": ()}, "must measure rotation 180, got none"),
    ],
)
def test_a_record_of_something_else_is_refused(folder, tmp_path, levels, message):
    path = own(tmp_path / "own.json", **levels)
    with pytest.raises(InputError, match=f"record {path} {message}$"):
        boards((folder,), [path])


def test_what_nothing_measures_is_refused(folder, tmp_path):
    with pytest.raises(InputError, match="data must be one of mnist, orientation-texture, got 'x'"):
        boards((folder,), dataset="x")
    with pytest.raises(InputError, match="must hold networks at epsilon 8/255, got none in"):
        boards((folder,), epsilon=8 / 255)
    record = Record("evaluate", {}, [{"measure": "clean", "network": "a"}])
    with pytest.raises(InputError, match="record own must say the dataset of every row"):
        standings(record, "own")


def test_no_records_no_rows(tmp_path):
    assert leaderboard((tmp_path,)) == []
