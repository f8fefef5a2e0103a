"""One step of PGD-10 and of TRADES-10 training against plain transcriptions, on one core.

    python benchmarks/attacks.py [NETWORK ...] [--rounds N] [--batch N] [--bfloat16]

Plain is the step as public code writes it: contiguous images, batch norm unfolded, filter banks
expanded in every forward pass, ``loss.backward()`` in the attack (which also computes gradients
of the weights), and for TRADES the softmax of the unattacked images inside the loop. Both sides
take turns in one process on one thread, from the same weights and the same start; the ratio of
processor times is the median over rounds. ``equal`` is the share of attacked pixels on which
both agree to 1e-6: rounding may flip the sign of a gradient that is nearly zero (in double
precision all pixels agree, tests/empirical/attacks/test_pgd.py). ``--bfloat16``
runs our side under autocast, which changes the results and is for training only.
"""

import argparse
import os
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import Tensor, nn
from torch.nn import functional

from empirical.attacks.pgd import cross_entropy, pgd_perturb
from empirical.networks.architectures import NETWORKS, network
from empirical.networks.layers import attack_mode
from empirical.transforms.interpolated import uniform

EPSILON, SIZE, STEPS, BETA = 8 / 255, 2 / 255, 10, 6.0
BATCHES = {"stdcnn": 128, "p4cnn": 64, "p4mcnn": 32, "vgg16": 16, "resnet18": 8, "p4mresnet18": 2}
SHAPES = {"stdcnn": (1, 28, 28), "p4cnn": (1, 28, 28), "p4mcnn": (1, 28, 28)}


def plain_attack(
    model: nn.Module, images: Tensor, labels: Tensor, start: Tensor, *, trades: bool
) -> Tensor:
    """Attack as public code does."""
    model.eval()
    moved = start.clone()
    for _ in range(STEPS):
        moved = moved.detach().requires_grad_(True)
        if trades:
            loss = functional.kl_div(
                model(moved).log_softmax(1), model(images).softmax(1), reduction="sum"
            )
        else:
            loss = functional.cross_entropy(model(moved), labels)
        loss.backward()
        moved = moved.detach() + SIZE * moved.grad.detach().sign()
        moved = torch.min(torch.max(moved, images - EPSILON), images + EPSILON)
        moved = torch.clamp(moved, 0.0, 1.0)
    model.train()
    return moved


def plain_loss(model: nn.Module, images: Tensor, labels: Tensor, moved: Tensor) -> Tensor:
    """Return the loss of TRADES as public code computes it."""
    logits = model(images)
    divergence = functional.kl_div(
        model(moved).log_softmax(1), model(images).softmax(1), reduction="batchmean"
    )
    return functional.cross_entropy(logits, labels) + BETA * divergence


def our_attack(
    model: nn.Module, images: Tensor, labels: Tensor, seed: int, *, trades: bool
) -> Tensor:
    """Attack as training does here."""
    with attack_mode(model):
        if trades:
            with torch.no_grad():
                fixed = model(images).softmax(1)

            def loss(logits: Tensor, _labels: Tensor) -> Tensor:
                return functional.kl_div(logits.log_softmax(1), fixed, reduction="sum")
        else:
            loss = cross_entropy
        return pgd_perturb(
            model,
            images,
            labels,
            epsilon=EPSILON,
            steps=STEPS,
            step_size=SIZE,
            bounds=(0.0, 1.0),
            generator=torch.Generator().manual_seed(seed),
            loss=loss,
        )


def our_loss(model: nn.Module, images: Tensor, labels: Tensor, moved: Tensor) -> Tensor:
    """Return the loss of TRADES from one pass over both halves."""
    natural, worst = model(torch.cat([images, moved])).chunk(2)
    divergence = functional.kl_div(worst.log_softmax(1), natural.softmax(1), reduction="batchmean")
    return functional.cross_entropy(natural, labels) + BETA * divergence


def timed(step: Callable[[], Tensor]) -> tuple[float, Tensor]:
    """Return the processor time of a step, and its attacked images."""
    start = time.process_time()
    moved = step()
    return time.process_time() - start, moved


def compare(name: str, batch: int, rounds: int, *, trades: bool, reduced: bool) -> str:
    """Train two copies of a network in turns and describe the ratio of times."""
    shape = SHAPES.get(name, (3, 32, 32))
    ours, plain = (
        network(name, shape, 10, generator=torch.Generator().manual_seed(1)) for _ in range(2)
    )
    plain.to(memory_format=torch.contiguous_format)
    generator = torch.Generator().manual_seed(2)
    times: list[tuple[float, float]] = []
    equal: list[float] = []
    for seed in range(rounds + 1):
        images = torch.rand(batch, *shape, generator=generator)
        labels = torch.randint(10, (batch,), generator=generator)
        ours.load_state_dict(plain.state_dict())
        noise = uniform(
            tuple(images.shape), EPSILON, images.device,
            generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip
        start = torch.clamp(images + noise.to(images.dtype), 0.0, 1.0)

        def plain_step() -> Tensor:
            moved = plain_attack(plain, images, labels, start, trades=trades)  # noqa: B023
            plain.zero_grad()
            if trades:
                plain_loss(plain, images, labels, moved).backward()  # noqa: B023
            else:
                functional.cross_entropy(plain(moved), labels).backward()  # noqa: B023
            return moved

        def our_step() -> Tensor:
            ours.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
                moved = our_attack(ours, images, labels, seed, trades=trades)  # noqa: B023
                if trades:
                    loss = our_loss(ours, images, labels, moved)  # noqa: B023
                else:
                    loss = functional.cross_entropy(ours(moved), labels)  # noqa: B023
            loss.backward()
            return moved

        first, second = (our_step, plain_step) if seed % 2 else (plain_step, our_step)
        (one, a), (two, b) = timed(first), timed(second)
        if seed:  # the first round warms up
            times.append((one, two) if seed % 2 else (two, one))
            equal.append(float(((a - b).abs() < 1e-6).double().mean()))
    ratio = median(slow / fast for fast, slow in times)
    fast = 1e3 * median(fast for fast, _ in times)
    return (
        f"{name:12} {'TRADES-10' if trades else 'PGD-10':10} batch {batch:4} "
        f"{fast:9.0f} ms  x {ratio:.2f}  equal {100 * median(equal):.2f} %"
    )


def main() -> None:
    """Print one line per network and recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", help=", ".join(NETWORKS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--bfloat16", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.networks or BATCHES:
        for trades in (False, True):
            batch = arguments.batch or BATCHES[name]
            line = compare(name, batch, arguments.rounds, trades=trades, reduced=arguments.bfloat16)
            print(line, flush=True)


if __name__ == "__main__":
    main()
