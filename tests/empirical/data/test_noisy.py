import numpy as np
import pytest
import torch

from empirical.data.dataset import Dataset, batches, ordered_batches
from empirical.data.load import load_dataset
from empirical.data.mnist import load_mnist
from empirical.data.noisy import image_setting, image_turns, noisy_images, of_classes
from empirical.evaluation.measures import Measures
from empirical.experiments.runs import Run, evaluate_run, train_run
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from empirical.transforms.grid import group


def made(count=12, shape=(1, 4, 4), classes=3):
    images = torch.rand(count, *shape, generator=torch.Generator().manual_seed(0))
    return Dataset(images, torch.arange(count) % classes, classes)


def digits(source):
    assert source == "mnist"
    return load_mnist("test")


def test_classes_are_kept_and_renumbered():
    every = made()
    some = of_classes(every, [2, 0])
    assert some.classes == 2
    assert torch.equal(some.images[::2], every.images[::3])
    assert torch.equal(some.images[1::2], every.images[2::3])
    assert some.labels.tolist() == [0, 1] * 4


def test_turns_are_those_of_the_images():
    images = np.random.default_rng(0).random((5, 3, 4, 4))
    turned = image_turns((3, 4, 4), [0, 1, 2]).apply(images.reshape(5, -1))
    for k in range(3):
        expected = np.rot90(images, k, axes=(2, 3)).reshape(5, -1)
        assert (turned[k] == expected).all()


def test_a_component_is_an_image():
    dataset = made()
    setting = image_setting(dataset, sigma=0.5, epsilon=0.1, norm="l2")
    assert setting.mixture.means == pytest.approx(dataset.images.flatten(1).numpy())
    assert setting.mixture.labels.tolist() == dataset.labels.tolist()
    assert (setting.mixture.sigma, setting.epsilon, setting.norm) == (0.5, 0.1, "l2")
    assert setting.image_shape == (4, 4)
    assert len(setting.probabilities) == 4
    assert image_setting(made(shape=(3, 4, 4)), sigma=1.0, epsilon=0.1).image_shape is None


def test_bytes_become_pixels_between_zero_and_one():
    images = torch.full((2, 1, 2, 2), 255, dtype=torch.uint8)
    setting = image_setting(Dataset(images, torch.tensor([0, 1]), 2), sigma=1.0, epsilon=0.0)
    assert (setting.mixture.means == 1.0).all()


def test_noise_is_fresh_in_every_epoch_of_training_and_the_same_where_order_is_kept():
    still = made(64)
    noisy = Dataset(still.images, still.labels, 3, bounds=None, noise=0.5)
    generator = torch.Generator().manual_seed(1)
    first, second = (
        next(iter(batches(noisy, 64, generator=generator)))[0].mean() for _ in range(2)
    )
    assert first != second
    for (given, labels), (plain, same) in zip(
        ordered_batches(noisy, 64), ordered_batches(still, 64), strict=True
    ):
        assert (given - plain).std() == pytest.approx(0.5, rel=0.1)
        assert torch.equal(labels, same)
    again = [next(iter(ordered_batches(noisy, 10)))[0] for _ in range(2)]
    assert torch.equal(*again)
    wide, narrow = noisy.statistics[1][0], still.statistics[1][0]
    assert wide == pytest.approx(np.hypot(narrow, 0.5), rel=1e-5)


def test_noise_needs_pixels_without_bounds():
    still = made()
    with pytest.raises(ValueError, match=r"noise must be 0 where pixels have bounds, got 0\.5"):
        Dataset(still.images, still.labels, 3, noise=0.5)
    with pytest.raises(ValueError, match="noise must be >= 0, got -1"):
        Dataset(still.images, still.labels, 3, bounds=None, noise=-1.0)


