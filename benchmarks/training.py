"""Whole training steps against a plain transcription of the paper's, on one core.

    python benchmarks/training.py [NETWORK ...] [--rounds N] [--batch N] [--device cuda]

Plain is a step as the paper's public code takes it: every image cropped, mirrored and rotated
by PIL, stacked, attacked by PGD-10 with ``loss.backward()`` on an unfolded network, then one
step of SGD.  For TRADES the softmax of the unattacked images is computed in every attack step.
Ours is the step of `empirical.training.loop`: the same recipe as a value, on the same images, from
the same weights.  Both take turns in one process on one thread; the ratio of processor times, on a
GPU of times until it is done, is the median over rounds.  What each trick of the attack alone
brings is in ``attacks.py``.

For the compact networks plain is a transcription of the same network in PyTorch's own layers and
usual order of channels, and the step that of a mixture of augmentation and PGD-5.  Beside the ratio
stand the floating-point operations of our step, from its convolutions and products, as a share of
what a product of two square matrices reaches in the same process and precision, of 1024 rows or on
a GPU 8192; last, the time of the p4 network's step over that of the standard one with equal
multiplications.
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
from torch.utils.flop_counter import FlopCounterMode

from empirical.networks.architectures import network
from empirical.training.objectives import Adversarial, Mixture, Objective, Trades
from empirical.training.schedules import Attack
from empirical.transforms.random import Chain, CropFlip, Rotations

EPSILON, STEPS, BETA, DEGREES, CROP = 8 / 255, 10, 6.0, 180.0, 4
ATTACK = Attack(EPSILON, steps=STEPS)
SPATIAL = Chain((CropFlip(CROP), Rotations(DEGREES)))
OURS: dict[str, Objective] = {
    "PGD-10": Adversarial(ATTACK, SPATIAL),
    "TRADES-10": Trades(BETA, ATTACK, SPATIAL),
}
MIXED = Attack(0.3, steps=5)
SHAPES = {1: 28, 3: 32}
COMPACT = {"cnn5": 1, "p4cnn5": 1, "resnet7": 3, "p4resnet7": 3}
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


def timed(step: Callable[[], None], device: str) -> float:
    """Return the processor time of a step, on a GPU the time until it is done."""
    if device == "cpu":
        start = time.process_time()
        step()
        return time.process_time() - start
    torch.cuda.synchronize()
    start = time.perf_counter()
    step()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def compare(name: str, recipe: str, batch: int, rounds: int, device: str) -> str:
    """Train two copies of a network in turns and describe the ratio of times."""
    generator, rng = torch.Generator().manual_seed(2), np.random.default_rng(3)
    ours, plain = (
        network(name, (3, 32, 32), 10, generator=torch.Generator().manual_seed(1)).to(device)
        for _ in range(2)
    )
    plain.to(memory_format=torch.contiguous_format)
    optimizers = [
        torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
        for model in (ours, plain)
    ]
    stored = rng.integers(0, 256, size=(batch, 32, 32, 3), dtype=np.uint8)
    tensor = torch.from_numpy(stored).permute(0, 3, 1, 2).contiguous()
    labels = torch.randint(10, (batch,), generator=generator).to(device)

    def our_step() -> None:
        images = tensor.to(device).float().div_(255)
        loss = OURS[recipe](ours, images, labels, bounds=(0.0, 1.0), generator=generator)
        optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[0].step()

    def plain_step() -> None:
        loss = plain_loss(plain, plain_images(stored, rng).to(device), labels, recipe)
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()

    times = []
    for turn in range(rounds + 1):
        plain.load_state_dict(ours.state_dict())
        if turn % 2:
            fast, slow = timed(our_step, device), timed(plain_step, device)
        else:
            slow, fast = timed(plain_step, device), timed(our_step, device)
        if turn:  # the first round warms up
            times.append((fast, slow))
    ratio = median(slow / fast for fast, slow in times)
    fast = 1e3 * median(fast for fast, _ in times)
    return f"{name:10} {recipe:10} batch {batch:4} {fast:9.0f} ms a step  x {ratio:.2f}"


class PlainP4(nn.Module):
    """A p4 convolution as public code writes it: the stack of turned filters at every use."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int, padding: int) -> None:
        super().__init__()
        elements = 1 if inputs in SHAPES else 4
        self.weight = nn.Parameter(torch.empty(outputs, inputs, elements, size, size))
        self.stride, self.padding = stride, padding

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, outputs, 4, H, W) from images (N, C, H, W) or maps (N, C, 4, H, W)."""
        turned = [torch.rot90(self.weight.roll(g, 2), g, (3, 4)) for g in range(4)]
        bank = torch.stack(turned, 1).flatten(0, 1).flatten(1, 2)
        maps = maps if maps.ndim == 4 else maps.flatten(1, 2)
        found = functional.conv2d(maps, bank, None, self.stride, self.padding)
        return found.unflatten(1, (-1, 4))


class PlainResidual(nn.Module):
    """x + ReLU(norm(convolution(x)))."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, maps: Tensor) -> Tensor:
        """Return the sum."""
        return maps + self.layers(maps)


