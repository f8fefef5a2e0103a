"""Crop, flip and rotation of CIFAR-sized images: one gather against the PIL pipeline, one core.

    python benchmarks/transforms.py [--rounds N] [--compiled]

The PIL side does per image what torchvision's transforms do: pad by 4, crop, flip, rotate with
NEAREST, and convert to a float tensor. Both take turns in one process on one thread; the ratio
of processor times is the median over rounds, and the results are checked to be equal.
``--compiled`` also times the gather under torch.compile (needs a C++ compiler).
"""

import argparse
import os
import time
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from empirical.checks import pixel_values
from empirical.transforms.nearest import crop_flip_rotate

BATCH, SIDE, PADDING = 512, 32, 4


def by_pil(images: Tensor, offsets: Tensor, flipped: Tensor, degrees: Tensor) -> Tensor:
    """Transform image by image."""
    results = []
    places = zip(images, offsets.tolist(), flipped.tolist(), degrees.tolist(), strict=True)
    for image, (top, left), mirror, angle in places:
        padded = Image.new("RGB", (SIDE + 2 * PADDING, SIDE + 2 * PADDING))
        padded.paste(Image.fromarray(image.permute(1, 2, 0).numpy()), (PADDING, PADDING))
        moved = padded.crop((left, top, left + SIDE, top + SIDE))
        if mirror:
            moved = moved.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(np.array(moved.rotate(angle)))
        results.append(pixels.permute(2, 0, 1).contiguous().to(torch.float32).div_(255))
    return torch.stack(results)


def by_gather(images: Tensor, offsets: Tensor, flipped: Tensor, degrees: Tensor) -> Tensor:
    """Transform the batch."""
    return pixel_values(crop_flip_rotate(images, offsets, flipped, degrees, padding=PADDING))


def main() -> None:
    """Print images per second of both and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--compiled", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    ways = {"one gather": by_gather}
    if arguments.compiled:
        ways["one gather, compiled"] = torch.compile(by_gather)
    generator = torch.Generator().manual_seed(1)
    times: dict[str, list[float]] = {name: [] for name in ("PIL", *ways)}
    for turn in range(arguments.rounds + 1):
        shape = (BATCH, 3, SIDE, SIDE)
        images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
        offsets = torch.randint(0, 2 * PADDING + 1, (BATCH, 2), generator=generator)
        flipped = torch.rand(BATCH, generator=generator) < 0.5
        degrees = torch.rand(BATCH, generator=generator, dtype=torch.float64) * 360 - 180
        results = {}
        for name, way in {"PIL": by_pil, **ways}.items():
            start = time.process_time()
            results[name] = way(images, offsets, flipped, degrees)
            if turn:  # the first round warms up
                times[name].append(time.process_time() - start)
        for name, result in results.items():
            if not torch.equal(result, results["PIL"]):
                raise SystemExit(f"{name} differs from PIL")
    for name, spent in times.items():
        ratio = median(slow / fast for slow, fast in zip(times["PIL"], spent, strict=True))
        print(f"{name:22} {BATCH / median(spent):10.0f} images/s   x {ratio:.1f}")


if __name__ == "__main__":
    main()