def test_training_and_test_digits_have_one_distribution():
    train, test = noisy_images(
        "noisy-digits:6,9:1.5:0,2", digits, train=40, test=300, rng=np.random.default_rng(0)
    )
    assert (len(train), len(test)) == (40, 300)
    assert train.noise == train.setting.mixture.sigma == 1.5
    assert test.noise == 0.0
    assert test.setting is train.setting
    assert train.setting.mixture.components == 40
    assert len(train.setting.probabilities) == 2
    assert train.name == test.name == "noisy-digits:6,9:1.5:0,2"
    assert test.bounds is None
    # what is drawn is a digit and noise of that deviation
    means = train.setting.mixture.means.reshape(40, 1, 28, 28)
    nearest = (test.images[:, None].numpy() - means).reshape(300, 40, -1).std(axis=2).min(axis=1)
    assert nearest == pytest.approx(1.5, abs=0.15)


def test_bad_input():
    with pytest.raises(ValueError, match=r"classes must name at least two, got \[1\]"):
        of_classes(made(), [1])
    with pytest.raises(ValueError, match="classes must have images, got none of class 7"):
        of_classes(made(), [0, 7])
    with pytest.raises(ValueError, match="images must be square to be turned, got 4 x 5"):
        image_turns((1, 4, 5))
    for name in (
        "noisy-digits", "noisy-digits:6,9:none", "noisy-digits:6,x:1", "noisy-digits:6:",
        "noisy-digits:6,9:-1", "noisy:6,9:1", "noisy-digits:6,9:1:0,,2",
    ):  # fmt: skip
        with pytest.raises(ValueError, match="dataset must be noisy:SOURCE or noisy-digits, CLASS"):
            noisy_images(name, digits, train=0, test=10, rng=np.random.default_rng(0))


def test_a_network_is_trained_and_measured_under_the_turns_of_the_setting():
    run = Run(
        "noisy-digits:6,9:1.5:0,2",
        "stdcnn",
        Recipe("mixture", degrees=180.0, epsilon=0.1, steps=2),
        schedule=AdamOneCycle(1, batch_size=20),
        measures=Measures(epsilons=(0.1,), steps=2, apgd_steps=0),
        width=2,
        train=40,
        test=30,
    )
    images, test = run.data()
    _, rows = evaluate_run(run, train_run(run, images), test)
    measured = {row["measure"]: row["trials"] for row in rows}
    assert {"spatial", "adversarial"} <= set(measured)
    assert measured["spatial"] == 30
    assert all(row["dataset"] == "noisy-digits:6,9:1.5:0,2" for row in rows)


def test_ones_own_images_in_colour_are_turned_in_all_channels(tmp_path):
    rng = np.random.default_rng(0)
    images, labels = rng.random((12, 3, 4, 4)), np.arange(12) % 3
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    name = f"noisy:{path}:0,2:0.01:0,1"
    train, test = load_dataset(name, train=0, test=50, rng=rng)
    assert (len(train), train.noise, train.classes, train.name) == (8, 0.01, 2, name)
    assert (len(test), test.shape) == (50, (3, 4, 4))
    stored = torch.from_numpy(images).float()[labels != 1]
    assert torch.allclose(train.images, stored)
    distances = (test.images[:, None] - stored).flatten(2).std(dim=2)
    assert distances.min(dim=1).values == pytest.approx(0.01, abs=0.005)
    assert test.labels.tolist() == (distances.argmin(dim=1) % 2).tolist()
    moves = group(test.setting.transformations)
    assert torch.equal(moves[0](stored), stored)
    assert torch.equal(moves[1](stored), torch.rot90(stored, 1, (2, 3)))
    whole, _ = load_dataset(f"noisy:{path}:0,2:1:0,1", train=0, test=1, rng=rng)
    assert (whole.noise, len(whole.setting.transformations.permutations)) == (1.0, 2)
    with pytest.raises(ValueError, match="must show every class, got none of class 1 among 4"):
        load_dataset(f"noisy:{path}:all:1", train=4, test=1, rng=rng)
    everything, _ = load_dataset(f"noisy:{path}:all:0.01", train=6, test=1, rng=rng)
    assert (len(everything), everything.classes) == (6, 3)