class PlainPool(nn.Module):
    """Mean over positions, and maximum over the group where there is one."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, C)."""
        return maps.mean((-2, -1)).flatten(2).amax(2) if maps.ndim == 5 else maps.mean((-2, -1))


def plain_network(name: str) -> nn.Module:
    """Transcribe a compact network of default size into plain layers."""
    p4, channels = name.startswith("p4"), COMPACT[name]
    image = SHAPES[channels]

    def layer(inputs: int, outputs: int, size: int, stride: int, padding: int) -> nn.Module:
        if p4:
            convolution: nn.Module = PlainP4(inputs, outputs, size, stride, padding)
            norm: nn.Module = nn.BatchNorm3d(outputs)
        else:
            convolution = nn.Conv2d(inputs, outputs, size, stride, padding, bias=False)
            norm = nn.BatchNorm2d(outputs)
        return nn.Sequential(convolution, norm, nn.ReLU())

    width = network(name, (channels, image, image), 10, generator=torch.Generator())[1][1].norm  # type: ignore[index,union-attr]
    w = int(width.num_features)  # type: ignore[union-attr,arg-type]
    first = [layer(channels, w, 6, 2, 2)] if p4 else [
        nn.PixelUnshuffle(2), layer(4 * channels, w, 3, 1, 1)
    ]  # fmt: skip
    if name.endswith("cnn5"):
        body = [layer(w, 2 * w, 4, 2, 1), layer(2 * w, 2 * w, 3, 1, 1)]
        body.append(layer(2 * w, 4 * w, image // 4, 1, 0))
        features = 4 * w
    else:
        body = [PlainResidual(layer(w, w, 3, 1, 1))]
        for wide in (2 * w, 4 * w):
            body += [layer(wide // 2, wide, 4, 2, 1), PlainResidual(layer(wide, wide, 3, 1, 1))]
        features = 4 * w
    return nn.Sequential(*first, *body, PlainPool(), nn.Linear(features, 10))


def copied(name: str) -> tuple[nn.Module, nn.Module]:
    """Return a compact network and its plain transcription with the same weights."""
    channels = COMPACT[name]
    shape = channels, SHAPES[channels], SHAPES[channels]
    ours = network(name, shape, 10, generator=torch.Generator().manual_seed(1))
    plain = plain_network(name)
    with torch.no_grad():
        for target, source in zip(plain.parameters(), ours.parameters(), strict=True):
            target.copy_(source.reshape(target.shape))
        images = torch.rand(16, *shape, generator=torch.Generator().manual_seed(2))
        torch.testing.assert_close(plain(images), ours(images), rtol=1e-3, atol=1e-3)
    return ours, plain


def plain_mixture(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Rotate one half, attack the other, as public code does, and return the mean loss."""
    half = len(images) // 2
    moved, rest = Rotations(DEGREES)(images[:half], generator=torch.Generator()), images[half:]
    model.eval()
    attacked = (rest + 0.3 * (2 * torch.rand_like(rest) - 1)).clamp(0, 1)
    for _ in range(5):
        attacked = attacked.detach().requires_grad_(True)
        functional.cross_entropy(model(attacked), labels[half:]).backward()
        attacked = attacked.detach() + MIXED.step_size * attacked.grad.sign()
        attacked = torch.min(torch.max(attacked, rest - 0.3), rest + 0.3).clamp(0, 1)
    model.train()
    return functional.cross_entropy(model(torch.cat([moved, attacked.detach()])), labels)


def product_limit(dtype: torch.dtype, device: str) -> float:
    """Return the floating-point operations a second of a product of two matrices."""
    side = 1024 if device == "cpu" else 8192
    one, two = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))
    times = [timed(lambda: torch.mm(one, two), device) for _ in range(12)]
    return 2 * side**3 / median(times[2:])


def compare_compact(
    name: str, batch: int, rounds: int, device: str
) -> tuple[str, dict[torch.dtype, float]]:
    """Time our step in two precisions and the plain one in turns; describe, and return times."""
    generator = torch.Generator().manual_seed(2)
    ours, plain = (model.to(device) for model in copied(name))
    channels = COMPACT[name]
    images = torch.rand(batch, channels, SHAPES[channels], SHAPES[channels], generator=generator)
    labels = torch.randint(10, (batch,), generator=generator)
    images, labels = images.to(device), labels.to(device)
    objective = Mixture(0.5, MIXED, Rotations(DEGREES))
    optimizers = [torch.optim.Adam(m.parameters(), lr=1e-3, fused=m is ours) for m in (ours, plain)]

    def our_step(dtype: torch.dtype) -> None:
        with torch.autocast(device, dtype=torch.bfloat16, enabled=dtype is torch.bfloat16):
            loss = objective(ours, images, labels, bounds=(0.0, 1.0), generator=generator)
        optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[0].step()

    def plain_step() -> None:
        loss = plain_mixture(plain, images, labels)
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        ours(images)
    # five passes forward and back to the pixels of one half, one forward and back to all weights
    operations = counter.get_total_flops() * (MIXED.steps * 2 / 2 + 3)
    times: dict[object, list[float]] = {torch.float32: [], torch.bfloat16: [], "plain": []}
    for _ in range(rounds + 1):
        for dtype in (torch.float32, torch.bfloat16):
            times[dtype].append(timed(lambda dtype=dtype: our_step(dtype), device))  # type: ignore[misc]
        times["plain"].append(timed(plain_step, device))
    found = {key: median(values[1:]) for key, values in times.items()}
    parts = []
    for dtype in (torch.float32, torch.bfloat16):
        share = operations / found[dtype] / product_limit(dtype, device)
        ratio = median(p / o for p, o in zip(times["plain"][1:], times[dtype][1:], strict=True))
        kind = str(dtype).removeprefix("torch.")
        parts.append(f"{kind} {1e3 * found[dtype]:5.0f} ms x {ratio:.2f}, {share:.0%} of limit")
    line = f"{name:10} mixture-5  batch {batch:4} " + "; ".join(parts)
    return line, {dtype: found[dtype] for dtype in (torch.float32, torch.bfloat16)}


def main() -> None:
    """Print one line per network and recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", help=", ".join([*COMPACT, *BATCHES]))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    names = arguments.networks or [*COMPACT, *BATCHES]
    steps = {}
    for name in (n for n in names if n in COMPACT):
        line, steps[name] = compare_compact(
            name, arguments.batch or 128, arguments.rounds, arguments.device
        )
        print(line, flush=True)
    for name in (n for n in steps if f"p4{n}" in steps):
        for dtype, seconds in steps[name].items():
            ratio = steps[f"p4{name}"][dtype] / seconds
            print(f"p4{name} over {name}, {dtype}: x {ratio:.2f}", flush=True)
    for name in (n for n in names if n not in COMPACT):
        for recipe in OURS:
            batch = arguments.batch or BATCHES[name]
            print(compare(name, recipe, batch, arguments.rounds, arguments.device), flush=True)


if __name__ == "__main__":
    main()
