import pytest

from paper_figures.from_records import wording
from paper_figures.measurements import Spread
from simulations.records import Record
from tests.paper_figures.synthetic import row

LOW, MIDDLE, HIGH = (Spread(m, m - 0.05, m + 0.05, (m,)) for m in (0.2, 0.28, 0.4))


def test_moves_only_beyond_the_intervals():
    assert wording.moved(LOW, HIGH) == 1
    assert wording.moved(HIGH, LOW) == -1
    assert wording.moved(LOW, MIDDLE) == 0
    assert wording.both(LOW, HIGH) == "rises from 20.0 % to 40.0 %"
    assert wording.both(HIGH, LOW) == "falls from 40.0 % to 20.0 %"
    assert wording.both(LOW, MIDDLE) == "moves, within the intervals, from 20.0 % to 28.0 %"


def test_a_verdict_needs_all_and_one_contradiction_suffices():
    assert wording.verdict([True, True]) == "our measurement agrees"
    assert wording.verdict([True, None]) == "our measurement does not decide it"
    assert wording.verdict([True, None, False]) == "our measurement disagrees"
    assert wording.verdict([]) == "our measurement does not decide it"


def test_judgements_name_what_they_are_of():
    assert wording.judged({"a": True, "b": True}) == "our measurement agrees"
    assert wording.judged({"a": None}) == "our measurement does not decide a"
    assert wording.judged({"a": False, "b": False}) == "our measurement disagrees on a and b"
    assert wording.judged({"a": True, "b": None, "c": False}) == (
        "our measurement disagrees on c; does not decide b; agrees otherwise"
    )


def test_counts_images_and_seeds():
    one, other = row("natural", "clean", 0.0, 5), row("natural", "clean", 0.0, 5, seed=1)
    assert wording.images([one]) == "1,000 test images for each network."
    few = {**other, "trials": 200}
    assert wording.images([one, few]).startswith("200 to 1,000 test images")
    assert wording.seeds([one]) == "One seed."
    assert wording.seeds([one, other]) == "2 seeds."
    assert "do not cover the draw of the seed" in wording.bars([one])
    assert wording.bars([one, other]) == "Bars are 95 % intervals over seeds and images."
    alone = row("augmented", "clean", 0.0, 5)
    assert wording.bars([one, other, alone]) == (
        "Bars are 95 % intervals over seeds and images, of one seed over the images alone."
    )


@pytest.mark.parametrize(("train", "held_out", "words"), [(0, 0, "all"), (8800, 800, "8,000")])
def test_training_is_that_of_the_configuration(train, held_out, words):
    task = {"train": train, "held_out": held_out, "schedule": {"epochs": 8}}
    rows = [row("natural", "clean", 0.0, 5, network="p4cnn5")]
    text = wording.training(Record("recipes_mnist", {"tasks": {"a": task}}, rows))
    assert text == (
        f"Networks: rotation-equivariant CNN (p4), trained for 8 epochs on {words} training images."
    )
    assert wording.training(Record("recipes_mnist", {}, rows)) == (
        "Networks: rotation-equivariant CNN (p4)."
    )


def test_crops_in_training_are_told():
    task = {"train": 0, "held_out": 0, "schedule": {"epochs": 8}, "crop": 4}
    rows = [row("natural", "clean", 0.0, 5, network="resnet7")]
    assert wording.training(Record("cifar10_rotation", {"tasks": {"a": task}}, rows)).endswith(
        "training images, which are cropped at random, by up to 4 pixels, and mirrored half the "
        "time."
    )


def test_words():
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.sentence("standard CNN") == "Standard CNN"
