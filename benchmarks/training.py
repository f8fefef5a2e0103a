"""Whole training steps against a plain transcription of the paper's, on one core.

    python benchmarks/training.py [NETWORK ...] [--rounds N] [--batch N]

Plain is a step as the paper's public code takes it: every image cropped, mirrored and rotated
by PIL, stacked, attacked by PGD-10 with ``loss.backward()`` on an unfolded network, then one
step of SGD.  For TRADES the softmax of the unattacked images is computed in every attack step.
Ours is the step of `empirical.training.loop`: the same recipe as a value, on the same images, from
the same weights.  Both take turns in one process on one thread; the ratio of processor times is
the median over rounds.  What each trick of the attack alone brings is in ``attacks.py``.
"""

import argparse
import os
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from empirical.networks.architectures import network
from empirical.training.objectives import Adversarial, Objective, Trades
from empirical.training.schedules import Attack
from empirical.transforms.random import Chain, CropFlip, Rotations

EPSILON, STEPS, BETA, DEGREES, CROP = 8 / 255, 10, 6.0, 180.0, 4
ATTACK = Attack(EPSILON, steps=STEPS)
SPATIAL = Chain((CropFlip(CROP), Rotations(DEGREES)))
OURS: dict[str, Objective] = {
    "PGD-10": Adversarial(ATTACK, SPATIAL),
    "TRADES-10": Trades(BETA, ATTACK, SPATIAL),
}
BATCHES = {"stdcnn": 128, "p4cnn": 64, "vgg16": 16, "resnet18": 8}


def plain_images(stored: np.ndarray, rng: np.random.Generator) -> Tensor:
    """Crop, mirror and rotate image by image, as an image pipeline does."""
    batch = []
    for pixels in stored:
        padded = np.pad(pixels, ((CROP, CROP), (CROP, CROP), (0, 0)))
        top, left = rng.integers(0, 2 * CROP + 1, size=2)
        side = pixels.shape[0]
        image = Image.fromarray(padded).crop((left, top, left + side, top + side))
        if rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        image = image.rotate(rng.uniform(-DEGREES, DEGREES))
        batch.append(torch.from_numpy(np.array(image)).permute(2, 0, 1).float().div(255))
    return torch.stack(batch)


def plain_loss(model: nn.Module, images: Tensor, labels: Tensor, recipe: str) -> Tensor:
    """Attack and return the loss, as public code writes it."""
    trades = recipe.startswith("TRADES")
    model.eval()
    moved = (images + EPSILON * (2 * torch.rand_like(images) - 1)).clamp(0, 1)
    for _ in range(STEPS):
        moved = moved.detach().requires_grad_(True)
        if trades:
            loss = functional.kl_div(
                model(moved).log_softmax(1), model(images).softmax(1), reduction="sum"
            )
        else:
            loss = functional.cross_entropy(model(moved), labels)
        loss.backward()
        moved = moved.detach() + ATTACK.step_size * moved.grad.sign()
        moved = torch.min(torch.max(moved, images - EPSILON), images + EPSILON).clamp(0, 1)
    model.train()
    if not trades:
        return functional.cross_entropy(model(moved), labels)
    logits = model(images)
    divergence = functional.kl_div(
        model(moved).log_softmax(1), model(images).softmax(1), reduction="batchmean"
    )
    return functional.cross_entropy(logits, labels) + BETA * divergence


def timed(step: Callable[[], None]) -> float:
    """Return the processor time of a step."""
    start = time.process_time()
    step()
    return time.process_time() - start


def compare(name: str, recipe: str, batch: int, rounds: int) -> str:
    """Train two copies of a network in turns and describe the ratio of times."""
    generator, rng = torch.Generator().manual_seed(2), np.random.default_rng(3)
    ours, plain = (
        network(name, (3, 32, 32), 10, generator=torch.Generator().manual_seed(1)) for _ in range(2)
    )
    plain.to(memory_format=torch.contiguous_format)
    optimizers = [
        torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
        for model in (ours, plain)
    ]
    stored = rng.integers(0, 256, size=(batch, 32, 32, 3), dtype=np.uint8)
    tensor = torch.from_numpy(stored).permute(0, 3, 1, 2).contiguous()
    labels = torch.randint(10, (batch,), generator=generator)

    def our_step() -> None:
        images = tensor.float().div_(255)
        loss = OURS[recipe](ours, images, labels, bounds=(0.0, 1.0), generator=generator)
        optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[0].step()

    def plain_step() -> None:
        loss = plain_loss(plain, plain_images(stored, rng), labels, recipe)
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()

    times = []
    for turn in range(rounds + 1):
        plain.load_state_dict(ours.state_dict())
        if turn % 2:
            fast, slow = timed(our_step), timed(plain_step)
        else:
            slow, fast = timed(plain_step), timed(our_step)
        if turn:  # the first round warms up
            times.append((fast, slow))
    ratio = median(slow / fast for fast, slow in times)
    fast = 1e3 * median(fast for fast, _ in times)
    return f"{name:10} {recipe:10} batch {batch:4} {fast:9.0f} ms a step  x {ratio:.2f}"


def main() -> None:
    """Print one line per network and recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", help=", ".join(BATCHES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.networks or BATCHES:
        for recipe in OURS:
            batch = arguments.batch or BATCHES[name]
            print(compare(name, recipe, batch, arguments.rounds), flush=True)


if __name__ == "__main__":
    main()
