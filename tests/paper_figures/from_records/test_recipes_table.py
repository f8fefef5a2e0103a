import pytest

from paper_figures.from_records.recipes_table import caption, draw
from paper_figures.pooling import groups
from simulations.records import Record
from tests.paper_figures import sweeps
from tests.paper_figures.synthetic import row


@pytest.fixture(scope="module")
def record():
    swept = sweeps.recipes_mnist()
    names = ("network", "recipe", "weight", "seed")
    extra = [
        {**row("natural", measure, level, 100), **{name: one[name] for name in names}}
        for one in swept.rows
        if one["measure"] == "clean"
        for measure, level in (("worst_rotation", 180.0), ("pgd", 0.1), ("joint", 0.1))
    ]
    return Record("recipes_mnist", {}, [*swept.rows, *extra])


def test_cells_are_the_numbers_of_the_record(record):
    table = draw(record)
    first = groups(record)[0]
    clean = first.at("clean", 0.0)
    assert table.rows[0][0] == "small standard CNN, natural"
    interval = f"[{100 * clean.lower:.1f}, {100 * clean.upper:.1f}]"
    assert table.rows[0][1] == f"{100 * clean.mean:.1f} {interval}"
    assert table.rows[0][4] == "10.0 [8.2, 12.0]"  # of 1000 images, whatever the seeds
    assert len(table.rows) == len(groups(record))


def test_headings_name_the_levels(record):
    header = draw(record).header
    assert "rotated ≤ 180°" in header
    assert "attacked ε = 0.1" in header
    assert header[-1] == "distance to boundary"


def test_the_caption_says_what_auto_attack_still_finds(record):
    assert "AutoAttack" not in caption(record).see
    first, second, third, *_ = groups(record)
    checked = [
        {**row("natural", measure, 0.1, successes), "trials": 200, "network": group.network,
         "recipe": group.recipe, "weight": group.weight, "seed": 0}
        for group, before, found in ((first, 100, 96), (second, 100, 90), (third, 0, 0))
        for measure, successes in (("adversarial_checked", before), ("auto_attack", found))
    ]  # fmt: skip
    words = caption(Record("recipes_mnist", {}, [*record.rows, *checked])).see
    assert (
        "on 200 images and the first seed, lowers accuracy, where any is left, by 3.5 points in "
        "the mean and by 5.0" in words
    )
    assert words.endswith(f"{second.label}, the most.")
    elsewhere = [{**row, "level": 0.05} for row in checked]
    assert "AutoAttack" not in caption(Record("recipes_mnist", {}, [*record.rows, *elsewhere])).see


def test_passes_are_those_of_the_record(record):
    tasks = {
        str(number): {
            "network": one["network"],
            "recipe": {"name": one["recipe"], "weight": one["weight"] or 0.5},
        }
        for number, one in enumerate(record.rows)
    }
    passes = {
        task: 2.0 if run["recipe"]["name"] == "natural" else 3.5 for task, run in tasks.items()
    }
    table = draw(Record("recipes_mnist", {"tasks": tasks, "passes": passes}, record.rows))
    assert table.header[-1] == "passes"
    assert {line[-1] for line in table.rows if line[0].endswith(", natural")} == {"2"}
    assert {line[-1] for line in table.rows if not line[0].endswith(", natural")} == {"3.5"}
    mixtures = [group for group in groups(record) if group.weight is not None]
    other = {**passes, **{
        task: 10.0 * run["recipe"]["weight"] for task, run in tasks.items()
        if run["recipe"]["name"] == "mixture"
    }}  # fmt: skip
    found = groups(Record("recipes_mnist", {"tasks": tasks, "passes": other}, record.rows))
    told = [group.passes for group in found if group.recipe == "mixture"]
    assert told == [10.0 * group.weight for group in mixtures]


def test_images_of_bytes_have_radii_in_steps_and_no_column_without_measurements(record):
    levels = {0.05: 4 / 255, 0.1: 8 / 255}
    rows = [
        {**one, "level": levels.get(one["level"], one["level"])}
        for one in record.rows
        if one["measure"] != "boundary_distance"
    ]
    table = draw(Record("recipes_cifar10", {}, rows))
    assert table.header[-2:] == ("attacked ε = 8/255", "both ε = 8/255")
    assert {len(line) for line in table.rows} == {len(table.header)}
